//! What one sees: components show and report, and never decide.
//!
//! Promises: what a component shows comes from a hook in [`crate::contexts`] or from its props, what the
//! user does goes to a handle; text from people and models is only ever text, never HTML; everything can
//! be reached with the keyboard and has a name. A folder has what only the component beside it uses. The
//! block of a component in `assets/styles` is named as its file.

mod analytics_panel;
mod app;
mod chat;
mod chat_line;
mod chat_mark;
mod chat_panel;
mod choice;
mod cloud_sync_panel;
mod composer;
mod confirm_button;
mod copy_button;
mod debug_panel;
mod field;
mod header;
mod history_panel;
mod icon;
mod key_field;
mod keys;
mod markdown;
mod media;
mod modal;
mod model_field;
mod new_chat;
mod not_found;
mod older_texts;
mod panels;
mod profile_panel;
mod retry;
mod select;
mod settings_panel;
mod shell;
mod shortcuts_panel;
mod sidebar;
mod sync_indicator;
mod sync_words;
mod title_field;
mod toasts;
mod transcript;
mod when;

pub use app::{App, AppProps};
