//! The frame: sidebar, header, chat, and the layers on top of them.

use yew::prelude::*;

use super::chat::Chat;
use super::composer::focus_composer;
use super::header::Header;
use super::keys::use_shortcuts;
use super::media::use_phone;
use super::not_found::NotFound;
use super::panels::Panels;
use super::sidebar::Sidebar;
use super::toasts::Toasts;
use crate::contexts::{Panel, Route, use_chat_context, use_navigator, use_place};
use crate::sync::Id;

/// Everything one sees.
#[component]
pub(super) fn Shell() -> Html {
    let place = use_place();
    let phone = use_phone();
    let chat = use_chat_of(&place.route);
    let navigator = use_navigator();
    use_shortcuts();
    use_effect({
        let covered = place.panel.is_some();
        move || {
            if !covered {
                navigator.return_focus();
            }
        }
    });

    let drawer = phone && place.panel == Some(Panel::Menu);
    let modal = place.panel.is_some_and(|panel| panel != Panel::Menu);
    let skip = Callback::from(|event: MouseEvent| {
        // the address is the app's: a plain link to the field would change it
        event.prevent_default();
        focus_composer();
    });
    html! {
        <>
            if chat.is_some() {
                <a class="skip-link" href="#composer-field" onclick={skip} inert={modal}>{ "Skip to the message field" }</a>
            }
            <div class="shell" inert={modal}>
                <Sidebar chat={chat.clone()} {phone} open={drawer} />
                <div class="shell-main" inert={drawer}>
                    <Header chat={chat.clone()} />
                    <main id="main" class="shell-content" tabindex="-1">
                        if let Some(chat) = &chat {
                            <Chat key={chat.as_str()} chat={chat.clone()} />
                        } else {
                            <NotFound />
                        }
                    </main>
                </div>
            </div>
            <Panels />
            <Toasts />
        </>
    }
}

/// The chat a route shows. At home that is the last one, or a new one, and the address follows.
#[hook]
fn use_chat_of(route: &Route) -> Option<Id> {
    let chats = use_chat_context();
    let navigator = use_navigator();
    let chat = use_memo(route.clone(), |route| match route {
        Route::Home => Some(chats.last_chat().unwrap_or_else(|| chats.new_chat_id())),
        Route::Chat(chat) => Some(chat.clone()),
        Route::Unknown => None,
    });
    use_effect_with((route.clone(), Option::clone(&chat)), move |(route, chat)| {
        if let (Route::Home, Some(chat)) = (route, chat) {
            navigator.correct(&Route::Chat(chat.clone()));
        }
    });
    Option::clone(&chat)
}
