//! The state of sync in words. Colour and icon only repeat what these say.
//!
//! Pure: how a time is written comes in as a function, so that every sentence is tested natively.

use super::icon::Icon;
use crate::session::{SyncView, ThisSession};
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
            Status::Off if lacks_config(view) => Self::Offline,
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

    /// What a screen reader says when it becomes this. Work is not news, only what it ends in.
    pub(super) fn announcement(self) -> Option<&'static str> {
        match self {
            Self::Off => Some("Sync is off"),
            Self::Local => Some("Only on this device"),
            Self::Syncing => None,
            Self::Synced => Some("Synced"),
            Self::Offline => Some("Offline, changes wait on this device"),
            Self::Attention => Some("Sync needs attention"),
        }
    }
}

/// How a time (Unix ms) is written.
type Time = fn(u64) -> String;

/// Whether it would sync, if only the configuration beside the page had come.
fn lacks_config(view: &SyncView) -> bool {
    view.paired && view.config.is_none() && view.this_session.decides(view.on)
}

/// Whether this session stands back from what is decided for the device.
fn is_paused(view: &SyncView) -> bool {
    view.on && view.this_session == ThisSession::Off
}

/// A few words, for the sidebar.
pub(super) fn label(view: &SyncView, time: Time) -> String {
    let pending = view.status.pending();
    match (SyncKind::of(view), &view.status) {
        (SyncKind::Off, _) if is_paused(view) => "Sync paused".to_owned(),
        (SyncKind::Off, _) => "Sync is off".to_owned(),
        (SyncKind::Local, _) => "Only on this device".to_owned(),
        (SyncKind::Syncing, _) if pending > 0 => format!("Syncing, {pending} left"),
        (SyncKind::Syncing, _) => "Syncing…".to_owned(),
        (SyncKind::Synced, Status::Synced { at_ms }) => format!("Synced {}", time(*at_ms)),
        (SyncKind::Synced, _) => "Synced".to_owned(),
        (SyncKind::Offline, _) if pending > 0 => format!("Offline, {pending} waiting"),
        (SyncKind::Offline, _) => "Offline".to_owned(),
        (SyncKind::Attention, _) => "Needs attention".to_owned(),
    }
}

/// Why it is so, in a few words, where that is not plain.
pub(super) fn why(view: &SyncView) -> Option<String> {
    if view.storage_problem.is_some() {
        return Some("This device cannot save well".to_owned());
    }
    if view.config_error.is_some() {
        return Some("The configuration has a fault".to_owned());
    }
    let Status::Attention { reason, .. } = &view.status else { return None };
    Some(match reason {
        Attention::SignedOut => "The API key is refused".to_owned(),
        Attention::Denied => "The rules refuse access".to_owned(),
        Attention::Busy => "The day\'s quota is used up".to_owned(),
        Attention::AnotherWriter => "Another device is writing".to_owned(),
        Attention::Intermediary => "A proxy is in the way".to_owned(),
        Attention::Rejected(_) => "Firestore refused a request".to_owned(),
        Attention::Quarantined(1) => "1 item is refused".to_owned(),
        Attention::Quarantined(count) => format!("{count} items are refused"),
        Attention::Storage(_) => "This device cannot save".to_owned(),
        Attention::NewerSchema => "Reload to get the new version".to_owned(),
        Attention::Closed => "The cloud copy was erased".to_owned(),
    })
}

/// When it is tried again, on the clock of `Now::instant_ms`; `None` where nothing is planned.
pub(super) fn retry_at_ms(view: &SyncView) -> Option<u64> {
    match &view.status {
        // looking again does not help with these
        Status::Attention {
            reason: Attention::Quarantined(_) | Attention::NewerSchema | Attention::Closed,
            ..
        } => None,
        Status::Offline { retry_at_ms, .. } | Status::Attention { retry_at_ms, .. } => *retry_at_ms,
        Status::Off | Status::Synced { .. } | Status::Syncing { .. } | Status::Comparing { .. } => None,
    }
}

