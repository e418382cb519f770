//! A service that is asked over the network: where it is, what it is sent, how its replies are read.
//!
//! Promises: each service gets exactly the headers that it is known to let a web page send, as one
//! unknown header makes some refuse the whole call. The key goes into its header and nowhere else.

use super::{ApiKey, Endpoint, ProviderError, Reader, Request, Thinking, claude, gemini, openai};
use crate::chat::Turn;

/// The form of requests and replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Chat completions, as OpenAI and dozens of servers speak them.
    OpenAi,
    /// Anthropic's Messages.
    Claude,
    /// Google's generateContent.
    Gemini,
}

/// A service with all that is needed to ask it.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// How it speaks.
    pub dialect: Dialect,
    /// Where it is.
    pub endpoint: Endpoint,
    /// The key; may be empty.
    pub key: ApiKey,
    /// The model's id there; may be empty where only its models are asked for.
    pub model: String,
    /// See [`Request::temperature`].
    pub temperature: Option<f64>,
    /// See [`Request::max_tokens`].
    pub max_tokens: Option<u32>,
    /// See [`Request::thinking`].
    pub thinking: &'static [Thinking],
}

impl Service {
    /// What to ask about a conversation.
    #[must_use]
    pub fn request(&self, turns: &[Turn]) -> Request {
        let mut request = Request::new(&self.model, turns);
        request.temperature = self.temperature;
        request.max_tokens = self.max_tokens;
        request.thinking = self.thinking;
        request.with_usage = self.dialect == Dialect::OpenAi;
        request.newer_limit = self.endpoint.is_openai();
        request
    }

    /// Where to post it.
    #[must_use]
    pub fn url(&self, request: &Request) -> String {
        match self.dialect {
            Dialect::OpenAi => self.endpoint.url("/chat/completions", ""),
            Dialect::Claude => self.endpoint.url("/messages", ""),
            Dialect::Gemini => gemini::url(&self.endpoint, request),
        }
    }

    /// The body to post.
    #[must_use]
    pub fn body(&self, request: &Request) -> String {
        match self.dialect {
            Dialect::OpenAi => openai::body(request),
            Dialect::Claude => claude::body(request),
            Dialect::Gemini => gemini::body(request),
        }
    }

    /// The headers besides the content type. With no key there is no header for one.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = match self.dialect {
            Dialect::OpenAi | Dialect::Gemini => Vec::new(),
            Dialect::Claude => claude::headers(),
        };
        if !self.key.is_empty() {
            headers.push(match self.dialect {
                Dialect::OpenAi => ("authorization", format!("Bearer {}", self.key.reveal())),
                Dialect::Claude => ("x-api-key", self.key.reveal().to_owned()),
                Dialect::Gemini => ("x-goog-api-key", self.key.reveal().to_owned()),
            });
        }
        headers
    }

    /// Whether the service is told which site asks (its origin, no more): Google's keys can be
    /// limited to a site, and such a key is refused without that.
    #[must_use]
    pub fn wants_referrer(&self) -> bool {
        self.dialect == Dialect::Gemini
    }

    /// Where to ask which models there are.
    #[must_use]
    pub fn models_url(&self) -> String {
        let query = match self.dialect {
            Dialect::OpenAi => "",
            Dialect::Claude => "limit=1000",
            Dialect::Gemini => "pageSize=1000",
        };
        self.endpoint.url("/models", query)
    }

    /// The ids of the models in the answer to that, sorted.
    ///
    /// # Errors
    /// The text is no list of models, so the address is wrong, or it is an error.
    pub fn models(&self, body: &str) -> Result<Vec<String>, ProviderError> {
        openai::models(body, &self.key)
    }

    /// A reader of the reply.
    #[must_use]
    pub fn reader(&self, content_type: &str) -> Reader {
        Reader::new(self.dialect, content_type, &self.key)
    }
}
