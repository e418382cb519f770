//! A random space and the commits a well-behaved device would make in it.

use std::collections::BTreeMap;

use muse_chat::sync::{
    Bump, Commit, Head, Id, Key, Precondition, Record, RecordWrite, Register, Request, Response, Secret,
    Stamp, TransportError, Value,
};
use serde_json::json;

use super::host::Host;

pub(crate) const DEVICE: &str = "d0device";

/// One device that knows everything it wrote itself.
pub(crate) struct Space {
    pub(crate) host: Host,
    pub(crate) rng: fastrand::Rng,
    pub(crate) head: Option<(Head, String)>,
    pub(crate) times: BTreeMap<Key, String>,
    /// Server's time at the start, with a counter so that every stamp is newer than the last.
    now: (u64, u16),
}

impl Space {
    /// A new, empty space.
    pub(crate) fn new() -> Self {
        let mut rng = fastrand::Rng::new();
        let host = Host::new(Secret::new(std::array::from_fn(|_| rng.u8(..))).space());
        let now_ms = match host.send(&Request::Head) {
            Ok(Response::Head { head: None, read_ms }) => read_ms,
            other => panic!("a new space should be empty: {other:?}"),
        };
        Self { host, rng, head: None, times: BTreeMap::new(), now: (now_ms, 0) }
    }

    /// The id of the space, to be replaced in a call's text.
    pub(crate) fn id(&self) -> String {
        let call = self.host.wire().encode(&Request::Head).expect("a call");
        let (_, rest) = call.body.split_once("/users/").expect("a name");
        rest.chars().take_while(char::is_ascii_alphanumeric).collect()
    }

    pub(crate) fn id_of(&mut self, kind: char) -> Id {
        Id::random(kind, std::array::from_fn(|_| self.rng.u8(..)))
    }

    pub(crate) fn stamp(&mut self) -> Stamp {
        self.now.1 += 1;
        Stamp::new(self.now.0, self.now.1, 7)
    }

    pub(crate) fn record(&mut self, fields: &[(&str, Value)]) -> Record {
        let stamp = self.stamp();
        let register = |value: &Value| Register { value: value.clone(), stamp };
        Record {
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), register(value))).collect(),
            ..Record::default()
        }
    }

    /// A record as the app would make it for a key.
    pub(crate) fn sample(&mut self, key: &Key) -> Record {
        match key {
            Key::Settings => self.record(&[("theme", json!("dark"))]),
            Key::Profile => self.record(&[("name", json!("Ada"))]),
            Key::Chat(_) => self.record(&[("title", json!("Fugue")), ("pinned", json!(true))]),
            Key::Message(..) => {
                self.record(&[("body", json!("hello")), ("role", json!("user")), ("n", json!(1.5))])
            }
        }
    }

    /// The next commit with these records; chats of messages that are not among them are bumped.
    pub(crate) fn commit(&mut self, records: Vec<(Key, Record)>) -> Commit {
        let id: String = (0..6)
            .filter_map(|_| self.rng.choice(b"abcdefghijklmnopqrstuvwxyz234567"))
            .map(|b| char::from(*b))
            .collect();
        let config = records.iter().any(|(key, _)| matches!(key, Key::Settings | Key::Profile));
        let chats = records.iter().filter_map(|(key, _)| key.chat());
        let written = |chat: &Id| records.iter().any(|(key, _)| *key == Key::Chat(chat.clone()));
        let mut bumps: Vec<Bump> = chats
            .filter(|chat| !written(chat))
            .map(|chat| Bump { chat: chat.clone(), active_ms: self.now.0 })
            .collect();
        bumps.sort_by(|a, b| a.chat.cmp(&b.chat));
        bumps.dedup();
        let (head, head_precondition) = match &self.head {
            Some((head, time)) => (head.next(&id, config, false), Precondition::UpdateTime(time.clone())),
            None => (first_head(&id, config), Precondition::Missing),
        };
        let now_ms = self.now.0;
        let writes = records.into_iter().map(|(key, record)| RecordWrite {
            precondition: self
                .times
                .get(&key)
                .map_or(Precondition::Missing, |t| Precondition::UpdateTime(t.clone())),
            active_ms: matches!(key, Key::Chat(_)).then_some(now_ms),
            key,
            record,
        });
        Commit { head, head_precondition, device: DEVICE.to_owned(), writes: writes.collect(), bumps }
    }

    /// Sends a commit and remembers what it changed.
    pub(crate) fn push(&mut self, commit: Commit) -> Result<(), TransportError> {
        let request = Request::Commit(commit);
        let answer = self.host.send(&request)?;
        let (Request::Commit(commit), Response::Committed { head, writes, bumps, .. }) = (request, answer)
        else {
            panic!("a commit is answered as one");
        };
        let keys = commit.writes.into_iter().map(|write| write.key);
        self.times.extend(keys.zip(writes));
        self.times.extend(commit.bumps.into_iter().map(|bump| Key::Chat(bump.chat)).zip(bumps));
        self.head = Some((commit.head, head));
        Ok(())
    }

    /// Writes one sample record.
    pub(crate) fn write(&mut self, key: &Key) {
        let record = self.sample(key);
        let commit = self.commit(vec![(key.clone(), record)]);
        self.push(commit).expect("a good commit passes");
    }
}

fn first_head(commit: &str, config: bool) -> Head {
    Head {
        seq: 1,
        commit: commit.to_owned(),
        epoch: "epochepochepoch2".to_owned(),
        generation: 0,
        schema: 1,
        closed: false,
        config_seq: u64::from(config),
        log: commit.to_owned(),
    }
}
