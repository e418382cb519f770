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

/// How much is there at first: a screen full, in bytes of text.
const FIRST: usize = 4_000;
/// How much is put above at a time: as much as is drawn within a frame or two.
const MORE: usize = 2_000;
/// What a row costs besides its text, in bytes of text that cost as much.
const ROW: usize = 300;

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
    let hidden_at_first = use_memo(props.view.loading, |_| all.len() - tail(all, FIRST));
    let brought = use_state_eq(|| 0_usize);
    let hidden = hidden_at_first.saturating_sub(*brought).min(rows.len());
    let earlier = {
        let (brought, more) =
            (brought.setter(), *brought + tail(rows.get(..hidden).unwrap_or_default(), MORE));
        Callback::from(move |()| brought.set(more))
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

/// How many rows at the end of these cost about as much as that many bytes of text.
fn tail(rows: &[Shown], bytes: usize) -> usize {
    within(rows.iter().rev().map(|shown| shown.message.body.len()), bytes)
}

/// How many of the first texts, of these lengths, cost so much; one at least.
fn within(lens: impl Iterator<Item = usize>, bytes: usize) -> usize {
    let costs = lens.scan(0, |sum, len| {
        let before = *sum;
        *sum += ROW + len;
        Some((before, *sum))
    });
    costs.take_while(|(before, sum)| *before == 0 || *sum <= bytes).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_drawn_by_what_they_cost_and_one_at_least() {
        let within = |lens: &[usize]| within(lens.iter().copied(), MORE);
        assert_eq!(within(&[]), 0);
        assert_eq!(within(&[9_999, 10]), 1);
        assert_eq!(within(&[10, 700, 10, 700, 10]), 3);
        assert_eq!(within(&[0; 100]), 6);
        assert_eq!(within(&[0, 0]), 2);
    }
}
