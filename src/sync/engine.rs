//! The engine: what to ask of the server and of this device's storage, and what their answers mean.
//!
//! It is sans-IO and runs one step at a time. Grammar: questions take `&self`; commands and
//! `handle_*` change it; `poll_*` drain its wishes. After every change drain [`Engine::poll_wish`]
//! and [`Engine::poll_event`], then sleep until [`Engine::poll_timer`], an answer or a signal.
//! The driver is that loop and nothing else.
//!
//! A *round* is: read the head → compare it with what was known → plan → pull page by page →
//! pick a batch → commit → acknowledge → again until nothing waits. Whatever fails ends in another
//! round later; every step is safe to lose, to repeat and to race, because rows and cursors change
//! together in one transaction and every write to the server is compare-and-set.

mod apply;
mod batch;
mod count;
mod failure;
mod health;
mod journal;
mod meta;
mod outbox;
mod round;
mod schedule;
mod tabs;
mod tx;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use apply::Feeds;
pub use apply::copy_of;
use batch::BatchSize;
use count::Counts;
use journal::Journal;
use meta::{LastMeta, Meta};
use round::Step;
use schedule::{Failure, Schedule};
use tabs::Tabs;
pub use tx::{Outcome as TxOutcome, Tx};

use super::planted::{Bug, planted};
use super::{
    Attention, Clock, FeedId, Happening, Id, Key, Limits, Mismatch, Now, Position, Request, Response,
    SpaceId, Status, TransportError,
};

/// Something the driver must do and answer, once, with the same id.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Send to the server; answer with [`Engine::handle_answer`].
    Send {
        /// For the answer.
        id: u64,
        /// What to send.
        request: Request,
    },
    /// Run as one transaction (scope, then [`Engine::apply`]); answer with [`Engine::handle_stored`].
    Store {
        /// For the answer.
        id: u64,
        /// What to run.
        tx: Tx,
    },
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Rows changed because of the server.
    Changed(Vec<Key>),
    /// The server's history was not ours; everything is compared anew.
    Reset(Mismatch),
    /// The server refuses this record; it stays here.
    Quarantined(Key),
    /// Stored rows that could not be read were set aside; they are fetched again.
    Corrupt(Vec<String>),
    /// A round ended with everything sent and fetched.
    Synced,
    /// Another tab joined another space with these rows. This engine has stopped; connect it to
    /// that space as well.
    Moved,
    /// Another tab is the better leader: give the lead away and ask for it again.
    Yield,
}

