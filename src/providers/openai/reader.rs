//! Reads the reply to a conversation: a stream of events, or one document where the server took no
//! notice of `stream`.

use serde_json::Value;

use super::super::sse::{self, Event};
use super::super::think::{Piece, Splitter};
use super::super::{ApiKey, Delta, Finish, ProviderError, Unreachable};
use super::halves::{self, Joiner};
use crate::chat::{StopReason, Usage};

/// Largest reply that comes as one document, in bytes.
const DOCUMENT_MAX: usize = 8 * 1024 * 1024;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The state of one reply. Push bytes as they come, then [`Reader::end`].
#[derive(Clone, Debug, PartialEq)]
pub struct Reader {
    form: Form,
    answer: Answer,
}

/// What kind of body it is. The first character tells better than the content type, which gateways
/// set wrongly.
#[derive(Clone, Debug, PartialEq)]
enum Form {
    /// Only spaces so far.
    Unknown(Vec<u8>),
    Events(sse::Parser),
    Document(Vec<u8>),
    /// A web page, or something without end.
    Nonsense,
}

#[derive(Clone, Debug, PartialEq)]
struct Answer {
    key: ApiKey,
    text: Joiner,
    reasoning: Joiner,
    splitter: Splitter,
    usage: Option<Usage>,
    stop: Option<StopReason>,
    error: Option<ProviderError>,
    /// `[DONE]` came: nothing of interest follows.
    is_done: bool,
    /// At least one event was part of a chat reply.
    is_chat: bool,
    /// At least one was not.
    is_odd: bool,
    has_text: bool,
}

impl Reader {
    /// A reader of the body of a successful response. The key is only used to take it out of
    /// errors.
    #[must_use]
    pub fn new(content_type: &str, key: &ApiKey) -> Self {
        let is_page = content_type.trim_start().to_ascii_lowercase().starts_with("text/html");
        Self {
            form: if is_page { Form::Nonsense } else { Form::Unknown(Vec::new()) },
            answer: Answer {
                key: key.clone(),
                text: Joiner::default(),
                reasoning: Joiner::default(),
                splitter: Splitter::default(),
                usage: None,
                stop: None,
                error: None,
                is_done: false,
                is_chat: false,
                is_odd: false,
                has_text: false,
            },
        }
    }

    /// Takes the next bytes, cut anywhere.
    pub fn push(&mut self, bytes: &[u8], on_delta: &mut dyn FnMut(Delta)) {
        match &mut self.form {
            Form::Unknown(held) => {
                held.extend_from_slice(bytes);
                let held = std::mem::take(held);
                match form_of(&held) {
                    Some(form) => {
                        self.form = form;
                        self.push(&held, on_delta);
                    }
                    None => self.form = Form::Unknown(held),
                }
            }
            Form::Events(parser) => match parser.push(bytes) {
                Ok(events) => {
                    for event in events {
                        self.answer.event(&event, false, on_delta);
                    }
                }
                Err(sse::TooLong) => self.refuse(),
            },
            Form::Document(held) => {
                held.extend_from_slice(bytes);
                if held.len() > DOCUMENT_MAX {
                    self.refuse();
                }
            }
            Form::Nonsense => {}
        }
    }

    /// Whether all that matters has come, so that nobody has to wait for the end of the body.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.answer.is_done || self.answer.error.is_some() || self.form == Form::Nonsense
    }

    /// Ends the reply, whether the server ended it or the connection broke: a reply that did not
    /// say that it is finished counts as interrupted.
    ///
    /// # Errors
    /// There is nothing, or the provider reported an error. Text that came before it stays.
    pub fn end(mut self, on_delta: &mut dyn FnMut(Delta)) -> Result<Finish, ProviderError> {
        match std::mem::replace(&mut self.form, Form::Nonsense) {
            Form::Unknown(_) => {}
            Form::Events(parser) => match parser.end() {
                Ok(Some(event)) => self.answer.event(&event, true, on_delta),
                Ok(None) => {}
                Err(sse::TooLong) => self.answer.is_odd = true,
            },
            Form::Document(bytes) => {
                let bytes = bytes.strip_prefix(BOM).unwrap_or(&bytes);
                let value = halves::parse(&String::from_utf8_lossy(bytes)).unwrap_or_default();
                let value = value.as_array().and_then(|list| list.first()).unwrap_or(&value);
                self.answer.chunk(value, on_delta);
            }
            Form::Nonsense => self.answer.is_odd = true,
        }
        self.answer.end(on_delta)
    }

    fn refuse(&mut self) {
        self.form = Form::Nonsense;
    }
}

/// The form of a body by its first character, once that has come.
fn form_of(bytes: &[u8]) -> Option<Form> {
    let is_cut_bom = bytes.len() < BOM.len() && BOM.starts_with(bytes);
    let rest = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let first = rest.iter().find(|byte| !byte.is_ascii_whitespace())?;
    if is_cut_bom {
        return None;
    }
    Some(match first {
        b'{' | b'[' => Form::Document(Vec::new()),
        b'<' => Form::Nonsense,
        _ => Form::Events(sse::Parser::default()),
    })
}

