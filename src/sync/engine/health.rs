//! What the engine tells about its health, and the journal it is made of.

use super::Engine;
use super::journal::percentile;
use crate::sync::health::{Happening, SyncHealth, Usage, Waiting};
use crate::sync::{Key, Now};

impl Engine {
    /// How sync is doing.
    #[must_use]
    pub fn health(&self) -> SyncHealth {
        let latencies_ms = self.journal.latencies_ms();
        let of = |is: fn(&Key) -> bool| count(self.pending.iter().filter(|key| is(key)).count());
        SyncHealth {
            state: self.status().name(),
            role: self.role(),
            synced_at_ms: self.synced_at_ms,
            median_ms: percentile(&latencies_ms, 50),
            p95_ms: percentile(&latencies_ms, 95),
            latencies_ms,
            head_seq: self.meta.head.as_ref().map(|known| known.head.seq),
            config_seq: self.meta.config.seq,
            chats_seq: self.meta.chats.seq,
            generation: self.meta.generation,
            waiting: Waiting {
                config: of(|key| matches!(key, Key::Settings | Key::Profile)),
                chats: of(|key| matches!(key, Key::Chat(_))),
                messages: of(|key| matches!(key, Key::Message(..))),
            },
            quarantined: count(self.meta.quarantined.len()),
            failures: self.schedule.failures(),
            lost_races: self.schedule.losses(),
            next_at_ms: self.poll_timer(),
            batch_max: count(self.batch.max()),
            today: self.journal.today,
            soft_limit: self.limits.day,
            skew_ms: self.clock.is_anchored().then(|| self.clock.skew_ms()),
            log: self.journal.log(),
        }
    }

    /// What was used since the last call. The driver stores it with what other tabs used, see
    /// [`Usage::add`], and then tells [`Engine::handle_usage`].
    pub fn take_usage(&mut self) -> Option<Usage> {
        self.journal.take_unsaved()
    }

    /// What all tabs used, as it is stored.
    pub fn handle_usage(&mut self, usage: Usage) {
        self.journal.stored(usage);
    }

    pub(super) fn note(&mut self, what: Happening, now: Now) {
        self.journal.note(what, self.clock.time_ms(now));
    }
}

fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}
