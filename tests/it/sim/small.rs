//! A small world, searched to the end: two devices, two records, and every order of edits, steps,
//! lost requests, lost answers and crashes up to a depth. Real engine, codec and store.
//!
//! A step is an answer of the server, or the timer, with the transactions that follow from it. Of
//! schedules that differ only in the order of steps that know nothing of each other one is played,
//! and no state twice. From every state at the end of a schedule faults stop, and then both devices and the
//! server must agree on everything that was written.
//!
//! `DEEPER=n` for more steps.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};

use muse_chat::firestore::{Config, Wire};
use muse_chat::store::Memory;
use muse_chat::sync::{
    Clock, Edit, Engine, Key, Limits, Now, Request, Row, Scope, Secret, SpaceId, Status, TransportError, Tx,
    Wish,
};

use super::device::START_MS;
use super::oracle::record_of;
use super::{Server, number, threads};

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Act {
    /// A user sets one of the two records.
    Edit(usize, bool),
    /// The next thing the engine waits for comes to pass: a transaction, an answer, the timer.
    Step(usize),
    /// Its request never arrives.
    LoseRequest(usize),
    /// The server does it, and the answer never arrives.
    LoseAnswer(usize),
    /// The tab is gone, and another one is opened.
    Crash(usize),
    /// The same after the first transaction of a step.
    CrashInside(usize),
}

impl Act {
    fn device(self) -> usize {
        match self {
            Self::Edit(n, _)
            | Self::Step(n)
            | Self::LoseRequest(n)
            | Self::LoseAnswer(n)
            | Self::Crash(n)
            | Self::CrashInside(n) => n,
        }
    }
}

struct Device {
    engine: Engine,
    store: Memory,
    /// Its own time: milliseconds, a thousand a step.
    now_ms: u64,
    life: u64,
    edits: u32,
    sending: Option<(u64, Request)>,
}

struct World {
    wire: Wire,
    space: SpaceId,
    server: Server,
    devices: [Device; 2],
    /// How many more edits, losses and crashes there may be.
    edits: u32,
    losses: u32,
    crashes: u32,
    /// The last value each device wrote into each record.
    written: Vec<(Key, String)>,
}

fn key(settings: bool) -> Key {
    if settings { Key::Settings } else { Key::Profile }
}

fn copy_of(store: &Memory) -> Memory {
    let copy = Memory::new();
    let rows = store.rows().clone();
    copy.transact_now(&Scope::default(), |table| {
        rows.into_iter().for_each(|(key, entry)| table.put(&key, entry));
    })
    .unwrap();
    copy
}

impl Device {
    fn new(n: usize, space: &SpaceId) -> Self {
        let mut device =
            Self { engine: engine(n, 0), store: Memory::new(), now_ms: 0, life: 0, edits: 0, sending: None };
        device.engine.connect(space.clone(), device.now());
        device.rest(u32::MAX);
        device
    }

    fn copy(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            store: copy_of(&self.store),
            sending: self.sending.clone(),
            ..*self
        }
    }

    fn now(&self) -> Now {
        Now { wall_ms: START_MS + self.now_ms, instant_ms: self.now_ms }
    }

    /// Runs the transactions it wishes, until it waits for the server or the timer.
    fn rest(&mut self, mut most: u32) {
        while let Some(wish) = self.engine.poll_wish() {
            match wish {
                Wish::Send { id, request } => self.sending = Some((id, request)),
                Wish::Store { id, tx } => {
                    if most == 0 {
                        return;
                    }
                    most -= 1;
                    self.now_ms += 1_000;
                    let outcome = self.run(&tx);
                    self.engine.handle_stored(id, Ok(outcome), self.now());
                }
            }
        }
        while self.engine.poll_event().is_some() {}
    }

    fn run(&mut self, tx: &Tx) -> muse_chat::sync::TxOutcome {
        let now = self.now();
        self.store.transact_now(&tx.scope(), |table| self.engine.apply(tx, table, now)).unwrap()
    }
}

fn engine(n: usize, life: u64) -> Engine {
    let node = n as u64 * 100 + life + 1;
    Engine::new(Clock::new(node, 0), &format!("device{n}"), node, Limits::default())
}

impl World {
    fn new() -> Self {
        let space = Secret::new([1; 20]).space();
        let config = Config::new("demo", "", "").unwrap();
        Self {
            wire: Wire::new(config, space.clone()),
            server: Server::default(),
            devices: [Device::new(0, &space), Device::new(1, &space)],
            space,
            edits: 2,
            losses: 1,
            crashes: 1,
            written: Vec::new(),
        }
    }

    fn copy(&self) -> Self {
        Self {
            wire: self.wire.clone(),
            space: self.space.clone(),
            server: self.server.clone(),
            devices: [self.devices[0].copy(), self.devices[1].copy()],
            written: self.written.clone(),
            ..*self
        }
    }

