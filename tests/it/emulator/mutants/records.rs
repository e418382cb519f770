//! Settings, profile, chats and messages, made anew and changed.

use muse_chat::sync::Key;
use serde_json::json;

use super::change::{
    add, both, extra, flag, inside, many, rename, replace, sealed, set, text, tombstone, whole, without,
};
use super::{Case, Changes, Scene, begun};

const FIELDS: &[&str] = &["v", "seq", "c", "h", "ms", "dev", "del", "f", "t", "e", "at", "extra"];
/// A stamp of 1970.
const OLD: &str = "0000000000001-00000007";

/// What is allowed and denied for one kind of record on top of what goes for all.
#[derive(Default)]
struct Own {
    allowed: Changes,
    denied: Changes,
}

impl Own {
    fn allow(mut self, what: &'static str, change: super::Change) -> Self {
        self.allowed.push((what, change));
        self
    }

    fn deny(mut self, what: &'static str, change: super::Change) -> Self {
        self.denied.push((what, change));
        self
    }

    /// What only changes of an existing record can do wrong.
    fn of_updates(self) -> Self {
        self.allow("a higher schema", set("v", whole(3)))
            .deny("an older stamp", set("h", text(OLD)))
            .deny("a lower schema", set("v", whole(1)))
    }

    /// What only chats have.
    fn of_chats(self) -> Self {
        self.allow("no activity", without("at"))
            .allow("another activity", set("at", whole(1_000_000_000_000_000)))
    }

    fn check(mut self, name: &str, make: &dyn Fn() -> Scene) {
        let is_chat = name.starts_with("chat");
        let mut harmless = vec![
            ("dev", text("")),
            ("dev", text("foreign")),
            ("v", whole(1000)),
            ("del", json!({ "booleanValue": false })),
        ];
        if is_chat {
            harmless.push(("at", whole(1_000_000_000_000_000)));
        }
        self.denied.extend(denied_for_all());
        self.allowed.extend(allowed_for_all());
        if name != "message update" {
            // there, a record with other fields has another body
            self.allowed.push(("40 fields", many(40)));
        }
        Case { name, make, fields: FIELDS, harmless, allowed: self.allowed, denied: self.denied }.check();
    }
}

fn allowed_for_all() -> Changes {
    vec![
        ("a clock slightly ahead", add("ms", 200_000)),
        ("a tombstone", tombstone()),
        ("not a tombstone any more", extra("del", Some(json!({ "booleanValue": false })), true)),
        ("an encrypted record", sealed(900_000, &["f", "t"])),
        ("a device id of 32 characters", set("dev", text(&"x".repeat(32)))),
    ]
}

fn denied_for_all() -> Changes {
    let mut all: Changes =
        ["v", "seq", "c", "h", "ms", "dev", "f", "t"].map(|field| (field, without(field))).into();
    all.extend([
        ("v 0", set("v", whole(0))),
        ("v 1001", set("v", whole(1001))),
        ("the number before", add("seq", -1)),
        ("the number after", add("seq", 1)),
        ("another commit's id", set("c", text("zzzzzz"))),
        ("a clock ten minutes ahead", add("ms", 600_000)),
        ("a stamp in upper case", set("h", text("0RKXT2G4W0001-00000007"))),
        ("a stamp with a letter too many", replace("h", "", "0")),
        ("a stamp without dash", replace("h", "-", "0")),
        ("a stamp with an i", replace("h", "0", "i")),
        ("a device id of 33 characters", set("dev", text(&"x".repeat(33)))),
        ("a tombstone only in the mirror", set("del", flag())),
        ("a tombstone without its mirror", extra("del", Some(flag()), true)),
        ("no fields", many(0)),
        ("41 fields", many(41)),
        ("a stamp without a value", extra("other", None, true)),
        ("a value without a stamp", extra("other", Some(text("x")), false)),
        ("encrypted with values", sealed(1, &["t"])),
        ("encrypted with stamps", sealed(1, &["f"])),
        ("encrypted with both", sealed(1, &[])),
        ("encrypted with an odd mirror", both(sealed(1, &["f", "t"]), set("del", text("x")))),
        ("encrypted and too long", sealed(950_001, &["f", "t"])),
    ]);
    all
}

#[test]
#[ignore = "needs the emulator"]
fn settings_and_profile() {
    for (name, key) in [("settings", Key::Settings), ("profile", Key::Profile)] {
        Own::default()
            .deny("a third config", rename("/config/", "/config/other"))
            .check(&format!("{name} create"), &|| Scene::new(begun(), &key));
        Own::default().of_updates().check(&format!("{name} update"), &|| Scene::update(begun(), &key));
    }
}

#[test]
#[ignore = "needs the emulator"]
fn chats() {
    Own::default()
        .of_chats()
        .allow("an id of 4", rename("/chats/", "/chats/abcd"))
        .deny("an id of 3", rename("/chats/", "/chats/abc"))
        .deny("an id of 41", rename("/chats/", "/chats/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
        .deny("an id in upper case", rename("/chats/", "/chats/Abcde"))
        .deny("an id with a dash", rename("/chats/", "/chats/a-bcd"))
        .deny("another collection", rename("/chats/", "/other/abcd"))
        .check("chat create", &|| {
            let mut space = begun();
            let chat = space.id_of('c');
            Scene::new(space, &Key::Chat(chat))
        });
    Own::default().of_chats().of_updates().check("chat update", &|| {
        let mut space = begun();
        let chat = space.id_of('c');
        Scene::update(space, &Key::Chat(chat))
    });
    Own::default().of_chats().check("chat over a stub", &|| {
        let mut space = begun();
        let (chat, message) = (space.id_of('c'), space.id_of('m'));
        space.write(&Key::Message(chat.clone(), message));
        Scene::new(space, &Key::Chat(chat))
    });
}

#[test]
#[ignore = "needs the emulator"]
fn messages() {
    let message =
        |space: &mut crate::emulator::space::Space| Key::Message(space.id_of('c'), space.id_of('m'));
    Own::default()
        .allow("an id of 4", rename("/messages/", "/messages/abcd"))
        .deny("an id of 3", rename("/messages/", "/messages/abc"))
        .deny("an id in upper case", rename("/messages/", "/messages/Abcde"))
        .deny("an id with a line", rename("/messages/", "/messages/a_bcd"))
        .deny("another collection", rename("/messages/", "/other/abcd"))
        .deny("deeper down", rename("/messages/", "/messages/abcd/more/abcd"))
        .deny("in a chat that does not carry the number", rename("/chats/", "/chats/other/messages/abcd"))
        .check("message create", &|| {
            let mut space = begun();
            let key = message(&mut space);
            Scene::new(space, &key)
        });
    Own::default()
        .of_updates()
        .allow("a cleared body", inside("body", json!({ "nullValue": null })))
        .deny("another body", inside("body", text("something else")))
        .deny("a body of another kind", inside("body", whole(1)))
        .check("message update", &|| {
            let mut space = begun();
            let key = message(&mut space);
            Scene::update(space, &key)
        });
}
