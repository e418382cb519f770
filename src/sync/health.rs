//! How sync is doing, in numbers, for whoever looks for what is wrong.
//!
//! Promises: plain values, bounded in size. No type here can hold a text that came from outside:
//! content, the id of a space, a chat or a message, a pairing code or a key cannot get in, so the
//! whole of it may be copied and shown to anybody.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use super::{Mismatch, Role};

/// What Firestore's free plan allows a project in one day.
pub const FREE_A_DAY: Allowance = Allowance { reads: 50_000, writes: 20_000 };

/// So much of something in one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Documents read.
    pub reads: u64,
    /// Documents written.
    pub writes: u64,
}

/// What Firestore bills for what this device did in one day (UTC), counted from the requests and
/// their answers by its price list. Requests without an answer are not in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Days since 1970.
    pub day: u64,
    /// Documents read, with those that only the rules looked at.
    pub reads: u64,
    /// Documents written.
    pub writes: u64,
    /// Requests answered.
    pub requests: u64,
}

impl Usage {
    /// Adds what was used on another, or the same, occasion; of two days the later one counts.
    pub fn add(&mut self, other: Self) {
        if other.day > self.day {
            *self = other;
        } else if other.day == self.day {
            self.reads += other.reads;
            self.writes += other.writes;
            self.requests += other.requests;
        }
    }

    /// Whether a day's allowance is used up.
    #[must_use]
    pub fn exceeds(&self, allowance: Allowance) -> bool {
        self.reads >= allowance.reads || self.writes >= allowance.writes
    }
}

/// Rows that wait to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Settings and profile.
    pub config: u32,
    /// Chats.
    pub chats: u32,
    /// Messages.
    pub messages: u32,
}

/// Kinds of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The head.
    Head,
    /// Single records.
    Records,
    /// A page of a feed.
    Page,
    /// The greatest number in a feed.
    Newest,
    /// How many documents there are.
    Count,
    /// A commit.
    Commit,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// With a good answer.
    Well,
    /// With none.
    NotAtAll,
    /// 429.
    Busy,
    /// A precondition did not hold.
    Conflict,
    /// 403.
    Denied,
    /// 401.
    SignedOut,
    /// 400 and the like.
    Rejected,
    /// Not by Firestore.
    Garbage,
}

/// Something worth remembering for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// Sync was switched on, or on again.
    Connected,
    /// Sync was switched off.
    Disconnected,
    /// A request was answered, or not.
    Request(Asked, Answered),
    /// Another device was faster with its commit.
    LostRace,
    /// So many records are tried in one commit from now on.
    BatchMax(u32),
    /// The server's history was not ours.
    Reset(Mismatch),
    /// The server refuses one record.
    Quarantined,
    /// So many stored rows could not be read.
    TornRows(u32),
    /// This device's storage failed.
    StorageFailed,
    /// The page is looked at, or not.
    Visible(bool),
    /// Asked to try at once.
    TryNow,
    /// What this tab is among the tabs of this browser.
    Role(Role),
    /// The leading tab gave no sign of life, so this tab did its work.
    Courtesy,
    /// The server has another number of messages of a chat than this device.
    Miscounted,
    /// The day's soft limit is reached: only what the user does is sent and fetched.
    OverBudget,
}

/// One line of the log; the same thing happening again raises `times`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it happened last, Unix milliseconds.
    pub at_ms: u64,
    /// What.
    pub what: Happening,
    /// How often in a row.
    pub times: u32,
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncHealth {
    /// The state in one word.
    pub state: &'static str,
    /// What this tab is among the tabs of this browser.
    pub role: Role,
    /// Server time (Unix ms) when everything was last known to be sent and fetched.
    pub synced_at_ms: Option<u64>,
    /// How long the last requests took, oldest first, at most 50.
    pub latencies_ms: Vec<u32>,
    /// The middle of them.
    pub median_ms: Option<u32>,
    /// 19 of 20 were at most so slow.
    pub p95_ms: Option<u32>,
    /// Number of the head as last read or written; `None` where no head is known.
    pub head_seq: Option<u64>,
    /// How far settings and profile were fetched.
    pub config_seq: u64,
    /// How far the list of chats was fetched.
    pub chats_seq: u64,
    /// How often this device began anew with its server.
    pub generation: u64,
    /// What waits to be sent.
    pub waiting: Waiting,
    /// Records the server refuses.
    pub quarantined: u32,
    /// Rounds that failed in a row.
    pub failures: u32,
    /// Races lost in a row.
    pub lost_races: u32,
    /// When it is tried or looked again, on the clock of [`super::Now::instant_ms`].
    pub next_at_ms: Option<u64>,
    /// So many records are tried in one commit.
    pub batch_max: u32,
    /// Used today.
    pub today: Usage,
    /// Our own limit: beyond it nothing is fetched ahead.
    pub soft_limit: Allowance,
    /// Server time minus this device's clock, in ms; `None` until the server has told.
    pub skew_ms: Option<i64>,
    /// The last 100 things that happened, oldest first.
    pub log: Vec<LogLine>,
}

