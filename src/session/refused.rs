//! Records that the server refuses: why, what is in them, and trying again.

use serde_json::{Map, json};

use super::views::all_rows;
use super::{Session, ToastKind, browser};
use crate::chat::title_from_first_exchange;
use crate::sync::{Key, Record, Scope, Tx};

/// A record that the server refuses. It stays on this device; everything else is synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which.
    pub key: Key,
    /// What it is, for people.
    pub title: String,
    /// What the server said.
    pub reason: String,
    /// When, Unix milliseconds.
    pub at_ms: u64,
    /// All of its content, for a download: pretty-printed JSON.
    pub json: String,
}

fn title(key: &Key, record: &Record) -> String {
    let first_words = |field| record.text(field).and_then(title_from_first_exchange);
    match key {
        Key::Settings => "Settings".to_owned(),
        Key::Profile => "Profile".to_owned(),
        Key::Chat(_) => format!("Chat: {}", first_words("title").unwrap_or_else(|| "no title".to_owned())),
        Key::Message(..) => {
            format!("Message: {}", first_words("body").unwrap_or_else(|| "deleted".to_owned()))
        }
    }
}

fn content(key: &Key, record: &Record) -> String {
    let mut fields = Map::new();
    fields.extend(record.fields.iter().map(|(name, register)| (name.clone(), register.value.clone())));
    let all = json!({ "record": key.path(), "fields": fields });
    serde_json::to_string_pretty(&all).unwrap_or_default()
}

impl Session {
    /// The records that the server refuses.
    ///
    /// # Errors
    /// One sentence: this device's storage does not answer.
    pub async fn refused(&self) -> Result<Vec<Refused>, String> {
        let keys = self.0.engine.borrow().quarantined().iter().map(Key::row_key).collect();
        let scope = Scope { keys, ..Scope::default() };
        let table = self.store().await?.read(&scope).await.map_err(|error| error.to_string())?;
        let refused = all_rows(&table).into_iter().filter_map(|(key, row)| {
            let quarantine = row.quarantine?;
            Some(Refused {
                title: title(&key, &row.record),
                json: content(&key, &row.record),
                reason: quarantine.reason,
                at_ms: quarantine.at_ms,
                key,
            })
        });
        Ok(refused.collect())
    }

    /// Tries refused records again, now.
    pub fn retry_refused(&self, keys: Vec<Key>) {
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            match session.run(&Tx::Release(keys)).await {
                Ok(outcome) => {
                    session.0.engine.borrow_mut().handle_written(&outcome, browser::now());
                    session.sync_now();
                }
                Err(why) => session.toast(ToastKind::Error, &why),
            }
        });
    }

    /// Compares everything on this device with everything in the cloud again.
    pub fn compare_anew(&self) {
        self.0.engine.borrow_mut().rescan(browser::now());
        self.drive();
    }
}
