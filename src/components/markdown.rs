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

/// What [`Markdown`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct MarkdownProps {
    /// The text; it may grow.
    pub(super) text: AttrValue,
}

/// The text.
#[component]
pub(super) fn Markdown(props: &MarkdownProps) -> Html {
    let growing = use_mut_ref(Growing::default);
    let blocks: Vec<Rc<Block>> = growing.borrow_mut().read(&props.text).to_vec();
    let view = |(place, block): (usize, Rc<Block>)| html! { <BlockView key={place} {block} /> };
    html! { <div class="markdown" dir="auto">{ for blocks.into_iter().enumerate().map(view) }</div> }
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
