//! The answer that is being written; the only component that renders for every frame of it.

use yew::prelude::*;

use super::message_row::reasoning;
use crate::components::icon::{Icon, icon};
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
    let waiting = live.body.is_empty() && !live.is_unsaved;
    html! {
        <article class="message message-muse live-reply" aria-busy={(!live.is_unsaved).then_some("true")}>
            <h2 class="visually-hidden">{ "Muse" }</h2>
            { reasoning(&live.reasoning, waiting) }
            if waiting {
                <p class="live-reply-dots"><span class="visually-hidden">{ "Waiting for the answer" }</span><i /><i /><i /></p>
            } else if !live.body.is_empty() {
                <div class={classes!("message-bubble", (!live.is_unsaved).then_some("live-reply-text"))}>
                    <Markdown text={live.body.clone()} />
                </div>
            }
            if live.is_unsaved {
                <p class="live-reply-unsaved">{ icon(Icon::Warning) }{ "Complete, but not saved yet" }</p>
            }
        </article>
    }
}
