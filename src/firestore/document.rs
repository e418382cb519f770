//! The documents of a space: the head, records and chat stubs, as Firestore fields and back.
//!
//! | field | head | record | chat stub | meaning |
//! |---|---|---|---|---|
//! | `seq` | ✓ | ✓ | ✓ | number of the commit that last wrote the document |
//! | `c` | ✓ | ✓ | ✓ | random id of that commit |
//! | `at` | ✓ | chats | ✓ | head: server time of the commit; chat: last activity, Unix ms |
//! | `epoch` `gen` `schema` `closed` `cs` `log` | ✓ | | | see [`Head`] |
//! | `v` | | ✓ | | lowest schema version that may write it |
//! | `h` `ms` | | ✓ | | greatest stamp of any field, and its milliseconds |
//! | `dev` | | ✓ | | installation id of the device that wrote it |
//! | `del` | | ✓ | | `true` in tombstones, else absent: a mirror for the security rules |
//! | `f` `t` | | ✓ | | field → value, and field → stamp; always the same keys |
//!
//! Only `f` and `t` are read back into a [`Record`], and `dev` for the list of devices; the rest is for rules and
//! people.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::place::Place;
use super::value::{self, Unwritable, named};
use crate::sync::{Document, Head, Key, Position, Record, RecordWrite, Register, Value};

/// `REQUEST_TIME` is written here, which is how the rules know who moved the head.
pub(crate) const HEAD_TIME: &str = "at";
/// What a bump writes and nothing else.
pub(crate) const BUMP_FIELDS: [&str; 3] = ["seq", "c", "at"];

type Fields = Map<String, Value>;

fn whole(number: u64) -> Value {
    json!({ "integerValue": number.to_string() })
}

fn text(text: &str) -> Value {
    json!({ "stringValue": text })
}

/// The fields of a head, without its time.
pub(crate) fn head_fields(head: &Head) -> Fields {
    named([
        ("seq", whole(head.seq)),
        ("c", text(&head.commit)),
        ("epoch", text(&head.epoch)),
        ("gen", whole(head.generation)),
        ("schema", whole(u64::from(head.schema))),
        ("closed", json!({ "booleanValue": head.closed })),
        ("cs", whole(head.config_seq)),
        ("log", text(&head.log)),
    ])
}

/// The fields of a chat that is only made to carry the head's number.
pub(crate) fn bump_fields(head: &Head, active_ms: u64) -> Fields {
    let [seq, commit, at] = BUMP_FIELDS;
    named([(seq, whole(head.seq)), (commit, text(&head.commit)), (at, whole(active_ms))])
}

/// The fields of a record as part of the commit that makes `head`.
///
/// # Errors
/// The text says why Firestore could never take it.
pub(crate) fn record_fields(head: &Head, device: &str, write: &RecordWrite) -> Result<Fields, String> {
    let newest = write.record.newest().ok_or("the record has no fields")?;
    let mut values = Map::new();
    let mut stamps = Map::new();
    for (name, register) in &write.record.fields {
        values.insert(name.clone(), register.value.clone());
        stamps.insert(name.clone(), Value::from(register.stamp.to_string()));
    }
    let map = |map| -> Result<Value, Unwritable> { Ok(value::map_value(value::fields_to_firestore(map)?)) };
    let mut fields = named([
        ("v", whole(u64::from(write.record.v))),
        ("seq", whole(head.seq)),
        ("c", text(&head.commit)),
        ("h", text(&newest.to_string())),
        ("ms", whole(newest.ms())),
        ("dev", text(device)),
        ("f", map(&values).map_err(|error| error.to_string())?),
        ("t", map(&stamps).map_err(|error| error.to_string())?),
    ]);
    if write.record.is_deleted() {
        fields.insert("del".to_owned(), json!({ "booleanValue": true }));
    }
    if let (Key::Chat(_), Some(active_ms)) = (&write.key, write.active_ms) {
        fields.insert("at".to_owned(), whole(active_ms));
    }
    Ok(fields)
}

/// The head in the `fields` of a document.
///
/// # Errors
/// The name of the first field that is missing or wrong.
pub(crate) fn read_head(document: &Value) -> Result<Head, &'static str> {
    let fields = &document["fields"];
    Ok(Head {
        seq: get_whole(fields, "seq").ok_or("seq")?,
        commit: get_text(fields, "c").ok_or("c")?,
        epoch: get_text(fields, "epoch").ok_or("epoch")?,
        generation: get_whole(fields, "gen").ok_or("gen")?,
        schema: get_whole(fields, "schema").and_then(|n| u32::try_from(n).ok()).ok_or("schema")?,
        closed: get(fields, "closed").and_then(|closed| closed.as_bool()).ok_or("closed")?,
        config_seq: get_whole(fields, "cs").ok_or("cs")?,
        log: get_text(fields, "log").ok_or("log")?,
    })
}

/// The record or stub in a document; `None` where it cannot be understood: not one of this app's
/// names, `f` and `t` not the same keys, a bad stamp, a missing number.
pub(crate) fn read(place: &Place, document: &Value) -> Option<Document> {
    let key = place.key(document["name"].as_str()?)?;
    let fields = &document["fields"];
    let is_chat = matches!(key, Key::Chat(_));
    let is_stub = is_chat && ["f", "t", "e", "h"].iter().all(|name| fields.get(name).is_none());
    Some(Document {
        update_time: document["updateTime"].as_str()?.to_owned(),
        seq: get_whole(fields, "seq")?,
        commit: get_text(fields, "c")?,
        device: get_text(fields, "dev"),
        active_ms: if is_chat { get_whole(fields, "at") } else { None },
        record: if is_stub { None } else { Some(read_record(fields)?) },
        key,
    })
}

fn read_record(fields: &Value) -> Option<Record> {
    let v = u32::try_from(get_whole(fields, "v")?).ok()?;
    let (Value::Object(values), Value::Object(stamps)) = (get(fields, "f")?, get(fields, "t")?) else {
        return None;
    };
    if values.is_empty() || values.len() != stamps.len() {
        return None;
    }
    let mut record = Record { v, fields: BTreeMap::new() };
    for (name, value) in values {
        let stamp = stamps.get(&name)?.as_str()?.parse().ok()?;
        record.fields.insert(name, Register { value, stamp });
    }
    Some(record)
}

/// Where a document stands in its feed, whether or not it can be understood otherwise.
pub(crate) fn position(document: &Value) -> Option<Position> {
    let (_, id) = document["name"].as_str()?.rsplit_once('/')?;
    let seq = get(&document["fields"], "seq")?;
    // only somebody at the console can have written a fraction; rounding down never skips
    let seq = seq.as_u64().or_else(|| seq.as_f64().map(|fraction| fraction.max(0.0) as u64))?;
    Some(Position { seq, name: Some(id.to_owned()) })
}

fn get(fields: &Value, name: &str) -> Option<Value> {
    value::from_firestore(fields.get(name)?).ok()
}

fn get_text(fields: &Value, name: &str) -> Option<String> {
    get(fields, name)?.as_str().map(ToOwned::to_owned)
}

fn get_whole(fields: &Value, name: &str) -> Option<u64> {
    get(fields, name)?.as_u64()
}
