//! What happens to few people: sleep, a month away, another project, documents and rows that vanish.

use std::rc::Rc;

use muse_chat::sync::{Id, Key, Position, Row, Scope, Table};

use super::MINUTE_MS;
use super::device::{ELSEWHERE, HOME, TabId};
use super::faults::Odd;
use super::trouble::YEAR_MS;
use super::world::{Ev, World};

const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;
/// As many as the engine counts at most.
const CHATS_A_DAY: u64 = 20;

impl World {
    pub(super) fn odd(&mut self, device: usize) {
        match self.rates.odd {
            Odd::None => {}
            Odd::NewerApp => self.newer_app_writes(),
            Odd::Vanishing => self.vanish(),
            Odd::Robbing if self.rng.bool() => self.lose_a_row(device),
            Odd::Robbing => self.let_a_cursor_jump(device),
            Odd::Projects => self.switch_project(device),
        }
    }

    /// All sleep, with whatever is under way; then it is later. A monotonic clock may have stood still
    /// meanwhile.
    pub(super) fn pass(&mut self, ms: u64) {
        let counting: Vec<bool> = self.devices.iter().map(|_| self.rng.bool()).collect();
        self.pass_with(ms, |device| counting[device]);
    }

    /// The same, where `counting` says of which devices the monotonic clock goes on.
    pub(crate) fn pass_with(&mut self, ms: u64, counting: impl Fn(usize) -> bool) {
        self.passed_ms += ms;
        for (n, device) in self.devices.iter_mut().enumerate() {
            device.passed_ms += ms;
            device.tabs.iter_mut().filter(|_| counting(n)).for_each(|tab| tab.slept_ms += ms);
        }
    }

    pub(super) fn sleep(&mut self, device: usize) {
        if !self.rates.clocks {
            return;
        }
        if self.rng.u8(..3) > 0 {
            self.counts.add("slept");
            self.trace(|| "ALL SLEEP".to_owned());
            let long = self.between(MINUTE_MS, 12 * HOUR_MS);
            return self.pass(long);
        }
        // one is away, and comes back with a clock that was set wrong
        self.counts.add("away for a month");
        self.trace(|| format!("A MONTH, device{device} away"));
        self.devices[device].online = false;
        self.devices[device].wall_off_ms = if self.rng.bool() { YEAR_MS } else { -YEAR_MS };
        let long = self.between(100, 90_000);
        self.at(long, Ev::Online(device));
        self.pass(30 * DAY_MS);
    }

    /// Somebody removes one document at the console.
    fn vanish(&mut self) {
        let space = self.spaces[0].as_str().to_owned();
        let paths: Vec<String> = self.server.records(&space).map(|(path, _)| path.to_owned()).collect();
        let Some(path) = paths.get(self.rng.usize(..paths.len().max(1))).cloned() else { return };
        self.counts.add("vanished");
        self.trace(|| format!("VANISHED {path}"));
        self.tampered = true;
        self.robbed = true;
        self.vanished |= !path.contains("/messages/");
        self.destroy(|world| {
            world.server.docs.remove(&format!("users/{space}/{path}"));
        });
    }

    /// Changes stored rows of a device behind its back.
    pub(crate) fn meddle(&mut self, device: usize, key: &Key, change: impl FnOnce(&mut Table)) {
        self.robbed = true;
        let scope = Scope { keys: vec![key.row_key()], ..Scope::default() };
        let store = self.devices[device].store.clone();
        self.destroy(|_| store.transact_now(&scope, change).unwrap());
    }

    /// A browser loses a message that the server has.
    fn lose_a_row(&mut self, device: usize) {
        let synced = |key: &Key| key.chat().is_some_and(|chat| self.devices[device].is_synced(chat));
        let known = |(key, row): (Key, Rc<Row>)| {
            let known = matches!(key, Key::Message(..)) && row.base.is_some() && row.pending.is_empty();
            (known && synced(&key)).then_some(key)
        };
        let keys: Vec<Key> = self.devices[device].rows().into_iter().filter_map(known).collect();
        let Some(key) = keys.get(self.rng.usize(..keys.len().max(1))).cloned() else { return };
        self.counts.add("row lost");
        self.trace(|| format!("device{device} loses {}", key.path()));
        self.meddle(device, &key, |table| table.remove(&key.row_key()));
    }

    /// A device believes to have fetched what it has not.
    fn let_a_cursor_jump(&mut self, device: usize) {
        let chats: Vec<Id> = self.devices[device].chats();
        let behind = chats.iter().find(|chat| self.devices[device].feed(chat).is_behind());
        let any = chats.get(self.rng.usize(..chats.len().max(1)));
        let Some(chat) = behind.or(any).cloned() else { return };
        let key = Key::Chat(chat);
        let Some(mut row) = self.devices[device].row(&key) else { return };
        let Some(feed) = &mut row.feed else { return };
        self.counts.add("cursor jumped");
        // what it skips may be an edit of a message that is here, and those are not counted
        self.vanished = true;
        feed.cursor = Position { seq: feed.server_seq + self.rng.u64(..6), name: None };
        self.trace(|| format!("device{device} jumps in {}", key.path()));
        // nor can a deletion say any more how much of the chat it means
        self.oracle.revives(&key);
        self.meddle(device, &key, |table| row.write(table, &key));
    }

    fn switch_project(&mut self, device: usize) {
        self.counts.add("switched project");
        let there = if self.devices[device].project == HOME { ELSEWHERE } else { HOME };
        self.trace(|| format!("device{device} goes to project {there}"));
        self.devices[device].project = there.to_owned();
        for tab in 0..self.devices[device].tabs.len() {
            self.connect(device, tab);
        }
    }

    /// Where something vanished that only the daily count or the user can find, one or the other does.
    pub(super) fn spend_nights(&mut self) {
        if !self.robbed {
            return;
        }
        self.tend_for(MINUTE_MS);
        let lively = |device| self.lively(device);
        let tabs: Vec<TabId> = (0..self.devices.len()).filter_map(lively).collect();
        if self.vanished {
            tabs.into_iter().for_each(|tab| self.rescan(tab));
        }
        self.pass(DAY_MS);
        // who has more chats than are counted in a day needs more days
        for _ in 0..self.most_chats() / CHATS_A_DAY {
            self.tend_for(self.patience_ms());
            self.pass(DAY_MS);
        }
    }

    /// How long it may take until all agree. The daily count looks at one chat with each poll, and an
    /// idle device polls once a minute.
    pub(super) fn patience_ms(&self) -> u64 {
        let counted = if self.robbed && !self.vanished { self.most_chats().min(CHATS_A_DAY) } else { 0 };
        (10 + counted) * MINUTE_MS
    }

    fn most_chats(&self) -> u64 {
        self.devices.iter().map(|device| device.chats().len() as u64).max().unwrap_or(0)
    }
}
