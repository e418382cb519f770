//! Where a model is asked: service, address, key, model, and a test of all that.

use yew::platform::spawn_local;
use yew::prelude::*;

use crate::chat::{
    CLAUDE_KEY_PAGE, CLAUDE_URL, GEMINI_KEY_PAGE, GEMINI_URL, Model, OPENAI_URL, PRESETS, Preset, Settings,
};
use crate::components::field::Field;
use crate::components::key_field::KeyField;
use crate::components::model_field::ModelField;
use crate::components::select::Select;
use crate::contexts::{use_address_problem, use_settings, use_settings_context};

const OTHER: &str = "other";

/// What [`SourceFields`] needs. Mount it anew (by `key`) for another model.
#[derive(PartialEq, Properties)]
pub(super) struct SourceFieldsProps {
    /// Whose.
    pub(super) model: Model,
}

/// The fields of a source.
#[component]
pub(super) fn SourceFields(props: &SourceFieldsProps) -> Html {
    let model = props.model;
    let settings = use_settings();
    let handle = use_settings_context();
    let problem = use_address_problem(model);
    let Some(source) = settings.source(model) else {
        return Html::default();
    };
    let preset = preset(&settings).filter(|_| model == Model::OpenAi);
    let (name, usual, key_page, example) = match model {
        Model::Claude => ("Claude", CLAUDE_URL, Some(CLAUDE_KEY_PAGE), "claude-sonnet-5-5"),
        Model::Gemini => ("Gemini", GEMINI_URL, Some(GEMINI_KEY_PAGE), "gemini-flash-latest"),
        Model::OpenAi | Model::Mock | Model::Off => (
            "OpenAI-compatible",
            OPENAI_URL,
            preset.and_then(|preset| preset.key_page),
            preset.map_or("", |preset| preset.example),
        ),
    };
    let set = |change: fn(&mut crate::chat::Source, String)| {
        let handle = handle.clone();
        Callback::from(move |text: String| {
            handle.change(|settings| {
                if let Some(source) = settings.source_mut(model) {
                    change(source, text.trim().to_owned());
                }
            });
        })
    };
    let set_url = set(|source, url| source.url = url).reform(move |url: String| {
        // only an endpoint of one's own may have no address for a while
        if url.trim().is_empty() && model != Model::OpenAi { usual.to_owned() } else { url }
    });
    let address = html! {
        <Field id="source-url" label="Base URL" kind="url" value={source.url.clone()} placeholder={usual}
            problem={problem.map(AttrValue::from)} onsave={set_url} />
    };
    html! {
        <div class="source-fields" role="group" aria-label={name}>
            if model == Model::OpenAi {
                <PresetSelect />
                { address.clone() }
            }
            <KeyField id="source-key" {model} />
            if let Some(page) = key_page {
                <p class="field-hint">
                    <a class="link" href={page} target="_blank" rel="noopener noreferrer">{ "Get a key" }</a>{ " (opens its site)" }
                </p>
            }
            <ModelField id="source-model" {model} value={source.model.clone()}
                placeholder={if example.is_empty() { "Type an id, or fetch the list".to_owned() } else { format!("Like {example}") }}
                takes_first={preset.is_some_and(|preset| preset.key_page.is_none())}
                onsave={set(|source, id| source.model = id)}>
                <TestButton {model} />
            </ModelField>
            if model != Model::OpenAi {
                <details class="source-more">
                    <summary>{ "Another address" }</summary>
                    { address }
                    <p class="field-hint">{ "For a gateway or a server of your own that speaks the same language." }</p>
                </details>
            }
        </div>
    }
}

/// The preset whose address it is.
fn preset(settings: &Settings) -> Option<&'static Preset> {
    let url = settings.openai.url.trim_end_matches('/');
    PRESETS.iter().find(|preset| preset.url == url)
}

/// The services that are known by name.
#[component]
fn PresetSelect() -> Html {
    let settings = use_settings();
    let handle = use_settings_context();
    let chosen = preset(&settings);
    let onchoose = Callback::from(move |name: String| {
        let url = PRESETS.iter().find(|preset| preset.name == name).map_or("", |preset| preset.url);
        handle.change(|settings| {
            if settings.openai.url != url {
                // the models of one service are unknown to another
                (settings.openai.url, settings.openai.model) = (url.to_owned(), String::new());
            }
        });
    });
    let mut offers: Vec<(AttrValue, AttrValue)> =
        PRESETS.iter().map(|preset| (preset.name.into(), preset.name.into())).collect();
    offers.push((OTHER.into(), "Another one…".into()));
    let hint = chosen.map(|preset| preset.hint).filter(|hint| !hint.is_empty());
    html! {
        <Select id="source-preset" label="Service" {offers} {onchoose}
            chosen={chosen.map_or(OTHER, |preset| preset.name)} hint={hint.map(AttrValue::from)} />
    }
}

/// What [`TestButton`] needs.
#[derive(PartialEq, Properties)]
struct TestButtonProps {
    model: Model,
}

/// Asks the model for one word and shows what came.
#[component]
fn TestButton(props: &TestButtonProps) -> Html {
    let handle = use_settings_context();
    let testing = use_state_eq(|| false);
    let outcome = use_state_eq(|| None::<Result<String, String>>);
    let onclick = {
        let (testing, outcome, model) = (testing.setter(), outcome.setter(), props.model);
        move |_| {
            let (handle, testing, outcome) = (handle.clone(), testing.clone(), outcome.clone());
            testing.set(true);
            outcome.set(None);
            spawn_local(async move {
                outcome.set(Some(handle.try_model(model).await));
                testing.set(false);
            });
        }
    };
    let (news, failed) = match &*outcome {
        None => (String::new(), false),
        Some(Ok(answer)) => (format!("It works. The model says: “{}”", short(answer)), false),
        Some(Err(problem)) => (problem.clone(), true),
    };
    html! {
        <>
            <button class="button" {onclick} disabled={*testing}>{ if *testing { "Asking…" } else { "Send a test" } }</button>
            <p class={classes!("field-hint", "source-news", failed.then_some("problem"))} role="status">{ news }</p>
        </>
    }
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
