//! Deleting a chat whose messages are not all here: mark, fetch, bury.
//!
//! A deletion clears what this device has seen. For the rest, the chat's tombstone carries a *mark*:
//! up to which number everything said in the chat is to be deleted, in which history of the server
//! (epoch and generation). Whoever meets the mark buries what they have up to that number, fetches
//! what they have not and buries that, too. Numbers, not clocks: what is written after the deletion
//! has a greater number, survives, and shows as recovered. In another history the numbers mean
//! something else, so the mark is void there, and what was never seen shows as recovered.

use serde::{Deserialize, Serialize};

use super::work::Work;
use crate::sync::planted::{Bug, planted};
use crate::sync::record::DELETED;
use crate::sync::{Clock, Edit, Id, Key, Now, Record, Row, Stamp, Value};

/// The field of a chat's tombstone that holds the mark.
const UPTO: &str = "upto";

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    seq: u64,
    epoch: String,
    #[serde(rename = "gen")]
    generation: u64,
    /// The head when it was made: two restored backups may count the same generation.
    head: u64,
    c: String,
}

impl Mark {
    fn of(record: &Record) -> Option<Self> {
        if !record.is_deleted() {
            return None;
        }
        serde_json::from_value(record.get(UPTO)?.clone()).ok()
    }
}

/// Whether a chat's record says that messages are to be deleted which its deleter had not seen.
pub(in crate::sync::engine) fn deletes_unseen(record: Option<&Record>) -> bool {
    record.is_some_and(|record| Mark::of(record).is_some())
}

impl Work<'_> {
    /// The server's history as our next commit leaves it.
    fn history(&self) -> Option<(String, u64)> {
        let head = &self.meta.head.as_ref()?.head;
        Some((head.epoch.clone(), head.generation + u64::from(self.meta.raise_generation)))
    }

    /// Whether the server's numbers mean what they meant when a mark was made, as far as the head's log
    /// remembers.
    fn is_of_this_history(&self, mark: &Mark) -> bool {
        let Some(known) = &self.meta.head else { return false };
        self.history() == Some((mark.epoch.clone(), mark.generation))
            && mark.head <= known.head.seq
            && known.head.commit_at(mark.head).is_none_or(|commit| commit == mark.c)
    }

    /// Adds the mark to the deletion of a chat that is not all here, and takes it from a chat that is
    /// brought back.
    pub(super) fn marked(&self, edit: &Edit, row: &Row) -> Edit {
        let mut edit = edit.clone();
        let (Key::Chat(_), Some(deleted)) = (&edit.key, edit.fields.get(DELETED)) else {
            return edit;
        };
        let head = self.meta.head.as_ref().map(|known| (known.head.seq, known.head.commit.clone()));
        let behind = row.feed.as_ref().filter(|feed| feed.is_behind());
        let mark = match (deleted, behind, self.history().zip(head)) {
            (Value::Bool(true), Some(feed), Some(((epoch, generation), (head, c)))) => {
                serde_json::to_value(Mark { seq: feed.server_seq, epoch, generation, head, c }).ok()
            }
            (Value::Bool(true), _, _) => None,
            (_, _, _) => row.record.get(UPTO).map(|_| Value::Null),
        };
        edit.fields.extend(mark.map(|mark| (UPTO.to_owned(), mark)));
        edit
    }

    /// Remembers, besides the record, up to where messages are to be deleted: another deletion may
    /// win over ours with a lower mark.
    pub(super) fn heed_mark(&self, row: &mut Row) {
        let Some(feed) = &mut row.feed else { return };
        if !row.record.is_deleted() {
            feed.doomed_upto = 0;
        } else if let Some(mark) = Mark::of(&row.record)
            && self.is_of_this_history(&mark)
        {
            feed.doomed_upto = feed.doomed_upto.max(mark.seq);
        }
    }

    /// Buries the messages of a chat that are here and that its deletion meant.
    pub(super) fn bury_all(&mut self, chat: &Id, chat_row: &Row, clock: &Clock, now: Now) {
        let Some((upto, stamp)) = doom(chat_row) else { return };
        for key in self.keys(&Key::messages_of(chat)) {
            let mut row = self.read(&key);
            if row.base.is_none() || row.base_seq > upto {
                continue;
            }
            if clock.is_anchored() {
                row.harden(clock, now);
            }
            let mut seen = row.record.clone();
            seen.fields.retain(|name, _| !row.pending.contains_key(name));
            if row.bury(&seen, stamp) {
                self.write(&key, &row);
                self.changed(&key);
            }
        }
    }
}

/// Up to which number the messages of a deleted chat are to be deleted, and the deletion's stamp.
pub(super) fn doom(chat_row: &Row) -> Option<(u64, Stamp)> {
    let upto = chat_row.feed.as_ref()?.doomed_upto;
    let upto = if planted(Bug::DeletionHasNoBound) && upto > 0 { u64::MAX } else { upto };
    let stamp = chat_row.record.fields.get(DELETED)?.stamp;
    (upto > 0 && chat_row.record.is_deleted()).then_some((upto, stamp))
}
