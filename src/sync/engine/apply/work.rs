//! A transaction at work: the rows it loaded, and what it does to them.

use std::collections::{BTreeMap, BTreeSet};

use super::deletion::doom;
use crate::sync::commit::{Batch, Sent};
use crate::sync::engine::meta::Meta;
use crate::sync::engine::tx::{Finding, Outcome, Plan};
use crate::sync::head::mismatch;
use crate::sync::older::{keep_older, losers};
use crate::sync::planted::{Bug, planted};
use crate::sync::row::{Feed, Quarantine};
use crate::sync::{
    ChatScope, Clock, Document, Entry, FeedId, Id, Key, KnownHead, Now, Position, Record, Row, Table, Value,
};

pub(super) struct Work<'a> {
    pub(super) table: &'a mut Table,
    pub(super) feeds: &'a mut Feeds,
    pub(super) meta: Meta,
    pub(super) out: Outcome,
}

/// Feeds of chats, each with the row it was read from: every round looks at all, and few change.
pub(crate) type Feeds = BTreeMap<Key, (Entry, Option<Feed>)>;

/// When a message was made (`at`); edits of the chat itself do not count as activity unless it is new.
pub(super) fn activity_ms(key: &Key, record: &Record, now_ms: u64) -> u64 {
    match key {
        Key::Message(..) => record.get("at").and_then(Value::as_u64).unwrap_or(0),
        Key::Chat(_) if record.fields.values().all(|r| r.stamp.ms() >= now_ms) => now_ms,
        Key::Chat(_) | Key::Settings | Key::Profile => 0,
    }
}

