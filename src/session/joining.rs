//! Before a space is made or joined: what is on both sides, and the link of another device.

use std::collections::BTreeSet;

use wasm_bindgen::JsValue;

use super::{Joining, Preview, Session, browser};
use crate::firestore::{Client, explain};
use crate::sync::{ChatScope, FeedId, Id, Key, Position, Record, Request, Response, Secret};

/// What the address has before the code.
const INVITE: &str = "#/join/";
/// As many chats as the rules give at once.
const CHATS_MAX: u32 = 300;

impl Session {
    /// Looks at the space without joining it: what would become one.
    ///
    /// # Errors
    /// One sentence; nothing was changed.
    pub async fn preview(&self, joining: &Joining) -> Result<Preview, String> {
        let secret = self.secret_of(joining)?;
        let known = self.0.cloud.borrow().secret.clone();
        let already_in = known.as_ref() == Some(&secret);
        let client = Client::new(self.config()?, secret.space());
        let head = client.send(&Request::Head).await.map_err(|error| explain(&error))?;
        if let Response::Head { head: Some((head, _)), .. } = &head
            && head.closed
        {
            return Err("The cloud copy of this space is being erased, so it cannot be joined.".to_owned());
        }
        let there = match joining {
            Joining::New => BTreeSet::new(),
            Joining::Code(_) | Joining::Invited => self.chats_of(&client).await?,
        };
        let (staying, going): (Vec<Id>, Vec<Id>) = {
            let chats = self.chats();
            let (going, staying): (Vec<_>, Vec<_>) =
                chats.iter().partition(|chat| chat.scope == ChatScope::Synced);
            (staying.iter().map(|c| c.id.clone()).collect(), going.iter().map(|c| c.id.clone()).collect())
        };
        Ok(Preview {
            here: going.len(),
            there: there.len(),
            there_is_more: there.len() >= CHATS_MAX as usize,
            on_both: going.iter().filter(|chat| there.contains(chat)).count(),
            staying: staying.len(),
            already_in,
            leaves_another: known.is_some() && !already_in,
        })
    }

    /// Makes or joins a space and starts to sync: what is there and what is here become one.
    ///
    /// # Errors
    /// One sentence; nothing changed.
    pub async fn join(&self, joining: &Joining) -> Result<(), String> {
        let secret = self.secret_of(joining)?;
        self.enter_space(secret).await?;
        if matches!(joining, Joining::Invited) {
            self.drop_invitation();
        }
        Ok(())
    }

    fn secret_of(&self, joining: &Joining) -> Result<Secret, String> {
        match joining {
            Joining::New => Ok(Secret::new(browser::random())),
            Joining::Code(code) => code.parse().map_err(|error: crate::sync::InvalidCode| error.to_string()),
            Joining::Invited => {
                let invitation = self.0.cloud.borrow().invitation.clone();
                invitation.ok_or(
                    "The link has no valid pairing code. Make a new one on the other device.".to_owned(),
                )
            }
        }
    }

    async fn chats_of(&self, client: &Client) -> Result<BTreeSet<Id>, String> {
        let request = Request::Page { feed: FeedId::Chats, after: Position::default(), limit: CHATS_MAX };
        let answer = client.send(&request).await.map_err(|error| explain(&error))?;
        let Response::Page { documents, .. } = answer else { return Ok(BTreeSet::new()) };
        let alive = documents.into_iter().filter(|d| !d.record.as_ref().is_some_and(Record::is_deleted));
        Ok(alive
            .filter_map(|document| match document.key {
                Key::Chat(chat) => Some(chat),
                Key::Settings | Key::Profile | Key::Message(..) => None,
            })
            .collect())
    }

    /// A link that lets another device join. A secret, like the code in it, which stands behind `#` and so is
    /// sent to no server.
    #[must_use]
    pub fn pairing_link(&self) -> Option<String> {
        let address = web_sys::window()?.location().href().ok()?;
        let page = address.split('#').next().unwrap_or_default();
        Some(format!("{page}{INVITE}{}", self.pairing_code()?))
    }

    /// Takes the code out of the address, if there is one, before anything else looks at it.
    pub(super) fn take_invitation(&self) {
        let Some(window) = web_sys::window() else { return };
        let hash = window.location().hash().unwrap_or_default();
        let Some(code) = hash.strip_prefix(INVITE) else { return };
        if let Ok(history) = window.history() {
            // a browser that refuses (too many in a short time) leaves it there; nothing else can be done
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some("#/"));
        }
        {
            let mut cloud = self.0.cloud.borrow_mut();
            cloud.invited = true;
            cloud.invitation = code.trim_matches('/').parse().ok();
        }
        self.sync_changed();
    }

    /// The person does not want to join.
    pub fn drop_invitation(&self) {
        {
            let mut cloud = self.0.cloud.borrow_mut();
            cloud.invited = false;
            cloud.invitation = None;
        }
        self.sync_changed();
    }
}
