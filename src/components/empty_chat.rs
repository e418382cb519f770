//! A chat in which nothing has been said.

use yew::platform::spawn_local;
use yew::prelude::*;

use super::icon::{Icon, icon};
use crate::chat::Model;
use crate::contexts::{Panel, use_chat_context, use_model, use_navigator, use_sync, use_toast_context};
use crate::sync::Id;

const EXAMPLES: [&str; 3] = [
    "Explain \"local-first\" in three sentences",
    "A packing list for a weekend in the mountains",
    "Help me write a kind but clear no",
];

/// What [`EmptyChat`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct EmptyChatProps {
    /// Which chat.
    pub(super) chat: Id,
}

/// Invites to begin.
#[component]
pub(super) fn EmptyChat(props: &EmptyChatProps) -> Html {
    let chats = use_chat_context();
    let toasts = use_toast_context();
    let navigator = use_navigator();
    let model = use_model(Some(&props.chat));
    let synced = use_sync().paired;

    let example = |text: &'static str| {
        let (chats, toasts, chat) = (chats.clone(), toasts.clone(), props.chat.clone());
        let onclick = move |_| {
            let (chats, toasts, chat) = (chats.clone(), toasts.clone(), chat.clone());
            spawn_local(async move {
                if let Err(problem) = chats.send(&chat, text.to_owned()).await {
                    toasts.error(&problem);
                }
            });
        };
        html! { <li><button class="empty-chat-example" {onclick}>{ text }</button></li> }
    };
    let settings = html! {
        <button class="link-button" onclick={move |_| navigator.open(Panel::Settings)}>{ "Settings" }</button>
    };
    let hint = match model {
        Model::Off => {
            html! { <>{ "AI is off: messages are kept as notes. Choose a model in " }{ settings }{ "." }</> }
        }
        Model::Mock => html! {
            <>{ "Works now with the built-in demo model; connect your own in " }{ settings }{ "." }</>
        },
        Model::OpenAi | Model::Claude | Model::Gemini => html! {
            <>{ "Your messages go to the model you chose in " }{ settings }{ "." }</>
        },
    };
    let privacy = match (model, synced) {
        (_, true) => "Chats are kept on this device and in your own Firestore.",
        (Model::Off | Model::Mock, false) => "Nothing leaves this device.",
        (Model::OpenAi | Model::Claude | Model::Gemini, false) => "Chats are kept on this device only.",
    };
    html! {
        <div class="empty-chat">
            <span class="empty-chat-mark">{ icon(Icon::Muse) }</span>
            <h2 class="empty-chat-title">{ "Start a conversation with Muse 👋" }</h2>
            if model != Model::Off {
                <ul class="empty-chat-examples" aria-label="Examples">{ for EXAMPLES.into_iter().map(example) }</ul>
            }
            <p class="empty-chat-hint">{ hint }<br />{ privacy }</p>
        </div>
    }
}
