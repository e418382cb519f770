//! Settings and profile: applied at once, saved in the background.

use std::rc::Rc;

use super::{Session, Slice};
use crate::chat::{Profile, Settings, Storage};
use crate::sync::Key;

impl Session {
    /// The settings.
    #[must_use]
    pub fn settings(&self) -> Rc<Settings> {
        Rc::clone(&self.0.views.borrow().settings)
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> Rc<Profile> {
        Rc::clone(&self.0.views.borrow().profile)
    }

    /// Makes the settings what is wanted. Only what differs is written.
    pub fn save_settings(&self, wanted: Settings) {
        let current = self.settings();
        let Some(edit) = current.edit_to(&wanted) else { return };
        self.save(vec![edit]);
        if current.storage != wanted.storage {
            self.set_sync_on(wanted.storage == Storage::Firestore);
        }
    }

    /// Makes the profile what is wanted. Only what differs is written.
    pub fn save_profile(&self, wanted: &Profile) {
        self.save(self.profile().edit_to(wanted).into_iter().collect());
    }

    /// Computes the settings anew from the record and from what this device decides for itself:
    /// the record holds the wish to sync, but another device must not switch this one off.
    pub(super) fn refresh_settings(&self) {
        let on = self.0.cloud.borrow().on;
        {
            let mut views = self.0.views.borrow_mut();
            let mut settings =
                Settings::from_record(&views.unsaved.over(&Key::Settings, &views.settings_record));
            settings.storage = if on { Storage::Firestore } else { Storage::Local };
            views.settings = Rc::new(settings);
        }
        self.apply_theme();
        self.notify(&Slice::Settings);
    }
}
