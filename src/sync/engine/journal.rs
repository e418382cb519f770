//! What the engine remembers about itself: latencies, what was billed, the last things that happened.

use std::collections::VecDeque;

use crate::sync::health::{Answered, Asked, Happening, LogLine, Usage};
use crate::sync::{Key, Request, Response, TransportError};

const LATENCIES_MAX: usize = 50;
const LOG_MAX: usize = 100;
const DAY_MS: u64 = 24 * 3_600_000;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    latencies_ms: VecDeque<u32>,
    log: VecDeque<LogLine>,
    /// The request that is out.
    out: Option<Out>,
    /// All that is known to be used today, by all tabs.
    pub(super) today: Usage,
    /// The part of it that was not handed over to be stored.
    unsaved: Usage,
    /// The day on which it was noted that the soft limit is reached.
    over_budget_on: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Out {
    asked: Asked,
    sent_at: u64,
    /// What a good answer costs at least; a page costs what it brings.
    reads: u64,
    writes: u64,
}

impl Out {
    fn new(request: &Request, sent_at: u64) -> Self {
        let (asked, reads, writes) = match request {
            Request::Head => (Asked::Head, 1, 0),
            Request::Get(keys) => (Asked::Records, keys.len(), 0),
            Request::Page { .. } | Request::Names { .. } => (Asked::Page, 1, 0),
            Request::Erase(keys) => (Asked::Commit, 1, keys.len()),
            Request::Newest(_) => (Asked::Newest, 1, 0),
            Request::Count { .. } => (Asked::Count, 1, 0),
            Request::Commit(commit) => {
                // the rules look at the head once, and at each chat whose messages are in it
                let mut chats: Vec<_> = commit
                    .writes
                    .iter()
                    .filter_map(|write| match &write.key {
                        Key::Message(chat, _) => Some(chat),
                        Key::Settings | Key::Profile | Key::Chat(_) => None,
                    })
                    .collect();
                chats.sort();
                chats.dedup();
                (Asked::Commit, 1 + chats.len(), 1 + commit.writes.len() + commit.bumps.len())
            }
        };
        Self { asked, sent_at, reads: reads as u64, writes: writes as u64 }
    }
}

impl Journal {
    pub(super) fn note(&mut self, what: Happening, at_ms: u64) {
        if let Some(last) = self.log.back_mut()
            && last.what == what
        {
            last.at_ms = at_ms;
            last.times = last.times.saturating_add(1);
            return;
        }
        if self.log.len() >= LOG_MAX {
            self.log.pop_front();
        }
        self.log.push_back(LogLine { at_ms, what, times: 1 });
    }

    pub(super) fn note_over_budget(&mut self, at_ms: u64) {
        if self.over_budget_on != Some(self.today.day) {
            self.over_budget_on = Some(self.today.day);
            self.note(Happening::OverBudget, at_ms);
        }
    }

    pub(super) fn sent(&mut self, request: &Request, now_ms: u64) {
        self.out = Some(Out::new(request, now_ms));
    }

    /// The request that is out was answered. `now_ms` is monotonic, `time_ms` is Unix time.
    pub(super) fn answered(&mut self, answer: &Result<Response, TransportError>, now_ms: u64, time_ms: u64) {
        let Some(out) = self.out.take() else { return };
        let answered = how(answer);
        self.note(Happening::Request(out.asked, answered), time_ms);
        if answered == Answered::NotAtAll {
            return;
        }
        if self.latencies_ms.len() >= LATENCIES_MAX {
            self.latencies_ms.pop_front();
        }
        let took_ms = now_ms.saturating_sub(out.sent_at);
        self.latencies_ms.push_back(u32::try_from(took_ms).unwrap_or(u32::MAX));
        let (reads, writes) = match (answer, answered) {
            (Ok(Response::Page { received, .. }), _) => (u64::from((*received).max(1)), 0),
            (Ok(_), _) => (out.reads, out.writes),
            // rules that refuse have looked first, and so has a commit that comes too late
            (Err(_), Answered::Denied | Answered::Conflict) if out.asked == Asked::Commit => (out.reads, 0),
            (Err(_), _) => (0, 0),
        };
        let used = Usage { day: time_ms / DAY_MS, reads, writes, requests: 1 };
        self.today.add(used);
        self.unsaved.add(used);
    }

