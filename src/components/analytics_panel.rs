//! The place for analytics.

use yew::prelude::*;

use super::icon::{Icon, icon};

/// Says that there are none.
pub(super) fn view() -> Html {
    html! {
        <div class="analytics-panel">
            { icon(Icon::Analytics) }
            <p>{ "Analytics are planned for v1.4: how much you chat, with which models, computed on your device." }</p>
            <p>{ "Until then nothing is measured, and nothing is sent anywhere." }</p>
        </div>
    }
}
