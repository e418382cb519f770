//! A picture that an answer names. To fetch it tells its host that the answer was read, so the reader decides.

use yew::prelude::*;

use crate::chat::markdown::host;
use crate::components::icon::{Icon, icon};

/// What [`Picture`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct PictureProps {
    /// Where it is; http or https.
    pub(super) url: AttrValue,
    /// What it shows.
    pub(super) alt: AttrValue,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Offered,
    Wanted,
    Failed,
}

/// A button; when it is pressed, the picture.
#[component]
pub(super) fn Picture(props: &PictureProps) -> Html {
    let PictureProps { url, alt } = props;
    let state = use_state_eq(|| State::Offered);
    let set = |to: State| {
        let state = state.setter();
        move || state.set(to)
    };
    let host = host(url).unwrap_or_default().to_owned();
    match *state {
        State::Wanted => {
            let failed = set(State::Failed);
            html! {
                <img class="picture" src={url.clone()} alt={alt.clone()} referrerpolicy="no-referrer" onerror={move |_| failed()} />
            }
        }
        State::Failed => html! {
            <span class="picture-failed">
                { format!("The picture from {host} could not be loaded. ") }
                <a href={url.clone()} target="_blank" rel="noopener noreferrer">{ "Open it in a new tab" }</a>
            </span>
        },
        State::Offered => {
            let wanted = set(State::Wanted);
            let onclick = move |event: MouseEvent| {
                // it may stand in a link
                event.prevent_default();
                event.stop_propagation();
                wanted();
            };
            let name = if alt.is_empty() { AttrValue::from("Picture") } else { alt.clone() };
            html! {
                <button class="picture-chip" {onclick} title={url.clone()}>
                    { icon(Icon::Picture) }<span>{ name }</span><span class="picture-host">{ format!("Load from {host}") }</span>
                </button>
            }
        }
    }
}
