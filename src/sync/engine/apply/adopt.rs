//! Taking over rows that were kept in another place while this one did not work.

use super::work::Work;
use crate::sync::{ChatScope, Clock, Key, Now, Row};

impl Work<'_> {
    /// Joins them with the rows here. What they knew of a server (bases, numbers, cursors) may be of
    /// another time or space and is not believed; what the user decided about a chat is.
    pub(super) fn adopt(&mut self, rows: &[(Key, Row)], clock: &mut Clock, now: Now) {
        let is_chat = |(key, _): &&(Key, Row)| matches!(key, Key::Chat(_));
        let (chats, others): (Vec<_>, Vec<_>) = rows.iter().partition(is_chat);
        // chats first: they say whether their messages may leave
        for (key, other) in chats.into_iter().chain(others) {
            if let Some(stamp) = other.record.newest() {
                clock.receive(stamp, now);
            }
            let mut row = self.read(key);
            row.adopt(other);
            if let Key::Chat(_) = key {
                let theirs = other.feed.clone().unwrap_or_default();
                let feed = row.feed.get_or_insert_default();
                feed.followed |= theirs.followed;
                feed.active_ms = feed.active_ms.max(theirs.active_ms);
                self.heed_mark(&mut row);
            }
            if let Key::Message(chat, _) = key {
                let feed = self.read(&Key::Chat(chat.clone())).feed.unwrap_or_default();
                row.hold = feed.scope != ChatScope::Synced;
            }
            self.write(key, &row);
            self.changed(key);
            let scope = other.feed.as_ref().map_or(ChatScope::Synced, |feed| feed.scope);
            if let (Key::Chat(chat), true) = (key, scope != ChatScope::Synced) {
                self.set_scope(chat, scope);
            }
        }
    }
}
