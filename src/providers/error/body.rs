//! What the body of an error says: every server has its own form, and codes that mean little.

use serde_json::Value;

use super::super::ApiKey;
use super::ProviderError;

/// Longest text of a provider that is passed on, in characters.
const TEXT_MAX: usize = 200;

/// What of an error body is understood.
#[derive(Default)]
pub(super) struct Body {
    text: String,
    /// `type` and `code` in small letters.
    kind: String,
    /// A code that is an HTTP status, also as text.
    pub(super) status: Option<u16>,
    param: Option<String>,
    used: Option<u64>,
    limit: Option<u64>,
    wait_ms: Option<u64>,
    is_page: bool,
}

impl Body {
    /// The text of a body, of whatever form.
    pub(super) fn parse(text: &str, key: &ApiKey) -> Self {
        let start = text.trim_start_matches('\u{feff}').trim_start();
        match serde_json::from_str(start) {
            Ok(value) => Self::from_value(&value, key),
            Err(_) => Self { is_page: start.starts_with('<'), text: clean(start, key), ..Self::default() },
        }
    }

    /// `{error: {message, type, code, param}}`, `{error: text}`, `{message}`, `{detail}`, or any of
    /// these in a list of one.
    pub(super) fn from_value(value: &Value, key: &ApiKey) -> Self {
        let value = value.as_array().and_then(|list| list.first()).unwrap_or(value);
        let error = value.get("error").filter(|error| error.is_object()).unwrap_or(value);
        let detail = value.get("detail");
        let first = detail.and_then(|detail| detail.get(0));
        let texts = [
            error.get("message"),
            value.get("error"),
            detail,
            first.and_then(|first| first.get("msg")),
            Some(value),
        ];
        let text = texts.into_iter().flatten().find_map(Value::as_str);
        let text = text.map_or_else(|| value.to_string(), ToOwned::to_owned);
        let code = error.get("code");
        let status = code.and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
        let details = error.get("details").and_then(Value::as_array);
        let detail_text = |name: &str| details?.iter().find_map(|one| one.get(name)?.as_str());
        let names = ["type", "code", "status"].map(|name| error.get(name).and_then(Value::as_str));
        let names = names.into_iter().chain([detail_text("reason")]).flatten().collect::<Vec<_>>();
        let delay = detail_text("retryDelay").and_then(|delay| delay.strip_suffix('s')?.parse().ok());
        let location = first.and_then(|first| first.get("loc")?.as_array()?.last()?.as_str());
        let param = error.get("param").and_then(Value::as_str).or(location);
        Self {
            kind: names.join(" ").to_ascii_lowercase(),
            status: status.and_then(|status| u16::try_from(status).ok()),
            param: param.or_else(|| quoted_param(&text)).map(|param| clean(param, key)),
            used: error.get("n_prompt_tokens").and_then(Value::as_u64),
            limit: error.get("n_ctx").and_then(Value::as_u64),
            wait_ms: delay.and_then(millis),
            text: clean(&text, key),
            is_page: false,
        }
    }

    /// What to do about it. A status of 0 means that there was none.
    pub(super) fn classify(self, status: u16, key: &ApiKey) -> ProviderError {
        let text = self.text.to_ascii_lowercase();
        let kind = |names: &[&str]| names.iter().any(|name| self.kind.contains(name));
        let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
        let trouble = ProviderError::Overloaded { status: (status >= 400).then_some(status) };
        if self.is_page {
            return if status >= 500 { trouble } else { ProviderError::BadEndpoint };
        }
        if says(&["cors requests"]) {
            return ProviderError::NoWebPages;
        }
        // a limit that says when to come back is no empty account
        let is_empty = self.wait_ms.is_none() && says(NO_CREDIT);
        if status == 402 || is_empty || kind(&["insufficient_quota", "billing", "insufficient_balance"]) {
            return ProviderError::NoCredit;
        }
        if status == 429 || kind(&["rate_limit", "throttling", "resource_exhausted"]) {
            return ProviderError::RateLimited { retry_after_ms: self.wait_ms.or_else(|| wait_in(&text)) };
        }
        if status == 413 || kind(&["context_length", "exceed_context", "request_too_large"]) || says(TOO_LONG)
        {
            let figures = self.used.zip(self.limit).or_else(|| figures_in(&text));
            return ProviderError::TooLong {
                used: figures.map(|(used, _)| used),
                limit: figures.map(|(_, limit)| limit),
            };
        }
        if status == 401 || kind(BAD_KEY_KINDS) || says(BAD_KEY) {
            return if key.is_empty() { ProviderError::NoKey } else { ProviderError::BadKey };
        }
        if kind(&["content_filter", "content_policy", "moderation"]) || says(BLOCKED) {
            return ProviderError::Blocked;
        }
        let is_of_model = text.contains("model") && (says(UNKNOWN) || kind(&["not_found_error"]));
        if status < 500 && (kind(&["model_not_found"]) || is_of_model) {
            return ProviderError::UnknownModel;
        }
        match status {
            408 | 500.. => trouble,
            _ if kind(&["overloaded", "unavailable", "server_error", "api_error", "timeout_error"]) => {
                trouble
            }
            404 | 405 => ProviderError::BadEndpoint,
            400 | 422 => ProviderError::Rejected { param: self.param, text: self.text },
            _ => ProviderError::Other { text: self.text },
        }
    }
}

