//! The text of what a person said: plain, as it was typed.

use yew::prelude::*;

/// What [`Body`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct BodyProps {
    /// The text.
    pub(super) text: AttrValue,
}

/// The text of a message.
#[component]
pub(super) fn Body(props: &BodyProps) -> Html {
    // `auto`: each message decides for itself whether it reads from right to left
    html! { <div class="body" dir="auto">{ props.text.clone() }</div> }
}
