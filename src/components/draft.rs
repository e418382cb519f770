//! What was typed but not sent.

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::media::has_mouse;
use crate::contexts::use_chat_context;
use crate::sync::Id;

/// The draft is kept when one has not typed for this long.
const DRAFT_MS: u32 = 300;

/// Brings the draft of the chat back, and gives a callback that keeps it a moment after the last key.
/// It is kept at once when the chat or the page is left.
#[hook]
pub(super) fn use_draft(chat: &Id, node: &NodeRef, empty: &UseStateSetter<bool>) -> Callback<()> {
    let chats = use_chat_context();
    let timer = use_mut_ref(|| None::<Timeout>);
    let keep = {
        let (chats, chat, node, timer) = (chats.clone(), chat.clone(), node.clone(), timer.clone());
        move || {
            if let Some(field) = node.cast::<HtmlTextAreaElement>() {
                timer.replace(None);
                chats.save_draft(&chat, &field.value());
            }
        }
    };
    use_effect_with(chat.clone(), {
        let (node, timer, keep, empty) = (node.clone(), timer.clone(), keep.clone(), empty.clone());
        move |chat| {
            let field = node.cast::<HtmlTextAreaElement>();
            if let Some(field) = &field {
                field.set_value(&chats.draft(chat));
                fit(field);
                empty.set(field.value().trim().is_empty());
                if has_mouse() {
                    let _ = field.focus();
                }
            }
            let leaving =
                web_sys::window().map(|window| EventListener::new(&window, "pagehide", move |_| keep()));
            let chat = chat.clone();
            move || {
                drop(leaving);
                if let (Some(field), Some(_)) = (field, timer.take()) {
                    chats.save_draft(&chat, &field.value());
                }
            }
        }
    });
    Callback::from(move |()| {
        let keep = keep.clone();
        timer.replace(Some(Timeout::new(DRAFT_MS, keep)));
    })
}

/// Makes the field as high as its text, up to what the style sheet allows.
pub(super) fn fit(field: &HtmlTextAreaElement) {
    let style = field.style();
    // through the object model, which a strict content policy allows; neither call can fail
    let _ = style.set_property("height", "auto");
    let _ = style.set_property("height", &format!("{}px", field.scroll_height()));
}
