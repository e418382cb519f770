//! The engine's transactions as values, and which rows each needs.

use std::collections::BTreeSet;

use super::Mismatch;
use super::apply::deletes_unseen;
use super::count::Tally;
use super::meta::{META_ROW, Meta};
use crate::sync::{
    Batch, ChatScope, Document, Edit, FeedId, Id, Key, KnownHead, Position, Row, Scope, SpaceId, older_row,
};

/// One transaction. Those with a generation change nothing if a reset has come between.
#[derive(Clone, Debug, PartialEq)]
pub enum Tx {
    /// What the user did: all of it, or nothing where a newer build made one of the records.
    Write(Vec<Edit>),
    /// The user opened a chat: its messages are wanted from now on.
    Follow(Id),
    /// The user decided whether a chat takes part in sync.
    SetScope(Id, ChatScope),
    /// Takes a chat out of the cloud and keeps it here: a copy that never leaves, the original deleted.
    /// [`Outcome::refused`] names the chat if it is not all here.
    Fork {
        /// Which chat.
        chat: Id,
        /// Random; the names of the copy are made of it.
        seed: [u8; 16],
    },
    /// Loads what is known of a space.
    Begin {
        /// Which space.
        space: SpaceId,
        /// In which Firestore project.
        project: String,
    },
    /// Starts anew with another space: nothing is known of it, everything here is to be sent.
    Join {
        /// Which space.
        space: SpaceId,
        /// In which Firestore project.
        project: String,
        /// Of the rows when they turned out to be another space's.
        generation: u64,
    },
    /// Takes note of the head and finds out what to fetch.
    Plan {
        /// The head as read in this round, where it was.
        reading: Option<KnownHead>,
        /// A document that this device knows was found as new as it was, or newer.
        witnessed: bool,
        /// Of the round.
        generation: u64,
    },
    /// Takes in documents and moves the cursor that covers them.
    Merge {
        /// From the server.
        documents: Vec<Document>,
        /// Known not to exist on the server.
        missing: Vec<Key>,
        /// The feed they are from and the position it was read to.
        progress: Option<(FeedId, Position)>,
        /// Of the round.
        generation: u64,
    },
    /// Chooses what to send.
    Pick {
        /// At most so many records.
        max: usize,
        /// The highest number on the server: the head's, or what is left where it has none.
        parent: u64,
        /// Random id of the commit.
        commit: String,
        /// Random epoch, used if this commit makes the head.
        epoch: String,
        /// Of the round.
        generation: u64,
    },
    /// The server took a commit.
    Acknowledge {
        /// What was sent.
        batch: Box<Batch>,
        /// New `updateTime` of the head.
        head_time: String,
        /// New `updateTime`s of the records.
        write_times: Vec<String>,
        /// New `updateTime`s of the bumped chats.
        bump_times: Vec<String>,
    },
    /// Finds out which messages of a chat are known to be on the server.
    Tally {
        /// Which chat.
        chat: Id,
        /// Of the round.
        generation: u64,
    },
    /// A chat's messages were counted.
    Counted {
        /// Which chat.
        chat: Id,
        /// On which day.
        day: u64,
        /// The server has more than we: fetch them anew.
        refetch: bool,
        /// Of the round.
        generation: u64,
    },
    /// The server's history is not the one we know.
    Reset {
        /// How it was noticed.
        mismatch: Mismatch,
        /// Of the round that noticed it.
        generation: u64,
    },
    /// The server refuses one record, alone and while it can be read.
    Quarantine {
        /// Which.
        key: Key,
        /// As it was when it was refused; if it has changed since, nothing happens.
        revision: u64,
        /// What the server said.
        reason: String,
        /// Of the round.
        generation: u64,
    },
    /// Takes over rows that were kept in another place while this one did not work. They are joined
    /// with what is here; what they knew of a server is not believed.
    Adopt(Vec<(Key, Row)>),
    /// Finds out what waits and what is known, and changes nothing: for a tab that does not lead.
    Look,
    /// Looks at records again: refused ones are tried again because the user asked, and stored ones
    /// that a reader could not read are set aside.
    Release(Vec<Key>),
}

/// What a transaction found out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Rows whose content, or whose place in the chat list, changed.
    pub changed: Vec<Key>,
    /// Rows written, and whether they are in the outbox now.
    pub touched: Vec<(Key, bool)>,
    /// Row keys that could not be read and were set aside.
    pub corrupt: Vec<String>,
    /// Records for which nothing was written: of a newer schema, or not all here where all is needed.
    pub refused: Vec<Key>,
    /// Number of the transaction, in the order in which they were applied.
    pub(super) order: u64,
    pub(super) pending: Option<BTreeSet<Key>>,
    pub(super) meta: Option<Meta>,
    pub(super) finding: Finding,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Finding {
    #[default]
    Done,
    /// A reset came between, or another tab knows better: the round is void.
    Stale,
    /// The rows belong to another space.
    OtherSpace,
    /// What to fetch.
    Plan(Plan),
    /// Whether the head's history is the one we know cannot be told from its log, but from this
    /// document, which has had this number.
    Unwitnessed(Key, u64),
    /// Whether the base of any row changed, and whether a document lacks what the server had.
    Merged {
        rebased: bool,
        went_back: bool,
    },
    Picked {
        batch: Option<Box<Batch>>,
        /// Whether a row of a newer schema waits, which this build must not write.
        newer: bool,
    },
    Tallied(Tally),
    /// Whether the cursors moved with it: then nothing is left to be read.
    Acknowledged {
        advanced: bool,
    },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    pub(super) config: bool,
    pub(super) chats: bool,
    /// Chats to fetch messages of, most recently active first.
    pub(super) messages: Vec<(Id, Position)>,
    /// The chat that was not counted for longest, and on which day it was.
    pub(super) count: Option<(Id, u64)>,
    /// A chat never opened here whose messages may be fetched in idle time.
    pub(super) backfill: Option<(Id, Position)>,
}

