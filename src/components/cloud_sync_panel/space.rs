//! In a space: its pairing code, sync now, pause, leave.

use yew::platform::spawn_local;
use yew::prelude::*;

use super::device_list::DeviceList;
use super::erase_cloud::EraseCloud;
use super::kept_here::KeptHere;
use super::pairing_code::PairingCode;
use super::refused_list::RefusedList;
use crate::chat::Storage;
use crate::components::confirm_button::ConfirmButton;
use crate::components::icon::{Icon, icon};
use crate::components::sync_words::SyncKind;
use crate::contexts::{use_erasing, use_settings_context, use_sync, use_sync_context, use_toast_context};
use crate::session::ThisSession;
use crate::sync::Status;

/// What one can do in a space.
#[component]
pub(super) fn Space() -> Html {
    let view = use_sync();
    let handle = use_sync_context();
    let toasts = use_toast_context();
    let settings = use_settings_context();
    let leave = {
        let handle = handle.clone();
        Callback::from(move |()| {
            let (handle, toasts) = (handle.clone(), toasts.clone());
            spawn_local(async move {
                if let Err(problem) = handle.leave_space().await {
                    toasts.error(&problem);
                }
            });
        })
    };
    let now = {
        let handle = handle.clone();
        move |_| handle.sync_now()
    };
    let again = {
        let handle = handle.clone();
        move |_| handle.compare_anew()
    };
    let switch_on = move |_| settings.change(|settings| settings.storage = Storage::Firestore);
    if use_erasing().is_some() {
        return html! { <EraseCloud /> };
    }
    let off = view.status == Status::Off;
    let idle = matches!(SyncKind::of(&view), SyncKind::Off | SyncKind::Syncing);
    // what the other button does about this session
    let (what, label, which) = match (view.this_session, view.on) {
        (ThisSession::Off, true) => (ThisSession::AsSet, "Go on syncing", Icon::Cloud),
        (ThisSession::On, false) => (ThisSession::AsSet, "Stop syncing", Icon::Paused),
        (ThisSession::AsSet | ThisSession::On, true) => {
            (ThisSession::Off, "Pause for this session", Icon::Paused)
        }
        (ThisSession::AsSet | ThisSession::Off, false) => {
            (ThisSession::On, "Sync in this session only", Icon::Cloud)
        }
    };
    html! {
        <>
            <p class="buttons">
                <button class={classes!("button", (view.on && !off).then_some("button-primary"))} onclick={now} disabled={idle}>{ icon(Icon::Again) }{ "Sync now" }</button>
                if !view.on {
                    <button class="button button-primary" onclick={switch_on}>{ icon(Icon::Cloud) }{ if off { "Switch sync on" } else { "Keep sync on" } }</button>
                }
                <button class="button" onclick={move |_| handle.set_this_session(what)}>{ icon(which) }{ label }</button>
            </p>
            if !view.on && !off {
                <p class="field-hint">{ "Only this session syncs, until its tab is closed; else sync is off on this device." }</p>
            }
            <RefusedList />
            <PairingCode />
            <DeviceList />
            <KeptHere />
            <section>
                <h3>{ "Compare anew" }</h3>
                <p>{ "Checks everything here against everything in your Firestore, in case you doubt it. Nothing is deleted; it costs one read for every record." }</p>
                <p class="buttons"><button class="button" onclick={again} disabled={off}>{ "Compare anew" }</button></p>
            </section>
            <section>
                <h3>{ "Leave" }</h3>
                <p>{ "This device stops syncing. Its data stays here, and the data in your Firestore stays there." }</p>
                <ConfirmButton label="Leave the space" yes="Leave" onconfirm={leave}
                    question="Leave the space on this device? To come back you need the pairing code: copy it first if no other device has it." />
            </section>
            <EraseCloud />
        </>
    }
}
