//! From LaTeX to MathML, as a tree of known elements and attributes.
//!
//! Promises: a formula that cannot be read gives nothing, so that its source is shown; no style and no
//! address is in the tree, whatever the LaTeX says.

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::event::{Dimension, DimensionUnit};
use pulldown_latex::{Event, Parser, Storage, push_mathml};

/// A piece of MathML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Text.
    Text(String),
    /// An element.
    Element(Element),
}

/// An element of MathML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name, of MathML Core.
    pub tag: &'static str,
    /// Its attributes.
    pub attributes: Vec<(&'static str, String)>,
    /// What is in it.
    pub children: Vec<Node>,
}

const TAGS: [&str; 25] = [
    "math",
    "mrow",
    "mi",
    "mn",
    "mo",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mmultiscripts",
    "mprescripts",
    "none",
    "mtable",
    "mtr",
    "mtd",
    "mpadded",
    "mphantom",
    "mstyle",
];

const ATTRIBUTES: [&str; 24] = [
    "display",
    "displaystyle",
    "scriptlevel",
    "stretchy",
    "symmetric",
    "largeop",
    "movablelimits",
    "accent",
    "accentunder",
    "linethickness",
    "mathvariant",
    "width",
    "height",
    "depth",
    "lspace",
    "rspace",
    "voffset",
    "minsize",
    "maxsize",
    "form",
    "fence",
    "separator",
    "class",
    "columnalign",
];

/// Deeper than this is nothing that anybody can read.
const DEPTH_MAX: usize = 60;
const LEN_MAX: usize = 4_000;
/// Commands may stand in each other without brackets, and the parser goes down for each.
const COMMANDS_MAX: usize = 300;
/// Commands that define commands, and one that takes any number for a letter.
const REFUSED: [&str; 5] = ["\\def", "\\let", "\\futurelet", "command", "\\char"];
/// Commands that take numbers, sizes or colours.
const ONLY_ASCII: [&str; 9] = ["#", "align", "genfrac", "kern", "skip", "pace", "rule", "above", "\\["];
/// Stands for a box around something, as boxes have no element in MathML.
const BOX_COLOUR: &str = "#010203";
const BOX_STYLE: &str = "rgb(1 2 3)";

/// The MathML of a formula.
#[must_use]
pub fn read(latex: &str, display: bool) -> Option<Element> {
    if latex.len() > LEN_MAX || latex.matches('\\').count() > COMMANDS_MAX || depth(latex) > DEPTH_MAX / 2 {
        return None;
    }
    if !is_harmless(latex) {
        return None;
    }
    let latex = known(latex);
    let storage = Storage::new();
    let events: Vec<Event<'_>> = Parser::new(&latex, &storage).collect::<Result<_, _>>().ok()?;
    let display_mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut written = String::new();
    let events = events.into_iter().map(|event| Ok::<_, std::convert::Infallible>(with_width(event)));
    push_mathml(&mut written, events, config).ok()?;
    let mut rest = written.as_str();
    let Node::Element(math) = element(&mut rest, 0)? else { return None };
    (rest.is_empty() && math.tag == "math").then_some(math)
}

/// The parser cuts numbers, sizes and colours by bytes, and would bring the page down in the middle of a letter.
fn is_harmless(latex: &str) -> bool {
    let has = |commands: &[&str]| commands.iter().any(|command| latex.contains(command));
    !has(&REFUSED) && (latex.is_ascii() || !has(&ONLY_ASCII))
}

/// Commands that models like and the parser does not know, in those it knows.
fn known(latex: &str) -> String {
    // spaces of other alphabets count as one byte, too
    let latex: String = latex.chars().map(|c| if c.is_whitespace() && c != '\n' { ' ' } else { c }).collect();
    let mut text = latex.replace("\\boxed", &format!("\\textcolor{{{BOX_COLOUR}}}"));
    for nothing in ["\\nonumber", "\\notag"] {
        text = text.replace(nothing, "");
    }
    for (name, before, after) in [("\\tag{", "\\qquad(\\text{", "})"), ("\\label{", "", "")] {
        while let Some((start, rest)) = text.split_once(name) {
            let Some((label, rest)) = rest.split_once('}') else { break };
            let label = if before.is_empty() { "" } else { label };
            text = format!("{start}{before}{label}{after}{rest}");
        }
    }
    text
}

