//! Between configuration and sync: make a space, or join that of another device.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::merge_question::MergeQuestion;
use crate::session::Joining;

/// Two ways; each says what will happen to the data before it does it.
#[component]
pub(super) fn Pairing() -> Html {
    let node = use_node_ref();
    let asking = use_state_eq(|| None::<Joining>);
    let ask = {
        let asking = asking.setter();
        Callback::from(move |joining: Option<Joining>| asking.set(joining))
    };
    if let Some(joining) = &*asking {
        return html! { <MergeQuestion joining={joining.clone()} oncancel={ask.reform(|()| None)} /> };
    }
    let create = ask.reform(|_: MouseEvent| Some(Joining::New));
    let join = {
        let node = node.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            ask.emit(node.cast::<HtmlInputElement>().map(|field| Joining::Code(field.value())));
        })
    };
    html! {
        <>
            <section class="pairing-way">
                <h3>{ "First device" }</h3>
                <p>{ "Make a space in your Firestore for what is on this device." }</p>
                <button class="button button-primary" onclick={create}>{ "Create a space" }</button>
            </section>
            <section class="pairing-way">
                <h3>{ "Another device" }</h3>
                <form class="field" onsubmit={join}>
                    <label class="field-label" for="pairing-code">{ "Pairing code" }</label>
                    <input ref={node} id="pairing-code" class="field-input field-code" autocomplete="off" spellcheck="false"
                        autocapitalize="none" placeholder="abcd-efgh-…" aria-describedby="pairing-hint" />
                    <p class="field-hint" id="pairing-hint">
                        { "On the first device it is under Cloud Sync, Add a device. A link or QR code from there works as well." }
                    </p>
                    <p class="buttons"><button class="button">{ "Join with a code" }</button></p>
                </form>
            </section>
            <p class="pairing-note">{ "You will see what happens to your chats before anything does." }</p>
        </>
    }
}
