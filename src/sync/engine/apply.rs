//! The engine's transactions: which rows each needs, and the pure function it applies to them.
//!
//! Whatever must stay true together is changed here together: a row with its outbox, documents with
//! the cursor that covers them, an acknowledgement with the head it belongs to.

use std::collections::BTreeSet;

use super::meta::{META_ROW, Meta};
use super::{Engine, Mismatch};
use crate::sync::commit::Batch;
use crate::sync::row::{Feed, Quarantine};
use crate::sync::{
    ChatScope, Document, Edit, FeedId, Id, Key, KnownHead, Now, Position, Row, Scope, SpaceId, Table, Value,
};

mod pick;

/// One transaction. Those with a generation change nothing if a reset has come between.
#[derive(Clone, Debug, PartialEq)]
pub enum Tx {
    /// What the user did.
    Write(Vec<Edit>),
    /// The user opened a chat: its messages are wanted from now on.
    Follow(Id),
    /// The user decided whether a chat takes part in sync.
    SetScope(Id, ChatScope),
    /// Loads what is known of a space.
    Begin {
        /// Which space.
        space: SpaceId,
    },
    /// Starts anew with another space: nothing is known of it, everything here is to be sent.
    Join {
        /// Which space.
        space: SpaceId,
    },
    /// Takes note of the head and finds out what to fetch.
    Plan {
        /// The head as read in this round, where it was.
        reading: Option<KnownHead>,
        /// Of the round.
        generation: u64,
    },
    /// Takes in documents and moves the cursor that covers them.
    Merge {
        /// From the server.
        documents: Vec<Document>,
        /// Known not to exist on the server.
        missing: Vec<Key>,
        /// The feed they are from and the position it was read to.
        progress: Option<(FeedId, Position)>,
        /// Of the round.
        generation: u64,
    },
    /// Chooses what to send.
    Pick {
        /// At most so many records.
        max: usize,
        /// The highest number on the server: the head's, or what is left where it has none.
        parent: u64,
        /// Random id of the commit.
        commit: String,
        /// Random epoch, used if this commit makes the head.
        epoch: String,
        /// Of the round.
        generation: u64,
    },
    /// The server took a commit.
    Acknowledge {
        /// What was sent.
        batch: Box<Batch>,
        /// New `updateTime` of the head.
        head_time: String,
        /// New `updateTime`s of the records.
        write_times: Vec<String>,
        /// New `updateTime`s of the bumped chats.
        bump_times: Vec<String>,
    },
    /// The server's history is not the one we know.
    Reset {
        /// How it was noticed.
        mismatch: Mismatch,
        /// Of the round that noticed it.
        generation: u64,
    },
    /// The server refuses one record, alone and while it can be read.
    Quarantine {
        /// Which.
        key: Key,
        /// What the server said.
        reason: String,
        /// Of the round.
        generation: u64,
    },
    /// The user asks to try refused records again.
    Release(Vec<Key>),
}

/// What a transaction found out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Rows whose content, or whose place in the chat list, changed.
    pub changed: Vec<Key>,
    /// Rows written, and whether they are in the outbox now.
    pub touched: Vec<(Key, bool)>,
    /// Row keys that could not be read and were set aside.
    pub corrupt: Vec<String>,
    /// Records of a newer schema that were not written.
    pub refused: Vec<Key>,
    pub(super) pending: Option<BTreeSet<Key>>,
    pub(super) meta: Option<Meta>,
    pub(super) finding: Finding,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Finding {
    #[default]
    Done,
    /// A reset came between: the round is void.
    Stale,
    /// The rows belong to another space.
    OtherSpace,
    /// What to fetch.
    Plan(Plan),
    /// Whether the base of any row changed.
    Merged { rebased: bool },
    Picked(Option<Box<Batch>>),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    pub(super) config: bool,
    pub(super) chats: bool,
    /// Chats to fetch messages of, most recently active first.
    pub(super) messages: Vec<(Id, Position)>,
    /// A chat never opened here whose messages may be fetched in idle time.
    pub(super) backfill: Option<(Id, Position)>,
}

