//! Settings. Each applies at once.

mod answer_fields;
mod source_fields;

use yew::prelude::*;

use super::choice::{Choice, Offer};
use super::icon::Icon;
use super::older_texts::OlderTexts;
use super::select::Select;
use crate::chat::{Model, Storage, Theme};
use crate::contexts::{Panel, use_navigator, use_settings, use_settings_context, use_sync, use_sync_context};
use crate::session::ThisSession;
use crate::sync::Key;
use answer_fields::AnswerFields;
use source_fields::SourceFields;

/// Theme, model, system prompt, storage.
#[component]
pub(super) fn SettingsPanel() -> Html {
    let settings = use_settings();
    let handle = use_settings_context();
    let change_theme = {
        let handle = handle.clone();
        Callback::from(move |name| {
            handle.change(|settings| settings.theme = Theme::from_name(name).unwrap_or_default());
        })
    };
    let change_model = Callback::from(move |name| {
        handle.change(|settings| settings.model = Model::from_name(name).unwrap_or_default());
    });
    html! {
        <div class="settings-panel">
            <Choice legend="Theme" compact=true offers={themes()} chosen={settings.theme.name()} onchoose={change_theme} />
            <Choice legend="Model" offers={models()} chosen={settings.model.name()} onchoose={change_model} />
            <SourceFields key={settings.model.name()} model={settings.model} />
            if settings.model != Model::Off { <AnswerFields /> }
            <OlderTexts of={Key::Settings} />
            <StorageChoice />
        </div>
    }
}

/// Where data lives, and what this session does.
#[component]
fn StorageChoice() -> Html {
    let settings = use_settings();
    let handle = use_settings_context();
    let sync = use_sync();
    let sync_handle = use_sync_context();
    let navigator = use_navigator();
    // the setting is a wish that travels between devices; without a space this device does not sync
    let storage = if sync.paired { settings.storage } else { Storage::Local };
    let onchoose = {
        let paired = sync.paired;
        Callback::from(move |name| {
            let wanted = Storage::from_name(name).unwrap_or_default();
            if wanted == Storage::Firestore && !paired {
                navigator.open(Panel::CloudSync);
            } else {
                handle.change(|settings| settings.storage = wanted);
            }
        })
    };
    let offers: Vec<(AttrValue, AttrValue)> =
        sessions(sync.on).into_iter().map(|(what, label)| (what.name().into(), label.into())).collect();
    let decide = Callback::from(move |name: String| {
        sync_handle.set_this_session(ThisSession::from_name(&name).unwrap_or_default());
    });
    html! {
        <>
            <Choice legend="Storage" offers={storages()} chosen={storage.name()} {onchoose} />
            if sync.paired {
                <Select id="storage-session" label="In this session" {offers} onchoose={decide} chosen={sync.this_session.name()}
                    hint="Until this tab is closed. What is not synced waits on this device, unless another tab of it syncs." />
            }
        </>
    }
}

/// What a session can do about sync, as one names it.
fn sessions(on: bool) -> [(ThisSession, &'static str); 3] {
    let as_set = if on { "As set above: sync" } else { "As set above: do not sync" };
    [(ThisSession::AsSet, as_set), (ThisSession::On, "Sync"), (ThisSession::Off, "Do not sync")]
}

fn offer(value: &'static str, label: &'static str, hint: &'static str) -> Offer {
    Offer { value, label, hint, icon: None }
}

fn themes() -> Vec<Offer> {
    let themed = |theme: Theme, label, icon| Offer { icon: Some(icon), ..offer(theme.name(), label, "") };
    vec![
        themed(Theme::System, "System", Icon::Device),
        themed(Theme::Light, "Light", Icon::Sun),
        themed(Theme::Dark, "Dark", Icon::Moon),
    ]
}

fn models() -> Vec<Offer> {
    let words = |model: &Model| {
        let (label, hint) = model_words(*model);
        offer(model.name(), label, hint)
    };
    Model::ALL.iter().map(words).collect()
}

/// What each of them is called and is.
pub(super) fn model_words(model: Model) -> (&'static str, &'static str) {
    match model {
        Model::Off => ("Off", "No answers: messages are kept as notes"),
        Model::Mock => ("Mock", "The built-in demo: works offline, repeats what you say"),
        Model::OpenAi => ("OpenAI-compatible", "OpenAI, OpenRouter, Ollama, LM Studio and others"),
        Model::Claude => ("Claude", "Anthropic's models, with your own key"),
        Model::Gemini => ("Gemini", "Google's models, with your own key"),
    }
}

fn storages() -> Vec<Offer> {
    vec![
        offer(Storage::Local.name(), "This device", "Chats stay here and nowhere else"),
        offer(Storage::Firestore.name(), "Cloud Firestore", "Also in your own database, on all your devices"),
    ]
}
