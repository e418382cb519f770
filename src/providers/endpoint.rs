//! The address of a service, as people type it.

use std::fmt;

use crate::chat::{CLAUDE_URL, GEMINI_URL, PRESETS};

/// A checked address without the part that names the operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    is_https: bool,
    /// Name and port.
    host: String,
    /// Path without a slash at its end.
    path: String,
    /// Query with its `?`, or nothing.
    query: String,
}

/// Why an address cannot be used; its text says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadUrl {
    /// Nothing was typed.
    Empty,
    /// No `https://` or `http://`.
    Scheme,
    /// No host, or characters that cannot be in one.
    Host,
    /// A name or password before the host, which browsers refuse.
    Credentials,
}

impl fmt::Display for BadUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "Type the address of the server, like https://api.openai.com/v1.",
            Self::Scheme => {
                "The address must start with https:// (or http:// for a server on this device), \
                 like http://localhost:11434/v1."
            }
            Self::Host => {
                "The address has no valid host name; it should look like https://api.openai.com/v1."
            }
            Self::Credentials => {
                "Leave the name and password out of the address and put the key into the key field."
            }
        })
    }
}

impl Endpoint {
    /// Reads an address with or without a slash at its end, `/chat/completions`, `/messages` or
    /// `/models`. One without any path gets `usual`, where nearly all servers answer; who needs the
    /// root types the operation behind it.
    ///
    /// # Errors
    /// The text is no usable address.
    pub fn parse(text: &str, usual: &str) -> Result<Self, BadUrl> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadUrl::Empty);
        }
        let (scheme, rest) = text.split_once("://").ok_or(BadUrl::Scheme)?;
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(BadUrl::Scheme),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.contains('@') {
            return Err(BadUrl::Credentials);
        }
        if !is_host(host) || rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(BadUrl::Host);
        }
        let path = path.trim_matches('/');
        let operation = ["chat/completions", "completions", "messages", "models"]
            .into_iter()
            .find_map(|end| path.strip_suffix(end).filter(|rest| rest.is_empty() || rest.ends_with('/')));
        let base = operation.unwrap_or(path).trim_end_matches('/');
        let path = match base {
            "" if operation.is_none() => usual.to_owned(),
            "" => String::new(),
            base => format!("/{base}"),
        };
        Ok(Self {
            is_https,
            host: host.to_ascii_lowercase(),
            path,
            query: if query.is_empty() { String::new() } else { format!("?{query}") },
        })
    }

    /// The address of an operation, with what it asks for besides.
    #[must_use]
    pub fn url(&self, operation: &str, query: &str) -> String {
        let base = format!("{}{}{operation}{}", self.origin(), self.path, self.query);
        match (query, self.query.is_empty()) {
            ("", _) => base,
            (query, true) => format!("{base}?{query}"),
            (query, false) => format!("{base}&{query}"),
        }
    }

    /// Scheme, host and port: a key is for one of these and no other.
    #[must_use]
    pub fn origin(&self) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!("{scheme}://{}", self.host)
    }

    /// Host and port, to name the server to people.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether the server is on this device, which even a secure page may call unencrypted.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let name = match self.host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            Some(_) | None => &self.host,
        };
        name == "localhost"
            || name.ends_with(".localhost")
            || name == "[::1]"
            || (name.starts_with("127.") && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    }

    /// Whether it is OpenAI's own.
    #[must_use]
    pub fn is_openai(&self) -> bool {
        self.host == "api.openai.com"
    }

    /// Whether it is known to answer nobody without a key.
    #[must_use]
    pub fn needs_key(&self) -> bool {
        let name = |url: &str| url.split('/').nth(2).is_some_and(|host| host == self.host);
        [CLAUDE_URL, GEMINI_URL].into_iter().any(name)
            || PRESETS.iter().any(|preset| preset.key_page.is_some() && name(preset.url))
    }

    /// The port, where it is written.
    #[must_use]
    pub(super) fn port(&self) -> Option<u16> {
        self.host.rsplit_once(':')?.1.parse().ok()
    }
}

