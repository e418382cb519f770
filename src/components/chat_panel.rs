//! What holds for the chat that is shown.

use yew::prelude::*;

use super::chat_sync::ChatSync;
use crate::contexts::{use_chats, use_place};

/// The settings of one chat.
#[component]
pub(super) fn ChatPanel() -> Html {
    let chats = use_chats();
    let here = use_place().route;
    let chat = here.chat().and_then(|id| chats.iter().find(|chat| chat.id == *id));
    let Some(chat) = chat else {
        return html! { <p>{ "Nothing has been said in this chat yet. What holds for it can be set once it has begun." }</p> };
    };
    html! {
        <div class="chat-panel">
            <p class="chat-panel-title">{ chat.title.clone() }</p>
            <ChatSync chat={chat.clone()} />
        </div>
    }
}
