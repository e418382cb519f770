//! Settings, API keys and the small preferences of this device.

use std::rc::Rc;

use yew::prelude::*;

use super::slice::{use_handle, use_slice};
use crate::chat::{Model, Settings};
use crate::session::{KeyView, Session, Slice};

/// Commands about settings.
#[derive(Clone, PartialEq)]
pub struct SettingsContext(pub(super) Session);

impl SettingsContext {
    /// Changes the settings: starts from what they are now, applies at once, is saved in the background.
    pub fn change(&self, edit: impl FnOnce(&mut Settings)) {
        let mut wanted = Settings::clone(&self.0.settings());
        edit(&mut wanted);
        self.0.save_settings(wanted);
    }

    /// Keeps the API key for a model's address on this device, or for this visit only; an empty one
    /// removes it.
    pub fn set_key(&self, model: Model, key: &str, for_this_visit: bool) {
        self.0.set_key(model, key, for_this_visit);
    }

    /// Moves the key for a model's address: into memory only, or onto this device.
    pub fn move_key(&self, model: Model, for_this_visit: bool) {
        self.0.move_key(model, for_this_visit);
    }

    /// Asks a source for the ids of its models.
    ///
    /// # Errors
    /// One sentence for the user.
    pub async fn models(&self, model: Model) -> Result<Vec<String>, String> {
        self.0.models(model).await
    }

    /// Asks a model for one word; gives its answer.
    ///
    /// # Errors
    /// One sentence for the user.
    pub async fn try_model(&self, model: Model) -> Result<String, String> {
        self.0.try_model(model).await
    }

    /// Whether the sidebar shows labels on this device.
    #[must_use]
    pub fn sidebar_expanded(&self) -> bool {
        self.0.sidebar_expanded()
    }

    /// Remembers whether the sidebar shows labels on this device.
    pub fn set_sidebar_expanded(&self, expanded: bool) {
        self.0.set_sidebar_expanded(expanded);
    }
}

/// Whether long lines of code are wrapped on this device, and how to change that.
#[hook]
pub fn use_code_wrap() -> (bool, Callback<bool>) {
    let SettingsContext(session) = use_handle();
    let wraps = use_slice(&session, Slice::Settings, Session::wraps_code);
    (wraps, Callback::from(move |wrap| session.set_wraps_code(wrap)))
}

/// Whether anything that is shown as decided is not stored yet.
#[hook]
pub fn use_is_unsaved() -> bool {
    let SettingsContext(session) = use_handle();
    use_slice(&session, Slice::Unsaved, Session::is_unsaved)
}

/// Commands about settings.
#[hook]
pub fn use_settings_context() -> SettingsContext {
    use_handle()
}

/// The settings.
#[hook]
pub fn use_settings() -> Rc<Settings> {
    let SettingsContext(session) = use_handle();
    use_slice(&session, Slice::Settings, Session::settings)
}

/// What is wrong with the address of a model, in one sentence.
#[hook]
pub fn use_address_problem(model: Model) -> Option<String> {
    let SettingsContext(session) = use_handle();
    use_slice(&session, Slice::Settings, move |session| session.address_problem(model))
}

/// What is known of the API key for a model.
#[hook]
pub fn use_key(model: Model) -> Option<KeyView> {
    let SettingsContext(session) = use_handle();
    use_slice(&session, Slice::Settings, move |session| session.key(model))
}
