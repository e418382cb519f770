//! The bar on top: the name, the chat's title, who answers, and the way to a new chat.

use yew::prelude::*;

use super::chat_mark::chat_mark;
use super::icon::{Icon, icon};
use super::new_chat::use_new_chat;
use super::settings_panel::model_words;
use super::sync_words::{SyncKind, label};
use super::when;
use crate::chat::{ChatSummary, Model, Settings};
use crate::contexts::{Panel, use_chat_settings, use_chats, use_navigator, use_scope, use_sync};
use crate::sync::Id;

const VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));

/// What [`Header`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct HeaderProps {
    /// The chat that is shown.
    pub(super) chat: Option<Id>,
}

/// The bar on top.
#[component]
pub(super) fn Header(props: &HeaderProps) -> Html {
    let chats = use_chats();
    let navigator = use_navigator();
    let new_chat = use_new_chat();
    let known = props.chat.as_ref().and_then(|id| chats.iter().find(|chat| chat.id == *id));
    let title = match (known, &props.chat) {
        (Some(chat), _) => chat.title.clone(),
        (None, Some(_)) => "New chat".to_owned(),
        (None, None) => "Not found".to_owned(),
    };
    use_page_title(&title);

    let open = |panel| {
        let navigator = navigator.clone();
        Callback::from(move |_: MouseEvent| navigator.open(panel))
    };
    let (settings, said) = use_chat_settings(props.chat.as_ref());
    let model = answering(&settings, said.as_ref());
    let details = if props.chat.is_some() { Panel::Chat } else { Panel::Settings };
    html! {
        <header class="header">
            <button class="icon-button header-menu" aria-label="Open menu" onclick={open(Panel::Menu)}>
                { icon(Icon::Menu) }
            </button>
            { brand() }
            <h1 class="header-title" title={title.clone()}>{ title.clone() }</h1>
            if let Some(id) = &props.chat { <HeaderMark chat={id.clone()} recovered={known.is_some_and(|chat| chat.recovered)} /> }
            <HeaderSync />
            <button class="icon-button" aria-label="This chat" title="This chat: who answers, sync and more" aria-haspopup="dialog"
                onclick={open(Panel::Chat)}>
                { icon(Icon::ChatOptions) }
            </button>
            <button class="chip" title="This chat: who answers, and how" onclick={open(details)}>
                <span class="visually-hidden">{ "Model: " }</span>
                <span class="chip-label">{ model }</span>
            </button>
            <button class="icon-button" aria-label="New chat" title="New chat (Ctrl+Shift+O)"
                aria-keyshortcuts="Control+Shift+O Meta+Shift+O" onclick={new_chat.reform(|_| ())}>
                { icon(Icon::NewChat) }
            </button>
        </header>
    }
}

/// What [`HeaderMark`] needs.
#[derive(PartialEq, Properties)]
struct HeaderMarkProps {
    /// The chat.
    chat: Id,
    /// See [`crate::chat::ChatSummary::recovered`].
    recovered: bool,
}

/// How the chat stands; said of a chat that has not begun as well.
#[component]
fn HeaderMark(props: &HeaderMarkProps) -> Html {
    chat_mark(use_scope(&props.chat), props.recovered)
}

/// On a phone the sidebar is out of sight; there the header tells of sync when it is not simply well.
#[component]
fn HeaderSync() -> Html {
    let view = use_sync();
    let navigator = use_navigator();
    let kind = SyncKind::of(&view);
    if !matches!(kind, SyncKind::Offline | SyncKind::Attention) {
        return Html::default();
    }
    let text = format!("Cloud Sync: {}", label(&view, when::short));
    let class = classes!("icon-button", "header-sync", format!("sync-{}", kind.name()));
    html! {
        <button {class} aria-label={text.clone()} title={text} onclick={move |_| navigator.open(Panel::CloudSync)}>
            { icon(kind.icon()) }
        </button>
    }
}

/// The mark, the name and the version.
pub(super) fn brand() -> Html {
    html! {
        <p class="brand">
            <img class="brand-mark" src="assets/icons/icon.svg" alt="" width="24" height="24" />
            <span class="brand-name">{ "Muse Chat" }</span>
            <span class="brand-version">{ VERSION }</span>
        </p>
    }
}

/// Who answers, in as few words as possible.
fn answering(settings: &Settings, chat: Option<&ChatSummary>) -> String {
    let (model, id) = (settings.model_in(chat), settings.model_id_in(chat));
    match model {
        Model::Off => "Notes only".to_owned(),
        Model::OpenAi if id.is_empty() => "No model chosen".to_owned(),
        Model::Mock | Model::OpenAi | Model::Claude | Model::Gemini if id.is_empty() => {
            model_words(model).0.to_owned()
        }
        Model::Mock | Model::OpenAi | Model::Claude | Model::Gemini => id.to_owned(),
    }
}

#[hook]
fn use_page_title(title: &str) {
    use_effect_with(title.to_owned(), |title| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            document.set_title(&format!("{title} – Muse Chat"));
        }
    });
}
