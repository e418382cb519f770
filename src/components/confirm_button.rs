//! A button that asks before it acts, in its own place.

use web_sys::HtmlElement;
use yew::prelude::*;

/// What [`ConfirmButton`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct ConfirmButtonProps {
    /// What it does.
    pub(super) label: AttrValue,
    /// What it asks; says what happens.
    pub(super) question: AttrValue,
    /// The answer that acts.
    pub(super) yes: AttrValue,
    /// Acts.
    pub(super) onconfirm: Callback<()>,
    /// There is nothing to do.
    #[prop_or_default]
    pub(super) disabled: bool,
}

/// A button that asks first. Esc takes the question back.
#[component]
pub(super) fn ConfirmButton(props: &ConfirmButtonProps) -> Html {
    let asking = use_state_eq(|| false);
    let (ask, no) = (use_node_ref(), use_node_ref());
    // the focus follows the question, and comes back from it
    let asked = use_mut_ref(|| false);
    use_effect_with(*asking, {
        let (ask, no) = (ask.clone(), no.clone());
        move |asking| {
            let target = if *asking { no } else { ask };
            if asked.replace(*asking) != *asking {
                let _ = target.cast::<HtmlElement>().map(|target| target.focus());
            }
        }
    });
    let set = |to: bool| {
        let asking = asking.setter();
        Callback::from(move |_: MouseEvent| asking.set(to))
    };
    if !*asking {
        return html! {
            <button ref={ask} key="ask" class="button button-danger" onclick={set(true)} disabled={props.disabled}>
                { props.label.clone() }
            </button>
        };
    }
    let yes = {
        let (asking, onconfirm) = (asking.setter(), props.onconfirm.clone());
        move |_| {
            asking.set(false);
            onconfirm.emit(());
        }
    };
    let onkeydown = {
        let asking = asking.setter();
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                // the question is the top layer: the modal around it stays
                event.prevent_default();
                asking.set(false);
            }
        }
    };
    html! {
        <div key="question" class="confirm-button" role="group" aria-label={props.label.clone()} {onkeydown}>
            <p role="alert">{ props.question.clone() }</p>
            <p class="buttons">
                <button class="button button-danger" onclick={yes}>{ props.yes.clone() }</button>
                <button ref={no} class="button" onclick={set(false)}>{ "Cancel" }</button>
            </p>
        </div>
    }
}
