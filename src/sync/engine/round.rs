//! One round, step by step: what follows from each answer.

use super::count::Tally;
use super::schedule::Failure;
use super::tx::{Finding, Outcome, Plan, Tx};
use super::{Attention, Engine, Event};
use crate::sync::commit::Batch;
use crate::sync::head::{COMMIT_CHARS, EPOCH_CHARS, mismatch, random_text};
use crate::sync::health::Happening;
use crate::sync::planted::{self, Bug, planted};
use crate::sync::{
    Document, FeedId, Head, Id, Key, KnownHead, Mismatch, Now, Position, Precondition, Request, Response,
    SCHEMA, SpaceId,
};

/// What the engine waits for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Not in a space: nothing is ever asked.
    Off,
    /// For the timer.
    Idle,
    /// For the outbox, as a follower.
    Looking { ask: bool },
    /// For the rows of the space to be loaded.
    Beginning,
    /// For all rows to forget another server.
    Joining,
    /// For the head. `lost` holds the batch whose commit failed, if that is why.
    Head { known: Known, lost: Option<Box<Lost>> },
    /// For the list of what to fetch.
    Planning { reading: Option<KnownHead> },
    /// For a document that had this number when this device last looked, longer ago than the head's
    /// log remembers.
    Witness { reading: KnownHead, seq: u64 },
    /// For the greatest number in what an earlier head left behind, or an import above an older one.
    /// `seen` is the greatest number met in any document when it was asked for.
    Leftovers { config: Option<u64>, seen: u64 },
    /// For a page.
    Page(FeedId),
    /// For a page to be stored; `next` is where the following page starts, if there is one.
    Merging { feed: FeedId, next: Option<Position> },
    /// For a chat that was never opened here to be marked as wanted.
    Following(Id, Position),
    /// For the messages of a chat that are to be counted.
    Tallying,
    /// For their number on the server.
    Counting(Tally),
    /// For those which the server may have lost.
    Searching(Id),
    /// For them to be merged.
    Found(Id),
    /// For the count to be noted.
    Counted { refetch: bool },
    /// For a batch.
    Picking,
    /// For the server to take it.
    Committing(Box<Batch>),
    /// For the acknowledgement to be stored.
    Acknowledging,
    /// For the records of a refused batch.
    Rereading(Box<Lost>),
    /// For them to be merged.
    Rebasing(Box<Lost>),
    /// For one record, to be set aside.
    Quarantining(Key),
    /// For all rows to forget a server that is gone.
    Resetting(Mismatch),
}

/// What was known of the head when a request for it was sent: another tab may learn more while it
/// is on its way, and an old answer must not look like a server that went back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    head: Option<KnownHead>,
    seen: Option<(u64, String)>,
    generation: u64,
}

/// A commit that did not pass, and what the server said.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lost {
    pub(super) batch: Batch,
    /// Whether the server refused it, and its words; `None` where it only asked to try again.
    pub(super) refusal: Option<String>,
}

impl Lost {
    /// Whether a record is older on the server than what we had when we sent it, or gone. The head
    /// does not tell when others have made more commits since than its log remembers.
    fn went_back(&self, found: &[Document], missing: &[Key]) -> bool {
        self.batch.rows.iter().filter(|sent| sent.base_seq > 0).any(|sent| {
            missing.contains(&sent.key) || found.iter().any(|d| d.key == sent.key && d.seq < sent.base_seq)
        })
    }
}

impl Step {
    pub(super) fn is_pulling(&self) -> bool {
        matches!(self, Self::Page(_) | Self::Merging { .. } | Self::Joining | Self::Resetting(_))
    }
}

impl Engine {
    pub(super) fn known(&self) -> Known {
        let (head, mut seen) = (self.meta.head.clone(), self.meta.seen.clone());
        if self.meta.raise_generation {
            // that documents are left above a head that was restored has been noticed; our next commit ends it
            let seq = head.as_ref().map_or(0, |known| known.head.seq);
            seen.take_if(|(met, _)| *met > seq);
        }
        Known { head, seen, generation: self.meta.generation }
    }

    pub(super) fn begin_round(&mut self) {
        self.schedule.begun();
        let Some(space) = self.space.clone() else { return };
        if !self.begun || self.meta.space.is_empty() {
            let project = self.project.clone();
            return self.store(Step::Beginning, Tx::Begin { space, project });
        }
        if !self.meta.is_about(&self.project, &space) {
            // what these rows know is about another server now
            self.disconnect();
            return self.events.push_back(Event::Moved);
        }
        if self.rescan {
            return self.join(space);
        }
        if !self.leads() {
            return self.look(true);
        }
        self.generation = self.meta.generation;
        self.todo = Vec::new();
        self.first_of_round = true;
        self.resume_push = false;
        self.rebases = 0;
        self.backfilling = false;
        self.leftover = 0;
        let known = self.known();
        self.send(Step::Head { known, lost: None }, Request::Head);
    }

