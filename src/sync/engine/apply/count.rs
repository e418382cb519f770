//! Counting what is known to be on the server.

use super::work::Work;
use crate::sync::engine::count::Tally;
use crate::sync::{Id, Key, Position};

/// A count sees at most 300 documents, as every query.
const MESSAGES_MAX: usize = 250;

impl Work<'_> {
    /// The newest messages of a chat that are known to be on the server.
    pub(super) fn tally(&mut self, chat: &Id) -> Tally {
        let mut known: Vec<(u64, Key)> = Vec::new();
        for key in self.keys(&Key::messages_of(chat)) {
            let row = self.read(&key);
            if row.base.is_some() {
                known.push((row.base_seq, key));
            }
        }
        known.sort_by(|a, b| b.cmp(a));
        // all of one number, or none
        let after = known.get(MESSAGES_MAX).map_or(0, |(seq, _)| *seq);
        let messages = known.into_iter().filter(|(seq, _)| *seq > after).map(|(_, key)| key).collect();
        Tally { chat: chat.clone(), after, messages }
    }

    /// Remembers when a chat was counted, and lets its messages be fetched anew if some are not here.
    pub(super) fn counted(&mut self, chat: &Id, day: u64, refetch: bool) {
        let key = Key::Chat(chat.clone());
        let mut row = self.read(&key);
        let feed = row.feed.get_or_insert_default();
        feed.counted_on = day;
        if refetch {
            feed.cursor = Position::default();
            // another tab may be under way with the old cursor
            self.meta.generation += 1;
        }
        self.write(&key, &row);
    }
}
