//! The loop around the engine: does what it wishes, hands back what came of it, sleeps.

use gloo_timers::callback::Timeout;

use super::{Session, Slice, ToastKind, browser, trash, views};
use crate::chat::{at_stake, keep_taken};
use crate::store::Durability;
use crate::sync::{Event, Id, Key, Table, Tx, TxOutcome, Wish};

impl Session {
    /// Drains the engine. Called after everything that may have changed it.
    pub(super) fn drive(&self) {
        while let Some(wish) = self.next_wish() {
            let session = self.clone();
            wasm_bindgen_futures::spawn_local(async move { session.perform(wish).await });
        }
        while let Some(event) = self.next_event() {
            self.on_event(event);
        }
        self.tell_tabs();
        self.sleep();
        self.keep_usage();
        self.sync_changed();
    }

    fn next_wish(&self) -> Option<Wish> {
        self.0.engine.borrow_mut().poll_wish()
    }

    fn next_event(&self) -> Option<Event> {
        self.0.engine.borrow_mut().poll_event()
    }

    async fn perform(&self, wish: Wish) {
        match wish {
            Wish::Send { id, request } => {
                let Some(client) = self.client() else { return };
                let answer = client.send(&request).await;
                self.0.engine.borrow_mut().handle_answer(id, answer, browser::now());
            }
            Wish::Store { id, tx } => {
                let outcome = self.run(&tx).await;
                self.0.engine.borrow_mut().handle_stored(id, outcome, browser::now());
            }
        }
        self.drive();
    }

    /// Runs one of the engine's transactions and shows what it changed.
    pub(super) async fn run(&self, tx: &Tx) -> Result<TxOutcome, String> {
        let store = self.store().await?;
        let durability = if tx.is_precious() { Durability::Strict } else { Durability::Relaxed };
        let mut scope = tx.scope();
        let trash_rows = trash::rows_for_taken(tx);
        let may_take = !trash_rows.is_empty();
        scope.keys.extend(trash_rows);
        let apply = |table: &mut Table| {
            let at_stake = if may_take { at_stake(table) } else { Vec::new() };
            let outcome = self.0.engine.borrow_mut().apply(tx, table, browser::now());
            let kept = keep_taken(at_stake, table, self.time_ms(), trash::row_for_taken);
            let rows = views::changed_rows(table, &outcome);
            (outcome, rows, kept)
        };
        let done = store.transact(&scope, durability, apply).await;
        let (outcome, rows, kept) = done.map_err(|error| error.to_string())?;
        if kept {
            self.notify(&Slice::Trash);
        }
        self.show_rows(&rows);
        // also those that were only acknowledged: their marks are shown in every tab
        let keys: Vec<Key> = rows.into_iter().map(|(key, _)| key).collect();
        self.tell_rows(&keys);
        Ok(outcome)
    }

    fn on_event(&self, event: Event) {
        match event {
            // the rows were shown when their transaction was stored
            Event::Changed(_) => {}
            Event::Synced => {
                if !self.0.swept.replace(true) {
                    self.sweep_older_texts();
                }
            }
            Event::Reset(_) => self.toast(
                ToastKind::Info,
                "The cloud copy was replaced or restored; comparing it with this device. Nothing is deleted here.",
            ),
            Event::Quarantined(_) => self.toast(
                ToastKind::Error,
                "The server refuses one record; it stays on this device and everything else goes on.",
            ),
            Event::Corrupt(keys) => self.toast(
                ToastKind::Error,
                &format!("{} stored item(s) could not be read and were set aside.", keys.len()),
            ),
            Event::Yield => self.yield_lead(),
            Event::Moved => self.follow_to_another_space(),
        }
    }

    fn sleep(&self) {
        let due = self.0.engine.borrow().poll_timer();
        let timer = due.map(|at_ms| {
            let wait_ms = at_ms.saturating_sub(browser::now().instant_ms);
            let session = self.clone();
            // one millisecond more, because timers may fire a little early
            let wait_ms = u32::try_from(wait_ms + 1).unwrap_or(u32::MAX >> 1);
            Timeout::new(wait_ms, move || {
                session.0.engine.borrow_mut().handle_timer(browser::now());
                session.drive();
            })
        });
        // dropping the old one cancels it
        *self.0.timer.borrow_mut() = timer;
    }

    pub(super) fn sync_changed(&self) {
        self.notify(&Slice::Health);
        let fresh = self.sync_view();
        let before = {
            let mut cloud = self.0.cloud.borrow_mut();
            if *cloud.shown == fresh {
                return;
            }
            std::mem::replace(&mut cloud.shown, std::rc::Rc::new(fresh))
        };
        self.notify(&Slice::Sync);
        if before.paired != self.sync().paired {
            let open: Vec<Id> = self.0.views.borrow().open.keys().cloned().collect();
            open.into_iter().for_each(|chat| self.notify(&Slice::Marks(chat)));
        }
    }
}