impl Tx {
    /// Which rows it needs.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let mut scope = Scope { keys: vec![META_ROW.to_owned()], ..Scope::default() };
        let add = |scope: &mut Scope, key: &Key| {
            scope.keys.push(key.row_key());
            if let Key::Message(chat, _) = key {
                scope.keys.push(Key::Chat(chat.clone()).row_key());
            }
        };
        match self {
            Self::Write(edits) => edits.iter().for_each(|edit| add(&mut scope, &edit.key)),
            Self::Follow(chat) => add(&mut scope, &Key::Chat(chat.clone())),
            Self::SetScope(chat, _) => {
                add(&mut scope, &Key::Chat(chat.clone()));
                scope.prefixes.push(Key::messages_of(chat));
            }
            Self::Begin { .. } => scope.pending = true,
            Self::Join { .. } | Self::Reset { .. } => scope.prefixes.extend(
                [Key::CONFIG_ROWS, Key::CHAT_ROWS, Key::MESSAGE_ROWS].map(ToOwned::to_owned),
            ),
            Self::Plan { .. } | Self::Pick { .. } => {
                scope.pending = true;
                scope.prefixes.push(Key::CHAT_ROWS.to_owned());
            }
            Self::Merge { documents, missing, progress, .. } => {
                documents.iter().for_each(|document| add(&mut scope, &document.key));
                missing.iter().for_each(|key| add(&mut scope, key));
                if let Some((FeedId::Messages(chat), _)) = progress {
                    add(&mut scope, &Key::Chat(chat.clone()));
                }
            }
            Self::Acknowledge { batch, .. } => {
                batch.revisions.iter().for_each(|(key, _)| add(&mut scope, key));
                let bumps = batch.commit.bumps.iter();
                bumps.for_each(|bump| add(&mut scope, &Key::Chat(bump.chat.clone())));
            }
            Self::Quarantine { key, .. } => add(&mut scope, key),
            Self::Release(keys) => keys.iter().for_each(|key| add(&mut scope, key)),
        }
        scope
    }

    /// Whether it holds something the user just made, which must survive a power cut.
    #[must_use]
    pub fn is_precious(&self) -> bool {
        matches!(self, Self::Write(_) | Self::SetScope(..))
    }
}

/// A transaction at work.
struct Work<'a> {
    table: &'a mut Table,
    meta: Meta,
    out: Outcome,
}

impl Engine {
    /// Applies a transaction to the rows of its [`Tx::scope`]. Pure but for the clock, which may
    /// be ahead of the rows if the transaction then fails; that is harmless.
    pub fn apply(&mut self, tx: &Tx, table: &mut Table, now: Now) -> Outcome {
        let meta = Meta::read(table, now.wall_ms);
        let mut work = Work { table, meta, out: Outcome::default() };
        let stale = match tx {
            Tx::Plan { generation, .. }
            | Tx::Merge { generation, .. }
            | Tx::Pick { generation, .. }
            | Tx::Reset { generation, .. }
            | Tx::Quarantine { generation, .. } => *generation != work.meta.generation,
            Tx::Acknowledge { batch, .. } => batch.generation != work.meta.generation,
            Tx::Write(_) | Tx::Follow(_) | Tx::SetScope(..) | Tx::Begin { .. } | Tx::Join { .. } | Tx::Release(_) => {
                false
            }
        };
        work.out.finding = if stale { Finding::Stale } else { self.apply_to(&mut work, tx, now) };
        work.meta.skew_ms = self.clock.skew_ms();
        work.meta.write(work.table);
        work.out.meta = Some(work.meta);
        work.out
    }

