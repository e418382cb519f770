//! What holds for the chat that is shown: who answers, with which instructions, and where it is kept.

mod chat_sync;
mod take_out;

use yew::prelude::*;

use super::field::Field;
use super::key_field::KeyField;
use super::model_field::ModelField;
use super::older_texts::OlderTexts;
use super::select::Select;
use super::settings_panel::model_words;
use crate::chat::{Answerer, Model, Settings, next_reads};
use crate::contexts::{
    Panel, use_chat_context, use_chat_settings, use_chats, use_navigator, use_place, use_transcript,
};
use crate::sync::{Id, Key};
use chat_sync::ChatSync;
use take_out::TakeOut;

/// Follows the settings.
const AS_SET: &str = "";

/// The settings of one chat; it need not have begun.
#[component]
pub(super) fn ChatPanel() -> Html {
    let navigator = use_navigator();
    let chats = use_chats();
    let here = use_place().route;
    let Some(chat) = here.chat() else {
        return Html::default();
    };
    let known = chats.iter().find(|known| known.id == *chat);
    html! {
        <div key={chat.as_str()} class="chat-panel">
            if let Some(known) = known { <p class="chat-panel-title">{ known.title.clone() }</p> }
            <AnswererFields chat={chat.clone()} />
            <Instructions chat={chat.clone()} />
            <p class="field-hint">
                <Reach chat={chat.clone()} />{ " All the rest is as in " }
                <button class="link-button" onclick={move |_| navigator.open(Panel::Settings)}>{ "Settings" }</button>{ "." }
            </p>
            <ChatSync chat={chat.clone()} begun={known.is_some()} />
            <OlderTexts of={Key::Chat(chat.clone())} />
            if known.is_some() { <TakeOut chat={chat.clone()} /> }
        </div>
    }
}

/// How much of the chat the model reads for its next answer.
#[component]
fn Reach(props: &OfChat) -> Html {
    let (settings, known) = use_chat_settings(Some(&props.chat));
    let view = use_transcript(&props.chat);
    let nobody = settings.model_in(known.as_ref()) == Model::Off;
    let (read, all) = next_reads(&view.transcript, &settings, known.as_ref());
    if nobody || view.loading || all == 0 {
        return Html::default();
    }
    let text = match (read, all) {
        (0, 1) => "The next answer does not read the message before it.".to_owned(),
        (0, _) => format!("The next answer reads none of the {all} messages before it."),
        (1, 1) => "The next answer reads the message before it.".to_owned(),
        (read, all) if read == all => format!("The next answer reads all {all} messages before it."),
        (read, all) => format!("The next answer reads {read} of the {all} messages before it."),
    };
    html! { { text } }
}

/// What the parts need.
#[derive(PartialEq, Properties)]
struct OfChat {
    chat: Id,
}

/// Who answers here. It can change at any time: each message says who made it.
#[component]
fn AnswererFields(props: &OfChat) -> Html {
    let chats = use_chat_context();
    let (settings, known) = use_chat_settings(Some(&props.chat));
    let own = known.as_ref().and_then(|chat| chat.model);
    let own_id = known.as_ref().and_then(|chat| chat.model_id.clone()).unwrap_or_default();
    let mut offers: Vec<(AttrValue, AttrValue)> =
        vec![(AS_SET.into(), format!("As in Settings: {}", who(&settings, settings.model)).into())];
    offers.extend(Model::ALL.iter().map(|model| (model.name().into(), model_words(*model).0.into())));
    let set = {
        let chat = props.chat.clone();
        Callback::from(move |answerer| chats.set_answerer(&chat, answerer))
    };
    let onchoose =
        set.reform(|name: String| Model::from_name(&name).map(|model| Answerer { model, id: String::new() }));
    html! {
        <>
            <Select id="chat-answerer" label="Who answers" {offers} {onchoose} chosen={own.map_or(AS_SET, Model::name)}
                hint="From the next answer on. Earlier answers stay as they are." />
            if let Some((model, source)) = own.and_then(|model| Some((model, settings.source(model)?))) {
                <div key={model.name()} class="source-fields">
                    <ModelField id="chat-model" {model} value={own_id}
                        placeholder={if source.model.is_empty() { "Type an id, or fetch the list".to_owned() } else { format!("As in Settings: {}", source.model) }}
                        onsave={set.reform(move |id| Some(Answerer { model, id }))} />
                    <KeyField id="chat-key" {model} />
                </div>
            }
        </>
    }
}

/// The system prompt of this chat.
#[component]
fn Instructions(props: &OfChat) -> Html {
    let chats = use_chat_context();
    let (settings, known) = use_chat_settings(Some(&props.chat));
    let own = known.and_then(|chat| chat.system);
    let set = {
        let chat = props.chat.clone();
        Callback::from(move |system: Option<String>| chats.set_system(&chat, system))
    };
    let toggle = {
        let general = settings.system_prompt.clone();
        let wanted = if own.is_some() { None } else { Some(general) };
        set.reform(move |_: Event| wanted.clone())
    };
    let hint = match (&own, settings.system_prompt.trim()) {
        (Some(_), _) => "Sent before this conversation. Empty means none.".to_owned(),
        (None, "") => "There are no general ones either.".to_owned(),
        (None, general) => {
            format!("Now the general ones: “{}”", general.chars().take(120).collect::<String>())
        }
    };
    html! {
        <>
            <label class="switch">
                <input class="switch-input" type="checkbox" role="switch" checked={own.is_some()} onchange={toggle} />
                <span class="switch-text">
                    { "Own instructions for this chat" }
                    <span class="choice-hint">{ hint }</span>
                </span>
            </label>
            if let Some(text) = own {
                <Field id="chat-system" label="Instructions" lines="5" value={text} placeholder="You are a patient tutor."
                    onsave={set.reform(Some)} />
            }
        </>
    }
}

/// Who answers, in as few words as possible.
pub(super) fn who(settings: &Settings, model: Model) -> String {
    match settings.source(model) {
        Some(source) if !source.model.is_empty() => source.model.clone(),
        Some(_) | None => model_words(model).0.to_owned(),
    }
}
