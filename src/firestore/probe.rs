//! The smoke tests of the debug view: can this device save to Firestore, and load from it?
//!
//! Promises: a probe touches only documents `users/{space}/probe/{nonce}` and removes its own;
//! it reads the head and the settings and changes nothing else. Pure: the caller sends
//! [`Probe::call`]s and hands in the answers.

use std::fmt;

use serde_json::json;

use super::answer;
use super::error::{self, Asked};
use super::{Answer, Call, Wire};
use crate::sync::{Key, Request, Response, TransportError};

/// One smoke test on its way.
#[derive(Debug)]
pub struct Probe<'a> {
    wire: &'a Wire,
    nonce: String,
    at_ms: u64,
    step: Step,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Write,
    ReadBack,
    Remove,
    ReadHead,
    ReadSettings { head: String },
    Done(Result<String, String>),
}

/// How a smoke test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeReport {
    /// One sentence: what worked, or what failed.
    pub outcome: Result<String, String>,
    /// From the first request to the last answer.
    pub latency_ms: u64,
}

impl fmt::Display for ProbeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Ok(text) | Err(text)) = &self.outcome;
        write!(f, "{text} ({} ms)", self.latency_ms)
    }
}

impl<'a> Probe<'a> {
    /// Writes a document, reads it back, compares and removes it. The nonce is a random text of
    /// `[0-9a-z]{4,40}` (the rules refuse others); `at_ms` is written with it, for people.
    #[must_use]
    pub fn save(wire: &'a Wire, nonce: &str, at_ms: u64) -> Self {
        Self { wire, nonce: nonce.to_owned(), at_ms, step: Step::Write }
    }

    /// Reads the head and the settings and decodes them.
    #[must_use]
    pub fn load(wire: &'a Wire) -> Self {
        Self { wire, nonce: String::new(), at_ms: 0, step: Step::ReadHead }
    }

    /// How it ended; `None` while there is something to send.
    #[must_use]
    pub fn outcome(&self) -> Option<&Result<String, String>> {
        match &self.step {
            Step::Done(outcome) => Some(outcome),
            Step::Write | Step::ReadBack | Step::Remove | Step::ReadHead | Step::ReadSettings { .. } => None,
        }
    }

    /// What to send next; `None` when it has ended.
    #[must_use]
    pub fn call(&self) -> Option<Call> {
        let name = self.wire.place().probe(&self.nonce);
        match &self.step {
            Step::Write => {
                let at = json!({ "integerValue": self.at_ms.to_string() });
                let fields = json!({ "nonce": { "stringValue": self.nonce }, "at": at });
                Some(self.wire.commit(vec![json!({ "update": { "name": name, "fields": fields } })]))
            }
            Step::ReadBack => Some(self.wire.batch_get(&[name])),
            Step::Remove => Some(self.wire.commit(vec![json!({ "delete": name })])),
            Step::ReadHead => self.wire.encode(&Request::Head).ok(),
            Step::ReadSettings { .. } => self.wire.encode(&settings()).ok(),
            Step::Done(_) => None,
        }
    }

    /// Takes the answer to the last call.
    pub fn handle(&mut self, answer: Result<Answer, TransportError>) {
        let doing = match &self.step {
            Step::Write => "Writing a test document failed",
            Step::ReadBack => "Reading the test document back failed",
            Step::Remove => "The test document was saved and read, but removing it failed",
            Step::ReadHead => "Reading the head of the space failed",
            Step::ReadSettings { .. } => "Reading the settings failed",
            Step::Done(_) => return,
        };
        let next = answer.and_then(|answer| self.next(&answer));
        self.step = next.unwrap_or_else(|error| {
            let why = error::explain(&self.wire.redact(error));
            Step::Done(Err(format!("{doing}: {why}")))
        });
    }

    fn next(&self, answer: &Answer) -> Result<Step, TransportError> {
        let done = |text: &str| Step::Done(Ok(text.to_owned()));
        Ok(match &self.step {
            Step::Write => {
                answer::object(Asked::Commit, answer)?;
                Step::ReadBack
            }
            Step::ReadBack => {
                let elements = answer::elements(answer)?;
                let nonce =
                    elements.iter().find_map(|e| e["found"]["fields"]["nonce"]["stringValue"].as_str());
                if nonce != Some(self.nonce.as_str()) {
                    return Err(answer::garbage("is not the document that was written"));
                }
                Step::Remove
            }
            Step::Remove => {
                answer::object(Asked::Commit, answer)?;
                done("A test document was written, read back and removed.")
            }
            Step::ReadHead => match self.wire.decode(&Request::Head, answer)? {
                Response::Head { head: Some((head, _)), .. } => {
                    Step::ReadSettings { head: format!("The space is at commit {}", head.seq) }
                }
                Response::Head { head: None, .. } => {
                    Step::ReadSettings { head: "The space is still empty".to_owned() }
                }
                Response::Documents { .. }
                | Response::Page { .. }
                | Response::Names { .. }
                | Response::Erased
                | Response::Newest { .. }
                | Response::Count { .. }
                | Response::Committed { .. } => return Err(answer::garbage("is not about the head")),
            },
            Step::ReadSettings { head } => match self.wire.decode(&settings(), answer)? {
                Response::Documents { found, .. } if found.is_empty() => {
                    done(&format!("{head}; no settings are saved there yet."))
                }
                Response::Documents { .. } => done(&format!("{head}; its settings can be read.")),
                Response::Head { .. }
                | Response::Page { .. }
                | Response::Names { .. }
                | Response::Erased
                | Response::Newest { .. }
                | Response::Count { .. }
                | Response::Committed { .. } => return Err(answer::garbage("is not about the settings")),
            },
            Step::Done(_) => self.step.clone(),
        })
    }
}

fn settings() -> Request {
    Request::Get(vec![Key::Settings])
}
