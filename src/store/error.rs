//! What can go wrong with the rows on this device, by what the caller does next.

use std::fmt;

/// A transaction did not happen; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// No room left: keep the text, offer to free space or to export.
    Full,
    /// There is no such storage here, with the reason: use another place.
    Unavailable(String),
    /// The connection broke, again and again: try later.
    Lost,
    /// The database was made by a newer version: stop, and ask to reload the page.
    Newer,
    /// Something else, in the browser's words: show it.
    Failed(String),
}

impl StoreError {
    /// Sorts an error by the text browsers make of it (`Name: message`).
    ///
    /// The names are the standard's; browsers say "the connection is gone" in several ways.
    pub(crate) fn from_text(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if says(&["quotaexceeded", "quota_reached"]) {
            Self::Full
        } else if says(&["versionerror"]) {
            Self::Newer
        } else if says(&["securityerror", "indexed db not found"]) {
            Self::Unavailable(text.to_owned())
        } else if says(&["invalidstateerror", "transactioninactive", "aborterror"])
            || (says(&["unknownerror"]) && says(&["connection", "server", "in-progress"]))
        {
            Self::Lost
        } else {
            Self::Failed(text.to_owned())
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => {
                f.write_str("This device has no room left, so nothing was saved: free some space on it.")
            }
            Self::Unavailable(why) => {
                write!(f, "This browser does not let the page store anything ({why}).")
            }
            Self::Lost => f.write_str(
                "The connection to this browser's database was lost and nothing was saved; please try again.",
            ),
            Self::Newer => {
                f.write_str("A newer version of this page has used the data in this browser; please reload.")
            }
            Self::Failed(text) => write!(f, "Nothing was saved, the browser says: {text}"),
        }
    }
}

impl std::error::Error for StoreError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_errors_are_sorted_by_what_to_do_next() {
        let lost = [
            "failed to open new transaction: InvalidStateError: The database connection is closing.",
            "AbortError: The transaction was aborted.",
            "TransactionInactiveError: Failed to execute 'put': The transaction has finished.",
            "UnknownError: Connection to Indexed Database server lost. Refresh the page to try again",
            "UnknownError: Attempt to get a record from database without an in-progress transaction",
        ];
        for text in lost {
            assert_eq!(StoreError::from_text(text), StoreError::Lost, "{text}");
        }
        for text in [
            "QuotaExceededError: The quota has been exceeded.",
            "NS_ERROR_DOM_QUOTA_REACHED: Persistent storage maximum size reached",
        ] {
            assert_eq!(StoreError::from_text(text), StoreError::Full, "{text}");
        }
        assert_eq!(
            StoreError::from_text("VersionError: The requested version (1) is less than …"),
            StoreError::Newer
        );
        assert!(matches!(
            StoreError::from_text("SecurityError: The operation is insecure."),
            StoreError::Unavailable(_)
        ));
        assert!(matches!(
            StoreError::from_text("UnknownError: Internal error committing transaction."),
            StoreError::Failed(_)
        ));
    }
}
