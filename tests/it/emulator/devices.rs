//! The real engine, codec and memory store of several devices against the real emulator.
//!
//! Time is virtual (timers fire at once, in order); only the wall clock is real, because the rules
//! compare stamps with the server's time. With faults: `storms.rs`.

use std::collections::BTreeMap;

use muse_chat::store::Memory;
use muse_chat::sync::{
    Attention, Clock, Edit, Engine, Erase, EraseWish, FeedId, Id, Key, Limits, Now, Record, Request,
    Response, Row, Secret, Signal, SpaceId, Status, Table, TransportError, Tx, Value, Wish,
};

use super::host::Host;

pub(super) struct Device {
    pub(super) name: String,
    pub(super) engine: Engine,
    pub(super) store: Memory,
    host: Host,
    space: SpaceId,
    seed: u64,
    limits: Limits,
    pub(super) instant_ms: u64,
    pub(super) online: bool,
    /// Of bodies, both ways.
    pub(super) bytes: u64,
    /// A chat that must never be in a request.
    pub(super) secret: Option<Id>,
}

#[allow(clippy::disallowed_methods)] // the rules check stamps against the server's real time
fn wall_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    u64::try_from(since.unwrap().as_millis()).unwrap()
}

fn engine(name: &str, seed: u64, limits: Limits) -> Engine {
    Engine::new(Clock::new(seed ^ 0x5eed, 0), name, seed, limits)
}

impl Device {
    fn new(name: &str, space: &SpaceId, seed: u64) -> Self {
        Self::with(name, space, seed, Host::new(space.clone()), Limits::default())
    }

    pub(super) fn with(name: &str, space: &SpaceId, seed: u64, host: Host, limits: Limits) -> Self {
        let mut device = Self {
            name: name.to_owned(),
            engine: engine(name, seed, limits),
            store: Memory::new(),
            host,
            space: space.clone(),
            seed,
            limits,
            instant_ms: 0,
            online: true,
            bytes: 0,
            secret: None,
        };
        device.engine.connect(space.clone(), device.now());
        device
    }

    fn now(&self) -> Now {
        Now { wall_ms: wall_ms(), instant_ms: self.instant_ms }
    }

    /// The tab is gone, and another one is opened; only rows are left.
    pub(super) fn crash(&mut self) {
        self.seed += 1_000_003;
        self.engine = engine(&self.name, self.seed, self.limits);
        self.engine.connect(self.space.clone(), self.now());
    }

    /// Runs a transaction for the user.
    pub(super) fn run(&mut self, tx: &Tx) {
        let now = self.now();
        let outcome =
            self.store.transact_now(&tx.scope(), |table| self.engine.apply(tx, table, now)).unwrap();
        self.engine.handle_written(&outcome, now);
    }

    pub(super) fn write(&mut self, edits: Vec<Edit>) {
        self.run(&Tx::Write(edits));
    }

    /// The user asks to try what was refused again.
    pub(super) fn release(&mut self) {
        let rows = self.store.rows().clone();
        let keys = rows.keys().filter_map(|key| Key::from_row_key(key).ok()).collect();
        self.run(&Tx::Release(keys));
    }

    pub(super) fn try_now(&mut self) {
        self.engine.handle_signal(Signal::TryNow, self.now());
    }

    fn send(&mut self, request: &Request) -> Result<muse_chat::sync::Response, TransportError> {
        if !self.online {
            return Err(TransportError::Unreachable("offline".to_owned()));
        }
        if let Some(secret) = &self.secret {
            let call = self.host.wire().encode(request).unwrap();
            assert!(!call.body.contains(secret.as_str()), "a local-only chat is in a request");
        }
        let (answer, bytes) = self.host.send_and_measure(request);
        self.bytes += bytes as u64;
        answer
    }

    /// Does what the engine wishes until it only waits for its timer.
    fn settle(&mut self) {
        while let Some(wish) = self.engine.poll_wish() {
            match wish {
                Wish::Send { id, request } => {
                    let answer = self.send(&request);
                    let now = self.now();
                    self.engine.handle_answer(id, answer, now);
                }
                Wish::Store { id, tx } => {
                    let now = self.now();
                    let done =
                        self.store.transact_now(&tx.scope(), |table| self.engine.apply(&tx, table, now));
                    self.engine.handle_stored(id, done.map_err(|error| error.to_string()), now);
                }
            }
        }
        while self.engine.poll_event().is_some() {}
    }

