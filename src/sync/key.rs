//! Names of records: random ids, and where a record lives on the device and on the server.

use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Id of a chat or a message: a kind letter and 26 characters of base32 (128 random bits),
/// or a shorter one that was derived from imported data. Always `[0-9a-z]{4,40}`, so it
/// needs no escaping in a path, a field name or an address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(Rc<str>);

/// The text is not an [`Id`] or not the name of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidId;

impl Id {
    /// A new id from 128 random bits; `kind` is `c` for a chat and `m` for a message.
    #[must_use]
    pub fn random(kind: char, bits: [u8; 16]) -> Self {
        let mut text = data_encoding::BASE32_NOPAD.encode(&bits).to_ascii_lowercase();
        text.insert(0, kind);
        Self(text.into())
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Id {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let ok = (4..=40).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        if ok { Ok(Self(text.into())) } else { Err(InvalidId) }
    }
}

impl TryFrom<String> for Id {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of a record")
    }
}

/// Which record. Two texts name it: the row key on the device (`a/settings`, `c/{chat}`,
/// `m/{chat}/{message}`, so that a prefix finds all chats or one chat's messages) and the
/// path below `users/{space}` on the server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Theme, model and the like.
    Settings,
    /// Name, e-mail, avatar, bio.
    Profile,
    /// One chat without its messages.
    Chat(Id),
    /// One message of a chat.
    Message(Id, Id),
}

impl Key {
    /// Prefix of the row keys of settings and profile.
    pub const CONFIG_ROWS: &'static str = "a/";
    /// Prefix of the row keys of all chats.
    pub const CHAT_ROWS: &'static str = "c/";
    /// Prefix of the row keys of all messages.
    pub const MESSAGE_ROWS: &'static str = "m/";

    /// Prefix of the row keys of one chat's messages.
    #[must_use]
    pub fn messages_of(chat: &Id) -> String {
        format!("m/{chat}/")
    }

    /// The key of the row on this device.
    #[must_use]
    pub fn row_key(&self) -> String {
        match self {
            Self::Settings => "a/settings".to_owned(),
            Self::Profile => "a/profile".to_owned(),
            Self::Chat(chat) => format!("c/{chat}"),
            Self::Message(chat, message) => format!("m/{chat}/{message}"),
        }
    }

    /// The reverse of [`Key::row_key`].
    ///
    /// # Errors
    /// The text is not a row key of a record.
    pub fn from_row_key(text: &str) -> Result<Self, InvalidId> {
        let mut parts = text.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some("a"), Some("settings"), None, None) => Ok(Self::Settings),
            (Some("a"), Some("profile"), None, None) => Ok(Self::Profile),
            (Some("c"), Some(chat), None, None) => Ok(Self::Chat(chat.parse()?)),
            (Some("m"), Some(chat), Some(message), None) => {
                Ok(Self::Message(chat.parse()?, message.parse()?))
            }
            _ => Err(InvalidId),
        }
    }

    /// The document path below `users/{space}`.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Settings => "config/settings".to_owned(),
            Self::Profile => "config/profile".to_owned(),
            Self::Chat(chat) => format!("chats/{chat}"),
            Self::Message(chat, message) => format!("chats/{chat}/messages/{message}"),
        }
    }

    /// The reverse of [`Key::path`].
    ///
    /// # Errors
    /// The text is not the path of a record.
    pub fn from_path(path: &str) -> Result<Self, InvalidId> {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["config", "settings"] => Ok(Self::Settings),
            ["config", "profile"] => Ok(Self::Profile),
            ["chats", chat] => Ok(Self::Chat(chat.parse()?)),
            ["chats", chat, "messages", message] => Ok(Self::Message(chat.parse()?, message.parse()?)),
            _ => Err(InvalidId),
        }
    }

    /// The chat a chat or message record belongs to.
    #[must_use]
    pub fn chat(&self) -> Option<&Id> {
        match self {
            Self::Settings | Self::Profile => None,
            Self::Chat(chat) | Self::Message(chat, _) => Some(chat),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_names_of_a_record_lead_back_to_it() {
        let chat = Id::random('c', [7; 16]);
        let message = Id::random('m', [9; 16]);
        assert_eq!(chat.as_str().len(), 27);
        for key in [Key::Settings, Key::Profile, Key::Chat(chat.clone()), Key::Message(chat, message)] {
            assert_eq!(Key::from_row_key(&key.row_key()), Ok(key.clone()));
            assert_eq!(Key::from_path(&key.path()), Ok(key));
        }
    }

    #[test]
    fn refuses_foreign_names() {
        for bad in ["", "a/other", "c/", "c/../x", "c/ABCD", "m/abcd", "m/abcd/efgh/x", "config/settings"] {
            assert!(Key::from_row_key(bad).is_err(), "{bad}");
        }
        for bad in ["", "config/other", "chats", "chats/abcd/messages", "chats/abcd/other/efgh"] {
            assert!(Key::from_path(bad).is_err(), "{bad}");
        }
        assert!("abc".parse::<Id>().is_err() && "abcd".parse::<Id>().is_ok());
    }
}
