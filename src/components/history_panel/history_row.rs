//! One chat in the history.

use web_sys::HtmlElement;
use yew::prelude::*;

use crate::chat::ChatSummary;
use crate::components::chat_mark::chat_mark;
use crate::components::icon::{Icon, icon};
use crate::components::title_field::TitleField;
use crate::components::when;
use crate::contexts::{Route, use_chat_context, use_navigator};

/// What [`HistoryRow`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct HistoryRowProps {
    /// The chat.
    pub(super) chat: ChatSummary,
    /// Whether it is the one that is shown.
    pub(super) here: bool,
}

/// One chat: open it, rename it in its place, pin it, delete it.
#[component]
pub(super) fn HistoryRow(props: &HistoryRowProps) -> Html {
    let chats = use_chat_context();
    let navigator = use_navigator();
    let renaming = use_state_eq(|| false);
    let opener = use_node_ref();
    // the focus comes back from the field
    let was_renaming = use_mut_ref(|| false);
    use_effect_with(*renaming, {
        let opener = opener.clone();
        move |renaming| {
            if was_renaming.replace(*renaming) && !renaming {
                let _ = opener.cast::<HtmlElement>().map(|opener| opener.focus());
            }
        }
    });
    let ChatSummary { id, title, pinned, active_ms, .. } = &props.chat;

    if *renaming {
        let done = {
            let (chats, id, renaming, old) = (chats.clone(), id.clone(), renaming.setter(), title.clone());
            Callback::from(move |new: Option<String>| {
                let new = new.map(|new| new.trim().to_owned());
                if let Some(new) = new.filter(|new| !new.is_empty() && *new != old) {
                    chats.rename(&id, &new);
                }
                renaming.set(false);
            })
        };
        return html! { <li class="history-row"><TitleField title={title.clone()} ondone={done} /></li> };
    }
    let open = {
        let (navigator, route) = (navigator.clone(), Route::Chat(id.clone()));
        move |_| navigator.go(&route)
    };
    let rename = {
        let renaming = renaming.setter();
        move |_| renaming.set(true)
    };
    let pin = {
        let (chats, id, pinned) = (chats.clone(), id.clone(), *pinned);
        move |_| chats.set_pinned(&id, !pinned)
    };
    let delete = {
        let id = id.clone();
        move |_| chats.delete(&id)
    };
    let tool = |name: &str, which: Icon, onclick: Callback<MouseEvent>| {
        html! {
            <button class="icon-button icon-button-small" aria-label={format!("{name}: {title}")} title={name.to_owned()}
                {onclick}>{ icon(which) }</button>
        }
    };
    let (pin_name, pin_icon) = if *pinned { ("Unpin", Icon::Unpin) } else { ("Pin", Icon::Pin) };
    html! {
        <li class={classes!("history-row", props.here.then_some("history-row-here"))}>
            <button ref={opener} class="history-open" onclick={open} aria-current={props.here.then_some("page")}>
                <span class="history-title">{ title.clone() }</span>
                { chat_mark(props.chat.scope, props.chat.recovered) }
                <time class="history-time" datetime={when::iso(*active_ms)} title={when::full(*active_ms)}>
                    { when::short(*active_ms) }
                </time>
            </button>
            <span class="history-tools">
                { tool("Rename", Icon::Rename, rename.into()) }
                { tool(pin_name, pin_icon, pin.into()) }
                { tool("Delete", Icon::Delete, delete.into()) }
            </span>
        </li>
    }
}
