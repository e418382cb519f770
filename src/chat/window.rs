//! How much of a chat a model gets to read for its next answer.
//!
//! Promises: the message to be answered is always sent, the system prompt too; what is left out is
//! the oldest, and what is sent begins with the person where it can. Tokens are estimated, as no two
//! models count alike.

use std::fmt;

use super::{Speaker, Turn};

/// How many of the earlier messages are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// All of them.
    #[default]
    All,
    /// The last so many, the new one counted.
    Messages(u32),
    /// The last that are about so many tokens together.
    Tokens(u32),
}

impl Window {
    /// What is offered.
    pub const OFFERED: &'static [Self] = &[
        Self::All,
        Self::Messages(1),
        Self::Messages(5),
        Self::Messages(11),
        Self::Messages(21),
        Self::Messages(51),
        Self::Tokens(2_000),
        Self::Tokens(8_000),
        Self::Tokens(32_000),
        Self::Tokens(128_000),
    ];

    /// The text in the record.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Messages(count) => format!("messages:{count}"),
            Self::Tokens(count) => format!("tokens:{count}"),
        }
    }

    /// The value of a text; `None` for one this build does not know.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let count = |text: &str| text.parse().ok().filter(|count| *count > 0);
        match name.split_once(':') {
            None if name == "all" => Some(Self::All),
            Some(("messages", text)) => count(text).map(Self::Messages),
            Some(("tokens", text)) => count(text).map(Self::Tokens),
            None | Some(_) => None,
        }
    }

    /// What of a prompt is sent.
    #[must_use]
    pub fn cut(self, turns: Vec<Turn>) -> Vec<Turn> {
        let fits = |turns: &[Turn]| match self {
            Self::All => true,
            Self::Messages(count) => turns.len() <= usize::try_from(count).unwrap_or(usize::MAX),
            Self::Tokens(count) => turns.iter().map(tokens).sum::<u64>() <= u64::from(count),
        };
        let spoken = turns.iter().take_while(|turn| turn.role == Speaker::System).count();
        let last = turns.len().saturating_sub(1);
        let mut from = spoken;
        while from < last && turns.get(from..).is_some_and(|rest| !fits(rest)) {
            from += 1;
        }
        // an answer without its question makes little sense
        while from > spoken
            && from < last
            && turns.get(from).is_some_and(|turn| turn.role == Speaker::Assistant)
        {
            from += 1;
        }
        let mut at = 0;
        let mut kept = turns;
        kept.retain(|_| {
            at += 1;
            at <= spoken || at > from
        });
        kept
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("The whole chat"),
            Self::Messages(1) => f.write_str("Only the new message"),
            Self::Messages(count) => write!(f, "The new message and the {} before it", count - 1),
            Self::Tokens(count) => {
                write!(f, "The last {} tokens, about {} words", grouped(*count), grouped(count / 4 * 3))
            }
        }
    }
}

/// About how many tokens a turn has: four bytes each, which is near for English and code, and one
/// for each character of scripts whose characters are words or syllables.
fn tokens(turn: &Turn) -> u64 {
    let (mut bytes, mut wide) = (0_u64, 0_u64);
    for c in turn.text.chars() {
        if u32::from(c) >= 0x2e80 {
            wide += 1;
        } else {
            bytes += c.len_utf8() as u64;
        }
    }
    // who speaks costs a few
    4 + bytes.div_ceil(4) + wide
}

/// A number with commas.
fn grouped(number: u32) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1_000), number % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(count: usize) -> Vec<Turn> {
        let spoken = (0..count).map(|at| {
            let role = if at % 2 == 0 { Speaker::User } else { Speaker::Assistant };
            Turn::new(role, format!("{at:04}"))
        });
        [Turn::new(Speaker::System, "sys")].into_iter().chain(spoken).collect()
    }

    fn sent(window: Window, turns: Vec<Turn>) -> String {
        window.cut(turns).iter().map(|turn| turn.text.trim_start_matches("000")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_oldest_are_left_out_and_the_question_never_is() {
        assert_eq!(sent(Window::All, chat(5)), "sys 0 1 2 3 4");
        assert_eq!(sent(Window::Messages(3), chat(5)), "sys 2 3 4");
        assert_eq!(sent(Window::Messages(4), chat(5)), "sys 2 3 4", "no answer without its question");
        assert_eq!(sent(Window::Messages(1), chat(5)), "sys 4");
        assert_eq!(sent(Window::Messages(9), chat(5)), "sys 0 1 2 3 4");
        // each turn is five tokens
        assert_eq!(sent(Window::Tokens(15), chat(5)), "sys 2 3 4");
        assert_eq!(sent(Window::Tokens(14), chat(5)), "sys 4");
        assert_eq!(sent(Window::Tokens(1), chat(5)), "sys 4");
        assert_eq!(sent(Window::Tokens(1), Vec::new()), "");
        assert_eq!(sent(Window::Messages(1), chat(0)), "sys");
        let greeted = vec![Turn::new(Speaker::Assistant, "hi"), Turn::new(Speaker::User, "x")];
        assert_eq!(sent(Window::Messages(2), greeted), "hi x");
    }

    #[test]
    fn names_come_back_and_labels_are_plain() {
        for window in Window::OFFERED {
            assert_eq!(Window::from_name(&window.name()), Some(*window));
        }
        for bad in ["", "everything", "messages", "messages:0", "messages:x", "tokens:-1", "days:3"] {
            assert_eq!(Window::from_name(bad), None, "{bad}");
        }
        assert_eq!(Window::Tokens(128_000).to_string(), "The last 128,000 tokens, about 96,000 words");
        assert_eq!(Window::Messages(21).to_string(), "The new message and the 20 before it");
    }

    #[test]
    fn tokens_are_estimated_for_every_script() {
        for (text, count) in [("", 4), ("word word word!!", 8), ("日本語", 7), ("naïve", 6)] {
            assert_eq!(tokens(&Turn::new(Speaker::User, text)), count, "{text}");
        }
    }
}
