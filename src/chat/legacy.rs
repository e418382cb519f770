//! Taking over what version 1.2.9 kept in this browser's `localStorage`.
//!
//! Promises: nothing is changed where something cannot be read, and the other keys are still
//! taken. Ids come from the content, so taking over the same history twice, or a longer one later,
//! finds the same chat and the same messages and doubles nothing. Only what differs from the
//! defaults is taken.
//!
//! `storage: "firestore"` is not taken over as "on": the old app wrote to one shared place without
//! a secret, and this one needs a configuration and a pairing code first. It is reported as
//! skipped, so that the app can offer to set sync up.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::surrogates::replace_lone;
use super::{
    ChatDraft, Model, NewMessage, Profile, Role, Settings, StopReason, Theme, title_from_first_exchange,
};
use crate::sync::{Edit, Id, Key};

/// The texts under the three keys, where they are there.
#[derive(Clone, Copy, Debug, Default)]
pub struct LegacyKeys<'a> {
    /// [`LegacyKeys::SETTINGS`].
    pub settings: Option<&'a str>,
    /// [`LegacyKeys::HISTORY`].
    pub history: Option<&'a str>,
    /// [`LegacyKeys::PROFILE`].
    pub profile: Option<&'a str>,
}

impl LegacyKeys<'_> {
    /// Where the settings were.
    pub const SETTINGS: &'static str = "museSettings";
    /// Where the one conversation was.
    pub const HISTORY: &'static str = "museChatHistory";
    /// Where the profile was.
    pub const PROFILE: &'static str = "museUserProfile";
}

/// A key whose text cannot be read; nothing of it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyError {
    /// Which key.
    pub key: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for LegacyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The old {} could not be read and was left as it is: {}", self.key, self.reason)
    }
}

type Take = fn(&mut Legacy, &Value) -> Result<(), String>;

/// What was taken over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legacy {
    /// To be written in one transaction.
    pub edits: Vec<Edit>,
    /// How many messages are in the edits.
    pub messages: usize,
    /// What was left out, in words for the person.
    pub skipped: Vec<String>,
    /// Keys that could not be read.
    pub errors: Vec<LegacyError>,
}

impl Legacy {
    /// Reads the old texts.
    #[must_use]
    pub fn read(keys: LegacyKeys<'_>) -> Self {
        let mut legacy = Self::default();
        let parts: [(_, _, Take); 3] = [
            (LegacyKeys::SETTINGS, keys.settings, Self::settings),
            (LegacyKeys::PROFILE, keys.profile, Self::profile),
            (LegacyKeys::HISTORY, keys.history, Self::history),
        ];
        for (key, text, take) in parts {
            // `null` is what an empty key reads as through JSON
            let Some(text) = text.filter(|text| !matches!(text.trim(), "" | "null")) else {
                continue;
            };
            let json = replace_lone(text, |_| "\u{fffd}".to_owned());
            let taken = serde_json::from_str(&json)
                .map_err(|error| format!("it is not JSON ({error})"))
                .and_then(|value| take(&mut legacy, &value));
            if let Err(reason) = taken {
                legacy.errors.push(LegacyError { key, reason });
            }
        }
        legacy
    }

    /// Leaves out what this device has already, whatever became of it: an old value must not beat
    /// a newer one only because it was taken over late.
    pub fn keep_new(&mut self, is_known: impl Fn(&Key) -> bool) {
        self.edits.retain(|edit| !is_known(&edit.key));
        let is_message = |edit: &&Edit| matches!(edit.key, Key::Message(..));
        self.messages = self.edits.iter().filter(is_message).count();
    }

    fn settings(&mut self, value: &Value) -> Result<(), String> {
        let fields = object(value)?;
        let mut wanted = Settings::default();
        match fields.get("theme").map(|theme| (theme, theme.as_str().and_then(Theme::from_name))) {
            Some((_, Some(theme))) => wanted.theme = theme,
            Some((other, None)) => self.skip(format!("theme {other}: not known")),
            None => {}
        }
        match fields.get("model").map(|model| (model, model.as_str().and_then(Model::from_name))) {
            Some((_, Some(model))) => wanted.model = model,
            Some((other, None)) => self.skip(format!("model {other}: not known")),
            None => {}
        }
        match fields.get("storage").map(|storage| (storage, storage.as_str())) {
            None | Some((_, Some("local"))) => {}
            Some((_, Some("firestore"))) => {
                self.skip("storage \"firestore\": sync has to be set up anew, with a pairing code".to_owned())
            }
            Some((other, _)) => self.skip(format!("storage {other}: not known")),
        }
        self.edits.extend(Settings::default().edit_to(&wanted));
        Ok(())
    }

