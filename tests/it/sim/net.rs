//! The network between a tab and the server, with all it can do to a request, and the store below.

use muse_chat::firestore::Answer;
use muse_chat::store::Fault;
use muse_chat::sync::{Key, Request, Role, TabMessage, TransportError, Tx, TxOutcome};

use super::device::{ELSEWHERE, TabId};
use super::faults::Fate;
use super::server::refuse;
use super::world::{Ev, Happened, Outcome, World, name};

/// How long the driver waits for an answer.
const TIMEOUT_MS: u64 = 20_000;

impl World {
    pub(super) fn send(&mut self, from: TabId, id: u64, request: Request) {
        let device = &mut self.devices[from.device];
        let online = device.online;
        let tab = &mut device.tabs[from.tab];
        tab.busy = Some(id);
        tab.requests += u64::from(!matches!(request, Request::Count { .. }));
        if tab.engine.role() == Role::Follower {
            self.counts.add("follower stood in");
        }
        let project = tab.project.clone();
        let Some(space) = tab.space.clone() else {
            return self.fail(format!("{} sends while it is off", name(from)));
        };
        if self.log_on {
            self.log.push(Happened::Sent(from.device, request.clone()));
        }
        let call = match self.wires[&space].encode(&request) {
            Ok(call) => call,
            Err(error) => return self.fail(format!("cannot be encoded: {error:?}")),
        };
        let leak = |chat: &&muse_chat::sync::Id| {
            call.body.contains(chat.as_str()) || call.path.contains(chat.as_str())
        };
        if let Some(chat) = self.oracle.secret.iter().find(leak) {
            return self.fail(format!("I5: {chat} is in a request"));
        }
        if matches!(request, Request::Commit(_))
            && let Some(text) = self.oracle.secret_texts.iter().find(|text| call.body.contains(text.as_str()))
        {
            return self.fail(format!("I5: {text:?} is in a request"));
        }
        let fate = self.fate(&request);
        self.trace(|| {
            let how = if online { format!("{fate:?}") } else { "Offline".to_owned() };
            format!("{} -> {} {how}", name(from), brief(&request))
        });
        let broken = |text: &str| Box::new(Err(TransportError::Unreachable(text.to_owned())));
        if !online {
            self.counts.add("offline");
            return self.at(20, Ev::Answer { to: from, id, outcome: broken("offline") });
        }
        let up = self.between(3, 120);
        let request = Box::new(request);
        let arrive = |request, call, fate| {
            let (project, space) = (project.clone(), space.clone());
            Ev::Arrive { from, id, project, space, request, call, fate, since_ms: None }
        };
        match fate {
            Fate::Lost => {}
            Fate::Late(ms) => self.at(ms, arrive(request, call, Fate::Fine)),
            Fate::Doubled(ms) => {
                self.at(up, arrive(request.clone(), call.clone(), Fate::Fine));
                self.at(ms, arrive(request, call, Fate::AnswerLost));
            }
            Fate::Fine | Fate::Held(_) | Fate::AnswerLost | Fate::AnswerLate(_) | Fate::Refused(_) => {
                self.at(up, arrive(request, call, fate))
            }
        }
        let gives_up = if fate == Fate::Lost { self.between(10, TIMEOUT_MS) } else { TIMEOUT_MS };
        self.at(gives_up, Ev::Answer { to: from, id, outcome: broken("timeout") });
    }

    fn fate(&mut self, request: &Request) -> Fate {
        let commit = matches!(request, Request::Commit(_));
        let scripted = self.fates.iter().position(|(fits, _)| fits(request));
        if let Some((_, fate)) = scripted.and_then(|at| self.fates.remove(at)) {
            return fate;
        }
        let (fate, counted) = self.rates.fate(commit, &mut self.rng);
        counted.into_iter().for_each(|what| self.counts.add(what));
        fate
    }

