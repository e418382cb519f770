//! What components hold on to: five handles on the session, and the place the address bar names.
//!
//! Promises: a handle never changes, so providing it renders nobody again; a `use_…` hook renders its
//! component when its own slice of the session became a different value, and at no other time; a change
//! between the first render and the subscription is not missed. Handles pass commands on and decide
//! nothing.

mod chat;
mod place;
mod profile;
mod provider;
mod settings;
mod slice;
mod sync;
mod toast;
mod trash;

pub use chat::{
    ChatContext, use_chat_context, use_chat_settings, use_chats, use_is_loaded, use_is_reply_unsaved,
    use_live_ids, use_mark, use_missing_key, use_model, use_reply, use_scope, use_transcript,
};
pub use place::{Navigator, Panel, Place, Route, use_navigator, use_place};
pub use profile::{ProfileContext, use_profile, use_profile_context};
pub use provider::{Contexts, ContextsProps};
pub use settings::{
    SettingsContext, use_address_problem, use_code_wrap, use_is_unsaved, use_key, use_settings,
    use_settings_context,
};
pub use sync::{SyncContext, use_erasing, use_sync, use_sync_context, use_sync_health};
pub use toast::{ToastContext, use_toast_context, use_toasts};
pub use trash::use_trash;
