//! A record is a map of fields, each a last-writer-wins register; merging two versions keeps,
//! field by field, the register with the greater stamp.
//!
//! The merge is a join: commutative, associative, idempotent (Shapiro et al., "Conflict-free
//! Replicated Data Types", 2011), so order, repetition and detours never matter. Nothing else
//! in the app merges anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::planted::{Bug, planted};
use super::{Key, Stamp};

/// A field's value: JSON without lone surrogates; what Firestore can hold and no more.
pub type Value = serde_json::Value;

/// The schema version this build writes.
pub const SCHEMA: u32 = 1;

/// Name of the field that makes a record a tombstone when it is `true`.
pub(crate) const DELETED: &str = "del";

/// The value of one field and when it was set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Register {
    /// The value; `null` where it was cleared.
    #[serde(rename = "v")]
    pub value: Value,
    /// When, in the order of all edits.
    #[serde(rename = "t")]
    pub stamp: Stamp,
}

impl Register {
    /// Whether this register wins over `other`; equal stamps are decided by the value's bytes.
    pub(crate) fn beats(&self, other: &Self) -> bool {
        if planted(Bug::TiesKeepOurs) {
            return self.stamp > other.stamp;
        }
        // the values are only written out where they decide
        self.stamp > other.stamp
            || (self.stamp == other.stamp
                && self.value != other.value
                && canonical(&self.value) > canonical(&other.value))
    }
}

/// Object keys are kept in order by `serde_json`, so equal values have equal bytes.
fn canonical(value: &Value) -> String {
    value.to_string()
}

/// The content of a record, without where it lives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Lowest schema version that may write this record.
    pub v: u32,
    /// The fields that were ever set.
    #[serde(rename = "f")]
    pub fields: BTreeMap<String, Register>,
}

impl Default for Record {
    fn default() -> Self {
        Self { v: SCHEMA, fields: BTreeMap::new() }
    }
}

impl Record {
    /// The value of a field, where it is set and not cleared.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field).map(|r| &r.value).filter(|v| !v.is_null())
    }

    /// The text of a field.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field).and_then(Value::as_str)
    }

    /// Whether the record is a tombstone.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.get(DELETED) == Some(&Value::Bool(true))
    }

    /// The greatest stamp of any field.
    #[must_use]
    pub fn newest(&self) -> Option<Stamp> {
        self.fields.values().map(|r| r.stamp).max()
    }

    /// Takes from `other` every register that beats ours. Says whether anything changed.
    pub fn join(&mut self, other: &Self) -> bool {
        let mut changed = other.v > self.v;
        self.v = self.v.max(other.v);
        for (name, theirs) in &other.fields {
            let wins = self.fields.get(name).is_none_or(|ours| theirs.beats(ours));
            if wins {
                self.fields.insert(name.clone(), theirs.clone());
                changed = true;
            }
        }
        changed
    }
}

/// A wish to set fields of one record, made at the user's click; it gets its stamps when it is
/// written to the device.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Which record.
    pub key: Key,
    /// New values; `null` clears a field.
    pub fields: BTreeMap<String, Value>,
}

impl Edit {
    /// An edit of some fields.
    pub fn set<'a>(key: Key, fields: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let mut edit = Self { key, fields: BTreeMap::new() };
        edit.fields.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        edit
    }

    /// An edit that turns the record into a tombstone: every field the row has is cleared.
    #[must_use]
    pub fn delete(key: Key) -> Self {
        Self::set(key, [(DELETED, Value::Bool(true))])
    }
}

/// A record as it is on the server.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Which record.
    pub key: Key,
    /// Firestore's `updateTime`, kept as text: only equality matters.
    pub update_time: String,
    /// Number of the commit that last wrote it.
    pub seq: u64,
    /// Id of that commit.
    pub commit: String,
    /// Installation id of the device that wrote it, where it says so.
    pub device: Option<String>,
    /// Last activity of a chat (`at`), a hint for sorting; `None` for other records.
    pub active_ms: Option<u64>,
    /// The content; `None` for a stub, a chat made known only by its messages.
    pub record: Option<Record>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random_record(rng: &mut fastrand::Rng) -> Record {
        let mut record = Record { v: rng.u32(1..4), ..Record::default() };
        for name in ["a", "b", "c"] {
            if rng.bool() {
                let value = match rng.u8(..4) {
                    0 => Value::Null,
                    1 => Value::Bool(rng.bool()),
                    _ => Value::from(rng.u8(..3)),
                };
                // few stamps, so that ties happen
                let stamp = Stamp::new(rng.u64(..3), 0, rng.u64(..2));
                record.fields.insert(name.to_owned(), Register { value, stamp });
            }
        }
        record
    }

    fn joined(a: &Record, b: &Record) -> Record {
        let mut out = a.clone();
        out.join(b);
        out
    }

    #[test]
    fn join_is_commutative_associative_and_idempotent() {
        let cases = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };
        let mut rng = fastrand::Rng::with_seed(11);
        for _ in 0..cases {
            let (a, b, c) = (random_record(&mut rng), random_record(&mut rng), random_record(&mut rng));
            assert_eq!(joined(&a, &b), joined(&b, &a));
            assert_eq!(joined(&joined(&a, &b), &c), joined(&a, &joined(&b, &c)));
            assert_eq!(joined(&a, &a), a);
        }
    }

    #[test]
    fn join_says_whether_anything_changed() {
        let mut rng = fastrand::Rng::with_seed(12);
        for _ in 0..5_000 {
            let (a, b) = (random_record(&mut rng), random_record(&mut rng));
            let mut out = a.clone();
            assert_eq!(out.join(&b), out != a);
        }
    }
}
