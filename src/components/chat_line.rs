//! One chat or message in a list: its name, facts below it, and what can be done with it.

use yew::prelude::*;

/// What [`ChatLine`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct ChatLineProps {
    /// A sign before the name.
    #[prop_or_default]
    pub(super) mark: Html,
    /// Its name.
    pub(super) title: AttrValue,
    /// What is said about it.
    pub(super) facts: Html,
    /// The button.
    pub(super) children: Html,
}

/// The line, an item of a list.
#[component]
pub(super) fn ChatLine(props: &ChatLineProps) -> Html {
    html! {
        <li class="chat-line">
            { props.mark.clone() }
            <span class="chat-line-text">
                <span class="chat-line-title">{ props.title.clone() }</span>
                <span class="chat-line-facts">{ props.facts.clone() }</span>
            </span>
            { props.children.clone() }
        </li>
    }
}
