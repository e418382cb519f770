//! The head document of a space: one number that moves by exactly one with every commit.
//!
//! Besides the number it carries what a device needs to notice a server that was wiped or
//! restored from a backup: a random epoch, a generation that whoever noticed raises, the id of the
//! last commit and a log of the last 64.

use serde::{Deserialize, Serialize};

use super::planted::{Bug, planted};

/// Length of a commit id in the log.
pub(crate) const COMMIT_CHARS: usize = 6;
/// Length of an epoch.
pub(crate) const EPOCH_CHARS: usize = 16;
/// How many commit ids the log keeps.
pub(crate) const LOG_LEN: usize = 64;

/// The head as written and read, without its server timestamp.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the last commit, from 1.
    pub seq: u64,
    /// Random id of that commit, `[a-z2-7]{6}`.
    pub commit: String,
    /// Random, made with the space, never changed: `[a-z2-7]{16}`.
    pub epoch: String,
    /// Raised by one by a device that noticed a restored server.
    pub generation: u64,
    /// Lowest schema version that may write to this space.
    pub schema: u32,
    /// Whether the space is being erased.
    pub closed: bool,
    /// Number of the last commit that changed settings or profile.
    pub config_seq: u64,
    /// Ids of the last 64 commits, newest first, without separators.
    pub log: String,
}

/// Random letters as commit ids and epochs have them.
pub(crate) fn random_text(rng: &mut fastrand::Rng, chars: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    (0..chars).filter_map(|_| LETTERS.get(rng.usize(..32))).map(|letter| char::from(*letter)).collect()
}

impl Head {
    /// The first head of a space, or the one after a head that is gone.
    #[must_use]
    pub fn first(seq: u64, commit: &str, epoch: &str, schema: u32) -> Self {
        Self {
            seq,
            commit: commit.to_owned(),
            epoch: epoch.to_owned(),
            generation: 0,
            schema,
            closed: false,
            // records may have outlived an earlier head: everybody looks at the config again
            config_seq: seq,
            log: commit.to_owned(),
        }
    }

    /// The commit id that the log remembers for a number, if it reaches that far back.
    #[must_use]
    pub fn commit_at(&self, seq: u64) -> Option<&str> {
        let back = usize::try_from(self.seq.checked_sub(seq)?).ok()?;
        let start = back.checked_mul(COMMIT_CHARS)?;
        self.log.get(start..start + COMMIT_CHARS)
    }

    /// The head after one more commit.
    #[must_use]
    pub fn next(&self, commit: &str, changes_config: bool, raise_generation: bool) -> Self {
        let mut log = format!("{commit}{}", self.log);
        log.truncate(COMMIT_CHARS * LOG_LEN);
        let seq = self.seq + 1;
        Self {
            seq,
            commit: commit.to_owned(),
            generation: self.generation + u64::from(raise_generation),
            config_seq: if changes_config { seq } else { self.config_seq },
            log,
            ..self.clone()
        }
    }
}

impl Head {
    /// The head after a commit that steps over the numbers of documents which are left above this one.
    /// So far that its log does not seem to know them.
    #[must_use]
    pub(crate) fn step_over(&self, left: u64, commit: &str) -> Self {
        let next = self.next(commit, true, true);
        let seq = left + LOG_LEN as u64 + 1;
        Self { seq, config_seq: seq, ..next }
    }
}

/// The head as this device last knew it, with its `updateTime`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownHead {
    /// Content.
    pub head: Head,
    /// Firestore's `updateTime`; the precondition of our next commit.
    pub update_time: String,
}

/// Why the server's history is not a continuation of the one this device knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// There was a head and now there is none.
    Missing,
    /// Another epoch: the space was made anew.
    Epoch,
    /// Somebody else noticed a restore.
    Generation,
    /// The number went down.
    WentBack,
    /// The same number, but another commit made it.
    Rewritten,
}

