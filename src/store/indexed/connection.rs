//! One connection to the database and the transactions begun on it: opening with patience,
//! making way for newer versions, and hearing how a transaction ended.

use std::cell::Cell;
use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use idb::event::VersionChangeEvent;
use idb::{Database, DatabaseEvent, Factory, IndexParams, KeyPath, ObjectStore, ObjectStoreParams};
use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{IdbDatabase, IdbTransaction};

use crate::store::local::text_of;
use crate::store::{Durability, StoreError};

/// Raised when the shape of the database changes; rows carry their own versions.
const VERSION: u32 = 1;
const ROWS: &str = "rows";
/// The index of rows that want to be sent.
pub(super) const PENDING: &str = "pending";
/// A transaction that hangs longer is aborted, so that its outcome is known.
const WATCHDOG_MS: u32 = 20_000;

/// What a transaction is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Access {
    Read,
    Write(Durability),
}

/// An open database.
#[derive(Debug)]
pub(super) struct Connection {
    database: IdbDatabase,
    open: Rc<Cell<bool>>,
    /// Owns the event handlers.
    _handlers: Database,
}

/// A transaction under way.
#[derive(Debug)]
pub(super) struct Transaction {
    raw: IdbTransaction,
    inner: idb::Transaction,
    _watchdog: Timeout,
}

impl Connection {
    pub(super) async fn open(name: &str, patience_ms: u32) -> Result<Self, StoreError> {
        let factory = Factory::new().map_err(|error| failed(&error))?;
        let mut request = factory.open(name, Some(VERSION)).map_err(|error| failed(&error))?;
        // a half-made database has no rows; the first transaction says so
        request.on_upgrade_needed(|event| drop(create(&event)));
        let blocked = Rc::new(Cell::new(false));
        let seen = Rc::clone(&blocked);
        request.on_blocked(move |_| seen.set(true));
        match patiently(patience_ms, request.into_future()).await {
            Ok(opened) => Ok(Self::new(opened.map_err(|error| failed(&error))?.into())),
            Err(late) => {
                // whoever comes too late must not stand in the way of others
                spawn_local(async {
                    if let Ok(database) = late.await {
                        database.close();
                    }
                });
                let why = if blocked.get() { "another tab is in the way" } else { "no answer" };
                Err(StoreError::Unavailable(why.to_owned()))
            }
        }
    }

    fn new(database: IdbDatabase) -> Self {
        let open = Rc::new(Cell::new(true));
        let mut handlers = Database::from(database.clone());
        // a newer page wants to upgrade, or somebody deletes everything: do not block them
        let (closing, closed) = (database.clone(), Rc::clone(&open));
        handlers.on_version_change(move |_| {
            closed.set(false);
            closing.close();
        });
        let closed = Rc::clone(&open);
        handlers.on_close(move |_| closed.set(false));
        Self { database, open, _handlers: handlers }
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.get()
    }

    pub(super) fn close(&self) {
        self.open.set(false);
        self.database.close();
    }

    pub(super) fn begin(&self, access: Access) -> Result<Transaction, StoreError> {
        let raw = self.begin_raw(access).map_err(|error| StoreError::from_text(&text_of(&error)))?;
        let hung = raw.clone();
        let watchdog = Timeout::new(WATCHDOG_MS, move || {
            // refused if it is committing already: then it is only slow
            let _ = hung.abort();
        });
        Ok(Transaction { inner: raw.clone().into(), raw, _watchdog: watchdog })
    }

    /// `database.transaction("rows", mode, {durability})`: the options are standard, but not
    /// among the stable bindings.
    fn begin_raw(&self, access: Access) -> Result<IdbTransaction, JsValue> {
        let (mode, durability) = match access {
            Access::Read => ("readonly", "default"),
            Access::Write(Durability::Strict) => ("readwrite", "strict"),
            Access::Write(Durability::Relaxed) => ("readwrite", "relaxed"),
        };
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &durability.into())?;
        let begin: Function = Reflect::get(&self.database, &"transaction".into())?.dyn_into()?;
        begin.call3(&self.database, &ROWS.into(), &mode.into(), &options)?.dyn_into()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}

impl Transaction {
    pub(super) fn rows(&self) -> Result<ObjectStore, idb::Error> {
        self.inner.object_store(ROWS)
    }

    /// Waits until it is durable; or, when the requests could not even be made, until it is
    /// undone.
    pub(super) async fn finish(self, requested: Result<(), StoreError>) -> Result<(), StoreError> {
        // nothing can have happened before these listen: we are still in the turn of the last request
        let (tell, told) = oneshot::channel();
        let tell = Rc::new(Cell::new(Some(tell)));
        let answer = move |outcome| {
            if let Some(tell) = tell.take() {
                // nobody listens if the caller was dropped
                let _ = tell.send(outcome);
            }
        };
        let aborted = answer.clone();
        let raw = self.raw.clone();
        // unlike the handlers of `idb` these stop listening when the caller goes away
        let _complete = EventListener::once(&self.raw, "complete", move |_| answer(Ok(())));
        let _abort = EventListener::once(&self.raw, "abort", move |_| {
            // no reason given: the watchdog, or the connection
            let reason = raw.error().map(|error| StoreError::from_text(&text_of(&error)));
            aborted(Err(reason.unwrap_or(StoreError::Lost)));
        });
        if requested.is_err() && self.raw.abort().is_err() {
            return requested;
        }
        let outcome = told.await.unwrap_or(Err(StoreError::Lost));
        requested.and(outcome)
    }
}

/// The future's value, or the future itself if it takes too long.
pub(super) async fn patiently<F: Future + Unpin>(patience_ms: u32, future: F) -> Result<F::Output, F> {
    match select(future, TimeoutFuture::new(patience_ms)).await {
        Either::Left((value, _)) => Ok(value),
        Either::Right(((), late)) => Err(late),
    }
}

pub(super) fn failed(error: &idb::Error) -> StoreError {
    StoreError::from_text(&error.to_string())
}

fn create(event: &VersionChangeEvent) -> Result<(), idb::Error> {
    let rows = event.database()?.create_object_store(ROWS, ObjectStoreParams::new())?;
    let by_pending = KeyPath::new_single("p");
    rows.create_index(PENDING, by_pending, Some(IndexParams::new()))?;
    Ok(())
}
