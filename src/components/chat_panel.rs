//! What holds for the chat that is shown.

use yew::prelude::*;

use super::chat_sync::ChatSync;
use super::older_texts::OlderTexts;
use crate::contexts::{use_chats, use_place};
use crate::sync::Key;

/// The settings of one chat; some can be chosen before anything was said.
#[component]
pub(super) fn ChatPanel() -> Html {
    let chats = use_chats();
    let here = use_place().route;
    let Some(id) = here.chat() else { return html! { <p>{ "There is no chat here." }</p> } };
    let known = chats.iter().find(|chat| chat.id == *id);
    html! {
        <div class="chat-panel">
            if let Some(chat) = known { <p class="chat-panel-title">{ chat.title.clone() }</p> }
            <ChatSync chat={id.clone()} begun={known.is_some()} />
            <OlderTexts of={Key::Chat(id.clone())} />
        </div>
    }
}
