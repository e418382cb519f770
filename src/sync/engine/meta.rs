//! What this device remembers of a space besides the rows: head, cursors, generation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::sync::planted::{Bug, planted};
use crate::sync::{ChatScope, Entry, KnownHead, Position, SCHEMA, SpaceId, Table};

/// Key of the row that holds it.
pub(crate) const META_ROW: &str = "y/meta";
/// More devices than a person has.
const DEVICES_MAX: usize = 20;

fn first_schema() -> u32 {
    1
}

/// One row, changed in the same transactions as the rows it speaks of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Meta {
    /// Id of the space all of this is about.
    pub(crate) space: String,
    /// The Firestore project the space is in; empty where an older build did not note it.
    #[serde(default)]
    pub(crate) project: String,
    /// The newest schema that the build understood which read all of it.
    #[serde(default = "first_schema")]
    pub(crate) schema: u32,
    /// The head as last read or written.
    pub(crate) head: Option<KnownHead>,
    /// How far settings and profile were fetched.
    pub(crate) config: Position,
    /// How far the list of chats was fetched.
    pub(crate) chats: Position,
    /// Raised by every reset; whatever was begun under an older one is dropped.
    pub(crate) generation: u64,
    /// The greatest number met in any document, and the commit that made it.
    pub(crate) seen: Option<(u64, String)>,
    /// Row keys of records the server refuses.
    #[serde(default)]
    pub(crate) quarantined: BTreeSet<String>,
    /// Chats that are not synced: said in their rows too, but those may be torn.
    #[serde(default)]
    pub(crate) scopes: BTreeMap<String, ChatScope>,
    /// Devices that wrote to the space, and when each did last, Unix milliseconds.
    #[serde(default)]
    pub(crate) devices: BTreeMap<String, u64>,
    /// Our next commit tells the other devices about a restored server.
    pub(crate) raise_generation: bool,
    /// Server time minus this device's wall time, ms, for the next start.
    pub(crate) skew_ms: i64,
}

impl Meta {
    /// Reads it; `None` where it is missing or corrupt.
    pub(crate) fn read(table: &Table) -> Option<Self> {
        table.get(META_ROW).and_then(|entry| serde_json::from_str(entry.open().ok()?).ok())
    }

    /// Nothing is known. The generation starts from the clock, so that it is not one that was used
    /// before.
    pub(crate) fn fresh(generation: u64) -> Self {
        Self { generation, schema: SCHEMA, ..Self::default() }
    }

    /// Whether all of this is about a space in a project.
    pub(crate) fn is_about(&self, project: &str, space: &SpaceId) -> bool {
        let same_project = self.project.is_empty() || self.project == project || planted(Bug::ProjectIgnored);
        self.space == space.as_str() && same_project
    }

    pub(crate) fn write(&self, table: &mut Table) {
        // plain text and numbers: cannot fail
        if let Ok(json) = serde_json::to_string(self) {
            table.put(META_ROW, Entry::local(&json));
        }
    }

    /// Remembers when a device wrote, of the latest few.
    pub(crate) fn see_device(&mut self, device: &str, at_ms: u64) {
        let known = self.devices.entry(device.to_owned()).or_default();
        *known = at_ms.max(*known);
        if self.devices.len() > DEVICES_MAX
            && let Some(oldest) =
                self.devices.iter().min_by_key(|(_, at_ms)| **at_ms).map(|(id, _)| id.clone())
        {
            self.devices.remove(&oldest);
        }
    }

    /// Remembers the greatest number seen in a document.
    pub(crate) fn see(&mut self, seq: u64, commit: &str) {
        if self.seen.as_ref().is_none_or(|(greatest, _)| seq > *greatest) {
            self.seen = Some((seq, commit.to_owned()));
        }
    }
}

/// The row as it was last met, and what it says: every transaction reads it, and few change it.
#[derive(Clone, Default)]
pub(crate) struct LastMeta(Option<(Entry, Meta)>);

impl LastMeta {
    /// [`Meta::read`].
    pub(crate) fn read(&mut self, table: &Table) -> Option<Meta> {
        let entry = table.get(META_ROW);
        if self.0.as_ref().map(|(known, _)| known) != entry {
            self.0 = entry.cloned().zip(Meta::read(table));
        }
        self.0.as_ref().map(|(_, meta)| meta.clone())
    }

    /// Writes what the row does not say yet.
    pub(crate) fn write(&mut self, table: &mut Table, meta: &Meta) {
        if self.0.as_ref().map(|(_, known)| known) != Some(meta) {
            meta.write(table);
            self.0 = table.get(META_ROW).cloned().zip(Some(meta.clone()));
        }
    }
}

/// It says nothing that the rows do not say.
impl fmt::Debug for LastMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LastMeta")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_devices_are_remembered() {
        let mut meta = Meta::default();
        for n in 0..30 {
            meta.see_device(&format!("device{n:02}"), 1_000 + n);
        }
        meta.see_device("device29", 5);
        assert_eq!(meta.devices.len(), DEVICES_MAX);
        assert_eq!(meta.devices.get("device29"), Some(&1_029));
        assert!(!meta.devices.contains_key("device00"));
    }
}
