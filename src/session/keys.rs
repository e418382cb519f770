//! API keys: secrets of this device, each for one origin.
//!
//! Promises: a key is sent to the origin it was entered for and to no other, so a changed address
//! finds none; a key for this visit is in memory only and gone with the page; no key leaves here but
//! in the header of a request.

use std::collections::BTreeMap;

use super::device::{read_text, text_entry};
use super::{KeyView, Session, Slice, ToastKind};
use crate::chat::Model;
use crate::providers::{ApiKey, Endpoint, Provider};
use crate::sync::Table;

const KEY_ROWS: &str = "s/key/";
/// Where an early build kept a key, without the origin that it was entered for.
const UNBOUND_ROW: &str = "s/openai";

#[derive(Default)]
pub(super) struct Keys {
    kept: BTreeMap<String, ApiKey>,
    of_this_visit: BTreeMap<String, ApiKey>,
}

impl Keys {
    /// Takes in the rows of this device.
    pub(super) fn take(&mut self, table: &Table) {
        let rows = table.range(KEY_ROWS);
        let keys = rows.filter_map(|(row, entry)| {
            Some((row.strip_prefix(KEY_ROWS)?.to_owned(), ApiKey::new(&read_text(entry)?)))
        });
        self.kept = keys.collect();
    }

    fn of(&self, origin: &str) -> Option<&ApiKey> {
        self.of_this_visit.get(origin).or_else(|| self.kept.get(origin))
    }
}

impl Session {
    /// Removes a key of which nobody can say where it may be sent; it is asked for again where it is needed.
    pub(super) fn forget_unbound_key(&self, table: &Table) {
        if table.get(UNBOUND_ROW).is_some() {
            let session = self.clone();
            wasm_bindgen_futures::spawn_local(async move {
                // if it cannot be written now, the next start tries again
                let _ = session.keep_row(UNBOUND_ROW, None).await;
            });
        }
    }

    /// The key for an address; empty where there is none.
    pub(super) fn key_for(&self, endpoint: &Endpoint) -> ApiKey {
        self.0.device.borrow().keys.of(&endpoint.origin()).cloned().unwrap_or_default()
    }

    /// What is known of the key for a model; `None` where none can be needed or its address is wrong.
    #[must_use]
    pub fn key(&self, model: Model) -> Option<KeyView> {
        let service = Provider::service(model, &self.settings(), |_| ApiKey::default()).ok()?;
        let origin = service.endpoint.origin();
        let device = self.0.device.borrow();
        Some(KeyView {
            host: service.endpoint.host().to_owned(),
            hint: device.keys.of(&origin).map(ApiKey::masked),
            for_this_visit: device.keys.of_this_visit.contains_key(&origin),
            needed: service.endpoint.needs_key(),
        })
    }

    /// Keeps the key for a model's address, on this device or only in memory, or forgets it where the
    /// text is empty.
    pub fn set_key(&self, model: Model, text: &str, for_this_visit: bool) {
        let Ok(service) = Provider::service(model, &self.settings(), |_| ApiKey::default()) else { return };
        let (origin, key) = (service.endpoint.origin(), ApiKey::new(text));
        let row = format!("{KEY_ROWS}{origin}");
        {
            let keys = &mut self.0.device.borrow_mut().keys;
            keys.kept.remove(&origin);
            keys.of_this_visit.remove(&origin);
            if !key.is_empty() {
                let place = if for_this_visit { &mut keys.of_this_visit } else { &mut keys.kept };
                place.insert(origin, key.clone());
            }
        }
        let entry = (!for_this_visit && !key.is_empty()).then(|| text_entry(key.reveal()));
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if let Err(why) = session.keep_row(&row, entry).await {
                session.toast(ToastKind::Error, &why);
            }
        });
        self.notify(&Slice::Settings);
    }

    /// Moves the key for a model's address to where it shall be; see [`Session::set_key`].
    pub fn move_key(&self, model: Model, for_this_visit: bool) {
        let settings = self.settings();
        let Ok(service) = Provider::service(model, &settings, |endpoint| self.key_for(endpoint)) else {
            return;
        };
        if !service.key.is_empty() {
            self.set_key(model, service.key.reveal(), for_this_visit);
        }
    }
}
