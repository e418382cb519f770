//! The last few chats, in the sidebar.

use yew::prelude::*;

use crate::components::chat_mark::chat_mark;
use crate::components::icon::{Icon, icon};
use crate::contexts::{Panel, Route, use_chats, use_navigator};
use crate::sync::Id;

/// How many are shown; all of them are in History.
const SHOWN: usize = 15;

/// What [`RecentChats`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct RecentChatsProps {
    /// The chat that is shown.
    pub(super) chat: Option<Id>,
}

/// Pinned chats, then the newest.
#[component]
pub(super) fn RecentChats(props: &RecentChatsProps) -> Html {
    let chats = use_chats();
    let navigator = use_navigator();
    if chats.is_empty() {
        return html! { <p class="recent-chats-empty">{ "Your chats will be listed here." }</p> };
    }
    let (pinned, others): (Vec<_>, Vec<_>) = chats.iter().partition(|chat| chat.pinned);
    let rows = pinned.into_iter().chain(others).take(SHOWN).map(|chat| {
        let here = props.chat.as_ref() == Some(&chat.id);
        let route = Route::Chat(chat.id.clone());
        let address = route.address();
        let navigator = navigator.clone();
        let onclick = move |event: MouseEvent| {
            // a click with a modifier is the browser's: a new tab or window
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                navigator.go(&route);
            }
        };
        html! {
            <li key={chat.id.as_str()}>
                <a class={classes!("recent-chat", here.then_some("recent-chat-here"))} href={address} {onclick}
                    aria-current={here.then_some("page")} title={chat.title.clone()}>
                    <span class="recent-chat-title">{ chat.title.clone() }</span>
                    { chat_mark(chat.scope, chat.recovered) }
                    if chat.pinned {
                        { icon(Icon::Pin) }<span class="visually-hidden">{ "pinned" }</span>
                    }
                </a>
            </li>
        }
    });
    let all = {
        let navigator = navigator.clone();
        move |_| navigator.open(Panel::History)
    };
    html! {
        <section class="recent-chats" aria-labelledby="recent-chats-title">
            <h2 id="recent-chats-title" class="recent-chats-title">{ "Recent chats" }</h2>
            <ul>{ for rows }</ul>
            if chats.len() > SHOWN {
                <button class="link-button recent-chats-all" onclick={all}>{ format!("All {} chats", chats.len()) }</button>
            }
        </section>
    }
}
