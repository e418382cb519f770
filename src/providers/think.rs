//! Reasoning that a model writes into its answer, as `<think>…</think>` at its very start.
//!
//! Promises: the split does not depend on how the text was cut. A tag later in the text is text:
//! someone may talk about it.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// A piece of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// What the model says.
    Text(String),
    /// What it thinks.
    Reasoning(String),
}

/// The state of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Splitter {
    /// Only spaces and the beginning of a tag so far.
    Start(String),
    /// In the tag; what may be the beginning of its end is held back.
    Inside(String),
    /// Right behind the tag, where line feeds are no part of the answer.
    Behind,
    /// All the rest is text.
    Text,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::Start(String::new())
    }
}

impl Splitter {
    /// Takes the next text and gives what is certain by now.
    pub(super) fn push(&mut self, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = text.to_owned();
        while !rest.is_empty() {
            rest = self.step(rest, &mut pieces);
        }
        pieces
    }

    /// Ends the answer: what was held back is what it looks like.
    pub(super) fn end(&mut self) -> Option<Piece> {
        match std::mem::replace(self, Self::Text) {
            Self::Start(held) => (!held.is_empty()).then_some(Piece::Text(held)),
            Self::Inside(held) => (!held.is_empty()).then_some(Piece::Reasoning(held)),
            Self::Behind | Self::Text => None,
        }
    }

    /// Consumes the text up to the next change of state and gives the rest.
    fn step(&mut self, text: String, pieces: &mut Vec<Piece>) -> String {
        match self {
            Self::Start(held) => {
                held.push_str(&text);
                let held = held.clone();
                let begin = held.trim_start();
                if let Some(rest) = begin.strip_prefix(OPEN) {
                    *self = Self::Inside(String::new());
                    return rest.to_owned();
                }
                if !OPEN.starts_with(begin) {
                    *self = Self::Text;
                    return held;
                }
                String::new()
            }
            Self::Inside(held) => {
                held.push_str(&text);
                let mut thought = std::mem::take(held);
                if let Some(end) = thought.find(CLOSE) {
                    let rest = thought[end + CLOSE.len()..].to_owned();
                    thought.truncate(end);
                    *self = Self::Behind;
                    push_some(pieces, Piece::Reasoning, thought);
                    return rest;
                }
                *held = thought.split_off(thought.len() - partial_end(&thought));
                push_some(pieces, Piece::Reasoning, thought);
                String::new()
            }
            Self::Behind => {
                let rest = text.trim_start();
                if !rest.is_empty() {
                    *self = Self::Text;
                }
                rest.to_owned()
            }
            Self::Text => {
                push_some(pieces, Piece::Text, text);
                String::new()
            }
        }
    }
}

fn push_some(pieces: &mut Vec<Piece>, make: fn(String) -> Piece, text: String) {
    if !text.is_empty() {
        pieces.push(make(text));
    }
}

/// How many bytes at the end may be the beginning of the closing tag.
fn partial_end(text: &str) -> usize {
    (1..CLOSE.len()).rev().find(|length| text.ends_with(&CLOSE[..*length])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(chunks: &[&str]) -> (String, String) {
        let (mut text, mut reasoning) = (String::new(), String::new());
        let mut splitter = Splitter::default();
        let mut pieces: Vec<_> = chunks.iter().flat_map(|chunk| splitter.push(chunk)).collect();
        pieces.extend(splitter.end());
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text.push_str(&piece),
                Piece::Reasoning(piece) => reasoning.push_str(&piece),
            }
        }
        (text, reasoning)
    }

    #[test]
    fn reasoning_is_split_off_wherever_the_text_is_cut() {
        for (answer, text, reasoning) in [
            ("<think>a < b</think>\n\nYes <think>", "Yes <think>", "a < b"),
            (" \n<think>\nhm\n</think>4", "4", "\nhm\n"),
            ("<think></think>x", "x", ""),
            ("<think>never </thin", "", "never </thin"),
            ("<think>é</</think>ü", "ü", "é</"),
            ("  <thin ice", "  <thin ice", ""),
            ("<thi", "<thi", ""),
            (" plain <think>x</think>", " plain <think>x</think>", ""),
            ("", "", ""),
        ] {
            let expected = (text.to_owned(), reasoning.to_owned());
            for first in (0..=answer.len()).filter(|at| answer.is_char_boundary(*at)) {
                for second in (first..=answer.len()).filter(|at| answer.is_char_boundary(*at)) {
                    let chunks = [&answer[..first], &answer[first..second], &answer[second..]];
                    assert_eq!(split(&chunks), expected, "{chunks:?}");
                }
            }
        }
    }
}
