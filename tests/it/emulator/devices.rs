//! The real engine, codec and memory store of several devices against the real emulator.
//!
//! Time is virtual (timers fire at once, in order); only the wall clock is real, because the rules
//! compare stamps with the server's time. Faults are made between engine and emulator: a request
//! that never arrives, and an answer that never comes back.

use std::collections::BTreeMap;

use muse_chat::store::Memory;
use muse_chat::sync::{
    Clock, Edit, Engine, Id, Key, Limits, Now, Record, Request, Row, Secret, Signal, SpaceId, Status, Table,
    TransportError, Tx, Value, Wish,
};

use super::host::Host;

/// How often, of a hundred, a request is lost before and an answer after the server has seen it.
#[derive(Clone, Copy)]
struct Faults {
    before: u8,
    after: u8,
}

const NONE: Faults = Faults { before: 0, after: 0 };

struct Device {
    name: String,
    engine: Engine,
    store: Memory,
    host: Host,
    rng: fastrand::Rng,
    instant_ms: u64,
    online: bool,
    requests: u32,
}

#[allow(clippy::disallowed_methods)] // the rules check stamps against the server's real time
fn wall_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    u64::try_from(since.unwrap().as_millis()).unwrap()
}

impl Device {
    fn new(name: &str, space: &SpaceId, seed: u64) -> Self {
        let engine = Engine::new(Clock::new(seed ^ 0x5eed, 0), name, seed, Limits::default());
        let mut device = Self {
            name: name.to_owned(),
            engine,
            store: Memory::new(),
            host: Host::new(space.clone()),
            rng: fastrand::Rng::with_seed(seed),
            instant_ms: 0,
            online: true,
            requests: 0,
        };
        device.engine.connect(space.clone(), device.now());
        device
    }

    fn now(&self) -> Now {
        Now { wall_ms: wall_ms(), instant_ms: self.instant_ms }
    }

    fn write(&mut self, edits: Vec<Edit>) {
        let tx = Tx::Write(edits);
        let now = self.now();
        let outcome =
            self.store.transact_now(&tx.scope(), |table| self.engine.apply(&tx, table, now)).unwrap();
        self.engine.handle_written(&outcome, now);
    }

    fn send(
        &mut self,
        request: &Request,
        faults: Faults,
    ) -> Result<muse_chat::sync::Response, TransportError> {
        self.requests += 1;
        let lost = || Err(TransportError::Unreachable("lost by the test".to_owned()));
        if !self.online || self.rng.u8(..100) < faults.before {
            return lost();
        }
        let answer = self.host.send(request);
        if self.rng.u8(..100) < faults.after { lost() } else { answer }
    }

    /// Does what the engine wishes until it only waits for its timer.
    fn settle(&mut self, faults: Faults) {
        while let Some(wish) = self.engine.poll_wish() {
            match wish {
                Wish::Send { id, request } => {
                    let answer = self.send(&request, faults);
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
    fn wake(&mut self, faults: Faults) {
        self.settle(faults);
        if let Some(at_ms) = self.engine.poll_timer() {
            self.instant_ms = self.instant_ms.max(at_ms);
            let now = self.now();
            self.engine.handle_timer(now);
        }
        self.settle(faults);
    }

    fn sync(&mut self) {
        self.engine.handle_signal(Signal::TryNow, self.now());
        for _ in 0..60 {
            self.wake(NONE);
            if matches!(self.engine.status(), Status::Synced { .. }) {
                return;
            }
        }
        panic!("{} does not come to rest: {:?}", self.name, self.engine.status());
    }

    /// Every record that is not empty, as people see it: fields without stamps.
    fn content(&self) -> BTreeMap<String, BTreeMap<String, Value>> {
        let table = Table::new(self.store.rows().clone());
        let mut content = BTreeMap::new();
        for prefix in [Key::CONFIG_ROWS, Key::CHAT_ROWS, Key::MESSAGE_ROWS] {
            for (key, entry) in table.range(prefix) {
                let row = Row::parse(entry).unwrap();
                assert!(row.quarantine.is_none(), "{key} was refused: {:?}", row.quarantine);
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

fn space(rng: &mut fastrand::Rng) -> SpaceId {
    Secret::new(std::array::from_fn(|_| rng.u8(..))).space()
}

fn id(rng: &mut fastrand::Rng, kind: char) -> Id {
    Id::random(kind, std::array::from_fn(|_| rng.u8(..)))
}

fn message(chat: &Id, id: &Id, body: &str) -> Edit {
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
    devices.iter_mut().for_each(|device| device.wake(NONE));
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

/// Random edits on three devices while a quarter of all requests or answers are lost.
fn run(seed: u64) {
    let mut rng = fastrand::Rng::with_seed(seed);
    // a space nobody has used, also when the seed is replayed
    let space = space(&mut fastrand::Rng::new());
    let mut devices: Vec<Device> =
        (0..3).map(|n| Device::new(&format!("device {n}"), &space, seed * 31 + n)).collect();
    let chats: Vec<Id> = (0..3).map(|_| id(&mut rng, 'c')).collect();
    let mut written: Vec<(String, String)> = Vec::new();
    let faults = Faults { before: 12, after: 12 };
    for _ in 0..rng.u8(20..40) {
        let device = &mut devices[rng.usize(..3)];
        let chat = &chats[rng.usize(..3)];
        match rng.u8(..6) {
            0 => device.write(vec![Edit::set(Key::Settings, [("theme", rng.u8(..).into())])]),
            1 => device.write(vec![Edit::set(Key::Chat(chat.clone()), [("title", rng.u8(..).into())])]),
            2 => device.online = !device.online,
            _ => {
                let id = id(&mut rng, 'm');
                let body = format!("said {}", rng.u32(..));
                device.write(vec![message(chat, &id, &body)]);
                written.push((Key::Message(chat.clone(), id).row_key(), body));
            }
        }
        for _ in 0..rng.u8(..3) {
            devices[rng.usize(..3)].wake(faults);
        }
    }
    devices.iter_mut().for_each(|device| device.online = true);
    sync_all(&mut devices);
    let content = devices[0].content();
    for device in &devices {
        assert_eq!(device.content(), content, "seed {seed}: {} differs", device.name);
    }
    for (key, body) in &written {
        assert_eq!(
            content.get(key).map(|fields| &fields["body"]),
            Some(&Value::from(body.as_str())),
            "seed {seed}"
        );
    }
    let there = content.keys().filter(|key| key.starts_with("m/")).count();
    assert_eq!(there, written.len(), "seed {seed}: a message is doubled or lost");
}

/// `EMULATOR_RUNS=n` for more, `SEED=n` for one.
#[test]
#[ignore = "needs the Firestore emulator"]
fn nothing_is_lost_or_doubled_while_requests_and_answers_are_lost() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("SEED") {
        return run(seed);
    }
    let runs = number("EMULATOR_RUNS").unwrap_or(40);
    println!("{runs} runs, seeds 1..={runs}");
    (1..=runs).for_each(run);
}
