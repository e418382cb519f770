//! Heads and bumps, and how records hang on them.

use muse_chat::sync::{Key, Request, Response};
use serde_json::{Value, json};

use super::change::{add, also, fields, flag, mask, replace, set, text, whole, without};
use super::{Case, Change, Changes, Scene, begun};
use crate::emulator::space::Space;

const FIELDS: &[&str] = &["seq", "c", "epoch", "gen", "schema", "closed", "cs", "log", "extra"];

/// The server's time is missing, or is the device's.
fn at(time: Option<&'static str>) -> Change {
    Box::new(move |write| {
        write.as_object_mut().unwrap().remove("updateTransforms");
        if let Some(time) = time {
            fields(write).insert("at".to_owned(), json!({ "timestampValue": time }));
        }
    })
}

/// The generation is raised, and the number is off by so much.
fn with_generation(off: i64) -> Change {
    Box::new(move |write| {
        add("gen", 1)(write);
        add("seq", off)(write);
    })
}

fn denied_for_all() -> Changes {
    let dropped = FIELDS.iter().filter(|field| **field != "extra").map(|field| (*field, without(field)));
    let mut all: Changes = dropped.collect();
    all.extend([
        ("the device's time", at(Some("2026-11-23T00:00:00Z"))),
        ("no time", at(None)),
        ("seq 0", set("seq", whole(0))),
        ("a commit of 5", set("c", text("abcde"))),
        ("a commit of 7", set("c", text("abcdefg"))),
        ("a commit with 1", set("c", text("abcde1"))),
        ("an epoch of 15", set("epoch", text("epochepochepoch"))),
        ("an epoch of 17", set("epoch", text("epochepochepoch22"))),
        ("schema 0", set("schema", whole(0))),
        ("schema 1001", set("schema", whole(1001))),
        ("half a cs", set("cs", json!({ "doubleValue": 0.5 }))),
        ("cs above seq", set("cs", whole(99))),
        ("a log that begins elsewhere", set("log", text("zzzzzz"))),
        ("an empty log", set("log", text(""))),
        ("a long log", replace("log", "", &"abcdef".repeat(64))),
        ("a log with other letters", replace("log", "", "ABCDEF")),
    ]);
    all
}

#[test]
#[ignore = "needs the emulator"]
fn heads() {
    let big = whole(1_000_000_000_000_000);
    Case {
        name: "head create",
        make: &|| Scene::head_only(Space::new()),
        fields: FIELDS,
        harmless: vec![("closed", flag()), ("seq", big.clone()), ("gen", big)],
        allowed: vec![("a later start", set("seq", whole(12_345))), ("with config", set("cs", whole(1)))],
        denied: denied_for_all(),
    }
    .check();

    let mut denied = denied_for_all();
    denied.extend([
        ("the same number", add("seq", -1)),
        ("a number left out", add("seq", 1)),
        ("the number before", add("seq", -2)),
        ("another epoch", set("epoch", text("epochepochepoch3"))),
        ("two generations", add("gen", 2)),
        ("the same number with a generation", with_generation(-1)),
        ("config changed in the past", set("cs", whole(2))),
    ]);
    denied.push((
        "a log that forgets",
        Box::new(|write| {
            let commit = fields(write)["c"].clone();
            fields(write).insert("log".to_owned(), commit);
        }),
    ));
    Case {
        name: "head update",
        make: &|| {
            let mut space = begun();
            let commit = space.commit(vec![]);
            space.push(commit).unwrap();
            Scene::head_only(space)
        },
        fields: FIELDS,
        harmless: vec![("closed", flag())],
        allowed: vec![
            ("a generation", add("gen", 1)),
            ("numbers left out with a generation", with_generation(70)),
            ("a newer schema", set("schema", whole(2))),
            ("a config change", set("cs", whole(3))),
        ],
        denied,
    }
    .check();
}

/// What was raised once cannot be lowered.
#[test]
#[ignore = "needs the emulator"]
fn generation_schema_and_config_never_go_back() {
    let mut space = begun();
    let mut commit = space.commit(vec![]);
    commit.head.generation = 1;
    commit.head.schema = 2;
    commit.head.config_seq = 2;
    space.push(commit).unwrap();
    let scene = Scene::head_only(space);
    for (field, lower) in [("gen", 0), ("schema", 1), ("cs", 0), ("cs", 1)] {
        assert_eq!(scene.try_with(&set(field, whole(lower))), 403, "{field} {lower}");
    }
    assert!(scene.passes());
}

