//! Pieces of a line as elements.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::formula;
use super::picture::Picture;
use crate::chat::markdown::Inline;

/// A line as elements.
pub(super) fn view(line: &[Inline]) -> Html {
    line.iter().map(piece).collect()
}

fn piece(piece: &Inline) -> Html {
    match piece {
        Inline::Text(text) => Html::from(text.clone()),
        Inline::Code(text) => html! { <code dir="ltr">{ text.clone() }</code> },
        Inline::Emphasis(inner) => html! { <em>{ view(inner) }</em> },
        Inline::Strong(inner) => html! { <strong>{ view(inner) }</strong> },
        Inline::Strike(inner) => html! { <del>{ view(inner) }</del> },
        Inline::Link(address, inner) => html! {
            <a href={address.clone()} target="_blank" rel="noopener noreferrer">{ view(inner) }</a>
        },
        Inline::Image { url, alt } => html! { <Picture url={url.clone()} alt={alt.clone()} /> },
        Inline::Formula(formula) => formula::view(formula),
        Inline::Break => html! { <br /> },
        Inline::Note(number) => html! {
            <sup><button class="link-button" aria-label={format!("Footnote {number}")} data-to={number.to_string()}
                onclick={to_note}>{ *number }</button></sup>
        },
    }
}

/// Goes to a footnote. No link, as the part of an address behind `#` is the app's.
fn to_note(event: MouseEvent) {
    let button = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let note = button.and_then(|button| {
        let text = button.closest(".markdown").ok().flatten()?;
        text.query_selector(&format!("[data-note='{}']", button.get_attribute("data-to")?)).ok().flatten()
    });
    if let Some(note) = note.and_then(|note| note.dyn_into::<HtmlElement>().ok()) {
        // scrolls, too
        let _ = note.focus();
    }
}
