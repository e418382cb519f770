//! The messages of a chat, the last of them first on the screen.
//!
//! Only the tail is in the page; earlier ones are put above as one scrolls up.

mod body;
mod edit_message;
mod failure;
mod follow;
mod go_on;
mod live_reply;
mod message_actions;
mod message_mark;
mod message_row;
mod versions;

use std::rc::Rc;

use yew::prelude::*;

use super::icon::{Icon, icon};
use crate::chat::Shown;
use crate::contexts::use_live_ids;
use crate::session::TranscriptView;
use crate::sync::Id;
use follow::use_follow;
use live_reply::LiveReplyView;
pub(super) use message_actions::edit_last_message;
use message_row::MessageRow;

/// How many rows are there at first.
const TAIL: usize = 20;
/// How many are put above at a time: as many as are drawn without a pause that can be felt.
const MORE: usize = 10;

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
    let hidden_at_first = use_memo(props.view.loading, |_| all.len().saturating_sub(TAIL));
    let steps = use_state_eq(|| 0_usize);
    let hidden = hidden_at_first.saturating_sub(*steps * MORE).min(rows.len());
    let earlier = {
        let steps = steps.clone();
        Callback::from(move |()| steps.set(*steps + 1))
    };

    let (area, content) = (use_node_ref(), use_node_ref());
    let follow = use_follow(&area, &content, hidden, earlier);
    let last = rows.len().saturating_sub(1);
    let row = |last: bool, shown: &Shown| {
        let place_key = shown.versions.first().unwrap_or(&shown.message.id);
        html! {
            <MessageRow key={place_key.as_str()} chat={props.chat.clone()} message={shown.message.clone()}
                versions={shown.versions.clone()} version={shown.version} {last} />
        }
    };
    // a list of its own: Yew matches children by key only where every one of them has a key, so the button or
    // the live reply beside the rows would have all rows made anew
    let list = rows.iter().enumerate().skip(hidden);
    let row_list: Html = list.map(|(place, shown)| row(place == last && live.is_none(), shown)).collect();
    let below_list: Html = below.into_iter().map(|shown| row(false, shown)).collect();
    html! {
        <div class="transcript">
            <div ref={area} class="transcript-area" onscroll={follow.onscroll} tabindex="0" role="region"
                aria-label="Messages">
                <div ref={content} class="transcript-content" role="log" aria-live="off" aria-label="Conversation">
                    if hidden > 0 {
                        <button class="button transcript-earlier" onclick={follow.more.reform(|_| ())}>
                            { format!("Show earlier messages ({hidden})") }
                        </button>
                    }
                    { row_list }
                    if live.is_some() { <LiveReplyView chat={props.chat.clone()} /> }
                    { below_list }
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
