//! Every kind of write the app makes, and everything that is wrong with it: one thing is changed
//! in a good commit, the rules must refuse it, and the unchanged commit must pass afterwards.

mod change;
mod heads;
mod records;

use change::{Change, set};
use muse_chat::firestore::Call;
use muse_chat::sync::{Key, Request};
use serde_json::{Value, json};

use super::space::Space;

/// What is changed, in words, and the change.
type Changes = Vec<(&'static str, Change)>;

/// A good commit in a space where it can be made, and which of its writes is looked at.
struct Scene {
    space: Space,
    call: Call,
    index: usize,
}

impl Scene {
    /// A commit of one record.
    fn new(mut space: Space, key: &Key) -> Self {
        let record = space.sample(key);
        let commit = space.commit(vec![(key.clone(), record)]);
        let call = space.host.wire().encode(&Request::Commit(commit)).unwrap();
        Self { space, call, index: 1 }
    }

    /// A change of a record that is there already, both of schema 2.
    fn update(mut space: Space, key: &Key) -> Self {
        let mut records = [space.sample(key), space.sample(key)];
        records.iter_mut().for_each(|record| record.v = 2);
        let [old, new] = records;
        let commit = space.commit(vec![(key.clone(), old)]);
        space.push(commit).unwrap();
        let commit = space.commit(vec![(key.clone(), new)]);
        let call = space.host.wire().encode(&Request::Commit(commit)).unwrap();
        Self { space, call, index: 1 }
    }

    /// A commit that only moves the head.
    fn head_only(mut space: Space) -> Self {
        let commit = space.commit(vec![]);
        let call = space.host.wire().encode(&Request::Commit(commit)).unwrap();
        Self { space, call, index: 0 }
    }

    /// HTTP status of the commit with one change.
    fn try_with(&self, change: &Change) -> u16 {
        let mut body: Value = serde_json::from_str(&self.call.body).unwrap();
        let before = body.clone();
        change(&mut body["writes"][self.index]);
        assert_ne!(before, body, "the change changes nothing");
        self.send(&body)
    }

    fn send(&self, body: &Value) -> u16 {
        let call = Call { path: self.call.path.clone(), body: body.to_string() };
        self.space.host.post(&call, None).unwrap().status
    }

    fn passes(&self) -> bool {
        self.space.host.post(&self.call, None).unwrap().status == 200
    }
}

/// What the rules must say to changes of one kind of write.
struct Case<'a> {
    name: &'a str,
    make: &'a dyn Fn() -> Scene,
    /// Each of these fields is set to each of [`foreign_values`].
    fields: &'a [&'static str],
    /// But these are right.
    harmless: Vec<(&'static str, Value)>,
    allowed: Changes,
    denied: Changes,
}

impl Case<'_> {
    /// All refusals are tried in one scene, which they must leave as it was; everything that is
    /// allowed gets a scene of its own.
    fn check(self) {
        let Self { name, make, fields, harmless, allowed, denied } = self;
        let scene = make();
        let mut refused = 0;
        for (what, change) in &denied {
            assert_eq!(scene.try_with(change), 403, "{name}: {what} should be refused");
            refused += 1;
        }
        for field in fields {
            for value in foreign_values() {
                if !harmless.contains(&(field, value.clone())) {
                    let status = scene.try_with(&set(field, value.clone()));
                    assert_eq!(status, 403, "{name}: {field} = {value} should be refused");
                    refused += 1;
                }
            }
        }
        assert!(scene.passes(), "{name}: the unchanged commit should pass after {refused} refusals");
        for (what, change) in &allowed {
            assert_eq!(make().try_with(change), 200, "{name}: {what} should pass");
        }
        for (field, value) in &harmless {
            let status = make().try_with(&set(field, value.clone()));
            assert_eq!(status, 200, "{name}: {field} = {value} should pass");
        }
        println!("{name}: {refused} refused, {} passed", 1 + allowed.len() + harmless.len());
    }
}

/// One of each kind, wrong for every field of every document but where it is listed as harmless.
fn foreign_values() -> Vec<Value> {
    vec![
        json!({ "nullValue": null }),
        json!({ "booleanValue": true }),
        json!({ "integerValue": "-1" }),
        json!({ "integerValue": "1000000000000000" }),
        json!({ "doubleValue": 1.5 }),
        json!({ "doubleValue": "NaN" }),
        json!({ "stringValue": "" }),
        json!({ "stringValue": "foreign" }),
        json!({ "stringValue": "x".repeat(1000) }),
        json!({ "timestampValue": "2024-01-02T03:04:05Z" }),
        json!({ "bytesValue": "AAAA" }),
        json!({ "referenceValue": "projects/p/databases/(default)/documents/users/u" }),
        json!({ "geoPointValue": { "latitude": 1.0, "longitude": 2.0 } }),
        json!({ "arrayValue": { "values": [{ "stringValue": "x" }] } }),
        json!({ "mapValue": {} }),
        json!({ "mapValue": { "fields": { "other": { "stringValue": "x" } } } }),
    ]
}

/// A space in which a first commit was made.
fn begun() -> Space {
    let mut space = Space::new();
    let commit = space.commit(vec![]);
    space.push(commit).unwrap();
    space
}
