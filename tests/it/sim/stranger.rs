//! Somebody who is none of the devices here: a newer version of the app, or a device that came after
//! a restore and knows nothing else. It reads and writes at once, through the real codec.

use muse_chat::sync::{
    Bump, Clock, Commit, Document, Edit, Head, Key, Now, Precondition, Record, RecordWrite, Register,
    Request, Response, SCHEMA, Value,
};

use super::oracle::record_of;
use super::world::World;

/// The installation id of them all.
pub(crate) const STRANGER: &str = "stranger";

impl World {
    /// Somebody with a newer version changes a record that they see.
    pub(super) fn newer_app_writes(&mut self) {
        let space = self.spaces[0].as_str();
        let live = |(path, doc): (&str, _)| {
            let key = Key::from_path(path).ok()?;
            record_of(doc).filter(|record| !record.is_deleted()).map(|_| key)
        };
        let keys: Vec<Key> = self.server.records(space).filter_map(live).collect();
        let Some(key) = keys.get(self.rng.usize(..keys.len().max(1))) else { return };
        // one that this version knows, or one that it has never heard of
        let field = match key {
            Key::Chat(_) => "title",
            Key::Settings => "theme",
            Key::Profile => "name",
            Key::Message(..) => "mood",
        };
        if self.stranger_writes(key, SCHEMA + 1, field) {
            self.counts.add("newer record");
            self.trace(|| format!("NEWER {}", key.path()));
        }
    }

    /// A server that went back is written past all that its log remembers, by somebody who never knew
    /// what it had before.
    pub(super) fn stranger_writes_past_the_log(&mut self) {
        let commits = self.rng.u8(65..90);
        if (0..commits).all(|_| self.stranger_writes(&Key::Settings, SCHEMA, "theme")) {
            self.counts.add("written past the log");
            self.trace(|| format!("WRITTEN PAST by {commits}"));
        }
    }

    /// Sets a field of a record in one commit. Says whether the server took it.
    pub(crate) fn stranger_writes(&mut self, key: &Key, v: u32, field: &str) -> bool {
        let Some(Response::Head { head: Some((head, head_time)), .. }) = self.ask(&Request::Head) else {
            return false;
        };
        let Some(Response::Documents { mut found, .. }) = self.ask(&Request::Get(vec![key.clone()])) else {
            return false;
        };
        let there = found.pop();
        let value = Value::from(format!("{field} {:08x}", self.rng.u32(..)));
        let record = self.changed(there.as_ref(), v, field, &value);
        let commit = self.stranger_commit(&head, head_time, key, there, &record);
        let taken = matches!(self.ask(&Request::Commit(commit)), Some(Response::Committed { .. }));
        if taken {
            self.oracle.edits(&Edit::set(key.clone(), [(field, value)]), self.true_ms(), true);
            self.oracle.expected.entry(key.clone()).or_default().join(&record);
        }
        taken
    }

    fn changed(&mut self, there: Option<&Document>, v: u32, field: &str, value: &Value) -> Record {
        let mut record = there.and_then(|document| document.record.clone()).unwrap_or_default();
        let now = Now { wall_ms: self.true_ms(), instant_ms: 0 };
        let stamp = Clock::new(self.rng.u64(..), 0).tick(record.newest(), now);
        record.v = v.max(record.v);
        record.fields.insert(field.to_owned(), Register { value: value.clone(), stamp });
        record
    }

    fn stranger_commit(
        &mut self,
        head: &Head,
        head_time: String,
        key: &Key,
        there: Option<Document>,
        record: &Record,
    ) -> Commit {
        let id: String = (0..6).map(|_| char::from(self.rng.u8(b'a'..=b'z'))).collect();
        let active_ms = there.as_ref().and_then(|document| document.active_ms);
        let write = RecordWrite {
            key: key.clone(),
            record: record.clone(),
            precondition: there
                .map_or(Precondition::Missing, |document| Precondition::UpdateTime(document.update_time)),
            active_ms: matches!(key, Key::Chat(_)).then(|| active_ms.unwrap_or(0)),
        };
        let bump = |chat| Bump { chat, active_ms: self.true_ms() };
        let bumps = if let Key::Message(chat, _) = key { vec![bump(chat.clone())] } else { Vec::new() };
        Commit {
            head: head.next(&id, matches!(key, Key::Settings | Key::Profile), false),
            head_precondition: Precondition::UpdateTime(head_time),
            device: STRANGER.to_owned(),
            writes: vec![write],
            bumps,
        }
    }

    fn ask(&mut self, request: &Request) -> Option<Response> {
        let now_ms = self.true_ms();
        let wire = &self.wires[&self.spaces[0]];
        let answer = self.server.answer(&wire.encode(request).ok()?, now_ms, true);
        wire.decode(request, &answer).ok()
    }
}
