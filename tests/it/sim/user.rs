//! What users do: they write, rename, delete, bring back, open, pause, and leave.

use std::collections::{BTreeMap, BTreeSet};

use muse_chat::sync::{ChatScope, Edit, Id, Key, Record, Signal, Tx, Value};

use super::device::{ELSEWHERE, TabId};
use super::world::{Ev, World};

impl World {
    /// One device's user does something, and later something else.
    pub(super) fn act(&mut self, device: usize) {
        if self.calm {
            return;
        }
        let tab = self.rng.usize(..self.devices[device].tabs.len());
        let id = self.id(device, tab);
        if self.frozen(id).is_some() {
            return self.at(1_000, Ev::Act(device));
        }
        match self.rng.u8(..34) {
            0..=1 => self.new_chat(id, false),
            2..=8 => self.say(id),
            9 => self.new_chat(id, self.steps.is_multiple_of(3)),
            10..=13 => self.rename(id),
            14..=15 => self.edit_config(id),
            16..=17 => self.delete_message(id),
            18 => self.delete_chat(id),
            19..=20 => self.undelete(id),
            21..=22 => self.regenerate(id),
            23..=25 => self.open_chat(id),
            26 if self.rng.bool() => self.fork(id),
            26 => self.change_scope(id),
            27 => self.hide(id),
            28 => self.release(id),
            29 => self.signal(device, tab, Signal::TryNow),
            30 if self.rng.u8(..6) == 0 => self.rescan(id),
            30 => self.switch_off(id),
            _ => self.signal(device, tab, Signal::Active),
        }
        let quick = self.rng.u8(..4) == 0;
        let pause = if quick { self.between(1, 300) } else { self.between(300, 25_000) };
        self.at(pause, Ev::Act(device));
    }

    fn fresh(&mut self, kind: char) -> Id {
        Id::random(kind, std::array::from_fn(|_| self.rng.u8(..)))
    }

    fn unique(&mut self, what: &str) -> Value {
        let n = self.rng.u32(..);
        Value::from(format!("{what} {n:08x}"))
    }

    /// Runs a transaction for the user; its end is told a little later, in any order.
    pub(crate) fn user_tx(&mut self, id: TabId, tx: Tx) {
        let mut replaced = Vec::new();
        let doomed = self.oracle.doomed.clone();
        let checked = self.devices[id.device].tabs[id.tab].engine.clock().is_anchored();
        if let Tx::Write(edits) = &tx {
            for edit in edits {
                self.note_deletion(id.device, edit);
                // not what is brought back: a copy's text may be an original's as well
                let is_new = !edit.fields.contains_key("del");
                if is_new && edit.key.chat().is_some_and(|chat| self.oracle.secret.contains(chat)) {
                    let texts =
                        ["title", "body"].into_iter().filter_map(|field| edit.fields.get(field)?.as_str());
                    self.oracle.secret_texts.extend(texts.map(ToOwned::to_owned));
                }
                let row = self.devices[id.device].row(&edit.key).unwrap_or_default();
                for (field, value) in
                    edit.fields.iter().filter(|(f, _)| *f == "title" || *f == "theme" || *f == "name")
                {
                    let old = row.record.fields.get(field).filter(|old| old.value != *value).cloned();
                    replaced.push((edit.key.clone(), field.clone(), old, value.clone()));
                }
            }
        }
        if let Ok(outcome) = self.run_tx(id, &tx) {
            // at the beginning of a transaction a clock may have been found out
            let checked = checked && self.devices[id.device].tabs[id.tab].engine.clock().is_anchored();
            let at_ms = self.true_ms();
            if outcome.refused.is_empty() {
                if let Tx::Write(edits) = &tx {
                    edits.iter().for_each(|edit| self.oracle.edits(edit, at_ms, checked));
                }
                for (key, field, old, value) in replaced {
                    self.oracle.overwrites(&key, &field, old.as_ref(), &value);
                }
            } else {
                // all of it or nothing
                self.oracle.doomed = doomed;
            }
            // until its end is told the engine cannot know
            let own = &mut self.devices[id.device].tabs[id.tab].own;
            own.retain(|key| outcome.touched.iter().all(|(touched, _)| touched != key));
            let delay = self.between(0, 6);
            self.at(delay, Ev::Written(id, Box::new(outcome)));
        } else {
            // a deletion that was not stored dooms nothing
            self.oracle.doomed = doomed;
        }
    }

