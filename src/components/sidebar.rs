//! The way to everything: icons, with labels where there is room; on a phone a drawer.

mod recent_chats;

use yew::prelude::*;

use super::header::brand;
use super::icon::{Icon, icon};
use super::new_chat::use_new_chat;
use super::sync_indicator::SyncIndicator;
use crate::contexts::{Panel, use_navigator, use_place, use_settings_context};
use crate::sync::Id;
use recent_chats::RecentChats;

/// What [`Sidebar`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct SidebarProps {
    /// The chat that is shown.
    pub(super) chat: Option<Id>,
    /// Whether it is a drawer.
    pub(super) phone: bool,
    /// Whether the drawer is open.
    pub(super) open: bool,
}

const ENTRIES: [(Panel, Icon); 6] = [
    (Panel::Profile, Icon::Profile),
    (Panel::History, Icon::History),
    (Panel::Settings, Icon::Settings),
    (Panel::Debug, Icon::Debug),
    (Panel::CloudSync, Icon::Cloud),
    (Panel::Analytics, Icon::Analytics),
];

/// The sidebar.
#[component]
pub(super) fn Sidebar(props: &SidebarProps) -> Html {
    let preferences = use_settings_context();
    let navigator = use_navigator();
    let new_chat = use_new_chat();
    let here = use_place().panel;
    let wide = use_state_eq(|| preferences.sidebar_expanded());
    let nav = use_node_ref();
    let expanded = props.phone || *wide;

    use_effect_with(props.open, {
        let nav = nav.clone();
        move |open| {
            if let Some(nav) = nav.cast::<web_sys::HtmlElement>().filter(|_| *open) {
                let _ = nav.focus();
            }
        }
    });

    let toggle = {
        let (wide, navigator, phone) = (wide.clone(), navigator.clone(), props.phone);
        Callback::from(move |_| {
            if phone {
                navigator.close();
            } else {
                preferences.set_sidebar_expanded(!*wide);
                wide.set(!*wide);
            }
        })
    };
    let toggle_name = match (props.phone, expanded) {
        (true, _) => "Close menu",
        (false, true) => "Collapse sidebar",
        (false, false) => "Expand sidebar",
    };
    let entry = |(panel, which): (Panel, Icon)| {
        let navigator = navigator.clone();
        html! {
            <li key={panel.title()}>
                <button class={classes!("sidebar-entry", (here == Some(panel)).then_some("sidebar-active"))}
                    title={(!expanded).then_some(panel.title())} aria-haspopup="dialog"
                    onclick={move |_| navigator.open(panel)}>
                    { icon(which) }<span class="sidebar-label">{ panel.title() }</span>
                </button>
            </li>
        }
    };
    let class =
        classes!("sidebar", expanded.then_some("sidebar-expanded"), props.open.then_some("sidebar-open"));
    html! {
        <>
            if props.open {
                <div class="sidebar-scrim" onclick={toggle.reform(|_| ())} />
            }
            <nav ref={nav} {class} aria-label="Main" tabindex="-1">
                <div class="sidebar-top">
                    <button class="icon-button" aria-label={toggle_name} title={toggle_name}
                        aria-expanded={expanded.to_string()} onclick={toggle.reform(|_| ())}>
                        { icon(if props.phone { Icon::Close } else { Icon::Sidebar }) }
                    </button>
                    if props.phone { { brand() } }
                </div>
                <button class="sidebar-entry sidebar-new" title={(!expanded).then_some("New chat")}
                    onclick={new_chat.reform(|_| ())}>
                    { icon(Icon::NewChat) }<span class="sidebar-label">{ "New chat" }</span>
                </button>
                <ul class="sidebar-entries">{ for ENTRIES.into_iter().map(entry) }</ul>
                <div class="sidebar-rest">
                    if expanded { <RecentChats chat={props.chat.clone()} /> }
                </div>
                <SyncIndicator {expanded} />
            </nav>
        </>
    }
}
