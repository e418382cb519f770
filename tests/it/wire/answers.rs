use muse_chat::firestore::Answer;
use muse_chat::sync::{
    Bump, Commit, Document, FeedId, Key, Position, Precondition, Record, RecordWrite, Register, Request,
    Response, Stamp, TransportError,
};
use serde_json::{Value, json};

use super::{head, head_name, wire};

const READ: &str = "2026-11-23T06:30:00.123456Z";
const READ_MS: u64 = 1_795_415_400_123;

fn decode(request: &Request, body: &Value) -> Result<Response, TransportError> {
    // pretty-printed, as the emulator does
    let body = serde_json::to_string_pretty(body).unwrap();
    wire().decode(request, &Answer { status: 200, body })
}

fn head_document() -> Value {
    json!({
        "name": head_name(),
        "fields": {
            "seq": { "integerValue": "7" },
            "c": { "stringValue": "abcdef" },
            "epoch": { "stringValue": "epochepochepoch2" },
            "gen": { "integerValue": "1" },
            "schema": { "integerValue": "1" },
            "closed": { "booleanValue": false },
            "cs": { "integerValue": "3" },
            "log": { "stringValue": "abcdefzzzzzz" },
            "at": { "timestampValue": "2026-11-23T06:29:59Z" },
        },
        "createTime": "2026-11-23T06:00:00Z",
        "updateTime": "2026-11-23T06:29:59.5Z",
    })
}

#[test]
fn the_head_is_found_or_missing() {
    let found = json!([{ "found": head_document(), "readTime": READ }]);
    let expected =
        Response::Head { head: Some((head(), "2026-11-23T06:29:59.5Z".to_owned())), read_ms: READ_MS };
    assert_eq!(decode(&Request::Head, &found), Ok(expected));
    let missing = json!([{ "missing": head_name(), "readTime": "2026-11-23T06:30:00Z" }]);
    let expected = Response::Head { head: None, read_ms: 1_795_415_400_000 };
    assert_eq!(decode(&Request::Head, &missing), Ok(expected));
}

#[test]
fn a_damaged_head_is_named_and_another_answer_is_garbage() {
    for field in ["seq", "c", "epoch", "gen", "schema", "closed", "cs", "log"] {
        for value in [Value::Null, json!({ "doubleValue": 1.5 }), json!({ "integerValue": "-1" })] {
            let mut document = head_document();
            document["fields"][field] = value;
            let Err(TransportError::Rejected(why)) =
                decode(&Request::Head, &json!([{ "found": document, "readTime": READ }]))
            else {
                panic!("{field}");
            };
            assert!(why.contains(&format!("field {field} ")), "{why}");
        }
    }
    for body in [
        json!([]),
        json!({}),
        json!([{ "readTime": READ }]),
        json!([{ "missing": "other", "readTime": READ }]),
    ] {
        assert!(matches!(decode(&Request::Head, &body), Err(TransportError::Garbage(_))), "{body}");
    }
    let timeless = json!([{ "missing": head_name() }]);
    assert!(matches!(decode(&Request::Head, &timeless), Err(TransportError::Garbage(_))));
}

fn stamp() -> Stamp {
    Stamp::new(1_700_000_000_000, 3, 7)
}

fn record_document(path: &str) -> Value {
    json!({
        "name": format!("{}/{path}", head_name()),
        "fields": {
            "v": { "integerValue": "1" },
            "seq": { "integerValue": "5" },
            "c": { "stringValue": "zzzzzz" },
            "h": { "stringValue": stamp().to_string() },
            "ms": { "integerValue": "1700000000000" },
            "dev": { "stringValue": "d0device" },
            "f": { "mapValue": { "fields": { "name": { "stringValue": "Ada" } } } },
            "t": { "mapValue": { "fields": { "name": { "stringValue": stamp().to_string() } } } },
        },
        "createTime": READ,
        "updateTime": READ,
    })
}