    fn note_deletion(&mut self, device: usize, edit: &Edit) {
        match edit.fields.get("del") {
            Some(Value::Bool(true)) => {
                let elsewhere = self.devices[device].project == ELSEWHERE;
                let now = if elsewhere { &self.elsewhere } else { &self.server };
                let servers: Vec<_> = std::iter::once(now).chain(&self.backups).collect();
                if self.oracle.deletes(&edit.key, &self.devices[device], &servers) {
                    self.counts.add("deleted unseen");
                }
            }
            Some(_) => self.oracle.revives(&edit.key),
            None => {}
        }
    }

    fn message(&mut self, chat: &Id, role: &str, re: Option<&Id>) -> (Id, Edit) {
        let id = self.fresh('m');
        let body = self.unique(role);
        let mut fields = vec![("role", role.into()), ("body", body), ("at", self.now_ms.into())];
        if let Some(re) = re {
            fields.push(("re", re.as_str().into()));
        }
        (id.clone(), Edit::set(Key::Message(chat.clone(), id), fields))
    }

    fn new_chat(&mut self, tab: TabId, local: bool) {
        let chat = self.fresh('c');
        if local {
            self.oracle.secret.insert(chat.clone());
            let tx = Tx::SetScope(chat.clone(), ChatScope::LocalOnly);
            if self.run_tx(tab, &tx).is_err() {
                return;
            }
            self.counts.add("local-only");
        }
        let title = self.unique("title");
        let (_, message) = self.message(&chat, "user", None);
        let at = self.now_ms.into();
        let chat = Edit::set(Key::Chat(chat), [("at", at), ("title", title)]);
        self.user_tx(tab, Tx::Write(vec![chat, message]));
    }

    /// Any chat of this device, most likely a recent one.
    fn some_chat(&mut self, device: usize) -> Option<Id> {
        let chats = self.devices[device].chats();
        let recent = if self.rng.bool() { self.devices[device].favourite.clone() } else { None };
        recent.filter(|chat| chats.contains(chat)).or_else(|| {
            let chat = chats.get(self.rng.usize(..chats.len().max(1)))?.clone();
            self.devices[device].favourite = Some(chat.clone());
            Some(chat)
        })
    }

    fn some_message(&mut self, device: usize) -> Option<(Key, Record)> {
        let chat = self.some_chat(device)?;
        let keys = self.devices[device].keys(&Key::messages_of(&chat));
        let key = keys.get(self.rng.usize(..keys.len().max(1)))?.clone();
        let row = self.devices[device].row(&key)?;
        (!row.record.fields.is_empty()).then_some((key, row.record))
    }

    fn say(&mut self, tab: TabId) {
        let Some(chat) = self.some_chat(tab.device) else { return self.new_chat(tab, false) };
        let (question, edit) = self.message(&chat, "user", None);
        let mut edits = vec![edit];
        if self.rng.bool() {
            edits.push(self.message(&chat, "assistant", Some(&question)).1);
        }
        self.user_tx(tab, Tx::Write(edits));
    }

    fn rename(&mut self, tab: TabId) {
        let Some(chat) = self.some_chat(tab.device) else { return };
        if self.rng.u8(..4) == 0 {
            let pinned = [("pinned", self.rng.bool().into())];
            return self.user_tx(tab, Tx::Write(vec![Edit::set(Key::Chat(chat), pinned)]));
        }
        self.edit(tab, Key::Chat(chat), "title");
    }

