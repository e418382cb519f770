//! An address that leads nowhere.

use yew::prelude::*;

use super::new_chat::use_new_chat;
use crate::contexts::{Panel, use_navigator};

/// Says so and offers ways on.
#[component]
pub(super) fn NotFound() -> Html {
    let new_chat = use_new_chat();
    let navigator = use_navigator();
    let history = Callback::from(move |_| navigator.open(Panel::History));
    html! {
        <div class="not-found">
            <h2>{ "There is nothing at this address" }</h2>
            <p>{ "The link may be incomplete. Your chats are safe: they are all in History." }</p>
            <p class="buttons">
                <button class="button button-primary" onclick={new_chat.reform(|_| ())}>{ "New chat" }</button>
                <button class="button" onclick={history}>{ "Open History" }</button>
            </p>
        </div>
    }
}
