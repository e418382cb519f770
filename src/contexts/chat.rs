//! Chats, their messages, and the reply in the making.

use std::rc::Rc;

use yew::prelude::*;

use super::slice::{use_handle, use_slice};
use crate::chat::{Answerer, ChatSummary, Model, Settings};
use crate::session::{LiveReply, Mark, Session, Slice, TranscriptView};
use crate::sync::{ChatScope, Id};

/// Commands about chats.
#[derive(Clone, PartialEq)]
pub struct ChatContext(pub(super) Session);

impl ChatContext {
    /// Id for a chat that begins with its first message.
    #[must_use]
    pub fn new_chat_id(&self) -> Id {
        self.0.new_chat_id()
    }

    /// The chat to open at start.
    #[must_use]
    pub fn last_chat(&self) -> Option<Id> {
        self.0.last_chat()
    }

    /// Starts loading a chat.
    pub fn open(&self, chat: &Id) {
        self.0.open_chat(chat);
    }

    /// Whether the chat has no message, as far as the device has answered.
    #[must_use]
    pub fn is_empty(&self, chat: &Id) -> bool {
        let view = self.0.transcript(chat);
        !view.loading && view.transcript.shown.is_empty() && self.0.live(chat).is_none()
    }

    /// Whether a reply is being streamed in the chat.
    #[must_use]
    pub fn is_answering(&self, chat: &Id) -> bool {
        self.0.live(chat).is_some()
    }

    /// Keeps a message and asks for an answer. `Ok` means that the message is safe on this device.
    ///
    /// # Errors
    /// One sentence for the user; nothing was kept.
    pub async fn send(&self, chat: &Id, text: String) -> Result<(), String> {
        self.0.send(chat, text).await
    }

    /// Says something again in other words; the old version is kept. `Ok` means that it is safe on this device.
    ///
    /// # Errors
    /// One sentence for the user; nothing was kept.
    pub async fn edit(&self, chat: &Id, message: &Id, text: String) -> Result<(), String> {
        self.0.edit_message(chat, message, text).await
    }

    /// Ends the reply; what has arrived is kept.
    pub fn stop(&self, chat: &Id) {
        self.0.stop(chat);
    }

    /// Asks for another answer beside this one.
    pub fn regenerate(&self, chat: &Id, answer: &Id) {
        self.0.regenerate(chat, answer);
    }

    /// Asks again after a failed answer.
    pub fn retry(&self, chat: &Id, question: &Id) {
        self.0.retry(chat, question);
    }

    /// Asks for the rest of an answer that was cut ([`crate::chat::Message::is_cut`]); the whole
    /// becomes another version beside it.
    pub fn continue_reply(&self, chat: &Id, answer: &Id) {
        self.0.continue_reply(chat, answer);
    }

    /// Chooses who answers in the chat; `None` follows the settings.
    pub fn set_answerer(&self, chat: &Id, answerer: Option<Answerer>) {
        self.0.set_answerer(chat, answerer);
    }

    /// Sets the system prompt of the chat; `None` follows the settings, an empty one means none.
    pub fn set_system(&self, chat: &Id, system: Option<String>) {
        self.0.set_system(chat, system);
    }

    /// Shows one of several versions.
    pub fn choose_version(&self, chat: &Id, message: &Id) {
        self.0.choose_version(chat, message);
    }

    /// Gives the chat a title.
    pub fn rename(&self, chat: &Id, title: &str) {
        self.0.rename_chat(chat, title);
    }

    /// Pins the chat to the top, or not.
    pub fn set_pinned(&self, chat: &Id, pinned: bool) {
        self.0.set_pinned(chat, pinned);
    }

    /// Decides whether the chat takes part in sync.
    pub fn set_scope(&self, chat: &Id, scope: ChatScope) {
        self.0.set_chat_scope(chat, scope);
    }

    /// Deletes the chat; a toast offers to undo it.
    pub fn delete(&self, chat: &Id) {
        self.0.delete_chat(chat);
    }

    /// Takes the chat out of the cloud and keeps it here as a copy that never leaves this device; the
    /// original is deleted everywhere. Says under which id it goes on.
    ///
    /// # Errors
    /// One sentence for the user; nothing changed.
    pub async fn keep_only_here(&self, chat: &Id) -> Result<Id, String> {
        self.0.keep_only_here(chat).await
    }

    /// Deletes a message; a toast offers to undo it.
    pub fn delete_message(&self, chat: &Id, message: &Id) {
        self.0.delete_message(chat, message);
    }

