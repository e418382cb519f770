//! Texts that lost to a newer one in a merge, kept for a month so that the user can take them back.
//!
//! Promises: only texts a person writes (titles, system prompts, name, bio), only where two devices
//! wrote without knowing of each other; they stay on this device, ten at most for one record, and
//! are gone after [`OLDER_KEPT_MS`]. Nothing here decides who wins.

use serde::{Deserialize, Serialize};

use super::{Document, Entry, Key, Register, Row, Table};

/// Prefix of the rows that hold them.
pub const OLDER_ROWS: &str = "o/";
/// How long they are kept.
pub const OLDER_KEPT_MS: u64 = 30 * 24 * 3_600_000;
/// At most so many for one record.
const PER_RECORD: usize = 10;

/// A text that lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Older {
    /// The field it was in.
    pub field: String,
    /// What it said.
    pub text: String,
    /// When it lost, Unix milliseconds.
    pub at_ms: u64,
}

impl Older {
    /// Whether it was kept for as long as is promised.
    #[must_use]
    pub fn is_over(&self, now_ms: u64) -> bool {
        self.at_ms.saturating_add(OLDER_KEPT_MS) <= now_ms
    }
}

/// The row that keeps the older texts of a record.
#[must_use]
pub fn older_row(key: &Key) -> String {
    format!("{OLDER_ROWS}{}", key.row_key())
}

/// The fields a person writes texts into.
fn text_fields(key: &Key) -> &'static [&'static str] {
    match key {
        Key::Settings => &["system"],
        Key::Profile => &["name", "bio"],
        Key::Chat(_) => &["title", "system"],
        // what was said is written once and never changed
        Key::Message(..) => &[],
    }
}

/// The older texts of a record that are still kept, newest first.
#[must_use]
pub fn read_older(table: &Table, key: &Key, now_ms: u64) -> Vec<Older> {
    let mut kept = read(table, &older_row(key));
    kept.retain(|older| !older.is_over(now_ms));
    kept
}

fn read(table: &Table, row: &str) -> Vec<Older> {
    table.get(row).and_then(|entry| serde_json::from_str(entry.open().ok()?).ok()).unwrap_or_default()
}

fn write(table: &mut Table, row: &str, kept: &[Older]) {
    if kept.is_empty() {
        table.remove(row);
    } else if let Ok(json) = serde_json::to_string(kept) {
        // texts and numbers: cannot fail
        table.put(row, Entry::local(&json));
    }
}

/// Keeps a text of a record; the same text in the same field is kept once.
pub fn keep_older(table: &mut Table, key: &Key, older: Older) {
    let row = older_row(key);
    let mut kept = read(table, &row);
    kept.retain(|known| {
        (&known.field, &known.text) != (&older.field, &older.text) && !known.is_over(older.at_ms)
    });
    kept.insert(0, older);
    kept.truncate(PER_RECORD);
    write(table, &row, &kept);
}

/// Forgets one text, because it was taken back or thrown away.
pub fn forget_older(table: &mut Table, key: &Key, older: &Older) {
    let row = older_row(key);
    let mut kept = read(table, &row);
    kept.retain(|known| (&known.field, &known.text) != (&older.field, &older.text));
    write(table, &row, &kept);
}

/// Removes everything that was kept long enough, and what cannot be read.
pub fn sweep_older(table: &mut Table, now_ms: u64) {
    let rows: Vec<String> = table.range(OLDER_ROWS).map(|(row, _)| row.to_owned()).collect();
    for row in rows {
        let mut kept = read(table, &row);
        kept.retain(|older| !older.is_over(now_ms));
        write(table, &row, &kept);
    }
}

/// The texts that lose when a document is merged into a row: ours, if it was not sent yet, or
/// theirs, if ours was written without having seen it.
pub(crate) fn losers(row: &Row, document: &Document, now_ms: u64) -> Vec<Older> {
    let Some(theirs) = &document.record else { return Vec::new() };
    let loser = |field: &&str| {
        let pending = row.pending.get(*field)?;
        let (ours, theirs) = (row.record.fields.get(*field)?, theirs.fields.get(*field)?);
        let lost = if theirs.beats(ours) {
            ours
        } else if pending.floor.is_none_or(|seen| theirs.stamp > seen) {
            theirs
        } else {
            return None;
        };
        let is_text = |register: &Register| register.value.as_str().is_some_and(|text| !text.is_empty());
        (ours.value != theirs.value && is_text(ours) && is_text(theirs)).then(|| Older {
            field: (*field).to_owned(),
            text: lost.value.as_str().unwrap_or_default().to_owned(),
            at_ms: now_ms,
        })
    };
    text_fields(&document.key).iter().filter_map(loser).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn older(text: &str, at_ms: u64) -> Older {
        Older { field: "bio".to_owned(), text: text.to_owned(), at_ms }
    }

    #[test]
    fn a_month_later_they_are_gone() {
        let mut table = Table::default();
        keep_older(&mut table, &Key::Profile, older("first", 1_000));
        keep_older(&mut table, &Key::Profile, older("second", 5_000));
        let texts = |table: &Table, now_ms| -> Vec<String> {
            read_older(table, &Key::Profile, now_ms).into_iter().map(|older| older.text).collect()
        };
        assert_eq!(texts(&table, 6_000), ["second", "first"]);
        assert_eq!(texts(&table, 1_000 + OLDER_KEPT_MS), ["second"]);
        sweep_older(&mut table, 1_000 + OLDER_KEPT_MS);
        assert_eq!(texts(&table, 6_000), ["second"]);
        sweep_older(&mut table, 5_000 + OLDER_KEPT_MS);
        assert!(table.get("o/a/profile").is_none());
    }

    #[test]
    fn they_do_not_grow_without_end_and_repeat_nothing() {
        let mut table = Table::default();
        for n in 0..100 {
            keep_older(&mut table, &Key::Profile, older(&format!("text {}", n / 2), n));
        }
        let kept = read_older(&table, &Key::Profile, 100);
        assert_eq!(kept.len(), PER_RECORD);
        assert_eq!(kept.first().map(|older| older.text.as_str()), Some("text 49"));
        forget_older(&mut table, &Key::Profile, &older("text 49", 0));
        assert_eq!(read_older(&table, &Key::Profile, 100).len(), PER_RECORD - 1);
    }
}
