//! Changes of one write of a commit, as JSON.

use serde_json::{Map, Value, json};

pub(super) type Change = Box<dyn Fn(&mut Value)>;

pub(super) fn fields(write: &mut Value) -> &mut Map<String, Value> {
    write["update"]["fields"].as_object_mut().unwrap()
}

pub(super) fn whole(number: i64) -> Value {
    json!({ "integerValue": number.to_string() })
}

pub(super) fn text(text: &str) -> Value {
    json!({ "stringValue": text })
}

pub(super) fn flag() -> Value {
    json!({ "booleanValue": true })
}

/// One change after the other.
pub(super) fn both(first: Change, second: Change) -> Change {
    Box::new(move |write| {
        first(write);
        second(write);
    })
}

/// A field has this value.
pub(super) fn set(name: &'static str, value: Value) -> Change {
    Box::new(move |write| {
        fields(write).insert(name.to_owned(), value.clone());
    })
}

/// A field is missing.
pub(super) fn without(name: &'static str) -> Change {
    Box::new(move |write| {
        fields(write).remove(name).unwrap();
    })
}

/// A number is greater by so much.
pub(super) fn add(name: &'static str, by: i64) -> Change {
    Box::new(move |write| {
        let old: i64 = fields(write)[name]["integerValue"].as_str().unwrap().parse().unwrap();
        fields(write).insert(name.to_owned(), whole(old + by));
    })
}

/// A text has something in place of something else; at its end if that is nothing.
pub(super) fn replace(name: &'static str, from: &'static str, to: &str) -> Change {
    let to = to.to_owned();
    Box::new(move |write| {
        let old = fields(write)[name]["stringValue"].as_str().unwrap();
        let new = if from.is_empty() { format!("{old}{to}") } else { old.replacen(from, &to, 1) };
        fields(write).insert(name.to_owned(), text(&new));
    })
}

/// The document's name goes on differently from some point.
pub(super) fn rename(from: &'static str, to: &'static str) -> Change {
    Box::new(move |write| {
        let (start, _) = write["update"]["name"].as_str().unwrap().split_once(from).unwrap();
        write["update"]["name"] = json!(format!("{start}{to}"));
    })
}

/// The mask names these fields.
pub(super) fn mask(paths: &'static [&'static str]) -> Change {
    Box::new(move |write| write["updateMask"]["fieldPaths"] = json!(paths))
}

/// A bump sets one more field.
pub(super) fn also(name: &'static str, value: Value) -> Change {
    Box::new(move |write| {
        fields(write).insert(name.to_owned(), value.clone());
        write["updateMask"]["fieldPaths"] = json!(["seq", "c", "at", name]);
    })
}

/// One of a record's fields has this value.
pub(super) fn inside(name: &'static str, value: Value) -> Change {
    Box::new(move |write| write["update"]["fields"]["f"]["mapValue"]["fields"][name] = value.clone())
}

/// One more field in `f`, in `t`, or in both.
pub(super) fn extra(name: &'static str, value: Option<Value>, stamp: bool) -> Change {
    Box::new(move |write| {
        if let Some(value) = &value {
            inside(name, value.clone())(write);
        }
        if stamp {
            let newest = fields(write)["h"].clone();
            write["update"]["fields"]["t"]["mapValue"]["fields"][name] = newest;
        }
    })
}

/// A tombstone with its mirror.
pub(super) fn tombstone() -> Change {
    Box::new(|write| {
        extra("del", Some(flag()), true)(write);
        set("del", flag())(write);
    })
}

/// So many fields, with stamps.
pub(super) fn many(count: usize) -> Change {
    Box::new(move |write| {
        let stamp = fields(write)["h"].clone();
        for (name, value) in [("f", text("x")), ("t", stamp)] {
            let all: Map<String, Value> = (0..count).map(|i| (format!("k{i}"), value.clone())).collect();
            fields(write).insert(name.to_owned(), json!({ "mapValue": { "fields": all } }));
        }
    })
}

/// Encrypted, without some of the plain fields.
pub(super) fn sealed(size: usize, without: &'static [&'static str]) -> Change {
    Box::new(move |write| {
        for name in without {
            fields(write).remove(*name);
        }
        fields(write).insert("e".to_owned(), text(&"x".repeat(size)));
    })
}
