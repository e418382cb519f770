//! Reads the chat out for those who do not see it: once when an answer begins, once when it is complete.
//! The log itself is silent, for a word at a time cannot be listened to.

use yew::prelude::*;

use crate::chat::markdown::plain;
use crate::chat::{Message, StopReason};
use crate::contexts::{use_live_ids, use_transcript};
use crate::sync::Id;

/// What [`Announcer`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct AnnouncerProps {
    /// Which chat.
    pub(super) chat: Id,
}

/// A region that is only heard.
#[component]
pub(super) fn Announcer(props: &AnnouncerProps) -> Html {
    let live = use_live_ids(&props.chat).map(|(answer, _)| answer);
    let view = use_transcript(&props.chat);
    let awaited = use_mut_ref(|| None::<Id>);
    if live.is_some() {
        awaited.replace(live.clone());
    }
    let answer = awaited.borrow().clone().filter(|_| live.is_none());
    let finished = answer.and_then(|id| {
        let shown = view.transcript.shown.iter().rev().find(|shown| shown.message.id == id)?;
        Some(spoken(&shown.message))
    });
    let text = match (live, finished) {
        (Some(_), _) => "Muse is answering.".to_owned(),
        (None, Some(text)) => text,
        (None, None) => String::new(),
    };
    html! { <p class="visually-hidden" role="status" aria-live="polite">{ text }</p> }
}

fn spoken(message: &Message) -> String {
    let ending = match &message.stop {
        None | Some(StopReason::Done) => String::new(),
        Some(StopReason::Stopped) => "Stopped.".to_owned(),
        Some(StopReason::Length) => "Cut at the length limit.".to_owned(),
        Some(StopReason::Interrupted) => "Interrupted.".to_owned(),
        Some(StopReason::Filtered) => "The provider stopped this answer.".to_owned(),
        Some(StopReason::Failed(problem)) => format!("The answer failed. {problem}"),
    };
    format!("{} {ending}", plain(&message.body)).trim().to_owned()
}