const NO_CREDIT: &[&str] = &[
    "exceeded your current quota",
    "insufficient balance",
    "insufficient credit",
    "requires more credits",
    "credit balance is too low",
];
const TOO_LONG: &[&str] = &[
    "context length",
    "context size",
    "context window",
    "contextwindowexceeded",
    "maximum context",
    "prompt is too long",
    "request too large",
    "maximum number of tokens allowed",
    "exceed context limit",
];
const BAD_KEY_KINDS: &[&str] = &["invalid_api_key", "api_key_invalid", "authentication", "auth_error"];
const BAD_KEY: &[&str] = &[
    "incorrect api key",
    "invalid api key",
    "api key not valid",
    "api key expired",
    // what Google says to those without one
    "unregistered callers",
];
const BLOCKED: &[&str] = &["input was flagged", "content management policy", "safety system"];
const UNKNOWN: &[&str] = &[
    "not found",
    "not exist",
    "invalid model",
    "unknown model",
    "not a valid model",
    "no such model",
    "not supported for",
    "have access to",
];

/// A text from outside for people: one line, without the key, not too long.
fn clean(text: &str, key: &ApiKey) -> String {
    let text = key.scrub(text);
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= TEXT_MAX {
        return line;
    }
    let head: String = line.chars().take(TEXT_MAX - 1).collect();
    format!("{}…", head.trim_end())
}

/// The name in `Unsupported parameter: 'max_tokens'` and the like.
fn quoted_param(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("arameter")?;
    let (_, rest) = rest.split_once(['\'', '`', '"'])?;
    let (name, _) = rest.split_once(['\'', '`', '"'])?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

/// What is used and what fits, in a text that names both: the two first large numbers.
fn figures_in(text: &str) -> Option<(u64, u64)> {
    let digits = |c: char| !c.is_ascii_digit();
    let mut numbers =
        text.split(digits).filter_map(|number| number.parse::<u64>().ok()).filter(|n| *n >= 256);
    let (first, second) = (numbers.next()?, numbers.next()?);
    (first != second).then_some((first.max(second), first.min(second)))
}

/// The wait in `try again in 20s`, `in 6m0s`, `in 1.5 seconds`, `in 250ms`.
fn wait_in(text: &str) -> Option<u64> {
    let (_, mut rest) = text.split_once("again in ")?;
    let mut sum = 0.0;
    let mut found = false;
    loop {
        let number = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let Ok(value) = rest[..number].trim_end_matches('.').parse::<f64>() else {
            break;
        };
        let unit = rest[number..].trim_start();
        let length = unit.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit.len());
        sum += value
            * match &unit[..length] {
                "ms" | "milliseconds" => 0.001,
                "m" | "min" | "minute" | "minutes" => 60.0,
                "h" | "hour" | "hours" => 3600.0,
                _ => 1.0,
            };
        found = true;
        rest = &unit[length..];
    }
    if found { millis(sum) } else { None }
}

/// Seconds as milliseconds, for waits up to a day.
pub(super) fn millis(seconds: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    (0.0..=86_400.0).contains(&seconds).then(|| (seconds * 1000.0).ceil() as u64)
}
