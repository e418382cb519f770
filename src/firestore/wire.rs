//! Requests as REST calls.
//!
//! Promises: pure; every call is a `POST` of a JSON text to one of four addresses per space
//! (`:commit`, `:batchGet`, `:runQuery`, `:runAggregationQuery`), which a browser sends without a preflight; the space id
//! and the API key never get into an error text.

use std::fmt;

use serde_json::{Map, json};

use super::answer;
use super::document::{self, BUMP_FIELDS, HEAD_TIME};
use super::error::{Asked, shorten};
use super::place::Place;
use super::value::named;
use super::{Answer, Config};
use crate::sync::{
    Commit, FeedId, Position, Precondition, Request, Response, SpaceId, TransportError, Value,
};

/// Largest body that is sent, in bytes. Firestore takes 10 MiB and its emulator 4 MiB; both
/// answer "slow down" to more, for ever, so it is refused here.
pub const MAX_BODY: usize = 3 << 20;

/// A count goes so far; the rules allow no more.
const COUNT_LIMIT: u32 = 300;
/// Name of the count in its answer.
pub(crate) const COUNT: &str = "n";

/// One HTTP request: `POST` this body as text to this path.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Path below [`Config::base_url`], without the API key.
    pub path: String,
    /// JSON.
    pub body: String,
}

/// The body has the user's data and the path the space id: neither is for logs.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = self.path.rsplit(':').next().unwrap_or_default();
        write!(f, "Call({verb}, {} bytes)", self.body.len())
    }
}

/// The REST dialect for one space of one project.
#[derive(Clone, Debug)]
pub struct Wire {
    config: Config,
    space: SpaceId,
    place: Place,
}

impl Wire {
    /// The dialect for a space.
    #[must_use]
    pub fn new(config: Config, space: SpaceId) -> Self {
        let place = Place::new(&config, &space);
        Self { config, space, place }
    }

    /// Which project.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// The call for a request.
    ///
    /// # Errors
    /// [`TransportError::Rejected`] where Firestore could never take it: a value it cannot hold,
    /// a body over [`MAX_BODY`].
    pub fn encode(&self, request: &Request) -> Result<Call, TransportError> {
        let call = match request {
            Request::Head => self.batch_get(&[self.place.head().to_owned()]),
            Request::Get(keys) => {
                let names: Vec<String> = keys.iter().map(|key| self.place.record(key)).collect();
                self.batch_get(&names)
            }
            Request::Page { feed, after, limit } => self.run_query(feed, &self.page(feed, after, *limit)),
            Request::Newest(feed) => self.run_query(feed, &self.newest(feed)),
            Request::Names { feed, after, limit } => {
                let mut query = self.page(feed, after, *limit);
                query["select"] = json!({ "fields": [field("seq")] });
                self.run_query(feed, &query)
            }
            Request::Erase(keys) => {
                let name = |key| json!({ "delete": self.place.record(key) });
                self.commit(keys.iter().map(name).collect())
            }
            Request::Count { feed, after } => self.run_count(feed, *after),
            Request::Commit(commit) => {
                let writes = self.writes(commit).map_err(TransportError::Rejected)?;
                self.commit(writes)
            }
        };
        if call.body.len() > MAX_BODY {
            return Err(TransportError::Rejected(format!(
                "{} bytes are too many for one request",
                call.body.len()
            )));
        }
        Ok(call)
    }

    /// What the answer to [`Wire::encode`]'s call says.
    ///
    /// # Errors
    /// The module docs of `error` list which answer gives which error.
    pub fn decode(&self, request: &Request, answer: &Answer) -> Result<Response, TransportError> {
        self.read(request, answer).map_err(|error| self.redact(error))
    }

    fn read(&self, request: &Request, answer: &Answer) -> Result<Response, TransportError> {
        match request {
            Request::Head => answer::head(&self.place, &answer::elements(answer)?),
            Request::Get(_) => answer::documents(&self.place, &answer::elements(answer)?),
            Request::Page { .. } => answer::page(&self.place, &answer::elements(answer)?),
            Request::Newest(_) => answer::newest(&answer::elements(answer)?),
            Request::Names { .. } => answer::names(&self.place, &answer::elements(answer)?),
            Request::Erase(keys) => answer::erased(keys.len(), &answer::object(Asked::Commit, answer)?),
            Request::Count { .. } => answer::count(&answer::elements(answer)?),
            Request::Commit(commit) => answer::committed(commit, &answer::object(Asked::Commit, answer)?),
        }
    }

    /// Replaces the space id and the API key in an error's text, and only then cuts it: half an
    /// id would not be found any more.
    pub(crate) fn redact(&self, error: TransportError) -> TransportError {
        let clean = |text: String| {
            let text = text.replace(self.space.as_str(), "…");
            shorten(&self.config.api_key().map_or(text.clone(), |key| text.replace(key, "…")))
        };
        match error {
            TransportError::Unreachable(text) => TransportError::Unreachable(clean(text)),
            TransportError::Rejected(text) => TransportError::Rejected(clean(text)),
            TransportError::Garbage(text) => TransportError::Garbage(clean(text)),
            TransportError::Busy { .. }
            | TransportError::Conflict
            | TransportError::Denied
            | TransportError::SignedOut => error,
        }
    }

    pub(crate) fn batch_get(&self, names: &[String]) -> Call {
        self.call(self.place.documents(), "batchGet", &json!({ "documents": names }))
    }

    pub(crate) fn commit(&self, writes: Vec<Value>) -> Call {
        let body = Value::Object(named([("writes", writes.into())]));
        self.call(self.place.documents(), "commit", &body)
    }

