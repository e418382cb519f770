//! Starts the app in the page.

#[cfg(target_arch = "wasm32")]
fn main() {
    use muse_chat::components::{App, AppProps};
    use muse_chat::session::Session;

    let props = AppProps { session: Session::boot() };
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("app"));
    match root {
        Some(root) => yew::Renderer::<App>::with_root_and_props(root, props).render(),
        None => yew::Renderer::<App>::with_props(props).render(),
    };
}

// Cargo builds the program with every test, and there is no page outside of a browser.
#[cfg(not(target_arch = "wasm32"))]
fn main() {}
