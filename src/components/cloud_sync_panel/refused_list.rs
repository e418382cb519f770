//! What Firestore refuses: why, to be tried again or saved as a file.

use yew::platform::spawn_local;
use yew::prelude::*;

use crate::components::when;
use crate::contexts::{use_sync, use_sync_context};
use crate::session::Refused;

/// The refused records; nothing where there are none.
#[component]
pub(super) fn RefusedList() -> Html {
    let handle = use_sync_context();
    let view = use_sync();
    let refused = use_state_eq(Vec::<Refused>::new);
    use_effect_with(view, {
        let (handle, refused) = (handle.clone(), refused.setter());
        move |_| {
            spawn_local(async move {
                if let Ok(found) = handle.refused().await {
                    refused.set(found);
                }
            });
        }
    });
    if refused.is_empty() {
        return Html::default();
    }
    let again = {
        let (handle, keys) =
            (handle.clone(), refused.iter().map(|each| each.key.clone()).collect::<Vec<_>>());
        move |_| handle.retry_refused(keys.clone())
    };
    let row = |each: &Refused| {
        let file = format!("muse-{}.json", each.key.row_key().replace('/', "-"));
        let address =
            format!("data:application/json;charset=utf-8,{}", js_sys::encode_uri_component(&each.json));
        let retry = {
            let (handle, key) = (handle.clone(), each.key.clone());
            move |_| handle.retry_refused(vec![key.clone()])
        };
        html! {
            <li key={each.key.row_key()} class="refused-row">
                <p class="refused-title">{ each.title.clone() }</p>
                <p class="field-hint">
                    { format!("Refused {}: {}", when::short(each.at_ms), each.reason) }
                </p>
                <p class="buttons">
                    <button class="button" onclick={retry} aria-label={format!("Try again: {}", each.title)}>{ "Try again" }</button>
                    <a class="button" href={address} download={file} aria-label={format!("Save as a file: {}", each.title)}>
                        { "Save as a file" }
                    </a>
                </p>
            </li>
        }
    };
    html! {
        <section class="refused-list">
            <h3>{ "Refused by Firestore" }</h3>
            <p>{ "Safe on this device, but nowhere else. It is tried again when it changes, or when you say so." }</p>
            <ul>{ for refused.iter().map(row) }</ul>
            if refused.len() > 1 {
                <p class="buttons"><button class="button" onclick={again}>{ "Try all again" }</button></p>
            }
        </section>
    }
}
