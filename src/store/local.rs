//! Rows in localStorage: the fallback where IndexedDB is missing or broken.
//!
//! Everything here is synchronous, so a transaction is one turn of the event loop: within a tab
//! nothing can come between. A write that does not fit is undone, value by value. What it cannot
//! promise: browsers do not serialise localStorage between tabs, flush it when they like, and
//! give it about 5 MB.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::Storage;

use std::collections::{BTreeMap, BTreeSet};

use crate::sync::{Entry, Scope, Table};

use super::StoreError;

/// Where the version before kept settings, chats and profile.
pub const LEGACY_KEYS: [&str; 3] = ["museSettings", "museChatHistory", "museUserProfile"];

/// First character of the text of a row that wants to be sent, and of one that does not.
const PENDING: char = '!';
const SETTLED: char = '.';

/// Rows in localStorage.
#[derive(Clone, Debug)]
pub struct Local {
    storage: Storage,
    prefix: String,
}

/// What was left behind by the version before, in the order of [`LEGACY_KEYS`]. Only read, so
/// that the old version still works when somebody goes back to it.
#[must_use]
pub fn legacy_values() -> [Option<String>; 3] {
    LEGACY_KEYS.map(get)
}

/// One value of localStorage.
pub(super) fn get(key: &str) -> Option<String> {
    storage().ok()?.get_item(key).ok()?
}

/// Sets one value of localStorage, or says `false`.
pub(super) fn set(key: &str, text: &str) -> bool {
    storage().is_ok_and(|storage| storage.set_item(key, text).is_ok())
}

/// Removes one value of localStorage.
pub(super) fn remove(key: &str) {
    if let Ok(storage) = storage() {
        // fails only where reading fails too
        let _ = storage.remove_item(key);
    }
}

impl Local {
    /// The rows kept under a name, if localStorage works here: it may be missing, forbidden, or
    /// refuse every write.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], or [`StoreError::Full`] when not even a byte fits.
    pub fn open(name: &str) -> Result<Self, StoreError> {
        let local = Self::named(name)?;
        let probe = format!("{name}/probe");
        local.storage.set_item(&probe, "1").map_err(failed)?;
        local.storage.remove_item(&probe).map_err(failed)?;
        Ok(local)
    }

    /// The rows that were left under a name, if there are any.
    #[must_use]
    pub fn leftover(name: &str) -> Option<Self> {
        let local = Self::named(name).ok()?;
        let left = local.keys().next().is_some();
        left.then_some(local)
    }

    /// [`super::Store::transact`], without waiting.
    ///
    /// # Errors
    /// Nothing was changed.
    pub fn transact_now<T>(
        &self,
        scope: &Scope,
        apply: impl FnOnce(&mut Table) -> T,
    ) -> Result<T, StoreError> {
        let mut table = self.read_now(scope)?;
        let result = apply(&mut table);
        self.store(&table)?;
        Ok(result)
    }

    /// [`super::Store::read`], without waiting.
    ///
    /// # Errors
    /// The rows could not be read.
    pub fn read_now(&self, scope: &Scope) -> Result<Table, StoreError> {
        let mut wanted: BTreeSet<String> = scope.keys.iter().cloned().collect();
        if scope.pending || !scope.prefixes.is_empty() {
            wanted.extend(
                self.keys().filter(|key| {
                    scope.pending || scope.prefixes.iter().any(|prefix| key.starts_with(prefix))
                }),
            );
        }
        let mut rows = BTreeMap::new();
        for key in wanted {
            let Some(text) = self.storage.get_item(&self.at(&key)).map_err(failed)? else {
                continue;
            };
            let entry = decode(&text);
            let named =
                scope.keys.contains(&key) || scope.prefixes.iter().any(|prefix| key.starts_with(prefix));
            if named || (scope.pending && entry.pending) {
                rows.insert(key, entry);
            }
        }
        Ok(Table::new(rows))
    }

    fn named(name: &str) -> Result<Self, StoreError> {
        let storage = storage()?;
        let prefix = format!("{name}/row/");
        Ok(Self { storage, prefix })
    }

    fn keys(&self) -> impl Iterator<Item = String> + '_ {
        // one call for all names; `key(n)` is a call each
        js_sys::Object::keys(&self.storage)
            .to_vec()
            .into_iter()
            .filter_map(|name| Some(name.as_string()?.strip_prefix(&self.prefix)?.to_owned()))
    }

    fn at(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn store(&self, table: &Table) -> Result<(), StoreError> {
        // removals first, they make room
        let (writes, removals): (Vec<_>, Vec<_>) = table.changes().partition(|(_, entry)| entry.is_some());
        let mut undo = Vec::new();
        for (key, entry) in removals.into_iter().chain(writes) {
            let at = self.at(key);
            let done = self.storage.get_item(&at).and_then(|old| {
                self.set(&at, entry.map(encode).as_deref())?;
                undo.push((at, old));
                Ok(())
            });
            if let Err(error) = done {
                return Err(self.undone(undo, failed(error)));
            }
        }
        Ok(())
    }

    fn undone(&self, undo: Vec<(String, Option<String>)>, reason: StoreError) -> StoreError {
        // backwards every step leads to a state that fitted before
        let restored = undo.into_iter().rev().try_for_each(|(at, old)| self.set(&at, old.as_deref()));
        match restored {
            Ok(()) => reason,
            Err(error) => StoreError::Failed(format!("half of it is left: {}", text_of(&error))),
        }
    }

    fn set(&self, at: &str, text: Option<&str>) -> Result<(), JsValue> {
        match text {
            Some(text) => self.storage.set_item(at, text),
            None => self.storage.remove_item(at),
        }
    }
}

fn storage() -> Result<Storage, StoreError> {
    let missing = || StoreError::Unavailable("no localStorage".to_owned());
    // a getter that throws, where site data are blocked
    web_sys::window()
        .ok_or_else(missing)?
        .local_storage()
        .map_err(|error| StoreError::Unavailable(text_of(&error)))?
        .ok_or_else(missing)
}

fn encode(entry: &Entry) -> String {
    let mark = if entry.pending { PENDING } else { SETTLED };
    format!("{mark}{}", entry.value)
}

fn decode(text: &str) -> Entry {
    // a text without a mark is torn; `Entry::open` will say so
    let (pending, value) = match text.strip_prefix(PENDING) {
        Some(value) => (true, value),
        None => (false, text.strip_prefix(SETTLED).unwrap_or(text)),
    };
    Entry { value: value.into(), pending }
}

fn failed(error: JsValue) -> StoreError {
    StoreError::from_text(&text_of(&error))
}

/// `Name: message` of what JavaScript threw.
pub(super) fn text_of(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Object>().map_or_else(|| format!("{error:?}"), |object| object.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_survives_and_a_text_without_one_is_torn() {
        for pending in [true, false] {
            let entry = Entry::seal("{}", pending);
            assert_eq!(decode(&encode(&entry)), entry);
        }
        for text in ["", "?", "1"] {
            assert!(decode(text).open().is_err());
        }
        let unmarked = decode(&Entry::local("{}").value);
        assert!(!unmarked.pending);
    }
}
