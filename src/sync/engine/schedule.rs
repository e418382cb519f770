//! When the engine wakes: debounce, polling that follows use, backoff, fairness.
//!
//! Only the monotonic clock is used here.

use crate::sync::planted::{Bug, planted};
use crate::sync::{Attention, Now};

/// Why a round ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// No answer.
    Unreachable,
    /// 429.
    Busy(Option<u64>),
    /// Not Firestore's answer.
    Garbage,
    /// 401, 403 on reads, 400: trying soon again will not help.
    Refused,
    /// This device's storage.
    Storage,
}

const ACTIVE_POLL_MS: u64 = 5_000;
const VISIBLE_POLL_MS: u64 = 15_000;
const IDLE_POLL_MS: u64 = 60_000;
/// For so long after the user did something, polls are brisk.
const ACTIVE_FOR_MS: u64 = 60_000;
/// After so long without anything, polls are slow.
const IDLE_AFTER_MS: u64 = 5 * 60_000;
const RETRY_FIRST_MS: f64 = 1_000.0;
const RETRY_MAX_MS: f64 = 60_000.0;
const GARBAGE_MAX: u32 = 5;
const LOSSES_MAX: u32 = 8;

#[derive(Clone, Debug)]
pub(super) struct Schedule {
    visible: bool,
    touched_at: u64,
    /// Next poll, debounce or pause.
    due: Option<u64>,
    /// Failures in a row.
    failures: u32,
    garbage: u32,
    busy: bool,
    /// While set, nothing but [`Schedule::try_now`] wakes earlier.
    blocked_until: Option<u64>,
    /// Somebody asked to try now since the round began.
    asked: bool,
    /// Races lost in a row.
    losses: u32,
    foreign_at: Option<u64>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            visible: true,
            touched_at: 0,
            due: None,
            failures: 0,
            garbage: 0,
            busy: false,
            blocked_until: None,
            asked: false,
            losses: 0,
            foreign_at: None,
        }
    }
}

impl Schedule {
    pub(super) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    pub(super) fn losses(&self) -> u32 {
        self.losses
    }

    pub(super) fn is_visible(&self) -> bool {
        self.visible
    }

    pub(super) fn attention(&self) -> Option<Attention> {
        if self.busy {
            Some(Attention::Busy)
        } else if self.garbage >= GARBAGE_MAX {
            Some(Attention::Intermediary)
        } else if self.losses >= LOSSES_MAX {
            Some(Attention::AnotherWriter)
        } else {
            None
        }
    }

    pub(super) fn due_at(&self) -> Option<u64> {
        let until = self.blocked_until.unwrap_or(0);
        self.due.map(|due| due.max(until))
    }

    pub(super) fn is_due(&self, now: Now) -> bool {
        self.due_at().is_some_and(|at| at <= now.instant_ms)
    }

    /// Another connection: only whether the page is seen stays as it was.
    pub(super) fn restart(&mut self, now: Now) {
        let touched_at = now.instant_ms;
        *self = Self { visible: self.visible, touched_at, ..Self::default() };
    }

    /// The user did something.
    pub(super) fn touch(&mut self, now: Now) {
        let was_idle = self.idle_ms(now) > ACTIVE_FOR_MS;
        self.touched_at = now.instant_ms;
        if was_idle && self.visible {
            self.at_most(ACTIVE_POLL_MS, now);
        }
    }

    /// There is something to send.
    pub(super) fn work(&mut self, debounce_ms: u64, now: Now) {
        self.at_most(debounce_ms, now);
    }

    pub(super) fn try_now(&mut self, now: Now) {
        self.blocked_until = None;
        self.due = Some(now.instant_ms);
        self.asked = true;
    }

    pub(super) fn set_visible(&mut self, visible: bool, now: Now) {
        if visible && !self.visible {
            self.visible = true;
            self.at_most(0, now);
        }
        self.visible = visible;
    }

