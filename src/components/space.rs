//! In a space: its pairing code, sync now, pause, leave.

use yew::platform::spawn_local;
use yew::prelude::*;

use super::confirm_button::ConfirmButton;
use super::copy_button::CopyButton;
use super::icon::{Icon, icon};
use super::sync_words::SyncKind;
use crate::contexts::{use_sync, use_sync_context, use_toast_context};

/// Stands for a code that is not shown.
const MASK: &str = "••••-••••-••••-••••-••••-••••-••••-••••";

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

/// The secret with which another device joins, covered until asked for.
#[component]
fn PairingCode() -> Html {
    let handle = use_sync_context();
    let shown = use_state_eq(|| false);
    let code = {
        let handle = handle.clone();
        Callback::from(move |()| handle.pairing_code().unwrap_or_default())
    };
    let toggle = {
        let shown = shown.clone();
        move |_| shown.set(!*shown)
    };
    html! {
        <section>
            <h3>{ "Pairing code" }</h3>
            <p>{ "Enter it on your other devices. Who has it can read and change your chats, so keep it like a password." }</p>
            <p class="space-code">
                if *shown {
                    <code>{ code.emit(()) }</code>
                } else {
                    <code aria-label="Hidden">{ MASK }</code>
                }
            </p>
            <p class="buttons">
                <button class="button" aria-pressed={shown.to_string()} onclick={toggle}>
                    { icon(if *shown { Icon::Hide } else { Icon::Show }) }{ if *shown { "Hide" } else { "Reveal" } }
                </button>
                <CopyButton labelled=true name="Copy code" text={code} />
            </p>
        </section>
    }
}
