//! What one sees: components show and report, and never decide.
//!
//! Promises: what a component shows comes from a hook in [`crate::contexts`] or from its props, what the
//! user does goes to a handle; text from people and models is only ever text, never HTML; everything can
//! be reached with the keyboard and has a name. The block of a component in `assets/styles` is named as
//! its file.

mod analytics_panel;
mod announcer;
mod answer_fields;
mod app;
mod body;
mod chat;
mod chat_line;
mod chat_mark;
mod chat_panel;
mod chat_sync;
mod choice;
mod cloud_sync_panel;
mod composer;
mod confirm_button;
mod copy_button;
mod debug_panel;
mod device_list;
mod draft;
mod edit_message;
mod empty_chat;
mod erase_cloud;
mod failure;
mod field;
mod follow;
mod go_on;
mod header;
mod health_words;
mod history_panel;
mod history_row;
mod icon;
mod kept_here;
mod key_field;
mod key_prompt;
mod keys;
mod live_reply;
mod markdown;
mod media;
mod merge_question;
mod message_actions;
mod message_mark;
mod message_row;
mod modal;
mod model_field;
mod new_chat;
mod not_found;
mod older_texts;
mod pairing;
mod pairing_code;
mod panels;
mod probes;
mod profile_panel;
mod qr;
mod recent_chats;
mod refused_list;
mod retry;
mod select;
mod sender;
mod settings_panel;
mod shell;
mod shortcuts_panel;
mod sidebar;
mod source_fields;
mod space;
mod sync_health;
mod sync_indicator;
mod sync_words;
mod take_out;
mod title_field;
mod toasts;
mod transcript;
mod trash;
mod versions;
mod when;

pub use app::{App, AppProps};
