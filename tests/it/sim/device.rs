//! Devices and their tabs: one store each, and in every tab a real engine.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use muse_chat::store::{Fault, Memory, StoreError};
use muse_chat::sync::{
    ChatScope, Clock, CorruptRow, Engine, Entry, Feed, Id, Key, Limits, Now, Row, SpaceId, Tx, TxOutcome,
};

/// True time in Unix milliseconds when a simulation begins.
pub(crate) const START_MS: u64 = 1_764_000_000_000;

/// The Firestore project all devices are in at the end, and another one.
pub(crate) const HOME: &str = "demo";
pub(crate) const ELSEWHERE: &str = "elsewhere";

/// A tab of a device; `life` tells apart the one before from the one after it was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TabId {
    pub(crate) device: usize,
    pub(crate) tab: usize,
    pub(crate) life: u32,
}

#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) engine: Engine,
    pub(crate) life: u32,
    /// When it was opened, which is where its monotonic clock begins.
    pub(crate) born_ms: u64,
    pub(crate) space: Option<SpaceId>,
    /// A timer event is on its way for this time.
    pub(crate) timer_ms: Option<u64>,
    /// The wish that is being done.
    pub(crate) busy: Option<u64>,
    pub(crate) hidden: bool,
    /// The browser has stopped the page until then.
    pub(crate) frozen_until: Option<u64>,
    pub(crate) requests: u64,
    /// How much of the time for which all slept its monotonic clock has counted.
    pub(crate) slept_ms: u64,
    /// In which Firestore project it is connected.
    pub(crate) project: String,
    /// Rows this tab knows to be pending because it made them so itself.
    pub(crate) own: BTreeSet<Key>,
}

#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) store: Memory,
    /// Rows as last read: the judge looks at all of them again and again.
    read: RefCell<BTreeMap<String, (Entry, Rc<Row>)>>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) limits: Limits,
    /// Wall clock minus true time.
    pub(crate) wall_off_ms: i64,
    /// For how long all slept.
    pub(crate) passed_ms: u64,
    pub(crate) online: bool,
    pub(crate) name: String,
    pub(crate) space: Option<SpaceId>,
    /// Whether the browser has Web Locks; without them every tab leads.
    pub(crate) locks: bool,
    /// Who holds the lock of a space (the first), and who waits for it.
    pub(crate) leads: BTreeMap<SpaceId, VecDeque<TabId>>,
    pub(crate) project: String,
    /// Records as they were before they were deleted here.
    /// The chat the user is most busy with.
    pub(crate) favourite: Option<Id>,
    pub(crate) trash: BTreeMap<Key, BTreeMap<String, serde_json::Value>>,
}

/// A row before and after one transaction.
pub(crate) type Change = (String, Option<Entry>, Option<Entry>);

impl Device {
    pub(crate) fn new(name: &str, limits: Limits) -> Self {
        Self {
            store: Memory::new(),
            read: RefCell::default(),
            tabs: Vec::new(),
            limits,
            wall_off_ms: 0,
            passed_ms: 0,
            online: true,
            name: name.to_owned(),
            space: None,
            locks: false,
            leads: BTreeMap::new(),
            project: HOME.to_owned(),
            favourite: None,
            trash: BTreeMap::new(),
        }
    }

    /// A new tab, or a new life of one that was killed.
    pub(crate) fn new_tab(&self, life: u32, now_ms: u64, rng: &mut fastrand::Rng) -> Tab {
        Tab {
            engine: Engine::new(Clock::new(rng.u64(..), 0), &self.name, rng.u64(..), self.limits),
            life,
            born_ms: now_ms,
            space: None,
            timer_ms: None,
            busy: None,
            hidden: false,
            frozen_until: None,
            requests: 0,
            slept_ms: 0,
            project: self.project.clone(),
            own: BTreeSet::new(),
        }
    }

    pub(crate) fn now(&self, tab: usize, now_ms: u64) -> Now {
        Now {
            wall_ms: (START_MS + now_ms + self.passed_ms).saturating_add_signed(self.wall_off_ms),
            instant_ms: now_ms.saturating_sub(self.tabs[tab].born_ms) + self.tabs[tab].slept_ms,
        }
    }