impl Answer {
    /// One event. One that was cut off by the end of the body counts only if it is whole.
    fn event(&mut self, event: &Event, is_last: bool, on_delta: &mut dyn FnMut(Delta)) {
        let data = event.data.trim();
        if self.is_done || self.error.is_some() || data.is_empty() {
            return;
        }
        if data == "[DONE]" {
            self.is_done = true;
            return;
        }
        match halves::parse(data) {
            Some(value) if event.name == "error" && value.get("error").is_none() => {
                self.error = Some(ProviderError::in_stream(&value, &self.key));
            }
            Some(value) => self.chunk(&value, on_delta),
            None => self.is_odd |= !is_last,
        }
    }

    /// One chunk of a stream, or a whole document: they differ in `delta` and `message` only.
    fn chunk(&mut self, value: &Value, on_delta: &mut dyn FnMut(Delta)) {
        let known = ["choices", "usage", "error"];
        if known.iter().all(|name| value.get(name).is_none()) {
            self.is_odd = true;
            return;
        }
        self.is_chat = true;
        let choices = value.get("choices").and_then(Value::as_array);
        let is_first = |choice: &&Value| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
        if let Some(choice) = choices.and_then(|choices| choices.iter().find(is_first)) {
            self.choice(choice, on_delta);
        }
        if let Some(usage) = value.get("usage").and_then(usage) {
            self.usage = Some(usage);
            on_delta(Delta::Usage(usage));
        }
        if value.get("error").is_some_and(is_something) {
            self.error = Some(ProviderError::in_stream(value, &self.key));
        }
    }

    fn choice(&mut self, choice: &Value, on_delta: &mut dyn FnMut(Delta)) {
        let delta = choice.get("delta").or_else(|| choice.get("message")).unwrap_or(choice);
        let thoughts = ["reasoning_content", "reasoning"];
        if let Some(text) = thoughts.iter().find_map(|name| delta.get(name)?.as_str()) {
            self.reasoning(text, on_delta);
        }
        match delta.get("content").or_else(|| choice.get("text")) {
            Some(Value::String(text)) => self.text(text, on_delta),
            Some(Value::Array(parts)) => parts.iter().for_each(|part| self.part(part, on_delta)),
            Some(_) | None => {}
        }
        if let Some(text) = delta.get("refusal").and_then(Value::as_str) {
            self.text(text, on_delta);
        }
        let reason = choice.get("finish_reason").and_then(Value::as_str).unwrap_or_default();
        match reason {
            "" => {}
            "length" | "max_tokens" | "model_length" => self.stop = Some(StopReason::Length),
            "content_filter" | "safety" => self.stop = Some(StopReason::Filtered),
            "error" => self.error = Some(ProviderError::Overloaded { status: None }),
            _ => self.stop = Some(StopReason::Done),
        }
    }

    /// One part of a content that is a list: `{type: "text", text}`, or `{type: "thinking",
    /// thinking: [parts]}`.
    fn part(&mut self, part: &Value, on_delta: &mut dyn FnMut(Delta)) {
        match part.get("thinking") {
            Some(Value::String(text)) => self.reasoning(text, on_delta),
            Some(Value::Array(parts)) => {
                for text in parts.iter().filter_map(|part| part.get("text")?.as_str()) {
                    self.reasoning(text, on_delta);
                }
            }
            Some(_) | None => {
                let text = part.get("text").and_then(Value::as_str).or_else(|| part.as_str());
                self.text(text.unwrap_or_default(), on_delta);
            }
        }
    }

    fn text(&mut self, text: &str, on_delta: &mut dyn FnMut(Delta)) {
        let text = self.text.push(text);
        let pieces = self.splitter.push(&text);
        self.give(pieces, on_delta);
    }

    fn reasoning(&mut self, text: &str, on_delta: &mut dyn FnMut(Delta)) {
        let text = self.reasoning.push(text);
        self.give([Piece::Reasoning(text)], on_delta);
    }

    fn give(&mut self, pieces: impl IntoIterator<Item = Piece>, on_delta: &mut dyn FnMut(Delta)) {
        for piece in pieces {
            let delta = match piece {
                Piece::Text(text) | Piece::Reasoning(text) if text.is_empty() => continue,
                Piece::Text(text) => Delta::Text(text),
                Piece::Reasoning(text) => Delta::Reasoning(text),
            };
            self.has_text = true;
            on_delta(delta);
        }
    }

    fn end(mut self, on_delta: &mut dyn FnMut(Delta)) -> Result<Finish, ProviderError> {
        if let Some(lost) = self.text.end() {
            let pieces = self.splitter.push(&lost.to_string());
            self.give(pieces, on_delta);
        }
        let thought = self.reasoning.end().map(|lost| Piece::Reasoning(lost.to_string()));
        let held = self.splitter.end();
        self.give(thought.into_iter().chain(held), on_delta);
        if let Some(error) = self.error {
            return Err(error);
        }
        let stop = match self.stop {
            Some(stop) => stop,
            None if self.is_done && self.is_chat => StopReason::Done,
            None if self.has_text => StopReason::Interrupted,
            None if self.is_odd || self.is_done => return Err(ProviderError::BadEndpoint),
            None => return Err(ProviderError::Unreachable(Unreachable::Lost)),
        };
        Ok(Finish { stop, usage: self.usage })
    }
}

/// Servers send `"error": null`, `{}` or `""` where there is none.
fn is_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::Array(_) => true,
    }
}

fn usage(value: &Value) -> Option<Usage> {
    let count = |name: &str| value.get(name).and_then(Value::as_u64);
    Some(Usage {
        input_tokens: count("prompt_tokens")?,
        output_tokens: count("completion_tokens").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests;
