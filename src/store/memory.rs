//! Rows in memory: for tests and simulations, and the last resort of a browser that keeps nothing.
//!
//! Behaves like a durable store of one process: a clone is another tab of the same device. The
//! faults are those a disk can have: a transaction that fails, no room left, a torn row, and
//! everything gone. A crash needs no help, it is simply not calling any more.

use std::cell::{Ref, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use crate::sync::{Entry, Scope, Table};

use super::StoreError;

/// When an injected failure strikes. The rows are the same either way: unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// While loading: the pure function does not run.
    Before,
    /// While storing: the pure function ran, for nothing.
    After,
}

/// Rows in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    shared: Rc<RefCell<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    rows: BTreeMap<String, Entry>,
    pending: BTreeSet<String>,
    bytes: usize,
    quota_bytes: Option<usize>,
    faults: VecDeque<(Fault, StoreError)>,
}

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
        let fault = self.shared.borrow_mut().faults.pop_front();
        if let Some((Fault::Before, error)) = fault {
            return Err(error);
        }
        // not borrowed while `apply` runs: it is somebody else's code
        let mut table = Table::new(self.shared.borrow().load(scope));
        let result = apply(&mut table);
        if let Some((_, error)) = fault {
            return Err(error);
        }
        self.shared.borrow_mut().store(&table)?;
        Ok(result)
    }

    /// [`super::Store::read`], without waiting. Injected failures are for transactions only.
    ///
    /// # Errors
    /// Never; the signature is that of the other places.
    pub fn read_now(&self, scope: &Scope) -> Result<Table, StoreError> {
        Ok(Table::new(self.shared.borrow().load(scope)))
    }

    /// Lets the next `times` transactions fail.
    pub fn fail_next(&self, times: usize, fault: Fault, error: &StoreError) {
        let faults = std::iter::repeat_n((fault, error.clone()), times);
        self.shared.borrow_mut().faults.extend(faults);
    }

    /// How many injected failures have not struck yet.
    #[must_use]
    pub fn faults_left(&self) -> usize {
        self.shared.borrow().faults.len()
    }

    /// From now on a transaction that makes the rows larger than this fails with
    /// [`StoreError::Full`]; one that makes them smaller always passes.
    pub fn limit_bytes(&self, quota: Option<usize>) {
        self.shared.borrow_mut().quota_bytes = quota;
    }

    /// Size of keys and values.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shared.borrow().bytes
    }

    /// All rows, for an onlooker who wants to check them.
    #[must_use]
    pub fn rows(&self) -> Ref<'_, BTreeMap<String, Entry>> {
        Ref::map(self.shared.borrow(), |shared| &shared.rows)
    }

    /// Changes a stored value behind everyone's back, as a failing disk would.
    /// Says whether there was such a row.
    pub fn tear(&self, key: &str, change: impl FnOnce(&mut String)) -> bool {
        let mut shared = self.shared.borrow_mut();
        let Some(mut entry) = shared.rows.get(key).cloned() else {
            return false;
        };
        let mut value = entry.value.to_string();
        change(&mut value);
        entry.value = value.into();
        shared.set(key, Some(entry));
        true
    }

    /// Forgets every row, as browsers do that clear a site's data.
    pub fn evict(&self) {
        let mut shared = self.shared.borrow_mut();
        shared.rows.clear();
        shared.pending.clear();
        shared.bytes = 0;
    }
}

impl Shared {
    fn load(&self, scope: &Scope) -> BTreeMap<String, Entry> {
        let mut loaded = BTreeMap::new();
        let pending = self.pending.iter().filter(|_| scope.pending);
        for key in scope.keys.iter().chain(pending) {
            if let Some(entry) = self.rows.get(key) {
                loaded.insert(key.clone(), entry.clone());
            }
        }
        for prefix in &scope.prefixes {
            let rows = self.rows.range(prefix.clone()..);
            let rows = rows.take_while(|(key, _)| key.starts_with(prefix));
            loaded.extend(rows.map(|(key, entry)| (key.clone(), entry.clone())));
        }
        loaded
    }

    fn store(&mut self, table: &Table) -> Result<(), StoreError> {
        let size = |key: &str, entry: Option<&Entry>| entry.map_or(0, |e| key.len() + e.value.len());
        let (mut more, mut less) = (0, 0);
        for (key, entry) in table.changes() {
            more += size(key, entry);
            less += size(key, self.rows.get(key));
        }
        let full = self.quota_bytes.is_some_and(|quota| self.bytes + more > quota + less);
        if full && more > less {
            return Err(StoreError::Full);
        }
        for (key, entry) in table.changes() {
            self.set(key, entry.cloned());
        }
        Ok(())
    }

