//! Settings, API keys and the small preferences of this device.

use std::rc::Rc;

use yew::prelude::*;

use super::slice::{use_handle, use_slice};
use crate::chat::Settings;
use crate::session::{Session, Slice};

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

    /// Keeps the API key on this device; an empty one removes it.
    pub fn set_openai_key(&self, key: &str) {
        self.0.set_openai_key(key);
    }

    /// Asks the endpoint for the ids of its models.
    ///
    /// # Errors
    /// One sentence for the user.
    pub async fn openai_models(&self) -> Result<Vec<String>, String> {
        self.0.openai_models().await
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

/// The end of the API key that is on this device, like `…1234`.
#[hook]
pub fn use_openai_key_hint() -> Option<String> {
    let SettingsContext(session) = use_handle();
    use_slice(&session, Slice::Settings, Session::openai_key_hint)
}
