//! What is sent to a model: the path of a conversation up to the message that it shall answer.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{ChatSummary, Message, Role, Settings, Transcript, Window, title_from_first_exchange};
use crate::sync::Id;

/// Who speaks in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The instructions of the person who owns the app.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One turn of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who speaks.
    pub role: Speaker,
    /// What is said.
    pub text: String,
}

impl Turn {
    /// A turn.
    pub fn new(role: Speaker, text: impl Into<String>) -> Self {
        Self { role, text: text.into() }
    }
}

/// The turns for an answer to `until`, or to the last message shown: the system prompt first, then
/// what is shown up to there. Answers that failed or are empty are left out, and so is reasoning.
/// If `until` is on a version that is not shown, the turns are the messages it descends from. How
/// far back they reach is a setting.
#[must_use]
pub fn prompt(
    transcript: &Transcript,
    settings: &Settings,
    chat: Option<&ChatSummary>,
    until: Option<&Id>,
) -> Vec<Turn> {
    let system = settings.system_in(chat);
    let mut turns = Vec::new();
    if !system.is_empty() {
        turns.push(Turn::new(Speaker::System, system));
    }
    let spoken = path(transcript, until).into_iter().filter(|message| message.is_spoken());
    turns.extend(spoken.map(|message| {
        let role = match message.role {
            Role::User => Speaker::User,
            Role::Assistant => Speaker::Assistant,
        };
        Turn::new(role, &*message.body)
    }));
    settings.window.cut(turns)
}

/// How many of the messages in a chat are read for the answer to the next one, and how many there are.
#[must_use]
pub fn next_reads(
    transcript: &Transcript,
    settings: &Settings,
    chat: Option<&ChatSummary>,
) -> (usize, usize) {
    let next = Turn::new(Speaker::User, "");
    let spoken = |turns: &[Turn]| turns.iter().filter(|turn| turn.role != Speaker::System).count();
    let all = Settings { window: Window::All, ..settings.clone() };
    let mut turns = prompt(transcript, &all, chat, None);
    let count = spoken(&turns);
    turns.push(next);
    (spoken(&settings.window.cut(turns)) - 1, count)
}

/// What is asked so that a cut answer goes on.
const GO_ON: &str = "Your last answer was cut off. Continue it exactly where it stopped: \
                     do not repeat any of it and do not introduce the rest.";

/// The turns for the rest of an answer that was cut: those for its question, what there is of it,
/// and the wish. No trailing answer: newer models refuse to be put words into their mouth.
#[must_use]
pub fn continuation(mut question: Vec<Turn>, cut: &Message) -> Vec<Turn> {
    question.push(Turn::new(Speaker::Assistant, &*cut.body));
    question.push(Turn::new(Speaker::User, GO_ON));
    question
}

/// How much of a first exchange is enough to name it, in characters each.
const TITLE_SAMPLE: usize = 1_500;

/// The turns with which a model is asked for a title.
#[must_use]
pub fn title_prompt(said: &str, answer: &str) -> Vec<Turn> {
    let sample = |text: &str| text.chars().take(TITLE_SAMPLE).collect::<String>();
    vec![Turn::new(
        Speaker::User,
        format!(
            "Write a title for this conversation: at most six words, in its language, no quotes, no full stop. \
             Answer with the title only.\n\nPerson:\n{}\n\nAssistant:\n{}",
            sample(said),
            sample(answer)
        ),
    )]
}

/// The title in a model's answer to that; `None` if there is none.
#[must_use]
pub fn title_from_answer(answer: &str) -> Option<String> {
    let title = title_from_first_exchange(answer)?;
    let title = title.strip_prefix("Title:").unwrap_or(&title);
    let marks = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '“' | '”' | '„' | '«' | '»' | '.');
    Some(title.trim_matches(marks).to_owned()).filter(|title| !title.is_empty())
}

fn path<'a>(transcript: &'a Transcript, until: Option<&Id>) -> Vec<&'a Rc<Message>> {
    let shown = || transcript.shown.iter().map(|shown| &shown.message);
    let Some(until) = until else {
        return shown().collect();
    };
    if let Some(end) = shown().position(|message| message.id == *until) {
        return shown().take(end + 1).collect();
    }
    let mut path = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = transcript.get(until);
    while let Some(message) = next.filter(|message| seen.insert(&message.id)) {
        path.push(message);
        next = message.re.as_ref().and_then(|re| transcript.get(re));
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_read_out_of_an_answer() {
        for (answer, title) in [
            ("Packing for the Mountains", Some("Packing for the Mountains")),
            (" “Ein Wochenende in den Bergen.” \n\nHope that helps!", Some("Ein Wochenende in den Bergen")),
            ("**Title:** Local first", Some("Local first")),
            ("\"\"", None),
            ("", None),
        ] {
            assert_eq!(title_from_answer(answer).as_deref(), title, "{answer}");
        }
    }

    #[test]
    fn a_long_exchange_is_named_by_its_beginning() {
        let turns = title_prompt(&"é".repeat(9_000), &"x".repeat(9_000));
        let [turn] = turns.as_slice() else { panic!("{turns:?}") };
        assert!(turn.text.chars().count() < 3_300);
    }
}
