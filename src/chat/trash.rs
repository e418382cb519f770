//! What was deleted and can be brought back: the records as they were, kept on this device.
//!
//! What another device deleted is kept as well, as it was here.
//!
//! Promises: nothing of it is part of sync; bringing back writes every field again with a new stamp
//! (see [`super::edits::undelete`]), so it also undoes the deletion on the other devices; what cannot
//! be read is no entry and harms no other.

mod elsewhere;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use elsewhere::{at_stake, keep_taken};

use super::summary::{RECOVERED, UNTITLED, title_from_first_exchange};
use crate::sync::{Id, Key, Record};

/// How long something deleted can be brought back.
pub const KEPT_DAYS: u64 = 30;

const DAY_MS: u64 = 86_400_000;

/// What one deletion took away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deletion {
    /// When, Unix milliseconds.
    pub at_ms: u64,
    /// Another device deleted it.
    #[serde(default)]
    elsewhere: bool,
    /// Row key → the record as it was.
    records: BTreeMap<String, Record>,
}

/// A deletion as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedItem {
    /// Name of the deletion.
    pub id: String,
    /// The chat it is, or that it belongs to.
    pub chat: Id,
    /// Title of the chat, or the beginning of the message.
    pub title: String,
    /// Whether a whole chat was deleted.
    pub is_chat: bool,
    /// How many messages come back.
    pub messages: u32,
    /// When it was deleted, Unix milliseconds.
    pub at_ms: u64,
    /// Another device deleted it; then that is when this one heard of it.
    pub elsewhere: bool,
    /// Days until it is gone for good, at least 1.
    pub days_left: u32,
}

impl Deletion {
    /// Records that are about to be deleted. `None` where there is nothing to keep.
    #[must_use]
    pub fn new(at_ms: u64, saved: &[(Key, Record)]) -> Option<Self> {
        let alive = saved.iter().filter(|(_, record)| !record.is_deleted() && !record.fields.is_empty());
        let mut records = BTreeMap::new();
        records.extend(alive.map(|(key, record)| (key.row_key(), record.clone())));
        (!records.is_empty()).then_some(Self { at_ms, elsewhere: false, records })
    }

    /// From its stored form; `None` where it cannot be read.
    #[must_use]
    pub fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// Its stored form.
    #[must_use]
    pub fn to_json(&self) -> String {
        // maps with text keys only: cannot fail
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The records with their keys.
    pub fn records(&self) -> impl Iterator<Item = (Key, &Record)> {
        self.records.iter().filter_map(|(key, record)| Some((Key::from_row_key(key).ok()?, record)))
    }

    /// Whether its time is over. A deletion from the future (a clock that was wrong) is kept.
    #[must_use]
    pub fn is_over(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.at_ms) >= KEPT_DAYS * DAY_MS
    }

