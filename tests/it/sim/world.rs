//! The world: virtual time, an event queue, devices, one server, and a network between them.
//!
//! One seed makes one world, and every run of it is the same.

use std::collections::{BTreeMap, VecDeque};

use muse_chat::firestore::{Call, Config, Wire};
use muse_chat::sync::{
    Attention, Erase, Event, Key, Limits, Now, Request, Response, Secret, Signal, SpaceId, Status,
    TabMessage, TransportError, Tx, TxOutcome, Wish,
};

use super::device::{Device, ELSEWHERE, START_MS, Tab, TabId};
use super::faults::{Counts, Fate, Rates};
use super::oracle::Oracle;
use super::server::Server;
use super::tabs::for_tab;

pub(super) type Outcome = Result<Response, TransportError>;

#[derive(Debug)]
pub(crate) enum Ev {
    Timer(TabId),
    /// A request gets to the server.
    Arrive {
        from: TabId,
        id: u64,
        project: String,
        space: SpaceId,
        request: Box<Request>,
        call: Call,
        fate: Fate,
        /// Since when the server has it.
        since_ms: Option<u64>,
    },
    Answer {
        to: TabId,
        id: u64,
        outcome: Box<Outcome>,
    },
    Store {
        tab: TabId,
        id: u64,
        tx: Box<Tx>,
    },
    Stored {
        tab: TabId,
        id: u64,
        outcome: Result<Box<TxOutcome>, String>,
    },
    /// The end of a transaction that was run for the user.
    Written(TabId, Box<TxOutcome>),
    /// Another tab told something.
    Told(TabId, TabMessage),
    /// The browser gives a tab the lock it waited for.
    Granted(TabId),
    /// A frozen page goes on.
    Thaw(TabId),
    /// A killed tab is opened again.
    Birth(usize, usize),
    Online(usize),
    /// A user does something.
    Act(usize),
    /// A user edits once more what they just edited.
    Again(TabId, Key, &'static str),
    /// Something happens to the world.
    Trouble,
    /// The cloud copy is being erased.
    Erase,
}

/// Which request a fate is for.
pub(crate) type Fits = fn(&Request) -> bool;

pub(crate) struct World {
    pub(crate) now_ms: u64,
    /// For how long all slept, besides.
    pub(crate) passed_ms: u64,
    pub(crate) rng: fastrand::Rng,
    queue: BTreeMap<(u64, u64), Ev>,
    next: u64,
    pub(crate) server: Server,
    /// The one of another project.
    pub(crate) elsewhere: Server,
    pub(crate) backups: Vec<Server>,
    pub(crate) devices: Vec<Device>,
    pub(crate) spaces: Vec<SpaceId>,
    pub(crate) rates: Rates,
    pub(crate) counts: Counts,
    pub(crate) oracle: Oracle,
    pub(crate) tracing: bool,
    pub(crate) steps: u64,
    pub(crate) calm: bool,
    /// Something was done to the server that devices may notice.
    pub(crate) tampered: bool,
    /// Something was done to what a device believes to have fetched: only the daily count can tell.
    pub(crate) robbed: bool,
    /// Only comparing anew can tell: records that are no messages are gone from the server, or a cursor
    /// has jumped.
    pub(crate) vanished: bool,
    pub(crate) broken: Option<String>,
    /// Fates of the next requests that fit, for directed tests.
    pub(crate) fates: VecDeque<(Fits, Fate)>,
    /// What happened, for directed tests.
    pub(crate) log_on: bool,
    pub(crate) log: Vec<Happened>,
    pub(super) wires: BTreeMap<SpaceId, Wire>,
    pub(super) erase: Option<Erase>,
}

/// For directed tests.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Happened {
    Sent(usize, Request),
    Told(usize, Event),
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let config = Config::new("demo", "", "").unwrap();
        let spaces: Vec<SpaceId> = (1..=2).map(|n| Secret::new([n; 20]).space()).collect();
        let wires = spaces.iter().map(|s| (s.clone(), Wire::new(config.clone(), s.clone()))).collect();
        Self {
            now_ms: 0,
            passed_ms: 0,
            rng: fastrand::Rng::with_seed(seed),
            queue: BTreeMap::new(),
            next: 0,
            server: Server::default(),
            elsewhere: Server::default(),
            backups: Vec::new(),
            devices: Vec::new(),
            spaces,
            rates: Rates::default(),
            counts: Counts::default(),
            oracle: Oracle::default(),
            tracing: false,
            steps: 0,
            calm: false,
            tampered: false,
            robbed: false,
            vanished: false,
            broken: None,
            fates: VecDeque::new(),
            log_on: false,
            log: Vec::new(),
            wires,
            erase: None,
        }
    }

    pub(crate) fn add_device(&mut self, tabs: usize, limits: Limits) -> usize {
        let index = self.devices.len();
        self.devices.push(Device::new(&format!("device{index}"), limits));
        for _ in 0..tabs {
            let tab = self.devices[index].new_tab(0, self.now_ms, &mut self.rng);
            self.devices[index].tabs.push(tab);
        }
        index
    }

    pub(crate) fn trace(&self, line: impl FnOnce() -> String) {
        if self.tracing {
            println!("{:>9.3} {}", self.now_ms as f64 / 1000.0, line());
        }
    }

    pub(crate) fn fail(&mut self, what: String) {
        self.trace(|| format!("BROKEN {what}"));
        self.broken.get_or_insert(what);
    }

    pub(crate) fn at(&mut self, delay_ms: u64, event: Ev) {
        self.next += 1;
        self.queue.insert((self.now_ms + delay_ms, self.next), event);
    }

    /// What was put off to the end of a tab's frost comes now.
    pub(super) fn hasten(&mut self, id: TabId, until_ms: u64) {
        let put_off = self.queue.range((until_ms, 0)..(until_ms.saturating_add(1), 0));
        let put_off = put_off.filter(|(_, event)| for_tab(event) == Some(id)).map(|(at, _)| *at);
        for at in put_off.collect::<Vec<_>>() {
            if let Some(event) = self.queue.remove(&at) {
                self.at(0, event);
            }
        }
    }

    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        self.rng.u64(least..=most)
    }

    pub(crate) fn chance(&mut self, in_1000: u32) -> bool {
        in_1000 > 0 && self.rng.u32(..1000) < in_1000
    }

    /// Runs until a time, or until something is broken.
    pub(crate) fn run_until(&mut self, end_ms: u64) {
        while self.broken.is_none() {
            let Some((&(at_ms, n), _)) = self.queue.first_key_value() else { break };
            if at_ms > end_ms {
                break;
            }
            let event = self.queue.remove(&(at_ms, n)).unwrap();
            self.now_ms = at_ms;
            self.steps += 1;
            self.handle(event);
        }
        self.now_ms = self.now_ms.max(end_ms);
    }

    /// Unix milliseconds.
    pub(crate) fn true_ms(&self) -> u64 {
        START_MS + self.now_ms + self.passed_ms
    }

    /// The server of the project a tab is connected in.
    pub(crate) fn server_of(&mut self, project: &str) -> &mut Server {
        if project == ELSEWHERE { &mut self.elsewhere } else { &mut self.server }
    }

    pub(crate) fn id(&self, device: usize, tab: usize) -> TabId {
        TabId { device, tab, life: self.devices[device].tabs[tab].life }
    }

    pub(super) fn clock_of(&self, id: TabId) -> Now {
        self.devices[id.device].now(id.tab, self.now_ms)
    }

    /// The tab, if it is still in that life.
    pub(super) fn alive(&mut self, id: TabId) -> Option<&mut Tab> {
        self.devices[id.device].tabs.get_mut(id.tab).filter(|tab| tab.life == id.life)
    }

    fn handle(&mut self, event: Ev) {
        if let Some(until) = for_tab(&event).and_then(|id| self.frozen(id)) {
            if until < u64::MAX {
                self.at(until - self.now_ms, event);
            }
            return;
        }
        match event {
            Ev::Timer(id) => {
                let now = self.clock_of(id);
                if let Some(tab) = self.alive(id) {
                    tab.timer_ms = None;
                    tab.engine.handle_timer(now);
                    self.pump(id);
                }
            }
            arrival @ Ev::Arrive { .. } => self.arrive(arrival),
            Ev::Answer { to, id, outcome } => self.answered(to, id, *outcome),
            Ev::Store { tab, id, tx } => self.store(tab, id, &tx),
            Ev::Stored { tab, id, outcome } => self.stored(tab, id, outcome),
            Ev::Written(id, outcome) => {
                let now = self.clock_of(id);
                if let Some(tab) = self.alive(id) {
                    tab.engine.handle_written(&outcome, now);
                    tab.own.extend(outcome.touched.iter().filter(|(_, p)| *p).map(|(key, _)| key.clone()));
                    self.pump(id);
                }
            }
            Ev::Granted(id) => self.granted(id),
            Ev::Thaw(id) => self.thaw(id),
            Ev::Told(id, message) => {
                let now = self.clock_of(id);
                if let Some(tab) = self.alive(id) {
                    tab.engine.handle_tab(&message, now);
                    self.pump(id);
                }
            }
            Ev::Birth(device, tab) => self.connect(device, tab),
            Ev::Online(device) => {
                self.devices[device].online = true;
                self.trace(|| format!("device{device} online"));
                (0..self.devices[device].tabs.len()).for_each(|tab| self.signal(device, tab, Signal::TryNow));
            }
            Ev::Act(device) => self.act(device),
            Ev::Again(id, key, field) => self.edit_again(id, key, field),
            Ev::Trouble => self.trouble(),
            Ev::Erase => self.erase_step(),
        }
    }

    /// Does what an engine wishes, and looks at what it says.
    pub(crate) fn pump(&mut self, id: TabId) {
        let now_ms = self.now_ms;
        while let Some(wish) = self.alive(id).and_then(|tab| tab.engine.poll_wish()) {
            match wish {
                Wish::Send { id: wish, request } => self.send(id, wish, request),
                Wish::Store { id: wish, tx } => {
                    if let Some(tab) = self.alive(id) {
                        tab.busy = Some(wish);
                    }
                    let slow = if self.chance(50) { 200 } else { 3 };
                    let delay = self.between(0, slow);
                    self.at(delay, Ev::Store { tab: id, id: wish, tx: Box::new(tx) });
                }
            }
        }
        while let Some(event) = self.alive(id).and_then(|tab| tab.engine.poll_event()) {
            self.heard(id, event);
        }
        let now = self.clock_of(id);
        while let Some(message) = self.alive(id).and_then(|tab| tab.engine.poll_tab_message(now)) {
            self.broadcast(id, &message);
        }
        let Some(tab) = self.alive(id) else { return };
        let (born_ms, slept_ms) = (tab.born_ms, tab.slept_ms);
        let on_our_clock = |at: u64| (at + born_ms).saturating_sub(slept_ms).max(now_ms);
        if let Some(due) = tab.engine.poll_timer().map(on_our_clock)
            && tab.timer_ms.is_none_or(|known| due < known)
        {
            tab.timer_ms = Some(due);
            self.at(due - now_ms, Ev::Timer(id));
        }
        self.look_at_status(id);
    }

    fn heard(&mut self, id: TabId, event: Event) {
        self.trace(|| format!("  {} {event:?}", name(id)));
        match &event {
            Event::Reset(mismatch) => {
                self.counts.add("reset noticed");
                if !self.tampered {
                    self.fail(format!("{} saw a reset of an untouched server: {mismatch:?}", name(id)));
                }
            }
            Event::Quarantined(key) => {
                self.counts.add("quarantined");
                let refused = self.server.poison.contains_key(&key.path())
                    || self.counts.0.contains_key("denied 403")
                    || !self.fates.is_empty()
                    || self.log_on;
                if !refused {
                    self.fail(format!("{} set {} aside, and nothing is wrong with it", name(id), key.path()));
                }
            }
            Event::Yield => self.yields(id),
            Event::Moved => {
                self.counts.add("moved by another tab");
                self.leave_lead(id);
                self.devices[id.device].tabs[id.tab].space = None;
                self.at(1_000, Ev::Birth(id.device, id.tab));
            }
            Event::Changed(_) | Event::Corrupt(_) | Event::Synced => {}
        }
        if self.log_on {
            self.log.push(Happened::Told(id.device, event));
        }
    }

    /// No state without a reason, and never "synced" while something waits.
    fn look_at_status(&mut self, id: TabId) {
        let rows = self.devices[id.device].store.clone();
        let Some(tab) = self.alive(id) else { return };
        let status = tab.engine.status();
        let waits = |key: &&Key| rows.rows().get(&key.row_key()).is_some_and(|entry| entry.pending);
        if let Status::Synced { .. } = status
            && let Some(key) = tab.own.iter().find(waits)
        {
            let what = format!("{}: synced while {} waits", name(id), key.path());
            return self.fail(what);
        }
        tab.own.retain(|key| waits(&key));
        let closed = matches!(status, Status::Attention { reason: Attention::Closed, .. });
        let asleep = tab.busy.is_none() && tab.engine.poll_timer().is_none() && !closed;
        if asleep && tab.space.is_some() && !tab.hidden {
            self.fail(format!("I12: {} sleeps for ever as {status:?}", name(id)));
        }
    }
}

pub(crate) fn name(id: TabId) -> String {
    let tab = char::from(b'a' + u8::try_from(id.tab).unwrap_or(25));
    format!("{}{tab}{}", id.device, id.life)
}
