//! The profile record: who the user is to themselves; nobody else sees it.

use super::settings::changed;
use crate::sync::{Edit, Key, Record, SCHEMA};

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

    /// What of this is not in the record, to be tried again. `None` also for a record of a newer build,
    /// which this one must not write.
    #[must_use]
    pub fn left_to_write(&self, record: &Record) -> Option<Edit> {
        Self::from_record(record).edit_to(self).filter(|_| record.v <= SCHEMA)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_write_is_what_the_record_lacks_unless_a_newer_build_made_it() {
        let shown = Profile { name: "Ada".into(), ..Profile::default() };
        let mut record = Record::default();
        assert_eq!(shown.left_to_write(&record), Profile::default().edit_to(&shown));
        assert_eq!(Profile::default().left_to_write(&record), None);
        record.v = SCHEMA + 1;
        assert_eq!(shown.left_to_write(&record), None, "it would be refused for ever");
    }
}
