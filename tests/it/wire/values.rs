use muse_chat::firestore::value::{MAX_DEPTH, Unreadable, Unwritable, from_firestore, to_firestore};
use muse_chat::sync::Value;
use serde_json::{Map, json};

/// Anything a record may hold, lists and maps at most `depth` deep. Floats are eighths, which
/// every JSON parser reads exactly.
pub(crate) fn random_value(rng: &mut fastrand::Rng, depth: usize) -> Value {
    match rng.u8(..if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => Value::Bool(rng.bool()),
        2 => Value::from(rng.i64(..)),
        3 => Value::from(rng.i64(-9..9)),
        4 => Value::from(rng.i32(..) as f64 / 8.0),
        5 => Value::from(random_text(rng)),
        6 => (0..rng.usize(..4))
            .map(|_| random_value(rng, depth - 1))
            .filter(|item| !item.is_array())
            .collect(),
        _ => Value::Object(
            (0..rng.usize(..4)).map(|_| (random_key(rng), random_value(rng, depth - 1))).collect(),
        ),
    }
}

fn random_text(rng: &mut fastrand::Rng) -> String {
    let letters =
        ['a', 'Z', '0', '.', '`', '"', '\\', '/', '\n', '\0', ' ', '_', 'ä', '€', '\u{1F600}', '\u{FFFF}'];
    (0..rng.usize(..9)).filter_map(|_| rng.choice(letters)).collect()
}

fn random_key(rng: &mut fastrand::Rng) -> String {
    let key = random_text(rng);
    if key.is_empty() || key.starts_with("__") { format!("k{key}") } else { key }
}

#[test]
fn every_value_comes_back() {
    let cases = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };
    let mut rng = fastrand::Rng::with_seed(21);
    for case in 0..cases {
        let value = random_value(&mut rng, 4);
        let sent = to_firestore(&value).unwrap();
        assert_eq!(from_firestore(&sent), Ok(value.clone()), "case {case}");
        // and through the text, as it travels
        let text: Value = serde_json::from_str(&sent.to_string()).unwrap();
        assert_eq!(from_firestore(&text), Ok(value), "case {case}");
    }
}

#[test]
fn every_float_comes_back() {
    let mut rng = fastrand::Rng::with_seed(22);
    for _ in 0..50_000 {
        let float = f64::from_bits(rng.u64(..));
        let value = Value::from(float); // null for those that JSON has not
        assert_eq!(from_firestore(&to_firestore(&value).unwrap()), Ok(value));
    }
}

/// Nothing that a server could answer makes the codec panic.
#[test]
fn any_json_is_read_or_refused() {
    let mut rng = fastrand::Rng::with_seed(23);
    let kinds = [
        "nullValue",
        "integerValue",
        "doubleValue",
        "mapValue",
        "arrayValue",
        "geoPointValue",
        "fields",
        "values",
        "x",
    ];
    fn noise(rng: &mut fastrand::Rng, kinds: &[&str], depth: usize) -> Value {
        if depth == 0 || rng.u8(..4) == 0 {
            return random_value(rng, 1);
        }
        let inner = noise(rng, kinds, depth - 1);
        if rng.u8(..3) == 0 { json!([inner]) } else { json!({ kinds[rng.usize(..kinds.len())]: inner }) }
    }
    let cases = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };
    let read = (0..cases).filter(|_| from_firestore(&noise(&mut rng, &kinds, 5)).is_ok()).count();
    assert!(read > cases / 1000 && read < cases, "{read} of {cases}");
}

