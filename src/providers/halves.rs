//! Characters cut in half: relays written in JavaScript cut text between UTF-16 units, so that one
//! JSON string ends in `\ud83d` and the next begins with `\ude80`. A strict JSON reader refuses
//! both; here they are joined again.

use crate::chat::surrogates::replace_lone;
use serde_json::Value;

/// Stands before the four hex digits of a half in a text; no character of any text.
const MARK: char = '\u{fdd0}';

/// Reads JSON. Half characters are marked in it, for [`Joiner`] to put together.
pub(super) fn parse(json: &str) -> Option<Value> {
    serde_json::from_str(json).ok().or_else(|| {
        let marked = replace_lone(json, |half| format!("{MARK}{half:04x}"));
        serde_json::from_str(&marked).ok()
    })
}

/// Joins the halves in the texts of one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Joiner {
    /// The first half of a character whose second half may be the next thing to come.
    first: Option<u16>,
}

impl Joiner {
    /// The next text, with halves joined; a half without its other becomes U+FFFD.
    pub(super) fn push(&mut self, text: &str) -> String {
        if self.first.is_none() && !text.contains(MARK) {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(half) = marked(rest) {
                rest = &rest[MARK.len_utf8() + 4..];
                match (self.first.take(), (0xd800..0xdc00).contains(&half)) {
                    (None, true) => self.first = Some(half),
                    (None, false) => out.push(char::REPLACEMENT_CHARACTER),
                    (Some(_), true) => {
                        out.push(char::REPLACEMENT_CHARACTER);
                        self.first = Some(half);
                    }
                    (Some(first), false) => out.push_str(&String::from_utf16_lossy(&[first, half])),
                }
                continue;
            }
            out.extend(self.end());
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
        out
    }

    /// Nothing more comes: a first half that waits is lost.
    pub(super) fn end(&mut self) -> Option<char> {
        self.first.take().map(|_| char::REPLACEMENT_CHARACTER)
    }
}

/// The half that a text begins with.
fn marked(text: &str) -> Option<u16> {
    let hex = text.strip_prefix(MARK)?.get(..4)?;
    u16::from_str_radix(hex, 16).ok().filter(|half| (0xd800..0xe000).contains(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(strings: &[&str]) -> String {
        let mut joiner = Joiner::default();
        let texts = strings.iter().filter_map(|string| parse(&format!("\"{string}\"")));
        let mut out: String = texts.filter_map(|text| text.as_str().map(|text| joiner.push(text))).collect();
        out.extend(joiner.end());
        out
    }

    #[test]
    fn halves_are_joined_over_strings_and_lost_ones_are_replaced() {
        for (strings, text) in [
            (&["a\\ud83d", "\\ude80b"][..], "a🚀b"),
            (&["\\ud83d", "", "\\ude80"], "🚀"),
            (&["\\ud83d\\ude80", "x"], "🚀x"),
            (&["a\\ud83d", "b"], "a\u{fffd}b"),
            (&["\\ude80"], "\u{fffd}"),
            (&["\\ud83d", "\\ud83d", "\\ude80"], "\u{fffd}🚀"),
            (&["x\\ud83d"], "x\u{fffd}"),
            (&["\u{fdd0}", "\u{fdd0}zzzz", "\u{fdd0}0041"], "\u{fdd0}\u{fdd0}zzzz\u{fdd0}0041"),
        ] {
            assert_eq!(join(strings), text, "{strings:?}");
        }
        assert_eq!(parse("{broken"), None);
    }
}
