//! Between configuration and sync: make a space, or join that of another device.

use web_sys::HtmlInputElement;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::contexts::use_sync_context;

/// Two ways, and what happens to the data on each.
#[component]
pub(super) fn Pairing() -> Html {
    let handle = use_sync_context();
    let node = use_node_ref();
    let working = use_state_eq(|| false);
    let problem = use_state_eq(|| None::<String>);
    // an empty code makes a space of one's own
    let pair = {
        let (working, problem) = (working.clone(), problem.setter());
        Callback::from(move |code: Option<String>| {
            if *working {
                return;
            }
            let (handle, working, problem) = (handle.clone(), working.setter(), problem.clone());
            working.set(true);
            spawn_local(async move {
                let done = match code {
                    Some(code) => handle.join_space(&code).await,
                    None => handle.create_space().await,
                };
                problem.set(done.err());
                working.set(false);
            });
        })
    };
    let create = pair.reform(|_: MouseEvent| None);
    let join = {
        let node = node.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            pair.emit(node.cast::<HtmlInputElement>().map(|field| field.value()));
        })
    };
    html! {
        <>
            <p class="pairing-note">
                { "Nothing is deleted either way: what is on this device and what is in the space are put together." }
            </p>
            <section class="pairing-way">
                <h3>{ "First device" }</h3>
                <p>{ "Make a space in your Firestore. Everything on this device is copied to it." }</p>
                <button class="button button-primary" onclick={create} disabled={*working}>{ "Create a space" }</button>
            </section>
            <section class="pairing-way">
                <h3>{ "Another device" }</h3>
                <form class="field" onsubmit={join}>
                    <label class="field-label" for="pairing-code">{ "Pairing code" }</label>
                    <input ref={node} id="pairing-code" class="field-input field-code" autocomplete="off" spellcheck="false"
                        autocapitalize="none" placeholder="abcd-efgh-…" aria-describedby="pairing-hint" />
                    <p class="field-hint" id="pairing-hint">{ "On the first device it is under Cloud Sync, Pairing code." }</p>
                    <p class="buttons"><button class="button" disabled={*working}>{ "Join with a code" }</button></p>
                </form>
            </section>
            <p class="problem" role="alert">{ (*problem).clone() }</p>
            <p class="field-hint" role="status">{ if *working { "Talking to your Firestore…" } else { "" } }</p>
        </>
    }
}