fn expected(key: Key) -> Document {
    let register = Register { value: json!("Ada"), stamp: stamp() };
    Document {
        key,
        update_time: READ.to_owned(),
        seq: 5,
        commit: "zzzzzz".to_owned(),
        device: Some("d0device".to_owned()),
        active_ms: None,
        record: Some(Record { v: 1, fields: [("name".to_owned(), register)].into() }),
    }
}

fn chat() -> Key {
    Key::Chat("cabcd".parse().unwrap())
}

#[test]
fn documents_are_found_or_missing() {
    let mut chat_document = record_document("chats/cabcd");
    chat_document["fields"]["at"] = json!({ "integerValue": "99" });
    let body = json!([
        { "missing": format!("{}/config/settings", head_name()), "readTime": "2026-11-23T06:29:00Z" },
        { "found": chat_document, "readTime": "2026-11-23T06:29:00Z" },
        { "found": record_document("config/profile"), "readTime": READ },
    ]);
    let chat_read = Document { active_ms: Some(99), ..expected(chat()) };
    assert_eq!(
        decode(&Request::Get(vec![Key::Settings, chat(), Key::Profile]), &body),
        Ok(Response::Documents {
            found: vec![chat_read, expected(Key::Profile)],
            missing: vec![Key::Settings],
            read_ms: READ_MS
        })
    );
}

fn page_of(documents: &[Value]) -> (Vec<Document>, u32, Option<Position>) {
    let mut elements: Vec<Value> =
        documents.iter().map(|d| json!({ "document": d, "readTime": READ })).collect();
    elements.push(json!({ "readTime": READ, "done": true }));
    let page = Request::Page { feed: FeedId::Chats, after: Position::default(), limit: 300 };
    match decode(&page, &Value::Array(elements)) {
        Ok(Response::Page { documents, received, last, read_ms: READ_MS }) => (documents, received, last),
        other => panic!("{other:?}"),
    }
}

#[test]
fn pages_may_be_empty_and_may_have_elements_without_document() {
    assert_eq!(page_of(&[]), (vec![], 0, None));
    let (documents, received, last) = page_of(&[record_document("chats/cabcd")]);
    assert_eq!((documents, received), (vec![expected(chat())], 1));
    assert_eq!(last, Some(Position { seq: 5, name: Some("cabcd".to_owned()) }));
}

#[test]
fn a_stub_is_a_chat_without_a_record() {
    let mut stub = record_document("chats/cabcd");
    stub["fields"] = json!({ "seq": { "integerValue": "5" }, "c": { "stringValue": "zzzzzz" }, "at": { "integerValue": "9" } });
    let (documents, _, _) = page_of(&[stub.clone()]);
    assert_eq!(documents, [Document { active_ms: Some(9), device: None, record: None, ..expected(chat()) }]);
    stub["name"] = json!(format!("{}/config/settings", head_name()));
    assert_eq!(page_of(&[stub]).0, []);
}

/// One such document must not stop the pull: it is counted and passed over.
#[test]
fn what_cannot_be_understood_is_skipped_but_counted() {
    let good = record_document("chats/cabcd");
    let broken = |pointer: &str, value: Value| {
        let mut document = good.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        document
    };
    let mut without_f = good.clone();
    without_f["fields"].as_object_mut().unwrap().remove("f");
    let mut sealed = without_f.clone();
    sealed["fields"].as_object_mut().unwrap().remove("t");
    sealed["fields"]["e"] = json!({ "stringValue": "AAAA" });
    let bad = [
        without_f,
        sealed,
        broken("/fields/v", json!({ "stringValue": "1" })),
        broken("/fields/c", json!({ "nullValue": null })),
        broken("/fields/f", json!({ "stringValue": "x" })),
        broken("/fields/f", json!({ "mapValue": {} })),
        broken(
            "/fields/t",
            json!({ "mapValue": { "fields": { "other": { "stringValue": stamp().to_string() } } } }),
        ),
        broken(
            "/fields/t",
            json!({ "mapValue": { "fields": { "name": { "stringValue": "not a stamp" } } } }),
        ),
        broken("/fields/f/mapValue/fields/name", json!({ "stringValue": "x", "nullValue": null })),
        broken("/name", json!(format!("{}/chats/My chat", head_name()))),
        broken("/name", json!(format!("{}/other/cabcd", head_name()))),
        broken("/updateTime", json!(null)),
    ];
    for document in &bad {
        let (documents, received, last) = page_of(&[good.clone(), document.clone()]);
        assert_eq!((documents, received), (vec![expected(chat())], 2), "{document}");
        let (_, name) = document["name"].as_str().unwrap().rsplit_once('/').unwrap();
        assert_eq!(last, Some(Position { seq: 5, name: Some(name.to_owned()) }), "{document}");
    }
    let fraction = broken("/fields/seq", json!({ "doubleValue": 7.9 }));
    assert_eq!(page_of(&[fraction]).2.map(|last| last.seq), Some(7));
    let numberless = broken("/fields/seq", json!({ "doubleValue": "Infinity" }));
    assert_eq!(page_of(&[good.clone(), numberless]).2.map(|last| last.seq), Some(5));
    let get = json!([{ "found": bad[0], "readTime": READ }]);
    let neither = Response::Documents { found: vec![], missing: vec![], read_ms: READ_MS };
    assert_eq!(decode(&Request::Get(vec![chat()]), &get), Ok(neither));
}

