//! A record as this device holds it: its content, what the server has of it, and in which fields
//! it is ahead.
//!
//! There is no queue of changes. The outbox is the set of pending fields, kept in the row and
//! written in the same transaction as the change itself, so the two can never disagree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::planted::{Bug, planted};
use super::record::DELETED;
use super::{Clock, Document, Entry, Key, Now, Position, Record, Register, SCHEMA, Stamp, Table, Value};

/// Whether a chat takes part in sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Follows the user to every device.
    #[default]
    Synced,
    /// Never leaves this device.
    LocalOnly,
    /// Keeps what the server has, and sends and fetches nothing until resumed.
    Paused,
}

/// What a chat's row knows about the list of its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// The chat's sequence number as last seen on the server.
    pub server_seq: u64,
    /// How far its messages were fetched.
    pub cursor: Position,
    /// Whether its messages are fetched whenever there are new ones.
    pub followed: bool,
    /// The day (since 1970) on which its messages were last counted against the server's.
    #[serde(default)]
    pub counted_on: u64,
    /// Messages with a number up to this one are to be deleted when they are met, because the chat
    /// was; 0 where there are none.
    #[serde(default)]
    pub doomed_upto: u64,
    /// Last activity, Unix milliseconds.
    pub active_ms: u64,
    /// Whether it takes part in sync.
    #[serde(default)]
    pub scope: Scope,
}

impl Feed {
    /// Whether the server has messages this device has not fetched.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.cursor.seq < self.server_seq || self.cursor.name.is_some()
    }
}

/// Why a field waits to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The stamp it overwrote, which may already be on the server: ours must stay above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Stamp>,
    /// Set while the stamp was made by a clock no server has checked: the skew used, in ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft: Option<i64>,
}

/// Why a record is kept here and not sent: the server refuses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// What the server, or our own check, said.
    pub reason: String,
    /// When, Unix milliseconds.
    pub at_ms: u64,
}

/// A record on this device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The user's truth.
    pub record: Record,
    /// `updateTime` of the server's document; `None` = as far as we know there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Sequence number of that document.
    #[serde(default)]
    pub base_seq: u64,
    /// The outbox: fields in which this row is ahead of the server.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<String, Pending>,
    /// Raised by every change; an acknowledgement of an older revision does not clear the outbox.
    #[serde(default)]
    pub revision: u64,
    /// Set while the server refuses this record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Quarantine>,
    /// Not sent: its chat is local-only or paused.
    #[serde(default)]
    pub hold: bool,
    /// Chats only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<Feed>,
}

/// A stored row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorruptRow;

impl Row {
    /// Reads a row; `Ok(None)` where there is none.
    ///
    /// # Errors
    /// The checksum or the content is wrong.
    pub fn read(table: &Table, key: &Key) -> Result<Option<Self>, CorruptRow> {
        table.get(&key.row_key()).map(Self::parse).transpose()
    }

    /// Reads a row from its stored form.
    ///
    /// # Errors
    /// The checksum or the content is wrong.
    pub fn parse(entry: &Entry) -> Result<Self, CorruptRow> {
        let json = entry.open().map_err(|_| CorruptRow)?;
        serde_json::from_str(json).map_err(|_| CorruptRow)
    }

    /// Writes the row.
    pub fn write(&self, table: &mut Table, key: &Key) {
        // Only maps with text keys: there is nothing in a row that JSON cannot hold.
        if let Ok(json) = serde_json::to_string(self) {
            table.put(&key.row_key(), Entry::seal(&json, self.wants_sending()));
        }
    }

    /// Whether the row is in the outbox.
    #[must_use]
    pub fn wants_sending(&self) -> bool {
        !self.pending.is_empty() && self.quarantine.is_none() && (!self.hold || planted(Bug::HoldForgotten))
    }

    /// Whether a newer build made it, so that this one must not write it.
    pub(crate) fn is_newer(&self) -> bool {
        self.record.v > SCHEMA && !planted(Bug::NewerRecordIsWritten)
    }

