//! The user's profile.

use std::rc::Rc;

use yew::prelude::*;

use super::slice::{use_handle, use_slice};
use crate::chat::Profile;
use crate::session::{Session, Slice};

/// Commands about the profile.
#[derive(Clone, PartialEq)]
pub struct ProfileContext(pub(super) Session);

impl ProfileContext {
    /// Changes the profile: starts from what it is now, applies at once, is saved in the background.
    pub fn change(&self, edit: impl FnOnce(&mut Profile)) {
        let mut wanted = Profile::clone(&self.0.profile());
        edit(&mut wanted);
        self.0.save_profile(&wanted);
    }
}

/// Commands about the profile.
#[hook]
pub fn use_profile_context() -> ProfileContext {
    use_handle()
}

/// The profile.
#[hook]
pub fn use_profile() -> Rc<Profile> {
    let ProfileContext(session) = use_handle();
    use_slice(&session, Slice::Profile, Session::profile)
}
