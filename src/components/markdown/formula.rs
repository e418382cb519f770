//! A formula as MathML; as its source where it cannot be read.

use yew::prelude::*;
use yew::virtual_dom::VTag;

use crate::chat::markdown::Formula;
use crate::chat::markdown::mathml::{self, Element, Node};

/// A formula.
pub(super) fn view(formula: &Formula) -> Html {
    let Formula { source, latex, display } = formula;
    match mathml::read(latex, *display) {
        None => html! { <code class="formula-source" dir="ltr">{ source.to_string() }</code> },
        Some(math) => {
            let class = if *display { "formula formula-display" } else { "formula" };
            html! { <span {class} title={latex.trim().to_owned()} dir="ltr">{ element(&math) }</span> }
        }
    }
}

/// Yew makes elements of MathML of everything within `math`.
fn element(from: &Element) -> Html {
    let mut tag = VTag::new(from.tag);
    for (name, value) in &from.attributes {
        tag.add_attribute(name, value.clone());
    }
    tag.add_children(from.children.iter().map(|child| match child {
        Node::Text(text) => Html::from(text.clone()),
        Node::Element(inner) => element(inner),
    }));
    tag.into()
}
