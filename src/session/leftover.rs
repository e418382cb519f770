//! What an earlier visit had to keep in localStorage, because the database did not work, goes into
//! the database: records are joined, what belongs to the device is taken where the database has none.

use super::device::{DEVICE_ROWS, SECRET_ROWS};
use super::views::all_rows;
use super::{Session, browser};
use crate::store::{Durability, Local, Store, StoreError};
use crate::sync::{Scope, Table, Tx};

impl Session {
    /// Only when all of it is in the database is it removed from localStorage.
    pub(super) async fn take_over_leftover(&self, leftover: Local) {
        let everything = Scope { prefixes: vec![String::new()], ..Scope::default() };
        let Ok(old) = leftover.read_now(&everything) else { return };
        let Ok(store) = self.store().await else { return };
        let adopted = self.run(&Tx::Adopt(all_rows(&old))).await;
        let (Ok(outcome), Ok(())) = (adopted, take_device_rows(&store, &old).await) else { return };
        let keys: Vec<String> = old.range("").map(|(key, _)| key.to_owned()).collect();
        // what cannot be removed is taken over again at the next start, which changes nothing
        let _ = leftover.transact_now(&everything, |table| keys.iter().for_each(|key| table.remove(key)));
        self.0.engine.borrow_mut().handle_written(&outcome, browser::now());
        self.drive();
    }
}

/// Drafts, configuration, pairing code, keys; they count from the next start on.
async fn take_device_rows(store: &Store, old: &Table) -> Result<(), StoreError> {
    let rows: Vec<_> = [DEVICE_ROWS, SECRET_ROWS].iter().flat_map(|prefix| old.range(prefix)).collect();
    let scope = Scope { keys: rows.iter().map(|(key, _)| (*key).to_owned()).collect(), ..Scope::default() };
    let take = |table: &mut Table| {
        for (key, entry) in rows {
            if table.get(key).is_none() {
                table.put(key, entry.clone());
            }
        }
    };
    store.transact(&scope, Durability::Strict, take).await
}