/// Something the browser told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The network came back, the page got focus, or the user asked: try at once.
    TryNow,
    /// The page is looked at.
    Visible,
    /// The page is not looked at: no polls.
    Hidden,
    /// The user did something: poll briskly for a while.
    Active,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Engine {
    clock: Clock,
    rng: fastrand::Rng,
    device: String,
    space: Option<SpaceId>,
    project: String,
    limits: Limits,
    batch: BatchSize,
    meta: Meta,
    last_meta: LastMeta,
    feeds: Feeds,
    /// Rows in the outbox, as far as this tab knows.
    pending: BTreeSet<Key>,
    /// Transactions applied so far. Their ends may be told in another order.
    applied: u64,
    /// The last of them that listed the whole outbox, and what later ones said about single rows.
    listed: u64,
    touched: BTreeMap<Key, (u64, bool)>,
    /// The last of them whose meta was taken over.
    meta_order: u64,
    /// The rows were found to be, or made to be, this space's.
    begun: bool,
    step: Step,
    /// Number of the last wish.
    wish_id: u64,
    /// The one that is out; answers to any other, and second answers, are dropped.
    waiting: Option<u64>,
    /// When the last request was made.
    asked_at: Now,
    wish: Option<Wish>,
    events: VecDeque<Event>,
    schedule: Schedule,
    tabs: Tabs,
    journal: Journal,
    /// As of the last call that told it.
    now: Now,
    /// Server time of the last round that ended with nothing pending.
    synced_at_ms: Option<u64>,
    /// Why the last round failed, until one gets on.
    attention: Option<Attention>,
    /// Why nothing may be written now, although all is well.
    read_only: Option<Attention>,
    /// An edit waits for a record that a newer build has written since.
    waits_for_newer: bool,
    // of the round
    /// The local generation it began under; a reset makes it void.
    generation: u64,
    /// Feeds still to be read and from where; the next one is last.
    todo: Vec<(FeedId, Position)>,
    /// The greatest number on the server when the round began; no cursor moves past it.
    cap: u64,
    /// The greatest number of settings and chats, where they may be above a head that was restored.
    leftover: u64,
    first_of_round: bool,
    /// A chat never opened here whose messages may be fetched once nothing else is left to do.
    idle_chat: Option<(Id, Position)>,
    backfilling: bool,
    counts: Counts,
    /// Messages still allowed to be fetched that way.
    backfill: u32,
    /// How often a refused batch was read again in a row.
    rebases: u32,
    /// A record that was refused alone, once.
    suspect: Option<(Key, u64)>,
    /// The pause after an own commit is over: go on sending without reading the head.
    resume_push: bool,
    /// The user asked to compare everything anew.
    rescan: bool,
    /// Everything is being compared, so the outbox also holds what the server may have.
    comparing: bool,
}

impl Engine {
    /// An engine that is off. `seed` feeds jitter and commit ids, `device` is this installation's
    /// random id.
    #[must_use]
    pub fn new(clock: Clock, device: &str, seed: u64, limits: Limits) -> Self {
        Self {
            clock,
            rng: fastrand::Rng::with_seed(seed),
            device: device.to_owned(),
            space: None,
            batch: BatchSize::new(limits.records),
            project: String::new(),
            backfill: limits.backfill,
            limits,
            meta: Meta::default(),
            last_meta: LastMeta::default(),
            feeds: Feeds::new(),
            pending: BTreeSet::new(),
            applied: 0,
            listed: 0,
            touched: BTreeMap::new(),
            meta_order: 0,
            begun: false,
            step: Step::Off,
            wish_id: 0,
            waiting: None,
            wish: None,
            events: VecDeque::new(),
            schedule: Schedule::default(),
            tabs: Tabs::default(),
            journal: Journal::default(),
            asked_at: Now { wall_ms: 0, instant_ms: 0 },
            now: Now { wall_ms: 0, instant_ms: 0 },
            synced_at_ms: None,
            attention: None,
            read_only: None,
            waits_for_newer: false,
            generation: 0,
            todo: Vec::new(),
            cap: 0,
            leftover: 0,
            first_of_round: false,
            idle_chat: None,
            counts: Counts::default(),
            backfilling: false,
            rebases: 0,
            suspect: None,
            resume_push: false,
            rescan: false,
            comparing: false,
        }
    }

    // Questions

    /// The clock that stamps edits.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The state as one sees it.
    #[must_use]
    pub fn status(&self) -> Status {
        let pending = u32::try_from(self.pending.len()).unwrap_or(u32::MAX);
        let retry_at_ms = self.poll_timer();
        if self.step == Step::Off {
            return Status::Off;
        }
        if !self.leads() {
            return self.followed_status();
        }
        if let Some(reason) = self.attention_now() {
            return Status::Attention { reason, pending, retry_at_ms };
        }
        if self.schedule.is_failing() {
            return Status::Offline { pending, retry_at_ms };
        }
        if self.comparing {
            return Status::Comparing { left: pending };
        }
        match self.synced_at_ms {
            Some(at_ms) if (pending == 0 || planted(Bug::SyncedWhileWaiting)) && !self.step.is_pulling() => {
                Status::Synced { at_ms }
            }
            Some(_) | None => Status::Syncing { pending },
        }
    }

