//! Sync with the user's Firestore, and what the device says about itself.

use std::rc::Rc;

use yew::prelude::*;

use super::slice::{use_handle, use_slice};
use crate::session::{
    DeviceSeen, Diagnostics, Erasing, Joining, OlderText, Preview, ProbeReport, Refused, Session, Slice,
    SyncView, ThisSession,
};
use crate::sync::{Key, SyncHealth};

/// Commands about sync.
#[derive(Clone, PartialEq)]
pub struct SyncContext(pub(super) Session);

impl SyncContext {
    /// Checks now instead of waiting.
    pub fn sync_now(&self) {
        self.0.sync_now();
    }

    /// Decides about sync for this session only, that is, until this tab is closed.
    pub fn set_this_session(&self, what: ThisSession) {
        self.0.set_this_session(what);
    }

    /// Takes a Firestore configuration as pasted.
    ///
    /// # Errors
    /// One sentence that names the field that is wrong.
    pub async fn enter_config(&self, text: &str) -> Result<(), String> {
        self.0.enter_config(text).await
    }

    /// Forgets the configuration that was entered on this device.
    pub fn forget_config(&self) {
        self.0.forget_config();
    }

    /// Looks at both sides before they become one; changes nothing.
    ///
    /// # Errors
    /// One sentence for the user.
    pub async fn preview(&self, joining: &Joining) -> Result<Preview, String> {
        self.0.preview(joining).await
    }

    /// Makes or joins a space.
    ///
    /// # Errors
    /// One sentence for the user; nothing changed.
    pub async fn join(&self, joining: &Joining) -> Result<(), String> {
        self.0.join(joining).await
    }

    /// The person does not want to join the space of the link.
    pub fn drop_invitation(&self) {
        self.0.drop_invitation();
    }

    /// A link with which another device joins. As secret as the code.
    #[must_use]
    pub fn pairing_link(&self) -> Option<String> {
        self.0.pairing_link()
    }

    /// The code with which another device joins. A secret: shown only when asked for.
    #[must_use]
    pub fn pairing_code(&self) -> Option<String> {
        self.0.pairing_code()
    }

    /// Leaves the space; the data stays on this device and on the server.
    ///
    /// # Errors
    /// One sentence for the user.
    pub async fn leave_space(&self) -> Result<(), String> {
        self.0.leave_space().await
    }

    /// This device, then the others of the space, the latest first.
    #[must_use]
    pub fn devices(&self) -> Vec<DeviceSeen> {
        self.0.devices()
    }

    /// The records that the server refuses, with the reason and the content of each.
    ///
    /// # Errors
    /// One sentence for the user.
    pub async fn refused(&self) -> Result<Vec<Refused>, String> {
        self.0.refused().await
    }

    /// Tries refused records again.
    pub fn retry_refused(&self, keys: Vec<Key>) {
        self.0.retry_refused(keys);
    }

    /// Compares everything here with everything in the cloud again.
    pub fn compare_anew(&self) {
        self.0.compare_anew();
    }

    /// Erases everything in the cloud for good and leaves the space; all devices keep what they have.
    ///
    /// # Errors
    /// One sentence for the user; nothing was erased.
    pub async fn erase_cloud_copy(&self) -> Result<(), String> {
        self.0.erase_cloud_copy().await
    }

    /// Texts of a chat, the profile or the settings that lost to a newer one, newest first.
    ///
    /// # Errors
    /// One sentence for the user.
    pub async fn older_texts(&self, of: &Key) -> Result<Vec<OlderText>, String> {
        self.0.older_texts(of).await
    }

    /// Makes an older text the current one.
    ///
    /// # Errors
    /// One sentence for the user; nothing changed.
    pub async fn take_back(&self, older: &OlderText) -> Result<(), String> {
        self.0.take_back(older).await
    }

    /// Throws an older text away.
    pub fn forget_older_text(&self, older: &OlderText) {
        self.0.forget_older_text(older);
    }

    /// Facts for the debug modal.
    pub async fn diagnostics(&self) -> Diagnostics {
        self.0.diagnostics().await
    }

    /// Sync health as text for "copy diagnostics"; neither content nor secrets are in it.
    #[must_use]
    pub fn health_report(&self) -> String {
        self.0.health().report(self.0.instant_ms())
    }

    /// Tries to save.
    pub async fn probe_save(&self) -> ProbeReport {
        self.0.probe_save().await
    }

    /// Tries to load.
    pub async fn probe_load(&self) -> ProbeReport {
        self.0.probe_load().await
    }
}

/// Commands about sync.
#[hook]
pub fn use_sync_context() -> SyncContext {
    use_handle()
}

/// How far the erasing of the cloud copy is, if it is being erased.
#[hook]
pub fn use_erasing() -> Option<Rc<Erasing>> {
    let SyncContext(session) = use_handle();
    use_slice(&session, Slice::Sync, Session::erasing)
}

/// The state of sync.
#[hook]
pub fn use_sync() -> Rc<SyncView> {
    let SyncContext(session) = use_handle();
    use_slice(&session, Slice::Sync, Session::sync)
}

/// How sync is doing: latencies, what waits, what was billed, the last things that happened.
#[hook]
pub fn use_sync_health() -> Rc<SyncHealth> {
    let SyncContext(session) = use_handle();
    use_slice(&session, Slice::Health, |session| Rc::new(session.health()))
}
