//! What the user decided, or an answer that arrived, and this device has not stored yet.
//!
//! Promises: it is written in the background; where that fails it is said once and tried again until it is kept, and the
//! browser asks before it closes the page. What was decided last is what is written, and what was written by other means
//! meanwhile is not overwritten. Only an edit of what a newer build made is given up, and that is said as well.

use std::borrow::Cow;
use std::collections::BTreeMap;

use gloo_timers::future::TimeoutFuture;

use super::reply::live_row;
use super::{NEWER, Session, Slice, ToastKind, browser};
use crate::sync::{Edit, Key, Record, Register, Scope, Stamp, Table, Value};

const RETRY_MS: u32 = 5_000;

/// Fields that were decided and are not stored yet, each with the number of its decision.
#[derive(Default)]
pub(super) struct Unsaved {
    fields: BTreeMap<Key, BTreeMap<String, (Value, u64)>>,
    decided: u64,
}

impl Unsaved {
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Takes in edits; of each field the last one counts.
    pub(super) fn add(&mut self, edits: &[Edit]) {
        self.decided += 1;
        for edit in edits {
            let fields =
                edit.fields.iter().map(|(name, value)| (name.clone(), (value.clone(), self.decided)));
            self.fields.entry(edit.key.clone()).or_default().extend(fields);
        }
    }

    /// What is to be written.
    pub(super) fn edits(&self) -> Vec<Edit> {
        let plain = |fields: &BTreeMap<String, (Value, u64)>| {
            fields.iter().map(|(name, (value, _))| (name.clone(), value.clone())).collect()
        };
        self.fields.iter().map(|(key, fields)| Edit { key: key.clone(), fields: plain(fields) }).collect()
    }

    /// The number of the last decision.
    pub(super) fn decided(&self) -> u64 {
        self.decided
    }

    /// Whatever was decided of these fields up to that number is stored, overwritten or refused. What was decided since
    /// is still to be written. Says whether there was anything of it.
    pub(super) fn settle(&mut self, edits: &[Edit], decided: u64) -> bool {
        let mut any = false;
        for edit in edits {
            let Some(fields) = self.fields.get_mut(&edit.key) else { continue };
            let before = fields.len();
            fields.retain(|name, (_, number)| *number > decided || !edit.fields.contains_key(name));
            any |= fields.len() < before;
            if fields.is_empty() {
                self.fields.remove(&edit.key);
            }
        }
        any
    }

    /// A record as it will be when all is stored, to be shown.
    pub(super) fn over<'a>(&self, key: &Key, record: &'a Record) -> Cow<'a, Record> {
        let Some(fields) = self.fields.get(key) else { return Cow::Borrowed(record) };
        let mut record = record.clone();
        record.fields.extend(fields.iter().map(|(name, (value, _))| {
            // it has no stamp before it is written
            (name.clone(), Register { value: value.clone(), stamp: Stamp::new(0, 0, 0) })
        }));
        Cow::Owned(record)
    }
}

impl Session {
    /// Shows edits and writes them in the background, until they are kept.
    pub(super) fn save(&self, edits: Vec<Edit>) {
        let is_under_way = self.is_unsaved();
        self.0.views.borrow_mut().unsaved.add(&edits);
        self.show_edited(&edits);
        self.notify(&Slice::Unsaved);
        if !is_under_way {
            let session = self.clone();
            wasm_bindgen_futures::spawn_local(async move { session.write_unsaved().await });
        }
    }

    /// Whether anything that is shown as decided is not stored yet.
    #[must_use]
    pub fn is_unsaved(&self) -> bool {
        !self.0.views.borrow().unsaved.is_empty()
    }

    async fn write_unsaved(&self) {
        let (mut told, mut asking): (Option<(String, u32)>, _) = (None, None);
        while self.is_unsaved() {
            let edits = self.0.views.borrow().unsaved.edits();
            let live_rows: Vec<String> = edits.iter().filter_map(|edit| live_row_of(&edit.key)).collect();
            let remove = |table: &mut Table| live_rows.iter().for_each(|row| table.remove(row));
            match self.write_with(edits.clone(), &Scope::default(), remove).await {
                Ok(refused) if refused.is_empty() => {}
                Ok(_) => self.toast(ToastKind::Error, NEWER),
                Err(why) => {
                    if told.as_ref().is_none_or(|(said, _)| *said != why) {
                        let text = format!("Not saved yet; it is tried again while this page is open. {why}");
                        self.close_told(told.take());
                        told = Some((why, self.sticky_toast(ToastKind::Error, &text)));
                    }
                    asking = asking.or_else(browser::ask_before_leaving);
                    edits.iter().for_each(|edit| self.note_unsaved_reply(&edit.key));
                    TimeoutFuture::new(RETRY_MS).await;
                }
            }
        }
        if told.is_some() {
            self.close_told(told);
            self.toast(ToastKind::Info, "Everything is saved now.");
        }
    }

    fn close_told(&self, told: Option<(String, u32)>) {
        if let Some((_, id)) = told {
            self.close_toast(id);
        }
    }
}

/// The row in which an answer was saved while it grew.
fn live_row_of(key: &Key) -> Option<String> {
    match key {
        Key::Message(_, id) => Some(live_row(id)),
        Key::Settings | Key::Profile | Key::Chat(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(fields: &[(&'static str, &str)]) -> Vec<Edit> {
        vec![Edit::set(Key::Profile, fields.iter().map(|(name, value)| (*name, Value::from(*value))))]
    }

    #[test]
    fn what_was_decided_last_is_what_is_written() {
        let mut unsaved = Unsaved::default();
        unsaved.add(&edit(&[("name", "A"), ("bio", "long")]));
        unsaved.add(&edit(&[("name", "Ada")]));
        assert_eq!(unsaved.edits(), edit(&[("name", "Ada"), ("bio", "long")]));
    }

    #[test]
    fn what_was_decided_while_it_was_written_is_written_next() {
        let mut unsaved = Unsaved::default();
        unsaved.add(&edit(&[("name", "A"), ("bio", "long")]));
        let (begun, decided) = (unsaved.edits(), unsaved.decided());
        unsaved.add(&edit(&[("name", "Ada")]));
        assert!(unsaved.settle(&begun, decided));
        assert_eq!(unsaved.edits(), edit(&[("name", "Ada")]));
        assert!(unsaved.settle(&unsaved.edits(), unsaved.decided()));
        assert!(unsaved.is_empty());
    }

    #[test]
    fn what_was_written_by_other_means_is_not_overwritten() {
        let mut unsaved = Unsaved::default();
        unsaved.add(&edit(&[("name", "waits"), ("bio", "waits")]));
        assert!(unsaved.settle(&edit(&[("name", "taken back")]), unsaved.decided()));
        assert_eq!(unsaved.edits(), edit(&[("bio", "waits")]));
        assert!(!unsaved.settle(&edit(&[("email", "another")]), unsaved.decided()));
    }

    #[test]
    fn a_record_is_shown_as_it_will_be_and_nothing_else_of_it_changes() {
        let mut unsaved = Unsaved::default();
        let mut record = Record::default();
        let register = |text: &str| Register { value: text.into(), stamp: Stamp::new(1, 0, 0) };
        record.fields.insert("name".to_owned(), register("Old"));
        record.fields.insert("bio".to_owned(), register("kept"));
        unsaved.add(&edit(&[("name", "New")]));
        let shown = unsaved.over(&Key::Profile, &record);
        assert_eq!((shown.text("name"), shown.text("bio")), (Some("New"), Some("kept")));
        assert_eq!(*unsaved.over(&Key::Settings, &record), record);
    }
}
