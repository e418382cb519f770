//! The address of an OpenAI-compatible server, as people type it.

use std::fmt;

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
    /// Reads an address with or without a slash at its end, `/chat/completions` or `/models`.
    /// One without any path gets `/v1`, where nearly all servers answer; who needs the root types
    /// `/chat/completions` behind it.
    ///
    /// # Errors
    /// The text is no usable address.
    pub fn parse(text: &str) -> Result<Self, BadUrl> {
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
        let operation = ["chat/completions", "completions", "models"]
            .into_iter()
            .find_map(|end| path.strip_suffix(end).filter(|rest| rest.is_empty() || rest.ends_with('/')));
        let base = operation.unwrap_or(path).trim_end_matches('/');
        let path = match base {
            "" if operation.is_none() => "/v1".to_owned(),
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

    /// Where to post a conversation.
    #[must_use]
    pub fn chat_url(&self) -> String {
        self.url("/chat/completions")
    }

    /// Where to ask which models there are.
    #[must_use]
    pub fn models_url(&self) -> String {
        self.url("/models")
    }

    fn url(&self, operation: &str) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!("{scheme}://{}{}{operation}{}", self.host, self.path, self.query)
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

    /// Whether it is OpenAI's own, which answers nobody without a key.
    #[must_use]
    pub fn is_openai(&self) -> bool {
        self.host == "api.openai.com"
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
            ("https://x.test/mymodels", "https://x.test/mymodels/chat/completions"),
        ] {
            assert_eq!(
                Endpoint::parse(typed).map(|endpoint| endpoint.chat_url()),
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
            assert_eq!(Endpoint::parse(typed), Err(error), "{typed}");
        }
    }

    #[test]
    fn servers_on_this_device_are_told_from_others() {
        let is_loopback = |typed| Endpoint::parse(typed).is_ok_and(|endpoint| endpoint.is_loopback());
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
