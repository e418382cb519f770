//! How much is drawn at a time: what takes a set time on this very machine, learnt from how long the last parts took.
//!
//! Promises: pure, the clock is read by whoever draws; one odd measure changes little; never so little that nothing
//! gets on, never so much that a page stands still because a machine was quick once.

/// So long may a part take, milliseconds, from the script to the layout. Painting comes on top of it, and a machine may
/// be busy with something else.
const BUDGET_MS: f64 = 12.0;
/// What fits before anything was measured: what a slow machine does in that time.
const UNKNOWN: f64 = 1_500.0;
const LEAST: f64 = 400.0;
const MOST: f64 = 20_000.0;
/// How much the last measure counts against all before it.
const WEIGHT: f64 = 0.25;

/// The pace of drawing, in milliseconds for a byte of text.
#[derive(Debug)]
pub(super) struct Pace(f64);

impl Default for Pace {
    fn default() -> Self {
        Self(BUDGET_MS / UNKNOWN)
    }
}

impl Pace {
    /// How much to draw next, in bytes of text.
    pub(super) fn fits(&self) -> usize {
        // whole and positive, as it is within these limits
        (BUDGET_MS / self.0).clamp(LEAST, MOST) as usize
    }

    /// So much took so long.
    pub(super) fn took(&mut self, bytes: usize, ms: f64) {
        let measured = (ms / bytes.max(1) as f64).clamp(BUDGET_MS / MOST, BUDGET_MS / LEAST);
        self.0 += (measured - self.0) * WEIGHT;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long parts take on a machine that needs so long for a thousand bytes, and for each part whatever is in it.
    fn drawn(pace: &mut Pace, ms_per_thousand: f64, ms_per_part: f64) -> Vec<f64> {
        (0..40)
            .map(|_| {
                let bytes = pace.fits();
                let ms = ms_per_part + bytes as f64 * ms_per_thousand / 1_000.0;
                pace.took(bytes, ms);
                ms
            })
            .collect()
    }

    fn is_near(ms: f64) -> bool {
        (BUDGET_MS * 0.9..BUDGET_MS * 1.1).contains(&ms)
    }

    #[test]
    fn parts_take_the_same_time_on_a_slow_machine_and_on_a_quick_one() {
        for ms_per_thousand in [1.0, 4.0, 8.0, 20.0] {
            let parts = drawn(&mut Pace::default(), ms_per_thousand, 2.0);
            assert!(is_near(parts[39]), "{ms_per_thousand}: {parts:?}");
            // neither a long task on the way there
            assert!(parts.iter().all(|ms| *ms < BUDGET_MS * 3.0), "{ms_per_thousand}: {parts:?}");
        }
    }

    #[test]
    fn a_machine_that_becomes_slower_is_given_less() {
        let mut pace = Pace::default();
        drawn(&mut pace, 2.0, 1.0);
        let parts = drawn(&mut pace, 4.0, 2.0);
        assert!(parts[0] > BUDGET_MS * 1.5 && is_near(parts[12]), "{parts:?}");
    }

    #[test]
    fn one_odd_measure_changes_little_and_none_stops_it() {
        let mut pace = Pace::default();
        drawn(&mut pace, 4.0, 0.0);
        let usual = pace.fits();
        pace.took(usual, 0.0);
        assert!(pace.fits() < usual * 3 / 2);
        for ms in [f64::MAX, 1e9] {
            pace.took(1, ms);
            assert!(pace.fits() >= 400);
        }
        for _ in 0..100 {
            pace.took(0, 0.0);
        }
        assert!((19_000..=20_000).contains(&pace.fits()));
    }
}
