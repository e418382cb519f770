//! What must be true, whatever happens: the reference the simulation is judged by.
//!
//! It knows every value that was ever durable anywhere (`expected`) and forgets one only when the
//! last place that held it was destroyed by a fault. Values made by an unchecked clock count from
//! the moment the clock is checked.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use muse_chat::firestore::value::from_firestore;
use muse_chat::sync::{Edit, Entry, Id, Key, Position, Record, Register, Row, SCHEMA};
use serde::Deserialize;
use serde_json::Value;

use super::device::{Change, Device};
use super::server::{Doc, Server};

/// A value as text, which can be put in order.
type Text = String;

fn text(value: &Value) -> Text {
    value.to_string()
}

const TWO_MINUTES_MS: u64 = 120_000;

pub(crate) type Broken = Result<(), String>;

#[derive(Debug, Default)]
pub(crate) struct Oracle {
    pub(crate) expected: BTreeMap<Key, Record>,
    /// Chats that must never leave their device.
    pub(crate) secret: BTreeSet<Id>,
    /// What was said in them, but for what a copy was made of.
    pub(crate) secret_texts: BTreeSet<String>,
    /// What a deletion may have deleted: the records themselves, and with a chat every message that
    /// was on the server up to the number its deleter knew of.
    pub(crate) deletable: BTreeSet<Key>,
    /// Messages that a deleted chat must take with it, although its deleter had not fetched them.
    pub(crate) doomed: BTreeSet<Key>,
    /// Values that a user replaced while looking at them.
    overwritten: BTreeSet<(Key, String, Text)>,
    /// Values that were ever made, and those that were made again.
    made: BTreeSet<(Key, String, Text)>,
    revived: BTreeSet<(Key, String, Text)>,
    /// Who wrote what when, and whether by a clock that the server had checked.
    written: BTreeMap<(Key, String), Vec<Written>>,
}

/// One edit of one field.
#[derive(Debug)]
struct Written {
    at_ms: u64,
    value: Text,
    checked: bool,
}

/// What of a device's meta row is judged.
#[derive(Debug, Default, Deserialize)]
struct Cursors {
    generation: u64,
    config: Position,
    chats: Position,
}

impl Cursors {
    fn read(entry: &Option<Entry>) -> Option<Self> {
        serde_json::from_str(entry.as_ref()?.open().ok()?).ok()
    }
}

impl Oracle {
    /// Judges one transaction of a device.
    pub(crate) fn observe(&mut self, device: &Device, changes: &[Change]) -> Broken {
        let mut same_generation = true;
        for (_, before, after) in changes.iter().filter(|(key, ..)| key == "y/meta") {
            let Some(before) = Cursors::read(before) else { continue };
            let after = Cursors::read(after).unwrap_or_default();
            same_generation = before.generation == after.generation;
            let feeds = [("config", before.config, after.config), ("chats", before.chats, after.chats)];
            let went_back = feeds.iter().find(|(_, before, after)| rank(before) > rank(after));
            if let (true, Some((feed, ..))) = (same_generation, went_back) {
                return Err(format!("I4: the cursor of {feed} went back"));
            }
        }
        for (row_key, before, after) in changes {
            let Ok(key) = Key::from_row_key(row_key) else { continue };
            let before = match before.as_ref().map(|entry| device.read(row_key, entry)) {
                Some(Err(_)) => continue,
                Some(Ok(row)) => row,
                None => Rc::default(),
            };
            let Some(Ok(after)) = after.as_ref().map(|entry| device.read(row_key, entry)) else {
                return Err(format!("I1: the row of {} vanished", key.path()));
            };
            steps_up(&key, &before, &after, same_generation)?;
            let dies = after.record.is_deleted() && !before.record.is_deleted();
            if dies && !self.deletable.contains(&key) {
                return Err(format!("I1: {} was deleted by nobody who knew of it", key.path()));
            }
            self.expect(&key, &after);
        }
        Ok(())
    }

    fn expect(&mut self, key: &Key, row: &Row) {
        if key.chat().is_some_and(|chat| self.secret.contains(chat)) {
            return;
        }
        let hard = hard_fields(row);
        if !hard.fields.is_empty() {
            self.expected.entry(key.clone()).or_default().join(&hard);
        }
    }

    /// A user replaces what they see.
    pub(crate) fn overwrites(&mut self, key: &Key, field: &str, old: Option<&Register>, new: &Value) {
        // an undelete brings an old value back, perhaps while another device overwrites that very value
        let value = (key.clone(), field.to_owned(), text(new));
        if !self.made.insert(value.clone()) {
            self.overwritten.remove(&value);
            self.revived.insert(value);
        }
        if let Some(old) = old
            && !old.value.is_null()
        {
            self.overwritten.insert((key.clone(), field.to_owned(), text(&old.value)));
        }
    }

