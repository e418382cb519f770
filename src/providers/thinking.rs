//! Asking a model to think before it answers, and to show what it thought.
//!
//! Promises: nothing of this is sent unless the person asked for it. Which model takes which form changes with every
//! generation, so a form that is refused is replaced by the next one, and the last of them by none.

use super::Dialect;

/// A form of the wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thinking {
    /// As much as the model finds right: Claude since 4.6, and Gemini, which thinks anyway and only has to show it.
    Freely,
    /// Up to a number of tokens: older models of Claude.
    Budget,
}

impl Thinking {
    /// The forms that a service may take, the newest first. Chat completions have none that is safe: servers differ in
    /// the words they take, and those that think do so, and show it, unasked.
    pub(super) fn ways(dialect: Dialect) -> &'static [Self] {
        match dialect {
            Dialect::OpenAi => &[],
            Dialect::Claude => &[Self::Freely, Self::Budget],
            Dialect::Gemini => &[Self::Freely],
        }
    }
}