    /// What was used since the last call, to be stored with what other tabs used.
    pub(super) fn take_unsaved(&mut self) -> Option<Usage> {
        let unsaved = std::mem::take(&mut self.unsaved);
        (unsaved.requests > 0).then_some(unsaved)
    }

    /// What all tabs used, as it is stored.
    pub(super) fn stored(&mut self, usage: Usage) {
        self.today = usage;
        self.today.add(self.unsaved);
    }

    pub(super) fn latencies_ms(&self) -> Vec<u32> {
        self.latencies_ms.iter().copied().collect()
    }

    pub(super) fn log(&self) -> Vec<LogLine> {
        self.log.iter().copied().collect()
    }
}

fn how(answer: &Result<Response, TransportError>) -> Answered {
    match answer {
        Ok(_) => Answered::Well,
        Err(TransportError::Unreachable(_)) => Answered::NotAtAll,
        Err(TransportError::Busy { .. }) => Answered::Busy,
        Err(TransportError::Conflict) => Answered::Conflict,
        Err(TransportError::Denied) => Answered::Denied,
        Err(TransportError::SignedOut) => Answered::SignedOut,
        Err(TransportError::Rejected(_)) => Answered::Rejected,
        Err(TransportError::Garbage(_)) => Answered::Garbage,
    }
}

/// The value below which so many hundredths of them are.
pub(super) fn percentile(values: &[u32], hundredths: usize) -> Option<u32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let nth = (sorted.len() * hundredths).div_ceil(100).max(1) - 1;
    sorted.get(nth).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[7], 95), Some(7));
        let all: Vec<u32> = (1..=20).rev().collect();
        assert_eq!(
            (percentile(&all, 50), percentile(&all, 95), percentile(&all, 100)),
            (Some(10), Some(19), Some(20))
        );
    }

    #[test]
    fn the_journal_is_bounded_and_counts_repetitions() {
        let mut journal = Journal::default();
        for n in 0..1_000 {
            journal.note(Happening::BatchMax(n), u64::from(n));
            journal.note(Happening::BatchMax(n), u64::from(n));
            journal.sent(&Request::Head, 0);
            let head = Ok(Response::Head { head: None, read_ms: 1 });
            journal.answered(&head, u64::from(n), 1);
        }
        let log = journal.log();
        assert_eq!((log.len(), journal.latencies_ms().len()), (LOG_MAX, LATENCIES_MAX));
        assert_eq!(log[LOG_MAX - 2], LogLine { at_ms: 999, what: Happening::BatchMax(999), times: 2 });
    }

    #[test]
    fn what_is_stored_and_what_is_not_yet_add_up() {
        let mut journal = Journal::default();
        let ask = |journal: &mut Journal| {
            journal.sent(&Request::Head, 0);
            journal.answered(&Ok(Response::Head { head: None, read_ms: 1 }), 5, DAY_MS);
        };
        ask(&mut journal);
        let unsaved = journal.take_unsaved().expect("one request");
        assert_eq!((unsaved.day, unsaved.reads, unsaved.requests), (1, 1, 1));
        ask(&mut journal);
        journal.stored(Usage { day: 1, reads: 10, writes: 0, requests: 4 });
        assert_eq!(journal.today, Usage { day: 1, reads: 11, writes: 0, requests: 5 });
        assert_eq!(journal.take_unsaved().map(|usage| usage.reads), Some(1));
        assert_eq!(journal.take_unsaved(), None);
    }
}
