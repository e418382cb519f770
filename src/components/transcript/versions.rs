//! Which of several versions of a message is shown.

use std::rc::Rc;

use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::contexts::use_chat_context;
use crate::sync::Id;

/// What [`Versions`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct VersionsProps {
    /// The chat.
    pub(super) chat: Id,
    /// All versions, oldest first.
    pub(super) versions: Rc<[Id]>,
    /// Which one is shown.
    pub(super) version: usize,
}

/// `‹ 2/3 ›`
#[component]
pub(super) fn Versions(props: &VersionsProps) -> Html {
    let chats = use_chat_context();
    let button = |to: Option<usize>, name: &'static str, which: Icon| {
        let to = to.and_then(|to| props.versions.get(to)).cloned();
        // not `disabled`, which would take the focus away at the last version
        let disabled = to.is_none().to_string();
        let (chats, chat) = (chats.clone(), props.chat.clone());
        let onclick = move |_| {
            if let Some(to) = &to {
                chats.choose_version(&chat, to);
            }
        };
        html! { <button class="icon-button icon-button-small" aria-label={name} title={name} aria-disabled={disabled} {onclick}>{ icon(which) }</button> }
    };
    html! {
        <span class="versions" role="group" aria-label="Versions">
            { button(props.version.checked_sub(1), "Previous version", Icon::Left) }
            <span class="versions-count">{ format!("{}/{}", props.version + 1, props.versions.len()) }</span>
            { button(props.version.checked_add(1), "Next version", Icon::Right) }
        </span>
    }
}
