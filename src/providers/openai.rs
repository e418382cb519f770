//! The chat completions dialect, as OpenAI and dozens of servers speak it: what is asked, and which
//! models there are. [`Reader`] reads the replies.

mod halves;
mod reader;

use serde::Serialize;
use serde_json::Value;

use super::{ApiKey, ProviderError};
use crate::chat::{Speaker, Turn};

pub use reader::Reader;

/// A request. It holds what the person set and nothing else: models and servers refuse whole
/// requests for parameters they do not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The model's id.
    pub model: String,
    /// The conversation.
    pub turns: Vec<Turn>,
    /// Whether to ask for token counts, which some old servers refuse.
    pub with_usage: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
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

impl Request {
    /// A request for an answer to a conversation.
    #[must_use]
    pub fn new(model: &str, turns: &[Turn]) -> Self {
        Self { model: model.to_owned(), turns: turns.to_vec(), with_usage: true }
    }

    /// The body to post.
    #[must_use]
    pub fn body(&self) -> String {
        let messages = self.turns.iter().map(|turn| Message {
            role: match turn.role {
                Speaker::System => "system",
                Speaker::User => "user",
                Speaker::Assistant => "assistant",
            },
            content: &turn.text,
        });
        let body = Body {
            model: &self.model,
            messages: messages.collect(),
            stream: true,
            stream_options: self.with_usage.then_some(StreamOptions { include_usage: true }),
        };
        // texts and flags always have a JSON form
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// What to send instead after a refusal, if something can be left out: token counts, where the
    /// server names them or does not say what it dislikes.
    #[must_use]
    pub fn after(&self, error: &ProviderError) -> Option<Self> {
        let ProviderError::Rejected { param, text } = error else {
            return None;
        };
        let names_it = |text: &str| text.contains("stream_options") || text.contains("include_usage");
        let is_it = param.as_deref().is_none_or(names_it) || names_it(text);
        (self.with_usage && is_it).then(|| Self { with_usage: false, ..self.clone() })
    }
}

/// The ids of the models in the answer to `/models`, sorted. Those that are no chat models by their
/// name are left out, unless nothing else is there.
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
    let mut all: Vec<String> = list.iter().filter_map(id).filter(|id| !id.is_empty()).collect();
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
    fn a_request_holds_what_was_set_and_nothing_else() {
        let turns = [
            Turn::new(Speaker::System, "Be brief."),
            Turn::new(Speaker::User, "Say \"hé\"\n👋"),
            Turn::new(Speaker::Assistant, "hé"),
            Turn::new(Speaker::User, "Again"),
        ];
        let request = Request::new("gpt-x", &turns);
        assert_eq!(
            request.body(),
            concat!(
                r#"{"model":"gpt-x","messages":[{"role":"system","content":"Be brief."},"#,
                r#"{"role":"user","content":"Say \"hé\"\n👋"},{"role":"assistant","content":"hé"},"#,
                r#"{"role":"user","content":"Again"}],"stream":true,"stream_options":{"include_usage":true}}"#
            )
        );
        let plain = Request { with_usage: false, ..Request::new("m", &turns[3..]) };
        assert_eq!(
            plain.body(),
            r#"{"model":"m","messages":[{"role":"user","content":"Again"}],"stream":true}"#
        );
    }

    #[test]
    fn token_counts_are_given_up_once_when_they_may_be_the_reason() {
        let request = Request::new("m", &[]);
        let rejected = |param: Option<&str>, text: &str| ProviderError::Rejected {
            param: param.map(ToOwned::to_owned),
            text: text.to_owned(),
        };
        for error in [
            rejected(Some("stream_options"), "no"),
            rejected(None, "Bad request"),
            rejected(Some("body"), "stream_options.include_usage: unknown"),
        ] {
            let second = request.after(&error);
            assert!(second.as_ref().is_some_and(|second| !second.with_usage));
            assert_eq!(second.and_then(|second| second.after(&error)), None);
        }
        assert_eq!(request.after(&rejected(Some("temperature"), "no")), None);
        assert_eq!(request.after(&ProviderError::BadKey), None);
    }

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
        for bad in ["", "<html>", "{}", "7", r#"{"data":7}"#] {
            assert_eq!(list(bad), Err(ProviderError::BadEndpoint), "{bad}");
        }
        assert_eq!(
            list(r#"{"error":{"message":"x","type":"authentication_error"}}"#),
            Err(ProviderError::NoKey)
        );
    }
}