    /// Lets the next timer fire.
    pub(super) fn wake(&mut self) {
        self.settle();
        if let Some(at_ms) = self.engine.poll_timer() {
            self.instant_ms = self.instant_ms.max(at_ms);
            let now = self.now();
            self.engine.handle_timer(now);
        }
        self.settle();
    }

    pub(super) fn sync(&mut self) {
        self.try_now();
        for _ in 0..60 {
            self.wake();
            if matches!(self.engine.status(), Status::Synced { .. }) {
                return;
            }
        }
        let rows = self.store.rows().clone();
        let rows = rows.iter().filter_map(|(key, entry)| Some((key, Row::parse(entry).ok()?)));
        let refused: Vec<_> = rows.filter_map(|(key, row)| Some((key, row.quarantine?.reason))).collect();
        panic!("{} does not come to rest: {:?} {refused:?}", self.name, self.engine.status());
    }

    /// Every record that is not empty, as people see it: fields without stamps.
    pub(super) fn content(&self) -> BTreeMap<String, BTreeMap<String, Value>> {
        let table = Table::new(self.store.rows().clone());
        let mut content = BTreeMap::new();
        for prefix in [Key::CONFIG_ROWS, Key::CHAT_ROWS, Key::MESSAGE_ROWS] {
            for (key, entry) in table.range(prefix) {
                let row = Row::parse(entry).unwrap();
                if !row.record.fields.is_empty() {
                    content.insert(key.to_owned(), fields(&row.record));
                }
            }
        }
        content
    }
}

fn fields(record: &Record) -> BTreeMap<String, Value> {
    record.fields.iter().map(|(name, register)| (name.clone(), register.value.clone())).collect()
}

pub(super) fn space(rng: &mut fastrand::Rng) -> SpaceId {
    Secret::new(std::array::from_fn(|_| rng.u8(..))).space()
}

pub(super) fn id(rng: &mut fastrand::Rng, kind: char) -> Id {
    Id::random(kind, std::array::from_fn(|_| rng.u8(..)))
}

pub(super) fn message(chat: &Id, id: &Id, body: &str) -> Edit {
    let fields = [("role", "user".into()), ("body", body.into()), ("at", Value::from(wall_ms()))];
    Edit::set(Key::Message(chat.clone(), id.clone()), fields)
}

/// Two rounds each: what the second one sends in its first must reach the first one.
fn sync_all(devices: &mut [Device]) {
    for _ in 0..2 {
        devices.iter_mut().for_each(Device::sync);
    }
}

#[test]
#[ignore = "needs the Firestore emulator"]
fn settings_profile_and_chats_appear_on_a_second_device() {
    let mut rng = fastrand::Rng::new();
    let space = space(&mut rng);
    let mut first = Device::new("first", &space, 1);
    let chat = id(&mut rng, 'c');
    let messages: Vec<Id> = (0..120).map(|_| id(&mut rng, 'm')).collect();
    first.write(vec![
        Edit::set(Key::Settings, [("theme", "dark".into())]),
        Edit::set(Key::Profile, [("name", "Ada ❤".into())]),
        Edit::set(Key::Chat(chat.clone()), [("title", "Engines".into())]),
    ]);
    first.write(messages.iter().map(|id| message(&chat, id, &format!("body of {id}"))).collect());
    first.sync();
    let mut second = Device::new("second", &space, 2);
    second.sync();
    assert_eq!(first.content().len(), 123);
    assert_eq!(second.content(), first.content());
}

