//! What is asked, whatever dialect it will be said in.
//!
//! Promises: it holds what the person set and nothing else, as models and servers refuse whole
//! requests for parameters they do not know. What was refused by name is left out, each at most
//! once, so that asking again comes to an end.

use super::{ProviderError, Thinking};
use crate::chat::{Speaker, Turn};

/// A request for an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The model's id.
    pub model: String,
    /// The conversation.
    pub turns: Vec<Turn>,
    /// How freely to choose words, if the person set it.
    pub temperature: Option<f64>,
    /// Longest answer, if the person set it.
    pub max_tokens: Option<u32>,
    /// How to ask the model to think first, the best way first; none where it is not asked to.
    pub thinking: &'static [Thinking],
    /// Whether the limit goes by its newer name, `max_completion_tokens` (chat completions only).
    pub newer_limit: bool,
    /// Whether to ask for token counts, which some old servers refuse (chat completions only).
    pub with_usage: bool,
    /// Whether the answer shall come in pieces, which some accounts may not have.
    pub is_streamed: bool,
    /// What was left out already.
    left_out: Vec<&'static str>,
}

impl Request {
    /// A request for an answer to a conversation.
    #[must_use]
    pub fn new(model: &str, turns: &[Turn]) -> Self {
        Self {
            model: model.to_owned(),
            turns: turns.to_vec(),
            temperature: None,
            max_tokens: None,
            thinking: &[],
            newer_limit: false,
            with_usage: true,
            is_streamed: true,
            left_out: Vec::new(),
        }
    }

    /// What to send instead after a refusal, if something can be left out or named otherwise:
    /// what the server names, or token counts where it does not say what it dislikes.
    #[must_use]
    pub fn after(&self, error: &ProviderError) -> Option<Self> {
        let ProviderError::Rejected { param, text } = error else {
            return None;
        };
        let names =
            |word: &str| param.as_deref().is_some_and(|param| param.contains(word)) || text.contains(word);
        if let [_, others @ ..] = self.thinking
            && (names("thinking") || text.to_lowercase().contains("thinking"))
        {
            return Some(Self { thinking: others, ..self.clone() });
        }
        let what = if self.temperature.is_some() && names("temperature") {
            "temperature"
        } else if self.max_tokens.is_some() && (names("max_tokens") || names("max_completion_tokens")) {
            "limit"
        } else if self.with_usage && (names("stream_options") || names("include_usage")) {
            "usage"
        } else if self.is_streamed && names("stream") && !names("stream_options") {
            "stream"
        } else if self.with_usage && param.is_none() {
            "usage"
        } else {
            return None;
        };
        let mut next = self.clone();
        if next.left_out.contains(&what) {
            return None;
        }
        next.left_out.push(what);
        match what {
            "temperature" => next.temperature = None,
            "limit" => next.newer_limit = !next.newer_limit,
            "stream" => (next.is_streamed, next.with_usage) = (false, false),
            _ => next.with_usage = false,
        }
        Some(next)
    }

    /// The system prompt, and the turns as strict services want them: beginning with the person,
    /// then by turns, none empty.
    pub(super) fn strictly(&self) -> (String, Vec<Turn>) {
        let (mut system, mut turns) = (String::new(), Vec::<Turn>::new());
        for turn in self.turns.iter().filter(|turn| !turn.text.trim().is_empty()) {
            match (turn.role, turns.last_mut()) {
                (Speaker::System, _) => append(&mut system, &turn.text),
                (Speaker::Assistant, None) => {}
                (role, Some(last)) if last.role == role => append(&mut last.text, &turn.text),
                (Speaker::User | Speaker::Assistant, _) => turns.push(turn.clone()),
            }
        }
        (system, turns)
    }
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejected(param: Option<&str>, text: &str) -> ProviderError {
        ProviderError::Rejected { param: param.map(ToOwned::to_owned), text: text.to_owned() }
    }