    fn apply_to(&mut self, work: &mut Work<'_>, tx: &Tx, now: Now) -> Finding {
        match tx {
            Tx::Write(edits) => {
                edits.iter().for_each(|edit| self.write_edit(work, edit, now));
                Finding::Done
            }
            Tx::Follow(chat) => {
                work.follow(chat);
                Finding::Done
            }
            Tx::SetScope(chat, scope) => {
                work.set_scope(chat, *scope);
                Finding::Done
            }
            Tx::Begin { space } => {
                self.clock.recall_skew(work.meta.skew_ms);
                work.out.pending = Some(work.outbox());
                if work.meta.space == space.as_str() { Finding::Done } else { Finding::OtherSpace }
            }
            Tx::Join { space } => {
                work.forget_server();
                work.meta.space = space.as_str().to_owned();
                work.meta.raise_generation = false;
                Finding::Done
            }
            Tx::Reset { mismatch, .. } => {
                work.forget_server();
                work.meta.raise_generation = matches!(mismatch, Mismatch::WentBack | Mismatch::Rewritten);
                Finding::Done
            }
            Tx::Plan { reading, .. } => Finding::Plan(work.plan(reading.as_ref())),
            Tx::Merge { documents, missing, progress, .. } => self.merge(work, documents, missing, progress.as_ref(), now),
            Tx::Pick { max, parent, commit, epoch, .. } => {
                let ids = pick::Ids { commit, epoch, parent: *parent };
                Finding::Picked(self.pick(work, *max, &ids, now).map(Box::new))
            }
            Tx::Acknowledge { batch, head_time, write_times, bump_times } => {
                work.acknowledge(batch, head_time, write_times, bump_times)
            }
            Tx::Quarantine { key, reason, .. } => {
                work.quarantine(key, reason, now);
                Finding::Done
            }
            Tx::Release(keys) => {
                for key in keys {
                    let mut row = work.read(key);
                    row.quarantine = None;
                    work.write(key, &row);
                }
                Finding::Done
            }
        }
    }

    fn write_edit(&mut self, work: &mut Work<'_>, edit: &Edit, now: Now) {
        let mut row = work.read(&edit.key);
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
        let mut rebased = false;
        for document in documents {
            if let Some(stamp) = document.record.as_ref().and_then(crate::sync::Record::newest) {
                self.clock.receive(stamp, now);
            }
            rebased |= work.merge_document(document);
        }
        for key in missing {
            let mut row = work.read(key);
            if row.base.is_some() {
                rebased = true;
                row.base = None;
                row.base_seq = 0;
                row.merge(&Document {
                    key: key.clone(),
                    update_time: String::new(),
                    seq: 0,
                    commit: String::new(),
                    active_ms: None,
                    record: None,
                });
                row.base = None;
                work.write(key, &row);
            }
        }
        if let Some((feed, position)) = progress {
            work.advance(feed, position);
        }
        Finding::Merged { rebased }
    }
}

/// When a message was made (`at`); edits of the chat itself do not count as activity unless it is new.
fn activity_ms(key: &Key, record: &crate::sync::Record, now_ms: u64) -> u64 {
    match key {
        Key::Message(..) => record.get("at").and_then(Value::as_u64).unwrap_or(0),
        Key::Chat(_) if record.fields.values().all(|r| r.stamp.ms() >= now_ms) => now_ms,
        Key::Chat(_) | Key::Settings | Key::Profile => 0,
    }
}

