//! Erasing the cloud copy: asks, shows how far it is, goes on after a problem.

use yew::platform::spawn_local;
use yew::prelude::*;

use crate::components::confirm_button::ConfirmButton;
use crate::contexts::{use_erasing, use_sync_context, use_toast_context};

/// The last section of a space.
#[component]
pub(super) fn EraseCloud() -> Html {
    let handle = use_sync_context();
    let toasts = use_toast_context();
    let erasing = use_erasing();
    let erase = Callback::from(move |()| {
        let (handle, toasts) = (handle.clone(), toasts.clone());
        spawn_local(async move {
            if let Err(problem) = handle.erase_cloud_copy().await {
                toasts.error(&problem);
            }
        });
    });
    let body = match erasing.as_deref() {
        None => html! {
            <>
                <p>{ "Deletes everything of this space in your Firestore for good. Every device keeps what it has and stops syncing." }</p>
                <ConfirmButton label="Erase the cloud copy" yes="Erase for good" onconfirm={erase}
                    question="Erase everything in the cloud? What is on this device stays; what is only in the cloud is lost. There is no way back." />
            </>
        },
        Some(going) => html! {
            <>
                <p role="status">{ "Erasing the cloud copy. It goes on after a reload." }</p>
                <p class="field-hint">{ format!("{} documents erased so far", going.erased) }</p>
                if let Some(problem) = &going.problem {
                    <p class="problem" role="alert">{ problem.clone() }</p>
                    <p class="buttons"><button class="button" onclick={move |_| erase.emit(())}>{ "Go on erasing" }</button></p>
                }
            </>
        },
    };
    html! { <section><h3>{ "Erase the cloud copy" }</h3>{ body }</section> }
}