    fn run_query(&self, feed: &FeedId, query: &Value) -> Call {
        let (parent, _) = self.place.feed(feed);
        self.call(&parent, "runQuery", &json!({ "structuredQuery": query }))
    }

    /// With a limit, because the rules let nobody list without one.
    fn run_count(&self, feed: &FeedId, after: u64) -> Call {
        let (parent, collection) = self.place.feed(feed);
        let query = json!({
            "from": [{ "collectionId": collection }],
            "where": filter("GREATER_THAN", json!({ "integerValue": after.to_string() })),
            "orderBy": [{ "field": field("seq"), "direction": "ASCENDING" }],
            "limit": COUNT_LIMIT,
        });
        let count = json!({ "structuredQuery": query, "aggregations": [{ "alias": COUNT, "count": {} }] });
        self.call(&parent, "runAggregationQuery", &json!({ "structuredAggregationQuery": count }))
    }

    fn call(&self, resource: &str, verb: &str, body: &Value) -> Call {
        // a value can always be written; quicker than its `Display`
        Call { path: format!("/{resource}:{verb}"), body: serde_json::to_string(body).unwrap_or_default() }
    }

    /// The first page orders by `seq` alone, because an explicit `__name__` is billed as a second
    /// range; only a page that goes on within one number names it. Both compare `seq`, which leaves
    /// out documents where somebody at the console made it a text.
    fn page(&self, feed: &FeedId, after: &Position, limit: u32) -> Value {
        let (parent, collection) = self.place.feed(feed);
        let seq = json!({ "integerValue": after.seq.to_string() });
        let from = json!([{ "collectionId": collection }]);
        let ascending = |path| json!({ "field": field(path), "direction": "ASCENDING" });
        match &after.name {
            None => json!({
                "from": from,
                "where": filter("GREATER_THAN", seq),
                "orderBy": [ascending("seq")],
                "limit": limit,
            }),
            Some(id) => {
                let last = json!({ "referenceValue": format!("{parent}/{collection}/{id}") });
                json!({
                    "from": from,
                    "where": filter("GREATER_THAN_OR_EQUAL", seq.clone()),
                    "orderBy": [ascending("seq"), ascending("__name__")],
                    "startAt": { "values": [seq, last], "before": false },
                    "limit": limit,
                })
            }
        }
    }

    /// The greatest number of a feed, and nothing else of that document.
    fn newest(&self, feed: &FeedId) -> Value {
        let (_, collection) = self.place.feed(feed);
        json!({
            "select": { "fields": [field("seq")] },
            "from": [{ "collectionId": collection }],
            "where": filter("GREATER_THAN", json!({ "integerValue": "0" })),
            "orderBy": [{ "field": field("seq"), "direction": "DESCENDING" }],
            "limit": 1,
        })
    }

    /// The head, then the records, then the bumps: the answer has its results in this order.
    fn writes(&self, commit: &Commit) -> Result<Vec<Value>, String> {
        let head = document::head_fields(&commit.head);
        let time = json!([{ "fieldPath": HEAD_TIME, "setToServerValue": "REQUEST_TIME" }]);
        let mut writes = vec![write(
            self.place.head(),
            head,
            [("updateTransforms", time), ("currentDocument", condition(&commit.head_precondition))],
        )];
        for record in &commit.writes {
            let fields = document::record_fields(&commit.head, &commit.device, record)?;
            // without a mask, so the document is replaced whole
            let condition = condition(&record.precondition);
            writes.push(write(&self.place.record(&record.key), fields, [("currentDocument", condition)]));
        }
        for bump in &commit.bumps {
            let fields = document::bump_fields(&commit.head, bump.active_ms);
            let mask = json!({ "fieldPaths": BUMP_FIELDS });
            writes.push(write(&self.place.chat(&bump.chat), fields, [("updateMask", mask)]));
        }
        #[cfg(feature = "planted")]
        plant_in(&mut writes);
        Ok(writes)
    }
}

/// Mistakes of the tests that can only be made here.
#[cfg(feature = "planted")]
fn plant_in(writes: &mut Vec<Value>) {
    use crate::sync::planted::{Bug, planted};
    let blind = |write: &mut Value| write.as_object_mut().and_then(|write| write.remove("currentDocument"));
    if planted(Bug::HeadIsWrittenBlindly) {
        writes.iter_mut().take(1).for_each(|head| _ = blind(head));
    }
    if planted(Bug::RecordsAreWrittenBlindly) {
        writes.iter_mut().skip(1).for_each(|record| _ = blind(record));
    }
    if planted(Bug::BumpNeedsTheChat) {
        let bumps = writes.iter_mut().filter(|write| !write["updateMask"].is_null());
        bumps.for_each(|bump| bump["currentDocument"] = json!({ "exists": true }));
    }
    if planted(Bug::HeadIsNotMoved) {
        writes.remove(0);
    }
}

fn write<const N: usize>(name: &str, fields: Map<String, Value>, how: [(&str, Value); N]) -> Value {
    let mut write = named(how);
    let update = named([("name", name.into()), ("fields", Value::Object(fields))]);
    write.insert("update".to_owned(), Value::Object(update));
    Value::Object(write)
}

fn condition(precondition: &Precondition) -> Value {
    match precondition {
        Precondition::Missing => json!({ "exists": false }),
        Precondition::UpdateTime(time) => json!({ "updateTime": time }),
    }
}

fn filter(op: &str, seq: Value) -> Value {
    json!({ "fieldFilter": { "field": field("seq"), "op": op, "value": seq } })
}

/// Every field path of this dialect is a plain word, so none needs quoting.
fn field(path: &str) -> Value {
    json!({ "fieldPath": path })
}
