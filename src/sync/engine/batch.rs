//! How many records to try in one commit.
//!
//! Halved when a commit fails, doubled when one passes. Nobody tells what a server really takes (its
//! rules may count look-ups and expressions in ways of their own), so a batch that is refused
//! although everything in it passes in smaller ones sets a ceiling. It is tested again, rarely.

use crate::sync::planted::{Bug, planted};

/// So many full commits pass before a larger one is tried again.
const FULL_BEFORE_RAISE: u32 = 16;

#[derive(Clone, Debug)]
pub(super) struct BatchSize {
    /// Never more.
    limit: usize,
    /// The largest that is known to pass, if a larger one is known not to.
    ceiling: usize,
    max: usize,
    /// A batch of so many was refused and no record was found to blame; so many passed since.
    refused: Option<(usize, usize)>,
    /// The largest that passed since then.
    passed: usize,
    full: u32,
}

impl BatchSize {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, ceiling: limit, max: limit, refused: None, passed: 0, full: 0 }
    }

    /// At most so many now.
    pub(super) fn max(&self) -> usize {
        self.max
    }

    /// A commit of so many passed.
    pub(super) fn passes(&mut self, records: usize) {
        if let Some((whole, since)) = &mut self.refused {
            *since += records;
            self.passed = self.passed.max(records);
            if *since < *whole {
                return;
            }
            self.ceiling = self.passed.clamp(1, self.limit);
            self.refused = None;
            self.full = 0;
        } else if records >= self.ceiling && self.ceiling < self.limit {
            self.full += 1;
            if self.full >= FULL_BEFORE_RAISE {
                self.full = 0;
                self.ceiling = (self.ceiling * 2).min(self.limit);
            }
        }
        self.max = (self.max * 2).clamp(1, self.ceiling);
    }

    /// A race was lost: less is sooner sent.
    pub(super) fn lost(&mut self) {
        if planted(Bug::BatchIsNeverHalved) {
            return;
        }
        self.max = (self.max / 2).max(1);
    }

    /// A commit of so many was refused, and reading its records again did not show why.
    pub(super) fn refused(&mut self, records: usize) {
        if planted(Bug::BatchIsNeverHalved) {
            return;
        }
        self.max = (records / 2).max(1);
        if records > 1 {
            self.refused = Some((records, 0));
            self.passed = 0;
        }
    }

    /// One record was to blame, not the number.
    pub(super) fn blamed(&mut self) {
        self.refused = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends so many records to a server that takes at most `most` at once; returns how often it refused.
    fn send(batch: &mut BatchSize, mut records: usize, most: usize) -> u32 {
        let mut refused = 0;
        while records > 0 {
            let next = batch.max().min(records);
            if next > most {
                batch.refused(next);
                refused += 1;
            } else {
                batch.passes(next);
                records -= next;
            }
        }
        refused
    }

    #[test]
    fn what_a_server_does_not_take_is_learned_once_and_tried_again_rarely() {
        let mut batch = BatchSize::new(50);
        assert_eq!(send(&mut batch, 1_000, 20), 6, "50 and 25; then 24 after every 16 full ones");
        let mut batch = BatchSize::new(50);
        assert_eq!(send(&mut batch, 1_000, 50), 0);
    }

    #[test]
    fn a_record_that_was_to_blame_leaves_no_ceiling() {
        let mut batch = BatchSize::new(8);
        batch.refused(8);
        batch.passes(4);
        batch.refused(2);
        batch.blamed();
        for _ in 0..4 {
            batch.passes(batch.max());
        }
        assert_eq!(batch.max(), 8);
    }
}
