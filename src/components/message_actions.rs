//! What one can do with a message.

use std::rc::Rc;

use yew::prelude::*;

use super::copy_button::CopyButton;
use super::icon::{Icon, icon};
use crate::chat::{Message, Role};
use crate::contexts::use_chat_context;
use crate::sync::Id;

/// What [`MessageActions`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct MessageActionsProps {
    /// The chat.
    pub(super) chat: Id,
    /// The message.
    pub(super) message: Rc<Message>,
}

/// Copy, regenerate, delete.
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
            <button class="icon-button icon-button-small" aria-label="Delete message" title="Delete message"
                onclick={act(|chats, chat, id| chats.delete_message(chat, id))}>{ icon(Icon::Delete) }</button>
        </span>
    }
}
