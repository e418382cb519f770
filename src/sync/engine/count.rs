//! The safety net: once a day, in idle time, the server is asked how many messages a chat has.
//!
//! Every step of the protocol says that what is fetched is complete. If it is not after all (a row
//! that a browser lost, documents that somebody removed at the console), this finds it: more there
//! than here, and the chat is fetched anew; fewer, and what is missing there is sent again.

use std::collections::BTreeSet;

use super::round::Step;
use super::{Engine, Tx};
use crate::sync::health::Happening;
use crate::sync::planted::{Bug, planted};
use crate::sync::{FeedId, Id, Key, Now, Request};

/// Chats counted a day, at most, in one life of a tab.
const CHATS_A_DAY: u32 = 20;
/// So long nothing happened.
const IDLE_FOR_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 3_600_000;

/// What is known to be on the server: the newest messages of a chat.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tally {
    pub(super) chat: Id,
    /// They all have greater numbers than this.
    pub(super) after: u64,
    pub(super) messages: BTreeSet<Key>,
}

/// The budget of counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    day: u64,
    done: u32,
    /// The chat that was not counted for longest, and on which day it was.
    pub(super) next: Option<(Id, u64)>,
}

impl Engine {
    /// All is sent and fetched: count a chat if it is time. Says whether it does.
    pub(super) fn count_a_chat(&mut self, now: Now) -> bool {
        let today = self.today(now);
        if self.counts.day != today {
            self.counts = Counts { day: today, done: 0, next: self.counts.next.take() };
        }
        let calm = self.pending.is_empty()
            && self.read_only.is_none()
            && self.schedule.idle_ms(now) >= IDLE_FOR_MS
            && !self.journal.today.exceeds(self.limits.day);
        let Some((chat, _)) = self.counts.next.take().filter(|(_, on)| calm && *on < today) else {
            return false;
        };
        if self.counts.done >= CHATS_A_DAY {
            return false;
        }
        self.counts.done += 1;
        self.store(Step::Tallying, Tx::Tally { chat, generation: self.generation });
        true
    }

    pub(super) fn today(&self, now: Now) -> u64 {
        self.clock.time_ms(now) / DAY_MS
    }

    pub(super) fn ask_count(&mut self, tally: Tally) {
        let request = Request::Count { feed: FeedId::Messages(tally.chat.clone()), after: tally.after };
        self.send(Step::Counting(tally), request);
    }

    pub(super) fn on_count(&mut self, tally: Tally, count: u64, now: Now) {
        let here = tally.messages.len() as u64;
        let count = if planted(Bug::CountIgnored) { here } else { count };
        if count < here {
            self.note(Happening::Miscounted, now);
            let keys = tally.messages.into_iter().collect();
            return self.send(Step::Searching(tally.chat), Request::Get(keys));
        }
        if count > here {
            self.note(Happening::Miscounted, now);
        }
        self.counted(tally.chat, count > here, now);
    }

    pub(super) fn counted(&mut self, chat: Id, refetch: bool, now: Now) {
        let tx = Tx::Counted { chat, day: self.today(now), refetch, generation: self.generation };
        self.store(Step::Counted { refetch }, tx);
    }

    /// The count is noted: fetch or send what it showed to be missing, or rest.
    pub(super) fn on_counted(&mut self, refetch: bool, now: Now) {
        if refetch || !self.pending.is_empty() { self.again(now) } else { self.rest(now) }
    }

    /// The server does not count for us. It is only a net: do without until tomorrow.
    pub(super) fn give_up_counting(&mut self, now: Now) {
        self.counts.done = CHATS_A_DAY;
        self.rest(now);
    }
}
