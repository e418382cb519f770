//! The hybrid logical clock of one tab.
//!
//! It never refuses and never trusts: a wrong wall clock is corrected by what the server
//! says the time is, a stamp from a poisoned future is kept as data but not adopted, and an
//! edit always gets a stamp above the value it overwrites.

use super::Stamp;
use super::planted::{Bug, planted};

/// What time it is, given by the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Unix milliseconds as this device believes; only feeds stamps.
    pub wall_ms: u64,
    /// Milliseconds of a clock that never goes back; only feeds timers.
    pub instant_ms: u64,
}

/// How far ahead of our own time a stamp may be and still move our clock.
pub(crate) const DRIFT_MAX_MS: u64 = 5 * 60 * 1000;

/// How far the wall clock may run ahead of the monotonic one before neither is believed.
const ASLEEP_MS: u64 = 60_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Anchor {
    server_ms: u64,
    at: Now,
}

/// State of the clock: the greatest stamp time seen or made, and what the server said.
#[derive(Clone, Debug)]
pub struct Clock {
    node: u64,
    last: u64,
    anchor: Option<Anchor>,
    /// Server time minus wall time when last known; carried over from earlier sessions.
    skew_ms: i64,
}

impl Clock {
    /// A clock for one tab's life. `node` is 40 random bits that are never stored.
    #[must_use]
    pub fn new(node: u64, skew_ms: i64) -> Self {
        let node = if planted(Bug::OneNodeForAll) { 1 } else { node };
        Self { node, last: 0, anchor: None, skew_ms }
    }

    pub(super) fn node(&self) -> u64 {
        self.node
    }

    /// Whether the server has told the time in this tab's life.
    #[must_use]
    pub fn is_anchored(&self) -> bool {
        self.anchor.is_some()
    }

    /// Server time minus this device's wall time, in milliseconds, as last known.
    #[must_use]
    pub fn skew_ms(&self) -> i64 {
        self.skew_ms
    }

    /// Takes over a skew learned in an earlier session; ignored once anchored.
    pub fn recall_skew(&mut self, skew_ms: i64) {
        if self.anchor.is_none() {
            self.skew_ms = skew_ms;
        }
    }

    /// Our best knowledge of Unix time in milliseconds.
    #[must_use]
    pub fn time_ms(&self, now: Now) -> u64 {
        match self.anchor {
            Some(anchor) => anchor.server_ms + now.instant_ms.saturating_sub(anchor.at.instant_ms),
            None => now.wall_ms.saturating_add_signed(self.skew_ms),
        }
    }

    /// Learns the server's time from `commitTime` or `readTime` of an answer to what was asked at
    /// this time. An answer that was long under way says what time it was, not what it is: a
    /// computer may have slept before it came.
    pub fn anchor(&mut self, server_ms: u64, asked: Now, now: Now) {
        let wall_ms = now.wall_ms.saturating_sub(asked.wall_ms);
        let long_ms = wall_ms.max(now.instant_ms.saturating_sub(asked.instant_ms));
        if planted(Bug::NoCorrection) || (long_ms > ASLEEP_MS && !planted(Bug::SleepIsNotNoticed)) {
            return;
        }
        self.anchor = Some(Anchor { server_ms, at: now });
        self.skew_ms = server_ms.cast_signed() - now.wall_ms.cast_signed();
        // what a wrong wall clock made us believe is not to be carried on
        if self.last >> 16 > server_ms + DRIFT_MAX_MS {
            self.last = server_ms << 16;
        }
    }

    /// Forgets what the server said if the computer seems to have slept since: in many browsers the
    /// monotonic clock stands still meanwhile. Edits then count as made by an unchecked clock until
    /// the next answer. It may also be that somebody set the wall clock; an unchecked clock may be
    /// as wrong as it likes.
    pub fn doubt(&mut self, now: Now) {
        let slept = |anchor: &mut Anchor| {
            let wall_ms = now.wall_ms.saturating_sub(anchor.at.wall_ms);
            wall_ms > now.instant_ms.saturating_sub(anchor.at.instant_ms) + ASLEEP_MS
        };
        if !planted(Bug::SleepIsNotNoticed) {
            self.anchor.take_if(slept);
        }
    }

    /// A new stamp, above `existing` whatever the clocks say.
    pub fn tick(&mut self, existing: Option<Stamp>, now: Now) -> Stamp {
        let limit_ms = self.time_ms(now) + DRIFT_MAX_MS;
        let fresh = (self.time_ms(now) << 16).max(self.last + 1);
        let time = match existing {
            Some(seen) if seen.time() >= fresh && !planted(Bug::NoSuccessor) => seen.time() + 1,
            Some(_) | None => fresh,
        };
        if time >> 16 <= limit_ms {
            self.last = self.last.max(time);
        }
        Stamp::from_time(time, self.node)
    }

    /// Sees a stamp made elsewhere; a stamp from the far future does not move the clock.
    pub fn receive(&mut self, stamp: Stamp, now: Now) {
        if stamp.ms() <= self.time_ms(now) + DRIFT_MAX_MS || planted(Bug::FutureIsBelieved) {
            self.last = self.last.max(stamp.time());
        }
    }

