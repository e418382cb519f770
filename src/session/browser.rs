//! What the session hears from the browser and from other tabs: time, randomness, signals.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use web_sys::{BroadcastChannel, MessageEvent, PageTransitionEvent, Storage, VisibilityState};

use super::Session;
use crate::sync::{Id, Now, Signal, TabMessage};

const CHANNEL: &str = "muse";
/// The user's doings are told to the engine at most this often.
const ACTIVE_EVERY_MS: u64 = 5_000;

/// Listeners that live as long as the session.
#[derive(Default)]
pub(super) struct Listeners {
    _events: Vec<EventListener>,
    channel: Option<BroadcastChannel>,
    active_at_ms: u64,
}

pub(super) fn now() -> Now {
    let instant = web_sys::window().and_then(|window| window.performance()).map_or(0.0, |p| p.now());
    Now { wall_ms: js_sys::Date::now() as u64, instant_ms: instant as u64 }
}

/// Random bytes from the browser's cryptographic generator.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Some(crypto) = web_sys::window().and_then(|window| window.crypto().ok()) {
        // fails only above 64 KiB
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}

pub(super) fn random_u64() -> u64 {
    u64::from_le_bytes(random())
}

pub(super) fn random_id(kind: char) -> Id {
    Id::random(kind, random())
}

/// Does something when the browser draws next, before it does.
pub(super) fn at_next_frame(work: impl FnOnce() + 'static) {
    let closure = Closure::once_into_js(work);
    if let Some(window) = web_sys::window() {
        // fails only where there is no frame to wait for
        let _ = window.request_animation_frame(closure.unchecked_ref());
    }
}

/// Has the browser ask before it closes or leaves the page, as long as what is returned lives.
pub(super) fn ask_before_leaving() -> Option<EventListener> {
    let window = web_sys::window()?;
    let options = EventListenerOptions::enable_prevent_default();
    Some(EventListener::new_with_options(&window, "beforeunload", options, |event| event.prevent_default()))
}

pub(super) fn is_online() -> bool {
    web_sys::window().is_none_or(|window| window.navigator().on_line())
}

/// Tells the other tabs something. It may get lost.
pub(super) fn tell_tabs(listeners: &Listeners, message: &TabMessage) {
    if let Some(channel) = &listeners.channel {
        let _ = channel.post_message(&JsValue::from_str(&message.to_text()));
    }
}

impl Session {
    pub(super) fn listen_to_browser(&self) {
        let Some(window) = web_sys::window() else { return };
        let mut events = Vec::new();
        for (name, signal) in
            [("online", Signal::TryNow), ("offline", Signal::Active), ("focus", Signal::TryNow)]
        {
            let session = self.clone();
            events.push(EventListener::new(&window, name, move |_| {
                session.refresh_rows();
                session.signal(signal);
                session.sync_changed();
            }));
        }
        let session = self.clone();
        // before the listener of the app: it must not see the code in the address
        events.push(EventListener::new(&window, "popstate", move |_| session.take_invitation()));
        let session = self.clone();
        events.push(EventListener::new(&window, "pagehide", move |_| session.leave_page()));
        let session = self.clone();
        events.push(EventListener::new(&window, "pageshow", move |event| {
            if event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
                session.come_back();
            }
        }));
        if let Some(document) = window.document() {
            let session = self.clone();
            events.push(EventListener::new(&document.clone(), "visibilitychange", move |_| {
                let hidden = document.visibility_state() == VisibilityState::Hidden;
                if hidden {
                    session.write_mirror();
                } else {
                    session.look_for_newer_app();
                }
                session.signal(if hidden { Signal::Hidden } else { Signal::Visible });
            }));
        }
        for name in ["pointerdown", "keydown"] {
            let session = self.clone();
            let options = EventListenerOptions::run_in_capture_phase();
            events.push(EventListener::new_with_options(&window, name, options, move |_| {
                session.note_activity()
            }));
        }
        let channel = BroadcastChannel::new(CHANNEL).ok();
        if let Some(channel) = &channel {
            let session = self.clone();
            events.push(EventListener::new(channel, "message", move |event| {
                let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
                session.hear_tab(&text.unwrap_or_default());
            }));
        }
        *self.0.browser.borrow_mut() = Listeners { _events: events, channel, active_at_ms: 0 };
    }

    fn note_activity(&self) {
        let instant_ms = now().instant_ms;
        {
            let mut browser = self.0.browser.borrow_mut();
            if instant_ms < browser.active_at_ms + ACTIVE_EVERY_MS {
                return;
            }
            browser.active_at_ms = instant_ms;
        }
        self.signal(Signal::Active);
    }

    fn signal(&self, signal: Signal) {
        self.0.engine.borrow_mut().handle_signal(signal, now());
        self.drive();
    }
}

/// A small text kept in localStorage; `None` where it is missing or site data are blocked.
pub(super) fn preference(name: &str) -> Option<String> {
    local_storage()?.get_item(name).ok().flatten()
}

/// Keeps a small text in localStorage, or removes it; says whether it could. Where it cannot it lasts until the page
/// is closed.
pub(super) fn set_preference(name: &str, value: Option<&str>) -> bool {
    let Some(storage) = local_storage() else { return false };
    match value {
        Some(value) => storage.set_item(name, value).is_ok(),
        None => storage.remove_item(name).is_ok(),
    }
}

/// A small text that belongs to this tab and survives a reload.
pub(super) fn of_tab(name: &str) -> Option<String> {
    tab_storage()?.get_item(name).ok().flatten()
}

/// Keeps or removes such a text.
pub(super) fn set_of_tab(name: &str, value: Option<&str>) {
    if let Some(storage) = tab_storage() {
        let _ = match value {
            Some(value) => storage.set_item(name, value),
            None => storage.remove_item(name),
        };
    }
}

fn local_storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn tab_storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}
