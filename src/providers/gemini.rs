//! Google's generateContent: what is asked. [`Reader`](super::Reader) reads the replies.

mod chunk;

use serde::Serialize;

use super::{Endpoint, Request};
use crate::chat::Speaker;

pub(super) use chunk::chunk;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Config::is_empty")]
    generation_config: Config,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    parts: [Part<'a>; 1],
}

#[derive(Serialize)]
struct Part<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<Think>,
}

impl Config {
    fn is_empty(&self) -> bool {
        self.max_output_tokens.is_none() && self.temperature.is_none() && self.thinking_config.is_none()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Think {
    include_thoughts: bool,
}

/// Where to post it; the model is part of the address.
pub(super) fn url(endpoint: &Endpoint, request: &Request) -> String {
    // a part of dots alone would lead somewhere else, however it is written
    let parts = request.model.trim().split('/').filter(|part| !part.trim_matches('.').is_empty());
    let id = parts.map(encoded).collect::<Vec<_>>().join("/");
    let name = if id.contains('/') { id } else { format!("models/{id}") };
    if request.is_streamed {
        endpoint.url(&format!("/{name}:streamGenerateContent"), "alt=sse")
    } else {
        endpoint.url(&format!("/{name}:generateContent"), "")
    }
}

/// Part of a name that cannot leave its place in an address.
fn encoded(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    for byte in part.bytes() {
        match byte {
            b'-' | b'_' | b'.' | b'@' | b'~' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The body to post.
pub(super) fn body(request: &Request) -> String {
    let (system, turns) = request.strictly();
    let content = |role, text| Content { role, parts: [Part { text }] };
    let contents = turns.iter().map(|turn| {
        let role = if turn.role == Speaker::Assistant { "model" } else { "user" };
        content(Some(role), &*turn.text)
    });
    let body = Body {
        system_instruction: (!system.is_empty()).then(|| content(None, &*system)),
        contents: contents.collect(),
        generation_config: Config {
            max_output_tokens: request.max_tokens,
            temperature: request.temperature,
            thinking_config: request.thinking.first().map(|_| Think { include_thoughts: true }),
        },
    };
    // texts and numbers always have a JSON form
    serde_json::to_string(&body).unwrap_or_default()
}
