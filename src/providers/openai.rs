//! The chat completions dialect, as OpenAI and dozens of servers speak it: what is asked, and which
//! models there are. [`Reader`](super::Reader) reads the replies.

mod chunk;

use serde::Serialize;
use serde_json::Value;

use super::{ApiKey, ProviderError, Request};
use crate::chat::Speaker;

pub(super) use chunk::chunk;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'a str,
    content: &'a str,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// The body to post.
pub(super) fn body(request: &Request) -> String {
    let messages = request.turns.iter().map(|turn| Message {
        role: match turn.role {
            Speaker::System => "system",
            Speaker::User => "user",
            Speaker::Assistant => "assistant",
        },
        content: &turn.text,
    });
    let body = Body {
        model: &request.model,
        messages: messages.collect(),
        temperature: request.temperature,
        max_tokens: request.max_tokens.filter(|_| !request.newer_limit),
        max_completion_tokens: request.max_tokens.filter(|_| request.newer_limit),
        stream: request.is_streamed,
        stream_options: request.with_usage.then_some(StreamOptions { include_usage: true }),
    };
    // texts, numbers and flags always have a JSON form
    serde_json::to_string(&body).unwrap_or_default()
}

/// The ids of the models in the answer to `/models`, sorted, whatever service gave it. Those that
/// are no chat models by their name or by what they say they can do are left out, unless nothing
/// else is there.
///
/// # Errors
/// The text is no list of models, so the address is wrong.
pub fn models(body: &str, key: &ApiKey) -> Result<Vec<String>, ProviderError> {
    let value: Value =
        serde_json::from_str(body.trim_start_matches('\u{feff}')).map_err(|_| ProviderError::BadEndpoint)?;
    if value.get("error").is_some_and(|error| !error.is_null()) {
        return Err(ProviderError::in_stream(&value, key));
    }
    let list = [value.get("data"), value.get("models"), Some(&value)]
        .into_iter()
        .flatten()
        .find_map(Value::as_array)
        .ok_or(ProviderError::BadEndpoint)?;
    let id = |entry: &Value| {
        let names = [entry.get("id"), entry.get("model"), entry.get("name"), Some(entry)];
        names.into_iter().flatten().find_map(Value::as_str).map(ToOwned::to_owned)
    };
    let can_chat = |entry: &&Value| {
        let methods = entry.get("supportedGenerationMethods").and_then(Value::as_array);
        methods.is_none_or(|methods| methods.iter().any(|method| method == "generateContent"))
    };
    let ids = list.iter().filter(can_chat).filter_map(id);
    let ids = ids.map(|id| id.strip_prefix("models/").map_or(id.clone(), ToOwned::to_owned));
    let mut all: Vec<String> = ids.filter(|id| !id.is_empty()).collect();
    all.sort_by_cached_key(|id| (id.to_lowercase(), id.clone()));
    all.dedup();
    let chat: Vec<_> = all.iter().filter(|id| is_chat_model(id)).cloned().collect();
    Ok(if chat.is_empty() { all } else { chat })
}

fn is_chat_model(id: &str) -> bool {
    let id = id.to_lowercase();
    let other = [
        "audio",
        "babbage",
        "davinci",
        "embed",
        "embedding",
        "embeddings",
        "image",
        "imagen",
        "moderation",
        "realtime",
        "rerank",
        "reranker",
        "sora",
        "transcribe",
        "tts",
        "whisper",
    ];
    let mut words = id.split(|c: char| !c.is_ascii_alphanumeric());
    !words.any(|word| other.contains(&word)) && !id.contains("dall-e") && !id.contains("stable-diffusion")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_lists_of_many_shapes_without_what_cannot_chat() {
        let key = ApiKey::default();
        let list = |body: &str| models(body, &key);
        let ids = |ids: &[&str]| Ok(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            list(
                r#"{"data":[{"id":"gpt-b"},{"id":"text-embedding-3"},{"id":"Gpt-A"},{"id":"gpt-b"},{"id":"tts-1"},{"id":"whisper-1"},{"id":"dall-e-3"},{"id":"gpt-image-1"},{"id":7}]}"#
            ),
            ids(&["Gpt-A", "gpt-b"])
        );
        assert_eq!(list(r#"[{"id":"a"},"b"]"#), ids(&["a", "b"]));
        assert_eq!(list(r#"{"models":[{"name":"n","model":"m"}]}"#), ids(&["m"]));
        assert_eq!(list(r#"{"data":[{"id":"nomic-embed-text"}]}"#), ids(&["nomic-embed-text"]));
        assert_eq!(list(r#"{"data":[]}"#), ids(&[]));
        assert_eq!(
            list(
                r#"{"models":[{"name":"models/gemini-x","supportedGenerationMethods":["generateContent"]},{"name":"models/aqa","supportedGenerationMethods":["generateAnswer"]}]}"#
            ),
            ids(&["gemini-x"])
        );
        assert_eq!(
            list(r#"{"data":[{"type":"model","id":"claude-x"}],"has_more":false}"#),
            ids(&["claude-x"])
        );
        for bad in ["", "<html>", "{}", "7", r#"{"data":7}"#] {
            assert_eq!(list(bad), Err(ProviderError::BadEndpoint), "{bad}");
        }
        assert_eq!(
            list(r#"{"error":{"message":"x","type":"authentication_error"}}"#),
            Err(ProviderError::NoKey)
        );
    }
}
