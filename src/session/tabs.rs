//! This tab among the others of the browser: the lead by Web Locks, and messages.
//!
//! The browser grants a lock to one tab at a time and passes it on when that tab goes, however it
//! goes. Where there are no Web Locks every tab is alone, which costs requests and nothing else.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::{Session, browser};
use crate::sync::{Key, Role, SpaceId, SpaceTag, TabMessage};

/// The lead, asked for or held; given away when dropped.
pub(super) struct Lead {
    space: SpaceId,
    /// Tells apart this wish for the lead from earlier ones.
    turn: u32,
    /// Takes back a request that was not granted yet.
    abort: AbortController,
    /// Ends the promise for which the browser keeps the lock.
    release: Function,
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.abort.abort();
        // it only settles a promise: cannot fail
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

impl Session {
    /// Asks for the lead of a space, in place of any other.
    pub(super) fn seek_lead(&self, space: &SpaceId) {
        if self.0.lead.borrow().as_ref().is_some_and(|lead| lead.space == *space) {
            return;
        }
        self.leave_lead();
        let turn = self.0.lead_turn.get() + 1;
        self.0.lead_turn.set(turn);
        let Some((lead, asked)) = self.ask_for_lock(space, turn) else {
            return self.set_role(Role::Alone);
        };
        *self.0.lead.borrow_mut() = Some(lead);
        self.set_role(Role::Follower);
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            // ends when the lead is given away, or at once where the page may not have locks
            let refused = JsFuture::from(asked).await.is_err();
            if refused && session.is_turn(turn) {
                session.leave_lead();
                session.set_role(Role::Alone);
            }
        });
    }

    /// Gives the lead away; this tab neither leads nor waits for it any more.
    pub(super) fn leave_lead(&self) {
        let lead = self.0.lead.borrow_mut().take();
        drop(lead);
    }

    /// Gives the lead to a tab that waits for it, and waits for it again behind that tab.
    pub(super) fn yield_lead(&self) {
        let space = self.0.lead.borrow().as_ref().map(|lead| lead.space.clone());
        if let Some(space) = space {
            self.leave_lead();
            self.seek_lead(&space);
        }
    }

    fn ask_for_lock(&self, space: &SpaceId, turn: u32) -> Option<(Lead, Promise)> {
        let navigator = web_sys::window()?.navigator();
        let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
        let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
        let abort = AbortController::new().ok()?;
        let options = Object::new();
        Reflect::set(&options, &"signal".into(), &abort.signal()).ok()?;
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        let session = self.clone();
        let granted = Closure::once_into_js(move || -> JsValue {
            if session.is_turn(turn) {
                session.set_role(Role::Leader);
            }
            held.into()
        });
        let name = format!("muse/lead/{}", SpaceTag::new(space).as_str());
        let asked = request.call3(&locks, &name.into(), &options, &granted).ok()?.dyn_into().ok()?;
        Some((Lead { space: space.clone(), turn, abort, release: release? }, asked))
    }

    fn is_turn(&self, turn: u32) -> bool {
        self.0.lead.borrow().as_ref().is_some_and(|lead| lead.turn == turn)
    }

    fn set_role(&self, role: Role) {
        self.0.engine.borrow_mut().set_role(role, browser::now());
        self.drive();
    }

    /// Tells the other tabs which rows changed. A message that gets lost is healed when they are
    /// looked at again.
    pub(super) fn tell_rows(&self, keys: &[Key]) {
        if !keys.is_empty() {
            browser::tell_tabs(
                &self.0.browser.borrow(),
                &TabMessage::Rows(keys.iter().map(Key::row_key).collect()),
            );
        }
    }

    /// Tells the other tabs what the engine has to say to them.
    pub(super) fn tell_tabs(&self) {
        while let Some(message) = self.next_tab_message() {
            browser::tell_tabs(&self.0.browser.borrow(), &message);
        }
    }

    fn next_tab_message(&self) -> Option<TabMessage> {
        self.0.engine.borrow_mut().poll_tab_message(browser::now())
    }

    /// Another tab told something.
    pub(super) fn hear_tab(&self, text: &str) {
        let Some(message) = TabMessage::from_text(text) else { return };
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            match &message {
                TabMessage::Rows(rows) => {
                    let keys: Vec<Key> = rows.iter().filter_map(|row| Key::from_row_key(row).ok()).collect();
                    session.reread(&keys).await;
                }
                TabMessage::Decided => {
                    session.reread_decided().await;
                }
                TabMessage::Ask { .. } | TabMessage::Alive { .. } => {}
            }
            session.0.engine.borrow_mut().handle_tab(&message, browser::now());
            session.drive();
        });
    }

    /// The page goes away, for good or into the browser's cache of pages: another tab may lead.
    pub(super) fn leave_page(&self) {
        self.write_mirror();
        self.leave_lead();
    }

    /// The page came back out of the cache as it was: what happened meanwhile was missed.
    pub(super) fn come_back(&self) {
        self.refresh_rows();
        self.connect_if_wanted();
    }
}
