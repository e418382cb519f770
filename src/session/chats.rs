//! What the user does to chats and messages.

use std::rc::Rc;

use super::device::read_text;
use super::drafts::draft_row;
use super::views::ChatEntry;
use super::{Session, Slice, ToastKind, browser};
use crate::chat::{ChatDraft, NewMessage, edits, title_from_first_exchange};
use crate::sync::{Edit, Id, Key, Record, Scope, Table, Value};

impl Session {
    /// Id for a chat that begins with its first message.
    #[must_use]
    pub fn new_chat_id(&self) -> Id {
        browser::random_id('c')
    }

    /// Keeps a message and asks for an answer. `Ok` means that the message is on this device for
    /// good.
    ///
    /// # Errors
    /// One sentence; nothing was kept and the text is still the caller's.
    pub async fn send(&self, chat: &Id, text: String) -> Result<(), String> {
        let id = browser::random_id('m');
        let at_ms = self.time_ms();
        let (edits, question) = {
            let views = self.0.views.borrow();
            let empty = crate::chat::Transcript::default();
            let transcript = views.open.get(chat).map_or(&empty, |open| &open.view.transcript);
            let question = NewMessage::question(id.clone(), text, at_ms, transcript);
            let is_there = views.chats.get(chat).is_some_and(ChatEntry::is_there);
            let draft = (!is_there).then(|| ChatDraft {
                title: title_from_first_exchange(&question.body),
                at_ms,
                ..views.drafts.get(chat).cloned().unwrap_or_else(|| ChatDraft::new(chat.clone(), at_ms))
            });
            let mut edits = edits::send(chat, draft.as_ref(), &question);
            let is_deleted = |entry: &ChatEntry| entry.record.as_ref().is_some_and(Record::is_deleted);
            if views.chats.get(chat).is_some_and(is_deleted) {
                // its page was still open: speaking there begins it anew
                let revive = Edit::set(Key::Chat(chat.clone()), [("del", Value::Null)]);
                edits.insert(0, revive);
            }
            (edits, question)
        };
        self.open_new(chat);
        let (row, own) = (draft_row(chat), self.draft(chat));
        let forget = |table: &mut Table| {
            // unless another tab has written something else there
            if table.get(&row).and_then(read_text).is_some_and(|text| text == own) {
                table.remove(&row);
            }
        };
        self.write(edits, forget).await?;
        self.forget_draft(chat);
        self.0.views.borrow_mut().drafts.remove(chat);
        self.note_rows();
        // at once, or a crash now would bring back as a draft what was sent
        self.write_mirror();
        self.answer(chat, &question.id);
        Ok(())
    }

    /// Says something again in other words: a new version of a question, which is answered anew. The old one and
    /// what followed it are kept. `Ok` means that it is on this device for good.
    ///
    /// # Errors
    /// One sentence; nothing was kept and the text is still the caller's.
    pub async fn edit_message(&self, chat: &Id, old: &Id, text: String) -> Result<(), String> {
        if self.live(chat).is_some() {
            return Err("An answer is being written; stop it first, or wait.".to_owned());
        }
        let at_ms = self.time_ms();
        let question = {
            let mut views = self.0.views.borrow_mut();
            let Some(open) = views.open.get_mut(chat) else {
                return Err("The chat is not open any more; open it again.".to_owned());
            };
            let shown = open.view.transcript.shown.iter().find(|shown| shown.message.id == *old);
            if let Some(versions) = shown.map(|shown| Rc::clone(&shown.versions)) {
                open.chosen.forget(&versions);
            }
            NewMessage::edited(browser::random_id('m'), text, at_ms, &open.view.transcript, old)
        };
        self.keep_chosen_versions(chat);
        self.write(vec![question.edit(chat)], |_| ()).await?;
        self.answer(chat, &question.id);
        Ok(())
    }

    /// A chat that begins now has nothing to load.
    fn open_new(&self, chat: &Id) {
        let mut views = self.0.views.borrow_mut();
        if !views.chats.contains_key(chat) {
            let open = views.open.entry(chat.clone()).or_default();
            if open.view.loading {
                open.view = Rc::default();
            }
        }
    }

    /// Time for a new record: what the server says it is, where that is known.
    pub(super) fn time_ms(&self) -> u64 {
        self.0.engine.borrow().clock().time_ms(browser::now())
    }

    /// Asks for another answer beside this one.
    pub fn regenerate(&self, chat: &Id, answer: &Id) {
        let question = {
            let views = self.0.views.borrow();
            let open = views.open.get(chat);
            open.and_then(|open| open.view.transcript.get(answer)?.re.clone())
        };
        if let Some(question) = question {
            self.retry(chat, &question);
        }
    }

    /// Asks for the rest of an answer that was cut. The whole becomes another version beside it.
    pub fn continue_reply(&self, chat: &Id, answer: &Id) {
        let cut = {
            let views = self.0.views.borrow();
            views.open.get(chat).and_then(|open| open.view.transcript.get(answer).cloned())
        };
        let Some(cut) = cut.filter(|cut| cut.is_cut()) else { return };
        let Some(question) = cut.re.clone() else { return };
        self.show_newest(chat, &question);
        self.ask(chat, &question, Some(&cut));
    }

