//! An API key: it can be put in and taken away, but not read.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::chat::Model;
use crate::contexts::{use_key, use_settings_context};

/// What [`KeyField`] needs. Mount it anew (by `key`) for another model.
#[derive(PartialEq, Properties)]
pub(super) struct KeyFieldProps {
    /// Whose key.
    pub(super) model: Model,
    /// Its id in the page.
    pub(super) id: &'static str,
}

/// The key for the address of a model.
#[component]
pub(super) fn KeyField(props: &KeyFieldProps) -> Html {
    let KeyFieldProps { model, id } = *props;
    let handle = use_settings_context();
    let key = use_key(model);
    let wanted = use_state_eq(|| false);
    let Some(key) = key else {
        return Html::default();
    };
    let for_this_visit = if key.hint.is_some() { key.for_this_visit } else { *wanted };
    let onchange = {
        let handle = handle.clone();
        move |event: Event| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                let text = field.value();
                if !text.trim().is_empty() {
                    handle.set_key(model, &text, for_this_visit);
                }
                field.set_value("");
            }
        }
    };
    let onvisit = {
        let (handle, wanted) = (handle.clone(), wanted.setter());
        move |_| {
            wanted.set(!for_this_visit);
            handle.move_key(model, !for_this_visit);
        }
    };
    let placeholder =
        if key.hint.is_some() { "Paste another key to replace it" } else { "Paste the key here" };
    let fact = match (&key.hint, key.for_this_visit) {
        (Some(end), true) => {
            format!("A key that ends in {end} is known until this page is closed or reloaded.")
        }
        (Some(end), false) => format!("A key that ends in {end} is on this device. It is never synced."),
        (None, _) if key.needed => {
            format!("{} needs one. It stays on this device and is sent to {0} only.", key.host)
        }
        (None, _) => format!("None for {}; servers of your own often need none.", key.host),
    };
    let hint_id = format!("{id}-hint");
    html! {
        <div class="field key-field">
            <label class="field-label" for={id}>{ "API key" }</label>
            <div class="field-row">
                <input {id} class="field-input" type="password" autocomplete="off" spellcheck="false" {placeholder}
                    aria-describedby={hint_id.clone()} {onchange} />
                if key.hint.is_some() {
                    <button class="button" onclick={move |_| handle.set_key(model, "", false)}>{ "Remove" }</button>
                }
            </div>
            <label class="key-field-visit">
                <input type="checkbox" checked={for_this_visit} onchange={onvisit} />
                { "Only for this visit: kept nowhere" }
            </label>
            <p class="field-hint" id={hint_id} role="status">{ fact }</p>
        </div>
    }
}
