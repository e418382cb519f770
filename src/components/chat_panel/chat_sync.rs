//! Whether a chat takes part in sync, and what that means.

use yew::prelude::*;

use crate::components::choice::{Choice, Offer};
use crate::components::icon::Icon;
use crate::contexts::{use_chat_context, use_scope, use_sync};
use crate::sync::{ChatScope, Id};

/// What [`ChatSync`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct ChatSyncProps {
    /// The chat.
    pub(super) chat: Id,
    /// Whether anything was said in it.
    pub(super) begun: bool,
}

const SCOPES: [(ChatScope, &str); 3] =
    [(ChatScope::Synced, "synced"), (ChatScope::Paused, "paused"), (ChatScope::LocalOnly, "local")];

/// The part of a chat in sync.
#[component]
pub(super) fn ChatSync(props: &ChatSyncProps) -> Html {
    let chats = use_chat_context();
    let paired = use_sync().paired;
    let now = use_scope(&props.chat);
    let chosen = SCOPES.iter().find(|(scope, _)| *scope == now).map_or("synced", |(_, name)| name);
    let onchoose = {
        let id = props.chat.clone();
        Callback::from(move |name: &'static str| {
            if let Some((scope, _)) = SCOPES.iter().find(|(_, known)| *known == name) {
                chats.set_scope(&id, *scope);
            }
        })
    };
    html! {
        <Choice legend="Cloud Sync of this chat" offers={offers(paired, props.begun)} {chosen} {onchoose} />
    }
}

fn offers(paired: bool, begun: bool) -> Vec<Offer> {
    let offer = |value, label, hint, icon| Offer { value, label, hint, icon: Some(icon) };
    let synced =
        if paired { "On all your devices" } else { "On all your devices, once you have set up Cloud Sync" };
    let local = if begun && paired {
        "Nothing of it is sent any more; what is in your cloud already stays there"
    } else {
        "Nothing of it is ever sent"
    };
    let mut offers = vec![offer("synced", "Synced", synced, Icon::Cloud)];
    if begun && paired {
        offers.push(offer(
            "paused",
            "Paused here",
            "What is in your cloud stays as it is; this device sends and fetches nothing until you go on",
            Icon::Paused,
        ));
    }
    offers.push(offer("local", "Never leaves this device", local, Icon::Device));
    offers
}
