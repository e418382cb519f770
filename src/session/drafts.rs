//! What was typed and not sent.
//!
//! Promises: it is there after a reload, also where the database has no room left; then it is kept in
//! localStorage, which has room of its own, until it is sent or the database takes it.

use std::collections::BTreeMap;

use super::browser::{self, preference};
use super::device::{read_text, text_entry};
use super::{Session, ToastKind};
use crate::store::Durability;
use crate::sync::{Id, Scope, Table};

const ROWS: &str = "l/draft/";
/// Drafts for which the database had no room, by chat.
const ASIDE: &str = "muse/drafts";

pub(super) fn draft_row(chat: &Id) -> String {
    format!("{ROWS}{chat}")
}

/// All drafts of this device.
pub(super) fn read(table: &Table) -> BTreeMap<Id, String> {
    let mut drafts = BTreeMap::new();
    let stored = table.range(ROWS);
    drafts.extend(
        stored.filter_map(|(key, entry)| Some((key.strip_prefix(ROWS)?.parse().ok()?, read_text(entry)?))),
    );
    // these are newer
    drafts.extend(aside());
    drafts
}

fn aside() -> BTreeMap<Id, String> {
    preference(ASIDE).and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

/// Keeps a draft aside, or what is kept no more where it is `None`; says whether it could.
fn set_aside(chat: &Id, text: Option<&str>) -> bool {
    let mut all = aside();
    let before = all.clone();
    match text {
        Some(text) => drop(all.insert(chat.clone(), text.to_owned())),
        None => drop(all.remove(chat)),
    }
    // texts: cannot fail
    let json = serde_json::to_string(&all).unwrap_or_default();
    all == before || browser::set_preference(ASIDE, (!all.is_empty()).then_some(&json))
}

impl Session {
    /// What was typed into a chat and not sent.
    #[must_use]
    pub fn draft(&self, chat: &Id) -> String {
        self.0.device.borrow().drafts.get(chat).cloned().unwrap_or_default()
    }

    /// Keeps what was typed and not sent.
    pub fn save_draft(&self, chat: &Id, text: &str) {
        if self.draft(chat) == text {
            return;
        }
        let row = draft_row(chat);
        let scope = Scope { keys: vec![row.clone()], ..Scope::default() };
        let (session, chat, text) = (self.clone(), chat.clone(), text.to_owned());
        if text.is_empty() {
            self.0.device.borrow_mut().drafts.remove(&chat);
        } else {
            self.0.device.borrow_mut().drafts.insert(chat.clone(), text.clone());
        }
        wasm_bindgen_futures::spawn_local(async move {
            let entry = (!text.is_empty()).then(|| text_entry(&text));
            let put = |table: &mut Table| match entry {
                Some(entry) => table.put(&row, entry),
                None => table.remove(&row),
            };
            let done = match session.store().await {
                Ok(store) => {
                    store.transact(&scope, Durability::Strict, put).await.map_err(|error| error.to_string())
                }
                Err(why) => Err(why),
            };
            match done {
                Ok(()) => drop(set_aside(&chat, None)),
                Err(why) if !set_aside(&chat, Some(&text)) => session.toast(ToastKind::Error, &why),
                Err(_) => {}
            }
        });
        self.mirror_later();
    }

    /// It was sent, and its row is gone: it is no draft any more.
    pub(super) fn forget_draft(&self, chat: &Id) {
        self.0.device.borrow_mut().drafts.remove(chat);
        set_aside(chat, None);
    }
}
