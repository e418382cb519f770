//! What a chat, a message, a profile and the settings *are*: views of rows, and the edits that
//! user commands make.
//!
//! Promises: pure values; the text of a message is never changed or dropped here; a field that the
//! user never set is not in any edit, so that a blank device cannot overwrite a full one.

mod edits;
mod legacy;
mod profile;
mod settings;
mod transcript;

pub use edits::{ChatDraft, NewMessage};
pub use legacy::{Legacy, LegacyError, LegacyKeys};
pub use profile::Profile;
pub use settings::{Model, Settings, Storage, Theme};
pub use transcript::{ChatSummary, Message, Role, Shown, StopReason, Transcript, Usage};