/// A name or an address in brackets, with or without a port.
fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            if !address.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')) {
                return false;
            }
            (address, port.strip_prefix(':').or(port.is_empty().then_some("0")))
        }
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, Some("0")),
        },
    };
    let has_bad =
        name.contains(|c: char| c.is_whitespace() || c.is_control() || "\"<>\\^`{|}%,;=&$!*'()".contains(c));
    !name.is_empty() && !has_bad && port.is_some_and(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_type_them() {
        for (typed, url) in [
            ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
            (" https://api.openai.com/v1/ ", "https://api.openai.com/v1/chat/completions"),
            ("HTTPS://API.OpenAI.com", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/chat/completions"),
            ("https://api.openai.com/v1/chat/completions/", "https://api.openai.com/v1/chat/completions"),
            ("https://openrouter.ai/api/v1/models", "https://openrouter.ai/api/v1/chat/completions"),
            ("http://localhost:11434", "http://localhost:11434/v1/chat/completions"),
            ("http://[::1]:8080/v1", "http://[::1]:8080/v1/chat/completions"),
            ("https://x.test/chat/completions", "https://x.test/chat/completions"),
            ("https://x.test/a%20b//?v=1#top", "https://x.test/a%20b/chat/completions?v=1"),
            ("https://x.test/v1/messages", "https://x.test/v1/chat/completions"),
            ("https://x.test/mymodels", "https://x.test/mymodels/chat/completions"),
        ] {
            assert_eq!(
                Endpoint::parse(typed, "/v1").map(|endpoint| endpoint.url("/chat/completions", "")),
                Ok(url.to_owned()),
                "{typed}"
            );
        }
        for (typed, error) in [
            ("  ", BadUrl::Empty),
            ("localhost:1234/v1", BadUrl::Scheme),
            ("ftp://x.test", BadUrl::Scheme),
            ("javascript://x", BadUrl::Scheme),
            ("https://", BadUrl::Host),
            ("https:///v1", BadUrl::Host),
            ("https://a b/v1", BadUrl::Host),
            ("https://host:port/v1", BadUrl::Host),
            ("https://host:99999/v1", BadUrl::Host),
            ("http://[x]:1/v1", BadUrl::Host),
            ("https://me:pw@x.test/v1", BadUrl::Credentials),
        ] {
            assert_eq!(Endpoint::parse(typed, "/v1"), Err(error), "{typed}");
        }
    }

    #[test]
    fn a_key_is_for_one_origin_and_services_that_need_one_are_known() {
        let endpoint =
            |typed| Endpoint::parse(typed, "/v1").unwrap_or_else(|error| panic!("{typed}: {error}"));
        let origins: std::collections::BTreeSet<_> = [
            "https://x.test/v1",
            "http://x.test",
            "https://x.test:8443",
            "https://y.x.test",
            "https://X.test/a",
        ]
        .map(|typed| endpoint(typed).origin())
        .into();
        assert_eq!(origins.len(), 4, "{origins:?}");
        for typed in ["https://api.openai.com", "https://api.anthropic.com", "https://openrouter.ai/api/v1"] {
            assert!(endpoint(typed).needs_key(), "{typed}");
        }
        for typed in
            ["http://localhost:11434", "https://openai.com.evil.test", "https://proxy.test/api.openai.com"]
        {
            assert!(!endpoint(typed).needs_key(), "{typed}");
        }
        let with_query = endpoint("https://x.test/v1?v=1");
        assert_eq!(with_query.url("/models", "limit=9"), "https://x.test/v1/models?v=1&limit=9");
    }

    #[test]
    fn servers_on_this_device_are_told_from_others() {
        let is_loopback = |typed| Endpoint::parse(typed, "/v1").is_ok_and(|endpoint| endpoint.is_loopback());
        for typed in [
            "http://localhost:1",
            "http://127.0.0.1:8080/v1",
            "http://127.9.9.9",
            "http://[::1]",
            "http://[::1]:80",
            "http://a.localhost",
        ] {
            assert!(is_loopback(typed), "{typed}");
        }
        for typed in
            ["http://192.168.0.2:1", "http://localhost.evil.test", "http://127.evil.test", "http://[::2]:1"]
        {
            assert!(!is_loopback(typed), "{typed}");
        }
    }
}
