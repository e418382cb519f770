//! When sync is tried again, counting down where one looks at it.

use gloo_timers::callback::Interval;
use yew::prelude::*;

use super::sync_words::in_time;
use super::when;

/// What [`Retry`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct RetryProps {
    /// When, on the monotonic clock; `None` where nothing is planned.
    pub(super) at_ms: Option<u64>,
}

/// A few words that count down. They are seen, not read out: a number a second cannot be listened to.
#[component]
pub(super) fn Retry(props: &RetryProps) -> Html {
    let render = use_force_update();
    use_effect_with(props.at_ms.is_some(), move |counting| {
        let ticking = counting.then(|| Interval::new(1_000, move || render.force_update()));
        move || drop(ticking)
    });
    let Some(at_ms) = props.at_ms else { return Html::default() };
    html! { <span class="retry">{ in_time(at_ms.saturating_sub(when::instant_ms())) }</span> }
}
