//! The way to the rest of an answer that was cut.

use yew::prelude::*;

use crate::contexts::{use_chat_context, use_live_ids};
use crate::sync::Id;

/// What [`GoOn`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct GoOnProps {
    /// The chat.
    pub(super) chat: Id,
    /// The cut answer.
    pub(super) answer: Id,
}

/// Asks for the rest; the cut answer stays beside the whole one.
#[component]
pub(super) fn GoOn(props: &GoOnProps) -> Html {
    let chats = use_chat_context();
    let answering = use_live_ids(&props.chat).is_some();
    let onclick = {
        let (chat, answer) = (props.chat.clone(), props.answer.clone());
        move |_| chats.continue_reply(&chat, &answer)
    };
    html! {
        <button class="button go-on" {onclick} disabled={answering}>{ "Continue the answer" }</button>
    }
}
