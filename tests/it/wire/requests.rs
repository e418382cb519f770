use muse_chat::firestore::MAX_BODY;
use muse_chat::sync::{
    Bump, Commit, FeedId, Key, Position, Precondition, Record, RecordWrite, Register, Request, Stamp,
    TransportError,
};
use serde_json::{Value, json};

use super::{DOCS, KEY, head, head_name, wire};

/// Path and body of a request.
fn call(request: &Request) -> (String, Value) {
    let call = wire().encode(request).unwrap();
    (call.path, serde_json::from_str(&call.body).unwrap())
}

fn chat() -> Key {
    Key::Chat("cabcd".parse().unwrap())
}

fn message() -> Key {
    Key::Message("cabcd".parse().unwrap(), "mefgh".parse().unwrap())
}

#[test]
fn the_address_carries_the_key_and_the_path_does_not() {
    let wire = wire();
    let call = wire.encode(&Request::Head).unwrap();
    assert_eq!(call.path, format!("/{DOCS}:batchGet"));
    assert_eq!(
        wire.config().url(&call.path),
        format!("https://firestore.googleapis.com/v1/{DOCS}:batchGet?key={KEY}")
    );
    assert_eq!(format!("{call:?}"), format!("Call(batchGet, {} bytes)", call.body.len()));
    assert!(!format!("{wire:?}").contains(KEY));
}

#[test]
fn reads() {
    let documents = |names: &[String]| (format!("/{DOCS}:batchGet"), json!({ "documents": names }));
    assert_eq!(call(&Request::Head), documents(&[head_name()]));
    let keys = vec![Key::Settings, Key::Profile, chat(), message()];
    let below = |path: &str| format!("{}/{path}", head_name());
    let names = ["config/settings", "config/profile", "chats/cabcd", "chats/cabcd/messages/mefgh"].map(below);
    assert_eq!(call(&Request::Get(keys)), documents(&names));
}

