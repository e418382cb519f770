//! The secret with which another device joins: covered until asked for; as text, link or picture.

use yew::prelude::*;

use super::qr;
use crate::components::copy_button::CopyButton;
use crate::components::icon::{Icon, icon};
use crate::contexts::use_sync_context;

/// Stands for a code that is not shown.
const MASK: &str = "••••-••••-••••-••••-••••-••••-••••-••••";

/// What of the secret is on the screen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Nothing.
    Nothing,
    /// The code as text.
    Code,
    /// The link as a picture.
    Picture,
}

/// The pairing code.
#[component]
pub(super) fn PairingCode() -> Html {
    let handle = use_sync_context();
    let shown = use_state_eq(|| Shown::Nothing);
    let code = {
        let handle = handle.clone();
        Callback::from(move |()| handle.pairing_code().unwrap_or_default())
    };
    let link = Callback::from(move |()| handle.pairing_link().unwrap_or_default());
    let toggle = |what: Shown| {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(if *shown == what { Shown::Nothing } else { what }))
    };
    let (code_shown, picture_shown) = (*shown == Shown::Code, *shown == Shown::Picture);
    html! {
        <section>
            <h3>{ "Add a device" }</h3>
            <p>{ "Scan the QR code with it, open the link there, or enter the pairing code under Cloud Sync. Who has any of \
                these can read and change your chats, so keep them like a password." }</p>
            <p class="space-code">
                if code_shown {
                    <code>{ code.emit(()) }</code>
                } else {
                    <code aria-label="Pairing code, hidden">{ MASK }</code>
                }
            </p>
            if picture_shown { { qr::view(&link.emit(()), "QR code of the link that adds a device") } }
            <p class="buttons">
                <button class="button" aria-pressed={code_shown.to_string()} onclick={toggle(Shown::Code)}>
                    { icon(if code_shown { Icon::Hide } else { Icon::Show }) }{ if code_shown { "Hide code" } else { "Reveal code" } }
                </button>
                <CopyButton labelled=true name="Copy code" text={code} />
                <CopyButton labelled=true name="Copy link" text={link} />
                <button class="button" aria-pressed={picture_shown.to_string()} onclick={toggle(Shown::Picture)}>
                    { icon(Icon::Qr) }{ if picture_shown { "Hide QR code" } else { "Show QR code" } }
                </button>
            </p>
        </section>
    }
}
