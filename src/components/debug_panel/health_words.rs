//! How sync is doing, in words. Pure: how a time is written comes in as a function.

use crate::sync::{FREE_A_DAY, Role, SyncHealth, Waiting};

/// How a time (Unix ms) is written.
type Time = fn(u64) -> String;

/// Below this a clock is as good as right.
const SKEW_MS: u64 = 2_000;

/// Name and fact, in the order of the list. `on` says whether sync is on, `now_ms` is on the clock of
/// [`SyncHealth::next_at_ms`].
pub(super) fn facts(health: &SyncHealth, on: bool, now_ms: u64, time: Time) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Last synced", health.synced_at_ms.map_or("not yet in this tab".to_owned(), time)),
        ("Latency", latency(health)),
        ("Place in the space", place(health)),
        ("Tab", tab(health.role).to_owned()),
        ("Today, estimated", today(health)),
        ("Clock", clock(health.skew_ms)),
    ];
    if on {
        // with sync off nothing waits for anything
        facts.push(("Waiting to be sent", waiting(health.waiting)));
        facts.push(("Next look", next(health, now_ms)));
    }
    if health.quarantined > 0 {
        facts.push(("Refused by Firestore", count(health.quarantined, "item")));
    }
    facts
}

/// What waits, by kind.
pub(super) fn waiting(waiting: Waiting) -> String {
    let Waiting { config, chats, messages } = waiting;
    let parts: Vec<String> = [(config, "settings record"), (chats, "chat"), (messages, "message")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, kind)| count(n, kind))
        .collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

/// `1 chat`, `2 chats`.
pub(super) fn count(n: u32, kind: &str) -> String {
    if n == 1 { format!("1 {kind}") } else { format!("{n} {kind}s") }
}

fn latency(health: &SyncHealth) -> String {
    match (health.median_ms, health.p95_ms) {
        (Some(median), Some(p95)) => format!(
            "median {median} ms, 95 % within {p95} ms, of {}",
            count(u32::try_from(health.latencies_ms.len()).unwrap_or(u32::MAX), "request")
        ),
        (_, _) => "no request yet".to_owned(),
    }
}

fn place(health: &SyncHealth) -> String {
    let head = health.head_seq.map_or("no head known".to_owned(), |seq| format!("head {seq}"));
    format!("{head}, settings to {}, chats to {}", health.config_seq, health.chats_seq)
}

fn tab(role: Role) -> &'static str {
    match role {
        Role::Alone => "the only one that syncs",
        Role::Leader => "syncs for all tabs of this browser",
        Role::Follower => "another tab syncs for it",
    }
}

fn today(health: &SyncHealth) -> String {
    format!(
        "{} of {} free reads, {} of {} free writes, {} requests",
        grouped(health.today.reads),
        grouped(FREE_A_DAY.reads),
        grouped(health.today.writes),
        grouped(FREE_A_DAY.writes),
        grouped(health.today.requests)
    )
}

/// `50 000`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

fn clock(skew_ms: Option<i64>) -> String {
    match skew_ms {
        None => "not compared with the server yet".to_owned(),
        Some(skew) if skew.unsigned_abs() < SKEW_MS => "right".to_owned(),
        Some(skew) => {
            let seconds = skew.unsigned_abs() / 1_000;
            let side = if skew > 0 { "behind" } else { "ahead of" };
            format!("{seconds} s {side} the server; corrected for")
        }
    }
}

fn next(health: &SyncHealth, now_ms: u64) -> String {
    let after = match (health.failures, health.lost_races) {
        (0, 0) => String::new(),
        (0, races) => format!(", after {}", count(races, "lost race")),
        (failures, _) => format!(", after {} in a row", count(failures, "failure")),
    };
    let when = health.next_at_ms.map_or("when something happens".to_owned(), |at_ms| {
        format!("in {} s", at_ms.saturating_sub(now_ms).div_ceil(1_000))
    });
    format!("{when}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{Allowance, Usage};

    fn health() -> SyncHealth {
        SyncHealth {
            state: "offline",
            role: Role::Leader,
            synced_at_ms: Some(5),
            latencies_ms: vec![10, 20, 400],
            median_ms: Some(20),
            p95_ms: Some(400),
            head_seq: Some(12),
            config_seq: 12,
            chats_seq: 11,
            generation: 3,
            waiting: Waiting { config: 0, chats: 1, messages: 2 },
            quarantined: 0,
            failures: 1,
            lost_races: 0,
            next_at_ms: Some(9_500),
            batch_max: 50,
            today: Usage { day: 1, reads: 310, writes: 12, requests: 90 },
            soft_limit: Allowance { reads: 10_000, writes: 5_000 },
            skew_ms: Some(-90_000),
            log: Vec::new(),
        }
    }

    fn fact(health: &SyncHealth, on: bool, name: &str) -> Option<String> {
        facts(health, on, 500, |at_ms| format!("at {at_ms}"))
            .into_iter()
            .find(|(n, _)| *n == name)
            .map(|(_, f)| f)
    }

    #[test]
    fn every_fact_is_a_plain_sentence() {
        let health = health();
        for (name, expected) in [
            ("Last synced", "at 5"),
            ("Latency", "median 20 ms, 95 % within 400 ms, of 3 requests"),
            ("Place in the space", "head 12, settings to 12, chats to 11"),
            ("Today, estimated", "310 of 50\u{a0}000 free reads, 12 of 20\u{a0}000 free writes, 90 requests"),
            ("Clock", "90 s ahead of the server; corrected for"),
            ("Waiting to be sent", "1 chat, 2 messages"),
            ("Next look", "in 9 s, after 1 failure in a row"),
        ] {
            assert_eq!(fact(&health, true, name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn with_sync_off_nothing_is_said_to_wait() {
        assert_eq!(fact(&health(), false, "Waiting to be sent"), None);
        assert_eq!(fact(&health(), false, "Next look"), None);
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        let fresh = SyncHealth {
            synced_at_ms: None,
            median_ms: None,
            p95_ms: None,
            skew_ms: None,
            head_seq: None,
            ..health()
        };
        assert_eq!(fact(&fresh, true, "Last synced").as_deref(), Some("not yet in this tab"));
        assert_eq!(fact(&fresh, true, "Latency").as_deref(), Some("no request yet"));
        assert_eq!(fact(&fresh, true, "Clock").as_deref(), Some("not compared with the server yet"));
        assert!(
            fact(&fresh, true, "Place in the space").is_some_and(|place| place.starts_with("no head known"))
        );
        assert_eq!(waiting(Waiting::default()), "nothing");
    }
}
