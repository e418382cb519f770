//! The stage of the directed tests: devices that do things, a server things are done to.

use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use muse_chat::sync::planted::{Bug, plant};
use muse_chat::sync::{
    ChatScope, Commit, Edit, Event, Id, Key, Limits, Request, Role, Row, Signal, Status, SyncHealth, Tx,
    Value,
};

use crate::sim::{Fate, Happened, Server, TabId, World};

/// A quiet world: nothing goes wrong by itself.
#[derive(Clone)]
pub(crate) struct Stage(Rc<RefCell<World>>);

/// One tab of a device.
#[derive(Clone)]
pub(crate) struct Device {
    stage: Stage,
    pub(crate) device: usize,
    pub(crate) tab: usize,
}

/// `PLANT=Name` plants one of the mistakes of `muse_chat::sync::planted`, to see which sentences
/// notice it.
fn plant_from_environment() {
    if let Ok(name) = std::env::var("PLANT") {
        plant(Bug::ALL.iter().find(|bug| format!("{bug:?}") == name).copied());
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        plant_from_environment();
        let mut world = World::new(1);
        world.log_on = true;
        Self(Rc::new(RefCell::new(world)))
    }

    /// A device with a chat of one message, which is on the server, too.
    pub(crate) fn with_a_chat() -> (Self, Device, Id) {
        let stage = Self::new();
        let laptop = stage.device();
        let chat = laptop.starts_chat("hello");
        stage.settle();
        (stage, laptop, chat)
    }

    /// The same, with a second device that knows of the chat and has not opened it.
    pub(crate) fn with_a_chat_on_one_of_two() -> (Self, Device, Device, Id) {
        let stage = Self::new();
        let (laptop, phone) = (stage.device(), stage.device());
        let chat = laptop.starts_chat("hello");
        stage.settle();
        (stage, laptop, phone, chat)
    }

    /// The same, with the chat open on both.
    pub(crate) fn with_a_chat_open_on_both() -> (Self, Device, Device, Id) {
        let (stage, laptop, phone, chat) = Self::with_a_chat_on_one_of_two();
        phone.opens(&chat);
        stage.settle();
        (stage, laptop, phone, chat)
    }

    pub(crate) fn world(&self) -> RefMut<'_, World> {
        self.0.borrow_mut()
    }

    /// A device with one tab, in the first space, synced.
    pub(crate) fn device(&self) -> Device {
        self.device_with(Limits { backfill: 0, ..Limits::default() })
    }

    pub(crate) fn device_with(&self, limits: Limits) -> Device {
        let device = self.new_device(limits);
        device.connects();
        self.settle();
        device
    }

    /// A device that is not connected yet.
    pub(crate) fn new_device(&self, limits: Limits) -> Device {
        let mut world = self.world();
        let device = world.add_device(1, limits);
        world.devices[device].space = Some(world.spaces[0].clone());
        Device { stage: self.clone(), device, tab: 0 }
    }

    pub(crate) fn wait(&self, ms: u64) {
        let mut world = self.world();
        let end = world.now_ms + ms;
        world.run_until(end);
        assert_eq!(world.broken, None);
    }

    /// All devices sleep, their monotonic clocks with them.
    pub(crate) fn sleeps(&self, ms: u64) {
        self.world().pass_with(ms, |_| false);
    }

    /// Long enough for a few rounds of every device.
    pub(crate) fn settle(&self) {
        self.wait(40_000);
    }

    /// The next request has this fate.
    pub(crate) fn next_request(&self, fate: Fate) {
        self.next_where(|_| true, fate);
    }

    /// The next request that fits has this fate.
    pub(crate) fn next_where(&self, fits: fn(&Request) -> bool, fate: Fate) {
        self.world().fates.push_back((fits, fate));
    }

    /// The next commit has this fate.
    pub(crate) fn next_commit(&self, fate: Fate) {
        self.next_where(|request| matches!(request, Request::Commit(_)), fate);
    }

    pub(crate) fn commits(&self) -> u64 {
        self.world().server.commits
    }

    pub(crate) fn head_seq(&self) -> u64 {
        let world = self.world();
        world.server.head_seq(world.spaces[0].as_str())
    }

    pub(crate) fn is_on_server(&self, key: &Key) -> bool {
        let world = self.world();
        let path = format!("users/{}/{}", world.spaces[0].as_str(), key.path());
        world.server.docs.contains_key(&path)
    }

    pub(crate) fn backup(&self) -> Server {
        self.world().server.clone()
    }

    pub(crate) fn poison(&self, key: &Key) {
        self.world().server.poison.insert(key.path(), (403, "PERMISSION_DENIED"));
    }

    pub(crate) fn cure(&self, key: &Key) {
        self.world().server.poison.remove(&key.path());
    }

    /// All devices and the server hold the same, and nothing waits.
    pub(crate) fn all_agree(&self) {
        let world = self.world();
        world.oracle.agrees(&world.devices, &world.server, world.spaces[0].as_str()).unwrap();
        world.oracle.judge(&world.devices, &world.server, world.spaces[0].as_str()).unwrap();
    }
}

