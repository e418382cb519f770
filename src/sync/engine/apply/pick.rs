//! Choosing the next commit from the outbox.

use std::collections::{BTreeMap, BTreeSet};

use super::work::Work;
use crate::sync::commit::{Batch, Sent, row_bytes};
use crate::sync::engine::Engine;
use crate::sync::engine::tx::Finding;
use crate::sync::head::Head;
use crate::sync::planted::{Bug, planted};
use crate::sync::transport::{Bump, Commit, Precondition, RecordWrite};
use crate::sync::{ChatScope, Id, Key, Now, Row, SCHEMA, Stamp};

const TOO_LARGE: &str = "It is larger than Firestore can hold in one document, so it stays on this device.";

/// Names of the commit to be.
pub(super) struct Ids<'a> {
    pub(super) commit: &'a str,
    pub(super) epoch: &'a str,
    /// The highest number on the server.
    pub(super) parent: u64,
}

/// Settings and profile first, then chats, then messages of the most recently active chats in the
/// order in which they were made.
type Order = (u8, u64, Option<Stamp>);

impl Engine {
    /// The next batch, if anything can be sent.
    pub(super) fn pick(&self, work: &mut Work<'_>, max: usize, ids: &Ids<'_>, now: Now) -> Finding {
        let mut outbox = work.outbox();
        if planted(Bug::OutboxInMemory) {
            outbox.retain(|key| self.pending.contains(key));
        }
        let mut newer = false;
        let mut rows = self.candidates(work, &outbox, &mut newer, now);
        work.out.pending = Some(outbox);
        rows.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let chosen = self.choose(rows, max);
        let blocked = planted(Bug::RefusedRecordBlocks) && !work.meta.quarantined.is_empty();
        let parent = work.meta.head.as_ref().map_or(ids.parent, |known| known.head.seq);
        let met = work.meta.seen.as_ref().map_or(0, |(seen, _)| *seen);
        // a backup was put back, and documents from after it are left: all must start above them
        let left = Some(met.max(ids.parent))
            .filter(|left| work.meta.raise_generation && *left > parent && !planted(Bug::LeftoversStay));
        // records outlived their head: others may wait for one, without knowing of them
        let beheaded = work.meta.head.is_none() && ids.parent > 0;
        if (chosen.is_empty() && left.is_none() && !beheaded) || blocked {
            return Finding::Picked { batch: None, newer };
        }
        if met > parent && left.is_none() && !planted(Bug::OldHeadIsBuiltOn) {
            // The head we hold is an old one: this could only fail, or, on a restored server, pass
            // beside documents that we have met. Read it first.
            return Finding::Stale;
        }
        Finding::Picked { batch: Some(Box::new(self.batch(work, chosen, ids, left))), newer }
    }

    fn candidates(
        &self,
        work: &mut Work<'_>,
        outbox: &BTreeSet<Key>,
        newer: &mut bool,
        now: Now,
    ) -> Vec<(Order, Key, Row)> {
        let mut rows = Vec::new();
        for key in outbox.iter().cloned() {
            let mut row = work.read(&key);
            let feed = match key.chat() {
                Some(chat) => work.feed(&Key::Chat(chat.clone())).unwrap_or_default(),
                None => crate::sync::Feed::default(),
            };
            if feed.scope != ChatScope::Synced && !row.hold {
                row.hold = true;
                work.write(&key, &row);
            }
            if !row.wants_sending() {
                continue;
            }
            if row.is_newer() {
                *newer = true;
                continue;
            }
            if row_bytes(&row) > self.limits.record_bytes {
                work.quarantine(&key, None, TOO_LARGE, now);
                continue;
            }
            if self.clock.is_anchored() && row.harden(&self.clock, now) {
                work.write(&key, &row);
            }
            let newest_first = u64::MAX - feed.active_ms;
            let order = match key {
                Key::Settings | Key::Profile => (0, 0, None),
                Key::Chat(_) => (1, newest_first, None),
                Key::Message(..) => (2, newest_first, row.record.newest()),
            };
            rows.push((order, key, row));
        }
        rows
    }

    fn choose(&self, rows: Vec<(Order, Key, Row)>, max: usize) -> Vec<(Key, Row)> {
        let mut chosen: Vec<(Key, Row)> = Vec::new();
        let mut chats = BTreeSet::new();
        let mut bytes = 0;
        for (_, key, row) in rows {
            if chosen.len() >= max {
                break;
            }
            let size = row_bytes(&row);
            let new_chat = matches!(&key, Key::Message(chat, _) if !chats.contains(chat));
            let full = bytes + size > self.limits.bytes || (new_chat && chats.len() >= self.limits.chats);
            if full && !chosen.is_empty() {
                continue;
            }
            if let Key::Message(chat, _) = &key {
                chats.insert(chat.clone());
            }
            bytes += size;
            chosen.push((key, row));
        }
        chosen
    }

    fn batch(&self, work: &mut Work<'_>, chosen: Vec<(Key, Row)>, ids: &Ids<'_>, left: Option<u64>) -> Batch {
        let changes_config = chosen.iter().any(|(key, _)| matches!(key, Key::Settings | Key::Profile));
        let (head, head_precondition) = match &work.meta.head {
            Some(known) => {
                let next = || known.head.next(ids.commit, changes_config, work.meta.raise_generation);
                let head = left.map_or_else(next, |left| known.head.step_over(left, ids.commit));
                (head, Precondition::UpdateTime(known.update_time.clone()))
            }
            None => (Head::first(ids.parent + 1, ids.commit, ids.epoch, SCHEMA), Precondition::Missing),
        };
        let parent = work.meta.head.as_ref().map_or(ids.parent, |known| known.head.seq);
        let (fresh, bumps) = touched_chats(work, &chosen);
        Batch {
            rows: chosen.iter().map(sent).collect(),
            parent,
            advances: (left.is_none() && work.meta.config.covers(parent) && work.meta.chats.covers(parent))
                || planted(Bug::AckAdvancesAlways),
            fresh,
            generation: work.meta.generation,
            commit: Commit {
                head,
                head_precondition,
                device: self.device.clone(),
                writes: chosen.into_iter().map(record_write).collect(),
                bumps,
            },
        }
    }
}

/// Which of the batch's chats had all their messages here, and which need a bump because their own
/// record is not in it.
fn touched_chats(work: &mut Work<'_>, chosen: &[(Key, Row)]) -> (Vec<Id>, Vec<Bump>) {
    let mut touched: BTreeMap<Id, bool> = BTreeMap::new();
    for (key, _) in chosen {
        if let Some(chat) = key.chat() {
            *touched.entry(chat.clone()).or_default() |= matches!(key, Key::Chat(_));
        }
    }
    let (mut fresh, mut bumps) = (Vec::new(), Vec::new());
    for (chat, own_record) in touched {
        let feed = work.feed(&Key::Chat(chat.clone())).unwrap_or_default();
        if !feed.is_behind() || planted(Bug::AckAdvancesBehind) {
            fresh.push(chat.clone());
        }
        if !own_record && !planted(Bug::ChatIsNotBumped) {
            bumps.push(Bump { chat, active_ms: feed.active_ms });
        }
    }
    (fresh, bumps)
}

fn sent((key, row): &(Key, Row)) -> Sent {
    Sent { key: key.clone(), revision: row.revision, base_seq: row.base_seq }
}

fn record_write((key, row): (Key, Row)) -> RecordWrite {
    RecordWrite {
        precondition: row.base.map_or(Precondition::Missing, Precondition::UpdateTime),
        active_ms: row.feed.map(|feed| feed.active_ms),
        key,
        record: row.record,
    }
}
