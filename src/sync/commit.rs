//! Choosing what goes into the next commit, and its limits.

use super::{Allowance, Commit, Id, Key, Row};

/// How much one commit may hold, and how much one page may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Records per commit.
    pub records: usize,
    /// Bytes of content per commit, roughly.
    pub bytes: usize,
    /// Distinct chats per commit: the rules look at each, and look-ups are limited.
    pub chats: usize,
    /// Bytes of content one record may have; Firestore's limit is 1 MiB for a document.
    pub record_bytes: usize,
    /// Documents per page.
    pub page: u32,
    /// Messages fetched per session of chats that were never opened here.
    pub backfill: u32,
    /// Reads and writes a day after which nothing is fetched ahead; what the user does goes on.
    pub day: Allowance,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            records: 50,
            bytes: 512 * 1024,
            chats: 8,
            record_bytes: 900_000,
            page: 300,
            backfill: 3_000,
            day: Allowance { reads: 5_000, writes: 2_000 },
        }
    }
}

/// A commit together with what must be remembered until it is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// What is sent.
    pub commit: Commit,
    /// What the rows were when it was sent, in the order of [`Commit::writes`].
    pub rows: Vec<Sent>,
    /// Number of the head it builds on; 0 where it makes the first head.
    pub parent: u64,
    /// Whether, when it was sent, settings and chats had been pulled to exactly `parent`. Only then
    /// may the acknowledgement move cursors, or it would skip what others wrote before.
    pub advances: bool,
    /// Chats of this commit all of whose messages had been fetched when it was sent.
    pub fresh: Vec<Id>,
    /// Local generation when it was sent; see the engine's reset.
    pub generation: u64,
}

/// A row at the time it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Which.
    pub key: Key,
    /// If it has another one when the answer comes, it was changed in flight.
    pub revision: u64,
    /// Number of the server's document it was based on, 0 where we knew of none.
    pub base_seq: u64,
}

/// A rough count of the bytes a row takes in a commit.
pub(crate) fn row_bytes(row: &Row) -> usize {
    row.record
        .fields
        .iter()
        .map(|(name, register)| name.len() * 2 + 60 + value_bytes(&register.value))
        .sum::<usize>()
        + 200
}

fn value_bytes(value: &super::Value) -> usize {
    match value {
        super::Value::String(text) => text.len(),
        other @ (super::Value::Array(_) | super::Value::Object(_)) => other.to_string().len() * 2,
        super::Value::Null | super::Value::Bool(_) | super::Value::Number(_) => 24,
    }
}
