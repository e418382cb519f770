//! The messages of a chat, the last of them first on the screen.
//!
//! Only the tail is in the page; what is earlier is put above as one scrolls up, part by part, each as large as this
//! machine draws in a moment.

mod edit_message;
mod failure;
mod follow;
mod go_on;
mod message_actions;
mod message_mark;
mod message_row;
mod pace;
mod tail;
mod versions;

use std::rc::Rc;

use yew::prelude::*;

use super::icon::{Icon, icon};
use crate::chat::{Role, Shown};
use crate::contexts::use_live_ids;
use crate::session::TranscriptView;
use crate::sync::Id;
use follow::use_follow;
pub(super) use message_actions::edit_last_message;
use message_row::MessageRow;
use pace::Pace;
use tail::Tail;

/// What [`TranscriptLog`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct TranscriptLogProps {
    /// Which chat.
    pub(super) chat: Id,
    /// Its messages.
    pub(super) view: Rc<TranscriptView>,
}

/// The messages.
#[component]
pub(super) fn TranscriptLog(props: &TranscriptLogProps) -> Html {
    let all = &props.view.transcript.shown;
    let live = use_live_ids(&props.chat);
    let (rows, below) = match &live {
        Some((_, question)) => props.view.transcript.around(question),
        None => (all.as_slice(), Vec::new()),
    };

    // fixed when the chat has loaded, so that what arrives at the end takes nothing away above
    let end = *use_memo(props.view.loading, |_| all.len());
    let tail = use_state_eq(|| Tail::default().with(upwards(Some(all)), Pace::default().fits()));
    let hidden = end.saturating_sub(tail.rows).min(rows.len());
    let earlier = {
        let (view, tail) = (props.view.clone(), tail.clone());
        Callback::from(move |bytes| tail.set(tail.with(upwards(view.transcript.shown.get(..hidden)), bytes)))
    };

    let (area, content) = (use_node_ref(), use_node_ref());
    let follow = use_follow(&area, &content, hidden > 0, earlier);
    let row = |shown: &Shown, from: usize, last: bool| {
        let (id, place_key) = (&shown.message.id, shown.versions.first().unwrap_or(&shown.message.id));
        html! {
            <MessageRow key={place_key.as_str()} chat={props.chat.clone()} id={id.clone()} shown={shown.clone()} {from} {last} />
        }
    };
    let cut = hidden.checked_sub(1).and_then(|place| Some((place, tail.cut(len(rows.get(place)?))?)));
    let last = rows.len().saturating_sub(1);
    let whole = (hidden..rows.len()).map(|place| (place, 0));
    let shown = cut
        .into_iter()
        .chain(whole)
        .filter_map(|(place, from)| Some(row(rows.get(place)?, from, place == last && live.is_none())));
    let growing = live.as_ref().map(|(id, question)| {
        // the key that it will have as a message: what is drawn of it stays when it is complete
        let mut aside =
            all.iter().skip(rows.len()).filter(|shown| shown.message.re.as_ref() == Some(question));
        let other = aside.find(|shown| shown.message.role == Role::Assistant);
        let key = other.and_then(|shown| shown.versions.first()).unwrap_or(id);
        html! { <MessageRow key={key.as_str()} chat={props.chat.clone()} id={id.clone()} /> }
    });
    // a list of its own: Yew matches children by key only where every one of them has a key, so the button
    // beside the rows would have all rows made anew
    let list: Html =
        shown.chain(growing).chain(below.into_iter().map(|shown| row(shown, 0, false))).collect();
    html! {
        <div class={classes!("transcript", follow.at_end.then_some("transcript-at-end"))}>
            <div ref={area} class="transcript-area" onscroll={follow.onscroll} tabindex="0" role="region"
                aria-label="Messages">
                <div ref={content} class={classes!("transcript-content", (!follow.filled).then_some("transcript-filling"))}
                    role="log" aria-live="off" aria-label="Conversation">
                    if hidden > 0 {
                        <button class="button transcript-earlier" onclick={follow.more.reform(|_| ())}>
                            { format!("Show earlier messages ({hidden})") }
                        </button>
                    }
                    { list }
                </div>
            </div>
            if !follow.at_end {
                <button class="transcript-latest" onclick={follow.to_end.reform(|_| ())}>
                    { icon(Icon::Down) }{ "Jump to latest" }
                </button>
            }
        </div>
    }
}

/// How much there is to draw of a message, beside what every row has. What a person wrote is plain, which costs next to
/// nothing, and is not cut.
fn len(shown: &Shown) -> usize {
    match shown.message.role {
        Role::User => 0,
        Role::Assistant => shown.message.body.len(),
    }
}

/// The lengths of what stands above, the nearest first.
fn upwards(above: Option<&[Shown]>) -> impl Iterator<Item = usize> {
    above.unwrap_or_default().iter().rev().map(len)
}
