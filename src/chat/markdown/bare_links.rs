//! Addresses within words: `https://…`, `www.…` and mailboxes, by GitHub's rules.

use super::{Inline, links};

const STARTS: [&str; 3] = ["https://", "http://", "www."];

/// Puts words into a line, with their addresses as links.
pub(super) fn push(words: &str, to: &mut Vec<Inline>) {
    let mut from = 0;
    let mut at = 0;
    while let Some((start, end, address)) = next(words, at) {
        let Some(shown) = words.get(start..end) else { break };
        if let Some(before) = words.get(from..start).filter(|before| !before.is_empty()) {
            to.push(Inline::Text(before.to_owned()));
        }
        to.push(Inline::Link(address, vec![Inline::Text(shown.to_owned())]));
        from = end;
        at = end;
    }
    if let Some(rest) = words.get(from..).filter(|rest| !rest.is_empty()) {
        to.push(Inline::Text(rest.to_owned()));
    }
}

/// The next address: where it is, and where it leads.
fn next(words: &str, floor: usize) -> Option<(usize, usize, String)> {
    let mut at = floor;
    while let Some(rest) = words.get(at..) {
        let offset = rest.find([':', '.', '@'])?;
        let sign = at + offset;
        let found = match rest.as_bytes().get(offset) {
            Some(b'@') => mailbox(words, floor, sign),
            Some(_) => web(words, floor, sign),
            None => None,
        };
        if found.is_some() {
            return found;
        }
        at = sign + 1;
    }
    None
}

fn web(words: &str, floor: usize, sign: usize) -> Option<(usize, usize, String)> {
    let start = STARTS.iter().find_map(|start| {
        // the sign is the `:` or the first `.` of it
        let begin = sign.checked_sub(start.find([':', '.'])?)?;
        let here = words.get(begin..begin + start.len())?;
        (begin >= floor && here.eq_ignore_ascii_case(start)).then_some(begin)
    })?;
    if words.get(..start)?.chars().next_back().is_some_and(char::is_alphanumeric) {
        return None;
    }
    let rest = words.get(start..)?;
    let stop = rest.find(|c: char| c.is_whitespace() || c == '<' || c.is_control()).unwrap_or(rest.len());
    let shown = trimmed(rest.get(..stop)?);
    let address = if shown.contains("://") { shown.to_owned() } else { format!("https://{shown}") };
    let has_name = links::host(&address)?.split(['.', ':']).all(|part| !part.is_empty());
    let address = links::safe(&address).filter(|_| has_name && !shown.ends_with("://"))?;
    Some((start, start + shown.len(), address))
}

/// Without what ends a sentence, and without a bracket that was opened before it.
fn trimmed(mut shown: &str) -> &str {
    loop {
        let Some(last) = shown.chars().next_back() else { return shown };
        let opens = |open: char, close: char| shown.matches(close).count() > shown.matches(open).count();
        let goes = match last {
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | '"' | '…' | '。' | '，' | '、' => {
                true
            }
            ')' => opens('(', ')'),
            ']' => opens('[', ']'),
            '）' | '」' | '》' => true,
            _ => return shown,
        };
        if !goes {
            return shown;
        }
        shown = shown.get(..shown.len() - last.len_utf8()).unwrap_or_default();
    }
}

fn mailbox(words: &str, floor: usize, sign: usize) -> Option<(usize, usize, String)> {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let before = words.get(floor..sign)?;
    let start = sign - before.chars().rev().take_while(|c| name(*c)).count();
    let rest = words.get(sign + 1..)?;
    let domain_end =
        rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(rest.len());
    let domain = rest.get(..domain_end)?.trim_end_matches(['.', '-']);
    let has_name = domain.contains('.') && domain.split('.').all(|part| !part.is_empty());
    let shown = words.get(start..sign + 1 + domain.len())?;
    (start < sign && has_name).then(|| (start, start + shown.len(), format!("mailto:{shown}")))
}
