//! The list of chats: one line each, and the title a chat gets from its first words.

use std::cmp::Reverse;

use super::{Model, Settings};
use crate::sync::{ChatScope, Id, Record};

/// Title of a chat in which nothing has been said.
pub const UNTITLED: &str = "New chat";

/// Title of a chat whose record is gone or has not come yet.
pub const RECOVERED: &str = "Recovered chat";

/// Longest title made from a text, in characters.
const TITLE_MAX: usize = 48;

/// One line of the chat list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatSummary {
    /// Its id; the address of the chat.
    pub id: Id,
    /// The title, or a stand-in.
    pub title: String,
    /// Last activity, Unix milliseconds; the list is sorted by it, newest first.
    pub active_ms: u64,
    /// Pinned to the top.
    pub pinned: bool,
    /// Who answers here, if not the global setting.
    pub model: Option<Model>,
    /// The id of the model there, if not the global setting for that source.
    pub model_id: Option<String>,
    /// System prompt here, if not the global setting; may be empty, which means none.
    pub system: Option<String>,
    /// The chat's own record is gone or has not come yet, but messages of it are here.
    pub recovered: bool,
    /// Whether it takes part in sync; this device's choice.
    pub scope: ChatScope,
}

impl ChatSummary {
    /// The line of a chat. `first_text` is what the person said first, for a title where none was
    /// given.
    #[must_use]
    pub fn from_record(id: &Id, record: Option<&Record>, active_ms: u64, first_text: Option<&str>) -> Self {
        let record = record.filter(|record| !record.is_deleted());
        let text = |field: &str| record.and_then(|record| record.text(field));
        let given = text("title").map(str::trim).filter(|title| !title.is_empty());
        let stand_in = if record.is_some() { UNTITLED } else { RECOVERED };
        Self {
            id: id.clone(),
            title: given
                .map(ToOwned::to_owned)
                .or_else(|| title_from_first_exchange(first_text?))
                .unwrap_or_else(|| stand_in.to_owned()),
            active_ms,
            pinned: record.and_then(|record| record.get("pinned")?.as_bool()).unwrap_or_default(),
            model: text("model").and_then(Model::from_name),
            model_id: text("modelId").filter(|id| !id.is_empty()).map(ToOwned::to_owned),
            system: text("system").map(ToOwned::to_owned),
            recovered: record.is_none(),
            scope: ChatScope::Synced,
        }
    }

    /// Sorts the list: pinned first, then the newest activity first.
    pub fn sort(list: &mut [Self]) {
        list.sort_by(|a, b| {
            let key = |chat: &Self| (Reverse(chat.pinned), Reverse(chat.active_ms));
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
    }
}

impl Settings {
    /// Who answers in a chat.
    #[must_use]
    pub fn model_in(&self, chat: Option<&ChatSummary>) -> Model {
        chat.and_then(|chat| chat.model).unwrap_or(self.model)
    }

    /// The id of the model that answers in a chat; empty where none is chosen or none is needed.
    #[must_use]
    pub fn model_id_in<'a>(&'a self, chat: Option<&'a ChatSummary>) -> &'a str {
        let own = chat.filter(|chat| chat.model.is_some()).and_then(|chat| chat.model_id.as_deref());
        let general = self.source(self.model_in(chat)).map_or("", |source| &source.model);
        own.unwrap_or(general).trim()
    }

    /// The system prompt in a chat; empty = none.
    #[must_use]
    pub fn system_in<'a>(&'a self, chat: Option<&'a ChatSummary>) -> &'a str {
        chat.and_then(|chat| chat.system.as_deref()).unwrap_or(&self.system_prompt).trim()
    }
}

/// A title from what was said first: its first line with words in it, without markdown, up to the
/// end of the sentence and at most 48 characters, cut between words. `None` if there is none.
#[must_use]
pub fn title_from_first_exchange(text: &str) -> Option<String> {
    let line = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("```") && !line.trim_start().starts_with("~~~"))
        .map(plain)
        .find(|line| line.chars().any(char::is_alphanumeric))
        .or_else(|| text.lines().map(plain).find(|line| !line.is_empty()))?;
    Some(cut(first_sentence(&line)))
}

/// A line without the marks of markdown, spaces folded.
fn plain(line: &str) -> String {
    let mut line = line.trim();
    loop {
        let before = line;
        line = line.trim_start_matches(['#', '>', '|']).trim_start();
        for mark in ["- ", "* ", "+ ", "[ ] ", "[x] "] {
            line = line.strip_prefix(mark).unwrap_or(line).trim_start();
        }
        if line == before {
            break;
        }
    }
    let line = without_links(line);
    let kept = line.chars().filter(|c| !matches!(c, '*' | '`') && !is_invisible(*c));
    let line: String = kept.map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let words = line.split(' ').filter(|word| !word.is_empty());
    // an underscore is a mark at the edge of a word only: snake_case stays
    let words: Vec<_> = words.map(|word| word.trim_matches('_')).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Controls, also those that turn the direction of what follows: they must not leak into the list.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{200b}')
}

/// `[text](address)` and `![text](address)` become `text`.
fn without_links(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, link)) = rest.split_once('[') {
        let Some((label, after)) = link.split_once("](") else {
            break;
        };
        let Some((_, after)) = after.split_once(')') else {
            break;
        };
        out.push_str(before.strip_suffix('!').unwrap_or(before));
        out.push_str(label);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Up to and with the first mark that ends a sentence; a full stop needs a space behind it.
fn first_sentence(line: &str) -> &str {
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_space = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        let ends = match c {
            '。' | '！' | '？' => true,
            '!' | '?' => next_is_space,
            // not after one or two words or a number: "1. Something", "Mr. Smith", "e.g. this"
            '.' => next_is_space && line[..at].chars().filter(|c| c.is_whitespace()).count() >= 2,
            _ => false,
        };
        if ends {
            let end = at + if c == '.' || c == '。' { 0 } else { c.len_utf8() };
            if end > 0 {
                return &line[..end];
            }
        }
    }
    line
}

