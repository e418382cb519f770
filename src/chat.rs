//! What a chat, a message, a profile and the settings *are*: views of rows, and the edits that
//! user commands make.
//!
//! Promises: pure values; the text of a message is never changed or dropped here; a field that the
//! user never set is not in any edit, so that a blank device cannot overwrite a full one.

pub mod edits;
mod legacy;
pub mod markdown;
mod message;
mod presets;
mod profile;
mod prompt;
mod settings;
mod summary;
pub(crate) mod surrogates;
mod transcript;
mod trash;
mod window;

pub use edits::{Answerer, ChatDraft, NewMessage};
pub use legacy::{Legacy, LegacyError, LegacyKeys};
pub use message::{Message, Role, StopReason, Usage};
pub use presets::{CLAUDE_KEY_PAGE, CLAUDE_URL, GEMINI_KEY_PAGE, GEMINI_URL, OPENAI_URL, PRESETS, Preset};
pub use profile::Profile;
pub use prompt::{Speaker, Turn, continuation, next_reads, prompt, title_from_answer, title_prompt};
pub use settings::{Model, Settings, Source, Storage, Theme};
pub use summary::{ChatSummary, RECOVERED, UNTITLED, title_from_first_exchange};
pub use transcript::{Chosen, Shown, Transcript};
pub use trash::{DeletedItem, Deletion, KEPT_DAYS, at_stake, keep_taken};
pub use window::Window;
