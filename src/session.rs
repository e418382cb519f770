//! One running session: the tab's hold on the store, the engine and the providers.
//!
//! Promises: what the user made is durable before it is shown as made; an error leaves their text
//! where it was. Every row that changes, whoever changed it, becomes a view in one place
//! (`views`). With sync off nothing is sent. The contexts see plain values and listen to slices.

mod answerer;
mod app_files;
mod browser;
mod chats;
mod cloud;
mod debug;
mod device;
mod devices;
mod drafts;
mod driver;
mod erase;
mod fork;
mod joining;
mod keys;
mod leftover;
mod load;
mod load_chat;
mod mirror;
mod older;
mod refused;
mod reply;
mod scope;
mod settings;
mod switch;
mod tabs;
mod title;
mod toasts;
mod trash;
mod unsaved;
pub mod view;
mod views;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use futures::channel::oneshot;
use gloo_timers::callback::Timeout;

use crate::providers::Thinking;
use crate::store::{Durability, Store};
use crate::sync::{Clock, Edit, Engine, Id, Key, Limits, Scope, Table, Tx};
use cloud::Cloud;
use device::Device;
pub use devices::DeviceSeen;
pub use erase::Erasing;
pub use older::OlderText;
pub use refused::Refused;
use reply::Reply;
use toasts::Toasts;
pub use view::{
    ConfigSource, Diagnostics, Joining, KeyView, LiveReply, Mark, Place, Preview, ProbeReport, Slice,
    SyncView, ThisSession, Toast, ToastKind, TranscriptView,
};
use views::Views;

const NEWER: &str = "This was made by a newer version of Muse Chat; reload the page to change it.";

type Listener = Rc<dyn Fn()>;

/// A cheap handle on the session; all clones are the same one.
#[derive(Clone)]
pub struct Session(Rc<Inner>);

struct Inner {
    engine: RefCell<Engine>,
    store: RefCell<Opening>,
    views: RefCell<Views>,
    device: RefCell<Device>,
    cloud: RefCell<Cloud>,
    replies: RefCell<BTreeMap<Id, Reply>>,
    toasts: RefCell<Toasts>,
    /// How models let themselves be asked to think first, where they refused another way.
    thinking: RefCell<BTreeMap<String, &'static [Thinking]>>,
    listeners: RefCell<Vec<(u32, Slice, Listener)>>,
    next_listener: Cell<u32>,
    timer: RefCell<Option<Timeout>>,
    mirror_timer: RefCell<Option<Timeout>>,
    browser: RefCell<browser::Listeners>,
    /// Old texts were swept in this session.
    swept: Cell<bool>,
    lead: RefCell<Option<tabs::Lead>>,
    lead_turn: Cell<u32>,
    usage_kept_at: Cell<u64>,
    /// When a newer version was asked for, on the monotonic clock; `None` where nothing keeps the app's files.
    asked_for_app_at_ms: Cell<Option<u64>>,
}

/// The store opens in the background; what needs it waits.
enum Opening {
    Waiting(Vec<oneshot::Sender<()>>),
    Open(Store),
    /// It cannot be used; why, in one sentence.
    Failed(String),
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Ends when dropped.
#[must_use]
pub struct Subscription {
    session: Weak<Inner>,
    id: u32,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(inner) = self.session.upgrade() {
            inner.listeners.borrow_mut().retain(|(id, ..)| *id != self.id);
        }
    }
}

impl Session {
    /// Starts a session: what the last visit left in the mirror is there at once, the rows follow.
    #[must_use]
    pub fn boot() -> Self {
        let device = Device::boot();
        let clock = Clock::new(browser::random_u64(), 0);
        let engine = Engine::new(clock, &device.id, browser::random_u64(), Limits::default());
        let session = Self(Rc::new(Inner {
            engine: RefCell::new(engine),
            store: RefCell::new(Opening::Waiting(Vec::new())),
            views: RefCell::new(mirror::read()),
            device: RefCell::new(device),
            cloud: RefCell::new(Cloud::default()),
            replies: RefCell::default(),
            toasts: RefCell::default(),
            thinking: RefCell::default(),
            listeners: RefCell::default(),
            next_listener: Cell::new(0),
            timer: RefCell::new(None),
            mirror_timer: RefCell::new(None),
            browser: RefCell::default(),
            swept: Cell::new(false),
            lead: RefCell::new(None),
            lead_turn: Cell::new(0),
            usage_kept_at: Cell::new(0),
            asked_for_app_at_ms: Cell::new(None),
        }));
        session.take_invitation();
        session.apply_theme();
        session.listen_to_browser();
        let loading = session.clone();
        wasm_bindgen_futures::spawn_local(async move { loading.load().await });
        session.keep_app_files();
        session
    }

