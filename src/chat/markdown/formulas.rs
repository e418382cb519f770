//! Finds formulas before Markdown is read, as their `_`, `*` and `\` mean something else there, and puts a
//! mark in the place of each. Where a mark turns up in code, the formula was none and its source comes back.
//!
//! Promises: `$5 and $10` is no formula; a formula has no empty line and no backtick in it, so that none
//! reaches over a place where the text can be cut.

use std::rc::Rc;

use super::{Formula, Inline};

/// What encloses the number of a formula; for private use, so in no text but by intent.
const OPEN: char = '\u{f8f0}';
const CLOSE: char = '\u{f8f1}';
/// Of both, in UTF-8.
const FIRST_BYTE: u8 = 0xef;
/// A longer formula is text.
const LEN_MAX: usize = 4_000;

/// A text with marks in the place of its formulas.
pub(super) struct Marked {
    pub(super) text: String,
    formulas: Vec<Formula>,
    /// For each formula: where its mark ends, and how many bytes the text up to there lost.
    lost: Vec<(usize, isize)>,
}

impl Marked {
    pub(super) fn new(text: &str) -> Self {
        let mut marked =
            Self { text: String::with_capacity(text.len()), formulas: Vec::new(), lost: Vec::new() };
        let bytes = text.as_bytes();
        let (mut from, mut at) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            let found = match *byte {
                b'$' => dollars(text, at),
                b'\\' => brackets(text, at),
                FIRST_BYTE => sign(text, at),
                _ => None,
            };
            if let Some(formula) = found {
                marked.text.push_str(text.get(from..at).unwrap_or_default());
                at += formula.source.len();
                from = at;
                marked.mark(formula, at);
            } else {
                // an escaped character begins nothing
                let is_escape = *byte == b'\\' && bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation);
                at += if is_escape { 2 } else { 1 };
            }
        }
        marked.text.push_str(text.get(from..).unwrap_or_default());
        marked
    }

    fn mark(&mut self, formula: Formula, end: usize) {
        self.text.push_str(&format!("{OPEN}{}{CLOSE}", self.formulas.len()));
        self.lost.push((self.text.len(), end.cast_signed() - self.text.len().cast_signed()));
        self.formulas.push(formula);
    }

    /// The place in the original text of a place that is not within a mark.
    pub(super) fn original(&self, at: usize) -> usize {
        let before = self.lost.partition_point(|(end, _)| *end <= at);
        let lost = before.checked_sub(1).and_then(|last| self.lost.get(last)).map_or(0, |(_, lost)| *lost);
        at.saturating_add_signed(lost)
    }

    /// The pieces of a text: words and formulas.
    fn pieces<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (&'a str, Option<&'a Formula>)> {
        let mut rest = text;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let found = rest.find(OPEN).and_then(|start| {
                let after = rest.get(start + OPEN.len_utf8()..)?;
                let (number, after) = after.split_once(CLOSE)?;
                Some((rest.get(..start)?, self.formulas.get(number.parse::<usize>().ok()?)?, after))
            });
            let Some((words, formula, after)) = found else {
                return Some((std::mem::take(&mut rest), None));
            };
            rest = after;
            Some((words, Some(formula)))
        })
    }

    /// The text as it was written.
    pub(super) fn restore(&self, text: &str) -> String {
        if self.formulas.is_empty() {
            return text.to_owned();
        }
        self.pieces(text)
            .flat_map(|(words, formula)| [words, formula.map_or("", |found| &*found.source)])
            .collect()
    }

    /// A text with its formulas; `words` takes what is between them.
    pub(super) fn expand(
        &self,
        text: &str,
        mut words: impl FnMut(&str, &mut Vec<Inline>),
        to: &mut Vec<Inline>,
    ) {
        for (piece, formula) in self.pieces(text) {
            if !piece.is_empty() {
                words(piece, to);
            }
            match formula {
                Some(sign) if sign.latex.is_empty() => words(&sign.source, to),
                Some(formula) => to.push(Inline::Formula(formula.clone())),
                None => {}
            }
        }
    }
}