    #[test]
    fn token_counts_are_given_up_once_when_they_may_be_the_reason() {
        let request = Request::new("m", &[]);
        for error in [
            rejected(Some("stream_options"), "no"),
            rejected(None, "Bad request"),
            rejected(Some("body"), "stream_options.include_usage: unknown"),
        ] {
            let second = request.after(&error);
            assert!(second.as_ref().is_some_and(|second| !second.with_usage && second.is_streamed));
            assert_eq!(second.and_then(|second| second.after(&error)), None);
        }
        assert_eq!(request.after(&rejected(Some("temperature"), "no")), None, "it was not sent");
        assert_eq!(request.after(&ProviderError::BadKey), None);
    }

    #[test]
    fn what_a_model_refuses_by_name_is_left_out_and_nothing_else() {
        let request = Request { temperature: Some(0.5), max_tokens: Some(9), ..Request::new("m", &[]) };
        let heat = rejected(None, "`temperature` is deprecated for this model.");
        let cooler = request.after(&heat).unwrap_or_else(|| panic!("asked again"));
        assert_eq!((cooler.temperature, cooler.max_tokens, cooler.with_usage), (None, Some(9), true));
        assert_eq!(cooler.after(&rejected(Some("temperature"), "no")), None);
        let limit = rejected(Some("max_tokens"), "Use 'max_completion_tokens' instead.");
        let renamed = cooler.after(&limit).unwrap_or_else(|| panic!("asked again"));
        assert_eq!((renamed.max_tokens, renamed.newer_limit), (Some(9), true));
        assert_eq!(renamed.after(&rejected(Some("max_completion_tokens"), "too large")), None);
        let whole = request.after(&rejected(Some("stream"), "Verify your organization to stream"));
        assert!(whole.is_some_and(|whole| !whole.is_streamed && !whole.with_usage));
    }

    #[test]
    fn a_refusal_to_think_leads_to_another_way_and_then_to_none() {
        let ways: &'static [Thinking] = &[Thinking::Freely, Thinking::Budget];
        let first = Request { thinking: ways, temperature: Some(1.0), ..Request::new("m", &[]) };
        for text in [
            "adaptive thinking is not supported on this model",
            r#""thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive"."#,
            "'claude-x' does not support thinking.",
            "Thinking is not enabled for models/gemini-x",
            "Unable to submit request because Thinking_config.include_thoughts is only enabled when thinking is enabled.",
        ] {
            let error = rejected(None, text);
            let left = |request: &Request| request.after(&error).map(|next| next.thinking);
            assert_eq!(left(&first), Some(&ways[1..]), "{text}");
            assert_eq!(left(&Request { thinking: &ways[1..], ..first.clone() }), Some(&ways[2..]), "{text}");
        }
        let named = first.after(&rejected(Some("thinking"), "no"));
        assert!(named.is_some_and(|named| named.thinking == &ways[1..] && named.temperature.is_some()));
        let heat = first.after(&rejected(None, "`temperature` is deprecated for this model."));
        assert!(heat.is_some_and(|cooler| cooler.thinking == ways && cooler.temperature.is_none()));
        assert_eq!(first.after(&ProviderError::NoCredit), None);
    }

    #[test]
    fn strict_turns_begin_with_the_person_and_alternate() {
        let turns = [
            Turn::new(Speaker::System, "Be brief."),
            Turn::new(Speaker::Assistant, "Welcome!"),
            Turn::new(Speaker::User, "a"),
            Turn::new(Speaker::User, "b"),
            Turn::new(Speaker::Assistant, " "),
            Turn::new(Speaker::User, "c"),
            Turn::new(Speaker::Assistant, "d"),
        ];
        let (system, strict) = Request::new("m", &turns).strictly();
        assert_eq!(system, "Be brief.");
        assert_eq!(strict, [Turn::new(Speaker::User, "a\n\nb\n\nc"), Turn::new(Speaker::Assistant, "d")]);
    }
}
