//! The rows on this device: where they are kept, and the one operation that changes them.
//!
//! Promises: [`Store::transact`] loads the rows a [`Scope`] names, applies a pure function to
//! them and resolves when the result is durable; on an error nothing has changed, so an outcome
//! is never unknown. Several tabs may do this at once and no update is lost: IndexedDB runs
//! read-write transactions on the same rows one after the other. Nothing here knows what a row
//! means; a torn row is handed out as it is and [`crate::sync::Entry::open`] refuses it.
//!
//! Only `indexed`, `local` and `device` touch the browser. [`open()`] picks the best
//! place there is, [`mirror`] keeps a snapshot for the first paint and the sentinel that tells
//! "this browser cleared our data" from "never been here".

mod device;
mod error;
mod indexed;
mod local;
mod memory;
pub mod mirror;
mod open;

use crate::sync::{Scope, Table};

pub use device::{Estimate, estimate, persist, persisted};
pub use error::StoreError;
pub use indexed::Indexed;
pub use local::{LEGACY_KEYS, Local, legacy_values};
pub use memory::{Fault, Memory};
pub use open::{Opened, Place, open, open_as};

/// How hard a write is pushed to the disk before it counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Flushed: survives a power cut. For what the user made.
    Strict,
    /// Handed to the operating system. For what can be fetched again.
    Relaxed,
}

/// The rows of this device, in one of the places that can keep them.
///
/// Clones share the rows (and the connection): a clone is the same tab. Another tab is another
/// store opened under the same name.
#[derive(Clone, Debug)]
pub enum Store {
    /// IndexedDB: the normal case.
    Indexed(Indexed),
    /// localStorage: where IndexedDB is missing or broken.
    Local(Local),
    /// Memory: for tests and simulations, and the last resort.
    Memory(Memory),
}

impl Store {
    /// Loads what `scope` names, applies `apply`, stores what it changed.
    ///
    /// Resolves when the changes are durable. If `apply` changed nothing, nothing is written.
    /// Rows outside the scope may be written or removed too, they just cannot be read.
    /// A caller who stops waiting leaves all of it or nothing.
    ///
    /// # Errors
    /// Nothing was changed. `apply` may have run, so it must not have effects of its own.
    pub async fn transact<T>(
        &self,
        scope: &Scope,
        durability: Durability,
        apply: impl FnOnce(&mut Table) -> T,
    ) -> Result<T, StoreError> {
        match self {
            Self::Indexed(rows) => rows.transact(scope, durability, apply).await,
            Self::Local(rows) => rows.transact_now(scope, apply),
            Self::Memory(rows) => rows.transact_now(scope, apply),
        }
    }

    /// Loads what `scope` names, to look at: waits for no one but a writer, and blocks no one.
    ///
    /// # Errors
    /// The rows could not be read.
    pub async fn read(&self, scope: &Scope) -> Result<Table, StoreError> {
        match self {
            Self::Indexed(rows) => rows.read(scope).await,
            Self::Local(rows) => rows.read_now(scope),
            Self::Memory(rows) => rows.read_now(scope),
        }
    }
}