    /// A user edits fields at this time.
    pub(crate) fn edits(&mut self, edit: &Edit, at_ms: u64, checked: bool) {
        for (field, value) in &edit.fields {
            let written = Written { at_ms, value: text(value), checked };
            self.written.entry((edit.key.clone(), field.clone())).or_default().push(written);
        }
    }

    /// Of two edits by checked clocks that are more than two minutes apart the later wins.
    fn later_wins(&self, docs: &BTreeMap<Key, Record>, server: &Server, newer: &BTreeSet<Key>) -> Broken {
        for ((key, field), written) in self.written.iter().filter(|((key, _), _)| !newer.contains(key)) {
            let now = docs.get(key).and_then(|record| record.get(field)).map(text);
            let Some(now) = now.filter(|_| !server.poison.contains_key(&key.path())) else { continue };
            let Some(winner) = written.iter().rev().find(|written| written.value == now) else { continue };
            let later =
                written.iter().find(|other| other.checked && other.at_ms > winner.at_ms + TWO_MINUTES_MS);
            if winner.checked
                && let Some(later) = later
            {
                let path = key.path();
                return Err(format!("I9: {field} of {path} is {winner:?}, and not the later {later:?}"));
            }
        }
        Ok(())
    }

    /// Everything that is durable anywhere; fails if something that should be is not.
    pub(crate) fn take_stock(&self, devices: &[Device], servers: [&Server; 2]) -> Broken {
        let rows = all_rows(devices);
        let held = self.held(&rows, &all_docs(servers));
        for (key, record) in &self.expected {
            let mut wanted = record.clone();
            // overwritten here by a value that has no final stamp yet
            for row in rows.iter().filter_map(|rows| rows.get(key)) {
                wanted
                    .fields
                    .retain(|name, _| row.pending.get(name).is_none_or(|waits| waits.soft.is_none()));
            }
            lacks(held.get(key), &wanted)
                .map_err(|field| format!("I1: {field} of {} is nowhere", key.path()))?;
        }
        Ok(())
    }

    /// After a fault that destroyed something: what is left is what is expected.
    pub(crate) fn start_over(&mut self, devices: &[Device], docs: &[(&str, &Doc)]) {
        self.expected = self.held(&all_rows(devices), docs);
        self.overwritten.clear();
        self.written.clear();
    }

    fn held(&self, rows: &[Rows], docs: &[(&str, &Doc)]) -> BTreeMap<Key, Record> {
        let mut held: BTreeMap<Key, Record> = BTreeMap::new();
        for (path, doc) in docs {
            if let (Ok(key), Some(record)) = (Key::from_path(path), record_of(doc)) {
                held.entry(key).or_default().join(&record);
            }
        }
        for (key, row) in rows.iter().flatten() {
            if !key.chat().is_some_and(|chat| self.secret.contains(chat)) {
                held.entry(key.clone()).or_default().join(&hard_fields(row));
            }
        }
        held.retain(|_, record| !record.fields.is_empty());
        held
    }

    /// Whether all devices and the server agree; the text says what is still different.
    pub(crate) fn agrees(&self, devices: &[Device], server: &Server, space: &str) -> Broken {
        let (docs, nothing) = (server_records(server, space), Record::default());
        for device in devices {
            let rows = device.rows();
            for (key, row) in &rows {
                let name = format!("{} on {}", key.path(), device.name);
                if key.chat().is_some_and(|chat| self.secret.contains(chat))
                    || server.poison.contains_key(&key.path())
                {
                    continue;
                }
                let there = docs.get(key).unwrap_or(&nothing);
                if row.record.v > SCHEMA {
                    // what a newer version wrote is carried; what was written before waits here for it
                    lacks(Some(&row.record), there).map_err(|field| format!("I3: {name} lacks {field}"))?;
                    continue;
                }
                if !row.pending.is_empty() {
                    return Err(format!("I10: {name} still waits {:?}", row.quarantine));
                }
                if there.fields != row.record.fields {
                    return Err(format!("I3: {name} is not what the server has"));
                }
            }
            let absent = docs.iter().find(|(key, record)| {
                !record.fields.is_empty()
                    && !rows.contains_key(key)
                    && !server.poison.contains_key(&key.path())
            });
            if let Some((key, _)) = absent {
                return Err(format!("I3: {} is not on {}", key.path(), device.name));
            }
        }
        Ok(())
    }

