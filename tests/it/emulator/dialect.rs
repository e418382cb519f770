//! Every request of the engine, answered by a real server.

use std::collections::BTreeMap;

use muse_chat::firestore::Probe;
use muse_chat::sync::{Bump, FeedId, Key, Position, Request, Response, TransportError};
use serde_json::{Value, json};

use super::space::Space;
use crate::wire::values::random_value;

#[test]
#[ignore = "needs the emulator"]
fn a_commit_comes_back_as_it_was_sent() {
    let mut space = Space::new();
    let chat = space.id_of('c');
    let keys = [Key::Settings, Key::Chat(chat.clone()), Key::Message(chat.clone(), space.id_of('m'))];
    let records: Vec<_> = keys.iter().map(|key| (key.clone(), space.sample(key))).collect();
    let commit = space.commit(records.clone());
    let (head, active_ms) = (commit.head.clone(), commit.writes[1].active_ms);
    space.push(commit).unwrap();

    let Ok(Response::Head { head: Some((read, time)), read_ms }) = space.host.send(&Request::Head) else {
        panic!()
    };
    assert_eq!((&read, &time), (&head, &space.head.as_ref().unwrap().1));
    assert!(read_ms > 1_700_000_000_000);

    let wanted = keys.iter().cloned().chain([Key::Profile]).collect();
    let Ok(Response::Documents { found, missing, .. }) = space.host.send(&Request::Get(wanted)) else {
        panic!()
    };
    assert_eq!(missing, [Key::Profile]);
    assert_eq!(found.len(), 3);
    for document in found {
        let (_, record) = records.iter().find(|(key, _)| *key == document.key).unwrap();
        assert_eq!(document.record.as_ref(), Some(record));
        assert_eq!((document.seq, &document.commit), (1, &head.commit));
        assert_eq!(Some(&document.update_time), space.times.get(&document.key));
        assert_eq!(document.active_ms, if matches!(document.key, Key::Chat(_)) { active_ms } else { None });
    }
}

#[test]
#[ignore = "needs the emulator"]
fn a_bump_makes_a_stub_and_leaves_a_chat_alone() {
    let mut space = Space::new();
    let (known, unknown) = (space.id_of('c'), space.id_of('c'));
    space.write(&Key::Chat(known.clone()));
    let mut commit = space.commit(vec![]);
    commit.bumps = [&known, &unknown].map(|chat| Bump { chat: chat.clone(), active_ms: 77 }).into();
    let id = commit.head.commit.clone();
    space.push(commit).unwrap();
    let keys = vec![Key::Chat(known.clone()), Key::Chat(unknown)];
    let Ok(Response::Documents { found, .. }) = space.host.send(&Request::Get(keys)) else { panic!() };
    assert_eq!(found.len(), 2);
    for document in found {
        assert_eq!((document.seq, document.active_ms, &document.commit), (2, Some(77), &id));
        assert_eq!(document.record.is_some(), document.key == Key::Chat(known.clone()));
        assert_eq!(Some(&document.update_time), space.times.get(&document.key));
    }
}

/// Reads a feed to its end; every document once, in order, whatever the page size.
fn read_all(space: &Space, feed: &FeedId, mut after: Position, limit: u32) -> Vec<(u64, String)> {
    let mut all = Vec::new();
    loop {
        let request = Request::Page { feed: feed.clone(), after: after.clone(), limit };
        let Ok(Response::Page { documents, received, last, .. }) = space.host.send(&request) else {
            panic!("{request:?}");
        };
        assert_eq!(documents.len(), received as usize);
        all.extend(documents.iter().map(|document| (document.seq, document.key.path())));
        if received < limit {
            return all;
        }
        after = last.unwrap();
    }
}

#[test]
#[ignore = "needs the emulator"]
fn pages_have_every_document_once_and_in_order() {
    let mut space = Space::new();
    let chat = space.id_of('c');
    for size in [1, 7, 5, 1, 9] {
        let keys: Vec<Key> = (0..size).map(|_| Key::Message(chat.clone(), space.id_of('m'))).collect();
        let records = keys.iter().map(|key| (key.clone(), space.sample(key))).collect();
        let commit = space.commit(records);
        space.push(commit).unwrap();
    }
    let feed = FeedId::Messages(chat);
    let whole = read_all(&space, &feed, Position::default(), 300);
    assert_eq!(whole.len(), 23);
    assert!(whole.is_sorted());
    for limit in 1..=24 {
        assert_eq!(read_all(&space, &feed, Position::default(), limit), whole, "limit {limit}");
    }
    for (skip, (seq, path)) in whole.iter().enumerate() {
        let name = path.rsplit_once('/').map(|(_, name)| name.to_owned());
        let rest = read_all(&space, &feed, Position { seq: *seq, name }, 4);
        assert_eq!(rest, whole[skip + 1..], "after {path}");
        let later: Vec<_> = whole.iter().filter(|(other, _)| other > seq).cloned().collect();
        assert_eq!(read_all(&space, &feed, Position { seq: *seq, name: None }, 300), later, "after {seq}");
    }
    let count = |after| match space.host.send(&Request::Count { feed: feed.clone(), after }) {
        Ok(Response::Count { count, .. }) => count,
        other => panic!("{other:?}"),
    };
    let more_than_two = whole.iter().filter(|(seq, _)| *seq > 2).count() as u64;
    assert_eq!((count(0), count(2), count(5)), (whole.len() as u64, more_than_two, 0));
    let newest = |feed| match space.host.send(&Request::Newest(feed)) {
        Ok(Response::Newest { seq, .. }) => seq,
        other => panic!("{other:?}"),
    };
    assert_eq!((newest(feed), newest(FeedId::Chats), newest(FeedId::Config)), (Some(5), Some(5), None));
    let empty = Request::Page { feed: FeedId::Config, after: Position::default(), limit: 5 };
    let answer = space.host.send(&empty);
    assert!(matches!(answer, Ok(Response::Page { received: 0, last: None, .. })), "{answer:?}");
}

