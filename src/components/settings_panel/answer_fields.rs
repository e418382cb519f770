//! How answers are asked for: instructions, freedom, length, how much is sent, titles.

use yew::prelude::*;

use crate::chat::{Settings, Window};
use crate::components::field::Field;
use crate::components::select::Select;
use crate::contexts::{use_settings, use_settings_context};

/// The fields that count for every model.
#[component]
pub(super) fn AnswerFields() -> Html {
    let settings = use_settings();
    let handle = use_settings_context();
    let set = |change: fn(&mut Settings, String)| {
        let handle = handle.clone();
        Callback::from(move |text: String| handle.change(|settings| change(settings, text)))
    };
    let window = settings.window;
    let mut windows = Window::OFFERED.to_vec();
    if !windows.contains(&window) {
        windows.push(window);
    }
    let offers: Vec<(AttrValue, AttrValue)> =
        windows.iter().map(|window| (window.name().into(), window.to_string().into())).collect();
    let hint = match window {
        Window::All => {
            "Everything said so far is sent with every message. Long chats cost more, and may get too long."
        }
        Window::Messages(_) | Window::Tokens(_) => {
            "The model does not see what is older. It stays in the chat; only the model forgets it."
        }
    };
    let heat_hint = if !settings.temperature.trim().is_empty() && settings.temperature().is_none() {
        "This is no number from 0 to 2, so it is not sent."
    } else {
        "0 is strict, 1 is free. Empty: as the model likes it; some models take no other."
    };
    let length_hint = if !settings.max_tokens.trim().is_empty() && settings.max_tokens().is_none() {
        "This is no whole number, so it is not sent."
    } else {
        "In tokens; 1,000 are about 750 words. Empty: as the model likes it."
    };
    let titles = settings.model_titles;
    let ontitles = {
        let handle = handle.clone();
        move |_| handle.change(|settings| settings.model_titles = !titles)
    };
    let thinking = settings.thinking;
    let onthinking = {
        let handle = handle.clone();
        move |_| handle.change(|settings| settings.thinking = !thinking)
    };
    html! {
        <>
            <Field id="settings-system" label="System prompt" lines="4"
                value={settings.system_prompt.clone()} placeholder="You are a helpful assistant."
                hint="Sent before every conversation. Leave it empty for none." onsave={set(|s, text| s.system_prompt = text)} />
            <Select id="settings-window" label="How much is sent" {offers} chosen={window.name()} hint={AttrValue::from(hint)}
                onchoose={set(|s, name| s.window = Window::from_name(&name).unwrap_or_default())} />
            <div class="answer-numbers">
                <Field id="settings-temperature" label="Temperature" value={settings.temperature.clone()}
                    placeholder="Not set" hint={heat_hint} onsave={set(|s, text| s.temperature = text.trim().to_owned())} />
                <Field id="settings-max-tokens" label="Longest answer" value={settings.max_tokens.clone()}
                    placeholder="Not set" hint={length_hint} onsave={set(|s, text| s.max_tokens = text.trim().to_owned())} />
            </div>
            <label class="switch">
                <input class="switch-input" type="checkbox" role="switch" checked={thinking} onchange={onthinking} />
                <span class="switch-text">
                    { "Let the model think first" }
                    <span class="choice-hint">
                        { "Claude and Gemini then reason before they answer, and show it. It takes longer and costs more tokens. Other services decide that by themselves." }
                    </span>
                </span>
            </label>
            <label class="switch">
                <input class="switch-input" type="checkbox" role="switch" checked={titles} onchange={ontitles} />
                <span class="switch-text">
                    { "Let the model name new chats" }
                    <span class="choice-hint">{ "Off: the first words are the title. On: one more small request for each new chat." }</span>
                </span>
            </label>
        </>
    }
}
