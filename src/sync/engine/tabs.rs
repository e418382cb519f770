//! The engine's part in tab leadership.
//!
//! A follower does not poll and does not send. When it would, it looks at the outbox in the rows
//! instead and asks the leader for a sign of life; one that comes not in time makes it *stand in*:
//! it does what a leader does until it hears from one.

use std::collections::VecDeque;

use super::round::Step;
use super::{Engine, Event, Tx};
use crate::sync::health::Happening;
use crate::sync::planted::{Bug, planted};
use crate::sync::{Attention, Now, Role, SpaceTag, Status, TabMessage};

/// How long the leader may be silent.
pub(super) const PATIENCE_MS: u64 = 20_000;
/// How long it may be silent when the user asked to try now; a page that lives answers at once.
const URGENT_PATIENCE_MS: u64 = 2_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Tabs {
    role: Role,
    /// The leader's state as last told, its next try on our clock.
    told: Option<Status>,
    /// When to stand in unless the leader is heard.
    deadline: Option<u64>,
    stands_in: bool,
    /// The user asked to try now: the next question is urgent.
    urgent: bool,
    /// The leader may have sent what we think waits: look again.
    look_again: bool,
    outbox: VecDeque<TabMessage>,
    /// What we told last as leader.
    announced: Option<Status>,
}

impl Engine {
    /// What this tab is among the tabs of its browser.
    #[must_use]
    pub fn role(&self) -> Role {
        self.tabs.role
    }

    /// Tells what this tab is; until then it is alone.
    pub fn set_role(&mut self, role: Role, now: Now) {
        if self.tabs.role == role {
            return;
        }
        self.tabs = Tabs { role, ..Tabs::default() };
        self.note(Happening::Role(role), now);
        // a new leader looks for what the one before left undone, a follower for its leader
        self.schedule.work(0, now);
    }

    /// Another tab told something.
    pub fn handle_tab(&mut self, message: &TabMessage, now: Now) {
        match message {
            TabMessage::Rows(_) => self.handle_foreign_change(now),
            TabMessage::Ask { space, visible, waiting, urgent } if self.is_about(space) => {
                if self.tabs.role != Role::Leader {
                    return;
                }
                if *visible && !self.schedule.is_visible() {
                    // timers of a hidden page are slow, and it does not poll
                    return self.events.push_back(Event::Yield);
                }
                self.tabs.announced = None;
                if *urgent {
                    self.schedule.try_now(now);
                } else if *waiting {
                    self.handle_foreign_change(now);
                }
            }
            TabMessage::Alive { space, status } if self.is_about(space) => {
                if self.tabs.role != Role::Follower {
                    return;
                }
                self.tabs.told = Some(status.clone().with_retry(|ms| now.instant_ms.saturating_add(ms)));
                self.tabs.deadline = None;
                if std::mem::take(&mut self.tabs.stands_in) {
                    // it may have found that there is nothing left to ask, as in a closed space
                    self.schedule.finished(now);
                }
                if !self.pending.is_empty() {
                    self.tabs.look_again = true;
                    if self.step == Step::Idle && self.begun {
                        self.look(false);
                    }
                }
            }
            TabMessage::Decided | TabMessage::Ask { .. } | TabMessage::Alive { .. } => {}
        }
    }

    /// The next thing to tell the other tabs.
    pub fn poll_tab_message(&mut self, now: Now) -> Option<TabMessage> {
        if self.tabs.role == Role::Leader
            && let Some(space) = &self.space
        {
            let status = self.status();
            if self.tabs.announced.as_ref() != Some(&status) {
                let told = status.clone().with_retry(|at| at.saturating_sub(now.instant_ms));
                let message = TabMessage::Alive { space: SpaceTag::new(space), status: told };
                self.tabs.announced = Some(status);
                self.tabs.outbox.push_back(message);
            }
        }
        self.tabs.outbox.pop_front()
    }

    fn is_about(&self, tag: &SpaceTag) -> bool {
        self.space.as_ref().is_some_and(|space| SpaceTag::new(space) == *tag)
    }

    /// Whether this tab talks to the server.
    pub(super) fn leads(&self) -> bool {
        self.tabs.role != Role::Follower || self.tabs.stands_in
    }

    /// What the leader was asked for and did not answer in time is done here.
    pub(super) fn stand_in_if_needed(&mut self, now: Now) {
        if planted(Bug::FollowerNeverStandsIn) {
            return;
        }
        if !self.leads() && self.tabs.deadline.is_some_and(|deadline| deadline <= now.instant_ms) {
            self.tabs.stands_in = true;
            self.note(Happening::Courtesy, now);
        }
    }

    /// The user wants it now; a leader that lives is told.
    pub(super) fn hurry_leader(&mut self) {
        self.tabs.urgent = !self.leads();
    }

    /// A follower's round: what waits? Then `ask` the leader about it, or only know.
    pub(super) fn look(&mut self, ask: bool) {
        self.tabs.look_again = false;
        self.store(Step::Looking { ask }, Tx::Look);
    }

    /// The outbox is known.
    pub(super) fn on_looked(&mut self, ask: bool, now: Now) {
        self.step = Step::Idle;
        if matches!(self.attention, Some(Attention::Storage(_))) {
            self.attention = None;
        }
        if self.leads() {
            return self.schedule.work(0, now);
        }
        if ask {
            self.ask(now);
        }
        if self.tabs.look_again {
            self.look(false);
        }
    }

    fn ask(&mut self, now: Now) {
        let Some(space) = &self.space else { return };
        let visible = self.schedule.is_visible();
        let waiting = !self.pending.is_empty();
        let urgent = std::mem::take(&mut self.tabs.urgent);
        self.schedule.finished(now);
        if !(visible || waiting || urgent) {
            return;
        }
        self.tabs.outbox.push_back(TabMessage::Ask { space: SpaceTag::new(space), visible, waiting, urgent });
        let patience_ms = if urgent { URGENT_PATIENCE_MS } else { PATIENCE_MS };
        let deadline = now.instant_ms + patience_ms;
        let deadline = self.tabs.deadline.map_or(deadline, |earlier| earlier.min(deadline));
        self.tabs.deadline = Some(deadline);
        self.schedule.work(deadline.saturating_sub(now.instant_ms), now);
    }

    /// The state as a follower sees it: the leader's, but never better than its own rows.
    pub(super) fn followed_status(&self) -> Status {
        let own = u32::try_from(self.pending.len()).unwrap_or(u32::MAX);
        if let Some(reason @ Attention::Storage(_)) = &self.attention {
            return Status::Attention {
                reason: reason.clone(),
                pending: own,
                retry_at_ms: self.poll_timer(),
            };
        }
        match &self.tabs.told {
            Some(Status::Synced { at_ms }) if own == 0 || planted(Bug::FollowerBelievesSynced) => {
                Status::Synced { at_ms: *at_ms }
            }
            Some(Status::Offline { pending, retry_at_ms }) => {
                Status::Offline { pending: own.max(*pending), retry_at_ms: *retry_at_ms }
            }
            Some(Status::Attention { reason, pending, retry_at_ms }) => Status::Attention {
                reason: reason.clone(),
                pending: own.max(*pending),
                retry_at_ms: *retry_at_ms,
            },
            Some(Status::Comparing { left }) => Status::Comparing { left: own.max(*left) },
            Some(Status::Syncing { pending }) => Status::Syncing { pending: own.max(*pending) },
            Some(Status::Synced { .. } | Status::Off) | None => Status::Syncing { pending: own },
        }
    }
}
