//! What can go wrong, how often, and how often it did.

use std::collections::BTreeMap;

/// Every fault there is. A run of many seeds in which one never happened is a failed run.
pub(crate) const ALL: [&str; 55] = [
    "answer late",
    "answer lost",
    "away for a month",
    "beheaded",
    "broadcast lost",
    "busy 429",
    "chat opened later",
    "clock far off",
    "clock stepped",
    "commit held",
    "compared anew",
    "cursor jumped",
    "deleted",
    "deleted unseen",
    "denied 403",
    "disconnected",
    "evicted",
    "follower stood in",
    "garbage",
    "forked",
    "hidden",
    "imported over",
    "joined another space",
    "killed after transaction",
    "killed at any time",
    "killed before transaction",
    "lead yielded",
    "leader frozen",
    "leader frozen for good",
    "leader killed",
    "local-only",
    "lost race",
    "newer record",
    "offline",
    "paused",
    "poison record",
    "quarantined",
    "regenerated",
    "request doubled",
    "request late",
    "request lost",
    "reset noticed",
    "restored as it was",
    "restored with new times",
    "row lost",
    "signed out 401",
    "slept",
    "store failed",
    "switched project",
    "too many at once",
    "torn row",
    "unavailable 503",
    "vanished",
    "wiped",
    "written past the log",
];

/// Also counted: `stub made`, `undeleted`, and how much was done.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(pub(crate) BTreeMap<&'static str, u64>);

impl Counts {
    pub(crate) fn add(&mut self, what: &'static str) {
        self.more(what, 1);
    }

    pub(crate) fn more(&mut self, what: &'static str, times: u64) {
        *self.0.entry(what).or_default() += times;
    }

    pub(crate) fn join(&mut self, other: &Self) {
        other.0.iter().for_each(|(what, times)| self.more(what, *times));
    }

    pub(crate) fn never(&self) -> Vec<&'static str> {
        ALL.into_iter().filter(|what| !self.0.contains_key(what)).collect()
    }
}

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It arrives and so does the answer.
    Fine,
    /// It never arrives.
    Lost,
    /// It arrives, and the answer does not.
    AnswerLost,
    /// It arrives after this many milliseconds.
    Late(u64),
    /// The answer takes this long.
    AnswerLate(u64),
    /// It arrives, and becomes visible only after this many milliseconds.
    Held(u64),
    /// It arrives twice; the second time after this many milliseconds.
    Doubled(u64),
    /// Something answers with this in its place; for 503 the server may have done it anyway.
    Refused(u16),
}

/// Something that happens to few people, and in one seed not together: each hides what another does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Odd {
    #[default]
    None,
    /// A newer version of the app writes.
    NewerApp,
    /// Documents vanish from the server one by one.
    Vanishing,
    /// Rows vanish from devices, and cursors jump.
    Robbing,
    /// Devices change to another project and back.
    Projects,
}

/// How hard one seed's world is: chances in 1000.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    /// Of one request to go wrong.
    pub(crate) net: u32,
    /// Of a commit to be refused with 403 for no reason.
    pub(crate) deny: u32,
    /// Of a tab to be killed around one transaction.
    pub(crate) kill: u32,
    /// Of one transaction to fail.
    pub(crate) store: u32,
    /// Of one broadcast to other tabs to be lost.
    pub(crate) deaf: u32,
    /// Whether the server is wiped, restored, beheaded.
    pub(crate) server: bool,
    /// Whether rows are torn and stores evicted.
    pub(crate) disk: bool,
    /// Whether devices move between spaces.
    pub(crate) spaces: bool,
    /// Whether the server refuses some records for ever.
    pub(crate) poison: bool,
    /// Whether clocks are far off, and people asleep.
    pub(crate) clocks: bool,
    pub(crate) odd: Odd,
}

impl Rates {
    pub(crate) fn random(rng: &mut fastrand::Rng) -> Self {
        let mut one_of = |rates: &[u32]| rates.get(rng.usize(..rates.len())).copied().unwrap_or(0);
        Self {
            net: one_of(&[0, 5, 30, 120]),
            deny: one_of(&[0, 0, 5, 40]),
            kill: one_of(&[0, 0, 3, 20]),
            store: one_of(&[0, 0, 5, 30]),
            deaf: one_of(&[0, 50, 500]),
            server: one_of(&[0, 0, 1]) == 1,
            disk: one_of(&[0, 0, 0, 1]) == 1,
            spaces: one_of(&[0, 0, 0, 1]) == 1,
            poison: one_of(&[0, 0, 1]) == 1,
            clocks: one_of(&[0, 1]) == 1,
            odd: match rng.u8(..16) {
                0 => Odd::NewerApp,
                1 => Odd::Vanishing,
                2 => Odd::Robbing,
                3 => Odd::Projects,
                _ => Odd::None,
            },
        }
    }

    /// Draws the fate of one request, and what it counts as.
    pub(crate) fn fate(&self, commit: bool, rng: &mut fastrand::Rng) -> (Fate, Option<&'static str>) {
        if commit && rng.u32(..1000) < self.deny {
            return (Fate::Refused(403), Some("denied 403"));
        }
        if rng.u32(..1000) >= self.net {
            return (Fate::Fine, None);
        }
        let long = rng.u64(1_000..60_000);
        let (fate, name) = match rng.u8(..12) {
            0 | 1 => (Fate::Lost, "request lost"),
            2 | 3 => (Fate::AnswerLost, "answer lost"),
            4 => (Fate::Late(long), "request late"),
            5 => (Fate::AnswerLate(long), "answer late"),
            6 | 7 => (Fate::Doubled(long), "request doubled"),
            11 if commit => (Fate::Held(long / 4), "commit held"),
            11 => (Fate::Late(long), "request late"),
            8 => (Fate::Refused(503), "unavailable 503"),
            9 if rng.bool() => (Fate::Refused(429), "busy 429"),
            9 => (Fate::Refused(401), "signed out 401"),
            _ if rng.bool() => (Fate::Refused(403), "denied 403"),
            _ => (Fate::Refused(200), "garbage"),
        };
        (fate, Some(name))
    }
}