    fn attention_now(&self) -> Option<Attention> {
        if let Some(reason) = &self.attention {
            return Some(reason.clone());
        }
        if let Some(reason) = self.schedule.attention().or_else(|| self.read_only.clone()) {
            return Some(reason);
        }
        if self.waits_for_newer {
            return Some(Attention::NewerSchema);
        }
        let count = u32::try_from(self.meta.quarantined.len()).unwrap_or(u32::MAX);
        (count > 0).then_some(Attention::Quarantined(count))
    }

    /// The space was erased: only the user's own wish is a reason to ask again.
    fn is_closed(&self) -> bool {
        self.read_only == Some(Attention::Closed)
    }

    /// The head's number and the local generation, for diagnostics.
    #[must_use]
    pub fn position(&self) -> (u64, u64) {
        (self.meta.head.as_ref().map_or(0, |h| h.head.seq), self.meta.generation)
    }

    /// Devices that wrote to the space, and when each did last, Unix milliseconds.
    #[must_use]
    pub fn devices(&self) -> &BTreeMap<String, u64> {
        &self.meta.devices
    }

    /// Records the server refuses, which stay here.
    #[must_use]
    pub fn quarantined(&self) -> Vec<Key> {
        self.meta.quarantined.iter().filter_map(|row| Key::from_row_key(row).ok()).collect()
    }

    // Commands

    /// [`Engine::connect`] in a named Firestore project: the same space in another project is another
    /// space.
    pub fn connect_in(&mut self, project: &str, space: SpaceId, now: Now) {
        project.clone_into(&mut self.project);
        self.connect(space, now);
    }

    /// Joins a space, or goes on with the one already joined. Nothing local is lost: what is here
    /// and what is there become one.
    pub fn connect(&mut self, space: SpaceId, now: Now) {
        self.space = Some(space.clone());
        self.note(Happening::Connected, now);
        self.drop_wish();
        self.attention = None;
        self.read_only = None;
        self.waits_for_newer = false;
        self.synced_at_ms = None;
        self.begun = false;
        self.schedule.restart(now);
        let project = self.project.clone();
        self.store(Step::Beginning, Tx::Begin { space, project });
    }

    /// Stops: no request is made until [`Engine::connect`]. An answer that is still on its way is
    /// ignored; the next round finds out what became of it.
    pub fn disconnect(&mut self) {
        if self.space.take().is_some() {
            self.note(Happening::Disconnected, self.now);
        }
        self.step = Step::Off;
        self.drop_wish();
    }

    /// Forgets what is known of the server and compares everything, because the user asked. Nothing
    /// is lost on either side, and the server is not blamed.
    pub fn rescan(&mut self, now: Now) {
        self.rescan = true;
        self.resume_push = false;
        self.schedule.try_now(now);
    }

    fn drop_wish(&mut self) {
        self.wish = None;
        self.waiting = None;
    }

    /// Whether this answers the wish that is out; it then is no more.
    fn is_answer(&mut self, id: u64) -> bool {
        self.waiting.take_if(|waiting| *waiting == id).is_some() || planted(Bug::AnswersCountTwice)
    }

    /// Tells the outcome of a transaction that the driver ran for the user, see [`Tx::Write`] and
    /// its siblings.
    pub fn handle_written(&mut self, outcome: &TxOutcome, now: Now) {
        self.note_touched(outcome);
        if self.is_closed() {
            return;
        }
        self.schedule.touch(now);
        let config_only = outcome.touched.iter().all(|(key, _)| matches!(key, Key::Settings | Key::Profile));
        self.schedule.work(if config_only { 2_000 } else { 400 }, now);
    }

    /// Another tab changed rows: look at the outbox again soon.
    pub fn handle_foreign_change(&mut self, now: Now) {
        if self.is_closed() {
            return;
        }
        self.schedule.work(400, now);
    }

