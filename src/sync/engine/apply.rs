//! The pure functions behind the engine's transactions.
//!
//! Whatever must stay true together is changed here together: a row with its outbox, documents with
//! the cursor that covers them, an acknowledgement with the head it belongs to.

mod adopt;
mod count;
mod deletion;
mod fork;
mod pick;
mod work;

use super::meta::Meta;
use super::tx::{Finding, Outcome, Tx};
use super::{Engine, Mismatch};
use crate::sync::planted::{Bug, planted};
use crate::sync::{ChatScope, Document, Edit, FeedId, Key, Now, Position, Record, Row, SCHEMA, Table};
pub(super) use deletion::deletes_unseen;
pub use fork::copy_of;
pub(super) use work::Feeds;
use work::{Work, activity_ms};

/// The stored skew is only written when it differs by more, so that an idle poll writes nothing.
const SKEW_STEP_MS: u64 = 5_000;

impl Engine {
    /// Applies a transaction to the rows of its [`Tx::scope`]. Pure but for the clock, which may
    /// be ahead of the rows if the transaction then fails; that is harmless.
    pub fn apply(&mut self, tx: &Tx, table: &mut Table, now: Now) -> Outcome {
        self.clock.doubt(now);
        let meta = self.last_meta.read(table).unwrap_or_else(|| Meta::fresh(now.wall_ms));
        let mut feeds = std::mem::take(&mut self.feeds);
        let mut work = Work { meta, table, feeds: &mut feeds, out: Outcome::default() };
        if !self.clock.is_anchored() {
            self.clock.recall_skew(work.meta.skew_ms);
        } else if self.clock.skew_ms().abs_diff(work.meta.skew_ms) > SKEW_STEP_MS {
            work.meta.skew_ms = self.clock.skew_ms();
        }
        let stale = tx.generation().is_some_and(|generation| generation != work.meta.generation)
            && !planted(Bug::StaleRoundGoesOn);
        // stamps must be checked before they are compared or sent: if the computer slept since the
        // round began with a question, it begins once more
        let unchecked = !self.clock.is_anchored() && matches!(tx, Tx::Merge { .. } | Tx::Pick { .. });
        work.out.finding =
            if stale || unchecked { Finding::Stale } else { self.apply_to(&mut work, tx, now) };
        self.last_meta.write(work.table, &work.meta);
        work.out.meta = Some(work.meta);
        self.applied += 1;
        work.out.order = self.applied;
        let out = work.out;
        self.feeds = feeds;
        out
    }

    fn apply_to(&mut self, work: &mut Work<'_>, tx: &Tx, now: Now) -> Finding {
        match tx {
            Tx::Write(edits) => self.write_edits(work, edits, now),
            Tx::Adopt(rows) => work.adopt(rows, &mut self.clock, now),
            Tx::Follow(chat) => work.follow(chat),
            Tx::SetScope(chat, scope) => work.set_scope(chat, *scope),
            Tx::Fork { chat, seed } => self.fork(work, chat, seed, now),
            Tx::Look => work.out.pending = Some(work.outbox()),
            Tx::Begin { space, project } => {
                work.out.pending = Some(work.outbox());
                // what an older build could not read, it left out: this one has to look again
                let is_older = work.meta.schema < SCHEMA;
                if is_older || !work.meta.is_about(project, space) {
                    return Finding::OtherSpace;
                }
                work.meta.project.clone_from(project);
            }
            Tx::Join { space, project, .. } => {
                work.forget_server();
                work.meta.space = space.as_str().to_owned();
                work.meta.project.clone_from(project);
                work.meta.schema = SCHEMA;
                work.meta.devices.clear();
                work.meta.raise_generation = false;
            }
            Tx::Reset { mismatch, .. } => {
                work.forget_server();
                work.meta.raise_generation = matches!(mismatch, Mismatch::WentBack | Mismatch::Rewritten);
            }
            Tx::Plan { reading, witnessed, .. } => return work.plan(reading.as_ref(), *witnessed),
            Tx::Merge { documents, missing, progress, .. } => {
                return self.merge(work, documents, missing, progress.as_ref(), now);
            }
            Tx::Pick { max, parent, commit, epoch, .. } => {
                let ids = pick::Ids { commit, epoch, parent: *parent };
                return self.pick(work, *max, &ids, now);
            }
            Tx::Acknowledge { batch, head_time, write_times, bump_times } => {
                return work.acknowledge(batch, head_time, write_times, bump_times);
            }
            Tx::Tally { chat, .. } => return Finding::Tallied(work.tally(chat)),
            Tx::Counted { chat, day, refetch, .. } => work.counted(chat, *day, *refetch),
            Tx::Quarantine { key, revision, reason, .. } => {
                work.quarantine(key, Some(*revision), reason, now)
            }
            Tx::Release(keys) => work.release(keys),
        }
        Finding::Done
    }