    /// Sets a field to something new, and perhaps once more while that is under way.
    fn edit(&mut self, tab: TabId, key: Key, field: &'static str) {
        let value = self.unique(field);
        self.user_tx(tab, Tx::Write(vec![Edit::set(key.clone(), [(field, value)])]));
        if self.rng.u8(..3) == 0 {
            let delay = self.between(50, 3_000);
            self.at(delay, Ev::Again(tab, key, field));
        }
    }

    pub(super) fn edit_again(&mut self, tab: TabId, key: Key, field: &'static str) {
        if !self.calm && self.alive(tab).is_some() {
            self.edit(tab, key, field);
        }
    }

    fn edit_config(&mut self, tab: TabId) {
        let (key, field) = if self.rng.bool() { (Key::Settings, "theme") } else { (Key::Profile, "name") };
        self.edit(tab, key, field);
    }

    fn remember(&mut self, device: usize, key: &Key) {
        if let Some(row) = self.devices[device].row(key)
            && !row.record.is_deleted()
        {
            let fields = row.record.fields.into_iter().filter(|(_, register)| !register.value.is_null());
            let fields: BTreeMap<_, _> = fields.map(|(name, register)| (name, register.value)).collect();
            self.devices[device].trash.insert(key.clone(), fields);
        }
    }

    fn delete_message(&mut self, tab: TabId) {
        let Some((key, _)) = self.some_message(tab.device) else { return };
        self.counts.add("deleted");
        self.remember(tab.device, &key);
        self.user_tx(tab, Tx::Write(vec![Edit::delete(key)]));
    }

    fn delete_chat(&mut self, tab: TabId) {
        let Some(chat) = self.some_chat(tab.device) else { return };
        self.counts.add("deleted");
        let mut keys = vec![Key::Chat(chat.clone())];
        keys.extend(self.devices[tab.device].keys(&Key::messages_of(&chat)));
        keys.iter().for_each(|key| self.remember(tab.device, key));
        self.user_tx(tab, Tx::Write(keys.into_iter().map(Edit::delete).collect()));
    }

    fn undelete(&mut self, tab: TabId) {
        let Some((key, fields)) = self.devices[tab.device].trash.pop_first() else { return };
        self.counts.add("undeleted");
        let fields = fields.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let edit = Edit::set(key, fields.chain([("del", Value::Null)]));
        self.user_tx(tab, Tx::Write(vec![edit]));
    }

    fn regenerate(&mut self, tab: TabId) {
        let Some((Key::Message(chat, question), _)) = self.some_message(tab.device) else { return };
        self.counts.add("regenerated");
        let (_, edit) = self.message(&chat, "assistant", Some(&question));
        self.user_tx(tab, Tx::Write(vec![edit]));
    }

    fn open_chat(&mut self, tab: TabId) {
        let Some(chat) = self.some_chat(tab.device) else { return };
        if !self.devices[tab.device].feed(&chat).followed {
            self.counts.add("chat opened later");
        }
        self.user_tx(tab, Tx::Follow(chat));
    }

    fn change_scope(&mut self, tab: TabId) {
        let Some(chat) = self.some_chat(tab.device).filter(|chat| !self.oracle.secret.contains(chat)) else {
            return;
        };
        let scope = match self.rng.u8(..5) {
            0 => ChatScope::LocalOnly,
            1 | 2 => ChatScope::Paused,
            _ => ChatScope::Synced,
        };
        if scope == ChatScope::Paused {
            self.counts.add("paused");
        }
        self.user_tx(tab, Tx::SetScope(chat, scope));
    }

    /// A chat is taken out of the cloud and kept on this device.
    pub(crate) fn fork(&mut self, tab: TabId) {
        let Some(chat) = self.some_chat(tab.device).filter(|chat| !self.oracle.secret.contains(chat)) else {
            return;
        };
        self.fork_this(tab, &chat);
    }