    /// Judges the end, when all agree.
    pub(crate) fn judge(&self, devices: &[Device], server: &Server, space: &str) -> Broken {
        let docs = server_records(server, space);
        let rows = all_rows(devices);
        let newer = newer_records(&rows, &docs);
        let held = self.held(&rows, &all_docs([server]));
        for (key, record) in &self.expected {
            if server.poison.contains_key(&key.path()) {
                continue;
            }
            let there = if newer.contains(key) { &held } else { &docs };
            lacks(there.get(key), record)
                .map_err(|field| format!("I1: {field} of {} was lost", key.path()))?;
        }
        for (key, field, value) in self.overwritten.difference(&self.revived) {
            let now = docs.get(key).and_then(|record| record.get(field));
            if now.is_some_and(|now| text(now) == *value) && !server.poison.contains_key(&key.path()) {
                return Err(format!("I8: {field} of {} is {value} again", key.path()));
            }
        }
        self.later_wins(&docs, server, &newer)?;
        let mut bodies = BTreeSet::new();
        for (key, record) in &docs {
            if let Some(body) = record.text("body")
                && !bodies.insert(body.to_owned())
            {
                return Err(format!("I2: {} is there twice", key.path()));
            }
        }
        self.keeps_secrets(server)?;
        for (key, row) in rows.iter().flatten() {
            if server.poison.contains_key(&key.path())
                && !key.chat().is_some_and(|chat| self.secret.contains(chat))
                && !row.pending.is_empty()
                && row.quarantine.is_none()
                // is not sent, so nothing refuses it; that it waits for a newer version is said
                && row.record.v <= SCHEMA
            {
                return Err(format!("I12: {} is refused and nobody says so", key.path()));
            }
        }
        Ok(())
    }

    pub(crate) fn keeps_secrets(&self, server: &Server) -> Broken {
        for (path, _) in all_docs([server]) {
            let key = Key::from_path(path).map_err(|_| format!("what is {path}?"))?;
            if key.chat().is_some_and(|chat| self.secret.contains(chat)) {
                return Err(format!("I5: {path} is on the server"));
            }
        }
        Ok(())
    }

    /// A user deletes a record of a device.
    pub(crate) fn deletes(&mut self, key: &Key, device: &Device, servers: &[&Server]) -> bool {
        self.deletable.insert(key.clone());
        let Key::Chat(chat) = key else { return false };
        let (feed, meta) = (device.feed(chat), device.meta());
        let (Some(space), true) = (meta["space"].as_str(), feed.is_behind() && !meta["head"].is_null())
        else {
            return false;
        };
        let prefix = format!("chats/{chat}/messages/");
        for (nth, server) in servers.iter().enumerate() {
            for (path, doc) in server.records(space).filter(|(path, _)| path.starts_with(&prefix)) {
                let Ok(key) = Key::from_path(path) else { continue };
                if super::server::int(&doc.fields, "seq") > feed.server_seq {
                    continue;
                }
                self.deletable.insert(key.clone());
                if nth == 0 && record_of(doc).is_some_and(|record| !record.is_deleted()) {
                    self.doomed.insert(key);
                }
            }
        }
        true
    }

    /// A user brings a record back.
    pub(crate) fn revives(&mut self, key: &Key) {
        self.doomed.retain(|doomed| match key {
            Key::Chat(chat) => doomed.chat() != Some(chat),
            Key::Settings | Key::Profile | Key::Message(..) => doomed != key,
        });
    }

    /// With a chat go all its messages that were there when it was deleted.
    pub(crate) fn buried(&self, server: &Server, space: &str) -> Broken {
        let docs = server_records(server, space);
        let is_deleted = |key: &Key| docs.get(key).is_some_and(Record::is_deleted);
        // a newer version's message is not ours to bury
        let is_newer = |key: &Key| docs.get(key).is_some_and(|there| there.v > SCHEMA);
        for key in self.doomed.iter().filter(|key| !server.poison.contains_key(&key.path())) {
            let gone = key.chat().is_some_and(|chat| is_deleted(&Key::Chat(chat.clone())));
            if gone && !is_deleted(key) && !is_newer(key) {
                return Err(format!("{} outlived its chat", key.path()));
            }
        }
        Ok(())
    }

    /// Cursors never run ahead of the rows they cover. Only while the server's history is one.
    pub(crate) fn cursors_are_covered(&self, device: &Device, server: &Server, space: &str) -> Broken {
        let meta = device.meta();
        if meta["space"] != space {
            return Ok(());
        }
        let (torn, rows) = (device.torn(), device.rows());
        for (path, doc) in server.records(space) {
            let Ok(key) = Key::from_path(path) else { continue };
            let row = rows.get(&key);
            let feed = |chat: &Id| rows.get(&Key::Chat(chat.clone())).and_then(|row| row.feed.as_ref());
            let cursor = match &key {
                Key::Settings | Key::Profile => meta["config"].clone(),
                Key::Chat(_) => meta["chats"].clone(),
                Key::Message(chat, _) => serde_json::to_value(feed(chat).map(|feed| &feed.cursor)).unwrap(),
            };
            let name = path.rsplit('/').next().unwrap_or_default();
            let seq = super::server::int(&doc.fields, "seq");
            let covered = seq < cursor["seq"].as_u64().unwrap_or(0)
                || (seq == cursor["seq"].as_u64().unwrap_or(0)
                    && cursor["name"].as_str().is_none_or(|last| name <= last));
            let soft = row.is_some_and(|row| row.pending.values().any(|pending| pending.soft.is_some()));
            if covered
                && !soft
                && !torn.contains(&key)
                && let Some(record) = record_of(doc)
            {
                lacks(row.map(|row| &row.record), &record)
                    .map_err(|field| format!("I4: {} is past {field} of {path} ({seq})", device.name))?;
            }
        }
        Ok(())
    }
}

