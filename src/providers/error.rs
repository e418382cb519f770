//! What can go wrong with a provider: one variant for each thing the person or the app does next.

mod body;

use serde_json::Value;

use super::{ApiKey, Endpoint};
use body::Body;

/// Why there is no answer. [`ProviderError::message`] tells people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderError {
    /// A setting is missing or wrong: open the settings. The text says which.
    Setup(String),
    /// A key is needed and there is none: add one.
    NoKey,
    /// The key is not accepted: correct it.
    BadKey,
    /// There is no such model, or not for this key: choose another.
    UnknownModel,
    /// Too many requests: wait.
    RateLimited {
        /// How long, where the provider says so.
        retry_after_ms: Option<u64>,
    },
    /// The account is empty: pay. Never retried.
    NoCredit,
    /// The conversation does not fit: shorten it.
    TooLong {
        /// Tokens of the request, where known.
        used: Option<u64>,
        /// Tokens that fit, where known.
        limit: Option<u64>,
    },
    /// The provider has a problem of its own: retry.
    Overloaded {
        /// HTTP status, where there was one.
        status: Option<u16>,
    },
    /// The provider does not want to answer this: rephrase.
    Blocked,
    /// The account may not be used from web pages: change that there, or use another one.
    NoWebPages,
    /// The answer ended without a word: ask again, or give it more room.
    Silent {
        /// The room was used up, by reasoning as a rule.
        is_spent: bool,
    },
    /// No answer came through: see why.
    Unreachable(Unreachable),
    /// What came is no chat reply: correct the address.
    BadEndpoint,
    /// The request is refused: send it without `param`, or read the text.
    Rejected {
        /// The part that is refused, where named.
        param: Option<String>,
        /// What the provider says.
        text: String,
    },
    /// Something else; the provider's text is all there is.
    Other {
        /// What the provider says.
        text: String,
    },
}

/// Why no answer came through; a browser does not say, so this is found out by looking around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// The device is offline.
    Offline,
    /// The page is https and the address is not.
    MixedContent,
    /// The browser asks before a page may call this device, and the answer was no.
    Forbidden,
    /// The server is there and does not let web pages in.
    Cors {
        /// Origin of this page, which the server has to allow.
        origin: String,
        /// What starts or sets the server so that it does, where it is known by its port.
        fix: String,
    },
    /// Nothing is there, or something in between blocks the request.
    Nothing {
        /// The server is supposed to run on this device.
        is_local: bool,
        /// The page is https, which some browsers do not let call this device at all.
        from_secure: bool,
    },
    /// The server took the request and said nothing.
    Timeout,
    /// The connection broke before the first word.
    Lost,
}

impl ProviderError {
    /// The error in a response that is not a success. The key is needed to tell a missing one from
    /// a wrong one, and to take it out of the text.
    #[must_use]
    pub fn from_response(status: u16, retry_after: Option<&str>, body: &str, key: &ApiKey) -> Self {
        let header_ms =
            retry_after.and_then(|seconds| seconds.trim().parse::<f64>().ok()).and_then(body::millis);
        let mut error = Body::parse(body, key).classify(status, key);
        if let Self::RateLimited { retry_after_ms } = &mut error {
            *retry_after_ms = header_ms.or(*retry_after_ms);
        }
        error
    }

    /// The error object inside a reply that began as a success.
    #[must_use]
    pub fn in_stream(value: &Value, key: &ApiKey) -> Self {
        let body = Body::from_value(value, key);
        let status = body.status.unwrap_or_default();
        body.classify(status, key)
    }

