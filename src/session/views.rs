//! From rows to what one sees. Every changed row passes here, whoever changed it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::unsaved::Unsaved;
use super::{Mark, Session, Slice, TranscriptView, browser};
use crate::chat::{ChatDraft, ChatSummary, Chosen, Profile, Settings, Transcript};
use crate::sync::{ChatScope, Edit, Entry, Id, Key, Record, Row, Scope, Table, Tx, TxOutcome};

/// What is shown, and the records it is made of.
#[derive(Default)]
pub(super) struct Views {
    pub(super) settings_record: Record,
    pub(super) profile_record: Record,
    pub(super) settings: Rc<Settings>,
    pub(super) profile: Rc<Profile>,
    pub(super) chats: BTreeMap<Id, ChatEntry>,
    pub(super) list: Rc<Vec<ChatSummary>>,
    pub(super) open: BTreeMap<Id, OpenChat>,
    /// What was chosen for chats that have no message yet.
    pub(super) drafts: BTreeMap<Id, ChatDraft>,
    /// What is shown as if it were in those records, and is to be written.
    pub(super) unsaved: Unsaved,
}

/// What is known of one chat without its messages.
#[derive(Default)]
pub(super) struct ChatEntry {
    pub(super) record: Option<Record>,
    pub(super) active_ms: u64,
    /// Whether it takes part in sync.
    pub(super) scope: ChatScope,
    /// A message that is not deleted is here although the chat's record is missing or deleted.
    pub(super) has_orphans: bool,
}

/// A chat whose messages are loaded.
#[derive(Default)]
pub(super) struct OpenChat {
    pub(super) records: BTreeMap<Id, Record>,
    pub(super) chosen: Chosen,
    pub(super) view: Rc<TranscriptView>,
    /// Messages that are not simply synced.
    pub(super) marks: BTreeMap<Id, Mark>,
    /// Messages that were written while the chat loads: what is here of them is newer than what is read.
    pub(super) written: BTreeSet<Id>,
}

/// What is to be said of a row beside its content.
fn mark(row: &Row) -> Option<Mark> {
    match &row.quarantine {
        _ if row.pending.is_empty() || row.hold => None,
        Some(quarantine) => Some(Mark::Refused(quarantine.reason.clone())),
        None => Some(Mark::Waiting),
    }
}

/// The rows a transaction wrote, as they are after it.
pub(super) fn changed_rows(table: &Table, outcome: &TxOutcome) -> Vec<(Key, Row)> {
    let row = |key: &Key| Row::read(table, key).ok().flatten().map(|row| (key.clone(), row));
    let mut keys: Vec<&Key> =
        outcome.changed.iter().chain(outcome.touched.iter().map(|(key, _)| key)).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter().filter_map(row).collect()
}

/// All readable rows of a table.
pub(super) fn all_rows(table: &Table) -> Vec<(Key, Row)> {
    [Key::CONFIG_ROWS, Key::CHAT_ROWS, Key::MESSAGE_ROWS]
        .iter()
        .flat_map(|prefix| table.range(prefix))
        .filter_map(|(key, entry)| read_row(key, entry))
        .collect()
}

/// One row of a table, if it is readable.
pub(super) fn read_row(key: &str, entry: &Entry) -> Option<(Key, Row)> {
    Some((Key::from_row_key(key).ok()?, Row::parse(entry).ok()?))
}

/// How many rows of a table should be readable.
pub(super) fn count_rows(table: &Table) -> usize {
    let prefixes = [Key::CONFIG_ROWS, Key::CHAT_ROWS, Key::MESSAGE_ROWS];
    let keys = prefixes.iter().flat_map(|prefix| table.range(prefix)).map(|(key, _)| key);
    keys.filter(|key| Key::from_row_key(key).is_ok()).count()
}

/// Rows of a table that cannot be read.
pub(super) fn corrupt_rows(table: &Table) -> Vec<Key> {
    [Key::CONFIG_ROWS, Key::CHAT_ROWS, Key::MESSAGE_ROWS]
        .iter()
        .flat_map(|prefix| table.range(prefix))
        .filter(|(_, entry)| Row::parse(entry).is_err())
        .filter_map(|(key, _)| Key::from_row_key(key).ok())
        .collect()
}

impl OpenChat {
    fn set_mark(&mut self, id: &Id, mark: Option<Mark>) -> bool {
        if self.marks.get(id) == mark.as_ref() {
            return false;
        }
        match mark {
            Some(mark) => self.marks.insert(id.clone(), mark),
            None => self.marks.remove(id),
        };
        true
    }
}

