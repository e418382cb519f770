//! Which chats take part in sync.

use super::{Session, ToastKind, browser};
use crate::sync::{ChatScope, Id, Tx};

impl Session {
    /// Whether a chat takes part in sync.
    #[must_use]
    pub fn chat_scope(&self, chat: &Id) -> ChatScope {
        self.0.views.borrow().chats.get(chat).map(|entry| entry.scope).unwrap_or_default()
    }

    /// Decides whether a chat takes part in sync.
    pub fn set_chat_scope(&self, chat: &Id, scope: ChatScope) {
        let (session, chat) = (self.clone(), chat.clone());
        wasm_bindgen_futures::spawn_local(async move {
            match session.run(&Tx::SetScope(chat, scope)).await {
                Ok(outcome) => {
                    session.0.engine.borrow_mut().handle_written(&outcome, browser::now());
                    session.drive();
                }
                Err(why) => session.toast(ToastKind::Error, &why),
            }
        });
    }
}