    /// What was typed but not sent.
    #[must_use]
    pub fn draft(&self, chat: &Id) -> String {
        self.0.draft(chat)
    }

    /// Keeps what was typed but not sent.
    pub fn save_draft(&self, chat: &Id, text: &str) {
        self.0.save_draft(chat, text);
    }
}

/// Commands about chats.
#[hook]
pub fn use_chat_context() -> ChatContext {
    use_handle()
}

/// All chats, newest first.
#[hook]
pub fn use_chats() -> Rc<Vec<ChatSummary>> {
    let ChatContext(session) = use_handle();
    use_slice(&session, Slice::Chats, Session::chats)
}

/// The messages of a chat.
#[hook]
pub fn use_transcript(chat: &Id) -> Rc<TranscriptView> {
    let ChatContext(session) = use_handle();
    let id = chat.clone();
    use_slice(&session, Slice::Transcript(chat.clone()), move |session| session.transcript(&id))
}

/// Whether a chat takes part in sync; also known of one that has not begun.
#[hook]
pub fn use_scope(chat: &Id) -> ChatScope {
    let ChatContext(session) = use_handle();
    let id = chat.clone();
    use_slice(&session, Slice::Chats, move |session| session.chat_scope(&id))
}

/// Why a message is not simply synced.
#[hook]
pub fn use_mark(chat: &Id, message: &Id) -> Option<Mark> {
    let ChatContext(session) = use_handle();
    let (chat_id, message) = (chat.clone(), message.clone());
    use_slice(&session, Slice::Marks(chat.clone()), move |session| session.mark(&chat_id, &message))
}

/// Who answers in a chat: as it says itself, else as the settings say.
#[hook]
pub fn use_model(chat: Option<&Id>) -> Model {
    let (settings, known) = use_chat_settings(chat);
    settings.model_in(known.as_ref())
}

/// The settings, and what a chat says itself.
#[hook]
pub fn use_chat_settings(chat: Option<&Id>) -> (Rc<Settings>, Option<ChatSummary>) {
    let ChatContext(session) = use_handle();
    let chat = chat.cloned();
    let known = use_slice(&session, Slice::Chats, move |session| session.summary(chat.as_ref()?));
    (use_slice(&session, Slice::Settings, Session::settings), known)
}

/// The key that a chat's model needs and does not have: which model, and the host.
#[hook]
pub fn use_missing_key(chat: &Id) -> Option<(Model, String)> {
    let ChatContext(session) = use_handle();
    let ask = {
        let chat = chat.clone();
        move |session: &Session| session.missing_key(&chat).map(|(model, key)| (model, key.host))
    };
    let by_chat = use_slice(&session, Slice::Chats, ask.clone());
    let by_settings = use_slice(&session, Slice::Settings, ask);
    // one of them may be older than the other; both must say so
    by_chat.filter(|_| by_settings.is_some())
}

/// Whether the messages and the draft of a chat have come from the device's storage.
#[hook]
pub fn use_is_loaded(chat: &Id) -> bool {
    let ChatContext(session) = use_handle();
    let id = chat.clone();
    use_slice(&session, Slice::Transcript(chat.clone()), move |session| !session.transcript(&id).loading)
}

/// The reply with this id, while it is being streamed; renders once a frame at most, so only the reply itself uses it.
#[hook]
pub fn use_reply(chat: &Id, reply: &Id) -> Option<Rc<LiveReply>> {
    let ChatContext(session) = use_handle();
    let (chat, id) = (chat.clone(), reply.clone());
    use_slice(&session, Slice::Reply(reply.clone()), move |session| {
        session.live(&chat).filter(|live| live.id == id)
    })
}

/// Whether a reply is over and could not be stored so far.
#[hook]
pub fn use_is_reply_unsaved(chat: &Id) -> bool {
    let ChatContext(session) = use_handle();
    let id = chat.clone();
    let is_unsaved = move |session: &Session| session.live(&id).is_some_and(|live| live.is_unsaved);
    use_slice(&session, Slice::Live(chat.clone()), is_unsaved)
}

/// The ids of the reply that is being streamed and of its question; changes when a reply begins or ends,
/// not with its words.
#[hook]
pub fn use_live_ids(chat: &Id) -> Option<(Id, Id)> {
    let ChatContext(session) = use_handle();
    let id = chat.clone();
    use_slice(&session, Slice::Live(chat.clone()), move |session| {
        session.live(&id).map(|live| (live.id.clone(), live.re.clone()))
    })
}
