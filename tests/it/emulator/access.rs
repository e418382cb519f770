//! Who may do what where: every path and operation, asked by everybody.

use data_encoding::BASE64URL_NOPAD;
use muse_chat::firestore::Call;
use muse_chat::sync::{FeedId, Id, Key, Position, Request};
use serde_json::{Value, json};

use super::space::Space;

/// An unsigned token as the emulator takes it.
fn token(user: &str) -> String {
    let part = |json: Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    format!("{}.{}.", part(json!({ "alg": "none", "typ": "JWT" })), part(json!({ "sub": user })))
}

/// Somebody who asks about a space: which id they use for it, with which token.
struct Asker {
    name: &'static str,
    space: String,
    token: Option<String>,
    may: bool,
}

fn askers(space: &str) -> Vec<Asker> {
    let uid = format!("User{}", &space[..20]);
    let asker = |name, space: &str, token: Option<&str>, may| Asker {
        name,
        space: space.to_owned(),
        token: token.map(ToOwned::to_owned),
        may,
    };
    vec![
        asker("who knows the id", space, None, true),
        asker("who knows the id, signed in", space, Some(&token("somebody")), true),
        asker("a user in their own space", &uid, Some(&token(&uid)), true),
        asker("somebody in a user's space", &uid, None, false),
        asker("another user in a user's space", &uid, Some(&token("another")), false),
        asker("a user with a similar name", &uid, Some(&token(&uid.to_lowercase())), false),
        asker("a bad token in a user's space", &uid, Some("garbage"), false),
        asker("an id of 31", &space[..31], None, false),
        asker("an id of 33", &format!("{space}a"), None, false),
        asker("an id in upper case", &space.to_uppercase(), None, false),
        asker("an id with a 1", &format!("1{}", &space[1..]), None, false),
        asker("an id with a dash", &format!("-{}", &space[1..]), None, false),
        asker("an id with a line", &format!("{}_", &space[..31]), None, false),
    ]
}

struct Door {
    space: Space,
    id: String,
    chat: Id,
    message: Id,
}

impl Door {
    fn new() -> Self {
        let mut space = Space::new();
        let (chat, message) = (space.id_of('c'), space.id_of('m'));
        Self { id: space.id(), space, chat, message }
    }

    fn keys(&self) -> Vec<Key> {
        let chat = self.chat.clone();
        vec![Key::Settings, Key::Profile, Key::Chat(chat.clone()), Key::Message(chat, self.message.clone())]
    }

    fn encode(&self, request: &Request) -> Call {
        self.space.host.wire().encode(request).unwrap()
    }

    /// The same call about another space.
    fn status(&self, call: &Call, asker: &Asker) -> u16 {
        let about = |text: &str| text.replace(&self.id, &asker.space);
        let call = Call { path: about(&call.path), body: about(&call.body) };
        self.space.host.post(&call, asker.token.as_deref()).unwrap().status
    }

    fn reads(&self) -> Vec<(String, Call)> {
        let mut calls = vec![("get head".to_owned(), self.encode(&Request::Head))];
        for key in self.keys() {
            calls.push((format!("get {}", key.path()), self.encode(&Request::Get(vec![key]))));
        }
        for feed in [FeedId::Config, FeedId::Chats, FeedId::Messages(self.chat.clone())] {
            for after in [Position::default(), Position { seq: 1, name: Some("abcd".to_owned()) }] {
                let page = Request::Page { feed: feed.clone(), after, limit: 300 };
                calls.push((format!("list {feed:?}"), self.encode(&page)));
            }
            calls.push((format!("newest {feed:?}"), self.encode(&Request::Newest(feed.clone()))));
            calls.push((format!("count {feed:?}"), self.encode(&Request::Count { feed, after: 0 })));
        }
        calls.push(("get probe".to_owned(), self.get("/probe/abcd")));
        calls
    }

    fn get(&self, path: &str) -> Call {
        let mut call = self.encode(&Request::Head);
        call.body = call.body.replace(&self.id, &format!("{}{path}", self.id));
        call
    }
}

fn ok(status: u16) -> bool {
    assert!(matches!(status, 200 | 400 | 403), "an odd status: {status}");
    status == 200
}

#[test]
#[ignore = "needs the emulator"]
fn reading() {
    let mut door = Door::new();
    for key in door.keys() {
        door.space.write(&key);
    }
    let mut count = 0;
    for asker in askers(&door.id) {
        for (what, call) in door.reads() {
            assert_eq!(ok(door.status(&call, &asker)), asker.may, "{}: {what}", asker.name);
            count += 1;
        }
    }
    println!("reading: {count} checks");
}

#[test]
#[ignore = "needs the emulator"]
fn writing() {
    let mut count = 0;
    let names: Vec<_> = askers(&Door::new().id).into_iter().map(|asker| asker.name).collect();
    for (index, name) in names.iter().enumerate() {
        let mut door = Door::new();
        let asker = askers(&door.id).remove(index);
        let owner = Asker {
            name: "the administrator",
            space: asker.space.clone(),
            token: Some("owner".to_owned()),
            may: true,
        };
        // the head, then each record created, then each again as an update
        let mut keys = vec![None];
        keys.extend(door.keys().into_iter().map(Some));
        keys.extend(door.keys().into_iter().map(Some));
        for key in keys {
            let records = key.iter().map(|key| (key.clone(), door.space.sample(key))).collect();
            let commit = door.space.commit(records);
            let call = unconditional(door.encode(&Request::Commit(commit.clone())));
            assert_eq!(ok(door.status(&call, &asker)), asker.may, "{name}: {key:?}");
            count += 1;
            if !asker.may {
                assert_eq!(door.status(&call, &owner), 200, "the administrator: {key:?}");
                count += 1;
            }
            door.space.head = Some((commit.head, String::new()));
        }
    }
    println!("writing: {count} checks");
}

