//! What the engine asks of the server and what it may hear: values, not calls.
//!
//! The `firestore` module turns a [`Request`] into REST and an answer into a [`Response`] or a
//! [`TransportError`]; a simulation answers the same values.

use super::{Document, Head, Id, Key, Record};

/// Which ordered list of documents a pull reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeedId {
    /// Settings and profile.
    Config,
    /// Chats without their messages.
    Chats,
    /// Messages of one chat.
    Messages(Id),
}

/// How far a feed was read: everything with a sequence number up to `seq` (and, where `name`
/// is given, of that last number only documents up to that name).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Sequence number.
    pub seq: u64,
    /// Document id within that number, after a page that ended in the middle of one commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Position {
    /// Whether everything up to and including a number was read.
    #[must_use]
    pub fn covers(&self, seq: u64) -> bool {
        self.seq > seq || (self.seq == seq && self.name.is_none())
    }
}

/// One request to Firestore; all are about one space.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// `:batchGet` of the head: works when it is missing and always tells the server's time.
    Head,
    /// `:batchGet` of some records.
    Get(Vec<Key>),
    /// `:runQuery`: documents of a feed with `seq` after the position, ascending, at most `limit`.
    Page {
        /// Which feed.
        feed: FeedId,
        /// Where to go on.
        after: Position,
        /// At most so many documents (rules allow up to 300).
        limit: u32,
    },
    /// `:runQuery`: the greatest `seq` in a feed (one document, descending).
    Newest(FeedId),
    /// `:runQuery`: the names of what a feed holds, also of what cannot be understood.
    Names {
        /// Which feed.
        feed: FeedId,
        /// Where to go on.
        after: Position,
        /// At most so many documents.
        limit: u32,
    },
    /// `:runAggregationQuery`: how many documents of a feed have a greater number, at most 300.
    Count {
        /// Which feed.
        feed: FeedId,
        /// Only greater numbers.
        after: u64,
    },
    /// `:commit`: all or nothing.
    Commit(Commit),
    /// `:commit` that takes documents away for good; only where the head is closed.
    Erase(Vec<Key>),
}

/// One atomic commit: it moves the head by one, and everything in it carries the new number.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// The head as it shall be; `at` is set by the server.
    pub head: Head,
    /// What must hold of the head for the commit to pass.
    pub head_precondition: Precondition,
    /// Installation id of this device, for the list of devices.
    pub device: String,
    /// Records written whole.
    pub writes: Vec<RecordWrite>,
    /// Chats whose messages change and whose own record does not.
    pub bumps: Vec<Bump>,
}

/// A chat document made to carry the new number without touching its record: an upsert of `seq`,
/// `c` and `at` only, without precondition, so that messages never stick behind a chat that
/// cannot be pushed. A missing document becomes a stub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bump {
    /// Which chat.
    pub chat: Id,
    /// Last activity in the chat as far as this device knows; a hint for sorting.
    pub active_ms: u64,
}

/// One record of a commit. Its `seq` and commit id are the head's.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordWrite {
    /// Which record.
    pub key: Key,
    /// Its whole content.
    pub record: Record,
    /// What must hold of the document on the server.
    pub precondition: Precondition,
    /// Last activity, for chats only; see [`Bump::active_ms`].
    pub active_ms: Option<u64>,
}

/// Firestore's `currentDocument`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// The document must not exist.
    Missing,
    /// The document must be at this `updateTime`.
    UpdateTime(String),
}

/// A good answer. Times are Unix milliseconds of the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// To [`Request::Head`]: the head and its `updateTime`, if there is one.
    Head {
        /// `None` where the document is missing.
        head: Option<(Head, String)>,
        /// When it was read.
        read_ms: u64,
    },
    /// To [`Request::Get`]: those that exist, and the keys of those that do not.
    Documents {
        /// Found, in any order.
        found: Vec<Document>,
        /// Missing.
        missing: Vec<Key>,
        /// When they were read.
        read_ms: u64,
    },
    /// To [`Request::Page`]: in the order of `(seq, name)`.
    Page {
        /// Documents that could be understood.
        documents: Vec<Document>,
        /// Number of documents in the answer, also those that could not be understood.
        received: u32,
        /// Position of the last document of the answer, understood or not.
        last: Option<Position>,
        /// When they were read.
        read_ms: u64,
    },
    /// To [`Request::Newest`].
    Newest {
        /// `None` where the feed is empty.
        seq: Option<u64>,
        /// When it was read.
        read_ms: u64,
    },
    /// To [`Request::Names`].
    Names {
        /// Those of this app's records.
        keys: Vec<Key>,
        /// Number of documents in the answer.
        received: u32,
        /// Position of the last document of the answer.
        last: Option<Position>,
        /// When they were read.
        read_ms: u64,
    },
    /// To [`Request::Erase`].
    Erased,
    /// To [`Request::Count`].
    Count {
        /// How many.
        count: u64,
        /// When they were counted.
        read_ms: u64,
    },
    /// To [`Request::Commit`]: the new `updateTime`s.
    Committed {
        /// Of the head.
        head: String,
        /// Of [`Commit::writes`], in order.
        writes: Vec<String>,
        /// Of [`Commit::bumps`], in order.
        bumps: Vec<String>,
        /// When it was committed.
        commit_ms: u64,
    },
}

/// A request that failed: one variant for each thing the engine does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// No answer, or one that says nothing about the outcome (network, CORS, timeout, 5xx).
    /// A commit may or may not have happened.
    Unreachable(String),
    /// 429: slow down, or the day's quota is used up.
    Busy {
        /// How long to wait, where it said so.
        retry_after_ms: Option<u64>,
    },
    /// A precondition did not hold, or the server asks to try again (400 `FAILED_PRECONDITION`,
    /// 409 `ABORTED`/`ALREADY_EXISTS`, 404 on a commit).
    Conflict,
    /// 403: the rules refuse. For a commit this is also the normal answer to a lost race.
    Denied,
    /// 401: the credentials are not accepted.
    SignedOut,
    /// 400 and the like: this request can never pass; the text says why.
    Rejected(String),
    /// An answer that is not Firestore's.
    Garbage(String),
}
