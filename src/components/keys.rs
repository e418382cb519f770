//! Shortcuts that work everywhere. They never fire while an input method is composing.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use super::composer::focus_composer;
use super::new_chat::use_new_chat;
use crate::contexts::{Panel, Place, use_chat_context, use_navigator};

/// What is offered, for the list of shortcuts: keys and what they do.
pub(super) const SHORTCUTS: &[(&[&str], &str)] = &[
    (&["Enter"], "Send the message"),
    (&["Shift", "Enter"], "New line in the message"),
    (&["↑"], "Edit your last message, from an empty message field"),
    (&["Ctrl", "Shift", "O"], "New chat"),
    (&["Shift", "Esc"], "Go to the message field"),
    (&["Ctrl", "/"], "This list"),
    (&["Esc"], "Close what is on top or leave editing, else stop the reply"),
];

/// Whether the key belongs to an input method; 229 is Safari's way to say so.
pub(super) fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == 229
}

/// Listens to the shortcuts.
#[hook]
pub(super) fn use_shortcuts() {
    let chats = use_chat_context();
    let navigator = use_navigator();
    let new_chat = use_new_chat();
    use_effect_with((), move |()| {
        let pressed = move |event: &Event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
            if event.default_prevented() || is_composing(event) {
                return;
            }
            let command = event.ctrl_key() || event.meta_key();
            let here = Place::current();
            // the place of a key, so that it works on every layout; `key` for what is printed on it
            match (command, event.shift_key(), event.code().as_str(), event.key().as_str()) {
                (true, true, "KeyO", _) => new_chat.emit(()),
                (true, _, "Slash", _) | (true, _, _, "/") => navigator.open(Panel::Shortcuts),
                (false, true, _, "Escape") => {
                    navigator.close();
                    focus_composer();
                }
                (false, false, _, "Escape") if here.panel.is_some() => navigator.close(),
                (false, false, _, "Escape") => {
                    let Some(chat) = here.route.chat() else { return };
                    chats.stop(chat);
                }
                _ => return,
            }
            event.prevent_default();
        };
        let listener = web_sys::window().map(|window| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&window, "keydown", options, pressed)
        });
        move || drop(listener)
    });
}
