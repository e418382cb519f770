//! What was deleted and can be brought back.

use std::rc::Rc;

use yew::platform::spawn_local;
use yew::prelude::*;

use super::ChatContext;
use super::slice::use_handle;
use crate::chat::DeletedItem;
use crate::session::Slice;
use crate::sync::Id;

impl ChatContext {
    /// Brings back what one deletion took away, on all devices; says to which chat it belongs.
    ///
    /// # Errors
    /// One sentence for the user; nothing changed.
    pub async fn restore(&self, item: &str) -> Result<Option<Id>, String> {
        self.0.restore(item).await
    }

    /// Removes for good what was deleted.
    ///
    /// # Errors
    /// One sentence for the user; nothing changed.
    pub async fn empty_trash(&self) -> Result<(), String> {
        self.0.empty_trash().await
    }
}

/// What can be brought back, newest first; empty until the device has answered.
#[hook]
pub fn use_trash() -> Rc<Vec<DeletedItem>> {
    let ChatContext(session) = use_handle();
    let items = use_state_eq(Rc::<Vec<DeletedItem>>::default);
    use_effect_with(session, {
        let items = items.setter();
        move |session| {
            let read = {
                let session = session.clone();
                move || {
                    let (session, items) = (session.clone(), items.clone());
                    spawn_local(async move {
                        if let Ok(found) = session.trash().await {
                            items.set(Rc::new(found));
                        }
                    });
                }
            };
            read();
            let subscription = session.subscribe(Slice::Trash, read);
            move || drop(subscription)
        }
    });
    Rc::clone(&items)
}
