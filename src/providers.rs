//! Who answers: nobody, the built-in demo, or a service: any OpenAI-compatible one, Claude, Gemini.
//!
//! Promises: everything but `http.rs` is pure. Only what the person set is sent. The API key goes
//! into its header and nowhere else: not into a record, an error or a log. A reply never depends on
//! how the network cut it, and text that has arrived is never taken back.

mod claude;
mod endpoint;
mod error;
mod gemini;
mod halves;
pub mod http;
mod key;
pub mod mock;
pub mod openai;
mod reader;
mod request;
mod service;
pub mod sse;
mod think;
mod thinking;

pub use endpoint::{BadUrl, Endpoint};
pub use error::{ProviderError, Unreachable};
pub use key::ApiKey;
pub use reader::Reader;
pub use request::Request;
pub use service::{Dialect, Service};
pub use thinking::Thinking;

use crate::chat::{Model, Settings, StopReason, Usage};

/// Who answers, with all that is needed to ask.
#[derive(Clone, Debug, PartialEq)]
pub enum Provider {
    /// Nobody: messages are notes.
    Off,
    /// The built-in demo.
    Mock,
    /// Somebody on the network.
    Service(Box<Service>),
}

impl Provider {
    /// The provider for `model` (see [`Settings::model_in`]) and the model of that `id` there, with
    /// the settings of this device and the key that it has for an address.
    ///
    /// # Errors
    /// Something is missing that only the person can add; the error says what.
    pub fn choose(
        model: Model,
        id: &str,
        settings: &Settings,
        key: impl FnOnce(&Endpoint) -> ApiKey,
    ) -> Result<Self, ProviderError> {
        let mut service = match model {
            Model::Off => return Ok(Self::Off),
            Model::Mock => return Ok(Self::Mock),
            Model::OpenAi | Model::Claude | Model::Gemini => Self::service(model, settings, key)?,
        };
        if service.key.is_empty() && service.endpoint.needs_key() {
            return Err(ProviderError::NoKey);
        }
        if !service.key.is_plausible() {
            return Err(ProviderError::BadKey);
        }
        if id.trim().is_empty() {
            return Err(ProviderError::Setup("Choose a model in Settings first.".to_owned()));
        }
        id.trim().clone_into(&mut service.model);
        Ok(Self::Service(Box::new(service)))
    }

    /// The service of `model`, for no model of it yet.
    ///
    /// # Errors
    /// There is none, or its address cannot be used.
    pub fn service(
        model: Model,
        settings: &Settings,
        key: impl FnOnce(&Endpoint) -> ApiKey,
    ) -> Result<Service, ProviderError> {
        let (dialect, source, usual) = match model {
            Model::Off | Model::Mock => {
                return Err(ProviderError::Setup("Choose a model in Settings first.".to_owned()));
            }
            Model::OpenAi => (Dialect::OpenAi, &settings.openai, "/v1"),
            Model::Claude => (Dialect::Claude, &settings.claude, "/v1"),
            Model::Gemini => (Dialect::Gemini, &settings.gemini, "/v1beta"),
        };
        let endpoint =
            Endpoint::parse(&source.url, usual).map_err(|error| ProviderError::Setup(error.to_string()))?;
        Ok(Service {
            dialect,
            key: key(&endpoint),
            endpoint,
            model: String::new(),
            temperature: settings.temperature(),
            max_tokens: settings.max_tokens(),
            thinking: if settings.thinking { Thinking::ways(dialect) } else { &[] },
        })
    }

    /// The same, but asked to think first in one of these ways, or not at all.
    #[must_use]
    pub fn thinking(mut self, ways: &'static [Thinking]) -> Self {
        if let Self::Service(service) = &mut self {
            service.thinking = ways;
        }
        self
    }

    /// The name of who answers, as people see it beside the answer; empty for [`Provider::Off`].
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Off => "",
            Self::Mock => mock::LABEL,
            Self::Service(service) => &service.model,
        }
    }

    /// The host that is asked; empty where nobody is.
    #[must_use]
    pub fn host(&self) -> &str {
        match self {
            Self::Off | Self::Mock => "",
            Self::Service(service) => service.endpoint.host(),
        }
    }

    /// What to tell the person about an error of this provider.
    #[must_use]
    pub fn explain(&self, error: &ProviderError) -> String {
        error.message(self.host(), self.label())
    }
}

/// A piece of a reply, as it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// More of the answer.
    Text(String),
    /// More of the model's reasoning.
    Reasoning(String),
    /// What the provider counted; the last one counts.
    Usage(Usage),
}

/// How a reply ended that is worth keeping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finish {
    /// Why.
    pub stop: StopReason,
    /// What the provider counted.
    pub usage: Option<Usage>,
    /// What is left of [`Service::thinking`], where the model has refused some of it.
    pub thinking: Option<&'static [Thinking]>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Source;

    #[test]
    fn what_is_missing_is_said_before_anything_is_sent() {
        let mut settings = Settings::default();
        let key = || ApiKey::new("sk-SENTINEL-0123456789");
        let choose = |id: &str, settings: &Settings, key: ApiKey| {
            Provider::choose(Model::OpenAi, id, settings, |_| key)
        };
        let chosen = choose(" gpt ", &settings, key());
        assert!(
            chosen.as_ref().is_ok_and(|chosen| chosen.label() == "gpt" && chosen.host() == "api.openai.com")
        );
        assert!(!format!("{chosen:?}").contains("SENTINEL"));
        assert_eq!(choose("gpt", &settings, ApiKey::default()), Err(ProviderError::NoKey));
        assert_eq!(choose("gpt", &settings, ApiKey::new("a b")), Err(ProviderError::BadKey));
        for model in [Model::Claude, Model::Gemini] {
            let none = Provider::choose(model, "m", &settings, |_| ApiKey::default());
            assert_eq!(none, Err(ProviderError::NoKey));
            assert!(Provider::choose(model, "m", &settings, |_| key()).is_ok());
        }
        settings.openai.url = "http://localhost:11434".to_owned();
        assert!(choose("gpt", &settings, ApiKey::default()).is_ok());
        assert!(matches!(choose(" ", &settings, key()), Err(ProviderError::Setup(_))));
        settings.openai.url = "localhost".to_owned();
        let bad = choose("gpt", &settings, key());
        assert!(matches!(bad, Err(ProviderError::Setup(text)) if text.contains("https://")));
        let no_key = |_: &Endpoint| ApiKey::default();
        assert_eq!(Provider::choose(Model::Mock, "", &settings, no_key), Ok(Provider::Mock));
        assert_eq!(Provider::choose(Model::Off, "", &settings, no_key), Ok(Provider::Off));
    }

    #[test]
    fn the_key_is_asked_for_by_the_origin_that_will_get_it() {
        let settings = Settings {
            openai: Source { url: "https://evil.test/v1".to_owned(), model: String::new() },
            ..Settings::default()
        };
        let kept = |endpoint: &Endpoint| match &*endpoint.origin() {
            "https://api.openai.com" => ApiKey::new("sk-SENTINEL-0123456789"),
            _ => ApiKey::default(),
        };
        let Ok(Provider::Service(service)) = Provider::choose(Model::OpenAi, "m", &settings, kept) else {
            panic!("a server that may need no key");
        };
        assert_eq!(service.headers(), []);
    }
}
