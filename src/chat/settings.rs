//! The settings record.

use crate::sync::{Edit, Key, Record, Value};

/// Colours of the app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// Who answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// Nobody: messages are kept as notes.
    Off,
    /// The built-in demo, offline and deterministic.
    #[default]
    Mock,
    /// Any OpenAI-compatible endpoint.
    OpenAi,
    /// Anthropic.
    Claude,
    /// Google.
    Gemini,
}

/// Where the user's data lives besides this device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// Only here.
    #[default]
    Local,
    /// Also in the user's Cloud Firestore.
    Firestore,
}

/// The settings as the app uses them; every field has a default that is never written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Colours.
    pub theme: Theme,
    /// Who answers in chats that do not say otherwise.
    pub model: Model,
    /// Where data lives. The record holds the user's wish; whether *this* device syncs is decided
    /// by the device (see `session`), so the app shows that instead.
    pub storage: Storage,
    /// Base URL of the OpenAI-compatible endpoint, like `https://api.openai.com/v1`.
    pub openai_url: String,
    /// Model id at that endpoint.
    pub openai_model: String,
    /// System prompt for all chats; empty = none.
    pub system_prompt: String,
}

/// Where OpenAI itself answers.
pub const OPENAI_URL: &str = "https://api.openai.com/v1";

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            model: Model::default(),
            storage: Storage::default(),
            openai_url: OPENAI_URL.to_owned(),
            openai_model: String::new(),
            system_prompt: String::new(),
        }
    }
}

macro_rules! named {
    ($type:ty { $($variant:path => $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$($variant),+];

            /// The name in the record.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $($variant => $name),+ }
            }

            /// The value of a name; `None` for one this build does not know.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some($variant),)+ _ => None }
            }
        }
    };
}

named!(Theme { Theme::System => "system", Theme::Light => "light", Theme::Dark => "dark" });
named!(Model {
    Model::Off => "off",
    Model::Mock => "mock",
    Model::OpenAi => "openai",
    Model::Claude => "claude",
    Model::Gemini => "gemini",
});
named!(Storage { Storage::Local => "local", Storage::Firestore => "firestore" });

impl Settings {
    /// The settings in a record; unknown or missing values fall back to the default.
    #[must_use]
    pub fn from_record(record: &Record) -> Self {
        let default = Self::default();
        let text = |field: &str, default: String| record.text(field).map_or(default, ToOwned::to_owned);
        Self {
            theme: record.text("theme").and_then(Theme::from_name).unwrap_or_default(),
            model: record.text("model").and_then(Model::from_name).unwrap_or_default(),
            storage: record.text("storage").and_then(Storage::from_name).unwrap_or_default(),
            openai_url: text("openaiUrl", default.openai_url),
            openai_model: text("openaiModel", default.openai_model),
            system_prompt: text("system", default.system_prompt),
        }
    }

    /// The edit that leads from these settings to `wanted`; `None` where they are equal. Only
    /// fields that differ are in it.
    #[must_use]
    pub fn edit_to(&self, wanted: &Self) -> Option<Edit> {
        let pairs = [
            ("theme", self.theme.name(), wanted.theme.name()),
            ("model", self.model.name(), wanted.model.name()),
            ("storage", self.storage.name(), wanted.storage.name()),
            ("openaiUrl", &self.openai_url, &wanted.openai_url),
            ("openaiModel", &self.openai_model, &wanted.openai_model),
            ("system", &self.system_prompt, &wanted.system_prompt),
        ];
        changed(Key::Settings, &pairs)
    }
}

/// An edit of the text fields that differ: `(name, old, new)`.
pub(crate) fn changed(key: Key, pairs: &[(&str, &str, &str)]) -> Option<Edit> {
    let fields: Vec<_> = pairs
        .iter()
        .filter(|(_, old, new)| old != new)
        .map(|(name, _, new)| (*name, Value::from(*new)))
        .collect();
    (!fields.is_empty()).then(|| Edit::set(key, fields))
}
