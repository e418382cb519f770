//! "Remove from the cloud, keep here", for a chat that takes part in sync.

use yew::platform::spawn_local;
use yew::prelude::*;

use crate::components::confirm_button::ConfirmButton;
use crate::contexts::{Route, use_chat_context, use_navigator, use_scope, use_sync, use_toast_context};
use crate::sync::{ChatScope, Id};

/// What [`TakeOut`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct TakeOutProps {
    /// A chat that has begun.
    pub(super) chat: Id,
}

/// A way out of the cloud; nothing where the chat is not in it.
#[component]
pub(super) fn TakeOut(props: &TakeOutProps) -> Html {
    let chats = use_chat_context();
    let toasts = use_toast_context();
    let navigator = use_navigator();
    let paired = use_sync().paired;
    if !paired || use_scope(&props.chat) == ChatScope::LocalOnly {
        return Html::default();
    }
    let onconfirm = {
        let chat = props.chat.clone();
        Callback::from(move |()| {
            let (chats, toasts, navigator, chat) =
                (chats.clone(), toasts.clone(), navigator.clone(), chat.clone());
            spawn_local(async move {
                match chats.keep_only_here(&chat).await {
                    Ok(copy) => navigator.go(&Route::Chat(copy)),
                    Err(problem) => toasts.error(&problem),
                }
            });
        })
    };
    html! {
        <section>
            <h3>{ "Remove from the cloud" }</h3>
            <p class="field-hint">{ "Keeps this chat here, as one that never leaves this device." }</p>
            <ConfirmButton label="Remove from the cloud, keep here" yes="Remove" {onconfirm}
                question="Remove this chat from your Firestore and from your other devices? It stays here." />
        </section>
    }
}
