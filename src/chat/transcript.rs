//! What one sees of a chat: its line in the list and its messages in order.

use std::rc::Rc;

use crate::sync::{Id, Record};

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// Why an answer ended; absent while it is the person's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The model was done.
    Done,
    /// The person pressed Stop.
    Stopped,
    /// The model's limit was reached.
    Length,
    /// The page was closed or the connection broke; what had arrived is kept.
    Interrupted,
    /// The provider refused to go on.
    Filtered,
    /// The request failed; the text says what happened and what to do.
    Failed(String),
}

/// What the provider counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the request.
    pub input_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u64,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: Id,
    /// Who said it.
    pub role: Role,
    /// The text, as typed or streamed.
    pub body: String,
    /// Reasoning text of the model, where it gave any.
    pub reasoning: String,
    /// The model that answered (assistant only), as named to people.
    pub model: String,
    /// When it was made, Unix milliseconds.
    pub at_ms: u64,
    /// The message it answers or follows.
    pub re: Option<Id>,
    /// The message it replaces (an edited question).
    pub edits: Option<Id>,
    /// How the answer ended (assistant only).
    pub stop: Option<StopReason>,
    /// Token counts, where known.
    pub usage: Option<Usage>,
}

/// A message with what the transcript knows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The message; shared, so an unchanged one compares by pointer.
    pub message: Rc<Message>,
    /// All versions at this place (regenerated answers, edited questions), oldest first.
    pub versions: Rc<[Id]>,
    /// Which of [`Shown::versions`] this is.
    pub version: usize,
}

/// The messages of one chat in reading order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// What is shown.
    pub shown: Vec<Shown>,
}

/// One line of the chat list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatSummary {
    /// Its id; the address of the chat.
    pub id: Id,
    /// The title, or a stand-in.
    pub title: String,
    /// Last activity, Unix milliseconds; the list is sorted by it, newest first.
    pub active_ms: u64,
    /// Pinned to the top.
    pub pinned: bool,
    /// Who answers here, if not the global setting.
    pub model: Option<super::Model>,
    /// The chat's own record is gone or has not come yet, but messages of it are here.
    pub recovered: bool,
}

impl Message {
    /// The message in a record; `None` for a tombstone or a record that is no message.
    #[must_use]
    pub fn from_record(_id: &Id, _record: &Record) -> Option<Self> {
        None
    }
}