fn formula(
    text: &str,
    start: usize,
    open: usize,
    end: usize,
    close: usize,
    display: bool,
) -> Option<Formula> {
    let source = text.get(start..end + close)?;
    let inner = source.get(open..source.len() - close)?;
    let is_one =
        !inner.trim().is_empty() && inner.len() <= LEN_MAX && !inner.contains('`') && !has_empty_line(inner);
    is_one.then(|| Formula {
        source: Rc::from(source),
        latex: Rc::from(unquoted(text, start, inner)),
        display,
    })
}

/// One of the characters that enclose numbers, in the text itself: a formula of nothing.
fn sign(text: &str, start: usize) -> Option<Formula> {
    let found = text.get(start..)?.chars().next().filter(|found| [OPEN, CLOSE].contains(found))?;
    Some(Formula { source: Rc::from(found.to_string()), latex: Rc::from(""), display: false })
}

/// Without the `>` at the beginning of its lines, if it is in a quotation.
fn unquoted(text: &str, start: usize, inner: &str) -> String {
    let before = text.get(..start).and_then(|text| text.rsplit('\n').next()).unwrap_or_default();
    if !before.trim_start().starts_with('>') {
        return inner.to_owned();
    }
    let line = |line: &str| line.trim_start().trim_start_matches('>').trim_start().to_owned();
    inner.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn has_empty_line(text: &str) -> bool {
    let mut lines = text.split('\n');
    // the first and the last are parts of lines
    lines.next();
    lines.next_back();
    lines.any(|line| line.trim_start_matches(['>', ' ', '\t']).trim().is_empty())
}

/// `\(…\)` and `\[…\]`
fn brackets(text: &str, start: usize) -> Option<Formula> {
    let (close, display) = match text.as_bytes().get(start + 1)? {
        b'(' => ("\\)", false),
        b'[' => ("\\]", true),
        _ => return None,
    };
    let rest = near(text, start + 2)?;
    let end = rest.match_indices(close).map(|(at, _)| at).find(|at| !is_escaped(rest, *at))?;
    formula(text, start, 2, start + 2 + end, 2, display)
}

/// `$…$` and `$$…$$`
fn dollars(text: &str, start: usize) -> Option<Formula> {
    let display = text.as_bytes().get(start + 1) == Some(&b'$');
    if display {
        let rest = near(text, start + 2)?;
        let end = rest.match_indices("$$").map(|(at, _)| at).find(|at| !is_escaped(rest, *at))?;
        let inner = rest.get(..end)?;
        return formula(text, start, 2, start + 2 + end, 2, true).filter(|_| !inner.contains('$'));
    }
    let before = text.get(..start)?.chars().next_back();
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let rest = near(text, start + 1)?;
    // the next one closes it, or it is none: else a price would reach for another
    let end = rest.match_indices('$').map(|(at, _)| at).find(|at| !is_escaped(rest, *at))?;
    let inner = rest.get(..end)?;
    let after = rest.get(end + 1..)?.chars().next();
    let is_tight = !inner.starts_with(char::is_whitespace) && !inner.ends_with(char::is_whitespace);
    let ends = !after.is_some_and(|after| after.is_alphanumeric() || after == '$');
    let is_one = is_tight && ends && inner.matches('\n').count() < 3 && !is_price(inner);
    if is_one { formula(text, start, 1, start + 1 + end, 1, false) } else { None }
}

/// As much as a formula may have.
fn near(text: &str, start: usize) -> Option<&str> {
    let mut end = text.len().min(start + LEN_MAX + 2);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(start..end)
}

fn is_escaped(text: &str, at: usize) -> bool {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// `5 per month (or 50` is what stands between two prices, not a formula.
fn is_price(inner: &str) -> bool {
    let is_word = |word: &str| word.len() > 1 && word.chars().all(char::is_alphabetic);
    let words = || inner.split(|c: char| !c.is_alphanumeric() && c != '\\');
    inner.starts_with(|first: char| first.is_ascii_digit())
        && !inner.contains(['\\', '^', '_', '=', '{'])
        && words().any(is_word)
}
