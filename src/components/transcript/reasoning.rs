//! What an answer thought before it spoke, folded away unless nothing else is there yet.

use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::components::markdown::Markdown;

/// What [`Reasoning`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct ReasoningProps {
    /// The thoughts.
    pub(super) text: AttrValue,
    /// Whether they are to be seen.
    pub(super) open: bool,
}

/// The thoughts; drawn when they are first to be seen, as they are often longer than the answer.
#[component]
pub(super) fn Reasoning(props: &ReasoningProps) -> Html {
    let seen = use_state_eq(|| false);
    let ontoggle = {
        let seen = seen.setter();
        move |_| seen.set(true)
    };
    html! {
        <details class="message-reasoning fold" open={props.open} {ontoggle}>
            <summary>{ icon(Icon::Reasoning) }{ "Reasoning" }</summary>
            if *seen || props.open { <Markdown text={props.text.clone()} /> }
        </details>
    }
}