    fn join(&mut self, space: SpaceId) {
        let (project, generation) = (self.project.clone(), self.meta.generation);
        self.store(Step::Joining, Tx::Join { space, project, generation });
    }

    pub(super) fn fail(&mut self, failure: Failure, now: Now) {
        self.schedule.failed(failure, !self.pending.is_empty(), &mut self.rng, now);
        self.step = Step::Idle;
    }

    /// Something went through, so whatever was wrong is over.
    fn progressed(&mut self) {
        self.schedule.progressed();
        self.attention = None;
    }

    /// The round is void: begin another one at once.
    pub(super) fn again(&mut self, now: Now) {
        self.step = Step::Idle;
        self.schedule.work(0, now);
    }

    // Answers of the server

    pub(super) fn on_response(&mut self, response: Response, now: Now) {
        match (std::mem::replace(&mut self.step, Step::Idle), response) {
            (Step::Head { known, lost }, Response::Head { head, .. }) => {
                self.on_head(&known, lost, head, now);
            }
            (Step::Leftovers { config: None, seen }, Response::Newest { seq, .. }) => {
                let config = Some(seq.unwrap_or(0));
                self.send(Step::Leftovers { config, seen }, Request::Newest(FeedId::Chats));
            }
            (Step::Leftovers { config: Some(config), seen }, Response::Newest { seq, .. }) => {
                if self.meta.head.is_some() {
                    self.leftover = config.max(seq.unwrap_or(0));
                    return self.pull();
                }
                self.cap = if planted(Bug::HeadStartsAtOne) { 0 } else { config.max(seq.unwrap_or(0)) };
                if seen > self.cap {
                    // what we met after the head was gone is gone now too
                    return self.reset(Mismatch::WentBack, self.generation);
                }
                if self.cap > 0 {
                    self.todo = vec![
                        (FeedId::Chats, self.meta.chats.clone()),
                        (FeedId::Config, self.meta.config.clone()),
                    ];
                }
                self.pull();
            }
            (Step::Witness { seq, .. }, Response::Documents { found, missing, .. })
                if !missing.is_empty() || found.iter().any(|document| document.seq < seq) =>
            {
                self.reset(Mismatch::WentBack, self.generation);
            }
            (Step::Witness { reading, .. }, Response::Documents { .. }) => {
                self.plan(Some(reading), true, self.generation);
            }
            (Step::Page(feed), Response::Page { documents, received, last, .. }) => {
                self.on_page(feed, documents, received, last, now);
            }
            (Step::Committing(batch), Response::Committed { head, writes, bumps, .. }) => {
                self.batch.passes(batch.rows.len());
                let tx = Tx::Acknowledge { batch, head_time: head, write_times: writes, bump_times: bumps };
                self.store(Step::Acknowledging, tx);
            }
            (Step::Counting(tally), Response::Count { count, .. }) => self.on_count(tally, count, now),
            (Step::Searching(chat), Response::Documents { found, missing, .. }) => {
                let generation = self.generation;
                let tx = Tx::Merge { documents: found, missing, progress: None, generation };
                self.store(Step::Found(chat), tx);
            }
            (Step::Rereading(lost), Response::Documents { found, missing, .. }) => {
                if lost.went_back(&found, &missing) {
                    return self.reset(Mismatch::WentBack, lost.batch.generation);
                }
                let tx = Tx::Merge {
                    documents: found,
                    missing,
                    progress: None,
                    generation: lost.batch.generation,
                };
                self.store(Step::Rebasing(lost), tx);
            }
            (_, _) => self.fail(Failure::Garbage, now),
        }
    }

    fn on_page(
        &mut self,
        feed: FeedId,
        mut documents: Vec<Document>,
        received: u32,
        last: Option<Position>,
        now: Now,
    ) {
        if planted(Bug::PageBoundedByHead) {
            documents.retain(|document| document.seq <= self.cap);
        }
        let full = received >= self.limits.page;
        // never past the head as it was when the round began: what moves meanwhile comes again
        let next = last.filter(|last| full && last.seq <= self.cap);
        let position = next.clone().unwrap_or(Position { seq: self.cap, name: None });
        if matches!(feed, FeedId::Messages(_)) && self.backfilling {
            self.backfill = self.backfill.saturating_sub(received);
        }
        let own = self.meta.head.as_ref().map(|k| k.head.commit.clone());
        if documents.iter().any(|d| Some(&d.commit) != own.as_ref()) {
            self.schedule.saw_foreign(now);
        }
        if planted(Bug::CursorBeforeRows) {
            planted::swap(self.clock.node(), Some(std::mem::take(&mut documents)));
        }
        let tx = Tx::Merge {
            documents,
            missing: Vec::new(),
            progress: Some((feed.clone(), position)),
            generation: self.generation,
        };
        self.store(Step::Merging { feed, next }, tx);
    }

