//! Anthropic's Messages: what is asked. [`Reader`](super::Reader) reads the replies.

mod event;

use serde::Serialize;

use super::Request;
use crate::chat::Speaker;

pub(super) use event::event;

/// The service demands a limit; this one leaves room for a long answer and is below what every
/// current model allows.
const MAX_TOKENS: u32 = 8_192;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "str::is_empty")]
    system: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    stream: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'a str,
    content: &'a str,
}

/// The version of the protocol, and the word that lets a web page in at all.
pub(super) fn headers() -> Vec<(&'static str, String)> {
    [("anthropic-version", "2023-06-01"), ("anthropic-dangerous-direct-browser-access", "true")]
        .map(|(name, value)| (name, value.to_owned()))
        .into()
}

/// The body to post.
pub(super) fn body(request: &Request) -> String {
    let (system, turns) = request.strictly();
    let messages = turns.iter().map(|turn| Message {
        role: if turn.role == Speaker::Assistant { "assistant" } else { "user" },
        content: &turn.text,
    });
    let body = Body {
        model: &request.model,
        max_tokens: request.max_tokens.unwrap_or(MAX_TOKENS),
        system: &system,
        messages: messages.collect(),
        temperature: request.temperature,
        stream: request.is_streamed,
    };
    // texts, numbers and flags always have a JSON form
    serde_json::to_string(&body).unwrap_or_default()
}
