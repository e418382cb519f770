//! What this tab knows of the outbox, from the ends of transactions.

use super::{Engine, Event, TxOutcome};
use crate::sync::health::Happening;
use crate::sync::planted::{Bug, planted};

impl Engine {
    /// transactions were applied in; the later one counts.
    pub(super) fn note_touched(&mut self, outcome: &TxOutcome) {
        let order = outcome.order;
        if let Some(all) = &outcome.pending
            && order > self.listed
            && !planted(Bug::OutboxInMemory)
        {
            self.listed = order;
            self.pending.clone_from(all);
            self.touched.retain(|_, (later, _)| *later > order);
            for (key, (_, pending)) in &self.touched {
                if *pending {
                    self.pending.insert(key.clone())
                } else {
                    self.pending.remove(key)
                };
            }
        }
        for (key, pending) in &outcome.touched {
            let known = self.touched.get(key).map_or(self.listed, |(later, _)| *later);
            if order >= known {
                self.touched.insert(key.clone(), (order, *pending));
                if *pending {
                    self.pending.insert(key.clone())
                } else {
                    self.pending.remove(key)
                };
            }
        }
        if let Some(meta) = &outcome.meta
            && order > self.meta_order
        {
            self.meta_order = order;
            self.meta = meta.clone();
        }
        if !outcome.changed.is_empty() {
            self.events.push_back(Event::Changed(outcome.changed.clone()));
        }
        if !outcome.corrupt.is_empty() {
            let rows = u32::try_from(outcome.corrupt.len()).unwrap_or(u32::MAX);
            self.note(Happening::TornRows(rows), self.now);
            self.events.push_back(Event::Corrupt(outcome.corrupt.clone()));
        }
    }
}
