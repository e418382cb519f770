//! The app's components in a real page (headless), over a session with a real database.
//!
//! A page of their own: tests of the store break the browser's storage on purpose.
#![cfg(target_arch = "wasm32")]

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use muse_chat::components::{App, AppProps};
use muse_chat::session::Session;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Document, Element, HtmlElement, HtmlTextAreaElement, KeyboardEvent, KeyboardEventInit};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("a page")
}

fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).expect("a selector")
}

/// Waits, frame by frame, until there is such an element.
async fn wait_for(selector: &str) -> Element {
    for _ in 0..500 {
        if let Some(found) = find(selector) {
            return found;
        }
        TimeoutFuture::new(10).await;
    }
    panic!("{selector} does not appear");
}

async fn wait_until(what: &str, check: impl Fn() -> bool) {
    for _ in 0..500 {
        if check() {
            return;
        }
        TimeoutFuture::new(10).await;
    }
    panic!("never: {what}");
}

fn press(target: &Element, key: &str, composing: bool) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    init.set_is_composing(composing);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).expect("an event");
    target.dispatch_event(&event).expect("dispatched");
}

fn click(element: &Element) {
    element.unchecked_ref::<HtmlElement>().click();
}

fn is_focused(element: &Element) -> bool {
    document().active_element().as_ref() == Some(element)
}

/// Puts the app into the page, once for all tests of this file; they share its database.
async fn mount() {
    if find("#app-under-test").is_none() {
        // the test runner leaves words of its own where the app looks for its route
        web_sys::window().expect("a window").location().set_hash("/").expect("a new hash");
        let root = document().create_element("div").expect("an element");
        root.set_id("app-under-test");
        document().body().expect("a body").append_child(&root).expect("appended");
        yew::Renderer::<App>::with_root_and_props(root, AppProps { session: Session::boot() }).render();
    }
    wait_for("textarea").await;
}

fn entry(name: &str) -> Element {
    let entries = document().query_selector_all("nav button").expect("a selector");
    (0..entries.length())
        .filter_map(|at| entries.item(at)?.dyn_into::<Element>().ok())
        .find(|button| button.text_content().is_some_and(|text| text.trim() == name))
        .unwrap_or_else(|| panic!("no entry {name}"))
}

#[wasm_bindgen_test]
async fn the_sidebar_has_its_entries_and_each_opens_a_modal_that_gives_the_focus_back() {
    mount().await;
    for name in ["Profile", "History", "Settings", "Debug", "Cloud Sync", "Analytics"] {
        let opener = entry(name);
        opener.unchecked_ref::<HtmlElement>().focus().expect("focused");
        click(&opener);
        let dialog = wait_for("[role=dialog]").await;
        assert_eq!(dialog.get_attribute("aria-modal").as_deref(), Some("true"), "{name}");
        wait_until("the focus is inside", || {
            document().active_element().is_some_and(|active| dialog.contains(Some(&active)))
        })
        .await;
        press(&document().active_element().expect("a focus"), "Escape", false);
        wait_until("the modal is gone", || find("[role=dialog]").is_none()).await;
        wait_until(&format!("the focus is back at {name}"), || is_focused(&opener)).await;
    }
}

/// Yew runs an effect only after all renders that are due: one that is closed in between was never seen open.
#[wasm_bindgen_test]
async fn a_panel_that_closes_while_it_opens_gives_the_focus_back_too() {
    mount().await;
    let window = web_sys::window().expect("a window");
    let opener = entry("Settings");
    opener.unchecked_ref::<HtmlElement>().focus().expect("focused");
    let was_open = Rc::new(Cell::new(false));
    let close_at_once = {
        let (window, was_open) = (window.clone(), was_open.clone());
        EventListener::once(&document(), "focusin", move |_| {
            was_open.set(find("[role=dialog]").is_some());
            window
                .history()
                .and_then(|history| history.replace_state(&JsValue::NULL, ""))
                .expect("a history");
            window.dispatch_event(&web_sys::Event::new("popstate").expect("an event")).expect("dispatched");
        })
    };
    click(&opener);
    wait_until("it was open", || was_open.get()).await;
    wait_until("it has closed", || is_focused(&opener) && find("[role=dialog]").is_none()).await;
    drop(close_at_once);
}

#[wasm_bindgen_test]
async fn enter_sends_but_not_while_an_input_method_composes() {
    mount().await;
    let field: HtmlTextAreaElement = wait_for("textarea").await.dyn_into().expect("a textarea");
    let type_in = |text: &str| {
        field.set_value(text);
        field.dispatch_event(&web_sys::Event::new("input").expect("an event")).expect("dispatched");
    };
    type_in("にほんご");
    press(&field, "Enter", true);
    TimeoutFuture::new(200).await;
    assert_eq!(field.value(), "にほんご");
    assert!(find("article.message-user").is_none());
    press(&field, "Enter", false);
    let said = wait_for("article.message-user").await;
    assert!(said.text_content().is_some_and(|text| text.contains("にほんご")));
    wait_until("the field is empty again", || field.value().is_empty()).await;
}
