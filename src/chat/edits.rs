//! What the person does, as edits of records.
//!
//! Every function is a command and returns what has to be written in one transaction.

use super::{Model, Role, StopReason, Transcript, Usage};
use crate::sync::{Edit, Id, Key, Record, Value};

/// Who answers in a chat that does not follow the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answerer {
    /// Who.
    pub model: Model,
    /// Which model there; empty = the one in the settings for that source.
    pub id: String,
}

/// A chat that does not exist yet; it comes into being with its first message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatDraft {
    /// The id it will have, made when the page of the chat was opened.
    pub id: Id,
    /// When, Unix milliseconds. Written so that a chat with no title and no choices has a record.
    pub at_ms: u64,
    /// Title, if the person gave one.
    pub title: Option<String>,
    /// Who answers, if the person chose for this chat.
    pub answerer: Option<Answerer>,
    /// System prompt, if the person set one for this chat.
    pub system: Option<String>,
    /// Pinned already.
    pub pinned: bool,
}

impl ChatDraft {
    /// A chat without choices of its own.
    #[must_use]
    pub fn new(id: Id, at_ms: u64) -> Self {
        Self { id, at_ms, title: None, answerer: None, system: None, pinned: false }
    }

    /// Creates the chat.
    #[must_use]
    pub fn edit(&self) -> Edit {
        let mut fields = vec![("at", Value::from(self.at_ms))];
        if let Some(title) = &self.title {
            fields.push(("title", title.trim().into()));
        }
        if let Some(answerer) = &self.answerer {
            fields.push(("model", answerer.model.name().into()));
            if !answerer.id.is_empty() {
                fields.push(("modelId", answerer.id.as_str().into()));
            }
        }
        if let Some(system) = &self.system {
            fields.push(("system", system.as_str().into()));
        }
        if self.pinned {
            fields.push(("pinned", true.into()));
        }
        Edit::set(Key::Chat(self.id.clone()), fields)
    }
}

/// A message to be written, once and for all: its body is never edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// The id it will have.
    pub id: Id,
    /// Who says it.
    pub role: Role,
    /// The text, exactly as typed or streamed.
    pub body: String,
    /// When, Unix milliseconds.
    pub at_ms: u64,
    /// The message it answers or follows.
    pub re: Option<Id>,
    /// The first version of the question it replaces.
    pub edits: Option<Id>,
    /// The model that answers, as named to people.
    pub model: String,
    /// Its reasoning.
    pub reasoning: String,
    /// How the answer ended.
    pub stop: Option<StopReason>,
    /// Token counts.
    pub usage: Option<Usage>,
}

impl NewMessage {
    fn new(id: Id, role: Role, body: String, at_ms: u64, re: Option<Id>) -> Self {
        Self {
            id,
            role,
            body,
            at_ms,
            re,
            edits: None,
            model: String::new(),
            reasoning: String::new(),
            stop: None,
            usage: None,
        }
    }

    /// What the person says next in a chat.
    #[must_use]
    pub fn question(id: Id, body: String, at_ms: u64, transcript: &Transcript) -> Self {
        let re = transcript.last().map(|message| message.id.clone());
        Self::new(id, Role::User, body, at_ms, re)
    }

    /// A new version of the question `old`, at the same place of the conversation.
    #[must_use]
    pub fn edited(id: Id, body: String, at_ms: u64, transcript: &Transcript, old: &Id) -> Self {
        let re = transcript.get(old).and_then(|old| old.re.clone());
        let mut message = Self::new(id, Role::User, body, at_ms, re);
        message.edits = Some(transcript.first_version(old));
        message
    }

    /// An answer to `question`. A second answer to it becomes another version.
    #[must_use]
    pub fn answer(id: Id, body: String, at_ms: u64, question: &Id, stop: StopReason) -> Self {
        let mut message = Self::new(id, Role::Assistant, body, at_ms, Some(question.clone()));
        message.stop = Some(stop);
        message
    }