impl Work<'_> {
    /// Reads a row; one that cannot be read is set aside, and its feed is fetched again.
    fn read(&mut self, key: &Key) -> Row {
        match Row::read(self.table, key) {
            Ok(row) => row.unwrap_or_default(),
            Err(_) => {
                let row_key = key.row_key();
                if let Some(entry) = self.table.get(&row_key).cloned() {
                    self.table.put(&format!("x/{row_key}"), crate::sync::Entry { pending: false, ..entry });
                }
                self.table.remove(&row_key);
                self.out.corrupt.push(row_key);
                self.refetch(key);
                Row::default()
            }
        }
    }

    fn refetch(&mut self, key: &Key) {
        match key {
            Key::Settings | Key::Profile => self.meta.config = Position::default(),
            Key::Chat(_) => self.meta.chats = Position::default(),
            Key::Message(chat, _) => {
                let chat_key = Key::Chat(chat.clone());
                let mut row = self.read(&chat_key);
                if let Some(feed) = &mut row.feed {
                    feed.cursor = Position::default();
                    self.write(&chat_key, &row);
                }
            }
        }
    }

    fn write(&mut self, key: &Key, row: &Row) {
        row.write(self.table, key);
        if row.quarantine.is_some() && !row.pending.is_empty() {
            self.meta.quarantined.insert(key.row_key());
        } else {
            self.meta.quarantined.remove(&key.row_key());
        }
        self.out.touched.push((key.clone(), row.wants_sending()));
    }

    fn changed(&mut self, key: &Key) {
        if !self.out.changed.contains(key) {
            self.out.changed.push(key.clone());
        }
    }

    fn outbox(&self) -> BTreeSet<Key> {
        [Key::CONFIG_ROWS, Key::CHAT_ROWS, Key::MESSAGE_ROWS]
            .iter()
            .flat_map(|prefix| self.table.range(prefix))
            .filter(|(_, entry)| entry.pending)
            .filter_map(|(key, _)| Key::from_row_key(key).ok())
            .collect()
    }

    fn keys(&self, prefix: &str) -> Vec<Key> {
        self.table.range(prefix).filter_map(|(key, _)| Key::from_row_key(key).ok()).collect()
    }

    fn follow(&mut self, chat: &Id) {
        let key = Key::Chat(chat.clone());
        let mut row = self.read(&key);
        let feed = row.feed.get_or_insert_default();
        if !feed.followed {
            feed.followed = true;
            self.write(&key, &row);
        }
    }

    fn set_scope(&mut self, chat: &Id, scope: ChatScope) {
        let key = Key::Chat(chat.clone());
        let mut row = self.read(&key);
        row.feed.get_or_insert_default().scope = scope;
        row.hold = scope != ChatScope::Synced;
        self.write(&key, &row);
        self.changed(&key);
        for key in self.keys(&Key::messages_of(chat)) {
            let mut row = self.read(&key);
            row.hold = scope != ChatScope::Synced;
            self.write(&key, &row);
        }
    }

    fn forget_server(&mut self) {
        self.meta.head = None;
        self.meta.config = Position::default();
        self.meta.chats = Position::default();
        self.meta.seen = None;
        self.meta.generation += 1;
        for prefix in [Key::CONFIG_ROWS, Key::CHAT_ROWS, Key::MESSAGE_ROWS] {
            for key in self.keys(prefix) {
                let mut row = self.read(&key);
                row.forget_server();
                self.write(&key, &row);
            }
        }
        self.out.pending = Some(self.outbox());
    }

    fn plan(&mut self, reading: Option<&KnownHead>) -> Plan {
        if let Some(reading) = reading {
            // another tab may know a newer one by now
            if self.meta.head.as_ref().is_none_or(|known| known.head.seq <= reading.head.seq) {
                self.meta.head = Some(reading.clone());
            }
        }
        let mut plan = Plan::default();
        if let Some(known) = self.meta.head.clone() {
            let end = Position { seq: known.head.seq, name: None };
            // no commit since then touched settings or profile: skip the query
            if self.meta.config.name.is_none() && self.meta.config.seq >= known.head.config_seq {
                self.meta.config = later(&self.meta.config, &end);
            }
            plan.config = !self.meta.config.covers(end.seq);
            plan.chats = !self.meta.chats.covers(end.seq);
        }
        let outbox = self.outbox();
        let mut behind: Vec<(Id, Feed)> = Vec::new();
        for key in self.keys(Key::CHAT_ROWS) {
            let row = self.read(&key);
            if let (Key::Chat(chat), Some(feed)) = (key, row.feed)
                && feed.is_behind()
                && feed.scope == ChatScope::Synced
            {
                behind.push((chat, feed));
            }
        }
        behind.sort_by_key(|(_, feed)| std::cmp::Reverse(feed.active_ms));
        for (chat, feed) in behind {
            let sends = || outbox.iter().any(|key| matches!(key, Key::Message(of, _) if *of == chat));
            if feed.followed || sends() {
                plan.messages.push((chat, feed.cursor));
            } else if plan.backfill.is_none() {
                plan.backfill = Some((chat, feed.cursor));
            }
        }
        self.out.pending = Some(outbox);
        plan
    }

    fn merge_document(&mut self, document: &Document) -> bool {
        self.meta.see(document.seq, &document.commit);
        let mut row = self.read(&document.key);
        let before = (row.base.clone(), row.feed.as_ref().map(|f| f.active_ms));
        if let Key::Chat(_) = document.key {
            row.feed.get_or_insert_default();
        }
        let changed = row.merge(document);
        if let Key::Message(chat, _) = &document.key {
            let chat_key = Key::Chat(chat.clone());
            let mut chat_row = self.read(&chat_key);
            let feed = chat_row.feed.get_or_insert_default();
            row.hold = feed.scope != ChatScope::Synced;
            let active = activity_ms(&document.key, &row.record, 0).max(feed.active_ms);
            if active > feed.active_ms {
                feed.active_ms = active;
                self.write(&chat_key, &chat_row);
                self.changed(&chat_key);
            }
        }
        self.write(&document.key, &row);
        if changed || before.1 != row.feed.as_ref().map(|f| f.active_ms) {
            self.changed(&document.key);
        }
        before.0 != row.base
    }

    /// Moves a cursor forward, never back.
    fn advance(&mut self, feed: &FeedId, position: &Position) {
        match feed {
            FeedId::Config => self.meta.config = later(&self.meta.config, position),
            FeedId::Chats => self.meta.chats = later(&self.meta.chats, position),
            FeedId::Messages(chat) => {
                let key = Key::Chat(chat.clone());
                let mut row = self.read(&key);
                let feed = row.feed.get_or_insert_default();
                feed.cursor = later(&feed.cursor, position);
                self.write(&key, &row);
            }
        }
    }

    fn acknowledge(&mut self, batch: &Batch, head_time: &str, write_times: &[String], bump_times: &[String]) -> Finding {
        let head = &batch.commit.head;
        let known = self.meta.head.as_ref().map(|k| &k.head);
        let follows = known.map_or(0, |k| k.seq) == batch.parent || known.is_none();
        let in_log = known.and_then(|k| k.commit_at(head.seq)) == Some(head.commit.as_str());
        if !follows && !in_log {
            // as if the answer had been lost: the next round finds out
            return Finding::Stale;
        }
        if follows {
            self.meta.head = Some(KnownHead { head: head.clone(), update_time: head_time.to_owned() });
            self.meta.raise_generation = false;
        }
        self.meta.see(head.seq, &head.commit);
        let end = Position { seq: head.seq, name: None };
        let advances = batch.advances && follows;
        if advances {
            self.meta.config = later(&self.meta.config, &end);
            self.meta.chats = later(&self.meta.chats, &end);
        }
        for ((key, revision), time) in batch.revisions.iter().zip(write_times) {
            let mut row = self.read(key);
            row.acknowledge(*revision, time, head.seq);
            if let (Key::Chat(chat), Some(feed)) = (key, &mut row.feed) {
                feed.server_seq = feed.server_seq.max(head.seq);
                if advances && batch.fresh.contains(chat) {
                    feed.cursor = later(&feed.cursor, &end);
                }
            }
            self.write(key, &row);
        }
        for (bump, time) in batch.commit.bumps.iter().zip(bump_times) {
            let key = Key::Chat(bump.chat.clone());
            let mut row = self.read(&key);
            let feed = row.feed.get_or_insert_default();
            feed.server_seq = feed.server_seq.max(head.seq);
            if advances && batch.fresh.contains(&bump.chat) {
                feed.cursor = later(&feed.cursor, &end);
            }
            // Only then do we know that nobody changed the chat's record under this new updateTime.
            if advances && head.seq > row.base_seq {
                row.base = Some(time.clone());
                row.base_seq = head.seq;
            }
            self.write(&key, &row);
        }
        Finding::Done
    }

    fn quarantine(&mut self, key: &Key, reason: &str, now: Now) {
        let mut row = self.read(key);
        row.quarantine = Some(Quarantine { reason: reason.to_owned(), at_ms: now.wall_ms });
        self.write(key, &row);
        self.changed(key);
    }
}

/// The later of two positions; at the same number, one without a name covers all of it.
fn later(a: &Position, b: &Position) -> Position {
    let rank = |p: &Position| (p.seq, p.name.is_none(), p.name.clone());
    if rank(a) >= rank(b) { a.clone() } else { b.clone() }
}
