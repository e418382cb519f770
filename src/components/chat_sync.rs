//! Whether a chat takes part in sync, and what that means.

use yew::prelude::*;

use super::chat_mark::chat_state;
use super::choice::{Choice, Offer};
use super::icon::Icon;
use crate::chat::ChatSummary;
use crate::contexts::{use_chat_context, use_sync};
use crate::sync::ChatScope;

/// What [`ChatSync`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct ChatSyncProps {
    /// The chat.
    pub(super) chat: ChatSummary,
}

const SCOPES: [(ChatScope, &str); 3] =
    [(ChatScope::Synced, "synced"), (ChatScope::Paused, "paused"), (ChatScope::LocalOnly, "local")];

/// The part of a chat in sync.
#[component]
pub(super) fn ChatSync(props: &ChatSyncProps) -> Html {
    let chats = use_chat_context();
    let paired = use_sync().paired;
    let chat = &props.chat;
    let chosen = SCOPES.iter().find(|(scope, _)| *scope == chat.scope).map_or("synced", |(_, name)| name);
    let onchoose = {
        let id = chat.id.clone();
        Callback::from(move |name: &'static str| {
            if let Some((scope, _)) = SCOPES.iter().find(|(_, known)| *known == name) {
                chats.set_scope(&id, *scope);
            }
        })
    };
    html! {
        <>
            <Choice legend="Cloud Sync of this chat" offers={offers(paired)} {chosen} {onchoose} />
            if let Some(state) = chat_state(chat) { <p class="field-hint" role="status">{ state }{ "." }</p> }
        </>
    }
}

fn offers(paired: bool) -> Vec<Offer> {
    let offer = |value, label, hint, icon| Offer { value, label, hint, icon: Some(icon), disabled: false };
    let synced =
        if paired { "On all your devices" } else { "On all your devices, once you have set up Cloud Sync" };
    vec![
        offer("synced", "Synced", synced, Icon::Cloud),
        offer(
            "paused",
            "Paused here",
            "What is in your cloud stays as it is; nothing is sent or fetched by this device until you go on",
            Icon::Paused,
        ),
        offer(
            "local",
            "Never leaves this device",
            "Nothing of it is sent any more; a copy that is in your cloud already stays there",
            Icon::Device,
        ),
    ]
}
