//! Field values: plain JSON to Firestore's typed JSON and back.
//!
//! Promises: what [`to_firestore`] accepts comes back from [`from_firestore`] equal, with one
//! exception, `-0.0`, which is sent as `0.0` because servers do not agree on it. What Firestore would refuse
//! is refused here, with a reason a person can act on. Kinds this app never writes are read
//! as the nearest plain JSON, so a value somebody typed into the console cannot stop a sync:
//!
//! | Firestore | read as |
//! |---|---|
//! | timestamp, bytes, reference | its text (RFC 3339, base64, resource name) |
//! | geo point | `{"latitude": …, "longitude": …}` |
//! | `NaN`, `Infinity`, `-Infinity` | `null`, JSON has no such numbers |

use std::fmt;

use serde_json::{Map, Number, json};

use crate::sync::Value;

/// How many maps and lists may enclose a value. Firestore allows 20; the map `f` that holds a
/// record's fields is one of them.
pub const MAX_DEPTH: usize = 19;

/// A value that Firestore cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwritable {
    /// A list directly inside a list.
    ListInList,
    /// More than [`MAX_DEPTH`] maps and lists around each other.
    TooDeep,
    /// A whole number above 2⁶³−1.
    TooLarge,
    /// A key that is empty, longer than 1500 bytes or reserved (`__…__`).
    Key(String),
}

/// The JSON is not a Firestore value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ListInList => f.write_str("Firestore cannot hold a list directly in a list"),
            Self::TooDeep => {
                write!(f, "Firestore cannot hold more than {MAX_DEPTH} levels of lists and maps")
            }
            Self::TooLarge => f.write_str("Firestore cannot hold whole numbers above 2^63-1"),
            Self::Key(key) => {
                let start: String = key.chars().take(40).collect();
                write!(
                    f,
                    "Firestore cannot hold the key {start:?}: keys have 1 to 1500 bytes and are not __like_this__"
                )
            }
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a Firestore value")
    }
}

/// The value as Firestore wants it, like `{"integerValue":"42"}`.
///
/// # Errors
/// Firestore cannot hold it.
pub fn to_firestore(value: &Value) -> Result<Value, Unwritable> {
    typed(value, 0)
}

/// A map's entries as Firestore wants them: the content of `fields`.
///
/// # Errors
/// Firestore cannot hold one of them.
pub fn fields_to_firestore(map: &Map<String, Value>) -> Result<Map<String, Value>, Unwritable> {
    typed_fields(map, 0)
}

/// An object of values that are moved into it; `json!` would copy all that is below them.
pub(crate) fn named<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    // not `collect`, here and in other places: it sorts first, which is 4 KB of wasm for each kind of iterator
    let mut map = Map::new();
    map.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    map
}

/// An object of one value.
fn only(name: &str, value: Value) -> Value {
    Value::Object(named([(name, value)]))
}

/// A map's value, from its typed entries.
pub(crate) fn map_value(fields: Map<String, Value>) -> Value {
    only("mapValue", only("fields", Value::Object(fields)))
}

fn typed(value: &Value, depth: usize) -> Result<Value, Unwritable> {
    Ok(match value {
        Value::Null => only("nullValue", Value::Null),
        Value::Bool(_) => only("booleanValue", value.clone()),
        Value::Number(number) => typed_number(number)?,
        Value::String(_) => only("stringValue", value.clone()),
        Value::Array(items) => {
            let deeper = enter(depth)?;
            let values = items.iter().map(|item| match item {
                Value::Array(_) => Err(Unwritable::ListInList),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                    typed(item, deeper)
                }
            });
            only("arrayValue", only("values", values.collect::<Result<Value, _>>()?))
        }
        Value::Object(map) => map_value(typed_fields(map, enter(depth)?)?),
    })
}

fn typed_fields(map: &Map<String, Value>, depth: usize) -> Result<Map<String, Value>, Unwritable> {
    let mut fields = Map::new();
    for (key, value) in map {
        check_key(key)?;
        fields.insert(key.clone(), typed(value, depth)?);
    }
    Ok(fields)
}

fn enter(depth: usize) -> Result<usize, Unwritable> {
    if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(Unwritable::TooDeep) }
}

fn check_key(key: &str) -> Result<(), Unwritable> {
    let reserved = key.len() >= 4 && key.starts_with("__") && key.ends_with("__");
    if key.is_empty() || key.len() > 1500 || reserved {
        return Err(Unwritable::Key(key.to_owned()));
    }
    Ok(())
}

fn typed_number(number: &Number) -> Result<Value, Unwritable> {
    if let Some(whole) = number.as_i64() {
        // a string, or JavaScript on the way would round it
        return Ok(only("integerValue", whole.to_string().into()));
    }
    if number.is_u64() {
        return Err(Unwritable::TooLarge);
    }
    Ok(json!({ "doubleValue": number.as_f64().map(plain_zero) }))
}

fn plain_zero(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { number }
}

/// Plain JSON of a Firestore value; the table above says what becomes of foreign kinds.
///
/// # Errors
/// It is not a Firestore value: no kind, two kinds, an unknown kind or a wrong content.
pub fn from_firestore(value: &Value) -> Result<Value, Unreadable> {
    let object = value.as_object().ok_or(Unreadable)?;
    let mut kinds = object.iter();
    let (Some((kind, content)), None) = (kinds.next(), kinds.next()) else {
        return Err(Unreadable);
    };
    match (kind.as_str(), content) {
        ("nullValue", _) => Ok(Value::Null),
        ("booleanValue", Value::Bool(_)) => Ok(content.clone()),
        ("stringValue" | "timestampValue" | "bytesValue" | "referenceValue", Value::String(_)) => {
            Ok(content.clone())
        }
        ("integerValue", _) => integer(content).map(Value::from).ok_or(Unreadable),
        ("doubleValue", _) => double(content),
        ("arrayValue", Value::Object(list)) => match list.get("values") {
            None => Ok(json!([])), // an empty list has no inner key
            Some(Value::Array(items)) => items.iter().map(from_firestore).collect(),
            Some(_) => Err(Unreadable),
        },
        ("mapValue", Value::Object(map)) => fields_from_firestore(map.get("fields")).map(Value::Object),
        ("geoPointValue", Value::Object(point)) => {
            // Firestore leaves out a coordinate that is 0
            let coordinate = |name| point.get(name).map_or(Ok(Value::from(0.0)), double);
            Ok(json!({ "latitude": coordinate("latitude")?, "longitude": coordinate("longitude")? }))
        }
        _ => Err(Unreadable),
    }
}

/// Plain JSON of the `fields` of a document or map; none at all means empty.
///
/// # Errors
/// One of them is not a Firestore value.
pub fn fields_from_firestore(fields: Option<&Value>) -> Result<Map<String, Value>, Unreadable> {
    match fields {
        None => Ok(Map::new()),
        Some(Value::Object(map)) => {
            let mut fields = Map::new();
            for (key, value) in map {
                fields.insert(key.clone(), from_firestore(value)?);
            }
            Ok(fields)
        }
        Some(_) => Err(Unreadable),
    }
}

fn integer(content: &Value) -> Option<i64> {
    content.as_i64().or_else(|| content.as_str()?.parse().ok())
}

fn double(content: &Value) -> Result<Value, Unreadable> {
    let number: f64 = match content {
        Value::Number(number) => number.as_f64().ok_or(Unreadable)?,
        Value::String(text) => text.parse().map_err(|_| Unreadable)?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err(Unreadable),
    };
    Ok(Number::from_f64(plain_zero(number)).map_or(Value::Null, Value::Number))
}