    fn profile(&mut self, value: &Value) -> Result<(), String> {
        let fields = object(value)?;
        let mut text = |name: &str| match fields.get(name) {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Null) | None => String::new(),
            Some(_) => {
                self.skip(format!("profile {name}: not a text"));
                String::new()
            }
        };
        let wanted =
            Profile { name: text("name"), email: text("email"), avatar: text("avatar"), bio: text("bio") };
        self.edits.extend(Profile::default().edit_to(&wanted));
        Ok(())
    }

    fn history(&mut self, value: &Value) -> Result<(), String> {
        let list = value.as_array().ok_or("it is not a list of messages")?;
        let mut chat = None;
        let mut occurrences: BTreeMap<Id, u32> = BTreeMap::new();
        let mut last: Option<NewMessage> = None;
        for (at, item) in list.iter().enumerate() {
            let old = match OldMessage::read(item, last.as_ref().map_or(0, |last| last.at_ms)) {
                Ok(old) => old,
                Err(reason) => {
                    self.skip(format!("message {}: {reason}", at + 1));
                    continue;
                }
            };
            let chat = chat.get_or_insert_with(|| {
                // as it is not opened before it is listed, here and on other devices
                let title = title_from_first_exchange(old.text);
                let draft = ChatDraft { title, ..ChatDraft::new(old.id('c', "", 0), old.at_ms) };
                self.edits.push(draft.edit());
                draft.id
            });
            let times = occurrences.entry(old.id('m', chat.as_str(), 0)).or_default();
            let message = old.message(chat, *times, last.as_ref());
            *times += 1;
            self.edits.push(message.edit(chat));
            self.messages += 1;
            last = Some(message);
        }
        Ok(())
    }

    fn skip(&mut self, reason: String) {
        self.skipped.push(reason);
    }
}

fn object(value: &Value) -> Result<&Map<String, Value>, String> {
    value.as_object().ok_or_else(|| "it is not a set of fields".to_owned())
}

/// A message as version 1.2.9 kept it.
struct OldMessage<'a> {
    id: String,
    role: Role,
    text: &'a str,
    at_ms: u64,
}

impl<'a> OldMessage<'a> {
    /// Reads one entry; a missing time is the id's, which was made from the clock, else `before_ms`.
    fn read(item: &'a Value, before_ms: u64) -> Result<Self, &'static str> {
        let role = match item.get("sender").and_then(Value::as_str) {
            Some("user") => Role::User,
            Some("bot") => Role::Assistant,
            Some(_) | None => return Err("its sender is not known"),
        };
        let text = item.get("text").and_then(Value::as_str).ok_or("it has no text")?;
        if text.trim().is_empty() {
            return Err("it is empty");
        }
        let id = match item.get("id") {
            Some(Value::String(id)) => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            Some(_) | None => String::new(),
        };
        let at_ms = item.get("timestamp").and_then(time_ms);
        let at_ms = at_ms.or_else(|| time_ms(&Value::from(&*id))).unwrap_or(before_ms);
        Ok(Self { id, role, text, at_ms })
    }

    /// An id made of the content, of the chat it is in, and of how often that came before.
    fn id(&self, kind: char, chat: &str, occurrence: u32) -> Id {
        let mut hash = Sha256::new();
        let (at, occurrence) = (self.at_ms.to_string(), occurrence.to_string());
        for part in ["muse 1.2.9", chat, &self.id, self.role.name(), &at, self.text, &occurrence] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut bits = [0; 16];
        bits.copy_from_slice(&hash.finalize()[..16]);
        Id::random(kind, bits)
    }

    fn message(&self, chat: &Id, occurrence: u32, last: Option<&NewMessage>) -> NewMessage {
        NewMessage {
            id: self.id('m', chat.as_str(), occurrence),
            role: self.role,
            body: self.text.to_owned(),
            at_ms: self.at_ms,
            re: last.map(|last| last.id.clone()),
            edits: None,
            model: String::new(),
            reasoning: String::new(),
            stop: (self.role == Role::Assistant).then_some(StopReason::Done),
            usage: None,
        }
    }
}

/// Unix milliseconds from a number or from its digits; nothing before 2001 or after 5138.
fn time_ms(value: &Value) -> Option<u64> {
    let float = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    (1e12..1e14).contains(&float).then_some(float as u64)
}

#[cfg(test)]
mod tests;
