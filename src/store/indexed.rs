//! Rows in IndexedDB.
//!
//! One database with one object store `rows`: out-of-line string keys, values `{v, p}` with the
//! sealed text and `p: 1` on rows that want to be sent. The index `pending` on `p` therefore
//! holds exactly those.
//!
//! Promises: a transaction awaits nothing but its own requests, because a browser commits it
//! as soon as none is outstanding. It ends in `complete` or has changed nothing. A connection
//! that broke while loading is opened again, a bounded number of times; one that breaks later is
//! reported, because then the pure function has been used up. Nothing waits for ever.

mod connection;

use std::collections::BTreeMap;
use std::rc::Rc;

use futures::future::{join, join_all};
use futures::lock::Mutex;
use gloo_timers::future::TimeoutFuture;
use idb::{KeyRange, ObjectStore, Query};
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use crate::sync::{Entry, Scope, Table};

use super::{Durability, StoreError};
use connection::{Access, Connection, PENDING, Transaction, failed, patiently};

/// How often a transaction begins before a lost connection is given up.
const TRIES: u32 = 3;
/// Before the second try, and twice that before the third.
const RETRY_MS: u32 = 100;

/// A database of rows. Clones share the connection.
#[derive(Clone, Debug)]
pub struct Indexed {
    shared: Rc<Shared>,
}

#[derive(Debug)]
struct Shared {
    name: String,
    patience_ms: u32,
    /// Held while connecting, so that two transactions do not open two connections.
    connection: Mutex<Option<Rc<Connection>>>,
}

impl Indexed {
    /// Opens the database of that name, and reads from it to see that it works.
    ///
    /// # Errors
    /// [`StoreError::Newer`] if a newer version has made it; anything else if it is of no use.
    pub async fn open(name: &str, patience_ms: u32) -> Result<Self, StoreError> {
        let shared = Shared { name: name.to_owned(), patience_ms, connection: Mutex::new(None) };
        let indexed = Self { shared: Rc::new(shared) };
        let probe = Scope { keys: vec![String::new()], ..Scope::default() };
        // connecting has the same patience and says more, so it may speak first
        patiently(patience_ms + RETRY_MS, Box::pin(indexed.read(&probe)))
            .await
            .unwrap_or_else(|_| Err(StoreError::Unavailable("no answer".to_owned())))?;
        Ok(indexed)
    }

    /// [`super::Store::transact`].
    ///
    /// # Errors
    /// Nothing was changed.
    pub async fn transact<T>(
        &self,
        scope: &Scope,
        durability: Durability,
        apply: impl FnOnce(&mut Table) -> T,
    ) -> Result<T, StoreError> {
        let (transaction, mut table) = self.begin(scope, Access::Write(durability)).await?;
        let result = apply(&mut table);
        if table.changes().next().is_some() {
            let done = transaction.rows().and_then(|rows| write(&rows, &table));
            transaction.finish(done.map_err(|error| failed(&error))).await?;
        }
        Ok(result)
    }

    /// [`super::Store::read`].
    ///
    /// # Errors
    /// The rows could not be read.
    pub async fn read(&self, scope: &Scope) -> Result<Table, StoreError> {
        let (_, table) = self.begin(scope, Access::Read).await?;
        Ok(table)
    }

    /// Closes the connection; the next transaction makes a new one. A page that goes into the
    /// back/forward cache should not keep one.
    pub fn disconnect(&self) {
        if let Some(connection) = self.shared.connection.try_lock().as_deref().and_then(Option::as_ref) {
            connection.close();
        }
    }

    async fn begin(&self, scope: &Scope, access: Access) -> Result<(Transaction, Table), StoreError> {
        let mut tries = 1;
        loop {
            let begun = self.try_begin(scope, access).await;
            if begun.as_ref().err() != Some(&StoreError::Lost) || tries == TRIES {
                return begun;
            }
            TimeoutFuture::new(RETRY_MS * tries).await;
            tries += 1;
        }
    }

