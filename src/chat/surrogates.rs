//! JSON that JavaScript wrote may hold half characters: a text cut between two UTF-16 units ends
//! in an escape like `\ud83d` with no partner, which strict readers refuse as a whole.

use std::borrow::Cow;

/// The JSON with every `\uXXXX` escape of a half character that has no partner replaced by what
/// `replacement` says for it (must be valid inside a JSON string).
pub(crate) fn replace_lone(json: &str, mut replacement: impl FnMut(u16) -> String) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = json[at..].find('\\') {
        let start = at + found;
        let Some(unit) = escape(json, start) else {
            // another escape, like `\\` or `\"`: both of its bytes, if the second is ASCII
            at = (start + 1..=json.len())
                .find(|end| *end > start + 1 && json.is_char_boundary(*end))
                .unwrap_or(json.len());
            continue;
        };
        let is_high = (0xd800..0xdc00).contains(&unit);
        let is_low = (0xdc00..0xe000).contains(&unit);
        let partner = escape(json, start + 6).filter(|unit| (0xdc00..0xe000).contains(unit));
        at = start + 6;
        if is_high && partner.is_some() {
            at += 6;
        } else if is_high || is_low {
            out.push_str(&json[kept..start]);
            out.push_str(&replacement(unit));
            kept = at;
        }
    }
    if kept == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(&json[kept..]);
    Cow::Owned(out)
}

/// The unit of a `\uXXXX` escape that starts at `at`.
fn escape(json: &str, at: usize) -> Option<u16> {
    let hex = json.get(at..at + 6)?.strip_prefix("\\u")?;
    let is_hex = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(hex, 16).ok().filter(|_| is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_halves_without_a_partner_are_replaced() {
        for (json, clean) in [
            (r#""plain""#, r#""plain""#),
            (r#""\ud83d\ude80""#, r#""\ud83d\ude80""#),
            (r#""a\ud83d""#, r#""a?""#),
            (r#""\ude80b""#, r#""?b""#),
            (r#""\ude80\ud83d""#, r#""??""#),
            (r#""\ud83d\ud83d\ude80""#, r#""?\ud83d\ude80""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83d""#, r#""\\?""#),
            (r#""\uD83D x \u00e9""#, r#""? x \u00e9""#),
            (r#""\ud8"#, r#""\ud8"#),
            (r#""\é\ud83d""#, r#""\é?""#),
            ("\\", "\\"),
        ] {
            assert_eq!(replace_lone(json, |_| "?".to_owned()), clean, "{json}");
        }
    }
}
