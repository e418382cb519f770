//! The profile record: who the user is to themselves; nobody else sees it.

use super::settings::changed;
use crate::sync::{Edit, Key, Record};

/// The profile; all fields may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Display name.
    pub name: String,
    /// E-mail address, not checked and not used.
    pub email: String,
    /// An emoji, or the address of a picture.
    pub avatar: String,
    /// Free text.
    pub bio: String,
}

impl Profile {
    /// The profile in a record.
    #[must_use]
    pub fn from_record(record: &Record) -> Self {
        let text = |field: &str| record.text(field).unwrap_or_default().to_owned();
        Self { name: text("name"), email: text("email"), avatar: text("avatar"), bio: text("bio") }
    }

    /// The edit that leads from this profile to `wanted`; `None` where they are equal.
    #[must_use]
    pub fn edit_to(&self, wanted: &Self) -> Option<Edit> {
        let pairs = [
            ("name", &*self.name, &*wanted.name),
            ("email", &self.email, &wanted.email),
            ("avatar", &self.avatar, &wanted.avatar),
            ("bio", &self.bio, &wanted.bio),
        ];
        changed(Key::Profile, &pairs)
    }
}
