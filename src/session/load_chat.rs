//! Loading the messages of a chat.
//!
//! Promises: a long chat is read in parts, so that the page answers meanwhile; what is written while it loads is not
//! taken back on the screen by what was read before.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;

use super::views::{OpenChat, count_rows, read_row};
use super::{Session, Slice, ToastKind, TranscriptView};
use crate::sync::{Id, Key, Row, Scope, Table, Tx};

/// How many rows are read without a pause.
const PART: usize = 250;

impl Session {
    /// Loads the messages of a chat, and keeps them up to date from now on.
    pub fn open_chat(&self, chat: &Id) {
        self.set_last_chat(chat);
        let known = {
            let mut views = self.0.views.borrow_mut();
            let open = views.open.entry(chat.clone()).or_insert_with(|| OpenChat {
                view: Rc::new(TranscriptView { loading: true, ..TranscriptView::default() }),
                ..OpenChat::default()
            });
            !open.view.loading
        };
        if known {
            return;
        }
        let (session, chat) = (self.clone(), chat.clone());
        wasm_bindgen_futures::spawn_local(async move { session.load_chat(chat).await });
    }

    async fn load_chat(&self, chat: Id) {
        let Ok(store) = self.store().await else { return };
        self.choose_stored_versions(&chat).await;
        let scope = Scope { prefixes: vec![Key::messages_of(&chat)], ..Scope::default() };
        match store.read(&scope).await {
            Ok(table) => {
                let rows = in_parts(&table).await;
                let count = rows.len();
                self.0.views.borrow_mut().take_loaded(&chat, rows);
                self.mirror_later();
                if count > PART {
                    pause().await;
                }
                for slice in [Slice::Transcript(chat.clone()), Slice::Marks(chat.clone()), Slice::Chats] {
                    self.notify(&slice);
                }
                // a long chat is not read twice to find out that all is well
                if count < count_rows(&table) {
                    self.set_aside_corrupt(&table).await;
                }
            }
            Err(error) => self.toast(ToastKind::Error, &error.to_string()),
        }
        let is_known = self.0.views.borrow().chats.contains_key(&chat);
        if is_known && self.run(&Tx::Follow(chat)).await.is_ok() && self.client().is_some() {
            // its messages may never have been fetched
            self.sync_now();
        }
    }
}

/// All readable rows of a table.
async fn in_parts(table: &Table) -> Vec<(Key, Row)> {
    let mut rows = Vec::new();
    for (at, (key, entry)) in table.range(Key::MESSAGE_ROWS).enumerate() {
        if at % PART == PART - 1 {
            pause().await;
        }
        rows.extend(read_row(key, entry));
    }
    rows
}

/// Lets the page do what waits.
async fn pause() {
    TimeoutFuture::new(0).await;
}
