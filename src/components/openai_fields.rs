//! Address, key and model of an OpenAI-compatible endpoint.

use web_sys::HtmlInputElement;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::field::Field;
use crate::chat::OPENAI_URL;
use crate::contexts::{use_openai_key_hint, use_settings, use_settings_context};

const MODELS_ID: &str = "openai-models";

/// The fields of the endpoint.
#[component]
pub(super) fn OpenAiFields() -> Html {
    let settings = use_settings();
    let handle = use_settings_context();
    let models = use_state_eq(|| None::<Result<Vec<String>, String>>);
    let fetching = use_state_eq(|| false);
    let fetch = {
        let (handle, models, fetching) = (handle.clone(), models.setter(), fetching.setter());
        move |_| {
            let (handle, models, fetching) = (handle.clone(), models.clone(), fetching.clone());
            fetching.set(true);
            spawn_local(async move {
                models.set(Some(handle.openai_models().await));
                fetching.set(false);
            });
        }
    };
    let (news, failed) = match &*models {
        None => (String::new(), false),
        Some(Ok(ids)) if ids.is_empty() => {
            ("The endpoint lists no models; type the id by hand.".to_owned(), false)
        }
        Some(Ok(ids)) => (format!("{} models found; choose one in the field above.", ids.len()), false),
        Some(Err(problem)) => (problem.clone(), true),
    };
    let ids = models.as_ref().and_then(|models| models.as_ref().ok());
    let set_url = {
        let handle = handle.clone();
        Callback::from(move |text: String| {
            let wanted = if text.trim().is_empty() { OPENAI_URL.to_owned() } else { text.trim().to_owned() };
            handle.change(|settings| settings.openai_url = wanted);
        })
    };
    let set_model = Callback::from(move |text: String| {
        handle.change(|settings| settings.openai_model = text.trim().to_owned());
    });
    html! {
        <div class="openai-fields" role="group" aria-label="OpenAI-compatible endpoint">
            <Field id="openai-url" label="Base URL" kind="url" value={settings.openai_url.clone()}
                placeholder={OPENAI_URL} onsave={set_url} />
            <ApiKey />
            <Field id="openai-model" label="Model" value={settings.openai_model.clone()} list={MODELS_ID}
                placeholder="Type an id, or fetch the list" onsave={set_model} />
            <datalist id={MODELS_ID}>
                { for ids.into_iter().flatten().map(|id| html! { <option value={id.clone()} /> }) }
            </datalist>
            <div class="openai-fetch">
                <button class="button" onclick={fetch} disabled={*fetching}>
                    { if *fetching { "Fetching…" } else { "Fetch models" } }
                </button>
                <p class={classes!("field-hint", failed.then_some("problem"))} role="status">{ news }</p>
            </div>
        </div>
    }
}

/// The API key: it can be put in and taken away, but not read.
#[component]
fn ApiKey() -> Html {
    let handle = use_settings_context();
    let kept = use_openai_key_hint();
    let onchange = {
        let handle = handle.clone();
        move |event: Event| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                let key = field.value();
                if !key.trim().is_empty() {
                    handle.set_openai_key(key.trim());
                }
                field.set_value("");
            }
        }
    };
    let (placeholder, fact) = match &kept {
        Some(end) => {
            ("Paste another key to replace it", format!("A key that ends in {end} is on this device."))
        }
        None => ("sk-…", "No key is kept. Local servers often need none.".to_owned()),
    };
    html! {
        <div class="field">
            <label class="field-label" for="openai-key">{ "API key" }</label>
            <div class="field-row">
                <input id="openai-key" class="field-input" type="password" autocomplete="off" spellcheck="false"
                    {placeholder} aria-describedby="openai-key-hint" {onchange} />
                if kept.is_some() {
                    <button class="button" onclick={move |_| handle.set_openai_key("")}>{ "Remove" }</button>
                }
            </div>
            <p class="field-hint" id="openai-key-hint" role="status">
                { fact }{ " The key stays on this device and is never synced." }
            </p>
        </div>
    }
}
