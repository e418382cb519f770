//! Texts of the user's that lost to a newer one made elsewhere, to be taken back.

use super::{NEWER, Session, ToastKind};
use crate::store::Durability;
use crate::sync::{
    Edit, Key, OLDER_ROWS, Older, Row, Scope, Table, forget_older, keep_older, older_row, read_older,
    sweep_older,
};

/// A text that lost to a newer one; it is kept on this device for 30 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderText {
    /// The record it was in.
    pub of: Key,
    /// What kind of text it is, for people: `Title`, `System prompt`, `Name`, `Bio`.
    pub label: &'static str,
    /// What it said.
    pub text: String,
    /// When it lost, Unix milliseconds.
    pub at_ms: u64,
    older: Older,
}

fn label(field: &str) -> &'static str {
    match field {
        "title" => "Title",
        "system" => "System prompt",
        "name" => "Name",
        "bio" => "Bio",
        _ => "Text",
    }
}

impl Session {
    /// The older texts of a chat, the profile or the settings, newest first.
    ///
    /// # Errors
    /// One sentence: this device's storage does not answer.
    pub async fn older_texts(&self, of: &Key) -> Result<Vec<OlderText>, String> {
        let scope = Scope { keys: vec![older_row(of)], ..Scope::default() };
        let table = self.store().await?.read(&scope).await.map_err(|error| error.to_string())?;
        let older = read_older(&table, of, self.time_ms()).into_iter();
        Ok(older
            .map(|older| OlderText {
                of: of.clone(),
                label: label(&older.field),
                text: older.text.clone(),
                at_ms: older.at_ms,
                older,
            })
            .collect())
    }

    /// Makes an older text the current one, on every device. What it replaces is kept in its place,
    /// so that this can be taken back as well.
    ///
    /// # Errors
    /// One sentence; nothing changed.
    pub async fn take_back(&self, older: &OlderText) -> Result<(), String> {
        let OlderText { of, older, .. } = older;
        let scope = Scope { keys: vec![of.row_key()], ..Scope::default() };
        let table = self.store().await?.read(&scope).await.map_err(|error| error.to_string())?;
        let row = Row::read(&table, of).ok().flatten().unwrap_or_default();
        let replaced = row.record.text(&older.field).filter(|text| !text.is_empty()).map(|text| Older {
            field: older.field.clone(),
            text: text.to_owned(),
            at_ms: self.time_ms(),
        });
        let edit = Edit::set(of.clone(), [(older.field.as_str(), older.text.as_str().into())]);
        let kept = Scope { keys: vec![older_row(of)], ..Scope::default() };
        let change = |table: &mut Table| {
            forget_older(table, of, older);
            if let Some(replaced) = replaced {
                keep_older(table, of, replaced);
            }
        };
        let refused = self.write_with(vec![edit], &kept, change).await?;
        if refused.is_empty() { Ok(()) } else { Err(NEWER.to_owned()) }
    }

    /// Throws an older text away.
    pub fn forget_older_text(&self, older: &OlderText) {
        let OlderText { of, older, .. } = older.clone();
        let scope = Scope { keys: vec![older_row(&of)], ..Scope::default() };
        self.write_device_rows(scope, move |table| forget_older(table, &of, &older));
    }

    /// Removes what was kept long enough. Called when the time is known for sure.
    pub(super) fn sweep_older_texts(&self) {
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let Ok(store) = session.store().await else { return };
            let scope = Scope { prefixes: vec![OLDER_ROWS.to_owned()], ..Scope::default() };
            let now_ms = session.time_ms();
            let swept = store.transact(&scope, Durability::Relaxed, |table| sweep_older(table, now_ms)).await;
            if let Err(error) = swept {
                session.toast(ToastKind::Error, &error.to_string());
            }
        });
    }
}