#[test]
#[ignore = "needs the emulator"]
fn the_log_holds_64_commits_and_goes_on() {
    let mut space = Space::new();
    for _ in 0..70 {
        let commit = space.commit(vec![]);
        space.push(commit).unwrap();
    }
    let Ok(Response::Head { head: Some((head, _)), .. }) = space.host.send(&Request::Head) else { panic!() };
    assert_eq!((head.seq, head.log.len()), (70, 64 * 6));
    assert_eq!(Some(head), space.head.map(|(head, _)| head));
}

/// A message whose chat is bumped; the chat may be there already.
fn bump(chat_first: bool) -> Scene {
    let mut space = begun();
    let (chat, message) = (space.id_of('c'), space.id_of('m'));
    if chat_first {
        space.write(&Key::Chat(chat.clone()));
    }
    let mut scene = Scene::new(space, &Key::Message(chat, message));
    scene.index = 2;
    scene
}

#[test]
#[ignore = "needs the emulator"]
fn bumps() {
    for chat_first in [false, true] {
        let mut denied = vec![
            ("no number", mask(&["seq", "at"])),
            ("no commit", mask(&["c", "at"])),
            ("also something unknown", also("extra", whole(1))),
            ("also the mirror of a tombstone", also("del", flag())),
            ("also a value", also("f", json!({ "mapValue": { "fields": { "title": text("x") } } }))),
            ("the number before", add("seq", -1)),
            ("the number after", add("seq", 1)),
            ("another commit", set("c", text("zzzzzz"))),
        ];
        if chat_first {
            // named and not given is cleared
            denied.push(("clears v", mask(&["seq", "c", "at", "v"])));
            denied.push(("clears the values", mask(&["seq", "c", "at", "f", "t"])));
        } else {
            // on a chat, these make it an edit like any other
            denied.push(("also v", also("v", whole(2))));
            denied.push(("also dev", also("dev", text("other"))));
        }
        Case {
            name: if chat_first { "bump of a chat" } else { "bump that makes a stub" },
            make: &|| bump(chat_first),
            fields: &["seq", "c", "at"],
            harmless: vec![("at", whole(1_000_000_000_000_000))],
            allowed: vec![("no activity", mask(&["seq", "c"]))],
            denied,
        }
        .check();
    }
}

/// Records are seen by others only when the head tells of them.
#[test]
#[ignore = "needs the emulator"]
fn a_record_needs_a_head_that_moves_in_the_same_commit() {
    let mut space = begun();
    let (chat, message) = (space.id_of('c'), space.id_of('m'));
    for key in [Key::Settings, Key::Profile, Key::Chat(chat.clone()), Key::Message(chat, message)] {
        let scene = Scene::new(begun(), &key);
        let body: Value = serde_json::from_str(&scene.call.body).unwrap();
        let mut without_head = body.clone();
        without_head["writes"].as_array_mut().unwrap().remove(0);
        assert_eq!(scene.send(&without_head), 403, "{key:?}: without the head");
        // the head's present number does not help either: somebody may have read past it
        let head = &scene.space.head.as_ref().unwrap().0;
        for write in without_head["writes"].as_array_mut().unwrap() {
            set("seq", whole(1))(write);
            set("c", text(&head.commit))(write);
        }
        assert_eq!(scene.send(&without_head), 403, "{key:?}: at the head's number");
        let mut silent = body.clone();
        if let Key::Message(..) = key {
            silent["writes"].as_array_mut().unwrap().remove(2);
            assert_eq!(scene.send(&silent), 403, "a message whose chat does not move");
        } else if let Key::Settings | Key::Profile = key {
            silent["writes"][0]["update"]["fields"]["cs"] = whole(0);
            assert_eq!(scene.send(&silent), 403, "{key:?}: config that the head does not tell of");
        }
        assert!(scene.passes(), "{key:?}: the unchanged commit");
        assert_ne!(scene.send(&body), 200, "{key:?}: the same commit again");
    }
}
