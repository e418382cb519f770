//! A message that is being said in other words.
//!
//! Promises: the old version is kept; Escape leaves everything as it was; Enter never sends while an input method
//! is composing; the text stays in the field until it is safe on this device.

use std::rc::Rc;

use web_sys::HtmlTextAreaElement;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::chat::Message;
use crate::components::composer::{fit, focus_composer};
use crate::components::keys::is_composing;
use crate::contexts::use_chat_context;
use crate::sync::Id;

/// What [`EditMessage`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct EditMessageProps {
    /// The chat.
    pub(super) chat: Id,
    /// The message.
    pub(super) message: Rc<Message>,
    /// It is over, one way or the other.
    pub(super) done: Callback<()>,
}

/// The field, with its buttons.
#[component]
pub(super) fn EditMessage(props: &EditMessageProps) -> Html {
    let chats = use_chat_context();
    let node = use_node_ref();
    let problem = use_state_eq(|| None::<String>);
    let sending = use_state_eq(|| false);
    use_effect_with((), {
        let (node, message) = (node.clone(), props.message.clone());
        move |()| {
            if let Some(field) = node.cast::<HtmlTextAreaElement>() {
                field.set_value(&message.body);
                fit(&field, false);
                let _ = field.focus();
                let end = field.text_length();
                let _ = field.set_selection_range(end, end);
            }
        }
    });
    let cancel = {
        let done = props.done.clone();
        Callback::from(move |()| {
            done.emit(());
            focus_composer();
        })
    };
    let send = {
        let (node, message, chat, cancel) =
            (node.clone(), props.message.clone(), props.chat.clone(), cancel.clone());
        let (problem, sending) = (problem.setter(), sending.clone());
        Callback::from(move |()| {
            let Some(field) = node.cast::<HtmlTextAreaElement>().filter(|_| !*sending) else { return };
            let text = field.value();
            if text.trim().is_empty() || text == message.body {
                return cancel.emit(());
            }
            sending.set(true);
            let (chats, chat, message) = (chats.clone(), chat.clone(), message.clone());
            let (problem, sending, cancel) = (problem.clone(), sending.setter(), cancel.clone());
            spawn_local(async move {
                match chats.edit(&chat, &message.id, text).await {
                    Ok(()) => cancel.emit(()),
                    Err(why) => problem.set(Some(why)),
                }
                sending.set(false);
            });
        })
    };
    let onkeydown = {
        let (send, cancel) = (send.clone(), cancel.clone());
        move |event: KeyboardEvent| {
            let act = match event.key().as_str() {
                "Enter" if !event.shift_key() && !event.alt_key() => &send,
                "Escape" => &cancel,
                _ => return,
            };
            if !is_composing(&event) {
                event.prevent_default();
                act.emit(());
            }
        }
    };
    let oninput = {
        let node = node.clone();
        move |_| {
            if let Some(field) = node.cast::<HtmlTextAreaElement>() {
                fit(&field, false);
            }
        }
    };
    html! {
        <div class="edit-message">
            <textarea ref={node} class="edit-message-field" rows="1" aria-label="Edit your message" readonly={*sending}
                {oninput} {onkeydown} />
            if let Some(problem) = &*problem { <p class="problem" role="alert">{ problem.clone() }</p> }
            <div class="edit-message-foot">
                <span class="edit-message-hint">{ "The old version is kept." }</span>
                <button class="button" onclick={cancel.reform(|_| ())}>{ "Cancel" }</button>
                <button class="button button-primary" onclick={send.reform(|_| ())}>{ "Send" }</button>
            </div>
        </div>
    }
}
