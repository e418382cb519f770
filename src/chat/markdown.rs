//! What a text written in Markdown says: CommonMark with GitHub's additions and formulas, as a tree of values.
//!
//! Promises: pure; every text gives a tree, none is refused; what looks like HTML is text in the tree and never
//! anything else; an address in the tree is http, https or mailto; formulas keep their source. A text that
//! grows at its end is read piece by piece ([`Growing`]) with the same result.

mod bare_links;
mod formulas;
mod growing;
pub mod highlight;
mod links;
pub mod mathml;
mod plain;
mod tree;

pub use growing::Growing;
pub use links::host;
pub use plain::plain;

use std::rc::Rc;

/// A piece of a text that stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// Text without space around it, as in the items of a dense list.
    Plain(Vec<Inline>),
    /// A heading, with its level from 1 to 6.
    Heading(u8, Vec<Inline>),
    /// Program text.
    Code {
        /// What was written behind the fence, in small letters; may be empty.
        language: String,
        /// As written, without the line end before the closing fence.
        text: Rc<str>,
    },
    /// A quotation; notes and warnings have a title.
    Quote(Option<&'static str>, Vec<Block>),
    /// A list; numbered from a first number, or with dots.
    List(Option<u64>, Vec<Item>),
    /// A table.
    Table {
        /// How each column is set.
        aligns: Vec<Align>,
        /// The head.
        head: Vec<Vec<Inline>>,
        /// The other rows.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A line across.
    Rule,
    /// HTML, to be shown as it is written.
    Html(String),
    /// Footnotes, at the end: their number and text.
    Notes(Vec<(usize, Vec<Block>)>),
}

/// One item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// For a task: whether it is done.
    pub done: Option<bool>,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// How a column of a table is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// As the language runs.
    Start,
    /// Centred.
    Center,
    /// To the other side.
    End,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Words.
    Text(String),
    /// Program text.
    Code(String),
    /// Stressed.
    Emphasis(Vec<Inline>),
    /// Strong.
    Strong(Vec<Inline>),
    /// Struck out.
    Strike(Vec<Inline>),
    /// A link to a safe address.
    Link(String, Vec<Inline>),
    /// A picture that is not to be loaded unasked.
    Image {
        /// Its address, http or https.
        url: String,
        /// What it shows, in words.
        alt: String,
    },
    /// A formula.
    Formula(Formula),
    /// A new line.
    Break,
    /// The number of a footnote.
    Note(usize),
}

/// A formula in LaTeX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    /// As written, with its `$` or brackets.
    pub source: Rc<str>,
    /// What is between them.
    pub latex: Rc<str>,
    /// Whether it has a line of its own.
    pub display: bool,
}

/// The tree of a whole text.
#[must_use]
pub fn parse(text: &str) -> Vec<Rc<Block>> {
    tree::read(text).into_iter().map(|(_, block)| Rc::new(block)).collect()
}

#[cfg(test)]
mod tests;