impl Work<'_> {
    /// Reads a row; one that cannot be read is set aside, and its feed is fetched again.
    pub(super) fn read(&mut self, key: &Key) -> Row {
        match Row::read(self.table, key) {
            Ok(row) => row.unwrap_or_default(),
            Err(_) => self.replace_torn(key),
        }
    }

    /// The feed of a chat.
    pub(super) fn feed(&mut self, key: &Key) -> Option<Feed> {
        let entry = self.table.get(&key.row_key())?.clone();
        if let Some((_, feed)) = self.feeds.get(key).filter(|(known, _)| *known == entry) {
            return feed.clone();
        }
        let Ok(row) = Row::parse(&entry) else { return self.replace_torn(key).feed };
        self.feeds.insert(key.clone(), (entry, row.feed.clone()));
        row.feed
    }

    fn replace_torn(&mut self, key: &Key) -> Row {
        let row_key = key.row_key();
        if let Some(entry) = self.table.get(&row_key).cloned() {
            self.table.put(&format!("x/{row_key}"), Entry { pending: false, ..entry });
        }
        self.table.remove(&row_key);
        self.out.touched.push((key.clone(), false));
        self.out.corrupt.push(row_key);
        self.changed(key);
        let mut row = Row::default();
        if let Key::Chat(chat) = key {
            // What was torn must not make a chat leave the device that never should.
            let scope = self.meta.scopes.get(chat.as_str()).copied().unwrap_or_default();
            row.feed = Some(Feed { scope, followed: true, ..Feed::default() });
            row.hold = scope != ChatScope::Synced;
            self.write(key, &row);
        }
        self.refetch(key);
        row
    }

    /// Lets a feed be read from its beginning. Whatever another tab is doing with the old cursor is
    /// void, or it would move the new one past what is to be fetched.
    fn refetch(&mut self, key: &Key) {
        if planted(Bug::TornRowNotFetchedAgain) {
            return;
        }
        self.meta.generation += 1;
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

    pub(super) fn write(&mut self, key: &Key, row: &Row) {
        row.write(self.table, key);
        if row.quarantine.is_some() && !row.pending.is_empty() {
            self.meta.quarantined.insert(key.row_key());
        } else {
            self.meta.quarantined.remove(&key.row_key());
        }
        self.out.touched.push((key.clone(), row.wants_sending()));
    }

    pub(super) fn changed(&mut self, key: &Key) {
        if !self.out.changed.contains(key) {
            self.out.changed.push(key.clone());
        }
    }

    pub(super) fn outbox(&self) -> BTreeSet<Key> {
        [Key::CONFIG_ROWS, Key::CHAT_ROWS, Key::MESSAGE_ROWS]
            .iter()
            .flat_map(|prefix| self.table.range(prefix))
            .filter(|(_, entry)| entry.pending)
            .filter_map(|(key, _)| Key::from_row_key(key).ok())
            .collect()
    }

    pub(super) fn keys(&self, prefix: &str) -> Vec<Key> {
        self.table.range(prefix).filter_map(|(key, _)| Key::from_row_key(key).ok()).collect()
    }

    pub(super) fn follow(&mut self, chat: &Id) {
        let key = Key::Chat(chat.clone());
        let mut row = self.read(&key);
        let feed = row.feed.get_or_insert_default();
        if !feed.followed {
            feed.followed = true;
            if planted(Bug::OpenedChatStartsNow) {
                feed.cursor = Position { seq: feed.server_seq, name: None };
            }
            self.write(&key, &row);
        }
    }

    pub(super) fn set_scope(&mut self, chat: &Id, scope: ChatScope) {
        let key = Key::Chat(chat.clone());
        if scope == ChatScope::Synced {
            self.meta.scopes.remove(chat.as_str());
        } else {
            self.meta.scopes.insert(chat.to_string(), scope);
        }
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

    pub(super) fn forget_server(&mut self) {
        self.meta.head = None;
        if !planted(Bug::ResetKeepsCursors) {
            self.meta.config = Position::default();
            self.meta.chats = Position::default();
        }
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

    /// The settings or chat whose document had the greatest number, and which.
    fn newest_document(&mut self) -> Option<(Key, u64)> {
        let keys = [Key::CONFIG_ROWS, Key::CHAT_ROWS].into_iter().flat_map(|prefix| self.keys(prefix));
        let numbers = keys.collect::<Vec<_>>().into_iter().map(|key| (self.read(&key).base_seq, key));
        let (seq, key) = numbers.max().filter(|(seq, _)| *seq > 0)?;
        Some((key, seq))
    }

    pub(super) fn plan(&mut self, reading: Option<&KnownHead>, witnessed: bool) -> Finding {
        let is_beyond_the_log = |reading: &KnownHead, known: &KnownHead| {
            reading.head.seq > known.head.seq && reading.head.commit_at(known.head.seq).is_none()
        };
        if let (Some(reading), Some(known), false) = (reading, &self.meta.head, witnessed)
            && is_beyond_the_log(reading, known)
            && !planted(Bug::AbsenceIsTrusted)
            && let Some((key, seq)) = self.newest_document()
        {
            return Finding::Unwitnessed(key, seq);
        }
        if let Some(reading) = reading {
            match &self.meta.head {
                // another tab learned of a newer one while ours was on its way
                Some(known) if known.head.seq > reading.head.seq => {}
                // only what that tab knows shows that the server was restored: compare again with that
                Some(known)
                    if mismatch(Some(known), None, Some((&reading.head, &reading.update_time))).is_some() =>
                {
                    return Finding::Stale;
                }
                Some(_) | None => self.meta.head = Some(reading.clone()),
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
            let feed = self.feed(&key);
            if let (Key::Chat(chat), Some(feed)) = (key, feed)
                && feed.scope == ChatScope::Synced
            {
                if feed.is_behind() {
                    behind.push((chat, feed));
                } else if feed.followed && plan.count.as_ref().is_none_or(|(_, on)| feed.counted_on < *on) {
                    plan.count = Some((chat, feed.counted_on));
                }
            }
        }
        behind.sort_by_key(|(_, feed)| std::cmp::Reverse(feed.active_ms));
        for (chat, feed) in behind {
            let sends = || outbox.iter().any(|key| matches!(key, Key::Message(of, _) if *of == chat));
            let standing = planted(Bug::StandingHeadIsDone) && reading.is_some() && !plan.chats;
            if standing {
                continue;
            }
            if feed.followed || feed.doomed_upto > 0 || (sends() && !planted(Bug::PendingIsNotFollowed)) {
                plan.messages.push((chat, feed.cursor));
            } else if plan.backfill.is_none() {
                plan.backfill = Some((chat, feed.cursor));
            }
        }
        self.out.pending = Some(outbox);
        Finding::Plan(plan)
    }

    /// Says whether the document was another than the one we knew.
    pub(super) fn merge_document(&mut self, document: &Document, clock: &Clock, now: Now) -> bool {
        self.meta.see(document.seq, &document.commit);
        let mut row = self.read(&document.key);
        if clock.is_anchored() {
            // else an edit by a clock that is years behind would lose to whatever is there
            row.harden(clock, now);
        }
        let before = (row.base.clone(), row.feed.as_ref().map(|f| f.active_ms));
        if let Key::Chat(_) = document.key {
            row.feed.get_or_insert_default();
        }
        for older in losers(&row, document, clock.time_ms(now)) {
            keep_older(self.table, &document.key, older);
        }
        let mut changed = row.merge(document);
        let doomed = doom(&row);
        self.heed_mark(&mut row);
        if let Key::Message(chat, _) = &document.key {
            let chat_key = Key::Chat(chat.clone());
            let mut chat_row = self.read(&chat_key);
            if clock.is_anchored() && doom(&chat_row).is_some() && chat_row.harden(clock, now) {
                self.write(&chat_key, &chat_row);
            }
            if let (Some((upto, stamp)), Some(seen)) = (doom(&chat_row), &document.record)
                && document.seq <= upto
            {
                changed |= row.bury(seen, stamp);
            }
            let feed = chat_row.feed.get_or_insert_default();
            row.hold = feed.scope != ChatScope::Synced;
            let dead = chat_row.record.is_deleted() && chat_row.record.newest() > row.record.newest();
            if planted(Bug::OlderThanTombstoneIsDead) && dead {
                row.record.fields.values_mut().for_each(|register| register.value = Value::Null);
            }
            let active = activity_ms(&document.key, &row.record, 0).max(feed.active_ms);
            if active > feed.active_ms {
                feed.active_ms = active;
                self.write(&chat_key, &chat_row);
                self.changed(&chat_key);
            }
        }
        self.write(&document.key, &row);
        if let Key::Chat(chat) = &document.key
            && doom(&row) != doomed
        {
            self.bury_all(chat, &row, clock, now);
        }
        if changed || before.1 != row.feed.as_ref().map(|f| f.active_ms) {
            self.changed(&document.key);
        }
        before.0 != row.base
    }

    /// The record is not on the server. Says whether we thought it was.
    pub(super) fn merge_missing(&mut self, key: &Key) -> bool {
        let mut row = self.read(key);
        if row.base.is_none() {
            return false;
        }
        row.forget_document();
        self.write(key, &row);
        true
    }

    /// Moves a cursor forward, never back.
    pub(super) fn advance(&mut self, feed: &FeedId, position: &Position) {
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

    pub(super) fn acknowledge(
        &mut self,
        batch: &Batch,
        head_time: &str,
        write_times: &[String],
        bump_times: &[String],
    ) -> Finding {
        let bumped: Vec<Key> = batch.commit.bumps.iter().map(|bump| Key::Chat(bump.chat.clone())).collect();
        for key in batch.rows.iter().map(|sent| &sent.key).chain(&bumped) {
            self.read(key);
        }
        if !self.out.corrupt.is_empty() {
            // the cursor must not move past a row that has to be fetched again
            return Finding::Stale;
        }
        let head = &batch.commit.head;
        let known = self.meta.head.as_ref().map(|k| &k.head);
        let follows = known.map_or(0, |k| k.seq) == batch.parent || known.is_none();
        let in_log = known.and_then(|k| k.commit_at(head.seq)) == Some(head.commit.as_str());
        if !follows && !in_log && !planted(Bug::AckOutOfLine) {
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
        for (Sent { key, revision, .. }, time) in batch.rows.iter().zip(write_times) {
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
        for ((bump, key), time) in batch.commit.bumps.iter().zip(bumped).zip(bump_times) {
            let mut row = self.read(&key);
            let feed = row.feed.get_or_insert_default();
            feed.server_seq = feed.server_seq.max(head.seq);
            if advances && batch.fresh.contains(&bump.chat) {
                feed.cursor = later(&feed.cursor, &end);
            }
            // Only then do we know that nobody changed the chat's record under this new updateTime.
            let known = (advances || planted(Bug::BumpIsAlwaysBase)) && !planted(Bug::BumpIsNeverBase);
            if known && head.seq > row.base_seq {
                row.base = Some(time.clone());
                row.base_seq = head.seq;
            }
            self.write(&key, &row);
        }
        Finding::Acknowledged { advanced: advances }
    }

    /// Sets a record aside, unless it is not any more what was refused.
    pub(super) fn quarantine(&mut self, key: &Key, revision: Option<u64>, reason: &str, now: Now) {
        let mut row = self.read(key);
        if revision.is_none_or(|revision| row.revision == revision) {
            row.quarantine = Some(Quarantine { reason: reason.to_owned(), at_ms: now.wall_ms });
            self.write(key, &row);
            self.changed(key);
        }
    }

    pub(super) fn release(&mut self, keys: &[Key]) {
        for key in keys {
            let mut row = self.read(key);
            if row.quarantine.take().is_some() {
                self.write(key, &row);
                self.changed(key);
            }
        }
    }
}

/// The later of two positions; at the same number, one without a name covers all of it.
fn later(a: &Position, b: &Position) -> Position {
    let rank = |p: &Position| (p.seq, p.name.is_none(), p.name.clone());
    if rank(a) >= rank(b) { a.clone() } else { b.clone() }
}
