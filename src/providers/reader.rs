//! Reads the reply to a conversation: a stream of events, or one document where the server took no
//! notice of `stream`.
//!
//! Promises: the result does not depend on how the bytes were cut; what has arrived is handed on at
//! once and never taken back; a reply that did not say that it is finished counts as interrupted.

mod answer;

use super::sse::{self, Event};
use super::{ApiKey, Delta, Dialect, Finish, ProviderError, claude, gemini, halves, openai};
use serde_json::Value;

pub(super) use answer::Answer;

/// Largest reply that comes as one document, in bytes.
const DOCUMENT_MAX: usize = 8 * 1024 * 1024;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// The state of one reply. Push bytes as they come, then [`Reader::end`].
#[derive(Clone, Debug, PartialEq)]
pub struct Reader {
    dialect: Dialect,
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

impl Reader {
    /// A reader of the body of a successful response. The key is only used to take it out of
    /// errors.
    #[must_use]
    pub fn new(dialect: Dialect, content_type: &str, key: &ApiKey) -> Self {
        let is_page = content_type.trim_start().to_ascii_lowercase().starts_with("text/html");
        let form = if is_page { Form::Nonsense } else { Form::Unknown(Vec::new()) };
        Self { dialect, form, answer: Answer::new(key) }
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
                        self.event(&event, false, on_delta);
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
                Ok(Some(event)) => self.event(&event, true, on_delta),
                Ok(None) => {}
                Err(sse::TooLong) => self.answer.is_odd = true,
            },
            Form::Document(bytes) => {
                let bytes = bytes.strip_prefix(BOM).unwrap_or(&bytes);
                let value = halves::parse(&String::from_utf8_lossy(bytes)).unwrap_or_default();
                match value.as_array() {
                    Some(list) => list.iter().for_each(|value| self.take(value, on_delta)),
                    None => self.take(&value, on_delta),
                }
            }
            Form::Nonsense => self.answer.is_odd = true,
        }
        self.answer.end(on_delta)
    }

    /// One event. One that was cut off by the end of the body counts only if it is whole.
    fn event(&mut self, event: &Event, is_last: bool, on_delta: &mut dyn FnMut(Delta)) {
        let data = event.data.trim();
        if self.answer.is_done || self.answer.error.is_some() || data.is_empty() {
            return;
        }
        if data == "[DONE]" {
            self.answer.is_done = true;
            return;
        }
        match halves::parse(data) {
            Some(value) if event.name == "error" && value.get("error").is_none() => self.answer.fail(&value),
            Some(value) => self.take(&value, on_delta),
            None => self.answer.is_odd |= !is_last,
        }
    }

    fn take(&mut self, value: &Value, on_delta: &mut dyn FnMut(Delta)) {
        if self.answer.error.is_some() {
            return;
        }
        match self.dialect {
            Dialect::OpenAi => openai::chunk(&mut self.answer, value, on_delta),
            Dialect::Claude => claude::event(&mut self.answer, value, on_delta),
            Dialect::Gemini => gemini::chunk(&mut self.answer, value, on_delta),
        }
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

#[cfg(test)]
mod tests;
