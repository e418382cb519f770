//! A chat in which nothing has been said.

use yew::platform::spawn_local;
use yew::prelude::*;

use crate::chat::Model;
use crate::components::icon::{Icon, icon};
use crate::contexts::{
    Panel, use_chat_context, use_chat_settings, use_chats, use_missing_key, use_navigator, use_sync,
    use_toast_context,
};
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
    let (settings, said) = use_chat_settings(Some(&props.chat));
    let model = settings.model_in(said.as_ref());
    let unchosen = settings.source(model).is_some() && settings.model_id_in(said.as_ref()).is_empty();
    let has_no_key = use_missing_key(&props.chat).is_some();
    let answers = model != Model::Off && !unchosen && !has_no_key;
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
    let first_start = use_chats().is_empty();
    let connect = |name: &'static str| {
        let navigator = navigator.clone();
        html! { <button class="button button-primary" onclick={move |_| navigator.open(Panel::Settings)}>{ name }</button> }
    };
    let (says, button) = match model {
        Model::Off => (
            "AI is off: nobody answers, and what you write is kept as notes. You can choose a model at any time.",
            connect("Choose a model"),
        ),
        Model::Mock => (
            "For now a built-in demo answers; it only repeats what you say. Connect a real model: OpenAI, Claude, Gemini, \
             many others, or one that runs on your own computer.",
            connect("Connect a model"),
        ),
        Model::OpenAi | Model::Claude | Model::Gemini if unchosen => (
            "There is one more thing to choose: which of its models shall answer.",
            connect("Choose a model"),
        ),
        Model::OpenAi | Model::Claude | Model::Gemini => (
            "Your messages go from this device straight to the model you chose, and nowhere else.",
            Html::default(),
        ),
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
            if first_start {
                <p class="empty-chat-about">
                    { "Muse lives in this browser: no account, no server of ours. Your chats, your name and your keys stay with you." }
                </p>
            }
            <p class="empty-chat-hint">{ says }<br />{ privacy }</p>
            { button }
            if answers {
                <ul class="empty-chat-examples" aria-label="Examples">{ for EXAMPLES.into_iter().map(example) }</ul>
            }
        </div>
    }
}
