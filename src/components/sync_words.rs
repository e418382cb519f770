//! The state of sync in words. Colour and icon only repeat what these say.

use super::icon::Icon;
use super::when;
use crate::session::SyncView;
use crate::sync::{Attention, Status};

/// The states one can tell apart at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SyncKind {
    /// Switched off.
    Off,
    /// Not set up: data is only here.
    Local,
    /// Working.
    Syncing,
    /// Done.
    Synced,
    /// No connection.
    Offline,
    /// Needs the user, or an explanation.
    Attention,
}

impl SyncKind {
    /// Which state this is.
    pub(super) fn of(view: &SyncView) -> Self {
        if view.storage_problem.is_some() || view.config_error.is_some() {
            return Self::Attention;
        }
        match &view.status {
            Status::Off if view.paired => Self::Off,
            Status::Off => Self::Local,
            Status::Syncing { .. } | Status::Comparing { .. } => Self::Syncing,
            Status::Synced { .. } => Self::Synced,
            Status::Offline { .. } => Self::Offline,
            Status::Attention { .. } => Self::Attention,
        }
    }

    /// Its icon.
    pub(super) fn icon(self) -> Icon {
        match self {
            Self::Off => Icon::CloudOff,
            Self::Local => Icon::Cloud,
            Self::Syncing => Icon::CloudSync,
            Self::Synced => Icon::CloudCheck,
            Self::Offline => Icon::NoNetwork,
            Self::Attention => Icon::CloudAlert,
        }
    }

    /// The last part of its class.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Local => "local",
            Self::Syncing => "syncing",
            Self::Synced => "synced",
            Self::Offline => "offline",
            Self::Attention => "attention",
        }
    }

    /// What a screen reader says when it becomes this.
    pub(super) fn announcement(self) -> &'static str {
        match self {
            Self::Off => "Sync is off",
            Self::Local => "Only on this device",
            Self::Syncing => "Syncing",
            Self::Synced => "Synced",
            Self::Offline => "Offline, changes wait on this device",
            Self::Attention => "Sync needs attention",
        }
    }
}

/// A few words, for the sidebar.
pub(super) fn label(view: &SyncView) -> String {
    let pending = view.status.pending();
    match (SyncKind::of(view), &view.status) {
        (SyncKind::Off, _) if view.paused => "Sync paused".to_owned(),
        (SyncKind::Syncing, _) if pending > 0 => format!("Syncing, {pending} left"),
        (SyncKind::Syncing, _) => "Syncing…".to_owned(),
        (SyncKind::Synced, Status::Synced { at_ms }) => format!("Synced {}", when::short(*at_ms)),
        (SyncKind::Offline, _) if pending > 0 => format!("Offline, {pending} waiting"),
        (SyncKind::Offline, _) => "Offline".to_owned(),
        (SyncKind::Attention, _) => "Needs attention".to_owned(),
        (kind, _) => kind.announcement().to_owned(),
    }
}

/// One or two sentences, for the Cloud Sync modal.
pub(super) fn sentence(view: &SyncView) -> String {
    if let Some(problem) = view.storage_problem.as_ref().or(view.config_error.as_ref()) {
        return problem.clone();
    }
    match &view.status {
        Status::Off if view.paused => {
            "Sync is paused for this session. Changes are kept on this device and are sent \
             when you go on."
                .to_owned()
        }
        Status::Off if view.paired => {
            "Sync is off on this device. Choose Cloud Firestore under Settings, Storage to switch it on."
                .to_owned()
        }
        Status::Off => "Your chats are on this device and nowhere else.".to_owned(),
        Status::Syncing { pending: 0 } | Status::Comparing { left: 0 } => {
            "Comparing with your Firestore.".to_owned()
        }
        Status::Comparing { left } => {
            format!("Comparing everything with your Firestore, {left} to go.")
        }
        Status::Syncing { pending } => format!("Sending {}.", changes(*pending)),
        Status::Synced { at_ms } => {
            format!(
                "Everything here is in your Firestore, and everything there is here, as of {}.",
                when::short(*at_ms)
            )
        }
        Status::Offline { pending: 0, .. } => {
            "Your Firestore cannot be reached. Muse tries again by itself.".to_owned()
        }
        Status::Offline { pending, .. } => format!(
            "Your Firestore cannot be reached. {} on this device; Muse tries again by itself.",
            waiting(*pending)
        ),
        Status::Attention { reason, pending, .. } => {
            format!("{} {}", explain(reason), waiting_or_none(*pending))
        }
    }
}

fn changes(count: u32) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{count} changes") }
}

fn waiting(count: u32) -> String {
    format!("{} wait{}", changes(count), if count == 1 { "s" } else { "" })
}

fn waiting_or_none(count: u32) -> String {
    if count == 0 { String::new() } else { format!("{} on this device.", waiting(count)) }
}

fn explain(reason: &Attention) -> String {
    match reason {
        Attention::SignedOut => "Firestore did not accept the credentials of this app.".to_owned(),
        Attention::Denied => {
            "Your Firestore rules refuse access. Publish the rules that come with Muse Chat \
             (firestore.rules) and check again."
                .to_owned()
        }
        Attention::Busy => {
            "Firestore's quota is used up for now. Muse tries again by itself; on the free plan the \
             day begins anew at midnight Pacific time."
                .to_owned()
        }
        Attention::AnotherWriter => {
            "Another device keeps writing at the same time. Muse tries again by itself.".to_owned()
        }
        Attention::Intermediary => {
            "The answers do not come from Firestore: a sign-in page of the network or a proxy \
             stands between."
                .to_owned()
        }
        Attention::Rejected(text) => format!("Firestore refused a request: {text}"),
        Attention::Quarantined(count) => format!(
            "Firestore refuses {count} of your records, too large perhaps. They stay on this device; everything else is synced."
        ),
        Attention::Storage(text) => text.clone(),
        Attention::NewerSchema => {
            "A newer version of Muse Chat wrote to your space. Reload this page to get it; until \
             then nothing is sent from here."
                .to_owned()
        }
        Attention::Closed => "This space is being erased.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(status: Status) -> SyncView {
        SyncView {
            status,
            config: None,
            emulator: None,
            config_error: None,
            paired: false,
            paused: false,
            online: true,
            storage_problem: None,
        }
    }

    #[test]
    fn every_state_is_told_apart_in_words() {
        let offline = view(Status::Offline { pending: 2, retry_at_ms: None });
        assert_eq!(label(&offline), "Offline, 2 waiting");
        assert_eq!(label(&view(Status::Syncing { pending: 3 })), "Syncing, 3 left");
        assert_eq!(label(&view(Status::Off)), "Only on this device");
        assert_eq!(label(&SyncView { paired: true, paused: true, ..view(Status::Off) }), "Sync paused");
        assert_eq!(label(&SyncView { paired: true, ..view(Status::Off) }), "Sync is off");
        let full = SyncView { storage_problem: Some("Full.".to_owned()), ..offline };
        assert_eq!((label(&full).as_str(), sentence(&full).as_str()), ("Needs attention", "Full."));
    }

    #[test]
    fn one_change_waits_and_two_changes_wait() {
        assert!(
            sentence(&view(Status::Offline { pending: 1, retry_at_ms: None })).contains("1 change waits on")
        );
        assert!(
            sentence(&view(Status::Offline { pending: 2, retry_at_ms: None })).contains("2 changes wait on")
        );
    }
}