    pub(super) fn arrive(&mut self, arrival: Ev) {
        let Ev::Arrive { from, id, project, space, request, call, fate, since_ms } = arrival else { return };
        let now_ms = self.true_ms();
        if let Fate::Held(ms) = fate {
            let (fate, since_ms) = (Fate::Fine, Some(now_ms));
            let later = Ev::Arrive { from, id, project, space, request, call, fate, since_ms };
            return self.at(ms, later);
        }
        let (rules_first, since_ms) = (self.rng.bool(), since_ms.unwrap_or(now_ms));
        let ignored = matches!(fate, Fate::Refused(code) if code != 503 || self.rng.bool());
        let server = self.server_of(&project);
        let answer = (!ignored).then(|| server.answer_held(&call, since_ms, now_ms, rules_first));
        if let Some(broken) = server.broken.clone() {
            self.fail(broken);
        }
        let answer = match (fate, answer) {
            (Fate::AnswerLost, _) => return,
            (Fate::Refused(200), _) => {
                Answer { status: 200, body: "<html>Log in to the café</html>".to_owned() }
            }
            (Fate::Refused(401), _) => refuse((401, "UNAUTHENTICATED")),
            (Fate::Refused(403), _) => refuse((403, "PERMISSION_DENIED")),
            (Fate::Refused(409), _) => refuse((409, "ABORTED")),
            (Fate::Refused(429), _) => refuse((429, "RESOURCE_EXHAUSTED")),
            (Fate::Refused(_), _) | (_, None) => refuse((503, "UNAVAILABLE")),
            (_, Some(answer)) => answer,
        };
        let outcome = Box::new(self.wires[&space].decode(&request, &answer));
        self.trace(|| format!("{} at the server: {}", name(from), brief_answer(&outcome)));
        let delay = if let Fate::AnswerLate(ms) = fate { ms } else { self.between(3, 120) };
        self.at(delay, Ev::Answer { to: from, id, outcome });
    }

    pub(super) fn answered(&mut self, to: TabId, id: u64, outcome: Outcome) {
        let now = self.clock_of(to);
        if let Some(tab) = self.alive(to) {
            if tab.busy == Some(id) {
                tab.busy = None;
            }
            tab.engine.handle_answer(id, outcome, now);
            self.pump(to);
        }
    }

    // Storage

    pub(super) fn store(&mut self, id: TabId, wish: u64, tx: &Tx) {
        if self.alive(id).is_none() {
            return;
        }
        if self.chance(self.rates.kill) {
            self.counts.add("killed before transaction");
            return self.kill(id);
        }
        let outcome = self.run_tx(id, tx);
        if self.chance(self.rates.kill) {
            self.counts.add("killed after transaction");
            return self.kill(id);
        }
        let delay = self.between(0, 4);
        self.at(delay, Ev::Stored { tab: id, id: wish, outcome: outcome.map(Box::new) });
    }

    pub(super) fn stored(&mut self, id: TabId, wish: u64, outcome: Result<Box<TxOutcome>, String>) {
        let now = self.clock_of(id);
        if let Some(tab) = self.alive(id) {
            if tab.busy == Some(wish) {
                tab.busy = None;
            }
            tab.engine.handle_stored(wish, outcome.map(|outcome| *outcome), now);
            self.pump(id);
        }
    }

    /// Runs a transaction on the store of a tab's device, and has the oracle judge it.
    pub(crate) fn run_tx(&mut self, id: TabId, tx: &Tx) -> Result<TxOutcome, String> {
        let fault =
            self.chance(self.rates.store).then(|| if self.rng.bool() { Fault::Before } else { Fault::After });
        if fault.is_some() {
            self.counts.add("store failed");
        }
        let done = self.devices[id.device].run(id.tab, tx, self.now_ms, fault);
        self.trace(|| {
            format!("  {} {}{}", name(id), brief_tx(tx), if done.is_err() { " FAILED" } else { "" })
        });
        let (outcome, changes) = done?;
        if let Err(broken) = self.oracle.observe(&self.devices[id.device], &changes) {
            self.fail(format!("{} {broken}, in {}", name(id), brief_tx(tx)));
        }
        // what does not wait any more may wait again because of another tab
        let sent = |key: &Key| outcome.touched.iter().any(|(touched, waits)| touched == key && !waits);
        self.devices[id.device].tabs.iter_mut().for_each(|tab| tab.own.retain(|key| !sent(key)));
        if self.now_ms.is_multiple_of(100) {
            self.check_cursors(id.device);
        }
        if !outcome.changed.is_empty() {
            self.broadcast(id, &TabMessage::Rows(Vec::new()));
        }
        Ok(outcome)
    }