impl SyncHealth {
    /// All of it as lines of text, for "copy diagnostics". `now_ms` is on the clock of
    /// [`super::Now::instant_ms`].
    #[must_use]
    pub fn report(&self, now_ms: u64) -> String {
        let mut text = String::new();
        let or_none = |value: Option<u64>| value.map_or("none".to_owned(), |value| value.to_string());
        let latency = |value: Option<u32>| value.map_or("-".to_owned(), |ms| format!("{ms} ms"));
        let mut line = |name: &str, fact: String| {
            // writing to a text cannot fail
            let _ = writeln!(text, "{name}: {fact}");
        };
        line("State", self.state.to_owned());
        line("Tab", self.role.name().to_owned());
        line("Last synced (Unix ms)", or_none(self.synced_at_ms));
        line(
            "Latency",
            format!(
                "median {}, 95 % under {}, of {} requests",
                latency(self.median_ms),
                latency(self.p95_ms),
                self.latencies_ms.len()
            ),
        );
        line(
            "Position",
            format!(
                "head {}, settings {}, chats {}, generation {}",
                or_none(self.head_seq),
                self.config_seq,
                self.chats_seq,
                self.generation
            ),
        );
        let Waiting { config, chats, messages } = self.waiting;
        line("Waiting", format!("{config} settings, {chats} chats, {messages} messages"));
        line("Refused", self.quarantined.to_string());
        line("Failures in a row", format!("{}, races lost {}", self.failures, self.lost_races));
        let next = self.next_at_ms.map(|at| at.saturating_sub(now_ms));
        line("Next try in ms", or_none(next));
        line("Records per commit", self.batch_max.to_string());
        line(
            "Today",
            format!(
                "{} reads, {} writes, {} requests (soft limit {}/{}, free {}/{})",
                self.today.reads,
                self.today.writes,
                self.today.requests,
                self.soft_limit.reads,
                self.soft_limit.writes,
                FREE_A_DAY.reads,
                FREE_A_DAY.writes
            ),
        );
        line(
            "Clock",
            self.skew_ms.map_or("not checked".to_owned(), |ms| format!("{ms} ms behind the server")),
        );
        for entry in &self.log {
            line(&entry.at_ms.to_string(), entry.to_string());
        }
        text
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.what.fmt(f)?;
        if self.times > 1 { write!(f, " ({} times)", self.times) } else { Ok(()) }
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => f.write_str("sync on"),
            Self::Disconnected => f.write_str("sync off"),
            Self::Request(asked, answered) => write!(f, "{}: {}", asked.name(), answered.name()),
            Self::LostRace => f.write_str("another device was faster"),
            Self::BatchMax(records) => write!(f, "at most {records} records at once"),
            Self::Reset(mismatch) => {
                write!(f, "the server has another history ({mismatch:?}); comparing anew")
            }
            Self::Quarantined => f.write_str("one record is refused by the server"),
            Self::TornRows(rows) => write!(f, "{rows} stored rows could not be read"),
            Self::StorageFailed => f.write_str("the storage of this device failed"),
            Self::Visible(true) => f.write_str("page shown"),
            Self::Visible(false) => f.write_str("page hidden"),
            Self::TryNow => f.write_str("asked to try now"),
            Self::Role(role) => write!(f, "this tab: {}", role.name()),
            Self::Courtesy => f.write_str("the leading tab is silent; this tab does its work"),
            Self::Miscounted => f.write_str("a chat was not complete here or there; comparing it"),
            Self::OverBudget => f.write_str("soft limit of the day reached; nothing is fetched ahead"),
        }
    }
}

impl Asked {
    fn name(self) -> &'static str {
        match self {
            Self::Head => "check",
            Self::Records => "read records",
            Self::Page => "fetch",
            Self::Newest => "find the newest",
            Self::Count => "count",
            Self::Commit => "send",
        }
    }
}

impl Answered {
    fn name(self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::NotAtAll => "no answer",
            Self::Busy => "told to slow down",
            Self::Conflict => "changed meanwhile",
            Self::Denied => "refused by the rules",
            Self::SignedOut => "credentials refused",
            Self::Rejected => "rejected",
            Self::Garbage => "not an answer of Firestore",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_adds_up_within_a_day_and_begins_anew_on_the_next() {
        let on = |day, reads| Usage { day, reads, writes: 1, requests: 1 };
        let mut usage = on(5, 10);
        usage.add(on(5, 3));
        assert_eq!(usage, Usage { day: 5, reads: 13, writes: 2, requests: 2 });
        usage.add(on(4, 100));
        assert_eq!(usage.reads, 13, "what is told late of yesterday");
        usage.add(on(6, 2));
        assert_eq!(usage, on(6, 2));
        assert!(!usage.exceeds(Allowance { reads: 3, writes: 2 }));
        assert!(usage.exceeds(Allowance { reads: 2, writes: 9 }));
        assert!(usage.exceeds(Allowance { reads: 9, writes: 1 }));
    }
}
