//! What has come of an answer so far, and what its end means.

use serde_json::Value;

use super::super::halves::Joiner;
use super::super::think::{Piece, Splitter};
use super::super::{ApiKey, Delta, Finish, ProviderError, Unreachable};
use crate::chat::{StopReason, Usage};

/// The state of one answer; the dialects fill it.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Answer {
    key: ApiKey,
    words: Joiner,
    thoughts: Joiner,
    splitter: Splitter,
    pub(in super::super) usage: Option<Usage>,
    pub(in super::super) stop: Option<StopReason>,
    pub(in super::super) error: Option<ProviderError>,
    /// The last event came: nothing of interest follows.
    pub(in super::super) is_done: bool,
    /// At least one event was part of a chat reply.
    pub(in super::super) is_chat: bool,
    /// At least one was not.
    pub(in super::super) is_odd: bool,
    has_thoughts: bool,
    has_words: bool,
}

impl Answer {
    pub(super) fn new(key: &ApiKey) -> Self {
        Self {
            key: key.clone(),
            words: Joiner::default(),
            thoughts: Joiner::default(),
            splitter: Splitter::default(),
            usage: None,
            stop: None,
            error: None,
            is_done: false,
            is_chat: false,
            is_odd: false,
            has_thoughts: false,
            has_words: false,
        }
    }

    /// More of the answer. Reasoning in it is split off.
    pub(in super::super) fn text(&mut self, text: &str, on_delta: &mut dyn FnMut(Delta)) {
        let text = self.words.push(text);
        let pieces = self.splitter.push(&text);
        self.give(pieces, on_delta);
    }

    /// More of the reasoning.
    pub(in super::super) fn reasoning(&mut self, text: &str, on_delta: &mut dyn FnMut(Delta)) {
        let text = self.thoughts.push(text);
        self.give([Piece::Reasoning(text)], on_delta);
    }

    /// Token counts so far; two zeros mean that nobody counted.
    pub(in super::super) fn count(&mut self, usage: Usage, on_delta: &mut dyn FnMut(Delta)) {
        if usage != Usage::default() && self.usage != Some(usage) {
            self.usage = Some(usage);
            on_delta(Delta::Usage(usage));
        }
    }

    /// Whether the value is or has an error, which ends the answer. Servers send `"error": null`,
    /// `{}` or `""` where there is none.
    pub(in super::super) fn fails(&mut self, value: &Value) -> bool {
        let is_error = value.get("error").is_some_and(|error| match error {
            Value::Null | Value::Bool(false) => false,
            Value::String(text) => !text.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            Value::Bool(true) | Value::Number(_) | Value::Array(_) => true,
        });
        if is_error {
            self.fail(value);
        }
        is_error
    }

    /// The value is an error.
    pub(super) fn fail(&mut self, value: &Value) {
        self.error = Some(ProviderError::in_stream(value, &self.key));
    }

    fn give(&mut self, pieces: impl IntoIterator<Item = Piece>, on_delta: &mut dyn FnMut(Delta)) {
        for piece in pieces {
            match piece {
                Piece::Text(text) | Piece::Reasoning(text) if text.is_empty() => {}
                Piece::Text(text) => {
                    self.has_words |= !text.trim().is_empty();
                    on_delta(Delta::Text(text));
                }
                Piece::Reasoning(text) => {
                    self.has_thoughts = true;
                    on_delta(Delta::Reasoning(text));
                }
            }
        }
    }

    pub(super) fn end(mut self, on_delta: &mut dyn FnMut(Delta)) -> Result<Finish, ProviderError> {
        if let Some(lost) = self.words.end() {
            let pieces = self.splitter.push(&lost.to_string());
            self.give(pieces, on_delta);
        }
        let thought = self.thoughts.end().map(|lost| Piece::Reasoning(lost.to_string()));
        let held = self.splitter.end();
        self.give(thought.into_iter().chain(held), on_delta);
        if let Some(error) = self.error {
            return Err(error);
        }
        let stop = match self.stop {
            Some(stop) => stop,
            None if self.is_done && self.is_chat => StopReason::Done,
            None if self.has_words || self.has_thoughts => StopReason::Interrupted,
            None if self.is_odd || self.is_done => return Err(ProviderError::BadEndpoint),
            None => return Err(ProviderError::Unreachable(Unreachable::Lost)),
        };
        match &stop {
            StopReason::Filtered if !self.has_words => Err(ProviderError::Blocked),
            StopReason::Length if !self.has_words => Err(ProviderError::Silent { is_spent: true }),
            StopReason::Done if !self.has_words => Err(ProviderError::Silent { is_spent: false }),
            StopReason::Done
            | StopReason::Stopped
            | StopReason::Length
            | StopReason::Interrupted
            | StopReason::Filtered
            | StopReason::Failed(_) => Ok(Finish { stop, usage: self.usage, thinking: None }),
        }
    }
}