    fn on_head(&mut self, known: &Known, lost: Option<Box<Lost>>, head: Option<(Head, String)>, now: Now) {
        if head.as_ref().is_some_and(|(head, _)| head.closed) {
            // erased for good: what is here stays, and nothing is asked any more
            self.read_only = Some(Attention::Closed);
            self.comparing = false;
            self.progressed();
            return self.step = Step::Idle;
        }
        let reading = head.as_ref().map(|(head, time)| (head, time.as_str()));
        let late = planted(Bug::HeadIsComparedLate).then(|| self.known());
        let known = late.as_ref().unwrap_or(known);
        if let Some(mismatch) = mismatch(known.head.as_ref(), known.seen.as_ref(), reading) {
            return self.reset(mismatch, known.generation);
        }
        if let Some(lost) = lost {
            let stands = match (&lost.batch.commit.head_precondition, &head) {
                (Precondition::Missing, None) => true,
                (Precondition::UpdateTime(expected), Some((_, time))) => expected == time,
                (Precondition::Missing | Precondition::UpdateTime(_), _) => false,
            };
            if !stands || lost.batch.rows.is_empty() || planted(Bug::RefusedIsNotReadAgain) {
                // somebody else was faster: pull, merge, try again
                return self.lose_race(now);
            }
            return self.reread(lost);
        }
        self.cap = head.as_ref().map_or(0, |(head, _)| head.seq);
        self.read_only = match &head {
            Some((head, _)) if head.schema > SCHEMA => Some(Attention::NewerSchema),
            Some(_) | None => None,
        };
        let reading = head.map(|(head, update_time)| KnownHead { head, update_time });
        self.plan(reading, false, known.generation);
    }

    fn plan(&mut self, reading: Option<KnownHead>, witnessed: bool, generation: u64) {
        let tx = Tx::Plan { reading: reading.clone(), witnessed, generation };
        self.store(Step::Planning { reading }, tx);
    }

    /// Reads the records of a refused batch again, and their chats.
    pub(super) fn reread(&mut self, lost: Box<Lost>) {
        let mut keys: Vec<Key> = lost.batch.rows.iter().map(|sent| sent.key.clone()).collect();
        keys.extend(lost.batch.commit.bumps.iter().map(|bump| Key::Chat(bump.chat.clone())));
        self.send(Step::Rereading(lost), Request::Get(keys));
    }

    // Ends of transactions

    pub(super) fn on_stored(&mut self, outcome: Outcome, now: Now) {
        let step = std::mem::replace(&mut self.step, Step::Idle);
        if outcome.finding == Finding::Stale {
            // another tab noticed a reset, or knows more
            return self.again(now);
        }
        match (step, outcome.finding) {
            (Step::Beginning, Finding::OtherSpace) => match self.space.clone() {
                Some(space) => self.join(space),
                None => self.step = Step::Off,
            },
            (Step::Looking { ask }, _) => self.on_looked(ask, now),
            (step @ (Step::Beginning | Step::Joining), _) => {
                self.begun = true;
                self.comparing |= step == Step::Joining;
                self.rescan &= step != Step::Joining;
                self.begin_round();
            }
            (Step::Resetting(mismatch), _) => {
                self.comparing = true;
                self.note(Happening::Reset(mismatch), now);
                self.events.push_back(Event::Reset(mismatch));
                self.again(now);
            }
            (Step::Planning { .. }, Finding::Plan(plan)) => self.on_plan(plan, now),
            (Step::Planning { reading: Some(reading) }, Finding::Unwitnessed(key, seq)) => {
                self.send(Step::Witness { reading, seq }, Request::Get(vec![key]));
            }
            (
                Step::Merging { .. } | Step::Rebasing(_) | Step::Found(_),
                Finding::Merged { went_back: true, .. },
            ) => {
                self.reset(Mismatch::WentBack, self.generation);
            }
            (Step::Merging { feed, next }, _) => {
                if let Some(documents) = planted::swap(self.clock.node(), None) {
                    let generation = self.generation;
                    let tx = Tx::Merge { documents, missing: Vec::new(), progress: None, generation };
                    return self.store(Step::Merging { feed, next }, tx);
                }
                self.progressed();
                match next {
                    Some(after) => self.ask_page(feed, after),
                    // only now is it known which chats are behind
                    None if feed == FeedId::Chats || std::mem::take(&mut self.backfilling) => {
                        self.plan(None, false, self.generation);
                    }
                    None => self.pull(),
                }
            }
            (Step::Following(chat, from), _) => {
                self.backfilling = true;
                self.ask_page(FeedId::Messages(chat), from);
            }
            (Step::Tallying, Finding::Tallied(tally)) => self.ask_count(tally),
            (Step::Found(chat), _) => self.counted(chat, false, now),
            (Step::Counted { refetch }, _) => self.on_counted(refetch, now),
            (Step::Picking, Finding::Picked { batch, newer }) => self.on_picked(batch, newer, now),
            (Step::Acknowledging, Finding::Acknowledged { advanced }) => self.on_acknowledged(advanced, now),
            (Step::Rebasing(lost), Finding::Merged { rebased, .. }) => self.on_rebased(*lost, rebased, now),
            (Step::Quarantining(key), _) => {
                self.note(Happening::Quarantined, now);
                self.batch.blamed();
                self.events.push_back(Event::Quarantined(key));
                self.push();
            }
            (_, _) => self.again(now),
        }
    }