/// The registers whose stamps stay as they are.
fn hard_fields(row: &Row) -> Record {
    let mut record = row.record.clone();
    record.fields.retain(|name, _| row.pending.get(name).is_none_or(|pending| pending.soft.is_none()));
    record
}

/// A row only ever gains.
fn steps_up(key: &Key, before: &Row, after: &Row, same_generation: bool) -> Broken {
    let path = key.path();
    if after.revision < before.revision {
        return Err(format!("the revision of {path} went down"));
    }
    if let (Some(was), Some(is)) = (&before.feed, &after.feed)
        && same_generation
        && rank(&was.cursor) > rank(&is.cursor)
    {
        return Err(format!("I4: the cursor of {path} went back"));
    }
    for (name, old) in &before.record.fields {
        let Some(new) = after.record.fields.get(name) else {
            return Err(format!("I1: {name} of {path} vanished"));
        };
        let waits = before.pending.get(name).filter(|pending| pending.soft.is_some());
        let up = match waits {
            Some(soft) => new.value == old.value || Some(new.stamp) > soft.floor,
            None => !is_behind(new, old),
        };
        if !up {
            return Err(format!("I7: {name} of {path} went from {old:?} to {new:?}"));
        }
    }
    Ok(())
}

fn is_behind(one: &Register, other: &Register) -> bool {
    one.stamp < other.stamp
        || (one.stamp == other.stamp && one.value != other.value && text(&one.value) < text(&other.value))
}

/// The first field in which `held` is behind `wanted`.
fn lacks(held: Option<&Record>, wanted: &Record) -> Result<(), String> {
    let behind = wanted.fields.iter().find(|(name, register)| {
        held.and_then(|record| record.fields.get(*name)).is_none_or(|held| is_behind(held, register))
    });
    behind.map_or(Ok(()), |(name, register)| Err(format!("{name} {register:?}")))
}

fn rank(position: &Position) -> (u64, bool, Option<&str>) {
    (position.seq, position.name.is_none(), position.name.as_deref())
}

/// The rows of a device that can be read.
type Rows = BTreeMap<Key, Rc<Row>>;

fn all_rows(devices: &[Device]) -> Vec<Rows> {
    devices.iter().map(Device::rows).collect()
}

/// The documents of all spaces with their paths below them.
pub(crate) fn all_docs<const N: usize>(servers: [&Server; N]) -> Vec<(&str, &Doc)> {
    let docs = servers.into_iter().flat_map(|server| &server.docs);
    docs.filter_map(|(path, doc)| Some((below(path)?, doc))).collect()
}

/// What a newer version wrote, as far as anybody knows.
fn newer_records(rows: &[Rows], docs: &BTreeMap<Key, Record>) -> BTreeSet<Key> {
    let rows = rows.iter().flatten().map(|(key, row)| (key, row.record.v));
    let docs = docs.iter().map(|(key, record)| (key, record.v));
    rows.chain(docs).filter(|(_, v)| *v > SCHEMA).map(|(key, _)| key.clone()).collect()
}

fn below(path: &str) -> Option<&str> {
    path.splitn(3, '/').nth(2)
}

fn server_records(server: &Server, space: &str) -> BTreeMap<Key, Record> {
    let record = |(path, doc): (&str, &Doc)| Some((Key::from_path(path).ok()?, record_of(doc)?));
    server.records(space).filter_map(record).collect()
}

/// The record in a document; `None` for a stub.
pub(crate) fn record_of(doc: &Doc) -> Option<Record> {
    let map = |name: &str| doc.fields.get(name)?["mapValue"]["fields"].as_object().cloned();
    let (values, stamps) = (map("f")?, map("t")?);
    let v = u32::try_from(super::server::int(&doc.fields, "v")).ok()?;
    let mut record = Record { v, ..Record::default() };
    for (name, value) in values {
        let value = from_firestore(&value).ok()?;
        let stamp = stamps.get(&name)?["stringValue"].as_str()?.parse().ok()?;
        record.fields.insert(name, Register { value, stamp });
    }
    Some(record)
}
