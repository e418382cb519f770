//! Why a pull asks for numbers that a head orders: the same race with three kinds of cursor. The two that other apps use
//! must lose documents here, or the third one's losing none would prove nothing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use muse_chat::firestore::Call;
use muse_chat::sync::{FeedId, Request, Value};
use serde_json::json;

use super::host::Host;
use super::space::Space;

const WRITERS: usize = 6;
const COMMITS: usize = 15;
/// So often a cursor may be lucky before it counts as a good one.
const ROUNDS: usize = 100;

/// Documents in each commit of a writer: what takes long is overtaken by what does not.
fn documents(writer: usize) -> usize {
    if writer.is_multiple_of(2) { 1 } else { 120 }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cursor {
    /// "Written after the newest that I saw", by the server's own time.
    ServerTime,
    /// "A greater number than mine", where the number is read and written without a precondition.
    BlindNumber,
    /// The same, and each commit moves the number by one under a precondition: what the engine does.
    Head,
}

/// One space, raw, past the rules.
struct Raw {
    host: Host,
    /// Resource name of the head.
    head: String,
    /// Paths of the calls.
    commit: String,
    get: String,
    query: String,
}

impl Raw {
    fn new() -> Self {
        let host = Space::new().host.into_owner();
        let get = host.wire().encode(&Request::Head).unwrap();
        let query = host.wire().encode(&Request::Newest(FeedId::Chats)).unwrap().path;
        let body: Value = serde_json::from_str(&get.body).unwrap();
        let head = body["documents"][0].as_str().unwrap().to_owned();
        Self { head, commit: get.path.replace("batchGet", "commit"), get: get.path, query, host }
    }

    /// What the server says, where it does what it was asked.
    fn post(&self, path: &str, body: &Value) -> Option<Value> {
        let call = Call { path: path.to_owned(), body: body.to_string() };
        let answer = self.host.post(&call, Some("owner")).ok()?;
        (answer.status == 200).then(|| serde_json::from_str(&answer.body).unwrap())
    }

    /// The head's number, and the precondition that it has not moved.
    fn number(&self) -> (u64, Value) {
        let answer = self.post(&self.get, &json!({ "documents": [self.head] })).expect("a head can be read");
        match answer[0].get("found") {
            None => (0, json!({ "exists": false })),
            Some(found) => {
                let seq = found["fields"]["seq"]["integerValue"].as_str().unwrap().parse().unwrap();
                (seq, json!({ "updateTime": found["updateTime"] }))
            }
        }
    }

    /// Writes some documents in one commit; tries until it passes.
    fn write(&self, cursor: Cursor, writer: usize, commit: usize) {
        let document = |n: usize, fields: &Value| {
            let name = format!("{}/chats/{writer}-{commit}-{n}", self.head);
            json!({ "update": { "name": name, "fields": fields } })
        };
        loop {
            let writes: Vec<Value> = if cursor == Cursor::ServerTime {
                let at = json!([{ "fieldPath": "at", "setToServerValue": "REQUEST_TIME" }]);
                let timed = |mut write: Value| {
                    write["updateTransforms"] = at.clone();
                    write
                };
                (0..documents(writer)).map(|n| timed(document(n, &json!({})))).collect()
            } else {
                let (seq, unmoved) = self.number();
                let fields = json!({ "seq": { "integerValue": (seq + 1).to_string() } });
                let mut head = json!({ "update": { "name": self.head, "fields": fields } });
                if cursor == Cursor::Head {
                    head["currentDocument"] = unmoved;
                }
                let documents = (0..documents(writer)).map(|n| document(n, &fields));
                std::iter::once(head).chain(documents).collect()
            };
            if self.post(&self.commit, &json!({ "writes": writes })).is_some() {
                return;
            }
        }
    }

    /// The names of all documents past a value of a field, with that value, in order.
    fn past(&self, field: &str, after: Option<&Value>) -> Vec<(String, Value)> {
        let mut query = json!({
            "from": [{ "collectionId": "chats" }],
            "orderBy": [{ "field": { "fieldPath": field }, "direction": "ASCENDING" }],
        });
        if let Some(value) = after {
            let filter = json!({ "field": { "fieldPath": field }, "op": "GREATER_THAN", "value": value });
            query["where"] = json!({ "fieldFilter": filter });
        }
        let answer =
            self.post(&self.query, &json!({ "structuredQuery": query })).expect("a query is answered");
        let documents = answer.as_array().unwrap().iter().filter_map(|element| element.get("document"));
        documents
            .map(|document| {
                (document["name"].as_str().unwrap().to_owned(), document["fields"][field].clone())
            })
            .collect()
    }

    /// One step of a device that only reads: what is past its cursor is seen, and the cursor moves.
    fn poll(&self, cursor: Cursor, after: &mut Option<Value>, seen: &mut BTreeSet<String>) {
        if cursor == Cursor::ServerTime {
            let new = self.past("at", after.as_ref());
            if let Some((_, at)) = new.last() {
                *after = Some(at.clone());
            }
            return seen.extend(new.into_iter().map(|(name, _)| name));
        }
        // past what the head said before, nothing is known to be complete
        let cap = json!({ "integerValue": self.number().0.to_string() });
        let new = self.past("seq", after.as_ref());
        seen.extend(new.into_iter().map(|(name, _)| name));
        *after = Some(cap);
    }
}

/// Some devices write while another polls; how many documents it never saw.
fn missed(cursor: Cursor) -> usize {
    let raw = Raw::new();
    let writing = AtomicUsize::new(WRITERS);
    let mut seen = BTreeSet::new();
    let mut after = None;
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (raw, writing) = (&raw, &writing);
            scope.spawn(move || {
                (0..COMMITS).for_each(|commit| raw.write(cursor, writer, commit));
                writing.fetch_sub(1, Ordering::SeqCst);
            });
        }
        while writing.load(Ordering::SeqCst) > 0 {
            raw.poll(cursor, &mut after, &mut seen);
        }
    });
    // all is there now, and visible
    raw.poll(cursor, &mut after, &mut seen);
    let all = COMMITS * (0..WRITERS).map(documents).sum::<usize>();
    let field = if cursor == Cursor::ServerTime { "at" } else { "seq" };
    assert_eq!(raw.past(field, None).len(), all, "{cursor:?}: all were written");
    println!("{cursor:?}: {} of {all} documents never seen", all - seen.len());
    all - seen.len()
}

#[test]
#[ignore = "needs the emulator"]
fn only_a_number_that_moves_one_by_one_misses_nothing() {
    for naive in [Cursor::ServerTime, Cursor::BlindNumber] {
        assert!(
            (0..ROUNDS).any(|_| missed(naive) > 0),
            "{naive:?} lost nothing, so this race proves nothing"
        );
    }
    (0..2).for_each(|_| assert_eq!(missed(Cursor::Head), 0));
}