    pub(crate) fn fork_this(&mut self, tab: TabId, chat: &Id) -> Option<Id> {
        let before: BTreeSet<Id> = self.devices[tab.device].chats().into_iter().collect();
        let mut keys = vec![Key::Chat(chat.clone())];
        keys.extend(self.devices[tab.device].keys(&Key::messages_of(chat)));
        let seed = std::array::from_fn(|_| self.rng.u8(..));
        // the copy is a secret before anybody has seen it
        let copy = muse_chat::sync::copy_of(chat, &seed);
        self.oracle.secret.insert(copy.clone());
        let checked = self.devices[tab.device].tabs[tab.tab].engine.clock().is_anchored();
        self.oracle.deletable.extend(keys.iter().cloned());
        self.user_tx(tab, Tx::Fork { chat: chat.clone(), seed });
        let made = self.devices[tab.device].chats().into_iter().any(|id| id == copy && !before.contains(&id));
        if made {
            self.counts.add("forked");
            let (at_ms, engine) = (self.true_ms(), &self.devices[tab.device].tabs[tab.tab].engine);
            let checked = checked && engine.clock().is_anchored();
            for key in keys {
                self.oracle.edits(&Edit::delete(key), at_ms, checked);
            }
        }
        made.then_some(copy)
    }

    fn hide(&mut self, id: TabId) {
        let hidden = !self.devices[id.device].tabs[id.tab].hidden;
        self.devices[id.device].tabs[id.tab].hidden = hidden;
        if hidden {
            self.counts.add("hidden");
        }
        self.signal(id.device, id.tab, if hidden { Signal::Hidden } else { Signal::Visible });
    }

    /// Tries refused records again, and stumbles over torn rows.
    pub(crate) fn release(&mut self, id: TabId) {
        let device = &self.devices[id.device];
        let mut keys = device.torn();
        keys.extend(device.quarantined());
        keys.retain(|key| !self.calm || !self.server.poison.contains_key(&key.path()));
        if !keys.is_empty() {
            self.user_tx(id, Tx::Release(keys));
        }
    }

    fn switch_off(&mut self, id: TabId) {
        let device = &mut self.devices[id.device];
        let tab = &mut device.tabs[id.tab];
        if tab.space.take().is_some() {
            self.counts.add("disconnected");
            self.trace(|| format!("{id:?} off"));
            self.leave_lead(id);
            self.devices[id.device].tabs[id.tab].engine.disconnect();
            self.pump(id);
        } else {
            self.connect(id.device, id.tab);
        }
    }

    pub(crate) fn signal(&mut self, device: usize, tab: usize, signal: Signal) {
        let id = self.id(device, tab);
        if self.frozen(id).is_some() {
            return;
        }
        let now = self.clock_of(id);
        self.devices[device].tabs[tab].engine.handle_signal(signal, now);
        self.pump(id);
    }

    /// The user asks to compare everything.
    pub(crate) fn rescan(&mut self, id: TabId) {
        let now = self.clock_of(id);
        self.counts.add("compared anew");
        self.devices[id.device].tabs[id.tab].engine.rescan(now);
        self.pump(id);
    }

    /// Connects a tab to the space of its device, if it has one.
    pub(crate) fn connect(&mut self, device: usize, tab: usize) {
        let Some(space) = self.devices[device].space.clone() else { return };
        let project = self.devices[device].project.clone();
        let id = self.id(device, tab);
        let now = self.clock_of(id);
        self.trace(|| format!("{} connects", super::world::name(id)));
        self.seek_lead(id, &space);
        let tab = &mut self.devices[device].tabs[tab];
        tab.project.clone_from(&project);
        tab.space = Some(space.clone());
        tab.busy = None;
        tab.engine.connect_in(&project, space, now);
        self.pump(id);
    }
}