    /// Moves a stamp that was made with skew `soft_ms` to what it would be with today's
    /// knowledge: shifted by the difference, at most now, and above `floor`. `None` where the
    /// difference is under a minute and nothing needs to change; but never does a stamp stay in
    /// the far future, which the server would refuse: the wall clock may have been set in between.
    #[must_use]
    pub fn harden(&self, stamp: Stamp, soft_ms: i64, floor: Option<Stamp>, now: Now) -> Option<Stamp> {
        let shift_ms = self.skew_ms - soft_ms;
        if shift_ms.unsigned_abs() < 60_000 && stamp.ms() <= self.time_ms(now) + DRIFT_MAX_MS {
            return None;
        }
        let ms = stamp.ms().saturating_add_signed(shift_ms).min(self.time_ms(now));
        let mut time = (ms << 16) | (stamp.time() & 0xffff);
        if let Some(floor) = floor
            && time <= floor.time()
            && !planted(Bug::FloorForgotten)
        {
            time = floor.time() + 1;
        }
        Some(Stamp::from_time(time, stamp.node()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall_ms: u64) -> Now {
        Now { wall_ms, instant_ms: wall_ms }
    }

    #[test]
    fn a_clock_is_checked_until_the_computer_slept() {
        let asleep = |wall_ms, instant_ms| Now { wall_ms, instant_ms };
        let mut clock = Clock::new(1, 0);
        clock.anchor(50_000_000, asleep(1_000, 0), asleep(1_000, 0));
        clock.doubt(asleep(60_000, 10_000));
        assert!(clock.is_anchored(), "set a little, or a short nap");
        clock.doubt(asleep(500, 100_000));
        assert!(clock.is_anchored(), "set back: the monotonic clock knows better");
        clock.doubt(asleep(3_600_000, 10_000));
        assert!(!clock.is_anchored());
        // the wall clock and what was learned of it are the best guess now
        assert_eq!(clock.time_ms(asleep(3_600_000, 10_000)), 50_000_000 + 3_599_000);
        clock.anchor(50_100_000, asleep(3_600_000, 10_000), asleep(7_200_000, 10_500));
        assert!(!clock.is_anchored(), "that answer was on its way while the computer slept");
    }

    #[test]
    fn ticks_strictly_increase_even_when_the_wall_clock_goes_back() {
        let mut clock = Clock::new(1, 0);
        let a = clock.tick(None, at(1_000_000));
        let b = clock.tick(None, at(1_000_000));
        let c = clock.tick(None, at(500_000));
        assert!(a < b && b < c);
    }

    #[test]
    fn an_edit_beats_what_it_overwrites_even_from_the_far_future() {
        let mut clock = Clock::new(1, 0);
        let future = Stamp::new(9_000_000_000_000, 0, 2);
        let edit = clock.tick(Some(future), at(1_000_000));
        assert!(edit > future);
        // and the poisoned future is not adopted
        assert!(clock.tick(None, at(1_000_001)).ms() < 2_000_000);
    }

    #[test]
    fn a_stamp_received_from_nearby_moves_the_clock_and_one_from_afar_does_not() {
        let mut clock = Clock::new(1, 0);
        let near = Stamp::new(1_000_000 + DRIFT_MAX_MS, 0, 2);
        clock.receive(near, at(1_000_000));
        assert!(clock.tick(None, at(1_000_000)) > near);
        let mut clock = Clock::new(1, 0);
        let far = Stamp::new(1_000_001 + DRIFT_MAX_MS, 0, 2);
        clock.receive(far, at(1_000_000));
        assert!(clock.tick(None, at(1_000_000)) < far);
    }

    #[test]
    fn server_time_replaces_a_wrong_wall_clock() {
        let mut clock = Clock::new(1, 0);
        clock.anchor(50_000_000, at(1_000_000), at(1_000_000));
        assert_eq!(clock.tick(None, at(1_000_010)).ms(), 50_000_010);
        assert_eq!(clock.skew_ms(), 49_000_000);
    }

    #[test]
    fn the_first_edit_after_a_wrong_future_is_over_is_of_today() {
        let mut clock = Clock::new(1, 0);
        assert_eq!(clock.tick(None, at(90_000_000_000)).ms(), 90_000_000_000);
        clock.anchor(50_000_000, at(90_000_000_100), at(90_000_000_100));
        assert_eq!(clock.tick(None, at(90_000_000_100)).ms(), 50_000_000);
    }

    #[test]
    fn a_stamp_of_the_far_future_is_moved_even_where_the_skew_did_not_change() {
        let mut clock = Clock::new(1, 0);
        let soft = clock.tick(None, at(90_000_000_000));
        // the wall clock was set right before the server was first heard of
        clock.anchor(50_000_000, at(50_000_000), at(50_000_000));
        let hard = clock.harden(soft, 0, None, at(50_000_000)).expect("moved");
        assert_eq!(hard.ms(), 50_000_000);
    }

    #[test]
    fn hardening_moves_a_soft_stamp_by_the_difference_and_stays_above_the_floor() {
        let mut clock = Clock::new(1, 0);
        let soft = clock.tick(None, at(90_000_000));
        clock.anchor(50_000_000, at(90_000_100), at(90_000_100));
        let hard = clock.harden(soft, 0, None, at(90_000_100)).expect("moved");
        assert_eq!(hard.ms(), 50_000_000 - 100);
        let floor = Stamp::new(50_000_050, 0, 9);
        let above = clock.harden(soft, 0, Some(floor), at(90_000_100)).expect("moved");
        assert!(above > floor);
        let good = clock.tick(None, at(90_000_200));
        assert_eq!(clock.harden(good, clock.skew_ms(), None, at(90_000_200)), None);
    }
}
