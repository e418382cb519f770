//! The settings record.

use super::{CLAUDE_URL, GEMINI_URL, OPENAI_URL, Window};
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
    /// The OpenAI-compatible endpoint.
    pub openai: Source,
    /// Anthropic, or a server that speaks like it.
    pub claude: Source,
    /// Google, or a server that speaks like it.
    pub gemini: Source,
    /// System prompt for all chats; empty = none.
    pub system_prompt: String,
    /// How freely a model chooses its words, as typed; empty = as the model likes it.
    pub temperature: String,
    /// Longest answer in tokens, as typed; empty = as the model likes it.
    pub max_tokens: String,
    /// Whether the model is asked to think before it answers, and to show it; costs time and tokens.
    pub thinking: bool,
    /// How much of a chat is sent for an answer.
    pub window: Window,
    /// Whether the model is asked for a title of a new chat, which costs one more request.
    pub model_titles: bool,
}

/// Where a model is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Base URL, like `https://api.openai.com/v1`.
    pub url: String,
    /// Model id there; empty = none chosen.
    pub model: String,
}

impl Source {
    fn at(url: &str) -> Self {
        Self { url: url.to_owned(), model: String::new() }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            model: Model::default(),
            storage: Storage::default(),
            openai: Source::at(OPENAI_URL),
            claude: Source::at(CLAUDE_URL),
            gemini: Source::at(GEMINI_URL),
            system_prompt: String::new(),
            temperature: String::new(),
            max_tokens: String::new(),
            thinking: false,
            window: Window::default(),
            model_titles: false,
        }
    }
}

/// What the record says where the model makes the titles.
const MODEL_TITLES: &str = "model";
/// What the record says where the model is to think first.
const THINKING: &str = "on";

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
            openai: Source {
                url: text("openaiUrl", default.openai.url),
                model: text("openaiModel", default.openai.model),
            },
            claude: Source {
                url: text("claudeUrl", default.claude.url),
                model: text("claudeModel", default.claude.model),
            },
            gemini: Source {
                url: text("geminiUrl", default.gemini.url),
                model: text("geminiModel", default.gemini.model),
            },
            system_prompt: text("system", default.system_prompt),
            temperature: text("temperature", default.temperature),
            max_tokens: text("maxTokens", default.max_tokens),
            thinking: record.text("thinking") == Some(THINKING),
            window: record.text("window").and_then(Window::from_name).unwrap_or_default(),
            model_titles: record.text("titles") == Some(MODEL_TITLES),
        }
    }

    /// Where a model is asked; `None` for one that needs no network.
    #[must_use]
    pub fn source(&self, model: Model) -> Option<&Source> {
        match model {
            Model::Off | Model::Mock => None,
            Model::OpenAi => Some(&self.openai),
            Model::Claude => Some(&self.claude),
            Model::Gemini => Some(&self.gemini),
        }
    }

    /// The same, to be changed.
    pub fn source_mut(&mut self, model: Model) -> Option<&mut Source> {
        match model {
            Model::Off | Model::Mock => None,
            Model::OpenAi => Some(&mut self.openai),
            Model::Claude => Some(&mut self.claude),
            Model::Gemini => Some(&mut self.gemini),
        }
    }

    /// The temperature to send; `None` where there is none or what was typed is no such number.
    #[must_use]
    pub fn temperature(&self) -> Option<f64> {
        let text = self.temperature.trim().replace(',', ".");
        text.parse().ok().filter(|heat| (0.0..=2.0).contains(heat))
    }

    /// The longest answer to ask for; `None` where there is none or what was typed is no such number.
    #[must_use]
    pub fn max_tokens(&self) -> Option<u32> {
        self.max_tokens.trim().parse().ok().filter(|count| *count > 0)
    }

    /// The edit that leads from these settings to `wanted`; `None` where they are equal. Only
    /// fields that differ are in it.
    #[must_use]
    pub fn edit_to(&self, wanted: &Self) -> Option<Edit> {
        let titles = |on: bool| if on { MODEL_TITLES } else { "local" };
        let thinking = |on: bool| if on { THINKING } else { "off" };
        let (window, wanted_window) = (self.window.name(), wanted.window.name());
        let pairs = [
            ("theme", self.theme.name(), wanted.theme.name()),
            ("model", self.model.name(), wanted.model.name()),
            ("storage", self.storage.name(), wanted.storage.name()),
            ("openaiUrl", &self.openai.url, &wanted.openai.url),
            ("openaiModel", &self.openai.model, &wanted.openai.model),
            ("claudeUrl", &self.claude.url, &wanted.claude.url),
            ("claudeModel", &self.claude.model, &wanted.claude.model),
            ("geminiUrl", &self.gemini.url, &wanted.gemini.url),
            ("geminiModel", &self.gemini.model, &wanted.gemini.model),
            ("system", &self.system_prompt, &wanted.system_prompt),
            ("temperature", &self.temperature, &wanted.temperature),
            ("maxTokens", &self.max_tokens, &wanted.max_tokens),
            ("thinking", thinking(self.thinking), thinking(wanted.thinking)),
            ("window", &window, &wanted_window),
            ("titles", titles(self.model_titles), titles(wanted.model_titles)),
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
