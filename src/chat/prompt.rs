//! What is sent to a model: the path of a conversation up to the message that it shall answer.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{ChatSummary, Message, Role, Settings, Transcript};
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
/// If `until` is on a version that is not shown, the turns are the messages it descends from.
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
    turns
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
