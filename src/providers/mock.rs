//! The built-in demo: works offline, costs nothing, knows nothing and says so.
//!
//! Promises: the same conversation gets the same reply; the reply quotes what was said and tells
//! how to connect a real model; however long the message, the reply is short.

use crate::chat::{Speaker, Turn};

/// The name shown beside its answers.
pub const LABEL: &str = "Mock";

/// Longest quote, in characters.
const QUOTE_MAX: usize = 160;

/// A reply, word by word: each item is a wait in milliseconds and the text that follows it.
#[derive(Clone, Debug)]
pub struct Reply {
    rest: String,
    state: u64,
    is_first: bool,
}

/// The reply to a conversation.
#[must_use]
pub fn reply(turns: &[Turn]) -> Reply {
    let said = || turns.iter().filter(|turn| turn.role == Speaker::User);
    let message = said().next_back().map_or("", |turn| &*turn.text).trim();
    let state = said().fold(0xcbf2_9ce4_8422_2325, |state, turn| fnv1a(state, turn.text.as_bytes()));
    Reply { rest: text(message, said().count(), state), state, is_first: true }
}

impl Iterator for Reply {
    type Item = (u32, String);

    fn next(&mut self) -> Option<(u32, String)> {
        if self.rest.is_empty() {
            return None;
        }
        let rest = self.rest.split_off(word_end(&self.rest));
        let word = std::mem::replace(&mut self.rest, rest);
        self.state = fnv1a(self.state, word.as_bytes());
        let jitter = u32::try_from(self.state % 30).unwrap_or_default();
        let wait_ms = if std::mem::take(&mut self.is_first) { 250 } else { 15 + jitter };
        Some((wait_ms, word))
    }
}

/// The end of the first word with the spaces behind it; a word is cut after 24 characters, as some
/// scripts have no spaces.
fn word_end(text: &str) -> usize {
    let mut was_space = false;
    for (count, (at, c)) in text.char_indices().enumerate() {
        if (was_space && !c.is_whitespace()) || count == 24 {
            return at;
        }
        was_space = c.is_whitespace();
    }
    text.len()
}

fn fnv1a(state: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(state, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

const CONNECT: &str = "To talk to a real model, open Settings, choose OpenAI-compatible and enter an \
    address and a key. A server on this device works too, for instance Ollama at \
    http://localhost:11434/v1, without any key.";

fn text(message: &str, count: usize, state: u64) -> String {
    let quote = quote(message);
    let words = message.split_whitespace().count();
    let small = message.to_lowercase();
    let asks = |words: &[&str]| words.iter().any(|word| small.contains(word));
    if message.is_empty() {
        return format!("I am the built-in demo, so I have nothing clever to say.\n\n{CONNECT}");
    }
    if count == 1 {
        return format!(
            "Hello! I am the built-in demo, not an AI: I run inside this page and can only repeat what you said:\n\n{quote}\n\n{CONNECT}"
        );
    }
    if asks(&["help", "connect", "real model", "api key", "how do i"]) {
        return format!("Still only the demo here, but this I know:\n\n{CONNECT}\n\nYou asked:\n\n{quote}");
    }
    match state % 4 {
        0 => format!("You said:\n\n{quote}\n\nA real model would answer that. I am only the demo. {CONNECT}"),
        1 => format!(
            "Noted ({words} {}). As a demo I can\n\n1. stream words like these,\n2. be stopped with Esc,\n3. repeat you:\n\n{quote}\n\n{CONNECT}",
            if words == 1 { "word" } else { "words" }
        ),
        2 => format!(
            "Demo reply number {count}:\n\n{quote}\n\nYour message is kept on this device, whoever answers it. {CONNECT}"
        ),
        _ => format!(
            "That would be a good question for a model that can think; I am the demo that cannot.\n\n{quote}\n\n{CONNECT}"
        ),
    }
}

/// What was said, on one line and shortened.
fn quote(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(QUOTE_MAX).filter(|c| !c.is_control()).collect();
    if line.chars().count() > QUOTE_MAX {
        short = format!("{}…", short.trim_end());
    }
    format!("“{short}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(messages: &[&str]) -> Vec<(u32, String)> {
        let turns: Vec<_> = messages.iter().map(|message| Turn::new(Speaker::User, *message)).collect();
        reply(&turns).collect()
    }

    fn whole(messages: &[&str]) -> String {
        ask(messages).into_iter().map(|(_, word)| word).collect()
    }

    #[test]
    fn it_says_that_it_is_a_demo_and_how_to_connect_a_model() {
        let mut seen = std::collections::BTreeSet::new();
        for at in 0..40 {
            let message = format!("message {at}");
            let text = whole(&["first", &message]);
            assert!(
                text.to_lowercase().contains("demo")
                    && text.contains("Settings")
                    && text.contains(&format!("“{message}”")),
                "{text}"
            );
            seen.insert(text.replace(&message, ""));
        }
        assert!(seen.len() >= 4, "always the same");
        assert!(whole(&["x", "help"]).contains("OpenAI-compatible"));
        assert!(whole(&[]).contains("demo") && whole(&["  "]).contains("demo"));
    }

    #[test]
    fn it_is_the_same_every_time_and_comes_word_by_word() {
        let words = ask(&["Hello there"]);
        assert_eq!(words, ask(&["Hello there"]));
        assert!(
            words.len() > 20
                && words.iter().all(|(wait_ms, word)| *wait_ms <= 250 && word.chars().count() <= 24)
        );
        let time_ms: u32 = words.iter().map(|(wait_ms, _)| wait_ms).sum();
        assert!(time_ms < 6_000, "{time_ms}");
        assert_eq!(words[0].1, "Hello! ");
    }

    #[test]
    fn a_huge_message_gets_a_short_reply() {
        for message in ["x".repeat(1_000_000), "日本語".repeat(9_999), "```\n".repeat(999), "👩‍👩‍👧 ".repeat(500)]
        {
            for text in [whole(&[&message]), whole(&["first", &message])] {
                assert!(text.chars().count() < 1_200);
            }
        }
    }
}
