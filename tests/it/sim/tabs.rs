//! The browser around the tabs of a device: locks that one tab holds, messages, frozen pages.

use std::collections::VecDeque;

use muse_chat::sync::{Role, Signal, SpaceId, TabMessage};

use super::device::TabId;
use super::world::{Ev, World, name};

impl World {
    /// A tab asks for the lead of a space, in place of any other.
    pub(crate) fn seek_lead(&mut self, id: TabId, space: &SpaceId) {
        if !self.devices[id.device].locks {
            return;
        }
        if self.devices[id.device].leads.get(space).is_some_and(|queue| queue.contains(&id)) {
            return;
        }
        self.leave_lead(id);
        let queue = self.devices[id.device].leads.entry(space.clone()).or_default();
        queue.push_back(id);
        let is_first = queue.len() == 1;
        self.set_role(id, Role::Follower);
        if is_first {
            self.grant(id);
        }
    }

    /// A tab neither leads nor waits for it any more; the browser gives the lock to the next.
    pub(crate) fn leave_lead(&mut self, id: TabId) {
        let device = &mut self.devices[id.device];
        let mut next = Vec::new();
        for queue in device.leads.values_mut() {
            let held = queue.front() == Some(&id);
            queue.retain(|waiting| *waiting != id);
            next.extend(queue.front().copied().filter(|_| held));
        }
        next.into_iter().for_each(|id| self.grant(id));
    }

    pub(crate) fn leads(&self, id: TabId) -> bool {
        self.devices[id.device].leads.values().any(|queue: &VecDeque<TabId>| queue.front() == Some(&id))
    }

    fn grant(&mut self, id: TabId) {
        let delay = self.between(1, 20);
        self.at(delay, Ev::Granted(id));
    }

    pub(super) fn granted(&mut self, id: TabId) {
        if self.leads(id) && self.alive(id).is_some() {
            self.trace(|| format!("{} leads", name(id)));
            self.counts.add("lead given");
            self.set_role(id, Role::Leader);
        }
    }

    fn set_role(&mut self, id: TabId, role: Role) {
        let now = self.clock_of(id);
        if let Some(tab) = self.alive(id) {
            tab.engine.set_role(role, now);
            self.pump(id);
        }
    }

    pub(super) fn yields(&mut self, id: TabId) {
        self.counts.add("lead yielded");
        self.trace(|| format!("{} yields", name(id)));
        if let Some(space) = self.devices[id.device].tabs[id.tab].space.clone() {
            self.leave_lead(id);
            self.seek_lead(id, &space);
        }
    }

    /// Tells the other tabs of a device.
    pub(crate) fn broadcast(&mut self, from: TabId, message: &TabMessage) {
        for tab in (0..self.devices[from.device].tabs.len()).filter(|tab| *tab != from.tab) {
            if self.chance(self.rates.deaf) {
                self.counts.add("broadcast lost");
            } else {
                let (other, delay) = (self.id(from.device, tab), self.between(1, 30));
                self.at(delay, Ev::Told(other, message.clone()));
            }
        }
    }

    /// The browser stops a page, which keeps its lock.
    pub(crate) fn freeze(&mut self, id: TabId, long_ms: u64) {
        if self.leads(id) {
            self.counts.add("leader frozen");
        }
        self.trace(|| format!("{} frozen for {long_ms} ms", name(id)));
        let until = self.now_ms + long_ms;
        self.devices[id.device].tabs[id.tab].frozen_until = Some(until);
        self.at(long_ms, Ev::Thaw(id));
    }

    pub(super) fn freeze_a_leader(&mut self, device: usize) {
        let leader = self.devices[device].leads.values().find_map(|queue| queue.front().copied());
        let leader = leader.filter(|id| self.alive(*id).is_some() && self.frozen(*id).is_none());
        if let Some(id) = leader {
            let long = self.between(1_000, 240_000);
            self.freeze(id, long);
        }
    }

    /// Until when a tab is frozen.
    pub(crate) fn frozen(&self, id: TabId) -> Option<u64> {
        let tab = self.devices[id.device].tabs.get(id.tab).filter(|tab| tab.life == id.life)?;
        tab.frozen_until.filter(|until| *until > self.now_ms)
    }

    pub(super) fn thaw(&mut self, id: TabId) {
        let now_ms = self.now_ms;
        if let Some(tab) = self.alive(id)
            && tab.frozen_until.is_some_and(|until| until <= now_ms)
        {
            tab.frozen_until = None;
            self.signal(id.device, id.tab, Signal::TryNow);
        }
    }

    /// When faults end some leaders stay frozen, beside tabs that are not.
    pub(super) fn thaw_most(&mut self) {
        for device in 0..self.devices.len() {
            let ids: Vec<TabId> =
                (0..self.devices[device].tabs.len()).map(|tab| self.id(device, tab)).collect();
            let frozen = ids.iter().filter(|id| self.frozen(**id).is_some()).count();
            let may_stay = frozen < ids.len() && self.rng.bool();
            for id in ids.into_iter().filter(|id| self.frozen(*id).is_some()).collect::<Vec<_>>() {
                if may_stay {
                    self.counts.add("leader frozen for good");
                    self.devices[device].tabs[id.tab].frozen_until = Some(u64::MAX);
                } else {
                    let until = self.devices[device].tabs[id.tab].frozen_until.take();
                    until.into_iter().for_each(|until| self.hasten(id, until));
                }
            }
        }
    }

    /// The first tab of a device that is not frozen.
    pub(crate) fn lively(&self, device: usize) -> Option<TabId> {
        (0..self.devices[device].tabs.len())
            .map(|tab| self.id(device, tab))
            .find(|id| self.frozen(*id).is_none())
    }
}

/// Which tab an event is for, if it is for one that may be frozen.
pub(super) fn for_tab(event: &Ev) -> Option<TabId> {
    match event {
        Ev::Timer(id)
        | Ev::Answer { to: id, .. }
        | Ev::Store { tab: id, .. }
        | Ev::Stored { tab: id, .. }
        | Ev::Written(id, _)
        | Ev::Told(id, _)
        | Ev::Again(id, ..)
        | Ev::Granted(id) => Some(*id),
        Ev::Arrive { .. }
        | Ev::Birth(..)
        | Ev::Online(_)
        | Ev::Act(_)
        | Ev::Trouble
        | Ev::Erase
        | Ev::Thaw(_) => None,
    }
}
