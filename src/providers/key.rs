//! The API key: a secret that has no way into a record, a log or an error.

use std::fmt;

/// An API key. It is not `Serialize`, and `Debug` shows its end only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// A key as typed or pasted; spaces around it are dropped.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// Whether there is none, so that no header for one is sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it can be a header's value: anything else was pasted wrongly.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        self.0.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// What a person may see of it: the last four characters of one that is long enough.
    #[must_use]
    pub fn masked(&self) -> String {
        let count = self.0.chars().count();
        let shown = if count >= 12 { 4 } else { 0 };
        let end: String = self.0.chars().skip(count - shown).collect();
        if count == 0 { end } else { format!("…{end}") }
    }

    /// The key itself. For its header and for the place on this device where keys
    /// are kept, nothing else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A text from outside with the key taken out, should it be quoted there, and with whatever
    /// looks like a key of the kinds `sk-…` and `AIza…`.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if self.0.len() >= 4 {
            let quoted = serde_json::Value::from(&*self.0).to_string();
            for form in [&*self.0, quoted.trim_matches('"')] {
                text = text.replace(form, "[key]");
            }
        }
        scrub_prefixed(&scrub_prefixed(&text, "sk-"), "AIza")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({})", self.masked())
    }
}

/// Takes out every word that begins like a key and has 8 characters or more behind that.
fn scrub_prefixed(text: &str, prefix: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(prefix) {
        let is_start = !rest[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        let tail = &rest[at + prefix.len()..];
        let length = tail
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*')))
            .unwrap_or(tail.len());
        out.push_str(&rest[..at]);
        let end = at + prefix.len() + length;
        out.push_str(if is_start && length >= 8 { "[key]" } else { &rest[at..end] });
        rest = &tail[length..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_its_end_is_shown() {
        let key = ApiKey::new(" sk-SENTINEL-0123456789abcd \n");
        assert_eq!(format!("{key:?}"), "ApiKey(…abcd)");
        assert_eq!(key.reveal(), "sk-SENTINEL-0123456789abcd");
        assert_eq!(
            (ApiKey::new("short").masked(), ApiKey::default().masked()),
            ("…".to_owned(), String::new())
        );
        assert!(!ApiKey::new("two\nlines").is_plausible() && !ApiKey::new("ключ").is_plausible());
    }

    #[test]
    fn a_quoted_key_is_taken_out() {
        let key = ApiKey::new("SENTINEL\"x");
        assert_eq!(key.scrub("bad SENTINEL\"x and SENTINEL\\\"x"), "bad [key] and [key]");
        let none = ApiKey::default();
        assert_eq!(none.scrub("Incorrect key sk-abcd**********wxyz."), "Incorrect key [key].");
        assert_eq!(none.scrub("?key=AIzaSyABCDEFG_hij-klm&x"), "?key=[key]&x");
        assert_eq!(none.scrub("a task-oriented, sk-x one"), "a task-oriented, sk-x one");
    }
}