fn feeds() -> [(FeedId, String, &'static str); 3] {
    let messages = FeedId::Messages("cabcd".parse().unwrap());
    [
        (FeedId::Config, head_name(), "config"),
        (FeedId::Chats, head_name(), "chats"),
        (messages, format!("{}/chats/cabcd", head_name()), "messages"),
    ]
}

#[test]
fn a_first_page_orders_by_the_number_alone() {
    for (feed, parent, collection) in feeds() {
        let after = Position { seq: 41, name: None };
        let (path, body) = call(&Request::Page { feed, after, limit: 300 });
        assert_eq!(path, format!("/{parent}:runQuery"));
        assert_eq!(
            body,
            json!({ "structuredQuery": {
            "from": [{ "collectionId": collection }],
            "where": { "fieldFilter": {
                "field": { "fieldPath": "seq" }, "op": "GREATER_THAN", "value": { "integerValue": "41" },
            } },
            "orderBy": [{ "field": { "fieldPath": "seq" }, "direction": "ASCENDING" }],
            "limit": 300,
        } })
        );
    }
}

#[test]
fn a_later_page_goes_on_behind_a_name() {
    for (feed, parent, collection) in feeds() {
        let after = Position { seq: 41, name: Some("My chat".to_owned()) };
        let (path, body) = call(&Request::Page { feed, after, limit: 2 });
        assert_eq!(path, format!("/{parent}:runQuery"));
        let reference = format!("{parent}/{collection}/My chat");
        assert_eq!(
            body,
            json!({ "structuredQuery": {
            "from": [{ "collectionId": collection }],
            "where": { "fieldFilter": {
                "field": { "fieldPath": "seq" }, "op": "GREATER_THAN_OR_EQUAL", "value": { "integerValue": "41" },
            } },
            "orderBy": [
                { "field": { "fieldPath": "seq" }, "direction": "ASCENDING" },
                { "field": { "fieldPath": "__name__" }, "direction": "ASCENDING" },
            ],
            "startAt": { "values": [{ "integerValue": "41" }, { "referenceValue": reference }], "before": false },
            "limit": 2,
        } })
        );
    }
}

#[test]
fn the_newest_asks_for_one_number() {
    for (feed, parent, collection) in feeds() {
        let (path, body) = call(&Request::Newest(feed));
        assert_eq!(path, format!("/{parent}:runQuery"));
        let query = &body["structuredQuery"];
        assert_eq!(query["from"], json!([{ "collectionId": collection }]));
        assert_eq!(query["select"], json!({ "fields": [{ "fieldPath": "seq" }] }));
        assert_eq!(query["orderBy"], json!([{ "field": { "fieldPath": "seq" }, "direction": "DESCENDING" }]));
        assert_eq!(query["limit"], json!(1));
    }
}

#[test]
fn a_count_goes_no_further_than_the_rules_allow() {
    for (feed, parent, collection) in feeds() {
        let (path, body) = call(&Request::Count { feed, after: 9 });
        assert_eq!(path, format!("/{parent}:runAggregationQuery"));
        let query = &body["structuredAggregationQuery"];
        assert_eq!(query["aggregations"], json!([{ "alias": "n", "count": {} }]));
        assert_eq!(query["structuredQuery"]["from"], json!([{ "collectionId": collection }]));
        assert_eq!(query["structuredQuery"]["limit"], json!(300));
    }
}

fn record(fields: &[(&str, Value)], ms: u64) -> Record {
    let stamp = |i: usize| Stamp::new(ms + i as u64, 0, 7);
    let fields = fields.iter().enumerate();
    Record {
        fields: fields
            .map(|(i, (name, value))| {
                ((*name).to_owned(), Register { value: value.clone(), stamp: stamp(i) })
            })
            .collect(),
        ..Record::default()
    }
}

fn commit(writes: Vec<RecordWrite>) -> Commit {
    Commit {
        head: head(),
        head_precondition: Precondition::UpdateTime("2026-11-23T06:30:00.123456Z".to_owned()),
        device: "d0device".to_owned(),
        writes,
        bumps: vec![Bump { chat: "cabcd".parse().unwrap(), active_ms: 1234 }],
    }
}

#[test]
fn a_commit_is_head_then_records_then_bumps() {
    let ms = 1_700_000_000_000;
    let write = RecordWrite {
        key: message(),
        record: record(&[("body", json!("hi")), ("n", json!(1))], ms),
        precondition: Precondition::Missing,
        active_ms: Some(5), // only chats have it
    };
    let (path, body) = call(&Request::Commit(commit(vec![write])));
    assert_eq!(path, format!("/{DOCS}:commit"));
    let (first, second) = (Stamp::new(ms, 0, 7).to_string(), Stamp::new(ms + 1, 0, 7).to_string());
    assert_eq!(
        body,
        json!({ "writes": [
        {
            "update": { "name": head_name(), "fields": {
                "seq": { "integerValue": "7" },
                "c": { "stringValue": "abcdef" },
                "epoch": { "stringValue": "epochepochepoch2" },
                "gen": { "integerValue": "1" },
                "schema": { "integerValue": "1" },
                "closed": { "booleanValue": false },
                "cs": { "integerValue": "3" },
                "log": { "stringValue": "abcdefzzzzzz" },
            } },
            "updateTransforms": [{ "fieldPath": "at", "setToServerValue": "REQUEST_TIME" }],
            "currentDocument": { "updateTime": "2026-11-23T06:30:00.123456Z" },
        },
        {
            "update": { "name": format!("{}/chats/cabcd/messages/mefgh", head_name()), "fields": {
                "v": { "integerValue": "1" },
                "seq": { "integerValue": "7" },
                "c": { "stringValue": "abcdef" },
                "h": { "stringValue": second },
                "ms": { "integerValue": "1700000000001" },
                "dev": { "stringValue": "d0device" },
                "f": { "mapValue": { "fields": { "body": { "stringValue": "hi" }, "n": { "integerValue": "1" } } } },
                "t": { "mapValue": { "fields": { "body": { "stringValue": first }, "n": { "stringValue": second } } } },
            } },
            "currentDocument": { "exists": false },
        },
        {
            "update": { "name": format!("{}/chats/cabcd", head_name()), "fields": {
                "seq": { "integerValue": "7" },
                "c": { "stringValue": "abcdef" },
                "at": { "integerValue": "1234" },
            } },
            "updateMask": { "fieldPaths": ["seq", "c", "at"] },
        },
    ] })
    );
}

#[test]
fn a_tombstone_shows_its_mirror_and_a_chat_its_activity() {
    let write = RecordWrite {
        key: chat(),
        record: record(&[("del", json!(true)), ("title", json!(null))], 5),
        precondition: Precondition::UpdateTime("t".to_owned()),
        active_ms: Some(99),
    };
    let (_, body) = call(&Request::Commit(commit(vec![write.clone()])));
    let fields = &body["writes"][1]["update"]["fields"];
    assert_eq!(
        (&fields["del"], &fields["at"]),
        (&json!({ "booleanValue": true }), &json!({ "integerValue": "99" }))
    );
    assert_eq!(fields["f"]["mapValue"]["fields"]["title"], json!({ "nullValue": null }));
    let without = RecordWrite { active_ms: None, record: record(&[("title", json!("x"))], 5), ..write };
    let (_, body) = call(&Request::Commit(commit(vec![without])));
    let fields = &body["writes"][1]["update"]["fields"];
    assert_eq!((fields.get("del"), fields.get("at")), (None, None));
}

#[test]
fn what_can_never_pass_is_refused_before_it_is_sent() {
    let write = |value: Value| RecordWrite {
        key: Key::Settings,
        record: record(&[("theme", value)], 5),
        precondition: Precondition::Missing,
        active_ms: None,
    };
    let refused = |write: RecordWrite| match wire().encode(&Request::Commit(commit(vec![write]))) {
        Err(TransportError::Rejected(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(write(json!([[1]]))), "Firestore cannot hold a list directly in a list");
    let empty = RecordWrite { record: Record::default(), ..write(json!(1)) };
    assert_eq!(refused(empty), "the record has no fields");
    assert!(refused(write(json!("x".repeat(MAX_BODY)))).ends_with("bytes are too many for one request"));
}
