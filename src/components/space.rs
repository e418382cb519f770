//! In a space: its pairing code, sync now, pause, leave.

use yew::platform::spawn_local;
use yew::prelude::*;

use super::confirm_button::ConfirmButton;
use super::icon::{Icon, icon};
use super::pairing_code::PairingCode;
use super::sync_words::SyncKind;
use crate::contexts::{use_sync, use_sync_context, use_toast_context};

/// What one can do in a space.
#[component]
pub(super) fn Space() -> Html {
    let view = use_sync();
    let handle = use_sync_context();
    let toasts = use_toast_context();
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
    let paused = view.paused;
    let idle = matches!(SyncKind::of(&view), SyncKind::Off | SyncKind::Syncing);
    html! {
        <>
            <p class="buttons">
                <button class="button button-primary" onclick={now} disabled={idle}>{ icon(Icon::Again) }{ "Sync now" }</button>
                <button class="button" aria-pressed={paused.to_string()} onclick={move |_| handle.set_paused(!paused)}>
                    { icon(Icon::Paused) }{ if paused { "Go on syncing" } else { "Pause for this session" } }
                </button>
            </p>
            <PairingCode />
            <section>
                <h3>{ "Leave" }</h3>
                <p>{ "This device stops syncing. Its data stays here, and the data in your Firestore stays there." }</p>
                <ConfirmButton label="Leave the space" yes="Leave" onconfirm={leave}
                    question="Leave the space on this device? To come back you need the pairing code: copy it first if no other device has it." />
            </section>
        </>
    }
}