    /// Sets fields as the user wished, with one stamp above all that they overwrite. A tombstone
    /// clears every other field at the same stamp. Says `false`, changing nothing, for a record of
    /// a newer schema, which this build must not write.
    pub fn write_locally(&mut self, fields: &BTreeMap<String, Value>, clock: &mut Clock, now: Now) -> bool {
        if self.is_newer() {
            return false;
        }
        if clock.is_anchored() {
            self.harden(clock, now);
        }
        let mut fields = fields.clone();
        if fields.get(DELETED) == Some(&Value::Bool(true)) {
            for name in self.record.fields.keys() {
                fields.entry(name.clone()).or_insert(Value::Null);
            }
        }
        let seen = fields.keys().filter_map(|f| self.record.fields.get(f)).map(|r| r.stamp).max();
        let stamp = clock.tick(seen, now);
        let soft = (!clock.is_anchored()).then(|| clock.skew_ms());
        for (name, value) in fields {
            let overwritten = self.record.fields.get(&name).map(|r| r.stamp);
            // A soft stamp was never sent, so what it stood on is still what the server may have.
            let floor = match self.pending.get(&name) {
                Some(old) if old.soft.is_some() => old.floor,
                Some(_) | None => overwritten,
            };
            self.pending.insert(name.clone(), Pending { floor, soft });
            self.record.fields.insert(name, Register { value, stamp });
        }
        self.revision += 1;
        // what was refused was the record as it was
        self.quarantine = None;
        true
    }

    /// Deletes what the server had (`seen`) of a message when its chat was deleted at `mark`. Whoever
    /// does it gets the same stamps, so that they agree without asking; what was written here since
    /// then has a later stamp and stays. Says whether anything changed.
    pub(crate) fn bury(&mut self, seen: &Record, mark: Stamp) -> bool {
        let Some(newest) = seen.newest().filter(|_| !seen.is_deleted() && self.record.v <= SCHEMA) else {
            return false;
        };
        let stamp = if mark > newest { mark } else { Stamp::from_time(newest.time() + 1, mark.node()) };
        let mut grave = BTreeMap::new();
        grave.extend(seen.fields.keys().map(|name| (name.as_str(), Value::Null)));
        grave.insert(DELETED, true.into());
        let mut changed = false;
        for (name, value) in grave {
            let register = Register { value, stamp };
            let ours = self.record.fields.get(name);
            if ours.is_some_and(|ours| !register.beats(ours)) {
                continue;
            }
            let known = self.pending.get(name).and_then(|pending| pending.floor);
            let floor = known.max(ours.map(|ours| ours.stamp));
            self.pending.insert(name.to_owned(), Pending { floor, soft: None });
            self.record.fields.insert(name.to_owned(), register);
            changed = true;
        }
        if changed {
            self.revision += 1;
            self.quarantine = None;
        }
        changed
    }

    /// Moves stamps that were made by an unchecked clock to what the server's time says. Says
    /// whether anything changed.
    pub fn harden(&mut self, clock: &Clock, now: Now) -> bool {
        let mut changed = false;
        for (name, pending) in &mut self.pending {
            let Some(soft) = pending.soft.take() else { continue };
            changed = true;
            if let Some(register) = self.record.fields.get_mut(name)
                && let Some(stamp) = clock.harden(register.stamp, soft, pending.floor, now)
                && !planted(Bug::SoftStampsAreSent)
            {
                register.stamp = stamp;
            }
        }
        if changed {
            self.revision += 1;
        }
        changed
    }

    /// Takes in the server's document: joins the content, and what then differs from the document
    /// is the new outbox. Says whether the content changed.
    pub fn merge(&mut self, document: &Document) -> bool {
        let empty = Record::default();
        let theirs = document.record.as_ref().unwrap_or(&empty);
        if planted(Bug::ServerOverwrites) && document.record.is_some() {
            self.record = theirs.clone();
        }
        let changed = self.record.join(theirs);
        if document.seq >= self.base_seq || planted(Bug::OlderDocumentIsNews) {
            self.base = Some(document.update_time.clone());
            self.base_seq = document.seq;
            self.pending = self.ahead_of(theirs);
            if planted(Bug::NewerDocumentEndsOutbox) {
                self.pending.clear();
            }
        }
        if let Some(feed) = &mut self.feed {
            feed.server_seq = feed.server_seq.max(document.seq);
            feed.active_ms = feed.active_ms.max(document.active_ms.unwrap_or(0));
        }
        if changed {
            self.revision += 1;
            self.quarantine = None;
        }
        changed
    }

