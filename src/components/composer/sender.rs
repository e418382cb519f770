//! From the field to the session.

use web_sys::HtmlTextAreaElement;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::draft::Draft;
use crate::contexts::use_chat_context;
use crate::sync::Id;

/// What [`use_sender`] offers.
pub(super) struct Sender {
    /// Sends what is in the field, if there is anything.
    pub(super) send: Callback<()>,
    /// It is on its way to this device's storage.
    pub(super) sending: bool,
    /// Why it could not be kept.
    pub(super) problem: Option<String>,
}

/// Sends. The field is cleared only when the message is safe.
#[hook]
pub(super) fn use_sender(chat: &Id, node: &NodeRef, draft: &Draft, changed: &Callback<()>) -> Sender {
    let chats = use_chat_context();
    let problem = use_state_eq(|| None::<String>);
    let sending = use_state_eq(|| false);
    let send = {
        let (chat, node, draft, changed) = (chat.clone(), node.clone(), draft.clone(), changed.clone());
        let (problem, sending) = (problem.setter(), sending.clone());
        Callback::from(move |()| {
            let Some(field) = node.cast::<HtmlTextAreaElement>().filter(|_| !*sending) else { return };
            let text = field.value();
            if text.trim().is_empty() {
                return;
            }
            sending.set(true);
            draft.sending.emit(());
            let (chats, chat, draft, changed) = (chats.clone(), chat.clone(), draft.clone(), changed.clone());
            let (problem, sending) = (problem.clone(), sending.setter());
            spawn_local(async move {
                let sent = chats.send(&chat, text).await;
                if sent.is_ok() {
                    field.set_value("");
                    changed.emit(());
                } else {
                    draft.typed.emit(());
                }
                problem.set(sent.err());
                sending.set(false);
                let _ = field.focus();
            });
        })
    };
    Sender { send, sending: *sending, problem: (*problem).clone() }
}
