//! The first-paint snapshot: settings, profile, the list of chats and the end of the chat that was
//! open, so that a start shows content before the database answers.
//!
//! Only a mirror: what it shows is replaced by the rows as soon as they are there, and nothing is
//! ever sent or saved from it.

use std::collections::BTreeMap;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use serde::{Deserialize, Serialize};

use super::views::{ChatEntry, OpenChat, Views};
use super::{Session, TranscriptView};
use crate::chat::{Chosen, Profile, Settings, Storage, Transcript};
use crate::store::mirror;
use crate::sync::{Id, Record};

const WRITE_AFTER_MS: u32 = 500;
/// So many of the last messages, and so many bytes of them, are enough to fill a screen.
const TAIL_MESSAGES: usize = 30;
const TAIL_BYTES: usize = 150_000;
const LIST_MAX: usize = 200;

#[derive(Default, Serialize, Deserialize)]
struct Snapshot {
    settings: Record,
    profile: Record,
    synced: bool,
    chats: BTreeMap<Id, (Record, u64)>,
    open: Option<(Id, BTreeMap<Id, Record>)>,
}

/// The views as the last visit left them; empty where there is no snapshot or it cannot be read.
pub(super) fn read() -> Views {
    let snapshot = mirror::read().and_then(|json| serde_json::from_str::<Snapshot>(&json).ok());
    let snapshot = snapshot.unwrap_or_default();
    let mut settings = Settings::from_record(&snapshot.settings);
    settings.storage = if snapshot.synced { Storage::Firestore } else { Storage::Local };
    let mut views = Views {
        settings: Rc::new(settings),
        profile: Rc::new(Profile::from_record(&snapshot.profile)),
        settings_record: snapshot.settings,
        profile_record: snapshot.profile,
        ..Views::default()
    };
    for (id, (record, active_ms)) in snapshot.chats {
        views.chats.insert(id, ChatEntry { record: Some(record), active_ms, ..ChatEntry::default() });
    }
    if let Some((chat, records)) = snapshot.open {
        let transcript = Transcript::from_records(records.iter(), &Chosen::default());
        let view = Rc::new(TranscriptView { transcript, loading: true });
        views.open.insert(chat, OpenChat { records, view, ..OpenChat::default() });
    }
    views.relist();
    views
}

impl Session {
    /// Writes the snapshot soon.
    pub(super) fn mirror_later(&self) {
        if self.0.mirror_timer.borrow().is_some() {
            return;
        }
        let session = self.clone();
        let timer = Timeout::new(WRITE_AFTER_MS, move || session.write_mirror());
        *self.0.mirror_timer.borrow_mut() = Some(timer);
    }

    /// Writes the snapshot now.
    pub(super) fn write_mirror(&self) {
        drop(self.0.mirror_timer.borrow_mut().take());
        if !self.is_loaded() {
            // what is shown still comes from the snapshot itself
            return;
        }
        let snapshot = self.snapshot();
        if let Ok(json) = serde_json::to_string(&snapshot) {
            mirror::write(&json);
        }
    }

    fn snapshot(&self) -> Snapshot {
        let views = self.0.views.borrow();
        let listed = views.list.iter().take(LIST_MAX);
        let chats = listed.filter_map(|chat| {
            let entry = views.chats.get(&chat.id)?;
            Some((chat.id.clone(), (entry.record.clone()?, entry.active_ms)))
        });
        let last = self.last_chat().and_then(|chat| Some((chat.clone(), views.open.get(&chat)?)));
        Snapshot {
            settings: views.settings_record.clone(),
            profile: views.profile_record.clone(),
            synced: views.settings.storage == Storage::Firestore,
            chats: chats.collect(),
            open: last.map(|(id, open)| (id, tail(open))),
        }
    }
}

fn tail(open: &OpenChat) -> BTreeMap<Id, Record> {
    let mut bytes = 0;
    let shown = open.view.transcript.shown.iter().rev().take(TAIL_MESSAGES);
    shown
        .take_while(|shown| {
            bytes += shown.message.body.len() + shown.message.reasoning.len();
            bytes <= TAIL_BYTES
        })
        .filter_map(|shown| {
            let id = &shown.message.id;
            Some((id.clone(), open.records.get(id)?.clone()))
        })
        .collect()
}