    /// Takes in a row of the same record that was kept elsewhere: joins the content and lets all that
    /// came from it wait to be sent, unless the server turns out to have it.
    pub(crate) fn adopt(&mut self, other: &Self) {
        for (name, theirs) in &other.record.fields {
            let ours = self.record.fields.get(name);
            if ours.is_none_or(|ours| theirs.beats(ours)) {
                let floor = ours.map(|ours| ours.stamp);
                let soft = other.pending.get(name).and_then(|pending| pending.soft);
                self.pending.insert(name.clone(), Pending { floor, soft });
            }
        }
        self.record.join(&other.record);
        self.revision += 1;
        self.quarantine = None;
    }

    /// Whether a document, though newer than the one we know, lacks what the server had: then it
    /// was restored from a backup.
    pub(crate) fn is_missing_from(&self, document: &Document) -> bool {
        let theirs = |name: &String| document.record.as_ref().and_then(|record| record.fields.get(name));
        !planted(Bug::LackIgnored)
            && self.base.is_some()
            && document.seq > self.base_seq
            && self.record.fields.iter().any(|(name, ours)| {
                !self.pending.contains_key(name) && theirs(name).is_none_or(|theirs| ours.beats(theirs))
            })
    }

    /// The server has no such document: all of it is to be sent.
    pub(crate) fn forget_document(&mut self) {
        self.base = None;
        self.base_seq = 0;
        self.pending = self.ahead_of(&Record::default());
    }

    fn ahead_of(&self, theirs: &Record) -> BTreeMap<String, Pending> {
        let ahead = |name: &String| self.record.fields.get(name) != theirs.fields.get(name);
        let mut all = BTreeMap::new();
        for name in self.record.fields.keys().filter(|name| ahead(name)) {
            let old = self.pending.get(name).cloned().unwrap_or_default();
            let floor = old.floor.max(theirs.fields.get(name).map(|r| r.stamp));
            all.insert(name.clone(), Pending { floor, soft: old.soft });
        }
        all
    }

    /// The server has the record as it was at `revision`; only if nothing changed since is the
    /// outbox empty.
    pub fn acknowledge(&mut self, revision: u64, update_time: &str, seq: u64) {
        if seq < self.base_seq {
            return;
        }
        self.base = Some(update_time.to_owned());
        self.base_seq = seq;
        if self.revision == revision || planted(Bug::AckIgnoresRevision) {
            self.pending.clear();
        }
    }

