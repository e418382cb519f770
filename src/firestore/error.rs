//! What a failed answer means: one [`TransportError`] for each thing the engine does next.
//!
//! Decided by Firestore's status word, because HTTP codes are ambiguous (409 is both "try again"
//! and "exists already"), and never by message texts, which differ between servers. The texts
//! only travel along for people.
//!
//! | answer | to a commit | to a read |
//! |---|---|---|
//! | `FAILED_PRECONDITION` | `Conflict` | `Rejected` (wrong kind of database) |
//! | `NOT_FOUND` | `Conflict` | `Rejected` (no such database) |
//! | `ALREADY_EXISTS`, `ABORTED` | `Conflict` | `Conflict` |
//! | `PERMISSION_DENIED` | `Denied` | `Denied` |
//! | `UNAUTHENTICATED`, any word with an `API_KEY_…` reason | `SignedOut` | `SignedOut` |
//! | `INVALID_ARGUMENT`, `OUT_OF_RANGE`, `UNIMPLEMENTED`, 413 | `Rejected` | `Rejected` |
//! | `RESOURCE_EXHAUSTED` | `Busy` | `Busy` |
//! | any other word, any 5xx | `Unreachable` | `Unreachable` |
//! | not Firestore's JSON, below 500 | `Garbage` | `Garbage` |
//!
//! A refused API key is told apart by its reason, else a key that expires overnight would
//! make the engine quarantine healthy records one by one.

use crate::sync::{TransportError, Value};

/// Longest text an error carries, in characters.
const MAX_TEXT: usize = 300;

/// What was asked: a few words mean something else for a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Commit,
    Read,
}

/// The error of an answer whose body is not JSON.
pub(crate) fn of_text(http: u16, body: &str) -> TransportError {
    match http {
        413 => TransportError::Rejected("the request is too large".to_owned()),
        429 => TransportError::Busy { retry_after_ms: None },
        500.. => TransportError::Unreachable(format!("HTTP {http}")),
        _ => TransportError::Garbage(format!("HTTP {http}: {}", body.trim())),
    }
}

/// The error of an answer like `{"code":400,"message":"…","status":"…","details":[…]}`;
/// `http` counts where the body has no status word.
pub(crate) fn of_status(asked: Asked, http: u16, error: &Value) -> TransportError {
    let message = error["message"].as_str().unwrap_or_default();
    let word = error["status"].as_str().unwrap_or_else(|| word_of(http, error["code"].as_u64()));
    let text = || format!("{word}: {message}");
    if key_refused(error) {
        return TransportError::SignedOut;
    }
    match (word, asked) {
        ("FAILED_PRECONDITION" | "NOT_FOUND", Asked::Commit) | ("ALREADY_EXISTS" | "ABORTED", _) => {
            TransportError::Conflict
        }
        ("FAILED_PRECONDITION" | "NOT_FOUND", Asked::Read)
        | ("INVALID_ARGUMENT" | "OUT_OF_RANGE" | "UNIMPLEMENTED", _) => TransportError::Rejected(text()),
        ("PERMISSION_DENIED", _) => TransportError::Denied,
        ("UNAUTHENTICATED", _) => TransportError::SignedOut,
        ("RESOURCE_EXHAUSTED", _) => TransportError::Busy { retry_after_ms: retry_after_ms(error) },
        ("GARBAGE", _) => TransportError::Garbage(format!("HTTP {http}: {error}")),
        _ => TransportError::Unreachable(text()),
    }
}

/// The status word of an error without one.
fn word_of(http: u16, code: Option<u64>) -> &'static str {
    match code.unwrap_or(u64::from(http)) {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        413 => "OUT_OF_RANGE",
        429 => "RESOURCE_EXHAUSTED",
        500.. => "UNAVAILABLE",
        _ => "GARBAGE",
    }
}

/// Google's error details name a refused key: `API_KEY_INVALID`, `API_KEY_HTTP_REFERRER_BLOCKED`
/// and their like (`google.api.ErrorReason`).
fn key_refused(error: &Value) -> bool {
    details(error)
        .any(|detail| detail["reason"].as_str().is_some_and(|reason| reason.starts_with("API_KEY_")))
}

/// `google.rpc.RetryInfo`: `{"retryDelay":"3.5s"}`.
fn retry_after_ms(error: &Value) -> Option<u64> {
    let delay = details(error).find_map(|detail| detail["retryDelay"].as_str())?;
    let seconds: f64 = delay.strip_suffix('s')?.parse().ok()?;
    // `as` saturates, and a NaN becomes 0
    Some((seconds * 1000.0).clamp(0.0, 86_400_000.0) as u64)
}

fn details(error: &Value) -> impl Iterator<Item = &Value> {
    error["details"].as_array().into_iter().flatten()
}

/// On one line and not too long to show.
pub(crate) fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// One sentence for a person: what the error means and what to do.
#[must_use]
pub fn explain(error: &TransportError) -> String {
    match error {
        TransportError::Unreachable(why) => format!("Firestore did not answer ({why})."),
        TransportError::Busy { .. } => {
            "Firestore asks to slow down: the free quota of the day may be used up.".to_owned()
        }
        TransportError::Conflict => "Another device wrote at the same moment.".to_owned(),
        TransportError::Denied => {
            "Firestore refuses access: check the project id, and that the security rules are published."
                .to_owned()
        }
        TransportError::SignedOut => {
            "Firestore does not accept the API key: check the key and its website restrictions.".to_owned()
        }
        TransportError::Rejected(why) => format!("Firestore cannot take this request ({why})."),
        TransportError::Garbage(why) => {
            format!("Something between this device and Firestore answers in its place ({why}).")
        }
    }
}