/// The call without its preconditions: the times of the writes are not known here.
fn unconditional(mut call: Call) -> Call {
    let mut body: Value = serde_json::from_str(&call.body).unwrap();
    for write in body["writes"].as_array_mut().unwrap() {
        write.as_object_mut().unwrap().remove("currentDocument");
    }
    call.body = body.to_string();
    call
}

#[test]
#[ignore = "needs the emulator"]
fn probes() {
    let mut count = 0;
    let names: Vec<_> = askers(&Door::new().id).into_iter().map(|asker| asker.name).collect();
    for (index, name) in names.iter().enumerate() {
        let door = Door::new();
        let asker = askers(&door.id).remove(index);
        let commit = |write: Value| Call {
            path: door.get("").path.replace("batchGet", "commit"),
            body: json!({ "writes": [write] }).to_string(),
        };
        let documents = door.get("").path[1..].replace(":batchGet", "");
        let named = |id: &str| format!("{documents}/users/{}/probe/{id}", door.id);
        let write =
            |id: &str, fields: Value| commit(json!({ "update": { "name": named(id), "fields": fields } }));
        let good = json!({ "nonce": { "stringValue": "x".repeat(64) }, "at": { "integerValue": "1" } });
        let (call, delete) = (write("abcd", good.clone()), commit(json!({ "delete": named("abcd") })));
        for (what, call) in [
            ("create", &call),
            ("update", &call),
            ("get", &door.get("/probe/abcd")),
            ("delete", &delete),
            ("delete again", &delete),
        ] {
            assert_eq!(ok(door.status(call, &asker)), asker.may, "{name}: {what} probe");
            count += 1;
        }
        let bad = [
            json!({ "nonce": { "stringValue": "x".repeat(65) }, "at": { "integerValue": "1" } }),
            json!({ "nonce": { "integerValue": "1" }, "at": { "integerValue": "1" } }),
            json!({ "nonce": { "arrayValue": {} }, "at": { "integerValue": "1" } }),
            json!({ "nonce": { "stringValue": "x" }, "at": { "doubleValue": 1.5 } }),
            json!({ "nonce": { "stringValue": "x" } }),
            json!({ "at": { "integerValue": "1" } }),
            json!({ "nonce": { "stringValue": "x" }, "at": { "integerValue": "1" }, "more": { "integerValue": "1" } }),
        ];
        for fields in bad {
            assert_ne!(door.status(&write("abcd", fields.clone()), &asker), 200, "{name}: probe {fields}");
            count += 1;
        }
        for id in ["abc", "Abcd", "a-bcd"] {
            assert_ne!(door.status(&write(id, good.clone()), &asker), 200, "{name}: probe {id}");
            count += 1;
        }
    }
    println!("probes: {count} checks");
}

/// What nobody may do, not even who knows the id.
#[test]
#[ignore = "needs the emulator"]
fn nobody() {
    let mut door = Door::new();
    for key in door.keys() {
        door.space.write(&key);
    }
    let knows = askers(&door.id).remove(0);
    let base = door.get("").path.replace(":batchGet", "");
    let query = |parent: &str, query: Value| Call {
        path: format!("{base}{parent}:runQuery"),
        body: json!({ "structuredQuery": query }).to_string(),
    };
    let space = format!("/users/{}", door.id);
    let chat = format!("{space}/chats/{}", door.chat);
    let from = |collection: &str| json!([{ "collectionId": collection }]);
    let mut count = 0;
    for (parent, collection) in [(&space, "config"), (&space, "chats"), (&chat, "messages")] {
        for (limit, may) in [(Some(1), true), (Some(300), true), (Some(301), false), (None, false)] {
            let mut body = json!({ "from": from(collection) });
            if let Some(limit) = limit {
                body["limit"] = json!(limit);
            }
            assert_eq!(ok(door.status(&query(parent, body), &knows)), may, "{collection} limit {limit:?}");
            count += 1;
        }
    }
    let everything = json!([{ "collectionId": "messages", "allDescendants": true }]);
    let kindless = json!([{ "allDescendants": true }]);
    for (what, parent, from) in [
        ("all spaces", "", from("users")),
        ("all messages of everybody", "", everything.clone()),
        ("everything of everybody", "", kindless.clone()),
        ("everything below a space", space.as_str(), kindless),
        ("all messages of a space", space.as_str(), everything),
        ("the probes", space.as_str(), from("probe")),
        ("an unknown collection", space.as_str(), from("other")),
        ("a collection at the top", "", from("other")),
    ] {
        let call = query(parent, json!({ "from": from, "limit": 1 }));
        assert!(!ok(door.status(&call, &knows)), "{what}");
        count += 1;
    }
    for path in
        ["/other/abcd", "/config/settings/more/abcd", "/chats/abcd/other/abcd", "/probe/abcd/more/abcd"]
    {
        assert!(!ok(door.status(&door.get(path), &knows)), "get {path}");
        count += 1;
    }
    println!("nobody: {count} checks");
}
