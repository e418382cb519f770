//! An answer that failed: what happened, and another try.

use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::contexts::{Panel, use_chat_context, use_navigator};
use crate::sync::Id;

/// What [`Failure`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct FailureProps {
    /// The chat.
    pub(super) chat: Id,
    /// What happened, one sentence.
    pub(super) problem: AttrValue,
    /// The message that has no answer.
    pub(super) question: Option<Id>,
    /// Whether it is the last message: an old failure is not announced again.
    pub(super) fresh: bool,
}

/// The failure, in the place of the answer.
#[component]
pub(super) fn Failure(props: &FailureProps) -> Html {
    let chats = use_chat_context();
    let navigator = use_navigator();
    let retry = props.question.clone().map(|question| {
        let chat = props.chat.clone();
        Callback::from(move |_: MouseEvent| chats.retry(&chat, &question))
    });
    html! {
        <div class="failure" role={props.fresh.then_some("alert")}>
            { icon(Icon::Warning) }
            <p class="failure-text">{ props.problem.clone() }</p>
            <p class="buttons">
                if let Some(retry) = retry { <button class="button" onclick={retry}>{ "Retry" }</button> }
                <button class="button button-quiet" onclick={move |_| navigator.open(Panel::Settings)}>{ "Settings" }</button>
            </p>
        </div>
    }
}
