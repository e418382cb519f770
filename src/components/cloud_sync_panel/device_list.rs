//! The devices of a space, as far as their records tell.

use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::components::when;
use crate::contexts::{use_sync, use_sync_context};
use crate::session::DeviceSeen;

/// Devices that wrote lately; this one is marked.
#[component]
pub(super) fn DeviceList() -> Html {
    let handle = use_sync_context();
    // rendered with every change of the state, so a device that shows up is seen
    let _ = use_sync();
    let row = |device: &DeviceSeen| {
        let seen = match (device.is_this, device.at_ms) {
            (true, _) => html! { <strong>{ "this device" }</strong> },
            (false, at_ms) => {
                html! { <>{ "wrote last " }<time datetime={when::iso(at_ms)}>{ when::short(at_ms) }</time></> }
            }
        };
        html! { <li key={device.name.clone()} class="device-row">{ icon(Icon::Device) }<code>{ device.name.clone() }</code><span>{ seen }</span></li> }
    };
    html! {
        <section class="device-list">
            <h3>{ "Devices" }</h3>
            <ul>{ for handle.devices().iter().map(row) }</ul>
            <p class="field-hint">{ "A device shows up once it has written something. Each browser is one, with a name made by chance." }</p>
        </section>
    }
}
