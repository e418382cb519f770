//! Settings and profile: applied at once, saved in the background.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;

use super::views::Views;
use super::{Session, Slice, ToastKind};
use crate::chat::{Profile, Settings, Storage};
use crate::sync::Edit;

const RETRY_MS: u32 = 5_000;

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
        let storage = (current.storage != wanted.storage).then_some(wanted.storage);
        self.0.views.borrow_mut().settings = Rc::new(wanted);
        self.apply_theme();
        self.notify(&Slice::Settings);
        self.mirror_later();
        self.write_until_kept(edit, |views| views.settings.left_to_write(&views.settings_record));
        if let Some(storage) = storage {
            self.set_sync_on(storage == Storage::Firestore);
        }
    }

    /// Makes the profile what is wanted. Only what differs is written.
    pub fn save_profile(&self, wanted: Profile) {
        let Some(edit) = self.profile().edit_to(&wanted) else { return };
        self.0.views.borrow_mut().profile = Rc::new(wanted);
        self.notify(&Slice::Profile);
        self.mirror_later();
        self.write_until_kept(edit, |views| views.profile.left_to_write(&views.profile_record));
    }

    /// Writes an edit. Where that fails it is said, and what then is shown and not kept is tried again and again.
    fn write_until_kept(&self, edit: Edit, unsaved: fn(&Views) -> Option<Edit>) {
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let mut next = Some(edit);
            while let Some(edit) = next {
                let Err(why) = session.write(vec![edit], |_| ()).await else { break };
                session.note_unsaved(true);
                session.toast(ToastKind::Error, &format!("Not saved yet. {why}"));
                TimeoutFuture::new(RETRY_MS).await;
                next = unsaved(&session.0.views.borrow());
            }
            session.note_unsaved(false);
        });
    }

    fn note_unsaved(&self, is_unsaved: bool) {
        if self.0.is_unsaved.replace(is_unsaved) != is_unsaved {
            self.notify(&Slice::Settings);
        }
    }

    /// Whether settings or profile as shown could not be saved so far.
    #[must_use]
    pub fn is_unsaved(&self) -> bool {
        self.0.is_unsaved.get()
    }

    /// Computes the settings anew from the record and from what this device decides for itself:
    /// the record holds the wish to sync, but another device must not switch this one off.
    pub(super) fn refresh_settings(&self) {
        let on = self.0.cloud.borrow().on;
        {
            let mut views = self.0.views.borrow_mut();
            let mut settings = Settings::from_record(&views.settings_record);
            settings.storage = if on { Storage::Firestore } else { Storage::Local };
            views.settings = Rc::new(settings);
        }
        self.apply_theme();
        self.notify(&Slice::Settings);
    }
}