    /// The server's history is gone or another: nothing is known of it, and everything here is to
    /// be sent unless the new server turns out to have it.
    pub fn forget_server(&mut self) {
        if !planted(Bug::ResetKeepsBases) {
            self.base = None;
            self.base_seq = 0;
        }
        for name in self.record.fields.keys().filter(|_| !planted(Bug::ResetSendsNothing)) {
            self.pending.entry(name.clone()).or_default();
        }
        self.quarantine = None;
        if let Some(feed) = self.feed.as_mut().filter(|_| !planted(Bug::ResetKeepsCursors)) {
            feed.server_seq = 0;
            feed.doomed_upto = 0;
            feed.cursor = Position::default();
            // what is there now was not counted
            feed.counted_on = 0;
        }
        self.revision += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(ms: u64) -> Now {
        Now { wall_ms: ms, instant_ms: ms }
    }

    fn fields(name: &str, value: &str) -> BTreeMap<String, Value> {
        BTreeMap::from([(name.to_owned(), Value::from(value))])
    }

    fn document(record: &Record, seq: u64) -> Document {
        Document {
            key: Key::Profile,
            update_time: format!("t{seq}"),
            seq,
            commit: "aaaaaa".to_owned(),
            device: None,
            active_ms: None,
            record: Some(record.clone()),
        }
    }

    #[test]
    fn a_change_is_pending_until_the_server_has_that_very_revision() {
        let mut clock = Clock::new(1, 0);
        let mut row = Row::default();
        row.write_locally(&fields("name", "a"), &mut clock, now(1_000));
        let sent = row.revision;
        row.write_locally(&fields("name", "b"), &mut clock, now(2_000));
        row.acknowledge(sent, "t1", 1);
        assert!(row.wants_sending(), "the edit made in flight still waits");
        row.acknowledge(row.revision, "t2", 2);
        assert!(!row.wants_sending());
        assert_eq!(row.base.as_deref(), Some("t2"));
    }

    #[test]
    fn merging_clears_what_is_equal_and_keeps_what_is_ahead() {
        let mut clock = Clock::new(1, 0);
        let mut row = Row::default();
        row.write_locally(&fields("name", "a"), &mut clock, now(1_000));
        let on_server = row.record.clone();
        row.write_locally(&fields("bio", "b"), &mut clock, now(1_001));
        row.merge(&document(&on_server, 3));
        assert_eq!(row.pending.keys().collect::<Vec<_>>(), ["bio"]);
        assert_eq!(row.base_seq, 3);
        // an older document, answered late, changes neither base nor outbox
        row.merge(&document(&Record::default(), 2));
        assert_eq!((row.base_seq, row.pending.len()), (3, 1));
    }

    #[test]
    fn a_tombstone_clears_every_field_and_survives_an_older_edit() {
        let mut clock = Clock::new(1, 0);
        let mut row = Row::default();
        row.write_locally(&fields("body", "secret"), &mut clock, now(1_000));
        let before = row.record.clone();
        let delete = BTreeMap::from([(DELETED.to_owned(), Value::Bool(true))]);
        row.write_locally(&delete, &mut clock, now(2_000));
        assert!(row.record.is_deleted());
        assert_eq!(row.record.get("body"), None);
        row.merge(&document(&before, 1));
        assert!(row.record.is_deleted() && row.record.get("body").is_none());
    }

    #[test]
    fn a_record_of_a_newer_schema_is_never_written() {
        let mut clock = Clock::new(1, 0);
        let mut row = Row::default();
        row.record.v = SCHEMA + 1;
        assert!(!row.write_locally(&fields("name", "a"), &mut clock, now(1)));
        assert_eq!(row.revision, 0);
    }

    #[test]
    fn edits_made_offline_by_a_wrong_clock_are_restamped_in_order() {
        let mut clock = Clock::new(1, 0);
        let year = 365 * 24 * 3_600_000;
        let mut row = Row::default();
        row.write_locally(&fields("name", "a"), &mut clock, now(10 * year));
        row.write_locally(&fields("name", "b"), &mut clock, now(10 * year + 5));
        clock.anchor(9 * year, now(10 * year + 100), now(10 * year + 100));
        assert!(row.harden(&clock, now(10 * year + 100)));
        let stamp = row.record.fields["name"].stamp;
        assert_eq!(stamp.ms(), 9 * year - 95);
        assert!(!row.harden(&clock, now(10 * year + 100)), "only once");
    }

    #[test]
    fn a_row_survives_storage_and_a_torn_one_is_noticed() {
        let mut clock = Clock::new(1, 0);
        let mut row = Row { feed: Some(Feed::default()), ..Row::default() };
        row.write_locally(&fields("title", "x"), &mut clock, now(1));
        let mut table = Table::default();
        row.write(&mut table, &Key::Profile);
        assert_eq!(Row::read(&table, &Key::Profile), Ok(Some(row)));
        let mut entry = table.get("a/profile").cloned().expect("just written");
        entry.value = format!("{}x", entry.value).into();
        table.put("a/profile", entry);
        assert_eq!(Row::read(&table, &Key::Profile), Err(CorruptRow));
    }
}
