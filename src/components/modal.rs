//! The one way in which something opens on top of the chat.
//!
//! Promises: it is named by its title; the focus goes into it and cannot leave it by Tab except to a toast;
//! ✕, Esc (see `keys`) and a click outside close it. What is below it is inert (see `shell`), and the focus
//! goes back to where it was (see `shell`).

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};
use yew::prelude::*;

use super::icon::{Icon, icon};

/// What one can reach with Tab; of a group of radio buttons that is the chosen one.
const REACHABLE: &str = "a[href], button:not(:disabled), input:not(:disabled, [type='radio']:not(:checked)), \
    textarea:not(:disabled), select:not(:disabled), summary, [tabindex='0']";

/// What [`Modal`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct ModalProps {
    /// Its name.
    pub(super) title: AttrValue,
    /// Whether it is open, or fading out.
    pub(super) open: bool,
    /// Asks to close it.
    pub(super) onclose: Callback<()>,
    /// What is in it.
    pub(super) children: Html,
}

/// A dialog.
#[component]
pub(super) fn Modal(props: &ModalProps) -> Html {
    let (layer, dialog) = (use_node_ref(), use_node_ref());
    use_effect_with((), {
        let dialog = dialog.clone();
        move |()| {
            let _ = dialog.cast::<HtmlElement>().map(|dialog| dialog.focus());
        }
    });
    // a press inside that ends outside (selecting text) is no click outside
    let pressed_outside = use_mut_ref(|| false);
    let is_outside = {
        let layer = layer.clone();
        // `current_target` would be the root of the app: Yew listens there
        move |event: &MouseEvent| event.target_dyn_into::<Element>() == layer.cast::<Element>()
    };
    let onmousedown = {
        let (pressed_outside, is_outside) = (pressed_outside.clone(), is_outside.clone());
        move |event: MouseEvent| *pressed_outside.borrow_mut() = is_outside(&event)
    };
    let onclick = {
        let onclose = props.onclose.clone();
        move |event: MouseEvent| {
            if pressed_outside.replace(false) && is_outside(&event) {
                onclose.emit(());
            }
        }
    };
    let onkeydown = {
        let dialog = dialog.clone();
        move |event: KeyboardEvent| {
            if let Some(dialog) = dialog.cast::<Element>().filter(|_| event.key() == "Tab") {
                wrap_focus(&dialog, &event);
            }
        }
    };
    html! {
        <div ref={layer} class={classes!("modal-layer", (!props.open).then_some("modal-closing"))} {onmousedown}
            {onclick}>
            <div ref={dialog} class="modal" role="dialog" aria-modal="true" aria-labelledby="modal-title"
                tabindex="-1" {onkeydown}>
                <div class="modal-head">
                    <h2 id="modal-title" class="modal-title">{ props.title.clone() }</h2>
                    <button class="icon-button" aria-label="Close dialog" title="Close (Esc)"
                        onclick={props.onclose.reform(|_| ())}>
                        { icon(Icon::Close) }
                    </button>
                </div>
                <div class="modal-body">{ props.children.clone() }</div>
            </div>
        </div>
    }
}

/// Sends Tab on the last element to the first, and the reverse; to the toasts, if there are any.
fn wrap_focus(dialog: &Element, event: &KeyboardEvent) {
    let Some(document) = dialog.owner_document() else { return };
    let Ok(reachable) = dialog.query_selector_all(REACHABLE) else { return };
    let visible: Vec<HtmlElement> = (0..reachable.length())
        .filter_map(|place| reachable.item(place)?.dyn_into::<HtmlElement>().ok())
        .filter(|element| element.get_client_rects().length() > 0)
        .collect();
    let (Some(first), Some(last)) = (visible.first(), visible.last()) else { return };
    let focused = document.active_element();
    let is = |element: &HtmlElement| focused.as_ref().is_some_and(|f| f.is_same_node(Some(element)));
    let on_dialog = focused.as_ref().is_some_and(|f| f.is_same_node(Some(dialog.unchecked_ref::<Node>())));
    let toasts = document.query_selector(".toasts button").ok().flatten().is_some();
    let next = match event.shift_key() {
        true if is(first) || on_dialog => last,
        false if is(last) && !toasts => first,
        _ => return,
    };
    event.prevent_default();
    let _ = next.focus();
}
