//! The cloud at the foot of the sidebar.

use yew::prelude::*;

use super::icon::icon;
use super::sync_words::{SyncKind, label};
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
    let text = label(&view);
    // empty at first: what is so from the beginning is no news
    let first = use_memo((), |()| kind);
    let news = use_mut_ref(|| false);
    let changed = news.replace_with(|news| *news || kind != *first) || kind != *first;
    html! {
        <div class="sync-indicator">
            <button class={classes!("sidebar-entry", format!("sync-{}", kind.name()))}
                title={(!props.expanded).then(|| format!("Cloud Sync: {text}"))} aria-haspopup="dialog"
                onclick={move |_| navigator.open(Panel::CloudSync)}>
                { icon(kind.icon()) }
                <span class="sidebar-label"><span class="visually-hidden">{ "Cloud Sync: " }</span>{ text }</span>
            </button>
            // changes with the kind only, so that numbers counting down are not read out
            <span class="visually-hidden" role="status">{ if changed { kind.announcement() } else { "" } }</span>
        </div>
    }
}
