//! The cloud at the foot of the sidebar.

use yew::prelude::*;

use super::icon::icon;
use super::sync_words::{SyncKind, label, why};
use super::when;
use crate::contexts::{Panel, use_navigator, use_sync};

/// What [`SyncIndicator`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct SyncIndicatorProps {
    /// Whether there is room for words.
    pub(super) expanded: bool,
}

/// Says how sync is; leads to Cloud Sync.
#[component]
pub(super) fn SyncIndicator(props: &SyncIndicatorProps) -> Html {
    let view = use_sync();
    let navigator = use_navigator();
    let kind = SyncKind::of(&view);
    let (text, reason) = (label(&view, when::short), why(&view));
    let whole = reason.iter().fold(format!("Cloud Sync: {text}"), |text, reason| format!("{text}. {reason}"));
    html! {
        <div class="sync-indicator">
            <button class={classes!("sidebar-entry", format!("sync-{}", kind.name()))}
                title={(!props.expanded).then_some(whole)} aria-haspopup="dialog"
                onclick={move |_| navigator.open(Panel::CloudSync)}>
                { icon(kind.icon()) }
                <span class="sidebar-label">
                    <span class="visually-hidden">{ "Cloud Sync: " }</span>{ text }
                    if let Some(reason) = &reason { <span class="sync-reason">{ reason.clone() }</span> }
                </span>
            </button>
            <SyncNews {kind} {reason} />
        </div>
    }
}

/// What [`SyncNews`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct SyncNewsProps {
    /// The state.
    pub(super) kind: SyncKind,
    /// Why, in a few words.
    pub(super) reason: Option<String>,
}

/// Tells those who listen when the state has become another. What is so from the beginning is no news, nor
/// is work that ends as it was before; numbers counting down are not read out.
#[component]
pub(super) fn SyncNews(props: &SyncNewsProps) -> Html {
    let last = use_mut_ref(|| None::<String>);
    let text = use_mut_ref(String::new);
    if let Some(now) = props.kind.announcement() {
        let now = props.reason.iter().fold(now.to_owned(), |text, reason| format!("{text}: {reason}"));
        let before = last.replace(Some(now.clone()));
        if before.is_some_and(|before| before != now) {
            text.replace(now);
        }
    }
    let text = text.borrow().clone();
    html! { <span class="visually-hidden" role="status">{ text }</span> }
}