#[test]
#[ignore = "needs the Firestore emulator"]
fn edits_made_offline_on_both_devices_become_one() {
    let mut rng = fastrand::Rng::new();
    let space = space(&mut rng);
    let mut devices = [Device::new("first", &space, 3), Device::new("second", &space, 4)];
    let chat = id(&mut rng, 'c');
    devices[0].write(vec![Edit::set(Key::Chat(chat.clone()), [("title", "Trip".into())])]);
    sync_all(&mut devices);
    devices.iter_mut().for_each(|device| device.online = false);
    let (a, b) = (id(&mut rng, 'm'), id(&mut rng, 'm'));
    devices[0].write(vec![message(&chat, &a, "from the first")]);
    devices[0].write(vec![Edit::set(Key::Chat(chat.clone()), [("title", "Trip to Rome".into())])]);
    devices[1].write(vec![message(&chat, &b, "from the second")]);
    devices[1].write(vec![Edit::set(Key::Chat(chat.clone()), [("pinned", true.into())])]);
    devices.iter_mut().for_each(|device| device.wake());
    assert!(matches!(devices[0].engine.status(), Status::Offline { pending: 2, .. }));
    devices.iter_mut().for_each(|device| device.online = true);
    sync_all(&mut devices);
    let content = devices[0].content();
    assert_eq!(devices[1].content(), content);
    let of_chat = &content[&Key::Chat(chat.clone()).row_key()];
    assert_eq!(of_chat["title"], "Trip to Rome");
    assert_eq!(of_chat["pinned"], true);
    assert_eq!(content.keys().filter(|key| key.starts_with("m/")).count(), 2);
}

#[test]
#[ignore = "needs the Firestore emulator"]
fn who_joins_a_space_that_lost_its_head_sees_all_of_it_and_makes_a_head() {
    let mut rng = fastrand::Rng::new();
    let space = space(&mut rng);
    let mut devices = [Device::new("first", &space, 5), Device::new("second", &space, 6)];
    let chat = id(&mut rng, 'c');
    devices[0].write(vec![Edit::set(Key::Chat(chat.clone()), [("title", "Trip".into())])]);
    devices[0].write(vec![message(&chat, &id(&mut rng, 'm'), "before")]);
    devices[0].sync();
    let host = devices[0].host.clone();
    assert_eq!(host.post(&host.deletion(""), Some("owner")).unwrap().status, 200);
    let headless = host.send(&Request::Head);
    assert!(matches!(headless, Ok(Response::Head { head: None, .. })), "{headless:?}");

    devices[1].sync();
    assert_eq!(devices[1].content(), devices[0].content());
    let headed = host.send(&Request::Head);
    assert!(matches!(headed, Ok(Response::Head { head: Some(_), .. })), "{headed:?}");
    devices[0].write(vec![message(&chat, &id(&mut rng, 'm'), "after")]);
    sync_all(&mut devices);
    assert_eq!(devices[1].content(), devices[0].content());
    assert_eq!(devices[1].content().len(), 3);
}

#[test]
#[ignore = "needs the Firestore emulator"]
fn an_erased_space_is_empty_for_good_and_devices_keep_everything() {
    let mut rng = fastrand::Rng::new();
    let space = space(&mut rng);
    let (mut first, mut second) = (Device::new("first", &space, 1), Device::new("second", &space, 2));
    let chat = id(&mut rng, 'c');
    let messages: Vec<Id> = (0..120).map(|_| id(&mut rng, 'm')).collect();
    first.write(vec![
        Edit::set(Key::Settings, [("theme", "dark".into())]),
        Edit::set(Key::Chat(chat.clone()), [("title", "Engines".into())]),
    ]);
    first.write(messages.iter().map(|id| message(&chat, id, &format!("body of {id}"))).collect());
    first.sync();
    second.sync();
    let kept = second.content();
    first.engine.disconnect();
    // it is begun twice, as after a crash
    for stop_after in [4, 10_000] {
        let mut erase = Erase::new(7);
        for _ in 0..stop_after {
            match erase.poll() {
                EraseWish::Send(request) => erase.handle(first.host.send(&request)),
                EraseWish::Wait(_) => {}
                EraseWish::Done => break,
                EraseWish::Failed(why) => panic!("{why}"),
            }
        }
    }
    for feed in [FeedId::Config, FeedId::Chats, FeedId::Messages(chat.clone())] {
        let request = Request::Names { feed, after: muse_chat::sync::Position::default(), limit: 10 };
        let answer = first.host.send(&request);
        assert!(matches!(answer, Ok(Response::Names { received: 0, .. })), "{answer:?}");
    }
    second.write(vec![message(&chat, &id(&mut rng, 'm'), "after the end")]);
    second.engine.handle_signal(Signal::TryNow, second.now());
    (0..5).for_each(|_| second.wake());
    let closed = matches!(second.engine.status(), Status::Attention { reason: Attention::Closed, .. });
    assert!(closed, "{:?}", second.engine.status());
    assert_eq!(second.content().len(), kept.len() + 1);
    assert_eq!(second.engine.poll_timer(), None, "nothing is asked any more");
}