/// At most [`TITLE_MAX`] characters, cut at a space if there is one in the second half, never
/// inside what is drawn as one character.
fn cut(line: &str) -> String {
    if line.chars().count() <= TITLE_MAX {
        return line.to_owned();
    }
    let room = line.char_indices().nth(TITLE_MAX - 1).map_or(line.len(), |(at, _)| at);
    let head = &line[..room];
    let at_space = line[room..]
        .starts_with(' ')
        .then_some(room)
        .or_else(|| head.rfind(' ').filter(|at| head[..*at].chars().count() >= TITLE_MAX / 2));
    let end = at_space.unwrap_or_else(|| whole_character(line, room));
    format!("{}…", line[..end].trim_end_matches([' ', ',', ';', ':', '-', '–']))
}

/// The last place at or before `end` that is not inside a cluster: before a combining mark, a
/// variation selector, a skin tone or a joined emoji. Flags are the known exception.
fn whole_character(line: &str, mut end: usize) -> usize {
    let joins = |c: char| {
        matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}')
    };
    loop {
        let after = line[end..].chars().next();
        let before = line[..end].chars().next_back();
        let inside = after.is_some_and(joins) || before == Some('\u{200d}');
        match before {
            Some(c) if inside => end -= c.len_utf8(),
            Some(_) | None => return end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles() {
        let long = "Please explain the difference between a mutex and a semaphore in detail";
        for (text, title) in [
            ("Hello there", Some("Hello there")),
            ("  # Heading **bold** `code`\nmore", Some("Heading bold code")),
            ("```rust\nfn main() {}\n```", Some("fn main() {}")),
            ("> quoted\n- item", Some("quoted")),
            ("- [ ] buy _milk_ and snake_case", Some("buy milk and snake_case")),
            ("See [the docs](https://x.y/z) and ![pic](a.png)!", Some("See the docs and pic!")),
            ("What is 3.14? And why?", Some("What is 3.14?")),
            ("I like tea a lot. Do you?", Some("I like tea a lot")),
            ("Mr. Smith has a question", Some("Mr. Smith has a question")),
            ("日本語です。次の文。", Some("日本語です")),
            (long, Some("Please explain the difference between a mutex…")),
            ("", None),
            (" \n\t\n", None),
            ("👋", Some("👋")),
            ("\u{202e}evil", Some("evil")),
            ("***", None),
        ] {
            assert_eq!(title_from_first_exchange(text).as_deref(), title, "{text:?}");
        }
    }

    #[test]
    fn a_title_is_never_longer_than_it_may_be_and_never_cuts_a_character() {
        let family = "👩\u{200d}👩\u{200d}👧";
        for text in [
            "x".repeat(200),
            "é".repeat(99),
            format!("{}{}", "a".repeat(46), family.repeat(9)),
            "e\u{301}".repeat(60),
        ] {
            let title = title_from_first_exchange(&text).unwrap_or_default();
            assert!(title.chars().count() <= TITLE_MAX && title.ends_with('…'), "{title}");
            assert!(!title.contains("\u{200d}…"));
        }
        let title = title_from_first_exchange(&format!("{}{family} z", "a".repeat(46))).unwrap_or_default();
        assert_eq!(title, format!("{}…", "a".repeat(46)));
        let mut rng = fastrand::Rng::with_seed(4);
        for _ in 0..20_000 {
            let text: String = (0..rng.usize(..120))
                .map(|_| {
                    *rng.choice(&[
                        'a', ' ', '\n', '#', '.', '[', ']', '(', ')', '!', '`', '👧', '\u{200d}', 'é', '。',
                    ])
                    .unwrap_or(&'x')
                })
                .collect();
            let title = title_from_first_exchange(&text).unwrap_or_default();
            assert!(title.chars().count() <= TITLE_MAX, "{text:?}");
        }
    }
}
