//! What a chat, a message, a profile and the settings *are*: views of rows, and the edits that
//! user commands make.
//!
//! Promises: pure values; the text of a message is never changed or dropped here; a field that the
//! user never set is not in any edit, so that a blank device cannot overwrite a full one.

pub mod edits;
mod legacy;
pub mod markdown;
mod message;
mod profile;
mod prompt;
mod settings;
mod summary;
pub(crate) mod surrogates;
mod transcript;
mod trash;

pub use edits::{ChatDraft, NewMessage};
pub use legacy::{Legacy, LegacyError, LegacyKeys};
pub use message::{Message, Role, StopReason, Usage};
pub use profile::Profile;
pub use prompt::{Speaker, Turn, prompt};
pub use settings::{Model, OPENAI_URL, Settings, Storage, Theme};
pub use summary::{ChatSummary, RECOVERED, UNTITLED, title_from_first_exchange};
pub use transcript::{Chosen, Shown, Transcript};
pub use trash::{DeletedItem, Deletion, KEPT_DAYS};
