//! One message: what its record says.

use std::rc::Rc;

use crate::sync::{Id, Record, Value};

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// The name in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        match name {
            "user" => Some(Self::User),
            "assistant" => Some(Self::Assistant),
            _ => None,
        }
    }
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

const FAILED: &str = "failed: ";

impl StopReason {
    /// The text in the record.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Done => "done".to_owned(),
            Self::Stopped => "stopped".to_owned(),
            Self::Length => "length".to_owned(),
            Self::Interrupted => "interrupted".to_owned(),
            Self::Filtered => "filtered".to_owned(),
            Self::Failed(why) => format!("{FAILED}{why}"),
        }
    }

    /// The reverse of [`StopReason::to_text`]; a reason that this build does not know is an end
    /// like any other.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text {
            "stopped" => Self::Stopped,
            "length" => Self::Length,
            "interrupted" => Self::Interrupted,
            "filtered" => Self::Filtered,
            _ => text.strip_prefix(FAILED).map_or(Self::Done, |why| Self::Failed(why.to_owned())),
        }
    }
}

/// What the provider counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the request.
    pub input_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u64,
}

impl Usage {
    /// The value in the record.
    #[must_use]
    pub fn to_value(self) -> Value {
        serde_json::json!({ "in": self.input_tokens, "out": self.output_tokens })
    }

    fn from_value(value: &Value) -> Option<Self> {
        Some(Self { input_tokens: whole(value.get("in")?)?, output_tokens: whole(value.get("out")?)? })
    }
}

/// A count or a time; some writers make floats of integers.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let float = value.as_f64().filter(|float| (0.0..9e15).contains(float))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        Some(float as u64)
    })
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

impl Message {
    /// The message in a record; `None` for a tombstone or a record that is no message.
    #[must_use]
    pub fn from_record(id: &Id, record: &Record) -> Option<Self> {
        Fields::of(record).map(|fields| fields.into_message(id))
    }

    /// Like [`Message::from_record`], but the earlier value again where nothing changed. Compares
    /// in place: a long chat is not copied to find that out.
    pub(super) fn reuse(earlier: Option<&Rc<Self>>, id: &Id, record: &Record) -> Option<Rc<Self>> {
        let fields = Fields::of(record)?;
        match earlier {
            Some(earlier) if fields == Fields::borrowed(earlier) => Some(earlier.clone()),
            Some(_) | None => Some(Rc::new(fields.into_message(id))),
        }
    }

    /// Whether it is an answer that stopped before its end, so that it can be continued.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        let is_cut = match self.stop {
            Some(
                StopReason::Stopped | StopReason::Length | StopReason::Interrupted | StopReason::Failed(_),
            ) => true,
            Some(StopReason::Done | StopReason::Filtered) | None => false,
        };
        is_cut && self.re.is_some() && !self.body.trim().is_empty()
    }

    /// Whether a model can make something of it: an answer that failed or is empty is no part of
    /// the conversation.
    #[must_use]
    pub fn is_spoken(&self) -> bool {
        !matches!(self.stop, Some(StopReason::Failed(_))) && !self.body.trim().is_empty()
    }
}

/// A message without its id, borrowed.
#[derive(PartialEq)]
struct Fields<'a> {
    role: Role,
    body: &'a str,
    reasoning: &'a str,
    model: &'a str,
    at_ms: u64,
    re: Option<Id>,
    edits: Option<Id>,
    stop: Option<StopReason>,
    usage: Option<Usage>,
}

impl<'a> Fields<'a> {
    fn of(record: &'a Record) -> Option<Self> {
        if record.is_deleted() {
            return None;
        }
        let text = |field: &str| record.text(field).unwrap_or_default();
        let id = |field: &str| record.text(field).and_then(|text| text.parse().ok());
        Some(Self {
            role: Role::from_name(record.text("role")?)?,
            body: text("body"),
            reasoning: text("think"),
            model: text("model"),
            // written with the message; the stamp is the next best thing
            at_ms: record
                .get("at")
                .and_then(whole)
                .or_else(|| record.newest().map(|stamp| stamp.ms()))
                .unwrap_or_default(),
            re: id("re"),
            edits: id("ed"),
            stop: record.text("stop").map(StopReason::from_text),
            usage: record.get("usage").and_then(Usage::from_value),
        })
    }

    fn borrowed(message: &'a Message) -> Self {
        Self {
            role: message.role,
            body: &message.body,
            reasoning: &message.reasoning,
            model: &message.model,
            at_ms: message.at_ms,
            re: message.re.clone(),
            edits: message.edits.clone(),
            stop: message.stop.clone(),
            usage: message.usage,
        }
    }

    fn into_message(self, id: &Id) -> Message {
        Message {
            id: id.clone(),
            role: self.role,
            body: self.body.to_owned(),
            reasoning: self.reasoning.to_owned(),
            model: self.model.to_owned(),
            at_ms: self.at_ms,
            re: self.re,
            edits: self.edits,
            stop: self.stop,
            usage: self.usage,
        }
    }
}
