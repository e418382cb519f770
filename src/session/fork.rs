//! Taking a chat out of the cloud and keeping it here.

use super::{Session, browser};
use crate::sync::{Id, Tx, copy_of};

const NOT_ALL_HERE: &str = "Not all of this chat is on this device yet, so it cannot be taken out of the cloud. Stay online until it \
     is synced, and try again.";

impl Session {
    /// Makes a copy of a chat that never leaves this device, and deletes the original here, in the
    /// cloud and on the other devices. Says under which id the chat goes on.
    ///
    /// # Errors
    /// One sentence; nothing changed.
    pub async fn keep_only_here(&self, chat: &Id) -> Result<Id, String> {
        // what is kept after this would go into the original, and leave
        self.stop_and_keep(chat).await;
        let seed = browser::random();
        if !self.run_for_user(&Tx::Fork { chat: chat.clone(), seed }).await? {
            // what is missing is wanted now
            self.run_for_user(&Tx::Follow(chat.clone())).await?;
            self.sync_now();
            return Err(NOT_ALL_HERE.to_owned());
        }
        let copy = copy_of(chat, &seed);
        self.save_draft(&copy, &self.draft(chat));
        self.save_draft(chat, "");
        self.forget_orphans(chat);
        Ok(copy)
    }

    /// Runs one of the user's transactions; says whether all of it was done.
    async fn run_for_user(&self, tx: &Tx) -> Result<bool, String> {
        let outcome = self.run(tx).await?;
        self.0.engine.borrow_mut().handle_written(&outcome, browser::now());
        self.drive();
        Ok(outcome.refused.is_empty())
    }
}
