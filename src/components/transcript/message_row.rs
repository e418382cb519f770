//! One message, also while it is being written.

use yew::prelude::*;

use super::edit_message::EditMessage;
use super::failure::Failure;
use super::go_on::GoOn;
use super::message_actions::MessageActions;
use super::message_mark::MessageMark;
use super::versions::Versions;
use crate::chat::{Role, Shown, StopReason, Usage};
use crate::components::icon::{Icon, icon};
use crate::components::markdown::Markdown;
use crate::components::when;
use crate::contexts::use_reply;
use crate::session::LiveReply;
use crate::sync::Id;

/// What [`MessageRow`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct MessageRowProps {
    /// Its chat.
    pub(super) chat: Id,
    /// Its id.
    pub(super) id: Id,
    /// The message; nothing while it is being written.
    #[prop_or_default]
    pub(super) shown: Option<Shown>,
    /// From which byte on the answer is there; what is before it is yet to come.
    #[prop_or_default]
    pub(super) from: usize,
    /// Whether it is the last one of the chat.
    #[prop_or_default]
    pub(super) last: bool,
}

/// One message. An answer has the same elements while it grows and later, so that they stay when it is complete: nothing
/// is drawn twice, and what one has selected is still selected.
#[component]
pub(super) fn MessageRow(props: &MessageRowProps) -> Html {
    // for every frame of an answer only its own row renders
    let reply = use_reply(&props.chat, &props.id);
    let editing = use_state_eq(|| false);
    let edit = |to: bool| {
        let editing = editing.setter();
        Callback::from(move |()| editing.set(to))
    };
    let reasoning_seen = use_state_eq(|| false);
    let (role, reasoning, body, ending) = match (&props.shown, &reply) {
        (Some(Shown { message, .. }), _) if *editing => {
            let field = html! { <EditMessage chat={props.chat.clone()} message={message.clone()} done={edit(false)} /> };
            (message.role, "", "", field)
        }
        (Some(shown), _) => {
            let message = &*shown.message;
            (message.role, &*message.reasoning, &*message.body, ending(props, shown, edit(true)))
        }
        (None, Some(reply)) => (Role::Assistant, &*reply.reasoning, &*reply.body, unsaved(reply)),
        (None, None) => return Html::default(),
    };
    let (class, name) = match role {
        Role::User => ("message-user", "You"),
        Role::Assistant => ("message-muse", "Muse"),
    };
    let live = props.shown.is_none();
    let grows = live && reply.as_ref().is_some_and(|reply| !reply.is_unsaved);
    let thinks = grows && body.is_empty();
    let state = classes!(props.last.then_some("message-last"), live.then_some("live-reply"));
    html! {
        <article class={classes!("message", class, state)} aria-busy={grows.then_some("true")}>
            <h2 class="visually-hidden">{ name }</h2>
            if !reasoning.is_empty() && props.from == 0 {
                <details class="message-reasoning fold" open={thinks} ontoggle={set_seen(&reasoning_seen)}>
                    <summary>{ icon(Icon::Reasoning) }{ "Reasoning" }</summary>
                    // folded away it is not drawn, as it is often longer than the answer
                    if thinks || *reasoning_seen { <Markdown text={reasoning.to_owned()} /> }
                </details>
            }
            if !body.is_empty() {
                <div class={classes!("message-bubble", grows.then_some("live-reply-text"))}>
                    if role == Role::Assistant {
                        <Markdown text={body.to_owned()} from={props.from} />
                    } else {
                        // as it was typed; each message decides for itself whether it reads from right to left
                        <div class="body" dir="auto">{ body.to_owned() }</div>
                    }
                </div>
            } else if grows {
                <p class="live-reply-dots"><span class="visually-hidden">{ "Waiting for the answer" }</span><i /><i /><i /></p>
            }
            { ending }
        </article>
    }
}

fn set_seen(seen: &UseStateHandle<bool>) -> Callback<Event> {
    let seen = seen.setter();
    Callback::from(move |_| seen.set(true))
}

/// What stands below an answer that is complete but could not be stored so far.
fn unsaved(reply: &LiveReply) -> Html {
    html! {
        if reply.is_unsaved {
            <p class="live-reply-unsaved">{ icon(Icon::Warning) }{ "Complete, but not saved yet" }</p>
        }
    }
}

/// What stands below a message: how it ended, its facts, and what can be done with it.
fn ending(props: &MessageRowProps, shown: &Shown, edit: Callback<()>) -> Html {
    let (MessageRowProps { chat, last, .. }, Shown { message, versions, version }) = (props, shown);
    html! {
        <>
            if let Some(tag) = message.stop.as_ref().and_then(tag) { <p class="message-tag">{ tag }</p> }
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
                <MessageActions chat={chat.clone()} message={message.clone()} {edit} />
            </footer>
        </>
    }
}

/// What the answer cost, as the provider counted.
fn tokens(usage: Usage) -> Html {
    let Usage { input_tokens, output_tokens } = usage;
    let all = format!("{input_tokens} tokens read, {output_tokens} written");
    let word = if output_tokens == 1 { "token" } else { "tokens" };
    html! { <span title={all}>{ format!("{output_tokens} {word}") }</span> }
}

/// How an answer ended, where that is worth a word.
fn tag(stop: &StopReason) -> Option<&'static str> {
    match stop {
        StopReason::Done | StopReason::Failed(_) => None,
        StopReason::Stopped => Some("Stopped"),
        StopReason::Length => Some("Cut at the length limit"),
        StopReason::Interrupted => Some("Interrupted"),
        StopReason::Filtered => Some("Ended by the provider"),
    }
}
