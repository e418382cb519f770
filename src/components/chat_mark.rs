//! How a chat stands, where it is not simply synced.

use yew::prelude::*;

use super::icon::{Icon, icon};
use crate::chat::ChatSummary;
use crate::sync::ChatScope;

/// Its sign and what it says; `None` for a chat that is simply synced.
fn mark(scope: ChatScope, recovered: bool) -> Option<(Icon, &'static str)> {
    match scope {
        ChatScope::LocalOnly => Some((Icon::Device, "Never leaves this device")),
        ChatScope::Paused => Some((Icon::Paused, "Sync of this chat is paused")),
        ChatScope::Synced if recovered => {
            Some((Icon::Recovered, "Recovered: messages of it came after it was deleted"))
        }
        ChatScope::Synced => None,
    }
}

/// A small sign with its meaning; nothing for a chat that is simply synced.
pub(super) fn chat_mark(scope: ChatScope, recovered: bool) -> Html {
    let Some((which, text)) = mark(scope, recovered) else { return Html::default() };
    html! { <span class="chat-mark" role="img" aria-label={text} title={text}>{ icon(which) }</span> }
}

/// The same in words; the cloud's state is said elsewhere.
pub(super) fn chat_state(chat: &ChatSummary) -> Option<&'static str> {
    mark(chat.scope, chat.recovered).map(|(_, text)| text)
}