/// Compares a head reading with what was known *when the request was sent*; `seen` is the
/// greatest `(seq, commit)` this device has met in any document.
pub(crate) fn mismatch(
    known: Option<&KnownHead>,
    seen: Option<&(u64, String)>,
    now: Option<(&Head, &str)>,
) -> Option<Mismatch> {
    let Some((head, update_time)) = now else {
        return known.map(|_| Mismatch::Missing);
    };
    let rewritten = |seq: u64, commit: &str| {
        !planted(Bug::LogIgnored) && head.commit_at(seq).is_some_and(|c| c != commit)
    };
    if let Some(known) = known {
        if head.epoch != known.head.epoch && !planted(Bug::EpochIgnored) {
            return Some(Mismatch::Epoch);
        }
        if head.generation != known.head.generation && !planted(Bug::GenerationIgnored) {
            return Some(Mismatch::Generation);
        }
        if head.seq < known.head.seq && !planted(Bug::WentBackIgnored) {
            return Some(Mismatch::WentBack);
        }
        let same = head.seq == known.head.seq && update_time == known.update_time;
        if rewritten(known.head.seq, &known.head.commit) || (head.seq == known.head.seq && !same) {
            return Some(Mismatch::Rewritten);
        }
    }
    match seen.filter(|_| !planted(Bug::SeenIgnored)) {
        Some((seq, _)) if *seq > head.seq && !planted(Bug::WentBackIgnored) => Some(Mismatch::WentBack),
        Some((seq, commit)) if rewritten(*seq, commit) => Some(Mismatch::Rewritten),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(seq: u64) -> Head {
        (1..seq).fold(
            Head {
                seq: 1,
                commit: "aaaaab".to_owned(),
                epoch: "e".repeat(16),
                generation: 0,
                schema: 1,
                closed: false,
                config_seq: 0,
                log: "aaaaab".to_owned(),
            },
            |head, n| head.next(&format!("c{n:05}"), false, false),
        )
    }

    fn known(seq: u64) -> KnownHead {
        KnownHead { head: head(seq), update_time: format!("t{seq}") }
    }

    #[test]
    fn the_log_names_the_last_64_commits() {
        let head = head(100);
        assert_eq!(head.log.len(), 64 * 6);
        assert_eq!(head.commit_at(100), Some(head.commit.as_str()));
        assert_eq!(head.commit_at(37), Some("c00036"));
        assert_eq!(head.commit_at(36), None);
        assert_eq!(head.commit_at(101), None);
    }

    #[test]
    fn plain_progress_is_no_mismatch() {
        for later in [5, 6, 60, 500] {
            let now = head(later);
            let time = format!("t{later}");
            assert_eq!(mismatch(Some(&known(5)), None, Some((&now, &time))), None);
        }
        assert_eq!(mismatch(None, None, Some((&head(3), "t3"))), None);
        assert_eq!(mismatch(None, None, None), None);
    }

    #[test]
    fn each_kind_of_restore_is_noticed() {
        let known = known(5);
        assert_eq!(mismatch(Some(&known), None, None), Some(Mismatch::Missing));
        assert_eq!(mismatch(Some(&known), None, Some((&head(4), "t4"))), Some(Mismatch::WentBack));
        assert_eq!(mismatch(Some(&known), None, Some((&head(5), "t5x"))), Some(Mismatch::Rewritten));
        let other = Head { epoch: "f".repeat(16), ..head(9) };
        assert_eq!(mismatch(Some(&known), None, Some((&other, "t9"))), Some(Mismatch::Epoch));
        let raised = Head { generation: 1, ..head(9) };
        assert_eq!(mismatch(Some(&known), None, Some((&raised, "t9"))), Some(Mismatch::Generation));
        // restored to 3, and others pushed past our 5
        let fork = (0..5).fold(head(3), |head, n| head.next(&format!("x{n:05}"), false, false));
        assert_eq!(mismatch(Some(&known), None, Some((&fork, "t8"))), Some(Mismatch::Rewritten));
    }

    #[test]
    fn a_document_seen_above_the_head_tells_a_restore_too() {
        let seen = (7, "c00006".to_owned());
        assert_eq!(mismatch(Some(&known(5)), Some(&seen), Some((&head(6), "t6"))), Some(Mismatch::WentBack));
        assert_eq!(mismatch(Some(&known(5)), Some(&seen), Some((&head(7), "t7"))), None);
        let other = (7, "zzzzzz".to_owned());
        assert_eq!(
            mismatch(Some(&known(5)), Some(&other), Some((&head(9), "t9"))),
            Some(Mismatch::Rewritten)
        );
    }
}
