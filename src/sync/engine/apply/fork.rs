//! "Remove from the cloud, keep here": a copy under new names that never leaves this device, and the
//! old records deleted.
//!
//! The copy has other names, so that the tombstones of the old records, which go to every device,
//! cannot eat it, and so that nothing that is still on its way can be about it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::work::Work;
use crate::sync::engine::Engine;
use crate::sync::{ChatScope, Edit, Id, Key, Now, SCHEMA, Value};

/// The name of the copy of a chat or a message; `seed` makes it unknown to others.
#[must_use]
pub fn copy_of(id: &Id, seed: &[u8; 16]) -> Id {
    let digest = Sha256::new().chain_update(seed).chain_update(id.as_str()).finalize();
    let mut bits = [0; 16];
    bits.iter_mut().zip(digest).for_each(|(bit, byte)| *bit = byte);
    Id::random(id.as_str().chars().next().unwrap_or('c'), bits)
}

impl Engine {
    /// Copies a chat that is all here, and deletes the original. Refuses, changing nothing, a chat
    /// that is not, and one of a newer schema.
    pub(super) fn fork(&mut self, work: &mut Work<'_>, chat: &Id, seed: &[u8; 16], now: Now) {
        let chat_key = Key::Chat(chat.clone());
        let mut keys = work.keys(&Key::messages_of(chat));
        keys.push(chat_key.clone());
        let rows: Vec<_> = keys.into_iter().map(|key| (work.read(&key), key)).collect();
        let is_behind = rows.iter().any(|(row, _)| row.feed.as_ref().is_some_and(|feed| feed.is_behind()));
        let is_newer = rows.iter().any(|(row, _)| row.record.v > SCHEMA);
        if is_behind || is_newer || !work.out.corrupt.is_empty() {
            work.out.refused.push(chat_key);
            return;
        }
        let names: BTreeMap<&str, Id> = rows
            .iter()
            .map(|(_, key)| match key {
                Key::Message(_, id) => id,
                Key::Chat(_) | Key::Settings | Key::Profile => chat,
            })
            .map(|id| (id.as_str(), copy_of(id, seed)))
            .collect();
        let copy = copy_of(chat, seed);
        // before anything is in it
        work.set_scope(&copy, ChatScope::LocalOnly);
        work.set_scope(chat, ChatScope::Synced);
        for (row, key) in rows.iter().filter(|(row, _)| !row.record.is_deleted()) {
            let renamed = |value: &Value| match value.as_str().and_then(|text| names.get(text)) {
                Some(name) => name.as_str().into(),
                None => value.clone(),
            };
            let fields = row.record.fields.iter().filter(|(_, register)| !register.value.is_null());
            let fields: Vec<_> =
                fields.map(|(name, register)| (name.as_str(), renamed(&register.value))).collect();
            if !fields.is_empty() {
                let copy_key = match key {
                    Key::Message(_, id) => Key::Message(copy.clone(), copy_of(id, seed)),
                    Key::Chat(_) | Key::Settings | Key::Profile => Key::Chat(copy.clone()),
                };
                self.write_edit(work, &Edit::set(copy_key, fields), now);
            }
            if !row.record.fields.is_empty() {
                self.write_edit(work, &Edit::delete(key.clone()), now);
            }
        }
    }
}
