//! The working set of one storage transaction: what was loaded, and what it changes.
//!
//! A transaction loads the rows its [`Scope`] names, applies a pure function to the [`Table`]
//! and stores what changed; it completes or changes nothing. Values are opaque JSON here, sealed
//! with a checksum so that a torn or tampered row is noticed instead of believed.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Which rows a transaction loads before it decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Rows by exact key.
    pub keys: Vec<String>,
    /// All rows whose key starts with one of these.
    pub prefixes: Vec<String>,
    /// Also all rows that are marked pending.
    pub pending: bool,
}

/// One stored row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Sealed JSON, see [`Entry::seal`]. Shared, as a row is loaded far more often than it is changed.
    pub value: Rc<str>,
    /// Whether the row wants to be sent; the store keeps an index of these.
    pub pending: bool,
}

/// The checksum does not match the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupt;

impl Entry {
    /// A row that is not sent, from its JSON.
    #[must_use]
    pub fn local(json: &str) -> Self {
        Self::seal(json, false)
    }

    /// A row from its JSON: 16 hex digits of FNV-1a 64, then the JSON.
    #[must_use]
    pub fn seal(json: &str, pending: bool) -> Self {
        Self { value: format!("{:016x}{json}", fnv1a(json.as_bytes())).into(), pending }
    }

    /// The JSON, if it is what was sealed.
    ///
    /// # Errors
    /// The stored text was torn or changed.
    pub fn open(&self) -> Result<&str, Corrupt> {
        let (sum, json) = self.value.split_at_checked(16).ok_or(Corrupt)?;
        let sum = u64::from_str_radix(sum, 16).map_err(|_| Corrupt)?;
        if sum == fnv1a(json.as_bytes()) { Ok(json) } else { Err(Corrupt) }
    }
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The rows a transaction works on.
#[derive(Clone, Debug, Default)]
pub struct Table {
    entries: BTreeMap<String, Entry>,
    changed: BTreeSet<String>,
}

impl Table {
    /// A table of loaded rows.
    #[must_use]
    pub fn new(entries: BTreeMap<String, Entry>) -> Self {
        Self { entries, changed: BTreeSet::new() }
    }

    /// One row.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// All loaded rows whose key starts with `prefix`, in key order.
    pub fn range<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Entry)> {
        self.entries
            .range(prefix.to_owned()..)
            .take_while(move |(key, _)| key.starts_with(prefix))
            .map(|(key, entry)| (key.as_str(), entry))
    }

    /// Writes a row.
    pub fn put(&mut self, key: &str, entry: Entry) {
        if self.entries.get(key) != Some(&entry) {
            self.entries.insert(key.to_owned(), entry);
            self.changed.insert(key.to_owned());
        }
    }

    /// Removes a row, also one that was not loaded.
    pub fn remove(&mut self, key: &str) {
        self.entries.remove(key);
        self.changed.insert(key.to_owned());
    }

    /// What the transaction must store: rows to write, and keys to remove (`None`).
    pub fn changes(&self) -> impl Iterator<Item = (&str, Option<&Entry>)> {
        self.changed.iter().map(|key| (key.as_str(), self.entries.get(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_row_opens_and_a_touched_one_does_not() {
        let entry = Entry::seal(r#"{"a":"ü"}"#, true);
        assert_eq!(entry.open(), Ok(r#"{"a":"ü"}"#));
        for at in 0..entry.value.len() {
            let mut bytes = entry.value.as_bytes().to_vec();
            bytes[at] ^= 1;
            if let Ok(value) = String::from_utf8(bytes) {
                let torn = Entry { value: value.into(), pending: true };
                assert_eq!(torn.open(), Err(Corrupt), "byte {at}");
            }
        }
        let short = Entry { value: "ü".into(), pending: false };
        assert_eq!(short.open(), Err(Corrupt));
    }

    #[test]
    fn a_table_reports_exactly_what_changed() {
        let row = Entry::local("1");
        let mut table = Table::new(BTreeMap::from([
            ("c/a".to_owned(), row.clone()),
            ("c/b".to_owned(), row.clone()),
            ("d/c".to_owned(), row.clone()),
        ]));
        table.put("c/a", row.clone());
        assert_eq!(table.changes().count(), 0);
        table.put("c/a", Entry::local("2"));
        table.remove("c/b");
        table.remove("c/not-loaded");
        let changes: Vec<_> = table.changes().map(|(k, e)| (k, e.is_some())).collect();
        assert_eq!(changes, [("c/a", true), ("c/b", false), ("c/not-loaded", false)]);
        assert_eq!(table.range("c/").count(), 1);
    }
}
