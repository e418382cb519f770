//! Cloud Firestore in memory, as the REST interface shows it: atomic commits, preconditions,
//! `updateTime`s, queries in the order of `(seq, name)`; `rules.rs` has the security rules that matter.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, SecondsFormat};
use muse_chat::firestore::{Answer, Call};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::rules::{is_closed, is_too_new, went_down};

const ROOT: &str = "projects/demo/databases/(default)/documents/";

pub(super) type Fields = Map<String, Value>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Doc {
    /// Shared with the backups.
    pub(crate) fields: Rc<Fields>,
    /// `updateTime` in microseconds.
    pub(crate) time_us: u64,
}

impl Doc {
    /// Its fields, to be changed behind everyone's back.
    pub(crate) fn edit(&mut self) -> &mut Fields {
        Rc::make_mut(&mut self.fields)
    }
}

/// Why a commit did not happen: HTTP code and Firestore's status word.
pub(crate) type Refusal = (u16, &'static str);

/// How a server is restored from a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restore {
    /// With the `updateTime`s of then.
    AsItWas,
    /// Into an empty database.
    Imported,
    /// Into what is there.
    ImportedOver,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Server {
    /// By path, `users/{space}/…`.
    pub(crate) docs: BTreeMap<String, Doc>,
    last_us: u64,
    /// Paths below a space which are refused for ever, whatever they hold.
    pub(crate) poison: BTreeMap<String, Refusal>,
    pub(crate) commits: u64,
    /// More records in one commit than this are refused so, whatever they are.
    pub(crate) takes: Option<(usize, Refusal)>,
    /// How often they were.
    pub(crate) too_many: u64,
    /// Commits that failed because the head had moved, and because a record had.
    pub(crate) lost: u64,
    pub(crate) stubs: u64,
    /// A promise that the server itself saw broken.
    pub(crate) broken: Option<String>,
}

pub(super) struct Write {
    pub(super) path: String,
    pub(super) fields: Fields,
    pub(super) before: Option<Doc>,
    pub(super) is_bump: bool,
    wrong: Option<Refusal>,
}

impl Server {
    /// Answers one call. `rules_first` says whether the rules or the preconditions speak when both
    /// object, which differs between servers.
    pub(crate) fn answer(&mut self, call: &Call, now_ms: u64, rules_first: bool) -> Answer {
        self.answer_held(call, now_ms, now_ms, rules_first)
    }

    /// Answers a call that it has since then. Rules and `REQUEST_TIME` know a request's time from
    /// its beginning; what it writes becomes visible only now, under the time of now.
    pub(crate) fn answer_held(
        &mut self,
        call: &Call,
        since_ms: u64,
        now_ms: u64,
        rules_first: bool,
    ) -> Answer {
        let mut body: Value = serde_json::from_str(&call.body).unwrap();
        let (resource, verb) = call.path.trim_start_matches('/').rsplit_once(':').unwrap();
        let read_time = time_text(self.last_us.max(now_ms * 1000));
        let answer = match verb {
            "batchGet" => Ok(self.batch_get(&body, &read_time)),
            "runAggregationQuery" => {
                let query = &body["structuredAggregationQuery"];
                self.query(resource, &query["structuredQuery"]).map(|found| {
                    let fields = json!({ "n": { "integerValue": found.len().to_string() } });
                    json!([{ "result": { "aggregateFields": fields }, "readTime": read_time }]).to_string()
                })
            }
            "runQuery" => self.query(resource, &body["structuredQuery"]).map(|found| {
                let found = found.iter().map(|(path, doc)| Element {
                    document: Some(Shown::new(format!("{ROOT}{path}"), doc)),
                    ..Element::at(&read_time)
                });
                let found: Vec<Element<'_>> = found.collect();
                // an empty answer has one element without a document
                elements(if found.is_empty() { vec![Element::at(&read_time)] } else { found })
            }),
            "commit" => self.commit(body["writes"].take(), since_ms, now_ms, rules_first),
            _ => Err((404, "NOT_FOUND")),
        };
        match answer {
            Ok(body) => Answer { status: 200, body },
            Err(refusal) => refuse(refusal),
        }
    }

    fn batch_get(&self, body: &Value, read_time: &str) -> String {
        let names = body["documents"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
        let answers = names.map(|name| match self.docs.get(path_of(name)) {
            Some(doc) => Element { found: Some(Shown::new(name.to_owned(), doc)), ..Element::at(read_time) },
            None => Element { missing: Some(name), ..Element::at(read_time) },
        });
        elements(answers.collect())
    }

    /// The documents below a resource which a query finds, in its order.
    fn query(&self, parent: &str, query: &Value) -> Result<Vec<(&String, &Doc)>, Refusal> {
        let collection = query["from"][0]["collectionId"].as_str().unwrap();
        let prefix = format!("{}/{collection}/", path_of(parent));
        let limit = query["limit"].as_u64().filter(|n| *n <= 300).ok_or((403, "PERMISSION_DENIED"))?;
        let filter = &query["where"]["fieldFilter"];
        let least = whole(&filter["value"]).unwrap();
        let inclusive = filter["op"] == "GREATER_THAN_OR_EQUAL";
        let mut found: Vec<(u64, &String, &Doc)> = self
            .docs
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .filter(|(path, _)| !path.get(prefix.len()..).unwrap_or_default().contains('/'))
            .filter_map(|(path, doc)| Some((whole(doc.fields.get("seq")?)?, path, doc)))
            .filter(|(seq, ..)| *seq > least || (inclusive && *seq == least))
            .collect();
        found.sort_by_key(|(seq, path, _)| (*seq, *path));
        if query["orderBy"][0]["direction"] == "DESCENDING" {
            found.reverse();
        }
        if let Some(values) = query["startAt"]["values"].as_array() {
            let from = (whole(&values[0]).unwrap(), path_of(values[1]["referenceValue"].as_str().unwrap()));
            assert_eq!(query["startAt"]["before"], false);
            found.retain(|(seq, path, _)| (*seq, path.as_str()) > from);
        }
        found.truncate(usize::try_from(limit).unwrap());
        Ok(found.into_iter().map(|(_, path, doc)| (path, doc)).collect())
    }

    fn commit(
        &mut self,
        writes: Value,
        since_ms: u64,
        now_ms: u64,
        rules_first: bool,
    ) -> Result<String, Refusal> {
        let time_us = (self.last_us + 1).max(now_ms * 1000);
        let request_us = if since_ms < now_ms { since_ms * 1000 } else { time_us };
        let Value::Array(writes) = writes else { panic!("no writes") };
        if writes[0]["delete"].is_string() {
            return self.erase(&writes, time_us);
        }
        let writes: Vec<Write> = writes.into_iter().map(|w| self.read_write(w, request_us)).collect();
        let after: BTreeMap<&str, &Fields> = writes.iter().map(|w| (w.path.as_str(), &w.fields)).collect();
        let records = writes.iter().filter(|w| !w.is_bump).count().saturating_sub(1);
        let too_many = self.takes.filter(|(most, _)| records > *most).map(|(_, refusal)| refusal);
        self.too_many += u64::from(too_many.is_some());
        let wrong = writes.iter().find_map(|w| w.wrong);
        let refused = writes.iter().find_map(|w| self.check(w, &after, request_us).err());
        let refusal = if rules_first { refused.or(wrong) } else { wrong.or(refused) };
        let refusal = refusal.or(too_many);
        if let Some(refusal) = refusal {
            self.lost += u64::from(writes.first().is_some_and(|w| w.wrong.is_some()));
            return Err(refusal);
        }
        self.last_us = time_us;
        self.commits += 1;
        let time = time_text(time_us);
        let results: Vec<Value> = writes.iter().map(|_| json!({ "updateTime": time })).collect();
        for write in writes {
            self.stubs += u64::from(write.is_bump && write.before.is_none());
            if self.broken.is_none() {
                self.broken = went_down(&write).or_else(|| is_too_new(&write));
            }
            self.docs.insert(write.path, Doc { fields: Rc::new(write.fields), time_us });
        }
        Ok(json!({ "writeResults": results, "commitTime": time }).to_string())
    }

    /// Only a closed space lets documents go.
    fn erase(&mut self, writes: &[Value], time_us: u64) -> Result<String, Refusal> {
        let paths: Vec<&str> = writes.iter().map(|w| path_of(w["delete"].as_str().unwrap())).collect();
        let may = |path: &&str| {
            let space = path.split('/').nth(1).unwrap();
            let head = self.docs.get(&format!("users/{space}"));
            !self.docs.contains_key(*path) || head.is_some_and(|head| is_closed(&head.fields))
        };
        if !paths.iter().all(may) {
            return Err((403, "PERMISSION_DENIED"));
        }
        self.last_us = time_us;
        paths.iter().for_each(|path| {
            self.docs.remove(*path);
        });
        let results: Vec<Value> = paths.iter().map(|_| json!({})).collect();
        Ok(json!({ "writeResults": results, "commitTime": time_text(time_us) }).to_string())
    }

    fn read_write(&self, mut write: Value, time_us: u64) -> Write {
        let path = path_of(write["update"]["name"].as_str().unwrap()).to_owned();
        let before = self.docs.get(&path).cloned();
        let Value::Object(mut fields) = write["update"]["fields"].take() else { panic!("no fields") };
        let is_bump = write["updateMask"].is_object();
        if is_bump {
            let mut all = before.as_ref().map(|doc| Fields::clone(&doc.fields)).unwrap_or_default();
            all.append(&mut fields);
            fields = all;
        }
        for transform in write["updateTransforms"].as_array().into_iter().flatten() {
            let name = transform["fieldPath"].as_str().unwrap().to_owned();
            fields.insert(name, json!({ "timestampValue": time_text(time_us) }));
        }
        let condition = &write["currentDocument"];
        let wrong = match (&condition["exists"], &condition["updateTime"], &before) {
            (Value::Bool(false), _, Some(_)) => Some((409, "ALREADY_EXISTS")),
            (Value::Bool(true), _, None) | (_, Value::String(_), None) => Some((404, "NOT_FOUND")),
            (_, Value::String(time), Some(doc)) if *time != time_text(doc.time_us) => {
                Some((400, "FAILED_PRECONDITION"))
            }
            _ => None,
        };
        Write { path, fields, before, is_bump, wrong }
    }

    /// Takes everything away.
    pub(crate) fn wipe(&mut self) {
        self.docs.clear();
    }

    /// Takes the heads away, as somebody may do in the console.
    pub(crate) fn behead(&mut self) {
        self.docs.retain(|path, _| path.matches('/').count() != 1);
    }

    /// Goes back to an older state. A backup that is imported gets new `updateTime`s, and leaves alone
    /// what it does not have, unless the database was emptied before.
    pub(crate) fn restore(&mut self, backup: &Self, how: Restore, now_ms: u64) {
        if how != Restore::ImportedOver {
            self.docs.clear();
        }
        self.last_us = (self.last_us + 1).max(now_ms * 1000);
        for (path, doc) in &backup.docs {
            let time_us = if how == Restore::AsItWas { doc.time_us } else { self.last_us };
            self.docs.insert(path.clone(), Doc { time_us, ..doc.clone() });
        }
    }

    /// The documents of a space with their paths below it, without the head.
    pub(crate) fn records<'a>(&'a self, space: &str) -> impl Iterator<Item = (&'a str, &'a Doc)> {
        let prefix = format!("users/{space}/");
        let skip = prefix.len();
        self.docs
            .range(prefix.clone()..)
            .take_while(move |(path, _)| path.starts_with(&prefix))
            .map(move |(path, doc)| (path.get(skip..).unwrap_or_default(), doc))
    }

    pub(crate) fn head_seq(&self, space: &str) -> u64 {
        self.docs.get(&format!("users/{space}")).map_or(0, |doc| int(&doc.fields, "seq"))
    }
}

/// An error as Firestore words it.
pub(crate) fn refuse((code, word): Refusal) -> Answer {
    let body = json!({ "error": { "code": code, "message": "simulated", "status": word } });
    Answer { status: code, body: body.to_string() }
}

/// One element of an answer to a question.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Element<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a str>,
    read_time: &'a str,
}

impl<'a> Element<'a> {
    fn at(read_time: &'a str) -> Self {
        Self { found: None, document: None, missing: None, read_time }
    }
}

/// A document as one sees it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    name: String,
    fields: &'a Fields,
    update_time: String,
}

impl<'a> Shown<'a> {
    fn new(name: String, doc: &'a Doc) -> Self {
        Self { name, fields: &doc.fields, update_time: time_text(doc.time_us) }
    }
}

fn elements(elements: Vec<Element<'_>>) -> String {
    serde_json::to_string(&elements).unwrap()
}

fn path_of(name: &str) -> &str {
    name.strip_prefix(ROOT).unwrap()
}

pub(crate) fn time_text(us: u64) -> String {
    let time = DateTime::from_timestamp_micros(us.cast_signed()).unwrap();
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn whole(value: &Value) -> Option<u64> {
    value["integerValue"].as_str()?.parse().ok()
}

pub(crate) fn int(fields: &Fields, name: &str) -> u64 {
    fields.get(name).and_then(whole).unwrap_or(0)
}

pub(crate) fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).and_then(|value| value["stringValue"].as_str()).unwrap_or_default()
}
