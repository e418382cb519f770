//! Blocks as elements.

use yew::prelude::*;

use super::code_block::CodeBlock;
use super::line;
use crate::chat::markdown::{Align, Block, Inline, Item};

/// A block as elements.
pub(super) fn view(block: &Block) -> Html {
    match block {
        Block::Paragraph(text) => html! { <p dir="auto">{ line::view(text) }</p> },
        Block::Plain(text) => line::view(text),
        Block::Heading(level, text) => heading(*level, text),
        Block::Code { language, text } => {
            html! { <CodeBlock language={language.clone()} text={AttrValue::from(text.clone())} /> }
        }
        Block::Quote(None, blocks) => html! { <blockquote>{ for blocks.iter().map(view) }</blockquote> },
        Block::Quote(Some(title), blocks) => {
            let kind = format!("markdown-alert markdown-alert-{}", title.to_lowercase());
            html! { <blockquote class={kind}><p class="markdown-alert-title">{ *title }</p>{ for blocks.iter().map(view) }</blockquote> }
        }
        Block::List(None, items) => html! { <ul>{ for items.iter().map(item) }</ul> },
        Block::List(Some(first), items) => {
            html! { <ol start={(*first != 1).then(|| first.to_string())}>{ for items.iter().map(item) }</ol> }
        }
        Block::Table { aligns, head, rows } => table(aligns, head, rows),
        Block::Rule => html! { <hr /> },
        Block::Html(text) => html! { <p class="markdown-html" dir="auto">{ text.clone() }</p> },
        Block::Notes(notes) => {
            let note = |(number, blocks): &(usize, Vec<Block>)| {
                html! {
                    <li value={number.to_string()} data-note={number.to_string()} tabindex="-1">{ for blocks.iter().map(view) }</li>
                }
            };
            html! { <ol class="markdown-notes" aria-label="Footnotes">{ for notes.iter().map(note) }</ol> }
        }
    }
}

/// The page and the message have headings above these.
fn heading(level: u8, text: &[Inline]) -> Html {
    let class = format!("markdown-heading markdown-heading-{level}");
    let tag = format!("h{}", (level + 2).min(6));
    html! { <@{tag} {class} dir="auto">{ line::view(text) }</@> }
}

fn item(item: &Item) -> Html {
    let blocks: Html = item.blocks.iter().map(view).collect();
    match item.done {
        None => html! { <li dir="auto">{ blocks }</li> },
        Some(done) => {
            let name = if done { "Done" } else { "Not done" };
            html! {
                <li class="markdown-task" dir="auto">
                    <span class={classes!("markdown-box", done.then_some("markdown-box-done"))} role="img" aria-label={name} />
                    <div>{ blocks }</div>
                </li>
            }
        }
    }
}

fn table(aligns: &[Align], head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>]) -> Html {
    let class = |column: usize| match aligns.get(column) {
        Some(Align::Center) => Some("markdown-center"),
        Some(Align::End) => Some("markdown-end"),
        Some(Align::Start) | None => None,
    };
    let title = |(column, cell): (usize, &Vec<Inline>)| html! { <th scope="col" class={class(column)} dir="auto">{ line::view(cell) }</th> };
    let cell = |(column, cell): (usize, &Vec<Inline>)| html! { <td class={class(column)} dir="auto">{ line::view(cell) }</td> };
    let row = |row: &Vec<Vec<Inline>>| html! { <tr>{ for row.iter().enumerate().map(cell) }</tr> };
    html! {
        <div class="markdown-table" tabindex="0" role="group" aria-label="Table">
            <table>
                <thead><tr>{ for head.iter().enumerate().map(title) }</tr></thead>
                <tbody>{ for rows.iter().map(row) }</tbody>
            </table>
        </div>
    }
}
