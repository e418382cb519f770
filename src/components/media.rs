//! What kind of screen this is.

use gloo_events::EventListener;
use yew::prelude::*;

/// As in `assets/styles/layout.css`.
const PHONE: &str = "(width < 45rem)";

fn matches(query: &str) -> Option<web_sys::MediaQueryList> {
    web_sys::window()?.match_media(query).ok()?
}

/// Whether the sidebar is a drawer.
#[hook]
pub(super) fn use_phone() -> bool {
    let is_phone = || matches(PHONE).is_some_and(|list| list.matches());
    let phone = use_state_eq(is_phone);
    let changed = phone.setter();
    use_effect_with((), move |()| {
        changed.set(is_phone());
        let listener =
            matches(PHONE).map(|list| EventListener::new(&list, "change", move |_| changed.set(is_phone())));
        move || drop(listener)
    });
    *phone
}

/// Whether focusing a text field is harmless; with a finger it would bring up the keyboard.
pub(super) fn has_mouse() -> bool {
    matches("(hover: hover)").is_some_and(|list| list.matches())
}
