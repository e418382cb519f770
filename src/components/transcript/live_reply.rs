//! The answer that is being written; the only component that renders for every frame of it.

use yew::prelude::*;

use super::message_row::reasoning;
use crate::components::markdown::Markdown;
use crate::contexts::use_live;
use crate::sync::Id;

/// What [`LiveReplyView`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct LiveReplyViewProps {
    /// Which chat.
    pub(super) chat: Id,
}

/// The answer so far.
#[component]
pub(super) fn LiveReplyView(props: &LiveReplyViewProps) -> Html {
    let Some(live) = use_live(&props.chat) else {
        return Html::default();
    };
    let waiting = live.body.is_empty();
    html! {
        <article class="message message-muse live-reply" aria-busy="true">
            <h2 class="visually-hidden">{ "Muse" }</h2>
            { reasoning(&live.reasoning, waiting) }
            if waiting {
                <p class="live-reply-dots"><span class="visually-hidden">{ "Waiting for the answer" }</span><i /><i /><i /></p>
            } else {
                <div class="message-bubble live-reply-text"><Markdown text={live.body.clone()} /></div>
            }
        </article>
    }
}
