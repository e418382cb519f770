//! Begins a new chat.

use yew::prelude::*;

use super::composer::focus_composer;
use crate::contexts::{Place, Route, use_chat_context, use_navigator};

/// Goes to a new chat; stays where one is if that chat is still empty.
#[hook]
pub(super) fn use_new_chat() -> Callback<()> {
    let chats = use_chat_context();
    let navigator = use_navigator();
    use_callback((), move |(), ()| {
        let here = Place::current();
        match here.route.chat().filter(|chat| chats.is_empty(chat)) {
            Some(_) if here.panel.is_some() => navigator.close(),
            Some(_) => focus_composer(),
            None => navigator.go(&Route::Chat(chats.new_chat_id())),
        }
    })
}
