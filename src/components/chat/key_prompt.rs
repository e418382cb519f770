//! Asks for the key that a chat's model needs, in the chat itself.

use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::components::key_field::KeyField;
use crate::contexts::use_missing_key;
use crate::sync::Id;

/// What [`KeyPrompt`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct KeyPromptProps {
    /// Which chat.
    pub(super) chat: Id,
}

/// The wish, if there is one.
#[component]
pub(super) fn KeyPrompt(props: &KeyPromptProps) -> Html {
    let Some((model, host)) = use_missing_key(&props.chat) else {
        return Html::default();
    };
    html! {
        <section class="key-prompt" aria-label="API key needed">
            <p class="key-prompt-text">{ icon(Icon::Warning) }{ format!("{host} answers here, and this device has no key for it.") }</p>
            <KeyField key={model.name()} id="chat-key-missing" {model} />
        </section>
    }
}
