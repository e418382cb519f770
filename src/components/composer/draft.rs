//! What was typed but not sent.
//!
//! Promises: it is kept a moment after the last key, and at once when the chat or the page is left; it
//! comes back into an empty field only, never over what the user is typing.

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::contexts::{use_chat_context, use_is_loaded};
use crate::sync::Id;

/// The draft is kept when one has not typed for this long.
const DRAFT_MS: u32 = 300;

/// What [`use_draft`] offers.
#[derive(Clone)]
pub(super) struct Draft {
    /// Something was typed.
    pub(super) typed: Callback<()>,
    /// What is in the field is being sent: it is no draft any more.
    pub(super) sending: Callback<()>,
}

/// Brings the draft of a chat back into its field, and keeps it. `shown` is told when it came back.
#[hook]
pub(super) fn use_draft(chat: &Id, node: &NodeRef, shown: Callback<()>) -> Draft {
    let chats = use_chat_context();
    let loaded = use_is_loaded(chat);
    // there is a timer as long as something typed has not been kept
    let timer = use_mut_ref(|| None::<Timeout>);
    let keep = {
        let (chats, chat, node, timer) = (chats.clone(), chat.clone(), node.clone(), timer.clone());
        move || {
            if let (Some(field), Some(_)) = (node.cast::<HtmlTextAreaElement>(), timer.take()) {
                chats.save_draft(&chat, &field.value());
            }
        }
    };
    // twice at a start: drafts are on the device, and come with the messages
    use_effect_with((chat.clone(), loaded), {
        let (node, timer) = (node.clone(), timer.clone());
        move |(chat, _)| {
            let field = node.cast::<HtmlTextAreaElement>().filter(|field| field.value().is_empty());
            if let Some(field) = field.filter(|_| timer.borrow().is_none()) {
                field.set_value(&chats.draft(chat));
                shown.emit(());
            }
        }
    });
    use_effect_with(chat.clone(), {
        let keep = keep.clone();
        move |_| {
            let page_left = {
                let keep = keep.clone();
                web_sys::window().map(|window| EventListener::new(&window, "pagehide", move |_| keep()))
            };
            move || {
                drop(page_left);
                keep();
            }
        }
    });
    let typed = {
        let timer = timer.clone();
        Callback::from(move |()| *timer.borrow_mut() = Some(Timeout::new(DRAFT_MS, keep.clone())))
    };
    Draft { typed, sending: Callback::from(move |()| drop(timer.take())) }
}
