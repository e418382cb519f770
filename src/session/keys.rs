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
        self.kept.clear();
        self.kept.extend(keys);
    }

    /// Takes in the key of an origin, or that it has none where it is empty. One that could not be kept on this device
    /// is known for this visit.
    fn hold(&mut self, origin: String, key: ApiKey, for_this_visit: bool, is_kept: bool) {
        self.of_this_visit.remove(&origin);
        if is_kept {
            self.kept.remove(&origin);
        }
        if !key.is_empty() {
            let place = if for_this_visit || !is_kept { &mut self.of_this_visit } else { &mut self.kept };
            place.insert(origin, key);
        }
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
        let entry = (!for_this_visit && !key.is_empty()).then(|| text_entry(key.reveal()));
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let kept = session.keep_row(&row, entry).await;
            session.0.device.borrow_mut().keys.hold(origin, key, for_this_visit, kept.is_ok());
            if let Err(why) = kept {
                session.toast(ToastKind::Error, &why);
            }
            session.notify(&Slice::Settings);
        });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn held(keys: &Keys) -> (bool, bool) {
        (keys.kept.contains_key("origin"), keys.of_this_visit.contains_key("origin"))
    }

    #[test]
    fn a_key_is_where_it_is_said_to_be_also_where_it_could_not_be_kept() {
        let mut keys = Keys::default();
        let mut hold = |text: &str, for_this_visit, is_kept| {
            keys.hold("origin".to_owned(), ApiKey::new(text), for_this_visit, is_kept);
            held(&keys)
        };
        assert_eq!(hold("one", false, true), (true, false));
        assert_eq!(hold("one", true, true), (false, true));
        assert_eq!(hold("two", false, true), (true, false));
        assert_eq!(hold("three", false, false), (true, true), "the one kept before is still there");
        assert_eq!(hold("", false, false), (true, false), "what could not be removed is not said to be");
        assert_eq!(hold("", false, true), (false, false));
    }
}