/// The writer takes for granted that a space has a width.
fn with_width(event: Event<'_>) -> Event<'_> {
    if let Event::Space { width: None, height, depth } = event {
        let none = Dimension::new(0., DimensionUnit::Em);
        return Event::Space { width: Some(none), height, depth };
    }
    event
}

/// How deep brackets and environments are nested.
fn depth(latex: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for (at, byte) in latex.bytes().enumerate() {
        let rest = latex.as_bytes().get(at..).unwrap_or_default();
        let starts = |names: [&str; 3]| names.iter().any(|name| rest.starts_with(name.as_bytes()));
        if byte == b'{' || starts(["\\left(", "\\left[", "\\begin"]) {
            depth += 1;
            deepest = deepest.max(depth);
        } else if byte == b'}' || starts(["\\right)", "\\right]", "\\end"]) {
            depth = depth.saturating_sub(1);
        }
    }
    deepest
}

/// Reads one element or text from the beginning of `rest`.
fn element(rest: &mut &str, depth: usize) -> Option<Node> {
    if depth > DEPTH_MAX {
        return None;
    }
    // a sign `<` is not escaped
    let inner = rest.strip_prefix('<').filter(|inner| inner.starts_with(|c: char| c.is_ascii_lowercase()));
    let Some(inner) = inner else {
        let end = rest.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(rest.len(), |(at, _)| at);
        let (text, after) = rest.split_at(end);
        *rest = after;
        return Some(Node::Text(unescaped(text)));
    };
    let (head, after) = inner.split_once('>')?;
    *rest = after;
    let (head, is_closed) = head.strip_suffix('/').map_or((head, false), |head| (head, true));
    let (name, attributes) = head.split_once(' ').unwrap_or((head, ""));
    let tag = TAGS.into_iter().find(|tag| *tag == name.trim())?;
    let mut found = Element { tag, attributes: read_attributes(attributes)?, children: Vec::new() };
    if !is_closed {
        while !rest.starts_with("</") {
            if rest.is_empty() {
                return None;
            }
            found.children.push(element(rest, depth + 1)?);
        }
        let (name, after) = rest.strip_prefix("</")?.split_once('>')?;
        *rest = after;
        if name != tag {
            return None;
        }
    }
    Some(Node::Element(found))
}

fn read_attributes(mut text: &str) -> Option<Vec<(&'static str, String)>> {
    let mut found = Vec::new();
    while !text.trim_start().is_empty() {
        let (name, rest) = text.trim_start().split_once("=\"")?;
        let (value, rest) = rest.split_once('"')?;
        text = rest;
        if name == "style" {
            found.extend(colours(value));
        } else {
            let name = ATTRIBUTES.into_iter().find(|known| *known == name)?;
            found.push((name, unescaped(value)));
        }
    }
    Some(found)
}

/// Colours have attributes of their own; other styles do without.
fn colours(style: &str) -> impl Iterator<Item = (&'static str, String)> {
    style.split(';').filter_map(|rule| {
        let (name, value) = rule.split_once(':')?;
        let name = match name.trim() {
            "color" if value.trim() == BOX_STYLE => return Some(("class", "formula-box".to_owned())),
            "color" => "mathcolor",
            "background-color" => "mathbackground",
            _ => return None,
        };
        Some((name, value.trim().to_owned()))
    })
}

fn unescaped(text: &str) -> String {
    let names = [
        ("&nbsp;", "\u{a0}"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&amp;", "&"),
    ];
    names.iter().fold(text.to_owned(), |text, (name, sign)| text.replace(name, sign))
}
