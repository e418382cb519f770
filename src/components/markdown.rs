//! A text written in Markdown, as elements; a block that did not change is not drawn again.
//!
//! Promises: there is no way from the text to HTML; a link opens another tab that knows nothing of this one;
//! nothing is fetched from anywhere unless the reader presses a button.

mod block;
mod code_block;
mod formula;
mod line;
mod picture;

use std::rc::Rc;

use yew::prelude::*;

use crate::chat::markdown::{Block, Growing};

/// From so many bytes on what is out of view is left out of the browser's work, too; its height is guessed until it is
/// first seen.
const LONG: usize = 4_000;

/// What [`Markdown`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct MarkdownProps {
    /// The text; it may grow.
    pub(super) text: AttrValue,
    /// Only the block in which this byte is, and what follows; the blocks before it come when this becomes less.
    #[prop_or_default]
    pub(super) from: usize,
}

/// The text.
#[component]
pub(super) fn Markdown(props: &MarkdownProps) -> Html {
    let growing = use_mut_ref(Growing::default);
    let mut growing = growing.borrow_mut();
    let blocks = growing.read(&props.text).to_vec();
    let first = growing.place(props.from);
    let view = |(place, block): (usize, Rc<Block>)| html! { <BlockView key={place} {block} /> };
    let class = if props.text.len() > LONG { "markdown markdown-long" } else { "markdown" };
    html! { <div {class} dir="auto">{ for blocks.into_iter().enumerate().skip(first).map(view) }</div> }
}

/// What [`BlockView`] needs.
#[derive(PartialEq, Properties)]
struct BlockViewProps {
    /// The block; the same pointer when nothing of it changed.
    block: Rc<Block>,
}

/// A block.
#[component]
fn BlockView(props: &BlockViewProps) -> Html {
    block::view(&props.block)
}
