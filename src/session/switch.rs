//! Whether this tab syncs now: what was decided for this device, for this session, or in another tab.
//!
//! Promises: with sync off nothing is sent, from no tab; what one tab decides for the device holds in all of
//! them at once, and in one that missed it when it is looked at again.

use super::cloud::{CLOUD_ROW, CODE_ROW};
use super::device::SECRET_ROWS;
use super::{Opening, Session, Slice, ThisSession, ToastKind, browser};
use crate::firestore::Client;
use crate::sync::{Scope, Signal, TabMessage};

/// In the tab's own storage, so that a reload changes nothing and the next session begins anew.
const THIS_SESSION: &str = "muse/session";

const MOVED: &str =
    "Another tab joined another space with the chats of this browser. Reload this page to follow it.";

impl ThisSession {
    /// As this tab was told before it was loaded again.
    pub(super) fn of_tab() -> Self {
        browser::of_tab(THIS_SESSION).and_then(|name| Self::from_name(&name)).unwrap_or_default()
    }
}

impl Session {
    /// Connects the engine if everything is there and wanted, else makes sure that nothing is sent.
    pub(super) fn connect_if_wanted(&self) {
        let is_open = matches!(&*self.0.store.borrow(), Opening::Open(_));
        let wanted = {
            let mut cloud = self.0.cloud.borrow_mut();
            let may = is_open && cloud.this_session.decides(cloud.on) && cloud.erasing.is_none();
            let wanted = cloud.place().filter(|_| may);
            cloud.client = wanted.clone().map(|(config, space)| Client::new(config, space));
            wanted
        };
        match wanted {
            Some((config, space)) => {
                self.seek_lead(&space);
                let mut engine = self.0.engine.borrow_mut();
                engine.connect_in(config.project_id(), space, browser::now());
            }
            None => {
                self.leave_lead();
                self.0.engine.borrow_mut().disconnect();
            }
        }
        self.drive();
    }

    /// Checks now.
    pub fn sync_now(&self) {
        self.0.engine.borrow_mut().handle_signal(Signal::TryNow, browser::now());
        self.drive();
    }

    /// Decides for this tab, until it is closed.
    pub fn set_this_session(&self, what: ThisSession) {
        self.note_this_session(what);
        self.connect_if_wanted();
    }

    fn note_this_session(&self, what: ThisSession) {
        browser::set_of_tab(THIS_SESSION, (what != ThisSession::AsSet).then(|| what.name()));
        self.0.cloud.borrow_mut().this_session = what;
    }

    /// Decides for this device. Who decides that means this session as well.
    pub(super) fn set_sync_on(&self, on: bool) {
        self.note_this_session(ThisSession::AsSet);
        self.0.cloud.borrow_mut().on = on;
        self.keep_cloud_row();
        self.refresh_settings();
        self.connect_if_wanted();
    }

    /// Another tab may have decided something: about the cloud, or about keys. Says whether it has about the cloud.
    pub(super) async fn reread_decided(&self) -> bool {
        let Ok(store) = self.store().await else { return false };
        let keys = vec![CLOUD_ROW.to_owned(), CODE_ROW.to_owned()];
        let scope = Scope { keys, prefixes: vec![SECRET_ROWS.to_owned()], ..Scope::default() };
        let Ok(table) = store.read(&scope).await else { return false };
        self.0.device.borrow_mut().keys.take(&table);
        self.notify(&Slice::Settings);
        let is_new = self.0.cloud.borrow_mut().take(&table);
        if is_new {
            self.refresh_settings();
            self.connect_if_wanted();
        }
        is_new
    }

    /// The rows are about another space, as another tab has joined it: this tab follows.
    pub(super) fn follow_to_another_space(&self) {
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if !session.reread_decided().await {
                session.toast(ToastKind::Error, MOVED);
            }
        });
    }

    /// Tells the other tabs to read again what was decided.
    pub(super) fn tell_decided(&self) {
        browser::tell_tabs(&self.0.browser.borrow(), &TabMessage::Decided);
    }
}