impl ChatEntry {
    /// Takes in the chat's row; says whether it is another than before.
    fn take(&mut self, row: &Row) -> bool {
        let record = Some(&row.record).filter(|record| !record.fields.is_empty());
        let (active_ms, scope) =
            row.feed.as_ref().map_or_else(Default::default, |feed| (feed.active_ms, feed.scope));
        if (self.record.as_ref(), self.active_ms, self.scope) == (record, active_ms, scope) {
            return false;
        }
        (self.record, self.active_ms, self.scope) = (record.cloned(), active_ms, scope);
        true
    }

    fn is_listed(&self) -> bool {
        self.has_orphans || self.record.as_ref().is_some_and(|record| !record.is_deleted())
    }

    pub(super) fn is_there(&self) -> bool {
        self.record.as_ref().is_some_and(|record| !record.fields.is_empty() && !record.is_deleted())
    }
}

impl Views {
    /// Takes in rows; says what changed.
    pub(super) fn take(&mut self, rows: &[(Key, Row)]) -> Vec<Slice> {
        let mut slices = Vec::new();
        let mut touch = |slice: Slice| {
            if !slices.contains(&slice) {
                slices.push(slice);
            }
        };
        let mut open = Vec::new();
        for (key, row) in rows {
            match key {
                Key::Settings => {
                    self.settings_record = row.record.clone();
                    touch(Slice::Settings);
                }
                Key::Profile => {
                    self.profile_record = row.record.clone();
                    self.show_profile();
                    touch(Slice::Profile);
                }
                Key::Chat(chat) => {
                    if self.chats.entry(chat.clone()).or_default().take(row) {
                        touch(Slice::Chats);
                    }
                }
                Key::Message(chat, id) => {
                    if let Some(chat_open) = self.open.get_mut(chat) {
                        if chat_open.view.loading {
                            chat_open.written.insert(id.clone());
                        }
                        if chat_open.set_mark(id, mark(row)) {
                            touch(Slice::Marks(chat.clone()));
                        }
                        // an acknowledgement changes nothing but the mark
                        if chat_open.records.get(id) != Some(&row.record) {
                            chat_open.records.insert(id.clone(), row.record.clone());
                            if !open.contains(chat) {
                                open.push(chat.clone());
                            }
                        }
                    }
                    let entry = self.chats.entry(chat.clone()).or_default();
                    if !row.record.is_deleted() && !entry.is_there() && !entry.has_orphans {
                        entry.has_orphans = true;
                        touch(Slice::Chats);
                    }
                }
            }
        }
        for chat in open {
            self.rebuild(&chat);
            touch(Slice::Transcript(chat.clone()));
            touch(Slice::Chats);
        }
        if slices.contains(&Slice::Chats) {
            self.relist();
        }
        slices
    }

    /// Takes in the rows of a chat that has loaded. What the snapshot said is replaced whole, and what was written
    /// meanwhile stays.
    pub(super) fn take_loaded(&mut self, chat: &Id, mut rows: Vec<(Key, Row)>) {
        let Some(open) = self.open.get_mut(chat).filter(|open| open.view.loading) else { return };
        open.view = Rc::new(TranscriptView { loading: false, transcript: open.view.transcript.clone() });
        let written = std::mem::take(&mut open.written);
        open.records.retain(|id, _| written.contains(id));
        open.marks.retain(|id, _| written.contains(id));
        rows.retain(|(key, _)| !matches!(key, Key::Message(_, id) if written.contains(id)));
        self.take(&rows);
        if rows.is_empty() {
            self.rebuild(chat);
        }
    }

    /// Makes the transcript anew from the records; unchanged messages stay the same pointers.
    pub(super) fn rebuild(&mut self, chat: &Id) {
        let Some(open) = self.open.get_mut(chat) else { return };
        let records = open.records.iter();
        let transcript = open.view.transcript.rebuild(records, &open.chosen);
        let alive = !transcript.shown.is_empty();
        open.view = Rc::new(TranscriptView { transcript, loading: open.view.loading });
        if let Some(entry) = self.chats.get_mut(chat) {
            entry.has_orphans = alive && !entry.is_there();
        }
    }

