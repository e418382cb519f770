//! Deleted chats and messages, kept on this device for a while.
//!
//! They are rows with a prefix of their own, so that a start does not read them.

use super::views::all_rows;
use super::{Session, Slice, ToastKind, browser};
use crate::chat::{DeletedItem, Deletion, edits};
use crate::store::Durability;
use crate::sync::{Edit, Entry, Id, Key, Record, Scope, Table, Tx};

const TRASH_ROWS: &str = "t/";

fn row(id: &str) -> String {
    format!("{TRASH_ROWS}{id}")
}

fn everything() -> Scope {
    Scope { prefixes: vec![TRASH_ROWS.to_owned()], ..Scope::default() }
}

fn deletions(table: &Table) -> impl Iterator<Item = (&str, Deletion)> {
    table.range(TRASH_ROWS).filter_map(|(key, entry)| {
        Some((key.strip_prefix(TRASH_ROWS)?, Deletion::parse(entry.open().ok()?)?))
    })
}

/// The rows into which a transaction may put what other devices deleted.
pub(super) fn rows_for_taken(tx: &Tx) -> Vec<String> {
    let Tx::Merge { documents, .. } = tx else { return Vec::new() };
    let tombstones = documents.iter().filter(|d| d.record.as_ref().is_some_and(Record::is_deleted));
    tombstones
        .flat_map(|document| {
            [Some(row_for_taken(&document.key)), document.key.chat().map(|chat| row(chat.as_str()))]
        })
        .flatten()
        .collect()
}

/// Where one of them is kept. The names of chats and messages are no names of this device's own deletions.
pub(super) fn row_for_taken(key: &Key) -> String {
    match key {
        Key::Message(_, id) | Key::Chat(id) => row(id.as_str()),
        Key::Settings | Key::Profile => row(&key.row_key()),
    }
}

impl Session {
    /// Deletes, keeps what was deleted in the same transaction, and offers to undo it.
    pub(super) async fn delete(&self, edits: Vec<Edit>, saved: Vec<(Key, Record)>, text: &str) {
        let kept = Deletion::new(self.time_ms(), &saved);
        let id = browser::random_id('t').to_string();
        let entry = kept.map(|kept| (row(&id), Entry::local(&kept.to_json())));
        let keep = move |table: &mut Table| {
            if let Some((key, entry)) = entry {
                table.put(&key, entry);
            }
        };
        if let Err(why) = self.write(edits, keep).await {
            return self.toast(ToastKind::Error, &why);
        }
        self.notify(&Slice::Trash);
        let session = self.clone();
        self.toast_with(text, "Undo", move || {
            let (session, id) = (session.clone(), id.clone());
            wasm_bindgen_futures::spawn_local(async move {
                if let Err(why) = session.restore(&id).await {
                    session.toast(ToastKind::Error, &why);
                }
            });
        });
    }

    /// What can be brought back, newest first.
    ///
    /// # Errors
    /// One sentence.
    pub async fn trash(&self) -> Result<Vec<DeletedItem>, String> {
        let table = self.store().await?.read(&everything()).await.map_err(|error| error.to_string())?;
        let now_ms = self.time_ms();
        let mut items: Vec<DeletedItem> = deletions(&table)
            .filter(|(_, kept)| !kept.is_over(now_ms))
            .filter_map(|(id, kept)| kept.item(id, now_ms))
            .collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.at_ms));
        Ok(items)
    }

    /// Brings back what one deletion took away, on all devices. Says to which chat it belongs.
    ///
    /// # Errors
    /// One sentence; nothing changed.
    pub async fn restore(&self, id: &str) -> Result<Option<Id>, String> {
        let key = row(id);
        let scope = Scope { keys: vec![key.clone()], ..Scope::default() };
        let table = self.store().await?.read(&scope).await.map_err(|error| error.to_string())?;
        let kept = table.get(&key).and_then(|entry| Deletion::parse(entry.open().ok()?));
        // another tab was quicker: it is back already
        let Some(kept) = kept else { return Ok(None) };
        let records: Vec<(Key, &Record)> = kept.records().collect();
        let chat = records.iter().find_map(|(key, _)| key.chat().cloned());
        // what another device brought back is newer than what was kept
        let there = self
            .read_records(&Scope {
                keys: records.iter().map(|(key, _)| key.row_key()).collect(),
                ..Scope::default()
            })
            .await?;
        let gone = records.iter().filter(|(key, _)| !there.iter().any(|(alive, _)| alive == key));
        let edits = edits::undelete(gone.map(|(key, record)| (key, *record)));
        let is_back = edits.is_empty();
        self.write(edits, |table| table.remove(&key)).await?;
        self.notify(&Slice::Trash);
        Ok(chat.filter(|_| !is_back))
    }

    /// Removes for good what was deleted.
    ///
    /// # Errors
    /// One sentence; nothing changed.
    pub async fn empty_trash(&self) -> Result<(), String> {
        self.remove_deletions(|_| true).await
    }

    /// Removes what was deleted too long ago.
    pub(super) async fn sweep_trash(&self) {
        let now_ms = self.time_ms();
        // it is tried again at the next start
        let _ = self.remove_deletions(move |kept| kept.is_none_or(|kept| kept.is_over(now_ms))).await;
    }

    async fn remove_deletions(&self, is_over: impl Fn(Option<&Deletion>) -> bool) -> Result<(), String> {
        let sweep = |table: &mut Table| {
            let over: Vec<String> = table
                .range(TRASH_ROWS)
                .filter(|(_, entry)| is_over(entry.open().ok().and_then(Deletion::parse).as_ref()))
                .map(|(key, _)| key.to_owned())
                .collect();
            over.iter().for_each(|key| table.remove(key));
        };
        let store = self.store().await?;
        store.transact(&everything(), Durability::Relaxed, sweep).await.map_err(|error| error.to_string())?;
        self.notify(&Slice::Trash);
        Ok(())
    }

    /// The records of a scope that are not deleted.
    pub(super) async fn read_records(&self, scope: &Scope) -> Result<Vec<(Key, Record)>, String> {
        let table = self.store().await?.read(scope).await.map_err(|error| error.to_string())?;
        let rows = all_rows(&table).into_iter();
        Ok(rows.filter(|(_, row)| !row.record.is_deleted()).map(|(key, row)| (key, row.record)).collect())
    }
}
