//! Deleted chats and messages, to be brought back: those deleted here, and those that other devices deleted.

use yew::platform::spawn_local;
use yew::prelude::*;

use crate::chat::{DeletedItem, KEPT_DAYS};
use crate::components::chat_line::ChatLine;
use crate::components::confirm_button::ConfirmButton;
use crate::components::icon::{Icon, icon};
use crate::components::when;
use crate::contexts::{Route, use_chat_context, use_navigator, use_toast_context, use_trash};

/// How many are shown; the oldest go first anyway.
const SHOWN: usize = 100;

/// What was deleted, folded away; nothing where there is nothing.
#[component]
pub(super) fn Trash() -> Html {
    let items = use_trash();
    let chats = use_chat_context();
    let toasts = use_toast_context();
    if items.is_empty() {
        return Html::default();
    }
    let empty = Callback::from(move |()| {
        let (chats, toasts) = (chats.clone(), toasts.clone());
        spawn_local(async move {
            if let Err(problem) = chats.empty_trash().await {
                toasts.error(&problem);
            }
        });
    });
    let row = |item: &DeletedItem| html! { <TrashRow key={item.id.clone()} item={item.clone()} /> };
    html! {
        <details class="trash fold">
            <summary>{ icon(Icon::Delete) }{ format!("Deleted ({})", items.len()) }</summary>
            <p class="field-hint">
                { format!("Kept on this device for {KEPT_DAYS} days. Bringing something back brings it back on all your devices.") }
            </p>
            <ul>{ for items.iter().take(SHOWN).map(row) }</ul>
            <ConfirmButton label="Empty now" yes="Delete for good" onconfirm={empty}
                question="Delete all of this for good? It cannot be brought back then." />
        </details>
    }
}

/// What [`TrashRow`] needs.
#[derive(PartialEq, Properties)]
struct TrashRowProps {
    /// What was deleted.
    item: DeletedItem,
}

/// One deletion.
#[component]
fn TrashRow(props: &TrashRowProps) -> Html {
    let chats = use_chat_context();
    let toasts = use_toast_context();
    let navigator = use_navigator();
    let DeletedItem { id, title, at_ms, .. } = &props.item;
    let restore = {
        let id = id.clone();
        move |_| {
            let (chats, toasts, navigator, id) =
                (chats.clone(), toasts.clone(), navigator.clone(), id.clone());
            spawn_local(async move {
                match chats.restore(&id).await {
                    Ok(Some(chat)) => navigator.go(&Route::Chat(chat)),
                    Ok(None) => toasts.info("It is back already."),
                    Err(problem) => toasts.error(&problem),
                }
            });
        }
    };
    let facts = html! {
        <>
            { facts(&props.item) }{ if props.item.elsewhere { ", deleted on another device " } else { ", deleted " } }
            <time datetime={when::iso(*at_ms)} title={when::full(*at_ms)}>{ when::short(*at_ms) }</time>
        </>
    };
    html! {
        <ChatLine title={title.clone()} {facts}>
            <button class="button" onclick={restore} aria-label={format!("Bring back: {title}")}>{ "Bring back" }</button>
        </ChatLine>
    }
}

/// What it is and how long it is kept.
fn facts(item: &DeletedItem) -> String {
    let what = match (item.is_chat, item.messages) {
        (false, _) => "A message".to_owned(),
        (true, 1) => "Chat with 1 message".to_owned(),
        (true, count) => format!("Chat with {count} messages"),
    };
    let left =
        if item.days_left == 1 { "1 day left".to_owned() } else { format!("{} days left", item.days_left) };
    format!("{what}, {left}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_said_as_one() {
        let item = DeletedItem {
            id: String::new(),
            chat: "chat".parse().expect("an id"),
            title: String::new(),
            is_chat: true,
            messages: 1,
            at_ms: 0,
            elsewhere: false,
            days_left: 1,
        };
        assert_eq!(facts(&item), "Chat with 1 message, 1 day left");
        assert_eq!(
            facts(&DeletedItem { messages: 2, days_left: 2, ..item.clone() }),
            "Chat with 2 messages, 2 days left"
        );
        assert_eq!(facts(&DeletedItem { is_chat: false, days_left: 30, ..item }), "A message, 30 days left");
    }
}
