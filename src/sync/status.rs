//! What the engine tells about itself; every state that is not "synced" has a reason.

use serde::{Deserialize, Serialize};

/// The state of sync as one sees it. `Synced` is only ever computed from an empty outbox and a
/// completed check; nothing can set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// No space, or sync is switched off: nothing is sent.
    Off,
    /// Everything here is there, and everything there was here at that time (Unix ms).
    Synced {
        /// Server time of the last completed check.
        at_ms: u64,
    },
    /// Working: first check, sending or fetching.
    Syncing {
        /// Records waiting to be sent.
        pending: u32,
    },
    /// Everything is being compared, after another space was joined, the server was replaced, or
    /// the user asked.
    Comparing {
        /// Records not compared yet.
        left: u32,
    },
    /// The server cannot be reached; changes wait here.
    Offline {
        /// Records waiting to be sent.
        pending: u32,
        /// When it is tried again, on the clock of [`super::Now::instant_ms`].
        retry_at_ms: Option<u64>,
    },
    /// Something needs the user, or at least an explanation.
    Attention {
        /// Why.
        reason: Attention,
        /// Records waiting to be sent.
        pending: u32,
        /// When it is tried again, on the clock of [`super::Now::instant_ms`].
        retry_at_ms: Option<u64>,
    },
}

/// Why sync is not simply working.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attention {
    /// 401: the credentials were refused.
    SignedOut,
    /// The rules refuse even to read.
    Denied,
    /// 429: too many requests or the day's quota.
    Busy,
    /// Lost many races in a row: another device is writing.
    AnotherWriter,
    /// Answers that are not Firestore's, several in a row.
    Intermediary,
    /// The server refuses a request as malformed; the text is the server's.
    Rejected(String),
    /// Records that the server refuses stay on this device.
    Quarantined(u32),
    /// This device's storage failed; the text says how.
    Storage(String),
    /// The space was written by a newer version: read-only until the page is reloaded.
    NewerSchema,
    /// The space is being erased.
    Closed,
}

impl Status {
    /// One word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Synced { .. } => "synced",
            Self::Comparing { .. } => "comparing",
            Self::Syncing { .. } => "syncing",
            Self::Offline { .. } => "offline",
            Self::Attention { reason, .. } => reason.name(),
        }
    }

    /// The same with the time of the next try on another clock.
    #[must_use]
    pub fn with_retry(mut self, change: impl Fn(u64) -> u64) -> Self {
        if let Self::Offline { retry_at_ms, .. } | Self::Attention { retry_at_ms, .. } = &mut self {
            *retry_at_ms = retry_at_ms.map(change);
        }
        self
    }

    /// Records that wait to be sent.
    #[must_use]
    pub fn pending(&self) -> u32 {
        match self {
            Self::Off | Self::Synced { .. } => 0,
            Self::Comparing { left } => *left,
            Self::Syncing { pending } | Self::Offline { pending, .. } | Self::Attention { pending, .. } => {
                *pending
            }
        }
    }
}

impl Attention {
    fn name(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed out",
            Self::Denied => "access denied",
            Self::Busy => "told to slow down",
            Self::AnotherWriter => "another device is writing",
            Self::Intermediary => "answers are not Firestore's",
            Self::Rejected(_) => "request rejected",
            Self::Quarantined(_) => "records refused",
            Self::Storage(_) => "storage failed",
            Self::NewerSchema => "newer version elsewhere",
            Self::Closed => "space is being erased",
        }
    }
}
