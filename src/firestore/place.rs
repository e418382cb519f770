//! Where things are: the resource names of one space's documents, and the way back.

use super::Config;
use crate::sync::{FeedId, Id, Key, SpaceId};

/// Names in one project and space. Nothing in them needs escaping: project, space and ids are
/// made of lower-case letters, digits and dashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    documents: String,
    head: String,
}

impl Place {
    pub(crate) fn new(config: &Config, space: &SpaceId) -> Self {
        let documents = format!("projects/{}/databases/(default)/documents", config.project_id());
        let head = format!("{documents}/users/{}", space.as_str());
        Self { documents, head }
    }

    /// What `:commit` and `:batchGet` are asked of.
    pub(crate) fn documents(&self) -> &str {
        &self.documents
    }

    pub(crate) fn head(&self) -> &str {
        &self.head
    }

    pub(crate) fn record(&self, key: &Key) -> String {
        format!("{}/{}", self.head, key.path())
    }

    pub(crate) fn chat(&self, chat: &Id) -> String {
        format!("{}/chats/{chat}", self.head)
    }

    pub(crate) fn probe(&self, id: &str) -> String {
        format!("{}/probe/{id}", self.head)
    }

    /// The document a feed's collection belongs to, and the collection's id.
    pub(crate) fn feed(&self, feed: &FeedId) -> (String, &'static str) {
        match feed {
            FeedId::Config => (self.head.clone(), "config"),
            FeedId::Chats => (self.head.clone(), "chats"),
            FeedId::Messages(chat) => (self.chat(chat), "messages"),
        }
    }

    /// Which record a document is; `None` for documents that are not this app's.
    pub(crate) fn key(&self, name: &str) -> Option<Key> {
        let path = name.strip_prefix(&self.head)?.strip_prefix('/')?;
        Key::from_path(path).ok()
    }
}