impl Device {
    pub(crate) fn world(&self) -> RefMut<'_, World> {
        self.stage.world()
    }

    pub(crate) fn id(&self) -> TabId {
        self.stage.world().id(self.device, self.tab)
    }

    pub(crate) fn connects(&self) {
        self.stage.world().connect(self.device, self.tab);
    }

    /// Joins the other space there is.
    pub(crate) fn joins_the_other_space(&self) {
        let mut world = self.stage.world();
        world.devices[self.device].space = Some(world.spaces[1].clone());
        world.connect(self.device, self.tab);
    }

    pub(crate) fn second_tab(&self) -> Self {
        let other = Self { tab: 1, ..self.clone() };
        {
            let mut world = self.stage.world();
            let (now, mut rng) = (world.now_ms, world.rng.fork());
            let tab = world.devices[self.device].new_tab(0, now, &mut rng);
            world.devices[self.device].tabs.push(tab);
        }
        other.connects();
        self.stage.settle();
        other
    }

    pub(crate) fn runs(&self, tx: Tx) {
        let id = self.id();
        self.stage.world().user_tx(id, tx);
    }

    pub(crate) fn edits(&self, key: Key, field: &str, value: impl Into<Value>) {
        self.runs(Tx::Write(vec![Edit::set(key, [(field, value.into())])]));
    }

    fn fresh(&self, kind: char) -> Id {
        let mut world = self.stage.world();
        Id::random(kind, std::array::from_fn(|_| world.rng.u8(..)))
    }

    fn message(&self, chat: &Id, role: &str, body: &str) -> Edit {
        let at = self.stage.world().now_ms;
        let key = Key::Message(chat.clone(), self.fresh('m'));
        Edit::set(key, [("role", role.into()), ("body", body.into()), ("at", at.into())])
    }

    /// A new chat with a first message.
    pub(crate) fn starts_chat(&self, title: &str) -> Id {
        let chat = self.fresh('c');
        self.starts_this_chat(&chat, title);
        chat
    }

    pub(crate) fn starts_this_chat(&self, chat: &Id, title: &str) {
        let new = Edit::set(Key::Chat(chat.clone()), [("title", title.into())]);
        let first = self.message(chat, "user", &format!("first of {title}"));
        self.runs(Tx::Write(vec![new, first]));
    }

    pub(crate) fn starts_local_chat(&self, title: &str) -> Id {
        let chat = self.fresh('c');
        self.stage.world().oracle.secret.insert(chat.clone());
        self.runs(Tx::SetScope(chat.clone(), ChatScope::LocalOnly));
        self.starts_this_chat(&chat, title);
        chat
    }

    pub(crate) fn says(&self, chat: &Id, body: &str) -> Key {
        let edit = self.message(chat, "user", body);
        let key = edit.key.clone();
        self.runs(Tx::Write(vec![edit]));
        key
    }

    /// Question and answer in one transaction.
    pub(crate) fn exchanges(&self, chat: &Id, question: &str, answer: &str) {
        let edits = vec![self.message(chat, "user", question), self.message(chat, "assistant", answer)];
        self.runs(Tx::Write(edits));
    }

    pub(crate) fn renames(&self, chat: &Id, title: &str) {
        self.edits(Key::Chat(chat.clone()), "title", title);
    }

    pub(crate) fn picks_theme(&self, theme: &str) {
        self.edits(Key::Settings, "theme", theme);
    }

    pub(crate) fn deletes(&self, keys: Vec<Key>) {
        self.runs(Tx::Write(keys.into_iter().map(Edit::delete).collect()));
    }

    pub(crate) fn opens(&self, chat: &Id) {
        self.runs(Tx::Follow(chat.clone()));
    }

    pub(crate) fn goes_offline(&self) {
        self.stage.world().devices[self.device].online = false;
    }

    pub(crate) fn comes_online(&self) {
        self.stage.world().devices[self.device].online = true;
        self.signals(Signal::TryNow);
    }

    /// The chat is taken out of the cloud; the name of the copy, if that was done.
    pub(crate) fn forks(&self, chat: &Id) -> Option<Id> {
        let id = self.id();
        self.stage.world().fork_this(id, chat)
    }

    pub(crate) fn connects_to_project(&self, project: &str) {
        self.stage.world().devices[self.device].project = project.to_owned();
        self.connects();
    }

    /// The user asks to compare everything.
    pub(crate) fn compares_anew(&self) {
        let id = self.id();
        self.stage.world().rescan(id);
    }

    pub(crate) fn signals(&self, signal: Signal) {
        let mut world = self.stage.world();
        world.devices[self.device].tabs[self.tab].hidden = match signal {
            Signal::Hidden => true,
            Signal::Visible => false,
            Signal::TryNow | Signal::Active => world.devices[self.device].tabs[self.tab].hidden,
        };
        world.signal(self.device, self.tab, signal);
    }

    /// Sync is switched off.
    pub(crate) fn disconnects(&self) {
        let mut world = self.stage.world();
        let id = world.id(self.device, self.tab);
        world.leave_lead(id);
        let tab = &mut world.devices[self.device].tabs[self.tab];
        tab.space = None;
        tab.engine.disconnect();
    }

    /// The tab is closed without warning, and opened again.
    pub(crate) fn is_killed(&self) {
        let id = self.id();
        let mut world = self.stage.world();
        world.calm = true;
        world.kill(id);
        world.calm = false;
    }

    pub(crate) fn clock_is_off_by(&self, ms: i64) {
        self.stage.world().devices[self.device].wall_off_ms = ms;
    }

    pub(crate) fn row(&self, key: &Key) -> Option<Row> {
        self.stage.world().devices[self.device].row(key)
    }

    pub(crate) fn title(&self, chat: &Id) -> String {
        self.row(&Key::Chat(chat.clone()))
            .and_then(|row| row.record.text("title").map(Into::into))
            .unwrap_or_default()
    }

    pub(crate) fn theme(&self) -> String {
        self.row(&Key::Settings).and_then(|row| row.record.text("theme").map(Into::into)).unwrap_or_default()
    }

    /// What was said in a chat, as far as it is here, in alphabetical order.
    pub(crate) fn bodies(&self, chat: &Id) -> Vec<String> {
        let keys = self.stage.world().devices[self.device].keys(&Key::messages_of(chat));
        let body = |key: &Key| self.row(key).and_then(|row| row.record.text("body").map(ToOwned::to_owned));
        let mut bodies: Vec<String> = keys.iter().filter_map(body).collect();
        bodies.sort();
        bodies
    }

    pub(crate) fn waits(&self, key: &Key) -> bool {
        self.row(key).is_some_and(|row| row.wants_sending())
    }

    pub(crate) fn is_quarantined(&self, key: &Key) -> bool {
        self.row(key).is_some_and(|row| row.quarantine.is_some())
    }

    pub(crate) fn status(&self) -> Status {
        self.stage.world().devices[self.device].tabs[self.tab].engine.status()
    }

    pub(crate) fn role(&self) -> Role {
        self.stage.world().devices[self.device].tabs[self.tab].engine.role()
    }

    pub(crate) fn health(&self) -> SyncHealth {
        self.stage.world().devices[self.device].tabs[self.tab].engine.health()
    }

    /// How many requests this tab made in its life.
    pub(crate) fn tab_requests(&self) -> u64 {
        self.stage.world().devices[self.device].tabs[self.tab].requests
    }

    pub(crate) fn is_synced(&self) -> bool {
        matches!(self.status(), Status::Synced { .. })
    }

    /// What the device sent since the last call.
    pub(crate) fn requests(&self) -> Vec<Request> {
        let mut world = self.stage.world();
        let mut sent = Vec::new();
        world.log.retain(|happened| match happened {
            Happened::Sent(device, request) if *device == self.device => {
                sent.push(request.clone());
                false
            }
            Happened::Sent(..) | Happened::Told(..) => true,
        });
        sent
    }

    pub(crate) fn last_commits(&self) -> Vec<Commit> {
        let commit = |request| if let Request::Commit(commit) = request { Some(commit) } else { None };
        self.requests().into_iter().filter_map(commit).collect()
    }

    /// What the engine told since the last call.
    pub(crate) fn events(&self) -> Vec<Event> {
        let mut world = self.stage.world();
        let mut told = Vec::new();
        world.log.retain(|happened| match happened {
            Happened::Told(device, event) if *device == self.device => {
                told.push(event.clone());
                false
            }
            Happened::Sent(..) | Happened::Told(..) => true,
        });
        told
    }

    pub(crate) fn saw_a_reset(&self) -> bool {
        self.events().iter().any(|event| matches!(event, Event::Reset(_)))
    }

    pub(crate) fn tears(&self, row_key: &str) {
        let world = self.stage.world();
        assert!(world.devices[self.device].store.tear(row_key, |value| value.replace_range(3..4, "~")));
    }
}
