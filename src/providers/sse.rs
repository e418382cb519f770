//! Server-sent events over bytes that are cut anywhere, after the WHATWG standard.
//!
//! Promises: the events do not depend on how the bytes were cut; invalid UTF-8 becomes U+FFFD and
//! stops nothing; a line or an event never grows beyond a limit. `retry` is ignored, as nothing
//! reconnects here.

/// Longest line and longest event, in bytes.
const SIZE_MAX: usize = 8 * 1024 * 1024;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its type; `message` where none was given.
    pub name: String,
    /// Its data lines, joined by line feeds; may be empty.
    pub data: String,
    /// The last id seen; empty where there was none.
    pub id: String,
}

/// A line or an event is longer than anything sensible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// The parser of one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parser {
    /// The bytes of the line that has not ended yet.
    line: Vec<u8>,
    /// The last byte was a CR, so a LF now belongs to it.
    after_cr: bool,
    /// A line has been seen, so a BOM is no longer one.
    started: bool,
    name: String,
    data: Option<String>,
    id: String,
}

impl Parser {
    /// Takes the next bytes and gives the events that they complete.
    ///
    /// # Errors
    /// A line or an event is too long; the rest of the stream makes no sense after that.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        while let Some(first) = bytes.first() {
            if self.after_cr && *first == b'\n' {
                self.after_cr = false;
                bytes = &bytes[1..];
                continue;
            }
            self.after_cr = false;
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &bytes[..end.unwrap_or(bytes.len())];
            if self.line.len() + part.len() > SIZE_MAX {
                return Err(TooLong);
            }
            self.line.extend_from_slice(part);
            let Some(end) = end else { break };
            self.after_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            events.extend(self.end_line()?);
        }
        Ok(events)
    }

    /// Ends the stream. The standard drops an event without the empty line behind it; here it is
    /// given, as some servers forget that line. The caller decides whether its data is whole.
    ///
    /// # Errors
    /// The event is too long.
    pub fn end(mut self) -> Result<Option<Event>, TooLong> {
        if !self.line.is_empty()
            && let Some(event) = self.end_line()?
        {
            return Ok(Some(event));
        }
        Ok(self.dispatch())
    }

    fn end_line(&mut self) -> Result<Option<Event>, TooLong> {
        let bytes = std::mem::take(&mut self.line);
        let starts = !std::mem::replace(&mut self.started, true);
        let bytes = bytes.strip_prefix(BOM).filter(|_| starts).unwrap_or(&bytes);
        if bytes.is_empty() {
            return Ok(self.dispatch());
        }
        let line = String::from_utf8_lossy(bytes);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                let data = self.data.get_or_insert_default();
                if data.len() + value.len() > SIZE_MAX {
                    return Err(TooLong);
                }
                data.push_str(value);
                data.push('\n');
            }
            "event" => value.clone_into(&mut self.name),
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            // also the empty field of a comment
            _ => {}
        }
        Ok(None)
    }

    fn dispatch(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        let mut data = self.data.take()?;
        data.pop();
        Some(Event {
            name: if name.is_empty() { "message".to_owned() } else { name },
            data,
            id: self.id.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn parse(chunks: &[&[u8]]) -> Vec<(String, String, String)> {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        for chunk in chunks {
            events.extend(parser.push(chunk).unwrap());
        }
        events.extend(parser.end().unwrap());
        events.into_iter().map(|event| (event.name, event.data, event.id)).collect()
    }

    fn data(text: &str) -> Vec<String> {
        parse(&[text.as_bytes()]).into_iter().map(|event| event.1).collect()
    }

    #[test]
    fn the_standard_examples() {
        assert_eq!(data("data: YHOO\ndata: +2\ndata: 10\n\n"), ["YHOO\n+2\n10"]);
        assert_eq!(data("data\n\ndata\ndata\n\ndata:"), ["", "\n", ""]);
        assert_eq!(data("data:test\n\ndata: test\n\n"), ["test", "test"]);
        assert_eq!(data(": test stream\n\ndata:  first\n\n"), [" first"]);
        let events = parse(&[b"id: 1\nevent: add\ndata: x\n\nid: a\0b\nevent: gone\n\nid\ndata: y\n\n"]);
        let event = |name: &str, data: &str, id: &str| (name.to_owned(), data.to_owned(), id.to_owned());
        assert_eq!(events, [event("add", "x", "1"), event("message", "y", "")]);
    }

    #[test]
    fn line_ends_of_every_kind_and_a_bom() {
        for end in ["\n", "\r", "\r\n"] {
            let text = format!("\u{feff}data: a{end}data: b{end}{end}data: \u{feff}c{end}{end}");
            assert_eq!(data(&text), ["a\nb", "\u{feff}c"], "{end:?}");
        }
        assert_eq!(data("data: a\r\n\rdata: b\n\r\n"), ["a", "b"]);
        assert_eq!(data("\u{feff}\u{feff}data: a\n\ndata: b\n\n"), ["b"]);
        assert_eq!(data("data: a\n\n\u{feff}data: b\n\n"), ["a"]);
    }

    #[test]
    fn cuts_and_empty_chunks_do_not_matter_and_bad_bytes_are_replaced() {
        let text = "\u{feff}event: x\r\ndata: 日本\r\ndata: 👋\r\r\n: c\n\ndata:{\"a\":1}\n".as_bytes();
        let whole = parse(&[text]);
        assert_eq!(whole.len(), 2);
        for first in 0..=text.len() {
            for second in first..=text.len() {
                assert_eq!(parse(&[&text[..first], b"", &text[first..second], &text[second..]]), whole);
            }
        }
        assert_eq!(parse(&[b"data: a\xffb\n\n"])[0].1, "a\u{fffd}b");
    }

    #[test]
    fn a_line_or_an_event_without_end_is_refused() {
        let mut parser = Parser::default();
        let chunk = vec![b'x'; 1024 * 1024];
        let pushed = (0..9).map(|_| parser.push(&chunk)).find_map(Result::err);
        assert_eq!(pushed, Some(TooLong));
        let mut parser = Parser::default();
        let mut line = b"data: ".to_vec();
        line.extend_from_slice(&chunk);
        line.push(b'\n');
        let pushed = (0..9).map(|_| parser.push(&line)).find_map(Result::err);
        assert_eq!(pushed, Some(TooLong));
    }
}
