//! The chats that do not take part in sync.

use yew::prelude::*;

use crate::chat::ChatSummary;
use crate::components::chat_line::ChatLine;
use crate::components::chat_mark::{chat_mark, chat_state};
use crate::contexts::{use_chat_context, use_chats};
use crate::sync::ChatScope;

/// Chats that stay on this device or are paused here; nothing where there are none.
#[component]
pub(super) fn KeptHere() -> Html {
    let all = use_chats();
    let chats = use_chat_context();
    let kept: Vec<&ChatSummary> = all.iter().filter(|chat| chat.scope != ChatScope::Synced).collect();
    if kept.is_empty() {
        return Html::default();
    }
    let row = |chat: &&ChatSummary| {
        let (chats, id) = (chats.clone(), chat.id.clone());
        html! {
            <ChatLine key={chat.id.as_str()} mark={chat_mark(chat.scope, chat.recovered)} title={chat.title.clone()}
                facts={html! { <>{ chat_state(chat) }</> }}>
                <button class="button" aria-label={format!("Sync: {}", chat.title)}
                    onclick={move |_| chats.set_scope(&id, ChatScope::Synced)}>{ "Sync it" }</button>
            </ChatLine>
        }
    };
    html! {
        <section class="kept-here">
            <h3>{ "Not synced by this device" }</h3>
            <ul>{ for kept.iter().map(row) }</ul>
        </section>
    }
}
