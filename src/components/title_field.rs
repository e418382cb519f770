//! The title of a chat, to be changed in its place.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::keys::is_composing;

/// What [`TitleField`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct TitleFieldProps {
    /// The title as it is.
    pub(super) title: AttrValue,
    /// Takes the new title; `None` leaves it.
    pub(super) ondone: Callback<Option<String>>,
}

/// The title, to be changed: Enter or leaving keeps it, Esc does not.
#[component]
pub(super) fn TitleField(props: &TitleFieldProps) -> Html {
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            if let Some(field) = node.cast::<HtmlInputElement>() {
                let _ = field.focus();
                field.select();
            }
        }
    });
    // some browsers tell of a blur when the field goes away, after Esc too
    let is_done = use_mut_ref(|| false);
    let done = {
        let ondone = props.ondone.clone();
        move |title: Option<String>| {
            if !is_done.replace(true) {
                ondone.emit(title);
            }
        }
    };
    let left = done.clone();
    let text = move |event: &web_sys::Event| Some(event.target_dyn_into::<HtmlInputElement>()?.value());
    let onkeydown = move |event: KeyboardEvent| {
        if is_composing(&event) {
            return;
        }
        match event.key().as_str() {
            "Enter" => {
                // the focus moves, and this key must not press the button it moves to
                event.prevent_default();
                done(text(&event));
            }
            "Escape" => {
                // the modal around it stays
                event.prevent_default();
                done(None);
            }
            _ => {}
        }
    };
    html! {
        <input ref={node} class="field-input" aria-label="Title" value={props.title.clone()} maxlength="200" {onkeydown}
            onblur={move |event: FocusEvent| left(text(&event))} />
    }
}