    fn at_most(&mut self, delay_ms: u64, now: Now) {
        let at = now.instant_ms + delay_ms;
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    pub(super) fn idle_ms(&self, now: Now) -> u64 {
        now.instant_ms.saturating_sub(self.touched_at)
    }

    /// Something was sent, fetched or found to be complete. That the head can be read is not
    /// enough: a server that takes reads only would be asked every second.
    pub(super) fn progressed(&mut self) {
        self.failures = 0;
        self.garbage = 0;
        self.busy = false;
    }

    /// A round begins: what made it due is served.
    pub(super) fn begun(&mut self) {
        self.due = None;
        self.blocked_until = None;
        self.asked = false;
    }

    /// A round ended well.
    pub(super) fn finished(&mut self, now: Now) {
        self.losses = 0;
        let poll = if !self.visible {
            None
        } else if self.idle_ms(now) < ACTIVE_FOR_MS {
            Some(ACTIVE_POLL_MS)
        } else if self.idle_ms(now) < IDLE_AFTER_MS {
            Some(VISIBLE_POLL_MS)
        } else {
            Some(IDLE_POLL_MS)
        };
        if let Some(delay) = poll {
            self.at_most(delay, now);
        }
    }

    /// A round failed: wait 1 s × 1.5^k ± 50 %, at most a minute; when told to slow down, a minute
    /// at once; not at all where somebody asked meanwhile. A page that nobody looks at and that has
    /// nothing to send does not try again.
    pub(super) fn failed(&mut self, failure: Failure, waiting: bool, rng: &mut fastrand::Rng, now: Now) {
        self.failures += 1;
        let steps = f64::from(self.failures.min(32) - 1);
        let base = (RETRY_FIRST_MS * 1.5f64.powf(steps)).min(RETRY_MAX_MS);
        let base = match failure {
            Failure::Unreachable | Failure::Storage => base,
            Failure::Garbage => {
                self.garbage += 1;
                base
            }
            Failure::Refused => RETRY_MAX_MS,
            Failure::Busy(asked) => {
                self.busy = true;
                asked.map_or(RETRY_MAX_MS, |ms| (ms as f64).max(RETRY_MAX_MS))
            }
        };
        // who asked while there was no answer, as when the network came back meanwhile, is served now
        let at_once = std::mem::take(&mut self.asked) && failure == Failure::Unreachable;
        let wait = if at_once { 0 } else { (base * (0.5 + rng.f64())) as u64 };
        self.blocked_until = Some(now.instant_ms + wait);
        if self.visible || waiting {
            self.at_most(wait, now);
        }
    }

    /// A race was lost: 0…min(8 s, 100 ms·2^k); after 8 in a row 15–30 s.
    pub(super) fn lost_race(&mut self, rng: &mut fastrand::Rng, now: Now) {
        self.losses += 1;
        self.foreign_at = Some(now.instant_ms);
        let wait = if self.losses >= LOSSES_MAX {
            rng.u64(15_000..30_000)
        } else {
            rng.u64(0..=(100u64 << self.losses.min(7)).min(8_000))
        };
        self.blocked_until = Some(now.instant_ms + wait);
        self.at_most(0, now);
    }

    /// Somebody else's commit was seen.
    pub(super) fn saw_foreign(&mut self, now: Now) {
        self.foreign_at = Some(now.instant_ms);
    }

    /// How long to pause after an own commit while more waits. Who just won knows the head and
    /// would win again; without the pause the others starve.
    pub(super) fn pause_ms(&self, rng: &mut fastrand::Rng, now: Now) -> u64 {
        let contended = self.foreign_at.is_some_and(|at| now.instant_ms.saturating_sub(at) < 60_000);
        if planted(Bug::NoPause) {
            return 0;
        }
        if contended { rng.u64(700..1_300) } else { rng.u64(70..130) }
    }

    /// Goes on with sending after a pause.
    pub(super) fn pause(&mut self, ms: u64, now: Now) {
        self.losses = 0;
        self.due = Some(now.instant_ms + ms);
    }
}
