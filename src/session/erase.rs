//! Erasing the cloud copy: the loop around [`Erase`], which goes on after a reload.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;

use super::{Session, Slice, ToastKind, browser};
use crate::firestore::Client;
use crate::sync::{Erase, EraseWish};

/// How far the erasing of the cloud copy is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erasing {
    /// Documents erased since the page was opened.
    pub erased: u32,
    /// Why it does not go on by itself; one sentence. `None` while it is under way.
    pub problem: Option<String>,
}

impl Session {
    /// How far the erasing of the cloud copy is; `None` where nothing is being erased.
    #[must_use]
    pub fn erasing(&self) -> Option<Rc<Erasing>> {
        self.0.cloud.borrow().erasing.clone()
    }

    /// Erases everything of this space in the cloud and leaves it. Everything stays on this device;
    /// the other devices stop to sync and keep what they have. There is no way back.
    ///
    /// # Errors
    /// One sentence; nothing was erased.
    pub async fn erase_cloud_copy(&self) -> Result<(), String> {
        if self.erasing().is_some_and(|erasing| erasing.problem.is_none()) {
            return Ok(());
        }
        {
            let cloud = self.0.cloud.borrow();
            if cloud.place().is_none() {
                return Err("This device is in no space, so there is nothing to erase.".to_owned());
            }
        }
        self.note_erasing(Some(Erasing::default()));
        self.keep_cloud_row();
        self.go_on_erasing();
        Ok(())
    }

    fn note_erasing(&self, erasing: Option<Erasing>) {
        self.0.cloud.borrow_mut().erasing = erasing.map(Rc::new);
        self.notify(&Slice::Sync);
    }

    /// Called at the start as well: what was begun is finished.
    pub(super) fn go_on_erasing(&self) {
        self.connect_if_wanted();
        let place = self.0.cloud.borrow().place();
        let (Some((config, space)), Some(_)) = (place, self.erasing()) else { return };
        if std::mem::replace(&mut self.0.cloud.borrow_mut().is_erasing, true) {
            return;
        }
        let (session, client) = (self.clone(), Client::new(config, space));
        wasm_bindgen_futures::spawn_local(async move {
            session.erase(&client).await;
            session.0.cloud.borrow_mut().is_erasing = false;
        });
    }

    async fn erase(&self, client: &Client) {
        let mut erase = Erase::new(browser::random_u64());
        loop {
            match erase.poll() {
                EraseWish::Send(request) => {
                    erase.handle(client.send(&request).await);
                    self.note_erasing(Some(Erasing { erased: erase.erased(), problem: None }));
                }
                EraseWish::Wait(ms) => TimeoutFuture::new(u32::try_from(ms).unwrap_or(60_000)).await,
                EraseWish::Failed(why) => {
                    return self.note_erasing(Some(Erasing { erased: erase.erased(), problem: Some(why) }));
                }
                EraseWish::Done => break,
            }
        }
        if let Err(why) = self.leave_space().await {
            return self.note_erasing(Some(Erasing { erased: erase.erased(), problem: Some(why) }));
        }
        self.note_erasing(None);
        self.keep_cloud_row();
        self.connect_if_wanted();
        self.toast(ToastKind::Info, "The cloud copy is erased. Everything is still on this device.");
    }
}