#[test]
fn kinds_are_written_as_documented() {
    for (plain, typed) in [
        (json!(null), json!({ "nullValue": null })),
        (json!(true), json!({ "booleanValue": true })),
        (json!(42), json!({ "integerValue": "42" })),
        (json!(i64::MIN), json!({ "integerValue": "-9223372036854775808" })),
        (json!(1.5), json!({ "doubleValue": 1.5 })),
        (json!(3.0), json!({ "doubleValue": 3.0 })),
        (json!(-0.0), json!({ "doubleValue": 0.0 })),
        (json!("x"), json!({ "stringValue": "x" })),
        (json!([]), json!({ "arrayValue": { "values": [] } })),
        (json!({}), json!({ "mapValue": { "fields": {} } })),
        (
            json!({ "a": [{ "b": [1] }] }),
            json!({ "mapValue": { "fields": { "a": { "arrayValue": { "values": [
            { "mapValue": { "fields": { "b": { "arrayValue": { "values": [{ "integerValue": "1" }] } } } } }
        ] } } } } }),
        ),
    ] {
        assert_eq!(to_firestore(&plain), Ok(typed));
    }
}

#[test]
fn kinds_are_read_as_documented() {
    for (typed, plain) in [
        (json!({ "nullValue": "NULL_VALUE" }), json!(null)),
        (json!({ "integerValue": 42 }), json!(42)),
        (json!({ "integerValue": "-42" }), json!(-42)),
        (json!({ "doubleValue": 3 }), json!(3.0)),
        (json!({ "doubleValue": "-0" }), json!(0.0)),
        (json!({ "doubleValue": "NaN" }), json!(null)),
        (json!({ "doubleValue": "-Infinity" }), json!(null)),
        (json!({ "arrayValue": {} }), json!([])),
        (json!({ "mapValue": {} }), json!({})),
        (json!({ "timestampValue": "2024-01-02T03:04:05.100Z" }), json!("2024-01-02T03:04:05.100Z")),
        (json!({ "bytesValue": "+/+/AA==" }), json!("+/+/AA==")),
        (json!({ "referenceValue": "projects/p" }), json!("projects/p")),
        (json!({ "geoPointValue": { "latitude": 1.5 } }), json!({ "latitude": 1.5, "longitude": 0.0 })),
    ] {
        assert_eq!(from_firestore(&typed), Ok(plain), "{typed}");
    }
    for bad in [
        json!(null),
        json!("x"),
        json!({}),
        json!({ "stringValue": "x", "nullValue": null }),
        json!({ "stringValue": 1 }),
        json!({ "integerValue": "1.5" }),
        json!({ "integerValue": "9223372036854775808" }),
        json!({ "doubleValue": null }),
        json!({ "doubleValue": "x" }),
        json!({ "arrayValue": { "values": {} } }),
        json!({ "arrayValue": { "values": [1] } }),
        json!({ "mapValue": { "fields": [] } }),
        json!({ "otherValue": 1 }),
    ] {
        assert_eq!(from_firestore(&bad), Err(Unreadable), "{bad}");
    }
}

#[test]
fn what_firestore_cannot_hold_is_refused_with_a_reason() {
    let nested = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!({ "m": inner }));
    let key = |key: &str| Value::Object(Map::from_iter([(key.to_owned(), json!(1))]));
    let long = "x".repeat(1501);
    for (value, error) in [
        (json!([[1]]), Unwritable::ListInList),
        (json!({ "a": [1, [2]] }), Unwritable::ListInList),
        (nested(MAX_DEPTH + 1), Unwritable::TooDeep),
        (json!(u64::MAX), Unwritable::TooLarge),
        (key(""), Unwritable::Key(String::new())),
        (key("__id__"), Unwritable::Key("__id__".to_owned())),
        (json!({ "a": key(&long) }), Unwritable::Key(long.clone())),
    ] {
        assert_eq!(to_firestore(&value), Err(error.clone()), "{value}");
        assert!(error.to_string().len() > 20 && error.to_string().len() < 200);
    }
    for fine in [nested(MAX_DEPTH), key("__a"), key("a.b"), key("`"), key(&long[1..]), json!(i64::MAX)] {
        assert!(to_firestore(&fine).is_ok());
    }
}
