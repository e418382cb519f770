//! Program text: its language, a button that copies it as it was written, and lines that may be wrapped.

use std::rc::Rc;

use yew::prelude::*;

use crate::chat::markdown::highlight::{self, Kind, Token};
use crate::components::copy_button::CopyButton;
use crate::components::icon::{Icon, icon};
use crate::contexts::use_code_wrap;

/// Long code is drawn in parts of so many lines, so that only the last is drawn again while it grows.
const PART_LINES: usize = 40;
/// Longer code has no colours: they would take longer than they are worth.
const COLOURED_MAX: usize = 200_000;

/// What [`CodeBlock`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct CodeBlockProps {
    /// As written behind the fence.
    pub(super) language: AttrValue,
    /// The code.
    pub(super) text: AttrValue,
}

/// The code.
#[component]
pub(super) fn CodeBlock(props: &CodeBlockProps) -> Html {
    let CodeBlockProps { language, text } = props;
    // one choice for all code, so that it is kept when the answer is complete and its blocks are made anew
    let (wrapped, wrap) = use_code_wrap();
    let wrap = wrap.reform(move |_| !wrapped);
    let copied = {
        let text = text.clone();
        Callback::from(move |()| text.to_string())
    };
    let name = highlight::name(language).to_owned();
    let label = if name.is_empty() { "Code".to_owned() } else { format!("Code, {name}") };
    let part = |(place, (text, tokens)): (usize, (&str, Vec<Token>))| {
        html! { <Part key={place} text={text.to_owned()} tokens={Rc::new(tokens)} /> }
    };
    html! {
        <figure class={classes!("code-block", wrapped.then_some("code-block-wrapped"))} dir="ltr">
            <figcaption class="code-block-head">
                <span class="code-block-language">{ name }</span>
                <button class="icon-button icon-button-small" aria-label="Wrap long lines" title="Wrap long lines"
                    aria-pressed={wrapped.to_string()} onclick={wrap}>{ icon(Icon::Wrap) }</button>
                <CopyButton text={copied} name="Copy code" />
            </figcaption>
            <pre tabindex="0" role="group" aria-label={label}><code>{ for parts(text, language).into_iter().enumerate().map(part) }</code></pre>
        </figure>
    }
}

/// The code in parts, with the tokens of each.
fn parts<'a>(text: &'a str, language: &str) -> Vec<(&'a str, Vec<Token>)> {
    let language = if text.len() > COLOURED_MAX { "" } else { language };
    let mut tokens = highlight::tokens(text, language).into_iter();
    let mut open = tokens.next();
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.match_indices('\n').nth(PART_LINES - 1).map_or(rest.len(), |(at, _)| at + 1);
        let (part, after) = rest.split_at(end);
        rest = after;
        let (mut left, mut found) = (part.len(), Vec::new());
        while let Some((kind, len)) = open {
            let here = len.min(left);
            found.push((kind, here));
            left -= here;
            open = if here < len { Some((kind, len - here)) } else { tokens.next() };
            if left == 0 {
                break;
            }
        }
        parts.push((part, found));
    }
    parts
}

/// What [`Part`] needs.
#[derive(PartialEq, Properties)]
struct PartProps {
    /// Some lines.
    text: AttrValue,
    /// Their tokens.
    tokens: Rc<Vec<Token>>,
}

/// Some lines of code.
#[component]
fn Part(props: &PartProps) -> Html {
    let mut at = 0;
    let token = |(kind, len): &Token| {
        let text = props.text.get(at..at + len).unwrap_or_default().to_owned();
        at += len;
        match class(*kind) {
            None => Html::from(text),
            Some(class) => html! { <span {class}>{ text }</span> },
        }
    };
    props.tokens.iter().map(token).collect()
}

fn class(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Plain => None,
        Kind::Keyword => Some("code-keyword"),
        Kind::Text => Some("code-text"),
        Kind::Comment => Some("code-comment"),
        Kind::Number => Some("code-number"),
        Kind::Name => Some("code-name"),
        Kind::Added => Some("code-added"),
        Kind::Removed => Some("code-removed"),
    }
}
