//! Two devices at once, and a space that is being erased.

use muse_chat::sync::{FeedId, Head, Key, Precondition, Record, Request, Response, TransportError};
use serde_json::{Value, json};

use super::space::Space;

fn lost(result: Result<(), TransportError>) -> bool {
    matches!(result, Err(TransportError::Denied | TransportError::Conflict))
}

#[test]
#[ignore = "needs the emulator"]
fn of_two_commits_on_one_head_only_one_passes() {
    let mut space = Space::new();
    let (first, second) = (space.commit(vec![]), space.commit(vec![]));
    space.push(first).unwrap();
    assert!(lost(space.push(second)), "two first commits");
    for key in [
        Key::Settings,
        Key::Chat("cabcd".parse().unwrap()),
        Key::Message("cabcd".parse().unwrap(), "mabcd".parse().unwrap()),
    ] {
        let (a, b) = (space.sample(&key), space.sample(&key));
        let first = space.commit(vec![(key.clone(), a)]);
        let second = space.commit(vec![(key.clone(), b)]);
        space.push(first).unwrap();
        assert!(lost(space.push(second)), "{key:?}");
    }
}

/// The head is right, and one record's precondition is not.
#[test]
#[ignore = "needs the emulator"]
fn a_record_that_moved_on_is_a_conflict() {
    let mut space = Space::new();
    space.write(&Key::Settings);
    let record = space.sample(&Key::Settings);
    let good = space.commit(vec![(Key::Settings, record)]);
    for wrong in [Precondition::Missing, Precondition::UpdateTime("2020-01-01T00:00:00.123456Z".to_owned())] {
        let mut stale = good.clone();
        stale.writes[0].precondition = wrong;
        assert_eq!(space.push(stale), Err(TransportError::Conflict));
    }
    let mut missing = good.clone();
    missing.writes[0].key = Key::Profile;
    assert!(lost(space.push(missing)), "a change of what is not there");
    space.push(good).unwrap();
}

fn delete(space: &Space, path: &str) -> u16 {
    space.host.post(&space.host.deletion(path), None).unwrap().status
}

#[test]
#[ignore = "needs the emulator"]
fn only_an_erased_space_can_be_swept() {
    let mut space = Space::new();
    let (chat, other) = (space.id_of('c'), space.id_of('c'));
    let message = space.id_of('m');
    let dead = [Key::Settings, Key::Chat(chat.clone()), Key::Message(chat, message.clone())];
    let live = Key::Profile;
    let stub = Key::Chat(other.clone());
    for key in dead.iter().chain([&live, &Key::Message(other, message)]) {
        space.write(key);
    }
    let path = |key: &Key| format!("/{}", key.path());
    let tombstones = |space: &mut Space| -> Vec<(Key, Record)> {
        dead.iter()
            .map(|key| (key.clone(), space.record(&[("del", json!(true)), ("body", Value::Null)])))
            .collect()
    };
    let records = tombstones(&mut space);
    let commit = space.commit(records);
    space.push(commit).unwrap();
    for key in dead.iter().chain([&live, &stub]) {
        assert_eq!(delete(&space, &path(key)), 403, "{key:?} before the space is closed");
    }
    assert_eq!(delete(&space, "/config/never"), 200, "what is not there may go");

    let mut close = space.commit(vec![]);
    close.head.closed = true;
    space.push(close).unwrap();
    let record = space.sample(&live);
    let edit = space.commit(vec![(live.clone(), record)]);
    assert_eq!(space.push(edit), Err(TransportError::Denied), "an edit in a closed space");
    let new = space.id_of('c');
    let record = space.sample(&Key::Chat(new.clone()));
    let create = space.commit(vec![(Key::Chat(new), record)]);
    assert_eq!(space.push(create), Err(TransportError::Denied), "a new chat in a closed space");
    let records = tombstones(&mut space);
    let again = space.commit(records);
    assert_eq!(space.push(again), Err(TransportError::Denied), "a tombstone in a closed space");
    let mut open = space.commit(vec![]);
    open.head.closed = false;
    assert_eq!(space.push(open), Err(TransportError::Denied), "closed is for good");

    assert_eq!(delete(&space, ""), 403, "the head");
    for key in dead.iter().chain([&live, &stub]) {
        assert_eq!(delete(&space, &path(key)), 200, "{key:?}");
        assert_eq!(delete(&space, &path(key)), 200, "{key:?} again");
    }
}

/// The console deleted the head: the next one starts past the records that are left.
#[test]
#[ignore = "needs the emulator"]
fn a_head_may_start_past_what_is_left() {
    let mut space = Space::new();
    space.write(&Key::Settings);
    space.write(&Key::Settings);
    assert_eq!(space.host.post(&space.host.deletion(""), Some("owner")).unwrap().status, 200);
    let newest = space.host.send(&Request::Newest(FeedId::Config));
    assert!(matches!(newest, Ok(Response::Newest { seq: Some(2), .. })), "{newest:?}");

    space.head = None;
    let record = space.sample(&Key::Settings);
    let mut commit = space.commit(vec![(Key::Settings, record)]);
    commit.head = Head { seq: 3, config_seq: 3, epoch: "anotherepoch2345".to_owned(), ..commit.head };
    space.push(commit).unwrap();
}