impl Tx {
    /// Which rows it needs.
    #[must_use]
    pub fn scope(&self) -> Scope {
        let mut scope = Scope { keys: vec![META_ROW.to_owned()], ..Scope::default() };
        let add = |scope: &mut Scope, key: &Key| {
            scope.keys.push(key.row_key());
            if let Key::Message(chat, _) = key {
                scope.keys.push(Key::Chat(chat.clone()).row_key());
            }
        };
        match self {
            Self::Write(edits) => edits.iter().for_each(|edit| add(&mut scope, &edit.key)),
            Self::Adopt(rows) => {
                for (key, _) in rows {
                    add(&mut scope, key);
                    if let Key::Chat(chat) = key {
                        scope.prefixes.push(Key::messages_of(chat));
                    }
                }
            }
            Self::Follow(chat) => add(&mut scope, &Key::Chat(chat.clone())),
            Self::SetScope(chat, _) | Self::Fork { chat, .. } => {
                add(&mut scope, &Key::Chat(chat.clone()));
                scope.prefixes.push(Key::messages_of(chat));
            }
            Self::Begin { .. } | Self::Look => scope.pending = true,
            Self::Join { .. } | Self::Reset { .. } => scope
                .prefixes
                .extend([Key::CONFIG_ROWS, Key::CHAT_ROWS, Key::MESSAGE_ROWS].map(ToOwned::to_owned)),
            Self::Plan { .. } => {
                scope.pending = true;
                scope.prefixes.extend([Key::CONFIG_ROWS, Key::CHAT_ROWS].map(ToOwned::to_owned));
            }
            Self::Pick { .. } => {
                scope.pending = true;
                scope.prefixes.push(Key::CHAT_ROWS.to_owned());
            }
            Self::Merge { documents, missing, progress, .. } => {
                for Document { key, record, .. } in documents {
                    add(&mut scope, key);
                    if !matches!(key, Key::Message(..)) {
                        scope.keys.push(older_row(key));
                    }
                    if let (Key::Chat(chat), true) = (key, deletes_unseen(record.as_ref())) {
                        scope.prefixes.push(Key::messages_of(chat));
                    }
                }
                missing.iter().for_each(|key| add(&mut scope, key));
                if let Some((FeedId::Messages(chat), _)) = progress {
                    add(&mut scope, &Key::Chat(chat.clone()));
                }
            }
            Self::Acknowledge { batch, .. } => {
                batch.rows.iter().for_each(|sent| add(&mut scope, &sent.key));
                let bumps = batch.commit.bumps.iter();
                bumps.for_each(|bump| add(&mut scope, &Key::Chat(bump.chat.clone())));
            }
            Self::Tally { chat, .. } => {
                add(&mut scope, &Key::Chat(chat.clone()));
                scope.prefixes.push(Key::messages_of(chat));
            }
            Self::Counted { chat, .. } => add(&mut scope, &Key::Chat(chat.clone())),
            Self::Quarantine { key, .. } => add(&mut scope, key),
            Self::Release(keys) => keys.iter().for_each(|key| add(&mut scope, key)),
        }
        scope
    }

    /// Whether it holds something the user just made, which must survive a power cut.
    #[must_use]
    pub fn is_precious(&self) -> bool {
        matches!(self, Self::Write(_) | Self::Adopt(_) | Self::SetScope(..) | Self::Fork { .. })
    }

    /// The generation it was begun under, if it is void under any other.
    pub(super) fn generation(&self) -> Option<u64> {
        match self {
            Self::Plan { generation, .. }
            | Self::Merge { generation, .. }
            | Self::Pick { generation, .. }
            | Self::Reset { generation, .. }
            | Self::Tally { generation, .. }
            | Self::Counted { generation, .. }
            | Self::Join { generation, .. }
            | Self::Quarantine { generation, .. } => Some(*generation),
            Self::Acknowledge { batch, .. } => Some(batch.generation),
            Self::Write(_)
            | Self::Adopt(_)
            | Self::Follow(_)
            | Self::SetScope(..)
            | Self::Fork { .. }
            | Self::Begin { .. }
            | Self::Look
            | Self::Release(_) => None,
        }
    }
}
