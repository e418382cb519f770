//! What one can do with a message.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::chat::{Message, Role};
use crate::components::copy_button::CopyButton;
use crate::components::icon::{Icon, icon};
use crate::contexts::use_chat_context;
use crate::sync::Id;

const EDIT_CLASS: &str = "message-edit";

/// Opens the last message of the person for editing, if one is shown.
pub(in crate::components) fn edit_last_message() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    let buttons = document.and_then(|document| document.query_selector_all(&format!(".{EDIT_CLASS}")).ok());
    let last = buttons.and_then(|buttons| buttons.item(buttons.length().checked_sub(1)?));
    let Some(button) = last.and_then(|button| button.dyn_into::<HtmlElement>().ok()) else { return false };
    button.click();
    true
}

/// What [`MessageActions`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct MessageActionsProps {
    /// The chat.
    pub(super) chat: Id,
    /// The message.
    pub(super) message: Rc<Message>,
    /// Asks for the field in which the message can be said in other words.
    pub(super) edit: Callback<()>,
}

/// Copy, edit, regenerate, delete.
#[component]
pub(super) fn MessageActions(props: &MessageActionsProps) -> Html {
    let chats = use_chat_context();
    let text = {
        let message = props.message.clone();
        Callback::from(move |()| message.body.clone())
    };
    let act = |act: fn(&crate::contexts::ChatContext, &Id, &Id)| {
        let (chats, chat, id) = (chats.clone(), props.chat.clone(), props.message.id.clone());
        move |_| act(&chats, &chat, &id)
    };
    html! {
        <span class="message-actions">
            if !props.message.body.is_empty() { <CopyButton {text} name="Copy message" /> }
            if props.message.role == Role::Assistant {
                <button class="icon-button icon-button-small" aria-label="Regenerate answer" title="Regenerate answer"
                    onclick={act(|chats, chat, id| chats.regenerate(chat, id))}>{ icon(Icon::Again) }</button>
            }
            if props.message.role == Role::User {
                <button class={classes!("icon-button", "icon-button-small", EDIT_CLASS)} aria-label="Edit message" title="Edit message"
                    onclick={props.edit.reform(|_| ())}>{ icon(Icon::Rename) }</button>
            }
            <button class="icon-button icon-button-small" aria-label="Delete message" title="Delete message"
                onclick={act(|chats, chat, id| chats.delete_message(chat, id))}>{ icon(Icon::Delete) }</button>
        </span>
    }
}
