//! Anthropic's Messages: what is asked. [`Reader`](super::Reader) reads the replies.

mod event;

use serde::Serialize;

use super::{Request, Thinking};
use crate::chat::Speaker;

pub(super) use event::event;

/// The service demands a limit; this one leaves room for a long answer and is below what every
/// current model allows.
const MAX_TOKENS: u32 = 8_192;
/// The same where the model thinks first: that counts as part of the answer.
const THINKING_MAX_TOKENS: u32 = 16_384;
/// The least that the service takes for thinking.
const BUDGET_MIN_TOKENS: u32 = 1_024;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "str::is_empty")]
    system: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Think>,
    stream: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Think {
    /// Newer models hide what they think unless they are asked for a summary.
    Adaptive {
        display: &'static str,
    },
    Enabled {
        budget_tokens: u32,
    },
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
    let way = request.thinking.first();
    let usual = if way.is_some() { THINKING_MAX_TOKENS } else { MAX_TOKENS };
    let mut max_tokens = request.max_tokens.unwrap_or(usual);
    let thinking = way.map(|way| match way {
        Thinking::Freely => Think::Adaptive { display: "summarized" },
        Thinking::Budget => {
            // there must be room for an answer too
            max_tokens = max_tokens.max(2 * BUDGET_MIN_TOKENS);
            Think::Enabled { budget_tokens: max_tokens / 2 }
        }
    });
    let body = Body {
        model: &request.model,
        max_tokens,
        system: &system,
        messages: messages.collect(),
        // models that think take no other than their own
        temperature: request.temperature.filter(|_| way.is_none()),
        thinking,
        stream: request.is_streamed,
    };
    // texts, numbers and flags always have a JSON form
    serde_json::to_string(&body).unwrap_or_default()
}
