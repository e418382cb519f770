//! Finds a Firebase config in whatever a person copied: JavaScript with imports, comments and
//! unquoted keys, HTML around it, or plain JSON.
//!
//! Promises: never panics and never runs anything; a value that is not a plain literal (like
//! `process.env.KEY`) is read as `null`. Comments and texts in quotes are skipped, so that a
//! commented-out config is not taken.

use serde_json::{Map, Value};

/// Fields that make an object a Firebase config, or the secret that it must not be.
const SIGNS: [&str; 4] = ["projectId", "apiKey", "emulatorHost", "private_key"];
/// Objects inside objects.
const MAX_DEPTH: usize = 8;

/// The first object in the text that has a `projectId`, else the first with another of its fields.
pub(super) fn find(text: &str) -> Option<Map<String, Value>> {
    let mut scan = Scan { rest: text };
    let mut second_best = None;
    while let Some(next) = scan.peek() {
        match next {
            '{' => {
                let object = Scan { rest: scan.rest }.object(0);
                let signs = |object: &Map<String, Value>| SIGNS.iter().any(|sign| object.contains_key(*sign));
                match object.filter(signs) {
                    Some(object) if object.contains_key("projectId") => return Some(object),
                    Some(object) => second_best = second_best.or(Some(object)),
                    None => {}
                }
                scan.next();
            }
            '"' | '\'' | '`' => {
                // outside of an object an apostrophe may be just that
                if scan.quoted().is_none() {
                    scan.next();
                }
            }
            _ => {
                if !scan.skip_comment() {
                    scan.next();
                }
            }
        }
    }
    second_best
}

/// A place in the text. What fails may leave it anywhere; callers copy it first.
struct Scan<'a> {
    rest: &'a str,
}

impl Scan<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        Some(next)
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        self.skip_space();
        (self.next()? == wanted).then_some(())
    }

    fn skip_to(&mut self, end: &str) {
        self.rest = self.rest.split_once(end).map_or("", |(_, rest)| rest);
    }

    fn skip_comment(&mut self) -> bool {
        if self.rest.starts_with("//") {
            self.skip_to("\n");
        } else if self.rest.starts_with("/*") {
            self.skip_to("*/");
        } else {
            return false;
        }
        true
    }

    fn skip_space(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.skip_comment() {
                return;
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Map<String, Value>> {
        self.take('{')?;
        let mut object = Map::new();
        loop {
            self.skip_space();
            if self.peek()? == '}' {
                self.next();
                return Some(object);
            }
            let key = match self.peek()? {
                '"' | '\'' => self.quoted()?,
                _ => self.word()?,
            };
            self.take(':')?;
            let value = self.value(depth)?;
            object.insert(key, value);
            self.skip_space();
            match self.peek()? {
                ',' => self.next(),
                '}' => continue,
                _ => return None,
            };
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_space();
        match self.peek()? {
            '"' | '\'' | '`' => self.quoted().map(Value::String),
            '{' if depth < MAX_DEPTH => self.object(depth + 1).map(Value::Object),
            '{' => None,
            _ => {
                // numbers, lists, expressions: nothing this app has a use for
                let end = self.rest.find([',', '}', '\n'])?;
                self.rest = self.rest.get(end..)?;
                Some(Value::Null)
            }
        }
    }

    fn word(&mut self) -> Option<String> {
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))?;
        let (word, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// A text in quotes of one kind, on one line.
    fn quoted(&mut self) -> Option<String> {
        let mut scan = Scan { rest: self.rest };
        let quote = scan.next()?;
        let mut text = String::new();
        loop {
            match scan.next()? {
                '\n' => return None,
                '\\' => match scan.next()? {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    other => text.push(other),
                },
                end if end == quote => break,
                other => text.push(other),
            }
        }
        self.rest = scan.rest;
        Some(text)
    }
}
