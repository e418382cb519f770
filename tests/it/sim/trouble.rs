//! What the world does to devices and server, and how it comes to rest.

use muse_chat::sync::{ChatScope, Key, Signal, Tx};

use super::device::{HOME, TabId};
use super::server::{Restore, Server};
use super::world::{Ev, World, name};

pub(super) const YEAR_MS: i64 = 365 * 24 * 3_600_000;

impl World {
    pub(super) fn trouble(&mut self) {
        if self.calm {
            return;
        }
        let device = self.rng.usize(..self.devices.len());
        match self.rng.u8(..22) {
            0..=3 => self.go_offline(device),
            4..=5 => {
                let tab = self.rng.usize(..self.devices[device].tabs.len());
                if self.rates.kill > 0 {
                    self.counts.add("killed at any time");
                    let id = self.id(device, tab);
                    self.kill(id);
                }
            }
            6..=7 => self.step_clock(device),
            8..=9 => self.tamper(),
            10 => self.tear(device),
            11 => self.evict(device),
            12 => self.move_to_another_space(device),
            13 => self.poison(),
            14..=16 => self.back_up(),
            17..=18 => self.freeze_a_leader(device),
            19 => self.odd(device),
            20 => self.sleep(device),
            _ => {}
        }
        let pause = self.between(1_000, 40_000);
        self.at(pause, Ev::Trouble);
    }

    fn go_offline(&mut self, device: usize) {
        if self.rates.net == 0 || !self.devices[device].online {
            return;
        }
        self.devices[device].online = false;
        self.trace(|| format!("device{device} offline"));
        let long = self.between(100, 90_000);
        self.at(long, Ev::Online(device));
    }

    /// The tab is gone in this moment; another life of it may begin later.
    pub(crate) fn kill(&mut self, id: TabId) {
        self.trace(|| format!("{} killed", name(id)));
        if self.leads(id) {
            self.counts.add("leader killed");
        }
        self.leave_lead(id);
        let (now_ms, life) = (self.now_ms, id.life + 1);
        let tab = self.devices[id.device].new_tab(life, now_ms, &mut self.rng);
        self.devices[id.device].tabs[id.tab] = tab;
        let delay = if self.calm { 10 } else { self.between(10, 20_000) };
        self.at(delay, Ev::Birth(id.device, id.tab));
    }

    fn step_clock(&mut self, device: usize) {
        let far = self.rates.clocks && self.rng.u8(..3) == 0;
        self.counts.add(if far { "clock far off" } else { "clock stepped" });
        let most = if far { 10 * YEAR_MS } else { 150_000 };
        self.devices[device].wall_off_ms = self.rng.i64(-most..=most);
        self.trace(|| format!("device{device} clock off by {} s", self.devices[device].wall_off_ms / 1000));
    }

    fn back_up(&mut self) {
        if self.rates.server && self.backups.len() < 4 {
            self.backups.push(self.server.clone());
        }
    }

    /// Something is destroyed: until now everything must be somewhere, from now on what is left.
    pub(crate) fn destroy(&mut self, what: impl FnOnce(&mut Self)) {
        if let Err(broken) = self.oracle.take_stock(&self.devices, [&self.server, &self.elsewhere]) {
            return self.fail(broken);
        }
        what(self);
        let docs = super::oracle::all_docs([&self.server, &self.elsewhere]);
        self.oracle.start_over(&self.devices, &docs);
    }

    fn tamper(&mut self) {
        if !self.rates.server {
            return;
        }
        self.tampered = true;
        let how = [Restore::AsItWas, Restore::Imported, Restore::ImportedOver][self.rng.usize(..3)];
        let backup = self.backups.get(self.rng.usize(..self.backups.len().max(1))).cloned();
        match (self.rng.u8(..8), backup) {
            (0, _) => self.wipe(),
            (1, _) => self.behead(),
            (_, Some(backup)) => {
                self.restore(&backup, how);
                // what an import leaves hides that the rest was set back, see what SYNC.md says is open
                if how != Restore::ImportedOver && self.rng.u8(..2) == 0 {
                    self.stranger_writes_past_the_log();
                }
            }
            (_, None) => {}
        }
    }

    pub(crate) fn wipe(&mut self) {
        self.tampered = true;
        self.counts.add("wiped");
        self.trace(|| "SERVER WIPED".to_owned());
        self.destroy(|world| world.server.wipe());
    }

    pub(crate) fn behead(&mut self) {
        self.tampered = true;
        self.counts.add("beheaded");
        self.trace(|| "SERVER BEHEADED".to_owned());
        self.destroy(|world| world.server.behead());
    }

