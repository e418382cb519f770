//! The largest commits the engine makes.

use muse_chat::sync::{Id, Key, Record, Request, Response};
use serde_json::json;

use super::space::Space;

/// `count` messages spread over `chats` chats.
fn records(space: &mut Space, chats: &[Id], count: usize) -> Vec<(Key, Record)> {
    (0..count)
        .map(|i| {
            let key = Key::Message(chats[i % chats.len()].clone(), space.id_of('m'));
            (key.clone(), space.sample(&key))
        })
        .collect()
}

#[test]
#[ignore = "needs the emulator"]
fn fifty_records_in_eight_chats_pass() {
    let mut space = Space::new();
    let chats: Vec<Id> = (0..8).map(|_| space.id_of('c')).collect();
    let first = records(&mut space, &chats, 50);
    let commit = space.commit(first.clone());
    assert_eq!(commit.bumps.len(), 8);
    space.push(commit).unwrap();
    // the same again as updates, then a mixed one with chats and config
    let commit = space.commit(first);
    space.push(commit).unwrap();
    let mut mixed = records(&mut space, &chats, 40);
    for key in chats.iter().cloned().map(Key::Chat).chain([Key::Settings, Key::Profile]) {
        let record = space.sample(&key);
        mixed.push((key, record));
    }
    let commit = space.commit(mixed);
    assert_eq!((commit.writes.len(), commit.bumps.len()), (50, 0));
    space.push(commit).unwrap();
}

#[test]
#[ignore = "needs the emulator"]
fn half_a_megabyte_passes() {
    let mut space = Space::new();
    let chat = space.id_of('c');
    let mut records = records(&mut space, &[chat], 50);
    for (_, record) in &mut records {
        record.fields.get_mut("body").unwrap().value = json!("ä€\u{1F600}\"\\\n\u{0}x ".repeat(640));
    }
    let commit = space.commit(records);
    let bytes = space.host.wire().encode(&Request::Commit(commit.clone())).unwrap().body.len();
    assert!(bytes > 512 * 1024, "{bytes}");
    space.push(commit.clone()).unwrap();
    let keys = commit.writes.iter().map(|write| write.key.clone()).collect();
    let Ok(Response::Documents { found, .. }) = space.host.send(&Request::Get(keys)) else { panic!() };
    let body = |record: &Record| record.text("body").map(str::len);
    assert_eq!(found.len(), 50);
    assert!(
        found
            .iter()
            .all(|document| document.record.as_ref().map(body) == Some(body(&commit.writes[0].record)))
    );
}
