//! Which parts of program text are words of the language, texts, numbers and comments. A reader of tokens by
//! families of languages, not of grammars: quick, small, and never wrong about what is there.
//!
//! Promises: the tokens of a text, put together, are the text; an unknown language is one plain token.

mod languages;

use languages::{Family, Language, find};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Everything else.
    Plain,
    /// A word of the language, or a name of an element.
    Keyword,
    /// A text.
    Text,
    /// A comment.
    Comment,
    /// A number, or a value that the language names.
    Number,
    /// A name that is called, or the name of an attribute or key.
    Name,
    /// A line that was added.
    Added,
    /// A line that was removed.
    Removed,
}

/// A token: what it is, and how many bytes of the text.
pub type Token = (Kind, usize);

/// The name of a language, as people write it; empty for none.
#[must_use]
pub fn name(language: &str) -> &str {
    find(language).map_or(language, |known| known.name)
}

/// The tokens of a text.
#[must_use]
pub fn tokens(text: &str, language: &str) -> Vec<Token> {
    let Some(language) = find(language) else { return vec![(Kind::Plain, text.len())] };
    match language.family {
        Family::Words => Reader { text, at: 0, language, done: Vec::new() }.read(),
        Family::Markup => markup(text),
        Family::Diff => diff(text),
    }
}

/// Joins equal neighbours, as each token is an element on the page.
fn push(done: &mut Vec<Token>, kind: Kind, len: usize) {
    match done.last_mut() {
        Some((last, so_far)) if *last == kind => *so_far += len,
        Some(_) | None if len > 0 => done.push((kind, len)),
        Some(_) | None => {}
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    language: &'static Language,
    done: Vec<Token>,
}

impl Reader<'_> {
    fn read(mut self) -> Vec<Token> {
        while let Some(first) = self.rest().chars().next() {
            let (kind, len) = self.token(first);
            push(&mut self.done, kind, len);
            self.at += len;
        }
        self.done
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn token(&self, first: char) -> Token {
        let rest = self.rest();
        let line_len = rest.find('\n').unwrap_or(rest.len());
        if let Some(len) = self.comment(rest, line_len) {
            return (Kind::Comment, len);
        }
        if let Some(len) = self.string(rest, first) {
            // in data, a text before a colon is a key
            let is_key = self.language.has_keys
                && rest.get(len..).is_some_and(|rest| rest.trim_start().starts_with(':'));
            return (if is_key { Kind::Name } else { Kind::Text }, len);
        }
        if first.is_ascii_digit() {
            let len = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
                .unwrap_or(rest.len());
            return (Kind::Number, len);
        }
        if is_word(first) || (first == '@' || first == '#') && rest.chars().nth(1).is_some_and(is_word) {
            return self.word(rest, first);
        }
        (Kind::Plain, first.len_utf8())
    }

    fn comment(&self, rest: &str, line_len: usize) -> Option<usize> {
        let is_start = |sign: &str| {
            // `#` within a word is none: `a#b`, `$#`
            let before = self.text.get(..self.at).and_then(|text| text.chars().next_back());
            sign != "#" || before.is_none_or(|before| before.is_whitespace() || "([{;,".contains(before))
        };
        if self.language.line_comments.iter().any(|sign| rest.starts_with(sign) && is_start(sign)) {
            return Some(line_len);
        }
        let (open, close) = self.language.block_comment?;
        let inner = rest.strip_prefix(open)?;
        Some(inner.find(close).map_or(rest.len(), |end| open.len() + end + close.len()))
    }

    fn string(&self, rest: &str, first: char) -> Option<usize> {
        let quotes = self.language.quotes;
        let long =
            ["\"\"\"", "'''"].into_iter().find(|long| quotes.contains(*long) && rest.starts_with(*long));
        if let Some(long) = long {
            let end = rest.get(3..)?.find(long).map_or(rest.len(), |end| end + 6);
            return Some(end);
        }
        if !quotes.contains(first) {
            return None;
        }
        let mut chars = rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == '\\' {
                chars.next();
            } else if c == first {
                let len = at + c.len_utf8();
                let is_letter = rest
                    .get(1..at)
                    .is_some_and(|inner| inner.chars().count() == 1 || inner.starts_with('\\'));
                return (first != '\'' || !self.language.has_lifetimes || is_letter).then_some(len);
            } else if c == '\n' && first != '`' {
                // it was no text, or is not complete
                return (first != '\'').then_some(at);
            }
        }
        (first != '\'').then_some(rest.len())
    }

    fn word(&self, rest: &str, first: char) -> Token {
        let sign_len = if is_word(first) { 0 } else { 1 };
        let inner = rest.get(sign_len..).unwrap_or_default();
        let dash = self.language.has_dashes;
        let len = inner
            .find(|c: char| !(is_word(c) || c.is_numeric() || (dash && c == '-')))
            .unwrap_or(inner.len());
        let word = inner.get(..len).unwrap_or_default();
        let len = len + sign_len;
        let after = rest.get(len..).unwrap_or_default();
        let kind = if sign_len == 1 {
            Kind::Name
        } else if self.language.is_keyword(word) {
            Kind::Keyword
        } else if languages::VALUES.contains(&word) {
            Kind::Number
        } else if after.starts_with('(') || (self.language.has_keys && after.starts_with(':')) {
            Kind::Name
        } else {
            Kind::Plain
        };
        (kind, len)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '$'
}

/// HTML, XML and what looks like them.
fn markup(text: &str) -> Vec<Token> {
    let mut done = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (kind, len) = if rest.starts_with("<!--") {
            (Kind::Comment, rest.find("-->").map_or(rest.len(), |end| end + 3))
        } else if rest.starts_with('<') {
            let end = rest.find('>').map_or(rest.len(), |end| end + 1);
            element(rest.get(..end).unwrap_or_default(), &mut done);
            rest = rest.get(end..).unwrap_or_default();
            continue;
        } else {
            (Kind::Plain, rest.find('<').unwrap_or(rest.len()))
        };
        push(&mut done, kind, len);
        rest = rest.get(len..).unwrap_or_default();
    }
    done
}

/// `<name key="value">`
fn element(text: &str, done: &mut Vec<Token>) {
    let is_name = |c: char| c.is_alphanumeric() || "-_:.".contains(c);
    let (mut at, mut is_first) = (0, true);
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let (kind, len) = if first == '"' || first == '\'' {
            let end = rest.get(1..).and_then(|inner| inner.find(first));
            (Kind::Text, end.map_or(rest.len(), |end| end + 2))
        } else if is_name(first) {
            let kind = if std::mem::take(&mut is_first) { Kind::Keyword } else { Kind::Name };
            (kind, rest.find(|c| !is_name(c)).unwrap_or(rest.len()))
        } else {
            (Kind::Plain, first.len_utf8())
        };
        push(done, kind, len);
        at += len;
    }
}

fn diff(text: &str) -> Vec<Token> {
    let mut done = Vec::new();
    for line in text.split_inclusive('\n') {
        let kind = match line.as_bytes().first() {
            Some(b'+') => Kind::Added,
            Some(b'-') => Kind::Removed,
            Some(b'@') => Kind::Comment,
            Some(_) | None => Kind::Plain,
        };
        push(&mut done, kind, line.len());
    }
    done
}