    fn set(&mut self, key: &str, entry: Option<Entry>) {
        self.pending.remove(key);
        if entry.as_ref().is_some_and(|entry| entry.pending) {
            self.pending.insert(key.to_owned());
        }
        let added = entry.as_ref().map_or(0, |entry| key.len() + entry.value.len());
        let old = match entry {
            Some(entry) => self.rows.insert(key.to_owned(), entry),
            None => self.rows.remove(key),
        };
        let removed = old.map_or(0, |old| key.len() + old.value.len());
        self.bytes = self.bytes + added - removed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(prefix: &str) -> Scope {
        Scope { prefixes: vec![prefix.to_owned()], ..Scope::default() }
    }

    fn put(memory: &Memory, key: &str, json: &str, pending: bool) -> Result<(), StoreError> {
        memory.transact_now(&Scope::default(), |table| table.put(key, Entry::seal(json, pending)))
    }

    #[test]
    fn a_scope_loads_what_it_names_and_nothing_else() {
        let memory = Memory::new();
        for (key, pending) in [("a/1", false), ("a/2", true), ("b/1", true), ("b/2", false)] {
            assert_eq!(put(&memory, key, "1", pending), Ok(()));
        }
        let keys = |scope: &Scope| -> Vec<String> {
            let table = memory.read_now(scope).expect("memory can be read");
            table.range("").map(|(key, _)| key.to_owned()).collect()
        };
        assert_eq!(keys(&Scope::default()), [""; 0]);
        assert_eq!(keys(&prefix("a/")), ["a/1", "a/2"]);
        assert_eq!(keys(&Scope { pending: true, ..Scope::default() }), ["a/2", "b/1"]);
        let scope = Scope { keys: vec!["b/2".into(), "c".into()], pending: true, ..prefix("a/") };
        assert_eq!(keys(&scope), ["a/1", "a/2", "b/1", "b/2"]);
        assert_eq!(put(&memory, "b/1", "1", false), Ok(()));
        assert_eq!(keys(&Scope { pending: true, ..Scope::default() }), ["a/2"]);
    }

    #[test]
    fn an_injected_failure_changes_nothing() {
        let memory = Memory::new();
        assert_eq!(put(&memory, "a", "1", false), Ok(()));
        let before = memory.rows().clone();
        memory.fail_next(1, Fault::Before, &StoreError::Lost);
        memory.fail_next(2, Fault::After, &StoreError::Full);
        let mut ran = 0;
        let mut outcomes = Vec::new();
        for _ in 0..4 {
            outcomes.push(memory.transact_now(&prefix("a"), |table| {
                ran += 1;
                table.remove("a");
            }));
            if outcomes.len() < 4 {
                assert_eq!(*memory.rows(), before);
            }
        }
        let full = Err(StoreError::Full);
        assert_eq!(outcomes, [Err(StoreError::Lost), full.clone(), full, Ok(())]);
        assert_eq!((ran, memory.rows().len(), memory.faults_left()), (3, 0, 0));
    }

    #[test]
    fn the_quota_refuses_whole_transactions_and_only_growing_ones() {
        let memory = Memory::new();
        assert_eq!(put(&memory, "a", "0123456789", true), Ok(()));
        let size = memory.bytes();
        assert_eq!(size, 1 + 16 + 10);
        memory.limit_bytes(Some(size + 5));
        let refused = memory.transact_now(&Scope::default(), |table| {
            table.put("a", Entry::local("1"));
            table.put("b", Entry::local("0123456789"));
        });
        assert_eq!(refused, Err(StoreError::Full));
        assert_eq!((memory.bytes(), memory.rows().len()), (size, 1));
        memory.limit_bytes(Some(1));
        assert_eq!(put(&memory, "a", "", true), Ok(()));
        assert_eq!(memory.bytes(), 1 + 16);
    }

    #[test]
    fn torn_and_evicted_rows_are_noticed_by_whoever_opens_them() {
        let memory = Memory::new();
        assert_eq!(put(&memory, "a", "123", true), Ok(()));
        assert!(memory.tear("a", |value| value.truncate(18)));
        assert!(!memory.tear("b", String::clear));
        assert!(memory.rows()["a"].open().is_err());
        assert_eq!(memory.bytes(), 1 + 18);
        memory.evict();
        let pending = Scope { pending: true, ..Scope::default() };
        let table = memory.read_now(&pending).expect("memory can be read");
        assert_eq!((table.range("").count(), memory.bytes()), (0, 0));
    }
}
