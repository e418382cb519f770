//! The tabs of one browser: which of them talks to the server, and what they tell each other.
//!
//! One tab of each space leads, so that ten tabs do not cost ten times the requests. Nothing
//! depends on it: every step is safe in any number of tabs at once, and a follower that hears
//! nothing does the work itself.

use serde::{Deserialize, Serialize};

use super::{SpaceId, Status};

/// What a tab is among the tabs of its browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Nothing is known of others, so it does everything itself.
    #[default]
    Alone,
    /// It talks to the server for all.
    Leader,
    /// Another tab talks to the server.
    Follower,
}

impl Role {
    /// One word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Leader => "leading",
            Self::Follower => "following",
        }
    }
}

/// Which space a message between tabs is about: the beginning of its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpaceTag(String);

impl SpaceTag {
    /// The tag of a space.
    #[must_use]
    pub fn new(space: &SpaceId) -> Self {
        Self(space.as_str().chars().take(8).collect())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What one tab tells all others. Any of these may get lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TabMessage {
    /// These rows changed (row keys).
    Rows(Vec<String>),
    /// What this device has decided about sync changed. It is in rows that are no records; read them again.
    Decided,
    /// A follower asks whether the leader is alive.
    Ask {
        /// Of which space.
        space: SpaceTag,
        /// Its page is looked at, so it would be the better leader of two.
        visible: bool,
        /// It knows of something that waits to be sent.
        waiting: bool,
        /// The user asked to try now.
        urgent: bool,
    },
    /// The leader is, and this is its state. The time of its next try is in milliseconds from now.
    Alive {
        /// Of which space.
        space: SpaceTag,
        /// As the leader sees it.
        status: Status,
    },
}

impl TabMessage {
    /// As text.
    #[must_use]
    pub fn to_text(&self) -> String {
        // texts, numbers and flags: cannot fail
        serde_json::to_string(self).unwrap_or_default()
    }

    /// From text; `None` for what a tab of another version may say.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{Attention, Secret};

    #[test]
    fn messages_are_read_as_they_were_written_and_others_are_ignored() {
        let space = SpaceTag::new(&Secret::new([7; 20]).space());
        let rejected = Attention::Rejected("why\n\"so\"".to_owned());
        let status = Status::Attention { reason: rejected, pending: 3, retry_at_ms: Some(5) };
        let messages = [
            TabMessage::Rows(vec!["c/cabc".to_owned(), "a/settings".to_owned()]),
            TabMessage::Decided,
            TabMessage::Ask { space: space.clone(), visible: true, waiting: false, urgent: true },
            TabMessage::Alive { space, status },
        ];
        for message in messages {
            assert_eq!(TabMessage::from_text(&message.to_text()), Some(message));
        }
        for other in ["", "c/cabc\na/settings", "{}", r#"{"Sing":1}"#] {
            assert_eq!(TabMessage::from_text(other), None);
        }
    }
}