    /// Whether the other device could notice.
    fn meets_server(&self, act: Act) -> bool {
        match act {
            Act::Step(n) | Act::LoseAnswer(n) | Act::CrashInside(n) => self.devices[n].sending.is_some(),
            Act::Edit(..) | Act::LoseRequest(_) | Act::Crash(_) => false,
        }
    }

    /// Whether this act, after that one, is to be played: if they know nothing of each other, only
    /// in the order in which the first device comes first.
    fn is_in_order(&self, last: Last, act: Act) -> bool {
        let Some((last, met_server)) = last else { return true };
        last.device() <= act.device() || (met_server && self.meets_server(act))
    }

    fn acts(&self) -> Vec<Act> {
        let mut acts = Vec::new();
        for device in 0..2 {
            acts.push(Act::Step(device));
            if self.edits > 0 {
                acts.extend([Act::Edit(device, true), Act::Edit(device, false)]);
            }
            let sends = self.devices[device].sending.is_some();
            if self.losses > 0 && sends {
                acts.extend([Act::LoseRequest(device), Act::LoseAnswer(device)]);
            }
            if self.crashes > 0 {
                acts.extend([Act::Crash(device), Act::CrashInside(device)]);
            }
        }
        acts
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Edit(n, settings) => self.edit(n, settings),
            Act::Step(n) => self.step(n, true, u32::MAX),
            Act::LoseRequest(n) => {
                self.losses -= 1;
                self.step(n, false, u32::MAX);
            }
            Act::LoseAnswer(n) => {
                self.losses -= 1;
                if let Some((_, request)) = self.devices[n].sending.clone() {
                    let _ = self.serve(&request);
                }
                self.step(n, false, u32::MAX);
            }
            Act::Crash(n) => self.crash(n),
            Act::CrashInside(n) => {
                self.step(n, true, 1);
                self.crash(n);
            }
        }
    }

    fn crash(&mut self, n: usize) {
        self.crashes -= 1;
        let (space, device) = (self.space.clone(), &mut self.devices[n]);
        device.life += 1;
        device.engine = engine(n, device.life);
        device.now_ms += 1_000;
        device.engine.connect(space, device.now());
        device.rest(u32::MAX);
    }

    fn edit(&mut self, n: usize, settings: bool) {
        self.edits -= 1;
        let device = &mut self.devices[n];
        device.edits += 1;
        device.now_ms += 1_000;
        let value = format!("{n}.{}", device.edits);
        let tx = Tx::Write(vec![Edit::set(key(settings), [("x", value.clone().into())])]);
        let outcome = device.run(&tx);
        device.engine.handle_written(&outcome, device.now());
        self.written.push((key(settings), value));
    }

    fn serve(&mut self, request: &Request) -> Result<muse_chat::sync::Response, TransportError> {
        let call = self.wire.encode(request).unwrap();
        let answer = self.server.answer(&call, START_MS, true);
        assert_eq!(self.server.broken, None);
        self.wire.decode(request, &answer)
    }

    /// One device gets what it waits for, and runs at most so many transactions that follow.
    fn step(&mut self, n: usize, arrives: bool, most: u32) {
        self.devices[n].now_ms += 1_000;
        if let Some((id, request)) = self.devices[n].sending.take() {
            let lost = || Err(TransportError::Unreachable(String::new()));
            let answer = if arrives { self.serve(&request) } else { lost() };
            let now = self.devices[n].now();
            self.devices[n].engine.handle_answer(id, answer, now);
        } else {
            let device = &mut self.devices[n];
            let due = device.engine.poll_timer().expect("a device that waits for nothing");
            device.now_ms = device.now_ms.max(due);
            device.engine.handle_timer(device.now());
        }
        self.devices[n].rest(most);
    }

    /// At the end of a schedule it does not matter how much else could have happened.
    fn hash(&self, left: u32) -> u64 {
        let mut text = String::new();
        for device in &self.devices {
            let _ = write!(text, "{:?}{:?}{}", device.engine, device.sending, device.now_ms);
            device.store.rows().iter().for_each(|(key, entry)| _ = write!(text, "{key}{}", entry.value));
        }
        for (path, doc) in &self.server.docs {
            let _ = write!(text, "{path}{}{:?}", doc.time_us, doc.fields);
        }
        if left > 0 {
            let _ = write!(text, "{}{}{}", self.edits, self.losses, self.crashes);
        }
        let _ = write!(text, "{:?}", self.written);
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        hasher.finish()
    }

    /// No more faults: everything that was written must be somewhere, and the same everywhere.
    fn ends_well(mut self) -> Result<(), String> {
        for _ in 0..40 {
            for n in 0..2 {
                // until it only waits for its timer
                for _ in 0..30 {
                    self.step(n, true, u32::MAX);
                    if self.devices[n].sending.is_none() {
                        break;
                    }
                }
            }
            if self.agrees().is_ok() {
                break;
            }
        }
        self.agrees()
    }

    fn agrees(&self) -> Result<(), String> {
        for (n, device) in self.devices.iter().enumerate() {
            if !matches!(device.engine.status(), Status::Synced { .. }) {
                return Err(format!("device {n} is {:?}", device.engine.status()));
            }
        }
        for settings in [true, false] {
            let key = key(settings);
            let path = format!("users/{}/{}", self.space.as_str(), key.path());
            let there = self.server.docs.get(&path).and_then(record_of).unwrap_or_default();
            for (n, device) in self.devices.iter().enumerate() {
                let rows = device.store.rows();
                let row =
                    rows.get(&key.row_key()).map(|entry| Row::parse(entry).unwrap()).unwrap_or_default();
                if row.record.fields != there.fields {
                    return Err(format!("{} of device {n} is not what the server has", key.path()));
                }
            }
            // the value that stands is one that nobody overwrote on the same device afterwards
            let value = there.text("x").map(ToOwned::to_owned);
            let last = |n: usize| {
                let of = |(of, value): &&(Key, String)| *of == key && value.starts_with(&format!("{n}."));
                self.written.iter().rev().find(of).map(|(_, value)| value.clone())
            };
            let candidates = [last(0), last(1)];
            if value.is_none() != candidates.iter().all(Option::is_none)
                || !(value.is_none() || candidates.contains(&value))
            {
                return Err(format!("{} is {value:?}, not one of {candidates:?}", key.path()));
            }
        }
        Ok(())
    }
}

