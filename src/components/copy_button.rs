//! Puts a text on the clipboard and says so.

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::JsFuture;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::icon::{Icon, icon};
use crate::contexts::use_toast_context;

/// How long the button says that it has copied.
const COPIED_MS: u32 = 1_500;

/// What [`CopyButton`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct CopyButtonProps {
    /// Gives the text when it is wanted.
    pub(super) text: Callback<(), String>,
    /// What it does.
    pub(super) name: AttrValue,
    /// Whether the name is written on it.
    #[prop_or_default]
    pub(super) labelled: bool,
}

/// A button that copies.
#[component]
pub(super) fn CopyButton(props: &CopyButtonProps) -> Html {
    let toasts = use_toast_context();
    let copied = use_state_eq(|| false);
    let onclick = {
        let (text, copied) = (props.text.clone(), copied.setter());
        Callback::from(move |_| {
            let (text, copied, toasts) = (text.emit(()), copied.clone(), toasts.clone());
            spawn_local(async move {
                if write(&text).await {
                    copied.set(true);
                    TimeoutFuture::new(COPIED_MS).await;
                    copied.set(false);
                } else {
                    toasts.error("The browser did not allow copying. Select the text and copy it by hand.");
                }
            });
        })
    };
    let which = icon(if *copied { Icon::Check } else { Icon::Copy });
    let said =
        html! { <span class="visually-hidden" role="status">{ if *copied { "Copied" } else { "" } }</span> };
    if props.labelled {
        let label = if *copied { AttrValue::from("Copied") } else { props.name.clone() };
        html! { <button class="button" {onclick}>{ which }{ label }{ said }</button> }
    } else {
        html! {
            <>
                <button class="icon-button icon-button-small" aria-label={props.name.clone()}
                    title={if *copied { AttrValue::from("Copied") } else { props.name.clone() }} {onclick}>{ which }</button>
                { said }
            </>
        }
    }
}

async fn write(text: &str) -> bool {
    let Some(navigator) = web_sys::window().map(|window| window.navigator()) else { return false };
    // pages that did not come over https (and not from this machine) have no clipboard
    if !js_sys::Reflect::has(&navigator, &"clipboard".into()).unwrap_or(false) {
        return false;
    }
    JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