    /// Calls `listener` whenever a slice may have changed, until the subscription is dropped.
    pub fn subscribe(&self, slice: Slice, listener: impl Fn() + 'static) -> Subscription {
        let id = self.0.next_listener.get();
        self.0.next_listener.set(id + 1);
        self.0.listeners.borrow_mut().push((id, slice, Rc::new(listener)));
        Subscription { session: Rc::downgrade(&self.0), id }
    }

    fn notify(&self, slice: &Slice) {
        let listeners: Vec<Listener> = {
            let all = self.0.listeners.borrow();
            all.iter().filter(|(_, s, _)| s == slice).map(|(.., l)| Rc::clone(l)).collect()
        };
        for listener in listeners {
            listener();
        }
    }

    async fn store(&self) -> Result<Store, String> {
        let opened = match &mut *self.0.store.borrow_mut() {
            Opening::Open(store) => return Ok(store.clone()),
            Opening::Failed(why) => return Err(why.clone()),
            Opening::Waiting(waiting) => {
                let (tell, opened) = oneshot::channel();
                waiting.push(tell);
                opened
            }
        };
        // a dropped sender cannot happen while `self` lives; the state below decides anyway
        let _ = opened.await;
        match &*self.0.store.borrow() {
            Opening::Open(store) => Ok(store.clone()),
            Opening::Failed(why) => Err(why.clone()),
            Opening::Waiting(_) => Err("The storage of this device has not answered.".to_owned()),
        }
    }

    fn store_opened(&self, opening: Opening) {
        let before = self.0.store.replace(opening);
        if let Opening::Waiting(waiting) = before {
            for tell in waiting {
                let _ = tell.send(());
            }
        }
    }

    /// Writes edits in one transaction, together with other rows if `also` says so. Resolves when
    /// all of it is durable and shown.
    async fn write(&self, edits: Vec<Edit>, also: impl FnOnce(&mut Table)) -> Result<(), String> {
        let refused = self.write_with(edits, &Scope::default(), also).await?;
        if refused.is_empty() { Ok(()) } else { Err(NEWER.to_owned()) }
    }

    /// [`Session::write`] where `also` reads the rows named by `kept`; says what is refused, and then nothing is written.
    async fn write_with(
        &self,
        mut edits: Vec<Edit>,
        kept: &Scope,
        also: impl FnOnce(&mut Table),
    ) -> Result<Vec<Key>, String> {
        let decided = self.0.views.borrow().unsaved.decided();
        let tx = Tx::Write(edits.clone());
        let mut scope = tx.scope();
        scope.keys.extend(kept.keys.iter().cloned());
        let store = self.store().await?;
        let run = |table: &mut Table| {
            let outcome = self.0.engine.borrow_mut().apply(&tx, table, browser::now());
            if outcome.refused.is_empty() {
                also(table);
            }
            let rows = views::changed_rows(table, &outcome);
            (outcome, rows)
        };
        let (outcome, rows) =
            store.transact(&scope, Durability::Strict, run).await.map_err(|error| error.to_string())?;
        // what is refused is given up, and then nothing is written; else all of it is
        let is_over = |edit: &Edit| outcome.refused.is_empty() || outcome.refused.contains(&edit.key);
        edits.retain(is_over);
        if self.0.views.borrow_mut().unsaved.settle(&edits, decided) {
            self.notify(&Slice::Unsaved);
        }
        self.show_rows(&rows);
        self.tell_rows(&outcome.changed);
        self.0.engine.borrow_mut().handle_written(&outcome, browser::now());
        self.drive();
        if !outcome.refused.is_empty() {
            // back to what is stored
            self.show_edited(&edits);
        }
        Ok(outcome.refused)
    }

    /// Writes rows that belong to this device alone.
    fn write_device_rows(&self, scope: Scope, change: impl FnOnce(&mut Table) + 'static) {
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let done = match session.store().await {
                Ok(store) => {
                    let done = store.transact(&scope, Durability::Strict, change).await;
                    done.map_err(|error| error.to_string())
                }
                Err(why) => Err(why),
            };
            if let Err(why) = done {
                session.toast(ToastKind::Error, &why);
            }
        });
    }
}
