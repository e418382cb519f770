//! Answers of Firestore, read strictly: what is not exactly an answer to the question is
//! [`TransportError::Garbage`], so that a login page or a proxy can never look like "no news".

use chrono::DateTime;

use super::document;
use super::error::{self, Asked};
use super::place::Place;
use super::wire::COUNT;
use crate::sync::{Commit, Response, TransportError, Value};

/// One HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status code.
    pub status: u16,
    /// Its body as text.
    pub body: String,
}

/// The JSON of a good answer; errors may be bare or wrapped in a list.
fn json(asked: Asked, answer: &Answer) -> Result<Value, TransportError> {
    let Answer { status, body } = answer;
    let Ok(json) = serde_json::from_str::<Value>(body) else {
        return Err(error::of_text(*status, body));
    };
    // a stream can fail after it began with HTTP 200, so every element is looked at
    let elements = json.as_array().map_or(std::slice::from_ref(&json), Vec::as_slice);
    if let Some(error) = elements.iter().map(|element| &element["error"]).find(|error| error.is_object()) {
        return Err(error::of_status(asked, *status, error));
    }
    if (200..300).contains(status) { Ok(json) } else { Err(error::of_text(*status, body)) }
}

/// The object a unary method answers.
pub(crate) fn object(asked: Asked, answer: &Answer) -> Result<Value, TransportError> {
    let json = json(asked, answer)?;
    if json.is_object() { Ok(json) } else { Err(garbage("is not an object")) }
}

/// The list a streaming method answers.
pub(crate) fn elements(answer: &Answer) -> Result<Vec<Value>, TransportError> {
    match json(Asked::Read, answer)? {
        Value::Array(elements) => Ok(elements),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Err(garbage("is not a list"))
        }
    }
}

pub(crate) fn garbage(what: &str) -> TransportError {
    TransportError::Garbage(format!("the answer {what}"))
}

pub(crate) fn head(place: &Place, elements: &[Value]) -> Result<Response, TransportError> {
    let read_ms = read_ms(elements)?;
    if elements.iter().any(|element| element["missing"] == place.head()) {
        return Ok(Response::Head { head: None, read_ms });
    }
    let found = elements.iter().map(|element| &element["found"]).find(|found| found["name"] == place.head());
    let found = found.ok_or_else(|| garbage("is not about the head"))?;
    let head = document::read_head(found).map_err(|field| {
        TransportError::Rejected(format!(
            "the space's own document is damaged, its field {field} is missing or wrong; put it right in the console"
        ))
    })?;
    let update_time = text(&found["updateTime"])?;
    Ok(Response::Head { head: Some((head, update_time)), read_ms })
}

pub(crate) fn documents(place: &Place, elements: &[Value]) -> Result<Response, TransportError> {
    let read_ms = read_ms(elements)?;
    let missing = elements.iter().filter_map(|element| place.key(element["missing"].as_str()?)).collect();
    let found = elements.iter().filter_map(|element| document::read(place, element.get("found")?)).collect();
    Ok(Response::Documents { found, missing, read_ms })
}

pub(crate) fn page(place: &Place, elements: &[Value]) -> Result<Response, TransportError> {
    let read_ms = read_ms(elements)?;
    // an empty answer has one element without a document, and others may come in between
    let all: Vec<&Value> = elements.iter().filter_map(|element| element.get("document")).collect();
    Ok(Response::Page {
        documents: all.iter().filter_map(|document| document::read(place, document)).collect(),
        received: u32::try_from(all.len()).unwrap_or(u32::MAX),
        last: all.iter().rev().find_map(|document| document::position(document)),
        read_ms,
    })
}

pub(crate) fn newest(elements: &[Value]) -> Result<Response, TransportError> {
    let read_ms = read_ms(elements)?;
    let seq =
        elements.iter().find_map(|element| document::position(element.get("document")?)).map(|last| last.seq);
    Ok(Response::Newest { seq, read_ms })
}

pub(crate) fn names(place: &Place, elements: &[Value]) -> Result<Response, TransportError> {
    let read_ms = read_ms(elements)?;
    let all: Vec<&Value> = elements.iter().filter_map(|element| element.get("document")).collect();
    Ok(Response::Names {
        keys: all.iter().filter_map(|document| place.key(document["name"].as_str()?)).collect(),
        received: u32::try_from(all.len()).unwrap_or(u32::MAX),
        last: all.iter().rev().find_map(|document| document::position(document)),
        read_ms,
    })
}

pub(crate) fn erased(count: usize, body: &Value) -> Result<Response, TransportError> {
    let results = body["writeResults"].as_array().ok_or_else(|| garbage("has no write results"))?;
    if results.len() == count { Ok(Response::Erased) } else { Err(garbage("is about something else")) }
}

pub(crate) fn count(elements: &[Value]) -> Result<Response, TransportError> {
    let read_ms = read_ms(elements)?;
    let number =
        |element: &Value| element["result"]["aggregateFields"][COUNT]["integerValue"].as_str()?.parse().ok();
    let count = elements.iter().find_map(number).ok_or_else(|| garbage("has no count"))?;
    Ok(Response::Count { count, read_ms })
}

pub(crate) fn committed(commit: &Commit, body: &Value) -> Result<Response, TransportError> {
    let results = body["writeResults"].as_array().ok_or_else(|| garbage("has no write results"))?;
    let times = results.iter().map(|result| text(&result["updateTime"]));
    let mut times = times.collect::<Result<Vec<_>, _>>()?;
    if times.len() != 1 + commit.writes.len() + commit.bumps.len() {
        return Err(garbage("has another number of write results"));
    }
    let bumps = times.split_off(1 + commit.writes.len());
    let writes = times.split_off(1);
    let commit_ms = millis(&body["commitTime"]).ok_or_else(|| garbage("has no commit time"))?;
    Ok(Response::Committed { head: times.concat(), writes, bumps, commit_ms })
}

/// The last element's time is the one that holds for all of a stream.
fn read_ms(elements: &[Value]) -> Result<u64, TransportError> {
    let times = elements.iter().rev().filter_map(|element| millis(&element["readTime"]));
    times.into_iter().next().ok_or_else(|| garbage("has no read time"))
}

/// Fractions have 0, 3 or 6 digits, so times are parsed, never compared as text.
fn millis(time: &Value) -> Option<u64> {
    let time = DateTime::parse_from_rfc3339(time.as_str()?).ok()?;
    u64::try_from(time.timestamp_millis()).ok()
}

fn text(value: &Value) -> Result<String, TransportError> {
    value.as_str().map(ToOwned::to_owned).ok_or_else(|| garbage("has no update time"))
}
