//! What other devices deleted, put into this device's trash by the transaction that takes it away.

use std::collections::BTreeMap;

use super::Deletion;
use crate::sync::{Entry, Key, Record, Row, Table};

/// The records of a table that something could take away: what is there and not deleted.
#[must_use]
pub fn at_stake(table: &Table) -> Vec<(Key, Record)> {
    let rows = [Key::CHAT_ROWS, Key::MESSAGE_ROWS].into_iter().flat_map(|prefix| table.range(prefix));
    rows.filter_map(|(key, entry)| Some((Key::from_row_key(key).ok()?, Row::parse(entry).ok()?.record)))
        .filter(|(_, record)| !record.is_deleted() && !record.fields.is_empty())
        .collect()
}

/// Keeps those of them that are deleted now: all of a chat that is gone in one place, a message of a chat that
/// is not in a place of its own. `row` names the place. Says whether there were any.
pub fn keep_taken(
    at_stake: Vec<(Key, Record)>,
    table: &mut Table,
    now_ms: u64,
    row: impl Fn(&Key) -> String,
) -> bool {
    let is_gone = |key: &Key| matches!(Row::read(table, key), Ok(Some(row)) if row.record.is_deleted());
    let mut taken: BTreeMap<String, Vec<(Key, Record)>> = BTreeMap::new();
    for (key, record) in at_stake.into_iter().filter(|(key, _)| is_gone(key)) {
        let chat = key.chat().map(|chat| Key::Chat(chat.clone())).filter(is_gone);
        taken.entry(row(chat.as_ref().unwrap_or(&key))).or_default().push((key, record));
    }
    let any = !taken.is_empty();
    for (row, records) in taken {
        let known = table.get(&row).and_then(|entry| Deletion::parse(entry.open().ok()?));
        let mut kept =
            known.unwrap_or_else(|| Deletion { at_ms: now_ms, elsewhere: true, records: BTreeMap::new() });
        kept.records.extend(records.into_iter().map(|(key, record)| (key.row_key(), record)));
        table.put(&row, Entry::local(&kept.to_json()));
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{Id, Register, Stamp, Value};

    fn id(text: &str) -> Id {
        text.parse().expect("an id")
    }

    fn chat() -> Key {
        Key::Chat(id("chat"))
    }

    fn message(name: &str) -> Key {
        Key::Message(id("chat"), id(name))
    }

    fn put(table: &mut Table, key: &Key, field: &str, value: Value) {
        let fields = [(field.to_owned(), Register { value, stamp: Stamp::new(1, 0, 1) })].into();
        Row { record: Record { fields, ..Record::default() }, ..Row::default() }.write(table, key);
    }

    fn delete(table: &mut Table, key: &Key) {
        put(table, key, "del", true.into());
    }

    /// A chat with two messages.
    fn table() -> Table {
        let mut table = Table::default();
        put(&mut table, &chat(), "title", "Plans".into());
        put(&mut table, &message("mess1"), "body", "First".into());
        put(&mut table, &message("mess2"), "body", "Second".into());
        table
    }

    fn keep(table: &mut Table, take: &[Key]) -> bool {
        let stake = at_stake(table);
        take.iter().for_each(|key| delete(table, key));
        keep_taken(stake, table, 5, |key| format!("t/{}", key.row_key()))
    }

    fn kept(table: &Table, key: &Key) -> Option<Deletion> {
        Deletion::parse(table.get(&format!("t/{}", key.row_key()))?.open().ok()?)
    }

    #[test]
    fn a_chat_that_goes_page_by_page_is_one_deletion_with_all_that_was_here() {
        let mut table = table();
        assert!(keep(&mut table, &[chat()]));
        assert!(keep(&mut table, &[message("mess1")]));
        assert!(keep(&mut table, &[message("mess2")]));
        let all = kept(&table, &chat()).expect("it is kept");
        let item = all.item("x", 5).expect("readable");
        assert_eq!(
            (item.title.as_str(), item.messages, item.is_chat, item.elsewhere),
            ("Plans", 2, true, true)
        );
        assert_eq!(table.range("t/").count(), 1);
    }

    #[test]
    fn a_message_of_a_chat_that_stays_is_kept_by_itself() {
        let mut table = table();
        assert!(keep(&mut table, &[message("mess2")]));
        let item = kept(&table, &message("mess2")).and_then(|kept| kept.item("x", 5)).expect("it is kept");
        assert_eq!((item.title.as_str(), item.is_chat), ("Second", false));
        assert_eq!(kept(&table, &chat()), None);
    }

    #[test]
    fn what_stays_or_was_gone_before_is_not_kept() {
        let mut table = table();
        assert!(!keep(&mut table, &[]));
        keep(&mut table, &[message("mess1")]);
        table.remove(&format!("t/{}", message("mess1").row_key()));
        assert!(!keep(&mut table, &[message("mess1")]), "it was deleted already");
    }
}
