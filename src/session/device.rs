//! What belongs to this device alone and never leaves it: its id, small preferences, drafts, keys.
//!
//! Preferences that the first paint needs are in localStorage; the rest are rows with the prefix
//! `l/`, secrets with the prefix `s/`.

use std::collections::BTreeMap;

use data_encoding::BASE32_NOPAD;

use super::browser::{self, preference, set_preference};
use super::keys::Keys;
use super::{Place, Session, Slice, drafts};
use crate::store::mirror::{self, Installed};
use crate::sync::{Entry, Id, Table};

/// Rows of this device.
pub(super) const DEVICE_ROWS: &str = "l/";
/// Secrets of this device.
pub(super) const SECRET_ROWS: &str = "s/";

const SIDEBAR: &str = "muse/sidebar";
const WRAP: &str = "muse/wrap";
const LAST_CHAT: &str = "muse/last";
const THEME: &str = "muse/theme";

#[derive(Default)]
pub(super) struct Device {
    /// Random name of this installation, for the list of devices.
    pub(super) id: String,
    /// The database had rows when this browser was last here.
    pub(super) had_rows: bool,
    /// Where the rows are; `None` until the store is open.
    pub(super) place: Option<Place>,
    pub(super) drafts: BTreeMap<Id, String>,
    pub(super) keys: Keys,
    wraps_code: bool,
}

impl Device {
    pub(super) fn boot() -> Self {
        let installed = mirror::installed().unwrap_or_else(|| {
            let id = BASE32_NOPAD.encode(&browser::random::<10>()).to_ascii_lowercase();
            let installed = Installed { id, had_rows: false };
            mirror::set_installed(&installed);
            installed
        });
        let wraps_code = preference(WRAP).is_some();
        Self { id: installed.id, had_rows: installed.had_rows, wraps_code, ..Self::default() }
    }

    /// Takes in the rows of this device.
    pub(super) fn take(&mut self, table: &Table) {
        self.drafts = drafts::read(table);
        self.keys.take(table);
    }
}

/// The text in a row that holds one text.
pub(super) fn read_text(entry: &Entry) -> Option<String> {
    serde_json::from_str(entry.open().ok()?).ok()
}

/// A row that holds one text.
pub(super) fn text_entry(text: &str) -> Entry {
    Entry::local(&serde_json::Value::from(text).to_string())
}

impl Session {
    /// Whether the sidebar shows labels.
    #[must_use]
    pub fn sidebar_expanded(&self) -> bool {
        preference(SIDEBAR).is_none_or(|value| value != "collapsed")
    }

    /// Remembers whether the sidebar shows labels.
    pub fn set_sidebar_expanded(&self, expanded: bool) {
        set_preference(SIDEBAR, Some(if expanded { "expanded" } else { "collapsed" }));
    }

    /// Whether long lines of code are wrapped.
    #[must_use]
    pub fn wraps_code(&self) -> bool {
        self.0.device.borrow().wraps_code
    }

    /// Wraps long lines of code, or not.
    pub fn set_wraps_code(&self, wrap: bool) {
        self.0.device.borrow_mut().wraps_code = wrap;
        set_preference(WRAP, wrap.then_some("on"));
        self.notify(&Slice::Settings);
    }

    /// The chat that was open last.
    #[must_use]
    pub fn last_chat(&self) -> Option<Id> {
        preference(LAST_CHAT)?.parse().ok()
    }

    pub(super) fn set_last_chat(&self, chat: &Id) {
        set_preference(LAST_CHAT, Some(chat.as_str()));
    }

    /// Makes the theme known to the script that sets it before the first paint, and sets it.
    pub(super) fn apply_theme(&self) {
        let theme = self.settings().theme.name();
        set_preference(THEME, Some(theme));
        let root = web_sys::window().and_then(|w| w.document()).and_then(|d| d.document_element());
        if let Some(root) = root {
            let _ = root.set_attribute("data-theme", theme);
        }
    }
}