/// An act, and whether it met the server.
type Last = Option<(Act, bool)>;

#[derive(Default)]
struct Search {
    /// Schedules from a state, by its hash and the steps left.
    known: HashMap<(u64, u32, Last), u128>,
}

impl Search {
    fn schedules(&mut self, world: World, depth: u32, last: Last, so_far: &mut Vec<Act>) -> u128 {
        // at the end it does not matter how it came to be
        let place = (world.hash(depth), depth, last.filter(|_| depth > 0));
        if let Some(schedules) = self.known.get(&place) {
            return *schedules;
        }
        let schedules = if depth == 0 {
            if let Err(broken) = world.ends_well() {
                panic!("after {so_far:?}: {broken}");
            }
            1
        } else {
            let mut sum = 0;
            for act in world.acts().into_iter().filter(|act| world.is_in_order(last, *act)) {
                let met_server = world.meets_server(act);
                let mut next = world.copy();
                next.act(act);
                so_far.push(act);
                sum += self.schedules(next, depth - 1, Some((act, met_server)), so_far);
                so_far.pop();
            }
            sum
        };
        self.known.insert(place, schedules);
        schedules
    }
}

/// Where a search begins, and how deep it goes.
const BEGINNINGS: [(Beginning, u32); 3] =
    [(Beginning::Empty, 4), (Beginning::Synced, 6), (Beginning::Contended, 9)];

#[derive(Clone, Copy, Debug)]
enum Beginning {
    /// Two devices meet an empty space.
    Empty,
    /// Both are in sync.
    Synced,
    /// Both have edited one record, and the first one's commit is under way.
    Contended,
}

fn begin(beginning: Beginning) -> World {
    let mut world = World::new();
    if matches!(beginning, Beginning::Empty) {
        return world;
    }
    world.edit(0, true);
    (0..60).for_each(|n| world.step(n % 2, true, u32::MAX));
    world.agrees().unwrap();
    world.edits += 1;
    while world.devices.iter().any(|device| device.sending.is_some()) {
        (0..2).filter(|n| world.devices[*n].sending.is_some()).collect::<Vec<_>>().into_iter().for_each(
            |n| {
                world.step(n, true, u32::MAX);
            },
        );
    }
    if matches!(beginning, Beginning::Contended) {
        (0..2).for_each(|n| world.edit(n, true));
        for n in 0..2 {
            while !matches!(world.devices[n].sending, Some((_, Request::Commit(_)))) {
                world.step(n, true, u32::MAX);
            }
        }
    }
    world
}

#[test]
fn every_short_schedule_of_two_devices_ends_well() {
    let more = u32::try_from(number("DEEPER", 0)).unwrap();
    let jobs: Vec<(usize, Act)> = (0..BEGINNINGS.len())
        .flat_map(|n| begin(BEGINNINGS[n].0).acts().into_iter().map(move |act| (n, act)))
        .collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut searches: [Search; BEGINNINGS.len()] = Default::default();
        let mut schedules = [0; BEGINNINGS.len()];
        while let Some((n, act)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (beginning, depth) = BEGINNINGS[*n];
            let mut world = begin(beginning);
            let last = Some((*act, world.meets_server(*act)));
            world.act(*act);
            schedules[*n] += searches[*n].schedules(world, depth + more - 1, last, &mut vec![*act]);
        }
        (schedules, searches.map(|search| search.known.len()))
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads()).map(|_| scope.spawn(work)).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    });
    for (n, (beginning, depth)) in BEGINNINGS.iter().enumerate() {
        let schedules: u128 = results.iter().map(|(schedules, _)| schedules[n]).sum();
        let states: usize = results.iter().map(|(_, states)| states[n]).sum();
        println!("{beginning:?}: {schedules} schedules of {} steps, {states} states", depth + more);
        assert!(states > 500);
    }
}