    /// The browser told something.
    pub fn handle_signal(&mut self, signal: Signal, now: Now) {
        match signal {
            Signal::TryNow => {
                self.note(Happening::TryNow, now);
                self.hurry_leader();
                self.schedule.try_now(now);
            }
            Signal::Visible => {
                self.note(Happening::Visible(true), now);
                self.schedule.set_visible(true, now);
            }
            Signal::Hidden => {
                self.note(Happening::Visible(false), now);
                self.schedule.set_visible(false, now);
            }
            Signal::Active if self.is_closed() => {}
            Signal::Active => self.schedule.touch(now),
        }
    }

    /// The time given by [`Engine::poll_timer`] has come.
    pub fn handle_timer(&mut self, now: Now) {
        self.now = now;
        if self.step != Step::Idle || !self.schedule.is_due(now) {
            return;
        }
        self.stand_in_if_needed(now);
        if std::mem::take(&mut self.resume_push) && self.leads() {
            self.schedule.begun();
            self.cap = self.position().0;
            self.push();
        } else {
            self.begin_round();
        }
    }

    /// The answer to [`Wish::Send`].
    pub fn handle_answer(&mut self, id: u64, answer: Result<Response, TransportError>, now: Now) {
        self.now = now;
        if !self.is_answer(id) {
            return;
        }
        self.journal.answered(&answer, now.instant_ms, self.clock.time_ms(now));
        match answer {
            Ok(response) => {
                self.anchor(&response, now);
                self.on_response(response, now);
            }
            Err(error) => self.on_error(error, now),
        }
    }

    /// The end of [`Wish::Store`]; the text of an error is for the user.
    pub fn handle_stored(&mut self, id: u64, outcome: Result<TxOutcome, String>, now: Now) {
        self.now = now;
        if let Ok(outcome) = &outcome {
            self.note_touched(outcome);
        }
        if !self.is_answer(id) {
            return;
        }
        match outcome {
            Ok(outcome) => self.on_stored(outcome, now),
            Err(_) if planted(Bug::FailedStoreIsBelieved) => self.on_stored(TxOutcome::default(), now),
            Err(text) => {
                // nothing was acknowledged; what is in the rows decides again
                self.note(Happening::StorageFailed, now);
                self.attention = Some(Attention::Storage(text));
                self.fail(Failure::Storage, now);
            }
        }
    }

    // Wishes

    /// The next thing to do; there is at most one at a time.
    pub fn poll_wish(&mut self) -> Option<Wish> {
        self.wish.take()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When to call [`Engine::handle_timer`], on the clock of [`Now::instant_ms`].
    #[must_use]
    pub fn poll_timer(&self) -> Option<u64> {
        if self.step == Step::Idle { self.schedule.due_at() } else { None }
    }

    fn send(&mut self, step: Step, request: Request) {
        self.step = step;
        self.asked_at = self.now;
        self.journal.sent(&request, self.now.instant_ms);
        self.wish = Some(Wish::Send { id: self.next_id(), request });
    }

    fn store(&mut self, step: Step, tx: Tx) {
        self.step = step;
        self.wish = Some(Wish::Store { id: self.next_id(), tx });
    }

    fn next_id(&mut self) -> u64 {
        self.wish_id += 1;
        self.waiting = Some(self.wish_id);
        self.wish_id
    }

    fn anchor(&mut self, response: &Response, now: Now) {
        let ms = match response {
            Response::Head { read_ms: ms, .. }
            | Response::Documents { read_ms: ms, .. }
            | Response::Page { read_ms: ms, .. }
            | Response::Newest { read_ms: ms, .. }
            | Response::Names { read_ms: ms, .. }
            | Response::Count { read_ms: ms, .. }
            | Response::Committed { commit_ms: ms, .. } => ms,
            Response::Erased => return,
        };
        if *ms > 0 {
            self.clock.anchor(*ms, self.asked_at, now);
        }
    }
}