    /// All of them or, where a newer build made one of the records, none: a chat must not lose half of its messages.
    fn write_edits(&mut self, work: &mut Work<'_>, edits: &[Edit], now: Now) {
        // looked at only: a torn row is set aside when its turn has come
        let is_newer = |key: &Key| matches!(Row::read(work.table, key), Ok(Some(row)) if row.is_newer());
        let newer: Vec<Key> =
            edits.iter().map(|edit| &edit.key).filter(|key| is_newer(key)).cloned().collect();
        work.out.refused = newer;
        if work.out.refused.is_empty() {
            edits.iter().for_each(|edit| self.write_edit(work, edit, now));
        }
    }

    fn write_edit(&mut self, work: &mut Work<'_>, edit: &Edit, now: Now) {
        let mut row = work.read(&edit.key);
        let edit = &work.marked(edit, &row);
        if !row.write_locally(&edit.fields, &mut self.clock, now) {
            work.out.refused.push(edit.key.clone());
            return;
        }
        if let Some(chat) = edit.key.chat() {
            let chat_key = Key::Chat(chat.clone());
            let mut chat_row = if edit.key == chat_key { row.clone() } else { work.read(&chat_key) };
            let feed = chat_row.feed.get_or_insert_default();
            feed.followed = true;
            feed.active_ms = feed.active_ms.max(activity_ms(&edit.key, &row.record, self.clock.time_ms(now)));
            row.hold = feed.scope != ChatScope::Synced;
            if edit.key == chat_key {
                row.feed = chat_row.feed;
                work.heed_mark(&mut row);
            } else {
                work.write(&chat_key, &chat_row);
                work.changed(&chat_key);
            }
        }
        work.write(&edit.key, &row);
        work.changed(&edit.key);
    }

    fn merge(
        &mut self,
        work: &mut Work<'_>,
        documents: &[Document],
        missing: &[Key],
        progress: Option<&(FeedId, Position)>,
        now: Now,
    ) -> Finding {
        let (mut rebased, mut went_back) = (false, false);
        for document in documents {
            if let Some(stamp) = document.record.as_ref().and_then(Record::newest) {
                self.clock.receive(stamp, now);
                if let Some(device) = &document.device {
                    work.meta.see_device(device, stamp.ms());
                }
            }
            went_back |= work.read(&document.key).is_missing_from(document);
            rebased |= work.merge_document(document, &self.clock, now);
        }
        for key in missing {
            rebased |= work.merge_missing(key);
        }
        if let Some((feed, position)) = progress {
            work.advance(feed, position);
            if planted(Bug::CapAtTheEnd)
                && position.name.is_none()
                && let Some(known) = &work.meta.head
            {
                let end = Position { seq: known.head.seq, name: None };
                work.advance(feed, &end);
            }
            if planted(Bug::SharedCursor)
                && let Some((seq, _)) = work.meta.seen
            {
                let seen = Position { seq, name: None };
                work.advance(&FeedId::Config, &seen);
                work.advance(&FeedId::Chats, &seen);
            }
        }
        Finding::Merged { rebased, went_back }
    }
}
