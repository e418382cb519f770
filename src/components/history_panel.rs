//! All chats.

mod history_row;
mod trash;

use yew::prelude::*;

use super::new_chat::use_new_chat;
use super::when;
use crate::chat::ChatSummary;
use crate::contexts::{use_chats, use_place};
use history_row::HistoryRow;
use trash::Trash;

/// How many rows are there at first, and how many are added at a time.
const PAGE: usize = 100;

/// All chats: pinned ones, then by day, newest first.
#[component]
pub(super) fn HistoryPanel() -> Html {
    let chats = use_chats();
    let here = use_place().route;
    let new_chat = use_new_chat();
    let pages = use_state_eq(|| 1_usize);
    if chats.is_empty() {
        return html! {
            <div class="history-panel">
                <div class="history-empty">
                    <p>{ "No chats yet. Everything you write is kept here." }</p>
                    <p><button class="button button-primary" onclick={new_chat.reform(|_| ())}>{ "New chat" }</button></p>
                </div>
                <Trash />
            </div>
        };
    }
    let (pinned, others): (Vec<&ChatSummary>, Vec<_>) = chats.iter().partition(|chat| chat.pinned);
    let shown = *pages * PAGE;
    let row = |chat: &ChatSummary| {
        html! { <HistoryRow key={chat.id.as_str()} chat={chat.clone()} here={here.chat() == Some(&chat.id)} /> }
    };
    let group = |title: &'static str, chats: &[&ChatSummary]| {
        html! {
            <section key={title} class="history-group">
                <h3 class="history-group-title">{ title }</h3>
                <ul>{ for chats.iter().copied().map(row) }</ul>
            </section>
        }
    };
    let others = others.get(..shown).unwrap_or(&others);
    let days = others.chunk_by(|a, b| when::age(a.active_ms) == when::age(b.active_ms));
    let more = {
        let pages = pages.clone();
        move |_| pages.set(*pages + 1)
    };
    let days: Html =
        days.filter_map(|day| Some(group(when::age(day.first()?.active_ms).title(), day))).collect();
    html! {
        <div class="history-panel">
            if !pinned.is_empty() { { group("Pinned", &pinned) } }
            { days }
            if chats.len() > pinned.len() + others.len() {
                <p><button class="button" onclick={more}>{ "Show older chats" }</button></p>
            }
            <Trash />
        </div>
    }
}
