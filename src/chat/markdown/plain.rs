//! A text without its marks, for those who hear it.

use super::{Block, Inline, Item, parse};

/// What a text says, without what it looks like.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut said = String::new();
    for block in parse(text) {
        say(&block, &mut said);
    }
    said.trim_end().to_owned()
}

fn say(block: &Block, to: &mut String) {
    match block {
        Block::Paragraph(line) | Block::Plain(line) | Block::Heading(_, line) => say_line(line, to),
        Block::Code { text, .. } => to.push_str(text),
        Block::Html(text) => to.push_str(text),
        Block::Quote(title, blocks) => {
            to.push_str(title.unwrap_or_default());
            to.push(' ');
            blocks.iter().for_each(|block| say(block, to));
        }
        Block::List(_, items) => {
            for Item { done, blocks } in items {
                to.push_str(match done {
                    Some(true) => "Done: ",
                    Some(false) => "Not done: ",
                    None => "",
                });
                blocks.iter().for_each(|block| say(block, to));
            }
        }
        Block::Table { head, rows, .. } => {
            for row in std::iter::once(head).chain(rows) {
                for cell in row {
                    say_line(cell, to);
                    to.push_str(", ");
                }
                to.push('\n');
            }
        }
        Block::Notes(notes) => notes.iter().flat_map(|(_, blocks)| blocks).for_each(|block| say(block, to)),
        Block::Rule => {}
    }
    if !to.ends_with('\n') {
        to.push('\n');
    }
}

fn say_line(line: &[Inline], to: &mut String) {
    for piece in line {
        match piece {
            Inline::Text(text) | Inline::Code(text) => to.push_str(text),
            Inline::Emphasis(inner)
            | Inline::Strong(inner)
            | Inline::Strike(inner)
            | Inline::Link(_, inner) => {
                say_line(inner, to);
            }
            Inline::Image { alt, .. } => to.push_str(alt),
            Inline::Formula(formula) => to.push_str(&formula.latex),
            Inline::Break => to.push('\n'),
            Inline::Note(_) => {}
        }
    }
}