    /// Runs a transaction of one tab on the store, and says what it changed.
    pub(crate) fn run(
        &mut self,
        tab: usize,
        tx: &Tx,
        now_ms: u64,
        fault: Option<Fault>,
    ) -> Result<(TxOutcome, Vec<Change>), String> {
        let now = self.now(tab, now_ms);
        if let Some(fault) = fault {
            self.store.fail_next(1, fault, &StoreError::Full);
        }
        let store = self.store.clone();
        let engine = &mut self.tabs[tab].engine;
        let done = self.store.transact_now(&tx.scope(), |table| {
            let outcome = engine.apply(tx, table, now);
            let before = store.rows();
            let change = |(key, entry): (&str, Option<&Entry>)| {
                (key.to_owned(), before.get(key).cloned(), entry.cloned())
            };
            (outcome, table.changes().map(change).collect())
        });
        done.map_err(|error| error.to_string())
    }

    /// What is in a row.
    pub(crate) fn read(&self, row_key: &str, entry: &Entry) -> Result<Rc<Row>, CorruptRow> {
        let mut read = self.read.borrow_mut();
        if let Some((_, row)) = read.get(row_key).filter(|(known, _)| known == entry) {
            return Ok(row.clone());
        }
        let row = Rc::new(Row::parse(entry)?);
        read.insert(row_key.to_owned(), (entry.clone(), row.clone()));
        Ok(row)
    }

    /// The rows of records that can be read.
    pub(crate) fn rows(&self) -> BTreeMap<Key, Rc<Row>> {
        let rows = self.store.rows();
        let parse = |(key, entry): (&String, &Entry)| {
            Some((Key::from_row_key(key).ok()?, self.read(key, entry).ok()?))
        };
        rows.iter().filter_map(parse).collect()
    }

    fn shared_row(&self, key: &Key) -> Option<Rc<Row>> {
        let row_key = key.row_key();
        self.read(&row_key, self.store.rows().get(&row_key)?).ok()
    }

    pub(crate) fn row(&self, key: &Key) -> Option<Row> {
        Some(Row::clone(&*self.shared_row(key)?))
    }

    /// Keys of rows that cannot be read, as a reader of the page would stumble over them.
    pub(crate) fn torn(&self) -> Vec<Key> {
        let rows = self.store.rows();
        let torn =
            |(key, entry): (&String, &Entry)| Key::from_row_key(key).ok().filter(|_| entry.open().is_err());
        rows.iter().filter_map(torn).collect()
    }

    /// Keys of rows that are set aside.
    pub(crate) fn quarantined(&self) -> Vec<Key> {
        let rows = self.store.rows();
        let aside = rows.iter().filter(|(_, entry)| entry.value.contains("\"quarantine\":{"));
        aside.filter_map(|(key, _)| Key::from_row_key(key).ok()).collect()
    }

    pub(crate) fn feed(&self, chat: &Id) -> Feed {
        self.shared_row(&Key::Chat(chat.clone())).and_then(|row| row.feed.clone()).unwrap_or_default()
    }

    pub(crate) fn is_synced(&self, chat: &Id) -> bool {
        self.feed(chat).scope == ChatScope::Synced
    }

    pub(crate) fn keys(&self, prefix: &str) -> Vec<Key> {
        let rows = self.store.rows();
        let keys = rows.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
        keys.filter_map(|(key, _)| Key::from_row_key(key).ok()).collect()
    }

    pub(crate) fn chats(&self) -> Vec<Id> {
        self.keys(Key::CHAT_ROWS).iter().filter_map(|key| key.chat().cloned()).collect()
    }

    /// The generation of the rows, which every reset raises.
    pub(crate) fn meta(&self) -> serde_json::Value {
        let rows = self.store.rows();
        let json = rows.get("y/meta").and_then(|entry| entry.open().ok().map(ToOwned::to_owned));
        json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
    }
}
