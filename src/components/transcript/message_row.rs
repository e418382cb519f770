//! One message.

use std::rc::Rc;

use yew::prelude::*;

use super::body::Body;
use super::edit_message::EditMessage;
use super::failure::Failure;
use super::go_on::GoOn;
use super::message_actions::MessageActions;
use super::message_mark::MessageMark;
use super::versions::Versions;
use crate::chat::{Message, Role, StopReason, Usage};
use crate::components::icon::{Icon, icon};
use crate::components::markdown::Markdown;
use crate::components::when;
use crate::sync::Id;

/// What [`MessageRow`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct MessageRowProps {
    /// Its chat.
    pub(super) chat: Id,
    /// The message.
    pub(super) message: Rc<Message>,
    /// All versions at its place.
    pub(super) versions: Rc<[Id]>,
    /// Which of them this is.
    pub(super) version: usize,
    /// Whether it is the last one of the chat.
    pub(super) last: bool,
}

/// One message.
#[component]
pub(super) fn MessageRow(props: &MessageRowProps) -> Html {
    let MessageRowProps { chat, message, versions, version, last } = props;
    let (class, name) = match message.role {
        Role::User => ("message-user", "You"),
        Role::Assistant => ("message-muse", "Muse"),
    };
    let tag = message.stop.as_ref().and_then(ending);
    let editing = use_state_eq(|| false);
    let edit = |to: bool| {
        let editing = editing.setter();
        Callback::from(move |()| editing.set(to))
    };
    if *editing {
        return html! {
            <article class={classes!("message", class)}>
                <h2 class="visually-hidden">{ name }</h2>
                <EditMessage chat={chat.clone()} message={message.clone()} done={edit(false)} />
            </article>
        };
    }
    html! {
        <article class={classes!("message", class, last.then_some("message-last"))}>
            <h2 class="visually-hidden">{ name }</h2>
            { reasoning(&message.reasoning, false) }
            if !message.body.is_empty() {
                <div class="message-bubble">
                    if message.role == Role::Assistant {
                        <Markdown text={message.body.clone()} />
                    } else {
                        <Body text={message.body.clone()} />
                    }
                </div>
            }
            if let Some(tag) = tag { <p class="message-tag">{ tag }</p> }
            if message.is_cut() { <GoOn chat={chat.clone()} answer={message.id.clone()} /> }
            if let Some(StopReason::Failed(problem)) = &message.stop {
                <Failure chat={chat.clone()} problem={problem.clone()} question={message.re.clone()} fresh={*last} />
            }
            <footer class="message-foot">
                if versions.len() > 1 {
                    <Versions chat={chat.clone()} versions={versions.clone()} version={*version} />
                }
                <span class="message-facts">
                    if !message.model.is_empty() { <span>{ message.model.clone() }</span>{ " · " } }
                    if let Some(usage) = message.usage { { tokens(usage) }{ " · " } }
                    <time datetime={when::iso(message.at_ms)} title={when::full(message.at_ms)}>
                        { when::short(message.at_ms) }
                    </time>
                </span>
                <MessageMark chat={chat.clone()} message={message.id.clone()} />
                <MessageActions chat={chat.clone()} message={message.clone()} edit={edit(true)} />
            </footer>
        </article>
    }
}

/// What the answer cost, as the provider counted.
fn tokens(usage: Usage) -> Html {
    let Usage { input_tokens, output_tokens } = usage;
    let all = format!("{input_tokens} tokens read, {output_tokens} written");
    let word = if output_tokens == 1 { "token" } else { "tokens" };
    html! { <span title={all}>{ format!("{output_tokens} {word}") }</span> }
}

/// What an answer thought before it spoke, folded away unless nothing else is there yet.
pub(super) fn reasoning(text: &str, open: bool) -> Html {
    if text.is_empty() {
        return Html::default();
    }
    html! {
        <details class="message-reasoning" {open}>
            <summary>{ icon(Icon::Reasoning) }{ "Reasoning" }</summary>
            <Markdown text={text.to_owned()} />
        </details>
    }
}

/// How an answer ended, where that is worth a word.
fn ending(stop: &StopReason) -> Option<&'static str> {
    match stop {
        StopReason::Done | StopReason::Failed(_) => None,
        StopReason::Stopped => Some("Stopped"),
        StopReason::Length => Some("Cut at the length limit"),
        StopReason::Interrupted => Some("Interrupted"),
        StopReason::Filtered => Some("Ended by the provider"),
    }
}
