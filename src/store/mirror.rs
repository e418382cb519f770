//! The first-paint snapshot and the sentinel, both in localStorage because that answers at once.
//!
//! Promises: they are only a mirror. Losing them costs a moment of blank page and one
//! explanation, never data; so a failed write is a `false`, not an error. A snapshot is either
//! the last one written or missing, never an older one.

use super::local;

/// A larger snapshot would slow the first paint it is meant to speed up.
pub const SNAPSHOT_LIMIT_BYTES: usize = 512 * 1024;

const SNAPSHOT: &str = "muse/mirror";
const SENTINEL: &str = "muse/installed";

/// What is remembered outside the database, to notice that the browser emptied it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Random name of this installation.
    pub id: String,
    /// The database had rows. If it is empty now, somebody cleared it.
    pub had_rows: bool,
}

/// The snapshot of the last visit, whatever the writer put in.
#[must_use]
pub fn read() -> Option<String> {
    local::get(SNAPSHOT)
}

/// Replaces the snapshot; `false` if it is too large or did not fit.
pub fn write(json: &str) -> bool {
    let written = json.len() <= SNAPSHOT_LIMIT_BYTES && local::set(SNAPSHOT, json);
    if !written {
        clear();
    }
    written
}

/// Removes the snapshot; the sentinel stays.
pub fn clear() {
    local::remove(SNAPSHOT);
}

/// The sentinel, if this browser has one.
#[must_use]
pub fn installed() -> Option<Installed> {
    decode(&local::get(SENTINEL)?)
}

/// Sets the sentinel; `false` if that failed.
pub fn set_installed(installed: &Installed) -> bool {
    local::set(SENTINEL, &encode(installed))
}

/// Removes the sentinel: for a user who wants everything gone.
pub fn clear_installed() {
    local::remove(SENTINEL);
}

fn encode(installed: &Installed) -> String {
    let state = if installed.had_rows { "rows" } else { "empty" };
    format!("{} {state}", installed.id)
}

fn decode(text: &str) -> Option<Installed> {
    let (id, state) = text.rsplit_once(' ')?;
    let id = id.to_owned();
    Some(Installed { id, had_rows: state == "rows" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentinel_is_read_as_written() {
        for had_rows in [true, false] {
            let installed = Installed { id: "k3j".to_owned(), had_rows };
            assert_eq!(decode(&encode(&installed)), Some(installed));
        }
        assert_eq!(decode(""), None);
    }
}
