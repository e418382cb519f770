//! Which place keeps the rows: the best one that works here.

use super::{Indexed, Local, Memory, Store, StoreError};

/// Name of the database, and first part of the names in localStorage.
const NAME: &str = "muse";
/// Long enough for a slow disk with a large database; some browsers never answer.
const PATIENCE_MS: u32 = 8_000;

/// Where the rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The browser's database.
    IndexedDb,
    /// localStorage: little room, and weaker promises between tabs.
    LocalStorage,
    /// Nowhere: gone with the tab.
    Memory,
}

/// A store that works, and how it was come by.
#[derive(Debug)]
pub struct Opened {
    /// The rows.
    pub store: Store,
    /// Where they are.
    pub place: Place,
    /// Why not in a better place, one entry for each place that was tried in vain.
    pub fallen_back: Vec<(Place, StoreError)>,
    /// Rows an earlier session had to leave in localStorage, now that the database works:
    /// somebody who understands rows should take them over.
    pub leftover: Option<Local>,
}

/// Opens the rows of this device: IndexedDB, else localStorage, else memory.
///
/// # Errors
/// Only [`StoreError::Newer`]: falling back would show an empty app and scatter what is written.
pub async fn open() -> Result<Opened, StoreError> {
    open_as(NAME, PATIENCE_MS).await
}

/// [`open`] under another name and with another patience.
///
/// # Errors
/// Only [`StoreError::Newer`].
pub async fn open_as(name: &str, patience_ms: u32) -> Result<Opened, StoreError> {
    let mut fallen_back = Vec::new();
    match Indexed::open(name, patience_ms).await {
        Ok(indexed) => {
            return Ok(Opened {
                store: Store::Indexed(indexed),
                place: Place::IndexedDb,
                fallen_back,
                leftover: Local::leftover(name),
            });
        }
        Err(StoreError::Newer) => return Err(StoreError::Newer),
        Err(reason) => fallen_back.push((Place::IndexedDb, reason)),
    }
    let (store, place) = match Local::open(name) {
        Ok(local) => (Store::Local(local), Place::LocalStorage),
        Err(reason) => {
            fallen_back.push((Place::LocalStorage, reason));
            (Store::Memory(Memory::new()), Place::Memory)
        }
    };
    Ok(Opened { store, place, fallen_back, leftover: None })
}