#[test]
fn the_newest_number_of_a_feed() {
    let ask = Request::Newest(FeedId::Chats);
    let some = json!([{ "document": {
        "name": format!("{}/chats/cabcd", head_name()), "fields": { "seq": { "integerValue": "12" } },
    }, "readTime": READ }]);
    assert_eq!(decode(&ask, &some), Ok(Response::Newest { seq: Some(12), read_ms: READ_MS }));
    let none = json!([{ "readTime": READ, "done": true }]);
    assert_eq!(decode(&ask, &none), Ok(Response::Newest { seq: None, read_ms: READ_MS }));
}

#[test]
fn a_count_is_a_number_or_no_answer() {
    let ask = Request::Count { feed: FeedId::Chats, after: 7 };
    let fields = json!({ "n": { "integerValue": "12" } });
    let some = json!([{ "result": { "aggregateFields": fields }, "readTime": READ }]);
    assert_eq!(decode(&ask, &some), Ok(Response::Count { count: 12, read_ms: READ_MS }));
    for wrong in [json!([{ "readTime": READ }]), json!([{ "result": {}, "readTime": READ }])] {
        assert!(matches!(decode(&ask, &wrong), Err(TransportError::Garbage(_))), "{wrong}");
    }
}

fn commit() -> Request {
    Request::Commit(Commit {
        head: head(),
        head_precondition: Precondition::Missing,
        device: String::new(),
        writes: vec![RecordWrite {
            key: Key::Settings,
            record: Record::default(),
            precondition: Precondition::Missing,
            active_ms: None,
        }],
        bumps: vec![Bump { chat: "cabcd".parse().unwrap(), active_ms: 1 }],
    })
}

#[test]
fn a_commit_tells_the_new_times_in_the_order_of_its_writes() {
    let transform = json!([{ "timestampValue": "2026-11-23T06:30:00.100Z" }]);
    let body = json!({
        "writeResults": [{ "updateTime": "h", "transformResults": transform }, { "updateTime": "w" }, { "updateTime": "b" }],
        "commitTime": READ,
    });
    let expected = Response::Committed {
        head: "h".to_owned(),
        writes: vec!["w".to_owned()],
        bumps: vec!["b".to_owned()],
        commit_ms: READ_MS,
    };
    assert_eq!(decode(&commit(), &body), Ok(expected));
    for wrong in [
        json!({}),
        json!([]),
        json!({ "writeResults": [{ "updateTime": "h" }], "commitTime": READ }),
        json!({ "writeResults": [{ "updateTime": "h" }, {}, { "updateTime": "b" }], "commitTime": READ }),
        json!({ "writeResults": [{ "updateTime": "h" }, { "updateTime": "w" }, { "updateTime": "b" }] }),
    ] {
        assert!(matches!(decode(&commit(), &wrong), Err(TransportError::Garbage(_))), "{wrong}");
    }
}
