//! Which modal is open.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::analytics_panel;
use super::chat_panel::ChatPanel;
use super::cloud_sync_panel::CloudSyncPanel;
use super::debug_panel::DebugPanel;
use super::history_panel::HistoryPanel;
use super::modal::Modal;
use super::profile_panel::ProfilePanel;
use super::settings_panel::SettingsPanel;
use super::shortcuts_panel;
use crate::contexts::{Panel, use_navigator, use_place, use_sync};

/// How long a modal takes to fade, `--quick` of `assets/styles/tokens.css`.
const FADE_MS: u32 = 150;

/// Shows the panel that the place names, and for a moment the one it named before.
#[component]
pub(super) fn Panels() -> Html {
    let navigator = use_navigator();
    let open = use_place().panel.filter(|panel| *panel != Panel::Menu);
    let last = use_state_eq(|| None);
    // a link of another device was opened: it is asked about at once
    let invited = use_sync().invited;
    use_effect_with(invited, {
        let navigator = navigator.clone();
        move |invited| {
            if *invited {
                navigator.open(Panel::CloudSync);
            }
        }
    });
    use_effect_with(open, {
        let last = last.clone();
        move |open| {
            let fading = match (open, *last) {
                (Some(_), _) => {
                    last.set(*open);
                    None
                }
                (None, Some(_)) => Some(Timeout::new(FADE_MS, move || last.set(None))),
                (None, None) => None,
            };
            move || drop(fading)
        }
    });
    let Some(panel) = open.or(*last) else {
        return Html::default();
    };
    let onclose = Callback::from(move |()| navigator.close());
    let content = match panel {
        Panel::Menu => Html::default(),
        Panel::Profile => html! { <ProfilePanel /> },
        Panel::Chat => html! { <ChatPanel /> },
        Panel::History => html! { <HistoryPanel /> },
        Panel::Settings => html! { <SettingsPanel /> },
        Panel::Debug => html! { <DebugPanel /> },
        Panel::CloudSync => html! { <CloudSyncPanel /> },
        Panel::Analytics => analytics_panel::view(),
        Panel::Shortcuts => shortcuts_panel::view(),
    };
    html! {
        <Modal key={panel.title()} title={panel.title()} open={open.is_some()} {onclose}>{ content }</Modal>
    }
}