    fn on_plan(&mut self, plan: Plan, now: Now) {
        self.idle_chat = plan.backfill;
        self.counts.next = plan.count;
        let start = std::mem::take(&mut self.first_of_round);
        if start && self.meta.head.is_none() {
            let fetches = !plan.messages.is_empty() || (self.idle_chat.is_some() && self.backfill > 0);
            if self.pending.is_empty() && !fetches && !self.comparing {
                return self.finish(now);
            }
            let seen = self.meta.seen.as_ref().map_or(0, |(seen, _)| *seen);
            return self.send(Step::Leftovers { config: None, seen }, Request::Newest(FeedId::Config));
        }
        // taken from the end: settings, then chats, then the most recently active chat
        self.todo = Vec::new();
        if start && plan.chats {
            self.todo.push((FeedId::Chats, self.meta.chats.clone()));
        } else {
            let messages = plan.messages.into_iter().rev();
            self.todo.extend(messages.map(|(chat, from)| (FeedId::Messages(chat), from)));
        }
        if start && plan.config {
            self.todo.push((FeedId::Config, self.meta.config.clone()));
        }
        if start && self.comparing && self.meta.raise_generation {
            // an import leaves alone what the backup did not have
            return self.send(Step::Leftovers { config: None, seen: 0 }, Request::Newest(FeedId::Config));
        }
        self.pull();
    }

    fn pull(&mut self) {
        match self.todo.pop() {
            Some((feed, after)) => self.ask_page(feed, after),
            None => self.push(),
        }
    }

    fn ask_page(&mut self, feed: FeedId, after: Position) {
        let limit = self.limits.page;
        self.send(Step::Page(feed.clone()), Request::Page { feed, after, limit });
    }

    pub(super) fn push(&mut self) {
        // what is left to be sent is what the server does not have
        self.comparing = false;
        let tx = Tx::Pick {
            max: self.batch.max(),
            parent: self.cap.max(self.leftover),
            commit: random_text(&mut self.rng, COMMIT_CHARS),
            epoch: random_text(&mut self.rng, EPOCH_CHARS),
            generation: self.generation,
        };
        self.store(Step::Picking, tx);
    }

    fn on_picked(&mut self, batch: Option<Box<Batch>>, newer: bool, now: Now) {
        self.waits_for_newer = newer;
        match batch {
            Some(batch) if self.read_only.is_none() => {
                let request = Request::Commit(batch.commit.clone());
                self.send(Step::Committing(batch), request);
            }
            Some(_) | None => self.finish(now),
        }
    }

    fn on_acknowledged(&mut self, advanced: bool, now: Now) {
        self.progressed();
        self.rebases = 0;
        self.suspect = None;
        if !self.pending.is_empty() {
            let pause_ms = self.schedule.pause_ms(&mut self.rng, now);
            self.schedule.pause(pause_ms, now);
            self.resume_push = advanced;
        } else if advanced {
            self.finish(now);
        } else {
            // there may be something between what was read and what was written
            self.again(now);
        }
    }

    /// Everything that can be fetched and sent now has been.
    fn finish(&mut self, now: Now) {
        self.progressed();
        self.comparing = false;
        if self.pending.is_empty() {
            self.synced_at_ms = Some(self.clock.time_ms(now));
            self.events.push_back(Event::Synced);
        }
        match self.idle_chat.take() {
            Some(_) if self.backfill > 0 && self.journal.today.exceeds(self.limits.day) => {
                self.journal.note_over_budget(self.clock.time_ms(now));
                self.rest(now);
            }
            Some((chat, from)) if self.backfill > 0 => {
                self.store(Step::Following(chat.clone(), from), Tx::Follow(chat));
            }
            Some(_) | None if self.count_a_chat(now) => {}
            Some(_) | None => self.rest(now),
        }
    }

    pub(super) fn rest(&mut self, now: Now) {
        self.step = Step::Idle;
        self.schedule.finished(now);
    }
}
