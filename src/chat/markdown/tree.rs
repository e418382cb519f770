//! From the parser's events to the tree.

use std::iter::Peekable;
use std::ops::Range;
use std::rc::Rc;

use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, OffsetIter, Options, Parser, Tag,
};

use super::formulas::Marked;
use super::{Align, Block, Inline, Item, bare_links, links};

/// What is nested deeper becomes plain text: nobody means it, and the page has to be drawn by recursion.
const DEPTH_MAX: usize = 24;

/// The blocks of a text, and where in it each begins.
pub(super) fn read(text: &str) -> Vec<(usize, Block)> {
    let marked = Marked::new(text);
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let events = Parser::new_ext(&marked.text, options).into_offset_iter().peekable();
    let mut reader = Reader { events, marked: &marked, task: None, names: Vec::new(), notes: Vec::new() };
    let mut blocks = reader.top();
    let mut notes = std::mem::take(&mut reader.notes);
    if !notes.is_empty() {
        notes.sort_by_key(|(number, _)| *number);
        blocks.push((text.len(), Block::Notes(notes)));
    }
    blocks
}

struct Reader<'a> {
    events: Peekable<OffsetIter<'a>>,
    marked: &'a Marked,
    /// A box that was seen at the beginning of an item.
    task: Option<bool>,
    /// Names of footnotes; the place of a name is its number, less one.
    names: Vec<String>,
    notes: Vec<(usize, Vec<Block>)>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<Event<'a>> {
        self.events.next().map(|(event, _)| event)
    }

    fn top(&mut self) -> Vec<(usize, Block)> {
        let mut blocks = Vec::new();
        while let Some((event, Range { start, .. })) = self.events.next() {
            let start = self.marked.original(start);
            let mut found = Vec::new();
            let mut line = Vec::new();
            self.take(event, &mut line, &mut found, 0);
            self.flush(&mut line, &mut found);
            blocks.extend(found.into_iter().map(|block| (start, block)));
        }
        blocks
    }

    /// Blocks up to the end of what they are in.
    fn blocks(&mut self, depth: usize) -> Vec<Block> {
        let (mut blocks, mut line) = (Vec::new(), Vec::new());
        while let Some(event) = self.next() {
            if let Event::End(_) = event {
                break;
            }
            self.take(event, &mut line, &mut blocks, depth);
        }
        self.flush(&mut line, &mut blocks);
        blocks
    }

    /// Words that stand in an item without a paragraph around them.
    fn flush(&mut self, line: &mut Vec<Inline>, blocks: &mut Vec<Block>) {
        if !line.is_empty() {
            let line = self.finish(std::mem::take(line), false);
            blocks.push(Block::Plain(line));
        }
    }

    fn take(&mut self, event: Event<'a>, line: &mut Vec<Inline>, blocks: &mut Vec<Block>, depth: usize) {
        if let Event::Start(tag) = event {
            if is_block(&tag) {
                self.flush(line, blocks);
                blocks.extend(self.block(tag, depth + 1));
            } else {
                self.inline(Event::Start(tag), line, depth);
            }
        } else if event == Event::Rule {
            self.flush(line, blocks);
            blocks.push(Block::Rule);
        } else {
            self.inline(event, line, depth);
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "whatever else there is, or will be, is shown")]
    fn block(&mut self, tag: Tag<'a>, depth: usize) -> Option<Block> {
        if depth > DEPTH_MAX {
            let text = self.flat();
            return Some(Block::Plain(vec![Inline::Text(text)]));
        }
        Some(match tag {
            Tag::Paragraph => Block::Paragraph(self.line(depth)),
            Tag::Heading { level, .. } => Block::Heading(number_of(level), self.line(depth)),
            Tag::CodeBlock(kind) => {
                let written = match kind {
                    CodeBlockKind::Fenced(info) => self.marked.restore(&info),
                    CodeBlockKind::Indented => String::new(),
                };
                let first = written.split([' ', ',', '{', ':']).next().unwrap_or_default();
                let text = self.flat();
                let text = text.strip_suffix('\n').unwrap_or(&text);
                Block::Code { language: first.to_lowercase(), text: Rc::from(text) }
            }
            Tag::HtmlBlock => Block::Html(self.flat().trim_end().to_owned()),
            Tag::BlockQuote(kind) => Block::Quote(kind.map(title), self.blocks(depth)),
            Tag::List(first) => Block::List(first, self.items(depth)),
            Tag::Table(aligns) => self.table(&aligns, depth),
            Tag::FootnoteDefinition(name) => {
                let number = self.number(&name);
                let blocks = self.blocks(depth);
                self.notes.push((number, blocks));
                return None;
            }
            // not asked for, or within one of the above; nothing of it is lost
            _ => Block::Quote(None, self.blocks(depth)),
        })
    }

    fn items(&mut self, depth: usize) -> Vec<Item> {
        let mut items = Vec::new();
        while let Some(Event::Start(_)) = self.next() {
            self.task = None;
            let mut blocks = self.item_blocks(depth + 1);
            let done = blocks.1.take();
            items.push(Item { done, blocks: blocks.0 });
        }
        items
    }

    fn item_blocks(&mut self, depth: usize) -> (Vec<Block>, Option<bool>) {
        let (mut blocks, mut line, mut done) = (Vec::new(), Vec::new(), None);
        while let Some(event) = self.next() {
            if let Event::End(_) = event {
                break;
            }
            self.take(event, &mut line, &mut blocks, depth);
            // an item within this one may have a box of its own, but that is taken there
            done = done.or(self.task.take());
        }
        self.flush(&mut line, &mut blocks);
        (blocks, done)
    }

    fn table(&mut self, aligns: &[Alignment], depth: usize) -> Block {
        let (mut head, mut rows) = (Vec::new(), Vec::new());
        while let Some(Event::Start(tag)) = self.next() {
            let mut cells = Vec::new();
            while let Some(Event::Start(_)) = self.next() {
                cells.push(self.line(depth));
            }
            if matches!(tag, Tag::TableHead) { head = cells } else { rows.push(cells) }
        }
        let align = |align: &Alignment| match align {
            Alignment::None | Alignment::Left => Align::Start,
            Alignment::Center => Align::Center,
            Alignment::Right => Align::End,
        };
        Block::Table { aligns: aligns.iter().map(align).collect(), head, rows }
    }

    /// A line up to the end of what it is in, finished.
    fn line(&mut self, depth: usize) -> Vec<Inline> {
        let line = self.raw_line(depth);
        self.finish(line, false)
    }

    fn raw_line(&mut self, depth: usize) -> Vec<Inline> {
        let mut line = Vec::new();
        while let Some(event) = self.next() {
            if let Event::End(_) = event {
                break;
            }
            self.inline(event, &mut line, depth);
        }
        line
    }

    fn inline(&mut self, event: Event<'a>, line: &mut Vec<Inline>, depth: usize) {
        match event {
            Event::Text(text) | Event::Html(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                push_text(&text, line);
            }
            // a cell of a table has no other way to begin a line
            Event::InlineHtml(tag) if is_line_break(&tag) => line.push(Inline::Break),
            Event::InlineHtml(tag) => push_text(&tag, line),
            Event::Code(text) => line.push(Inline::Code(self.marked.restore(&text))),
            // people and models end lines where they want them to end
            Event::SoftBreak | Event::HardBreak => line.push(Inline::Break),
            Event::FootnoteReference(name) => {
                let number = self.number(&name);
                line.push(Inline::Note(number));
            }
            Event::Start(_) if depth > DEPTH_MAX => {
                let text = self.flat();
                push_text(&text, line);
            }
            Event::Start(tag) => self.span(tag, line, depth + 1),
            Event::TaskListMarker(done) => self.task = Some(done),
            Event::Rule | Event::End(_) => {}
        }
    }

    fn span(&mut self, tag: Tag<'a>, line: &mut Vec<Inline>, depth: usize) {
        if let Tag::Image { dest_url, .. } = tag {
            let alt = self.flat();
            match links::safe_image(&self.marked.restore(&dest_url)) {
                Some(url) => line.push(Inline::Image { url, alt }),
                None => push_text(&alt, line),
            }
            return;
        }
        let content = self.raw_line(depth);
        if let Tag::Link { dest_url, .. } = tag {
            let content = self.finish(content, true);
            match links::safe(&self.marked.restore(&dest_url)) {
                Some(address) => line.push(Inline::Link(address, content)),
                None => line.extend(content),
            }
        } else if tag == Tag::Strong {
            line.push(Inline::Strong(content));
        } else if tag == Tag::Strikethrough {
            line.push(Inline::Strike(content));
        } else {
            line.push(Inline::Emphasis(content));
        }
    }

    /// Formulas and bare addresses; words come in pieces before this.
    fn finish(&self, line: Vec<Inline>, is_link: bool) -> Vec<Inline> {
        let mut done = Vec::with_capacity(line.len());
        for piece in line {
            match piece {
                Inline::Text(text) if is_link => {
                    self.marked.expand(&text, |words, to| to.push(Inline::Text(words.to_owned())), &mut done);
                }
                Inline::Text(text) => self.marked.expand(&text, bare_links::push, &mut done),
                Inline::Emphasis(inner) => done.push(Inline::Emphasis(self.finish(inner, is_link))),
                Inline::Strong(inner) => done.push(Inline::Strong(self.finish(inner, is_link))),
                Inline::Strike(inner) => done.push(Inline::Strike(self.finish(inner, is_link))),
                Inline::Code(_)
                | Inline::Link(..)
                | Inline::Image { .. }
                | Inline::Formula(_)
                | Inline::Break
                | Inline::Note(_) => done.push(piece),
            }
        }
        done
    }

    /// Everything up to the end of what it is in, as plain text.
    fn flat(&mut self) -> String {
        let (mut text, mut open) = (String::new(), 1_usize);
        while let Some(event) = self.next() {
            match event {
                Event::Start(_) => open += 1,
                Event::End(_) => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                }
                Event::Text(words) | Event::Code(words) | Event::Html(words) | Event::InlineHtml(words) => {
                    text.push_str(&words);
                }
                Event::SoftBreak | Event::HardBreak => text.push('\n'),
                Event::InlineMath(_)
                | Event::DisplayMath(_)
                | Event::FootnoteReference(_)
                | Event::Rule
                | Event::TaskListMarker(_) => {}
            }
        }
        self.marked.restore(&text)
    }

    fn number(&mut self, name: &str) -> usize {
        let known = self.names.iter().position(|known| known == name);
        known.map_or_else(
            || {
                self.names.push(name.to_owned());
                self.names.len()
            },
            |place| place + 1,
        )
    }
}

fn push_text(text: &str, line: &mut Vec<Inline>) {
    if let Some(Inline::Text(last)) = line.last_mut() {
        last.push_str(text);
    } else {
        line.push(Inline::Text(text.to_owned()));
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(
        tag,
        Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. }
            | Tag::Image { .. }
    )
}

fn is_line_break(tag: &str) -> bool {
    let inner = tag.strip_prefix('<').and_then(|tag| tag.strip_suffix('>'));
    inner.is_some_and(|inner| inner.trim_end_matches('/').trim().eq_ignore_ascii_case("br"))
}

fn title(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "Note",
        BlockQuoteKind::Tip => "Tip",
        BlockQuoteKind::Important => "Important",
        BlockQuoteKind::Warning => "Warning",
        BlockQuoteKind::Caution => "Caution",
    }
}

fn number_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}
