//! Short notices at the edge of the screen.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::icon::{Icon, icon};
use crate::contexts::{use_toast_context, use_toasts};
use crate::session::{Toast, ToastKind};

/// How long one stays.
const SHOWN_MS: u32 = 5_000;
/// How long one stays that offers something.
const SHOWN_WITH_ACTION_MS: u32 = 10_000;

/// All toasts; errors are announced at once, the others when there is a pause.
#[component]
pub(super) fn Toasts() -> Html {
    let toasts = use_toasts();
    let of = |kind: ToastKind| {
        toasts
            .iter()
            .filter(move |toast| toast.kind == kind)
            .map(|toast| html! { <ToastView key={toast.id} toast={toast.clone()} /> })
    };
    html! {
        <section class="toasts" aria-label="Notices">
            <div role="status">{ for of(ToastKind::Info) }</div>
            <div role="alert">{ for of(ToastKind::Error) }</div>
        </section>
    }
}

/// What [`ToastView`] needs.
#[derive(PartialEq, Properties)]
struct ToastViewProps {
    /// The toast.
    toast: Toast,
}

/// One toast. Its time stands still while the pointer or the focus is on it.
#[component]
fn ToastView(props: &ToastViewProps) -> Html {
    let toasts = use_toast_context();
    let toast = &props.toast;
    let held = use_state_eq(|| false);
    use_effect_with((*held, toast.clone()), {
        let toasts = toasts.clone();
        move |(held, toast)| {
            let shown_ms = if toast.action.is_some() { SHOWN_WITH_ACTION_MS } else { SHOWN_MS };
            let id = toast.id;
            let timer = (!held && !toast.sticky).then(|| Timeout::new(shown_ms, move || toasts.close(id)));
            move || drop(timer)
        }
    });
    let hold = |hold: bool| {
        let held = held.setter();
        move || held.set(hold)
    };
    let (enter, leave, focus, blur) = (hold(true), hold(false), hold(true), hold(false));
    let id = toast.id;
    let act = {
        let toasts = toasts.clone();
        move |_| toasts.act(id)
    };
    let (kind, which) = match toast.kind {
        ToastKind::Info => ("toast-info", Icon::Check),
        ToastKind::Error => ("toast-error", Icon::Warning),
    };
    html! {
        <div class={classes!("toast", kind)} onmouseenter={move |_| enter()} onmouseleave={move |_| leave()}
            onfocusin={move |_| focus()} onfocusout={move |_| blur()}>
            { icon(which) }
            <p class="toast-text">{ toast.text.clone() }</p>
            if let Some(action) = &toast.action {
                <button class="button toast-action" onclick={act}>{ action.clone() }</button>
            }
            <button class="icon-button" aria-label="Close notice" onclick={move |_| toasts.close(id)}>
                { icon(Icon::Close) }
            </button>
        </div>
    }
}
