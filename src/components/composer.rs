//! The field in which one writes.
//!
//! Promises: the text is cleared only after the message is safe on this device; what was typed and not
//! sent is there again after a reload and on the way back to the chat; Enter never sends while an input
//! method is composing. The field is not bound to state, as that would fight the caret.

mod draft;
mod sender;

use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::icon::{Icon, icon};
use super::keys::is_composing;
use super::media::has_mouse;
use super::transcript::edit_last_message;
use crate::chat::Model;
use crate::contexts::{use_chat_context, use_is_reply_unsaved, use_live_ids, use_model};
use crate::sync::Id;
use draft::use_draft;
use sender::use_sender;

const FIELD_ID: &str = "composer-field";
/// A text of more UTF-16 units fills the field and is not empty; measuring a pasted book at every key
/// would take seconds.
const LONG: u32 = 5_000;

/// What [`Composer`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct ComposerProps {
    /// Which chat.
    pub(super) chat: Id,
}

/// Puts the caret into the field.
pub(super) fn focus_composer() {
    let document = web_sys::window().and_then(|window| window.document());
    let field = document.and_then(|document| document.get_element_by_id(FIELD_ID));
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlTextAreaElement>().ok()) {
        let _ = field.focus();
    }
}

/// The field and its button.
#[component]
pub(super) fn Composer(props: &ComposerProps) -> Html {
    let chats = use_chat_context();
    let answering = use_live_ids(&props.chat).is_some();
    let unsaved = use_is_reply_unsaved(&props.chat);
    let placeholder = match use_model(Some(&props.chat)) {
        Model::Off => "Write a note… (AI is off)",
        Model::Mock | Model::OpenAi | Model::Claude | Model::Gemini => "Type a message…",
    };
    let node = use_node_ref();
    let empty = use_state_eq(|| true);
    let changed = use_callback((), {
        let (node, empty) = (node.clone(), empty.setter());
        move |(), ()| {
            if let Some(field) = node.cast::<HtmlTextAreaElement>() {
                let long = field.text_length() > LONG;
                fit(&field, long);
                empty.set(!long && field.value().trim().is_empty());
            }
        }
    });
    let draft = use_draft(&props.chat, &node, changed.clone());
    let sender = use_sender(&props.chat, &node, &draft, &changed);
    use_effect_with((), |()| {
        if has_mouse() {
            focus_composer();
        }
    });

    let send = sender.send.clone();
    let oninput = move |_| {
        changed.emit(());
        draft.typed.emit(());
    };
    let onkeydown = {
        let send = send.clone();
        move |event: KeyboardEvent| {
            let plain = !event.shift_key() && !event.alt_key() && !event.ctrl_key() && !event.meta_key();
            if event.key() == "ArrowUp" && plain && !answering && is_empty(&event) && edit_last_message() {
                event.prevent_default();
                return;
            }
            let enter = event.key() == "Enter" && !event.shift_key() && !event.alt_key();
            if enter && !is_composing(&event) {
                event.prevent_default();
                if !answering {
                    send.emit(());
                }
            }
        }
    };
    let onsubmit = move |event: SubmitEvent| {
        event.prevent_default();
        send.emit(());
    };
    let stop = {
        let chat = props.chat.clone();
        move |_| {
            chats.stop(&chat);
            focus_composer();
        }
    };
    html! {
        <form class="composer" {onsubmit} aria-label="Write a message">
            if let Some(problem) = &sender.problem {
                <p class="composer-problem" role="alert">{ icon(Icon::Warning) }{ problem.clone() }</p>
            }
            <div class="composer-box">
                <textarea ref={node} id={FIELD_ID} class="composer-field" rows="1" aria-label="Message"
                    {placeholder} enterkeyhint="send" autocomplete="off"
                    aria-keyshortcuts="Shift+Escape" readonly={sender.sending} {oninput} {onkeydown} />
                if unsaved {
                    <button key="unsaved" type="button" class="composer-button" disabled={true}
                        aria-label="The answer is not saved yet" title="The answer is not saved yet">{ icon(Icon::Warning) }</button>
                } else if answering {
                    <button key="stop" type="button" class="composer-button" aria-label="Stop the reply" title="Stop (Esc)"
                        onclick={stop}>{ icon(Icon::Stop) }</button>
                } else {
                    <button key="send" type="submit" class="composer-button" aria-label="Send message" title="Send (Enter)"
                        disabled={*empty || sender.sending}>{ icon(Icon::Send) }</button>
                }
            </div>
        </form>
    }
}

/// Whether there is nothing in the field in which a key was pressed.
fn is_empty(event: &KeyboardEvent) -> bool {
    let field = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
    field.is_some_and(|field| field.text_length() == 0)
}

/// Makes the field as high as its text, up to what the style sheet allows.
pub(super) fn fit(field: &HtmlTextAreaElement, long: bool) {
    // through the object model, which a strict content policy allows; it cannot fail
    let set = |height: &str| drop(field.style().set_property("height", height));
    if long {
        return set("100vh");
    }
    set("auto");
    set(&format!("{}px", field.scroll_height()));
}
