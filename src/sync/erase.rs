//! Erasing the cloud copy: close the space for good, then take away every document, page by page.
//!
//! Promises: what is on devices stays. The head is closed first and stays closed: it is how a
//! device that comes back after a year learns that the space was erased, instead of filling it
//! again. Every step may be lost, repeated or begun anew from the start, after a crash or by another
//! tab: a chat's own document goes only after its messages, so nothing becomes unreachable.
//!
//! Drive it: do what [`Erase::poll`] wishes, hand what came of it to [`Erase::handle`].

use super::head::{COMMIT_CHARS, EPOCH_CHARS, random_text};
use super::{
    Commit, FeedId, Head, Id, Key, Position, Precondition, Request, Response, SCHEMA, TransportError,
};

/// Documents asked for, and deleted, at a time.
const PAGE: u32 = 300;
const RETRY_MAX_MS: f64 = 60_000.0;
/// So often in a row a refusal may be a lost race, or a batch too large.
const REFUSALS_MAX: u32 = 6;
const RULES: &str = "Your Firestore rules do not allow erasing. Publish the rules that come with Muse Chat (firestore.rules) and \
     try again.";

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum EraseWish {
    /// Send it; answer with [`Erase::handle`].
    Send(Request),
    /// Wait for so many milliseconds, then ask again.
    Wait(u64),
    /// Everything is erased and the space is closed.
    Done,
    /// It cannot go on; one sentence for the user. It may be begun again.
    Failed(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Head,
    Close(Box<Commit>),
    List(FeedId, Position),
    Delete(Vec<Key>),
    Done,
    Failed(String),
}

/// See the module.
#[derive(Debug)]
pub struct Erase {
    rng: fastrand::Rng,
    step: Step,
    /// Still to be done, last first.
    todo: Vec<Step>,
    wait_ms: Option<u64>,
    batch: usize,
    failures: u32,
    refusals: u32,
    erased: u32,
}

impl Erase {
    /// Begins, or goes on where an earlier one ended. `seed` feeds jitter and the commit's id.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            step: Step::Head,
            todo: vec![],
            wait_ms: None,
            batch: PAGE as usize,
            failures: 0,
            refusals: 0,
            erased: 0,
        }
    }

    /// Documents erased so far.
    #[must_use]
    pub fn erased(&self) -> u32 {
        self.erased
    }

    /// What to do now.
    pub fn poll(&mut self) -> EraseWish {
        if let Some(ms) = self.wait_ms.take() {
            return EraseWish::Wait(ms);
        }
        match &self.step {
            Step::Head => EraseWish::Send(Request::Head),
            Step::Close(commit) => EraseWish::Send(Request::Commit((**commit).clone())),
            Step::List(feed, after) => {
                EraseWish::Send(Request::Names { feed: feed.clone(), after: after.clone(), limit: PAGE })
            }
            Step::Delete(keys) => {
                EraseWish::Send(Request::Erase(keys.iter().take(self.batch).cloned().collect()))
            }
            Step::Done => EraseWish::Done,
            Step::Failed(why) => EraseWish::Failed(why.clone()),
        }
    }

    /// The answer to [`EraseWish::Send`].
    pub fn handle(&mut self, answer: Result<Response, TransportError>) {
        match answer {
            Ok(response) => {
                self.failures = 0;
                self.on_response(response);
            }
            Err(TransportError::Unreachable(_) | TransportError::Garbage(_)) => self.retry(1_000.0),
            Err(TransportError::Busy { retry_after_ms }) => {
                self.retry(retry_after_ms.map_or(RETRY_MAX_MS, |ms| ms as f64));
            }
            Err(TransportError::Conflict | TransportError::Denied) => self.on_refusal(),
            Err(TransportError::SignedOut) => {
                self.step = Step::Failed("Firestore did not accept the credentials of this app.".to_owned());
            }
            Err(TransportError::Rejected(text)) => {
                self.step = Step::Failed(format!("Firestore refused to erase: {text}"));
            }
        }
    }

    fn retry(&mut self, first_ms: f64) {
        self.failures += 1;
        let steps = f64::from(self.failures.min(32) - 1);
        let wait_ms = (first_ms * 1.5f64.powf(steps)).min(RETRY_MAX_MS).max(first_ms);
        self.wait_ms = Some((wait_ms * (0.5 + self.rng.f64())) as u64);
    }

    /// Another device was faster, the batch is too large for the rules, or they do not allow it.
    fn on_refusal(&mut self) {
        self.refusals += 1;
        let is_single = matches!(&self.step, Step::Delete(keys) if keys.len().min(self.batch) == 1);
        let is_batch = matches!(self.step, Step::Delete(_)) && !is_single;
        if is_batch {
            self.refusals = 0;
            self.batch = (self.batch / 2).max(1);
        } else if self.refusals > REFUSALS_MAX {
            self.step = Step::Failed(RULES.to_owned());
            return;
        } else if matches!(self.step, Step::Close(_)) {
            self.step = Step::Head;
        }
        self.retry(200.0);
    }

    fn on_response(&mut self, response: Response) {
        match (std::mem::replace(&mut self.step, Step::Head), response) {
            (Step::Head, Response::Head { head, .. }) => match head {
                Some((head, _)) if head.closed => self.begin_listing(),
                head => self.step = Step::Close(Box::new(self.closing(head))),
            },
            (Step::Close(_), Response::Committed { .. }) => self.begin_listing(),
            (Step::List(feed, _), Response::Names { keys, received, last, .. }) => {
                self.refusals = 0;
                self.on_names(feed, keys, last.filter(|_| received >= PAGE));
            }
            (Step::Delete(mut keys), Response::Erased) => {
                self.refusals = 0;
                let gone = self.batch.min(keys.len());
                self.erased += u32::try_from(gone).unwrap_or(0);
                keys.drain(..gone);
                self.todo.push(Step::Delete(keys));
                self.next();
            }
            (step, _) => {
                self.step = step;
                self.retry(1_000.0);
            }
        }
    }

    fn closing(&mut self, head: Option<(Head, String)>) -> Commit {
        let commit = random_text(&mut self.rng, COMMIT_CHARS);
        let (head, head_precondition) = match head {
            Some((head, time)) => (head.next(&commit, false, false), Precondition::UpdateTime(time)),
            None => {
                let epoch = random_text(&mut self.rng, EPOCH_CHARS);
                (Head::first(1, &commit, &epoch, SCHEMA), Precondition::Missing)
            }
        };
        Commit {
            head: Head { closed: true, ..head },
            head_precondition,
            device: String::new(),
            writes: vec![],
            bumps: vec![],
        }
    }

    fn begin_listing(&mut self) {
        let list = |feed| Step::List(feed, Position::default());
        self.todo = vec![list(FeedId::Config), list(FeedId::Chats)];
        self.refusals = 0;
        self.next();
    }

    fn on_names(&mut self, feed: FeedId, keys: Vec<Key>, next: Option<Position>) {
        self.todo.extend(next.map(|after| Step::List(feed, after)));
        let chats: Vec<Id> = keys
            .iter()
            .filter_map(|key| match key {
                Key::Chat(chat) => Some(chat.clone()),
                Key::Settings | Key::Profile | Key::Message(..) => None,
            })
            .collect();
        self.todo.push(Step::Delete(keys));
        // their messages go first
        let messages = chats.into_iter().map(|chat| Step::List(FeedId::Messages(chat), Position::default()));
        self.todo.extend(messages);
        self.next();
    }

    fn next(&mut self) {
        while let Some(step) = self.todo.pop() {
            if !matches!(&step, Step::Delete(keys) if keys.is_empty()) {
                self.step = step;
                return;
            }
        }
        self.step = Step::Done;
    }
}