    pub(crate) fn check_cursors(&mut self, device: usize) {
        let device = &self.devices[device];
        let meta = device.meta();
        if self.tampered || self.robbed || meta["project"] == ELSEWHERE {
            return;
        }
        let space = meta["space"].as_str().unwrap_or_default();
        if let Err(broken) = self.oracle.cursors_are_covered(device, &self.server, space) {
            self.fail(broken);
        }
    }
}

fn brief(request: &Request) -> String {
    match request {
        Request::Commit(commit) => {
            let keys: Vec<String> = commit.writes.iter().map(|write| write.key.path()).collect();
            let bumps: Vec<String> = commit.bumps.iter().map(|bump| bump.chat.to_string()).collect();
            format!("Commit {} {} {keys:?} bumps {bumps:?}", commit.head.seq, commit.head.commit)
        }
        Request::Head
        | Request::Get(_)
        | Request::Page { .. }
        | Request::Newest(_)
        | Request::Names { .. }
        | Request::Erase(_)
        | Request::Count { .. } => format!("{request:?}"),
    }
}

fn brief_answer(outcome: &Outcome) -> String {
    match outcome {
        Ok(muse_chat::sync::Response::Page { documents, received, .. }) => {
            let found: Vec<String> =
                documents.iter().map(|doc| format!("{}@{}", doc.key.path(), doc.seq)).collect();
            format!("page of {received} {found:?}")
        }
        Ok(muse_chat::sync::Response::Head { head, .. }) => {
            format!(
                "head {:?}",
                head.as_ref().map(|(h, t)| (h.seq, h.commit.clone(), h.generation, t.clone()))
            )
        }
        Ok(muse_chat::sync::Response::Documents { found, missing, .. }) => {
            let found: Vec<String> =
                found.iter().map(|doc| format!("{}@{}", doc.key.path(), doc.seq)).collect();
            format!("found {found:?} missing {missing:?}")
        }
        other => format!("{other:?}"),
    }
}

fn brief_tx(tx: &Tx) -> String {
    match tx {
        Tx::Write(edits) => {
            let edits: Vec<String> =
                edits.iter().map(|e| format!("{} {:?}", e.key.path(), e.fields)).collect();
            format!("Write {edits:?}")
        }
        Tx::Merge { documents, missing, progress, generation } => {
            format!(
                "Merge {} documents {} missing {progress:?} g{generation}",
                documents.len(),
                missing.len()
            )
        }
        Tx::Acknowledge { batch, .. } => {
            format!(
                "Acknowledge {} advances {} fresh {:?}",
                batch.commit.head.seq, batch.advances, batch.fresh
            )
        }
        Tx::Plan { reading, generation, .. } => {
            format!("Plan {:?} g{generation}", reading.as_ref().map(|known| known.head.seq))
        }
        Tx::Follow(_)
        | Tx::Adopt(_)
        | Tx::Tally { .. }
        | Tx::Counted { .. }
        | Tx::SetScope(..)
        | Tx::Fork { .. }
        | Tx::Begin { .. }
        | Tx::Look
        | Tx::Join { .. }
        | Tx::Pick { .. }
        | Tx::Reset { .. }
        | Tx::Quarantine { .. }
        | Tx::Release(_) => format!("{tx:?}"),
    }
}