    pub(crate) fn restore(&mut self, backup: &Server, how: Restore) {
        self.tampered = true;
        self.counts.add(match how {
            Restore::AsItWas => "restored as it was",
            Restore::Imported => "restored with new times",
            Restore::ImportedOver => "imported over",
        });
        self.trace(|| format!("SERVER RESTORED {how:?}"));
        let now_ms = self.true_ms();
        self.destroy(|world| world.server.restore(backup, how, now_ms));
    }

    fn tear(&mut self, device: usize) {
        if !self.rates.disk {
            return;
        }
        let keys: Vec<String> = self.devices[device].store.rows().keys().cloned().collect();
        // the chat row is where it is written that a chat is local-only; that is in its own test
        let Some(key) = keys.get(self.rng.usize(..keys.len().max(1))).cloned() else { return };
        self.counts.add("torn row");
        self.trace(|| format!("device{device} torn {key}"));
        let at = self.rng.usize(..16);
        self.destroy(|world| {
            world.devices[device].store.tear(&key, |value| value.replace_range(at..=at, "~"));
        });
    }

    fn evict(&mut self, device: usize) {
        if !self.rates.disk || self.rng.bool() {
            return;
        }
        self.counts.add("evicted");
        self.trace(|| format!("device{device} evicted"));
        self.destroy(|world| world.devices[device].store.evict());
        self.devices[device].trash.clear();
        for tab in 0..self.devices[device].tabs.len() {
            let id = self.id(device, tab);
            self.kill(id);
        }
    }

    fn move_to_another_space(&mut self, device: usize) {
        if !self.rates.spaces {
            return;
        }
        self.counts.add("joined another space");
        let space = self.spaces[self.rng.usize(..self.spaces.len())].clone();
        self.trace(|| format!("device{device} joins {space:?}"));
        self.devices[device].space = Some(space);
        for tab in 0..self.devices[device].tabs.len() {
            self.connect(device, tab);
        }
    }

    fn poison(&mut self) {
        if !self.rates.poison || self.server.poison.len() >= 3 {
            return;
        }
        let device = self.rng.usize(..self.devices.len());
        let keys: Vec<Key> = self.devices[device].rows().into_keys().collect();
        let Some(key) = keys.get(self.rng.usize(..keys.len().max(1))) else { return };
        self.counts.add("poison record");
        self.trace(|| format!("POISON {}", key.path()));
        let refusal = if self.rng.bool() { (403, "PERMISSION_DENIED") } else { (400, "INVALID_ARGUMENT") };
        self.server.poison.insert(key.path(), refusal);
    }

    // Calm

    /// No more faults; everybody is online, in one space, and follows every chat.
    pub(crate) fn calm_down(&mut self) {
        self.trace(|| "CALM".to_owned());
        self.calm = true;
        self.rates = super::faults::Rates::default();
        let space = self.spaces[0].clone();
        if let Err(broken) = self.oracle.take_stock(&self.devices, [&self.server, &self.elsewhere]) {
            return self.fail(broken);
        }
        self.thaw_most();
        let docs: Vec<_> = self.server.records(space.as_str()).collect();
        let elsewhere = self.devices.iter().any(|device| device.space.as_ref() != Some(&space));
        let were = ["joined another space", "switched project"];
        if elsewhere || were.iter().any(|what| self.counts.0.contains_key(what)) {
            self.oracle.start_over(&self.devices, &docs);
        }
        for device in 0..self.devices.len() {
            self.devices[device].online = true;
            let moved =
                self.devices[device].space.as_ref() != Some(&space) || self.devices[device].project != HOME;
            self.devices[device].space = Some(space.clone());
            self.devices[device].project = HOME.to_owned();
            for tab in 0..self.devices[device].tabs.len() {
                if moved || self.devices[device].tabs[tab].space.is_none() {
                    self.connect(device, tab);
                }
                self.devices[device].tabs[tab].hidden = false;
                self.signal(device, tab, Signal::Visible);
                self.signal(device, tab, Signal::TryNow);
            }
        }
    }

    /// Time passes, and users see to what they see.
    pub(super) fn tend_for(&mut self, ms: u64) {
        let end_ms = self.now_ms + ms;
        while self.now_ms < end_ms && self.broken.is_none() {
            self.tend();
            self.run_until(self.now_ms + 10_000);
        }
    }

    /// What users do about what they see: open chats, resume them, try refused records again.
    pub(crate) fn tend(&mut self) {
        for device in 0..self.devices.len() {
            let Some(id) = self.lively(device) else { continue };
            self.release(id);
            for chat in self.devices[device].chats() {
                if self.oracle.secret.contains(&chat) {
                    continue;
                }
                if !self.devices[device].is_synced(&chat) {
                    self.user_tx(id, Tx::SetScope(chat.clone(), ChatScope::Synced));
                }
                if !self.devices[device].feed(&chat).followed {
                    self.user_tx(id, Tx::Follow(chat));
                }
            }
        }
    }
}