    /// The record of a chat that is there, as it is shown.
    pub(super) fn chat_record(&self, chat: &Id) -> Option<Cow<'_, Record>> {
        let entry = self.chats.get(chat).filter(|entry| entry.is_there())?;
        Some(self.unsaved.over(&Key::Chat(chat.clone()), entry.record.as_ref()?))
    }

    fn show_profile(&mut self) {
        let record = self.unsaved.over(&Key::Profile, &self.profile_record);
        self.profile = Rc::new(Profile::from_record(&record));
    }

    /// Shows what edits make of the records; says what changed. Messages are shown when they are stored.
    fn show(&mut self, edits: &[Edit]) -> Vec<Slice> {
        let shown = edits.iter().filter_map(|edit| match edit.key {
            Key::Settings => Some(Slice::Settings),
            Key::Profile => Some(Slice::Profile),
            Key::Chat(_) => Some(Slice::Chats),
            Key::Message(..) => None,
        });
        let slices: Vec<Slice> = shown.collect();
        if slices.contains(&Slice::Profile) {
            self.show_profile();
        }
        if slices.contains(&Slice::Chats) {
            self.relist();
        }
        slices
    }

    pub(super) fn relist(&mut self) {
        let listed = self.chats.iter().filter(|(_, entry)| entry.is_listed());
        let mut list: Vec<ChatSummary> = listed
            .map(|(id, entry)| {
                let first = self.open.get(id).and_then(|open| first_text(&open.view.transcript));
                let record = self.chat_record(id);
                ChatSummary {
                    scope: entry.scope,
                    ..ChatSummary::from_record(id, record.as_deref(), entry.active_ms, first)
                }
            })
            .collect();
        ChatSummary::sort(&mut list);
        self.list = Rc::new(list);
    }
}

fn first_text(transcript: &Transcript) -> Option<&str> {
    transcript.shown.first().map(|shown| shown.message.body.as_str())
}

impl Session {
    /// Shows rows that are stored.
    pub(super) fn show_rows(&self, rows: &[(Key, Row)]) {
        if rows.is_empty() {
            return;
        }
        let slices = self.0.views.borrow_mut().take(rows);
        for (key, _) in rows {
            match key {
                // in the same turn, so that it is never seen twice
                Key::Message(chat, message) => self.drop_reply(chat, message),
                Key::Chat(chat) if self.is_deleted(chat) => self.stop(chat),
                Key::Chat(_) | Key::Settings | Key::Profile => {}
            }
        }
        self.announce(&slices);
    }

    /// Shows edits that are not stored, or are not to be any more.
    pub(super) fn show_edited(&self, edits: &[Edit]) {
        let slices = self.0.views.borrow_mut().show(edits);
        self.announce(&slices);
    }

    fn announce(&self, slices: &[Slice]) {
        if slices.contains(&Slice::Settings) {
            self.refresh_settings();
        }
        for slice in slices {
            self.notify(slice);
        }
        self.mirror_later();
    }

    /// Reports rows of a loaded table that cannot be read: they are set aside, and fetched again.
    pub(super) async fn set_aside_corrupt(&self, table: &Table) {
        let keys = corrupt_rows(table);
        if keys.is_empty() {
            return;
        }
        if let Ok(outcome) = self.run(&Tx::Release(keys)).await {
            self.0.engine.borrow_mut().handle_written(&outcome, browser::now());
            self.drive();
        }
    }

    /// Reads rows again that another tab changed.
    pub(super) async fn reread(&self, keys: &[Key]) {
        let Ok(store) = self.store().await else { return };
        let scope = Scope { keys: keys.iter().map(Key::row_key).collect(), ..Scope::default() };
        if let Ok(table) = store.read(&scope).await {
            self.show_rows(&all_rows(&table));
        }
    }

    /// Reads again what is on the screen, in case a message of another tab was missed.
    pub(super) fn refresh_rows(&self) {
        let mut prefixes = vec![Key::CONFIG_ROWS.to_owned(), Key::CHAT_ROWS.to_owned()];
        prefixes.extend(self.0.views.borrow().open.keys().map(Key::messages_of));
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let Ok(store) = session.store().await else { return };
            if let Ok(table) = store.read(&Scope { prefixes, ..Scope::default() }).await {
                session.show_rows(&all_rows(&table));
            }
            session.reread_decided().await;
        });
    }

    /// Why a message is not simply synced; `None` also on a device that is in no space, where nothing is.
    #[must_use]
    pub fn mark(&self, chat: &Id, message: &Id) -> Option<Mark> {
        if !self.sync().paired {
            return None;
        }
        self.0.views.borrow().open.get(chat)?.marks.get(message).cloned()
    }

    /// All chats, pinned and newest first.
    #[must_use]
    pub fn chats(&self) -> Rc<Vec<ChatSummary>> {
        Rc::clone(&self.0.views.borrow().list)
    }

    /// The messages of a chat; still loading until [`Session::open_chat`] was answered.
    #[must_use]
    pub fn transcript(&self, chat: &Id) -> Rc<TranscriptView> {
        let views = self.0.views.borrow();
        let loading = || Rc::new(TranscriptView { loading: true, ..TranscriptView::default() });
        views.open.get(chat).map_or_else(loading, |open| Rc::clone(&open.view))
    }
}

#[cfg(test)]
mod tests;