    async fn try_begin(&self, scope: &Scope, access: Access) -> Result<(Transaction, Table), StoreError> {
        let connection = self.connection().await?;
        let loaded = async {
            let transaction = connection.begin(access)?;
            let rows = transaction.rows().map_err(|error| failed(&error))?;
            let table = load(&rows, scope).await.map_err(|error| failed(&error))?;
            Ok((transaction, table))
        };
        let loaded = loaded.await;
        if loaded.as_ref().err() == Some(&StoreError::Lost) {
            connection.close();
        }
        loaded
    }

    async fn connection(&self) -> Result<Rc<Connection>, StoreError> {
        let mut slot = self.shared.connection.lock().await;
        if let Some(connection) = slot.as_ref().filter(|connection| connection.is_open()) {
            return Ok(Rc::clone(connection));
        }
        let connection = Rc::new(Connection::open(&self.shared.name, self.shared.patience_ms).await?);
        *slot = Some(Rc::clone(&connection));
        Ok(connection)
    }
}

/// All requests are made at once and awaited together: whichever is left out would fire into
/// handlers that are gone.
async fn load(rows: &ObjectStore, scope: &Scope) -> Result<Table, idb::Error> {
    let mut singles = Vec::new();
    for key in &scope.keys {
        let value = rows.get(JsValue::from_str(key))?.into_future();
        singles.push(async move { (key, value.await) });
    }
    let mut batches = Vec::new();
    for prefix in &scope.prefixes {
        let range = Query::from(range_of(prefix)?);
        let keys = rows.get_all_keys(Some(range.clone()), None)?.into_future();
        batches.push(join(keys, rows.get_all(Some(range), None)?.into_future()));
    }
    if scope.pending {
        let index = rows.index(PENDING)?;
        let keys = index.get_all_keys(None, None)?.into_future();
        batches.push(join(keys, index.get_all(None, None)?.into_future()));
    }
    let (singles, batches) = join(join_all(singles), join_all(batches)).await;

    let fields = Fields::new();
    let mut entries = BTreeMap::new();
    for (key, value) in singles {
        if let Some(value) = value? {
            entries.insert(key.clone(), fields.decode(&value));
        }
    }
    for (keys, values) in batches {
        for (key, value) in keys?.iter().zip(values?) {
            if let Some(key) = key.as_string() {
                entries.insert(key, fields.decode(&value));
            }
        }
    }
    Ok(Table::new(entries))
}

fn range_of(prefix: &str) -> Result<KeyRange, idb::Error> {
    // keys are ordered by UTF-16 units, of which this is the last
    let end = format!("{prefix}\u{ffff}");
    KeyRange::bound(&JsValue::from_str(prefix), &JsValue::from_str(&end), None, None)
}

fn write(rows: &ObjectStore, table: &Table) -> Result<(), idb::Error> {
    let fields = Fields::new();
    for (key, entry) in table.changes() {
        let key = JsValue::from_str(key);
        // nobody awaits these: an error of any of them aborts the transaction, which we hear of
        match entry {
            Some(entry) => drop(rows.put(&fields.encode(entry), Some(&key))?),
            None => drop(rows.delete(key)?),
        }
    }
    Ok(())
}

/// The names inside a stored value, made once and not for every row.
struct Fields {
    value: JsValue,
    pending: JsValue,
}

impl Fields {
    fn new() -> Self {
        Self { value: JsValue::from_str("v"), pending: JsValue::from_str("p") }
    }

    fn encode(&self, entry: &Entry) -> JsValue {
        let object = Object::new();
        // cannot fail on an object we just made
        let _ = Reflect::set(&object, &self.value, &JsValue::from_str(&entry.value));
        if entry.pending {
            let _ = Reflect::set(&object, &self.pending, &JsValue::from(1));
        }
        object.into()
    }

    /// Something else in place of the text becomes an empty text, which does not open.
    fn decode(&self, stored: &JsValue) -> Entry {
        let field = |name| Reflect::get(stored, name).unwrap_or_default();
        Entry {
            value: field(&self.value).as_string().unwrap_or_default().into(),
            pending: field(&self.pending).is_truthy(),
        }
    }
}