    /// Whether the same request may succeed later without anybody doing anything.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Overloaded { .. } | Self::Unreachable(_) => true,
            Self::Setup(_)
            | Self::NoKey
            | Self::BadKey
            | Self::UnknownModel
            | Self::NoCredit
            | Self::TooLong { .. }
            | Self::Blocked
            | Self::NoWebPages
            | Self::Silent { .. }
            | Self::BadEndpoint
            | Self::Rejected { .. }
            | Self::Other { .. } => false,
        }
    }

    /// What happened and what to do, in one sentence. Never contains the key.
    #[must_use]
    pub fn message(&self, host: &str, model: &str) -> String {
        match self {
            Self::Setup(text) => text.clone(),
            Self::NoKey => {
                format!("{host} needs an API key: add one here or in Settings, then retry.")
            }
            Self::BadKey => {
                format!("{host} did not accept this API key; check for missing characters or a revoked key.")
            }
            Self::UnknownModel => format!(
                "The model “{model}” was not found at {host}, or this key may not use it; choose another one."
            ),
            Self::RateLimited { retry_after_ms: Some(ms) } => {
                format!("{host} limits how often one may ask; try again in {} s.", ms.div_ceil(1000))
            }
            Self::RateLimited { retry_after_ms: None } => {
                format!("{host} limits how often one may ask; try again in a minute.")
            }
            Self::NoCredit => {
                format!("The account at {host} has no credit left; add some there, then retry.")
            }
            Self::TooLong { used, limit } => {
                let figures = match (used, limit) {
                    (Some(used), Some(limit)) => format!(" ({used} of {limit} tokens)"),
                    (None | Some(_), None | Some(_)) => String::new(),
                };
                format!(
                    "This chat is longer than the model can read{figures}; send less of it (Settings → How much is sent) or start a new chat."
                )
            }
            Self::Overloaded { status: Some(status) } => {
                format!("{host} is having trouble ({status}); retry in a moment.")
            }
            Self::Overloaded { status: None } => {
                format!("{host} is having trouble; retry in a moment.")
            }
            Self::Blocked => {
                format!("{host} does not want to answer this (its safety rules); rephrase the message.")
            }
            Self::NoWebPages => format!(
                "Your organization at {host} does not let web pages use its keys; its admin can allow that there, or use a key of another one."
            ),
            Self::Silent { is_spent: true } => format!(
                "{model} at {host} used up the longest answer before its first word; raise “Longest answer” in Settings."
            ),
            Self::Silent { is_spent: false } => {
                format!("{model} at {host} ended its answer without a word; retry or rephrase.")
            }
            Self::Unreachable(why) => why.message(host),
            Self::BadEndpoint => {
                format!("Unexpected reply from {host}; check the base URL in Settings (most end in /v1).")
            }
            Self::Rejected { text, .. } => format!("{host} refused the request: {text}"),
            Self::Other { text } => format!("{host} did not answer: {text}"),
        }
    }
}

impl Unreachable {
    /// Why a request that the browser reports as failed did fail. `probe` says whether a request
    /// that asks for nothing but being delivered got through.
    #[must_use]
    pub fn diagnose(endpoint: &Endpoint, page_origin: &str, is_online: bool, probe: Option<bool>) -> Self {
        let is_local = endpoint.is_loopback();
        if !is_online && !is_local {
            return Self::Offline;
        }
        if page_origin.starts_with("https:") && !endpoint.is_https() && !is_local {
            return Self::MixedContent;
        }
        if probe == Some(true) {
            let fix = cors_fix(endpoint, page_origin);
            return Self::Cors { origin: page_origin.to_owned(), fix };
        }
        Self::Nothing { is_local, from_secure: page_origin.starts_with("https:") }
    }

    fn message(&self, host: &str) -> String {
        match self {
            Self::Offline => "You are offline; your message is saved, retry when you are back.".to_owned(),
            Self::MixedContent => format!(
                "This page is secure (https) but http://{host} is not, so the browser blocked it; use an https address or a server on this device (localhost)."
            ),
            Self::Cors { fix, .. } => {
                format!("{host} is reachable but does not allow web pages (CORS); {fix}.")
            }
            Self::Forbidden => format!(
                "This page may not call {host}; allow it in the browser: the icon left of the address → Site settings → Local network access."
            ),
            Self::Nothing { is_local: true, from_secure: false } => {
                format!("Nothing answers at {host}; start the server and check the port.")
            }
            Self::Nothing { is_local: true, from_secure: true } => format!(
                "Nothing answers at {host}; start the server, check the port, and allow local network access if the browser asks (Safari cannot call http://localhost from a secure page)."
            ),
            Self::Nothing { is_local: false, .. } => format!(
                "{host} cannot be reached; check the address, your connection and whether a blocker or firewall stands in between."
            ),
            Self::Timeout => format!(
                "{host} did not answer in time; retry, or check whether it is still loading the model."
            ),
            Self::Lost => format!("The connection to {host} broke before an answer came; retry."),
        }
    }
}

/// How to let web pages in, for the servers that are known by their usual port.
fn cors_fix(endpoint: &Endpoint, origin: &str) -> String {
    match endpoint.port() {
        Some(11434) => format!(
            "set OLLAMA_ORIGINS={origin} and restart Ollama (macOS: launchctl setenv OLLAMA_ORIGINS {origin}; Linux: systemctl edit ollama)"
        ),
        Some(1234) => "switch on “Enable CORS” in LM Studio, or run: lms server start --cors".to_owned(),
        Some(8080) => format!(
            "start llama-server with --cors-origins {origin} --cors-headers authorization,content-type"
        ),
        Some(_) | None => {
            format!("allow {origin} in its CORS settings, or use a service that does")
        }
    }
}

#[cfg(test)]
mod tests;