/// How long until then.
pub(super) fn in_time(wait_ms: u64) -> String {
    match wait_ms.div_ceil(1_000) {
        0 => "Trying again now.".to_owned(),
        1 => "Tries again in a second.".to_owned(),
        seconds @ ..=90 => format!("Tries again in {seconds} seconds."),
        seconds => format!("Tries again in {} minutes.", seconds.div_ceil(60)),
    }
}

/// One or two sentences, for the Cloud Sync modal. So many chats take no part in sync.
pub(super) fn sentence(view: &SyncView, time: Time, left_out: usize) -> String {
    if let Some(problem) = view.storage_problem.as_ref().or(view.config_error.as_ref()) {
        return problem.clone();
    }
    match &view.status {
        Status::Off if lacks_config(view) => {
            "The configuration of your Firestore is missing: config.json, which is beside this page, cannot be read. \
             Changes are kept on this device until it can."
                .to_owned()
        }
        Status::Off if is_paused(view) => {
            "Sync is paused for this session. Changes are kept on this device and are sent \
             when you go on, or by another tab that syncs."
                .to_owned()
        }
        Status::Off if view.paired => {
            "Sync is off on this device. Changes are kept here and are sent when you switch it on.".to_owned()
        }
        Status::Off => "Your chats are on this device and nowhere else.".to_owned(),
        Status::Syncing { pending: 0 } | Status::Comparing { left: 0 } => {
            "Comparing with your Firestore.".to_owned()
        }
        Status::Comparing { left } => {
            format!("Comparing everything with your Firestore, {left} to go.")
        }
        Status::Syncing { pending } => format!("Sending: {} left.", changes(*pending)),
        Status::Synced { at_ms } => format!(
            "Everything here is in your Firestore, and everything there is here, as of {}{}.",
            time(*at_ms),
            match left_out {
                0 => String::new(),
                1 => ", but for 1 chat that takes no part".to_owned(),
                count => format!(", but for {count} chats that take no part"),
            }
        ),
        Status::Offline { pending: 0, .. } => {
            "Your Firestore cannot be reached. Muse tries again by itself.".to_owned()
        }
        Status::Offline { pending, .. } => format!(
            "Your Firestore cannot be reached. {} on this device; Muse tries again by itself.",
            waiting(*pending)
        ),
        Status::Attention { reason, pending, .. } => {
            format!("{} {}", explain(reason), waiting_or_none(*pending)).trim_end().to_owned()
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
        Attention::SignedOut => {
            "Firestore does not accept the API key: check the key and its website restrictions.".to_owned()
        }
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
            "Firestore refuses {}. What is refused stays on this device and is listed below with the reason; everything else is synced.",
            if *count == 1 { "1 item".to_owned() } else { format!("{count} items") }
        ),
        Attention::Storage(text) => text.clone(),
        Attention::NewerSchema => {
            "A newer version of Muse Chat wrote to your space. Reload this page to get it; until \
             then nothing is sent from here."
                .to_owned()
        }
        Attention::Closed => {
            "The cloud copy of this space was erased. Everything is still on this device; leave the space \
             to be rid of this message."
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::ConfigSource;

    fn view(status: Status) -> SyncView {
        SyncView {
            status,
            config: Some(("project".to_owned(), ConfigSource::File)),
            emulator: None,
            config_error: None,
            paired: false,
            invited: false,
            on: true,
            this_session: ThisSession::AsSet,
            online: true,
            storage_problem: None,
        }
    }

    fn said(view: &SyncView) -> (String, String) {
        (label(view, at), sentence(view, at, 0))
    }

    fn at(_: u64) -> String {
        "14:05".to_owned()
    }

    fn attention(reason: Attention) -> SyncView {
        view(Status::Attention { reason, pending: 2, retry_at_ms: Some(9) })
    }

    #[test]
    fn every_state_is_told_apart_in_words() {
        let offline = view(Status::Offline { pending: 2, retry_at_ms: None });
        let off = |on, this_session| SyncView { paired: true, on, this_session, ..view(Status::Off) };
        let labels = [
            (offline.clone(), "Offline, 2 waiting"),
            (view(Status::Offline { pending: 0, retry_at_ms: None }), "Offline"),
            (view(Status::Syncing { pending: 3 }), "Syncing, 3 left"),
            (view(Status::Syncing { pending: 0 }), "Syncing…"),
            (view(Status::Synced { at_ms: 7 }), "Synced 14:05"),
            (view(Status::Off), "Only on this device"),
            (off(true, ThisSession::Off), "Sync paused"),
            (off(false, ThisSession::Off), "Sync is off"),
            (off(false, ThisSession::AsSet), "Sync is off"),
            (SyncView { config: None, ..off(true, ThisSession::AsSet) }, "Offline"),
            (SyncView { config: None, ..off(false, ThisSession::AsSet) }, "Sync is off"),
            (attention(Attention::Denied), "Needs attention"),
        ];
        for (view, expected) in labels {
            assert_eq!(label(&view, at), expected);
        }
        let full = SyncView { storage_problem: Some("Full.".to_owned()), ..offline };
        assert_eq!(said(&full), ("Needs attention".to_owned(), "Full.".to_owned()));
    }

    #[test]
    fn nothing_that_waits_is_called_synced() {
        for pending in [1, 9] {
            for status in [
                Status::Syncing { pending },
                Status::Offline { pending, retry_at_ms: None },
                Status::Attention { reason: Attention::Busy, pending, retry_at_ms: None },
            ] {
                let view = view(status);
                let (label, sentence) = said(&view);
                assert!(!label.to_lowercase().contains("synced"), "{label}");
                assert!(sentence.contains(&pending.to_string()), "{sentence}");
                assert_ne!(SyncKind::of(&view), SyncKind::Synced);
            }
        }
    }

    #[test]
    fn every_problem_says_why_what_to_do_and_when_it_is_tried_again() {
        for reason in [
            Attention::SignedOut,
            Attention::Denied,
            Attention::Busy,
            Attention::AnotherWriter,
            Attention::Intermediary,
            Attention::Rejected("BAD".to_owned()),
            Attention::Quarantined(1),
            Attention::Quarantined(3),
            Attention::Storage("The disk is full.".to_owned()),
            Attention::NewerSchema,
            Attention::Closed,
        ] {
            let view = attention(reason);
            assert!(why(&view).is_some_and(|why| why.len() < 32), "{view:?}");
            assert!(sentence(&view, at, 0).ends_with("2 changes wait on this device."), "{view:?}");
            let helps = !matches!(
                view.status,
                Status::Attention {
                    reason: Attention::Quarantined(_) | Attention::NewerSchema | Attention::Closed,
                    ..
                }
            );
            assert_eq!(retry_at_ms(&view), helps.then_some(9));
        }
        assert_eq!(why(&view(Status::Synced { at_ms: 1 })), None);
    }

    #[test]
    fn chats_that_take_no_part_are_not_said_to_be_in_the_cloud() {
        let said = |left_out| sentence(&view(Status::Synced { at_ms: 7 }), at, left_out);
        assert!(said(0).ends_with("is here, as of 14:05."));
        assert!(said(1).ends_with("as of 14:05, but for 1 chat that takes no part."));
        assert!(said(2).ends_with("but for 2 chats that take no part."));
    }

    #[test]
    fn one_is_said_as_one() {
        let offline = |pending| sentence(&view(Status::Offline { pending, retry_at_ms: None }), at, 0);
        assert!(offline(1).contains("1 change waits on"));
        assert!(offline(2).contains("2 changes wait on"));
        assert_eq!(in_time(900), "Tries again in a second.");
        assert_eq!(in_time(12_400), "Tries again in 13 seconds.");
        assert_eq!(in_time(100_000), "Tries again in 2 minutes.");
    }
}
