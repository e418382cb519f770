//! What follows from a request that failed.

use super::round::{Lost, Step};
use super::schedule::Failure;
use super::tx::Tx;
use super::{Attention, Engine};
use crate::sync::health::Happening;
use crate::sync::planted::{Bug, planted};
use crate::sync::{Mismatch, Now, Request, TransportError};

/// Refused, read again, and refused again, so often that reading again cannot be the cure.
const REBASES_MAX: u32 = 3;

impl Engine {
    pub(super) fn on_error(&mut self, error: TransportError, now: Now) {
        let step = std::mem::replace(&mut self.step, Step::Idle);
        match (step, error) {
            (_, TransportError::Unreachable(_)) => self.fail(Failure::Unreachable, now),
            (_, TransportError::Busy { retry_after_ms }) => self.fail(Failure::Busy(retry_after_ms), now),
            (_, TransportError::Garbage(_)) => self.fail(Failure::Garbage, now),
            (_, TransportError::SignedOut) => self.refuse(Attention::SignedOut, now),
            (Step::Counting(_), _) => self.give_up_counting(now),
            (Step::Committing(batch), TransportError::Denied) if planted(Bug::RefusedIsDropped) => {
                let write_times = batch.rows.iter().map(|_| String::new()).collect();
                let head_time = String::new();
                let bump_times = Vec::new();
                self.store(
                    Step::Acknowledging,
                    Tx::Acknowledge { batch, head_time, write_times, bump_times },
                );
            }
            (Step::Committing(batch), TransportError::Denied) if planted(Bug::RefusedIsSetAside) => {
                let Some(sent) = batch.rows.first().cloned() else { return };
                let (key, reason) = (sent.key, "refused".to_owned());
                let generation = batch.generation;
                let tx = Tx::Quarantine { key: key.clone(), revision: sent.revision, reason, generation };
                self.store(Step::Quarantining(key), tx);
            }
            (Step::Committing(batch), error) => {
                // 403 is also the normal answer to a lost race: only the head tells which it was
                let refusal = match error {
                    TransportError::Rejected(text) => Some(text),
                    TransportError::Denied => Some("The server's rules refuse this record.".to_owned()),
                    TransportError::Conflict
                    | TransportError::Unreachable(_)
                    | TransportError::Busy { .. }
                    | TransportError::SignedOut
                    | TransportError::Garbage(_) => None,
                };
                let known = self.known();
                let lost = Lost { batch: *batch, refusal };
                if planted(Bug::RefusalIsJudgedBlindly) {
                    return self.reread(Box::new(lost));
                }
                let lost = Some(Box::new(lost));
                self.send(Step::Head { known, lost }, Request::Head);
            }
            (_, TransportError::Rejected(text)) => self.refuse(Attention::Rejected(text), now),
            (_, TransportError::Denied) => self.refuse(Attention::Denied, now),
            (_, TransportError::Conflict) => self.fail(Failure::Unreachable, now),
        }
    }

    pub(super) fn reset(&mut self, mismatch: Mismatch, generation: u64) {
        self.store(Step::Resetting(mismatch), Tx::Reset { mismatch, generation });
    }

    pub(super) fn refuse(&mut self, attention: Attention, now: Now) {
        self.attention = Some(attention);
        self.fail(Failure::Refused, now);
    }

    pub(super) fn lose_race(&mut self, now: Now) {
        self.batch.lost();
        self.note(Happening::LostRace, now);
        self.schedule.lost_race(&mut self.rng, now);
    }

    /// The head stands where we thought, so one of *our* records is wrong. If reading them again
    /// showed what, try again; else halve the batch until one record is left, and set that aside
    /// when it is refused a second time.
    pub(super) fn on_rebased(&mut self, lost: Lost, rebased: bool, now: Now) {
        self.rebases += 1;
        if rebased && self.rebases <= REBASES_MAX {
            return self.push();
        }
        let (Some(reason), false) = (lost.refusal, rebased) else {
            return self.lose_race(now);
        };
        let records = lost.batch.rows.len();
        let suspect = lost.batch.rows.into_iter().next().map(|sent| (sent.key, sent.revision));
        if records > 1 || self.suspect != suspect {
            self.batch.refused(records);
            self.note(Happening::BatchMax(u32::try_from(self.batch.max()).unwrap_or(u32::MAX)), now);
            self.suspect = suspect.filter(|_| records == 1);
            return self.push();
        }
        let Some((key, revision)) = suspect else {
            return self.lose_race(now);
        };
        let tx = Tx::Quarantine { key: key.clone(), revision, reason, generation: lost.batch.generation };
        self.store(Step::Quarantining(key), tx);
    }
}