    /// Writes it into a chat; what is empty gets no field.
    #[must_use]
    pub fn edit(&self, chat: &Id) -> Edit {
        let mut fields = vec![
            ("role", Value::from(self.role.name())),
            ("body", self.body.as_str().into()),
            ("at", self.at_ms.into()),
        ];
        let ids = [("re", &self.re), ("ed", &self.edits)];
        fields.extend(ids.into_iter().filter_map(|(name, id)| Some((name, id.as_ref()?.as_str().into()))));
        let texts = [("model", &self.model), ("think", &self.reasoning)];
        fields.extend(
            texts
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(name, text)| (name, text.as_str().into())),
        );
        if let Some(stop) = &self.stop {
            fields.push(("stop", stop.to_text().into()));
        }
        if let Some(usage) = self.usage {
            fields.push(("usage", usage.to_value()));
        }
        Edit::set(Key::Message(chat.clone(), self.id.clone()), fields)
    }
}

/// Adds a message to a chat; `draft` is given when it is the chat's first.
#[must_use]
pub fn send(chat: &Id, draft: Option<&ChatDraft>, message: &NewMessage) -> Vec<Edit> {
    let mut edits: Vec<_> = draft.map(ChatDraft::edit).into_iter().collect();
    edits.push(message.edit(chat));
    edits
}

fn set_in_chat(chat: &Id, field: &str, value: Value) -> Vec<Edit> {
    vec![Edit::set(Key::Chat(chat.clone()), [(field, value)])]
}

/// Gives a chat a title; an empty one brings back the title from its first words.
#[must_use]
pub fn rename(chat: &Id, title: &str) -> Vec<Edit> {
    let title = title.trim();
    set_in_chat(chat, "title", if title.is_empty() { Value::Null } else { title.into() })
}

/// Pins a chat to the top of the list, or takes it down.
#[must_use]
pub fn pin(chat: &Id, pinned: bool) -> Vec<Edit> {
    set_in_chat(chat, "pinned", pinned.into())
}

/// Chooses who answers in a chat; `None` follows the settings.
#[must_use]
pub fn set_answerer(chat: &Id, answerer: Option<&Answerer>) -> Vec<Edit> {
    let model = answerer.map_or(Value::Null, |answerer| answerer.model.name().into());
    let id = answerer.filter(|answerer| !answerer.id.is_empty());
    let id = id.map_or(Value::Null, |answerer| answerer.id.as_str().into());
    vec![Edit::set(Key::Chat(chat.clone()), [("model", model), ("modelId", id)])]
}

/// Sets the system prompt of a chat; `None` follows the settings, an empty one means none.
#[must_use]
pub fn set_system(chat: &Id, system: Option<&str>) -> Vec<Edit> {
    set_in_chat(chat, "system", system.map_or(Value::Null, Value::from))
}

/// Deletes messages of a chat (one version, or all [`super::Shown::versions`] of a place).
#[must_use]
pub fn delete_messages<'a>(chat: &Id, messages: impl IntoIterator<Item = &'a Id>) -> Vec<Edit> {
    messages.into_iter().map(|message| Edit::delete(Key::Message(chat.clone(), message.clone()))).collect()
}

/// Deletes a chat with those of its messages that this device has seen. One made elsewhere in the
/// meantime survives, and the chat shows again as recovered.
#[must_use]
pub fn delete_chat<'a>(chat: &Id, messages: impl IntoIterator<Item = &'a Id>) -> Vec<Edit> {
    let mut edits = vec![Edit::delete(Key::Chat(chat.clone()))];
    edits.extend(delete_messages(chat, messages));
    edits
}

/// Brings records back that were saved before they were deleted: writes every field again.
#[must_use]
pub fn undelete<'a>(saved: impl IntoIterator<Item = (&'a Key, &'a Record)>) -> Vec<Edit> {
    saved
        .into_iter()
        .filter(|(_, record)| !record.is_deleted())
        .map(|(key, record)| {
            let fields = record.fields.iter().filter(|(_, register)| !register.value.is_null());
            let fields = fields.map(|(name, register)| (name.as_str(), register.value.clone()));
            Edit::set(key.clone(), fields.chain([("del", Value::Null)]))
        })
        .collect()
}

#[cfg(test)]
mod tests;
