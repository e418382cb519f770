//! One chat: its messages and the field to write the next. Remounted for every chat.

mod announcer;
mod empty_chat;
mod key_prompt;

use yew::prelude::*;

use super::composer::Composer;
use super::transcript::TranscriptLog;
use crate::contexts::{use_chat_context, use_live_ids, use_transcript};
use crate::sync::Id;
use announcer::Announcer;
use empty_chat::EmptyChat;
use key_prompt::KeyPrompt;

/// What [`Chat`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct ChatProps {
    /// Which chat.
    pub(super) chat: Id,
}

/// One chat.
#[component]
pub(super) fn Chat(props: &ChatProps) -> Html {
    let chat = &props.chat;
    let chats = use_chat_context();
    let view = use_transcript(chat);
    let answering = use_live_ids(chat).is_some();
    use_effect_with(chat.clone(), move |chat| chats.open(chat));

    let empty = view.transcript.shown.is_empty() && !answering;
    html! {
        <div class="chat">
            if empty && view.loading {
                <p class="chat-loading" role="status">{ "Opening the chat…" }</p>
            } else if empty {
                <EmptyChat chat={chat.clone()} />
            } else {
                <TranscriptLog chat={chat.clone()} {view} />
            }
            <Announcer chat={chat.clone()} />
            <KeyPrompt chat={chat.clone()} />
            <Composer chat={chat.clone()} />
        </div>
    }
}
