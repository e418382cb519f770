//! Who answers: nobody, the built-in demo, or any OpenAI-compatible endpoint.
//!
//! Promises: everything but `http.rs` is pure. Only what the person set is sent. The API key goes
//! into the `Authorization` header and nowhere else: not into a record, an error or a log. A reply
//! never depends on how the network cut it, and text that has arrived is never taken back.

mod endpoint;
mod error;
pub mod http;
mod key;
pub mod mock;
pub mod openai;
pub mod sse;
mod think;

pub use endpoint::{BadUrl, Endpoint};
pub use error::{ProviderError, Unreachable};
pub use key::ApiKey;

use crate::chat::{Model, Settings, StopReason, Usage};

/// Who answers, with all that is needed to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Nobody: messages are notes.
    Off,
    /// The built-in demo.
    Mock,
    /// An OpenAI-compatible endpoint.
    OpenAi {
        /// Where it is.
        endpoint: Endpoint,
        /// The key; may be empty.
        key: ApiKey,
        /// The model's id there.
        model: String,
    },
}

impl Provider {
    /// The provider for `model` (see [`Settings::model_in`]) with the settings and key of this
    /// device.
    ///
    /// # Errors
    /// Something is missing that only the person can add; the error says what.
    pub fn choose(model: Model, settings: &Settings, key: &ApiKey) -> Result<Self, ProviderError> {
        match model {
            Model::Off => Ok(Self::Off),
            Model::Mock => Ok(Self::Mock),
            Model::OpenAi => {
                let endpoint = Endpoint::parse(&settings.openai_url)
                    .map_err(|error| ProviderError::Setup(error.to_string()))?;
                if key.is_empty() && endpoint.is_openai() {
                    return Err(ProviderError::NoKey);
                }
                if !key.is_plausible() {
                    return Err(ProviderError::BadKey);
                }
                let model = settings.openai_model.trim();
                if model.is_empty() {
                    return Err(ProviderError::Setup("Choose a model in Settings first.".to_owned()));
                }
                Ok(Self::OpenAi { endpoint, key: key.clone(), model: model.to_owned() })
            }
            Model::Claude | Model::Gemini => Err(ProviderError::Setup(
                "This version cannot ask this model yet; choose another one in Settings.".to_owned(),
            )),
        }
    }

    /// The name of who answers, as people see it beside the answer; empty for [`Provider::Off`].
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Off => "",
            Self::Mock => mock::LABEL,
            Self::OpenAi { model, .. } => model,
        }
    }

    /// The host that is asked; empty where nobody is.
    #[must_use]
    pub fn host(&self) -> &str {
        match self {
            Self::Off | Self::Mock => "",
            Self::OpenAi { endpoint, .. } => endpoint.host(),
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_before_anything_is_sent() {
        let mut settings = Settings { openai_model: " gpt ".to_owned(), ..Settings::default() };
        let key = ApiKey::new("sk-SENTINEL-0123456789");
        let choose = |settings: &Settings, key: &ApiKey| Provider::choose(Model::OpenAi, settings, key);
        let chosen = choose(&settings, &key);
        assert!(
            chosen.as_ref().is_ok_and(|chosen| chosen.label() == "gpt" && chosen.host() == "api.openai.com")
        );
        assert!(!format!("{chosen:?}").contains("SENTINEL"));
        assert_eq!(choose(&settings, &ApiKey::default()), Err(ProviderError::NoKey));
        assert_eq!(choose(&settings, &ApiKey::new("a b")), Err(ProviderError::BadKey));
        settings.openai_url = "http://localhost:11434".to_owned();
        assert!(choose(&settings, &ApiKey::default()).is_ok());
        settings.openai_model.clear();
        assert!(matches!(choose(&settings, &key), Err(ProviderError::Setup(_))));
        settings.openai_url = "localhost".to_owned();
        assert!(
            matches!(choose(&settings, &key), Err(ProviderError::Setup(text)) if text.contains("https://"))
        );
        assert_eq!(Provider::choose(Model::Mock, &settings, &key), Ok(Provider::Mock));
        assert_eq!(Provider::choose(Model::Off, &settings, &key), Ok(Provider::Off));
    }
}