    /// Asks for an answer to a question again.
    pub fn retry(&self, chat: &Id, question: &Id) {
        self.show_newest(chat, question);
        self.answer(chat, question);
    }

    /// Lets a new answer be the one that is shown.
    fn show_newest(&self, chat: &Id, question: &Id) {
        if let Some(open) = self.0.views.borrow_mut().open.get_mut(chat) {
            let versions =
                open.view.transcript.shown.iter().find(|s| s.message.re.as_ref() == Some(question));
            if let Some(versions) = versions.map(|shown| Rc::clone(&shown.versions)) {
                open.chosen.forget(&versions);
            }
        }
    }

    /// Shows another version of a message.
    pub fn choose_version(&self, chat: &Id, message: &Id) {
        {
            let mut views = self.0.views.borrow_mut();
            let Some(open) = views.open.get_mut(chat) else { return };
            let versions = open.view.transcript.shown.iter().find(|shown| shown.versions.contains(message));
            let Some(versions) = versions.map(|shown| Rc::clone(&shown.versions)) else { return };
            open.chosen.choose(&versions, message);
            views.rebuild(chat);
        }
        self.keep_chosen_versions(chat);
        self.notify(&Slice::Transcript(chat.clone()));
    }

    fn keep_chosen_versions(&self, chat: &Id) {
        let ids: Vec<Id> = {
            let views = self.0.views.borrow();
            views.open.get(chat).map(|open| open.chosen.ids().cloned().collect()).unwrap_or_default()
        };
        let row = chosen_row(chat);
        let scope = Scope { keys: vec![row.clone()], ..Scope::default() };
        // ids only: cannot fail
        let json = serde_json::to_string(&ids).unwrap_or_default();
        self.write_device_rows(scope, move |table| table.put(&row, crate::sync::Entry::local(&json)));
    }

    pub(super) async fn choose_stored_versions(&self, chat: &Id) {
        let Ok(store) = self.store().await else { return };
        let row = chosen_row(chat);
        let Ok(table) = store.read(&Scope { keys: vec![row.clone()], ..Scope::default() }).await else {
            return;
        };
        let ids = table.get(&row).and_then(|entry| serde_json::from_str::<Vec<Id>>(entry.open().ok()?).ok());
        if let (Some(ids), Some(open)) = (ids, self.0.views.borrow_mut().open.get_mut(chat)) {
            open.chosen = ids.into_iter().collect();
        }
    }

    /// Gives a chat a title.
    pub fn rename_chat(&self, chat: &Id, title: &str) {
        self.save(edits::rename(chat, title));
    }

    /// Pins a chat to the top of the list, or takes it down.
    pub fn set_pinned(&self, chat: &Id, pinned: bool) {
        self.save(edits::pin(chat, pinned));
    }

    /// Deletes a chat; a toast offers to undo it.
    pub fn delete_chat(&self, chat: &Id) {
        let (session, chat) = (self.clone(), chat.clone());
        wasm_bindgen_futures::spawn_local(async move {
            // an answer that is kept after its chat was deleted would bring it back from the dead
            session.stop_and_keep(&chat).await;
            let scope = Scope {
                keys: vec![Key::Chat(chat.clone()).row_key()],
                prefixes: vec![Key::messages_of(&chat)],
                pending: false,
            };
            let saved = match session.read_records(&scope).await {
                Ok(saved) => saved,
                Err(why) => return session.toast(ToastKind::Error, &why),
            };
            if saved.is_empty() {
                // pressed twice
                return;
            }
            let messages = saved.iter().filter_map(|(key, _)| match key {
                Key::Message(_, id) => Some(id),
                Key::Settings | Key::Profile | Key::Chat(_) => None,
            });
            let edits = edits::delete_chat(&chat, messages);
            session.delete(edits, saved, "Chat deleted").await;
            session.forget_orphans(&chat);
        });
    }

    /// Deletes one message; a toast offers to undo it.
    pub fn delete_message(&self, chat: &Id, message: &Id) {
        let (session, chat, message) = (self.clone(), chat.clone(), message.clone());
        wasm_bindgen_futures::spawn_local(async move {
            let key = Key::Message(chat.clone(), message.clone());
            let scope = Scope { keys: vec![key.row_key()], ..Scope::default() };
            match session.read_records(&scope).await {
                Ok(saved) => {
                    session.delete(edits::delete_messages(&chat, [&message]), saved, "Message deleted").await
                }
                Err(why) => session.toast(ToastKind::Error, &why),
            }
        });
    }

    /// All of a chat's messages were deleted: a recovered one is not listed any more.
    pub(super) fn forget_orphans(&self, chat: &Id) {
        {
            let mut views = self.0.views.borrow_mut();
            if let Some(entry) = views.chats.get_mut(chat) {
                entry.has_orphans = false;
            }
            views.relist();
        }
        self.notify(&Slice::Chats);
    }
}

fn chosen_row(chat: &Id) -> String {
    format!("l/chosen/{chat}")
}