/// Documents that somebody made in the console: one with a foreign name, one without stamps, one
/// whose number is a text. They are passed over, and the page goes on behind them.
#[test]
#[ignore = "needs the emulator"]
fn foreign_documents_do_not_stop_a_page() {
    let mut space = Space::new();
    let chat = space.id_of('c');
    space.write(&Key::Chat(chat.clone()));
    space.write(&Key::Chat(chat.clone()));
    let next = Request::Commit(space.commit(vec![]));
    let mut call = space.host.wire().encode(&next).unwrap();
    let head = serde_json::from_str::<Value>(&call.body).unwrap()["writes"][0]["update"]["name"].clone();
    let seq = |value: Value, id: &str| {
        let fields = json!({ "seq": value, "c": { "stringValue": "zzzzzz" }, "f": { "mapValue": {} } });
        json!({ "update": { "name": format!("{}/chats/{id}", head.as_str().unwrap()), "fields": fields } })
    };
    let one = json!({ "integerValue": "1" });
    let text = json!({ "stringValue": "9" });
    call.body =
        json!({ "writes": [seq(one.clone(), "My chat"), seq(one, "abcd"), seq(text, "efgh")] }).to_string();
    assert_eq!(space.host.post(&call, Some("owner")).unwrap().status, 200);

    let mut after = Position::default();
    let mut seen = Vec::new();
    for _ in 0..4 {
        let page = Request::Page { feed: FeedId::Chats, after: after.clone(), limit: 1 };
        let Ok(Response::Page { documents, received, last, .. }) = space.host.send(&page) else { panic!() };
        seen.push((documents.len(), received));
        after = last.unwrap_or(after);
    }
    assert_eq!(seen, [(0, 1), (0, 1), (1, 1), (0, 0)]);
    let newest = space.host.send(&Request::Newest(FeedId::Chats));
    assert!(matches!(newest, Ok(Response::Newest { seq: Some(2), .. })), "{newest:?}");
    let get = Request::Get(vec![Key::Chat("abcd".parse().unwrap())]);
    let answer = space.host.send(&get);
    assert!(
        matches!(&answer, Ok(Response::Documents { found, missing, .. }) if found.is_empty() && missing.is_empty()),
        "{answer:?}"
    );
}

#[test]
#[ignore = "needs the emulator"]
fn random_values_survive_the_server() {
    let mut space = Space::new();
    let mut rng = fastrand::Rng::with_seed(42);
    let chat = space.id_of('c');
    let mut sent = BTreeMap::new();
    for _ in 0..10 {
        let records: Vec<_> = (0..40)
            .map(|_| {
                let fields: Vec<(String, Value)> =
                    (0..rng.u8(1..6)).map(|i| (format!("k{i}"), random_value(&mut rng, 4))).collect();
                let fields: Vec<(&str, Value)> =
                    fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
                (Key::Message(chat.clone(), space.id_of('m')), space.record(&fields))
            })
            .collect();
        sent.extend(records.iter().cloned());
        let commit = space.commit(records);
        space.push(commit).unwrap();
    }
    let Ok(Response::Documents { found, missing, .. }) =
        space.host.send(&Request::Get(sent.keys().cloned().collect()))
    else {
        panic!();
    };
    assert_eq!((found.len(), missing.len()), (400, 0));
    for document in found {
        assert_eq!(document.record.as_ref(), sent.get(&document.key));
    }
}

/// What the codec refuses is what the server refuses.
#[test]
#[ignore = "needs the emulator"]
fn the_deepest_value_passes() {
    let nested = |depth: usize| {
        (0..depth).fold(json!(1), |inner, i| if i % 2 == 0 { json!({ "m": inner }) } else { json!([inner]) })
    };
    let maps = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!({ "m": inner }));
    for (value, fits) in [(nested(19), true), (maps(19), true), (nested(20), false), (maps(20), false)] {
        let mut space = Space::new();
        let record = space.record(&[("theme", value)]);
        let commit = space.commit(vec![(Key::Settings, record)]);
        let result = space.push(commit);
        assert_eq!(result.is_ok(), fits, "{result:?}");
    }
}

#[test]
#[ignore = "needs the emulator"]
fn both_smoke_tests_work() {
    let mut space = Space::new();
    let run = |mut probe: Probe<'_>| {
        while let Some(call) = probe.call() {
            let answer = space.host.post(&call, None);
            probe.handle(answer.map_err(|error| TransportError::Unreachable(error.to_string())));
        }
        probe.outcome().cloned().unwrap()
    };
    let wire = space.host.wire();
    assert_eq!(
        run(Probe::save(wire, "abcd2345", 1_700_000_000_000)).unwrap(),
        "A test document was written, read back and removed."
    );
    assert_eq!(run(Probe::load(wire)).unwrap(), "The space is still empty; no settings are saved there yet.");
    let refused = run(Probe::save(wire, "NOT AN ID", 1)).unwrap_err();
    assert!(refused.starts_with("Writing a test document failed: Firestore refuses access"), "{refused}");
    let host = space.host.clone();
    space.write(&Key::Settings);
    let mut probe = Probe::load(host.wire());
    while let Some(call) = probe.call() {
        probe.handle(Ok(host.post(&call, None).unwrap()));
    }
    assert_eq!(probe.outcome(), Some(&Ok("The space is at commit 1; its settings can be read.".to_owned())));
}
