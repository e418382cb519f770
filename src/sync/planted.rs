//! Design mistakes that can be planted on purpose, to show that the tests notice each of them.
//!
//! Only with the feature `planted`, which nothing but the tests of this package enables. Without it
//! `planted` is a constant `false`, and nothing of this is in what is shipped.

use super::Document;

macro_rules! bugs {
    ($($(#[doc = $what:literal])+ $name:ident,)*) => {
        /// A mistake, in the words of who would make it.
        #[cfg_attr(feature = "planted", derive(Debug))]
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub enum Bug {
            $($(#[doc = $what])+ $name,)*
        }

        #[cfg(feature = "planted")]
        impl Bug {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

bugs! {
    // records and rows
    /// What the server has replaces what is here.
    ServerOverwrites,
    /// Who finds a newer document on the server gives up what waits.
    NewerDocumentEndsOutbox,
    /// An older document, answered late, is taken for the newest.
    OlderDocumentIsNews,
    /// An acknowledgement does not look whether the row was edited in flight.
    AckIgnoresRevision,
    /// What waits to be sent is only known in memory.
    OutboxInMemory,
    /// Whatever is older than a chat's tombstone is dead, seen or not.
    OlderThanTombstoneIsDead,
    /// A deleted chat takes with it what was said after its deleter had last looked.
    DeletionHasNoBound,
    /// A chat that shall not leave the device is picked like any other.
    HoldForgotten,
    /// The checksum of a torn row is noticed, and its feed is not read again.
    TornRowNotFetchedAgain,
    /// Of two stamps that are equal nobody wins.
    TiesKeepOurs,

    // clocks
    /// A stamp is the time, also where the value it overwrites is from later.
    NoSuccessor,
    /// The server's time is not learned.
    NoCorrection,
    /// Stamps made by an unchecked clock are sent as they are.
    SoftStampsAreSent,
    /// A stamp that is moved may fall below the value it overwrote.
    FloorForgotten,
    /// A stamp from the far future moves the clock.
    FutureIsBelieved,
    /// All tabs and devices stamp with one node.
    OneNodeForAll,
    /// A monotonic clock that stood still while the computer slept is believed.
    SleepIsNotNoticed,

    // pulling
    /// Of a page the cursor is stored first, the documents afterwards.
    CursorBeforeRows,
    /// A failed transaction is taken for done.
    FailedStoreIsBelieved,
    /// The cursor moves to the head as known when the round ends.
    CapAtTheEnd,
    /// One greatest number for all feeds.
    SharedCursor,
    /// The query is bounded by the head.
    PageBoundedByHead,
    /// A chat opened for the first time starts at the current number.
    OpenedChatStartsNow,
    /// While the head stands no chat is looked at.
    StandingHeadIsDone,
    /// A chat with something to send is not fetched for that.
    PendingIsNotFollowed,

    // pushing
    /// A commit does not compare the head.
    HeadIsWrittenBlindly,
    /// A commit does not compare the records.
    RecordsAreWrittenBlindly,
    /// Records are written under the current number, and the head is not moved.
    HeadIsNotMoved,
    /// The chat of a message does not get the message's number.
    ChatIsNotBumped,
    /// Only a chat that is on the server can be bumped.
    BumpNeedsTheChat,
    /// An acknowledgement moves the cursors always.
    AckAdvancesAlways,
    /// An acknowledgement moves the cursor of a chat that was behind.
    AckAdvancesBehind,
    /// A chat that was bumped takes the new time as its base always.
    BumpIsAlwaysBase,
    /// It never does.
    BumpIsNeverBase,
    /// A commit builds on a head that is older than a document that was met.
    OldHeadIsBuiltOn,
    /// Nothing is sent while one record is set aside.
    RefusedRecordBlocks,
    /// A record of a newer build is written all the same.
    NewerRecordIsWritten,
    /// Whoever won goes on at once.
    NoPause,

    // refusals
    /// A refused commit is dropped as if it had been taken.
    RefusedIsDropped,
    /// Whatever is refused once is set aside at once.
    RefusedIsSetAside,
    /// A refusal is judged without reading the head.
    RefusalIsJudgedBlindly,
    /// After a refusal our records are not read again.
    RefusedIsNotReadAgain,
    /// A refused batch is never halved.
    BatchIsNeverHalved,

    // another server
    /// The epoch is not compared.
    EpochIgnored,
    /// The generation is not compared.
    GenerationIgnored,
    /// A number that went down is not noticed.
    WentBackIgnored,
    /// The log is not compared.
    LogIgnored,
    /// The greatest document met is not compared with the log.
    SeenIgnored,
    /// A newer document that lacks what was there is not noticed.
    LackIgnored,
    /// A head is compared with what is known when the answer comes.
    HeadIsComparedLate,
    /// What was begun before a reset goes on after it.
    StaleRoundGoesOn,
    /// An acknowledgement that does not follow the head we hold counts.
    AckOutOfLine,
    /// A reset keeps the bases.
    ResetKeepsBases,
    /// A reset keeps the cursors.
    ResetKeepsCursors,
    /// After a reset nothing is sent again.
    ResetSendsNothing,
    /// A new head starts at one, whatever records are left.
    HeadStartsAtOne,
    /// Documents that are left above a head that was restored are not stepped over.
    LeftoversStay,
    /// Who was away for longer than the log remembers believes that nothing happened to the server.
    AbsenceIsTrusted,
    /// The same space in another project is taken for the one that was left.
    ProjectIgnored,
    /// What the daily count shows is not looked into.
    CountIgnored,

    // tabs
    /// A follower waits for a leader that was frozen.
    FollowerNeverStandsIn,
    /// A follower says "synced" because the leader does.
    FollowerBelievesSynced,

    // what is told
    /// "Synced" looks only at whether the last round ended well.
    SyncedWhileWaiting,
    /// A second answer to one wish counts again.
    AnswersCountTwice,
}

#[cfg(not(feature = "planted"))]
#[inline(always)]
pub(crate) const fn planted(_: Bug) -> bool {
    false
}

/// See the other one.
#[cfg(not(feature = "planted"))]
#[inline(always)]
pub(crate) fn swap(_: u64, _: Option<Vec<Document>>) -> Option<Vec<Document>> {
    None
}

#[cfg(feature = "planted")]
pub(crate) use switch::swap;
#[cfg(feature = "planted")]
pub use switch::{is_planted as planted, plant};

#[cfg(feature = "planted")]
mod switch {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    use super::{Bug, Document};

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
        static ASIDE: RefCell<BTreeMap<u64, Vec<Document>>> = const { RefCell::new(BTreeMap::new()) };
    }

    /// Plants a mistake in everything that runs on this thread, or takes it out.
    pub fn plant(bug: Option<Bug>) {
        // what an earlier run left aside is not this one's
        ASIDE.with_borrow_mut(BTreeMap::clear);
        PLANTED.set(bug);
    }

    /// Whether this mistake is planted on this thread.
    #[must_use]
    pub fn is_planted(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }

    /// Keeps documents in the memory of one tab for later, and gives out those of before.
    pub(crate) fn swap(tab: u64, documents: Option<Vec<Document>>) -> Option<Vec<Document>> {
        ASIDE.with_borrow_mut(|aside| match documents {
            Some(documents) => aside.insert(tab, documents),
            None => aside.remove(&tab),
        })
    }
}