    /// The line of the list; `None` where no record has a name this build knows.
    #[must_use]
    pub fn item(&self, id: &str, now_ms: u64) -> Option<DeletedItem> {
        let records: Vec<(Key, &Record)> = self.records().collect();
        let chat = records.iter().find_map(|(key, _)| key.chat().cloned())?;
        let chat_record = records.iter().find(|(key, _)| matches!(key, Key::Chat(_))).map(|(_, r)| *r);
        let mut messages: Vec<&Record> =
            records.iter().filter(|(key, _)| matches!(key, Key::Message(..))).map(|(_, r)| *r).collect();
        messages.sort_by_key(|record| record.get("at").and_then(crate::sync::Value::as_u64));
        let first_words = || title_from_first_exchange(messages.iter().find_map(|r| r.text("body"))?);
        let given = chat_record.and_then(|r| r.text("title")).map(str::trim).filter(|t| !t.is_empty());
        let is_chat = chat_record.is_some() || messages.len() > 1;
        let stand_in = if chat_record.is_some() { UNTITLED } else { RECOVERED };
        let days_gone = now_ms.saturating_sub(self.at_ms) / DAY_MS;
        Some(DeletedItem {
            id: id.to_owned(),
            chat,
            title: given.map(ToOwned::to_owned).or_else(first_words).unwrap_or_else(|| stand_in.to_owned()),
            is_chat,
            messages: u32::try_from(messages.len()).unwrap_or(u32::MAX),
            at_ms: self.at_ms,
            elsewhere: self.elsewhere,
            days_left: u32::try_from(KEPT_DAYS.saturating_sub(days_gone).max(1)).unwrap_or(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{Register, Stamp, Value};

    const NOW_MS: u64 = 1_700_000_000_000;

    fn record(fields: &[(&str, Value)]) -> Record {
        let fields = fields.iter().map(|(name, value)| {
            let register = Register { value: value.clone(), stamp: Stamp::new(1, 0, 1) };
            ((*name).to_owned(), register)
        });
        Record { fields: fields.collect(), ..Record::default() }
    }

    fn id(text: &str) -> Id {
        text.parse().expect("an id")
    }

    fn message(name: &str, body: &str, at: u64) -> (Key, Record) {
        (Key::Message(id("chat"), id(name)), record(&[("body", body.into()), ("at", at.into())]))
    }

    #[test]
    fn a_deleted_chat_is_listed_by_its_title_and_comes_back_whole() {
        let chat = (Key::Chat(id("chat")), record(&[("title", "Plans".into())]));
        let saved = [chat, message("mess1", "Second", 2), message("mess2", "First words", 1)];
        let kept = Deletion::new(NOW_MS, &saved).expect("something to keep");
        let kept = Deletion::parse(&kept.to_json()).expect("readable");
        let item = kept.item("x", NOW_MS + 1).expect("an item");
        assert_eq!(
            (item.title.as_str(), item.is_chat, item.messages, item.days_left),
            ("Plans", true, 2, 30)
        );
        let back: Vec<(Key, Record)> = kept.records().map(|(key, r)| (key, r.clone())).collect();
        assert_eq!(back.len(), 3);
        assert!(saved.iter().all(|pair| back.contains(pair)));
    }

    #[test]
    fn what_has_no_title_is_named_by_its_first_words() {
        let one = Deletion::new(NOW_MS, &[message("mess1", "A single message", 1)]).expect("kept");
        let item = one.item("x", NOW_MS).expect("an item");
        assert_eq!((item.title.as_str(), item.is_chat), ("A single message", false));
        let chat = (Key::Chat(id("chat")), record(&[("at", 1.into())]));
        let saved = [chat, message("mess1", "Later", 2), message("mess2", "First words", 1)];
        let item = Deletion::new(NOW_MS, &saved).and_then(|kept| kept.item("x", NOW_MS));
        assert_eq!(item.map(|item| item.title).as_deref(), Some("First words"));
    }

    #[test]
    fn it_is_kept_for_thirty_days_whatever_the_clock_says() {
        let kept = Deletion::new(NOW_MS, &[message("mess1", "Text", 1)]).expect("kept");
        let days_left = |later: u64| kept.item("x", NOW_MS + later).map(|item| item.days_left);
        assert!(!kept.is_over(NOW_MS + 30 * DAY_MS - 1) && kept.is_over(NOW_MS + 30 * DAY_MS));
        assert!(!kept.is_over(NOW_MS - DAY_MS), "the clock was set back");
        assert_eq!(days_left(0), Some(30));
        assert_eq!(days_left(29 * DAY_MS + 5), Some(1));
    }

    #[test]
    fn there_is_no_entry_for_nothing_and_none_for_what_cannot_be_read() {
        let gone = record(&[("del", true.into())]);
        assert_eq!(Deletion::new(NOW_MS, &[(Key::Chat(id("chat")), gone)]), None);
        assert_eq!(Deletion::new(NOW_MS, &[]), None);
        assert_eq!(Deletion::parse("{}"), None);
        let strange = Deletion::parse(r#"{"at_ms":1,"records":{"q/1":{"v":1,"f":{}}}}"#);
        assert_eq!(strange.and_then(|kept| kept.item("x", 2)), None);
    }
}
