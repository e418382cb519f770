//! What the session shows to the contexts: plain values, shared by pointer.

use crate::chat::Transcript;
use crate::sync::{Id, Status};

/// The parts of the session a component can listen to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slice {
    /// Settings, and which API keys are here.
    Settings,
    /// Profile.
    Profile,
    /// The list of chats.
    Chats,
    /// The messages of one chat.
    Transcript(Id),
    /// Which messages of one chat are not simply synced.
    Marks(Id),
    /// Whether a reply is being made in one chat.
    Live(Id),
    /// What there is of the reply with this id (once a frame at most).
    Reply(Id),
    /// Sync status and configuration.
    Sync,
    /// Sync health; changes with every request.
    Health,
    /// Toasts.
    Toasts,
    /// What was deleted and can be brought back.
    Trash,
    /// Whether anything is not stored yet.
    Unsaved,
}

/// The messages of a chat, as far as they are here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TranscriptView {
    /// What is here; from the mirror at first, then from the store.
    pub transcript: Transcript,
    /// Whether the store has not answered yet.
    pub loading: bool,
}

/// Why a message is not simply synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It is safe on this device and waits to be sent.
    Waiting,
    /// The server refuses it, for this reason; it stays on this device.
    Refused(String),
}

/// A reply in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveReply {
    /// Id the message will have.
    pub id: Id,
    /// The message it answers.
    pub re: Id,
    /// Text so far; empty while waiting for the first word.
    pub body: String,
    /// Reasoning so far.
    pub reasoning: String,
    /// The model that answers, as named to people.
    pub model: String,
    /// It is over, and could not be stored so far.
    pub is_unsaved: bool,
}

/// What may be known of an API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyView {
    /// The host it is for.
    pub host: String,
    /// Its end, like `…1234`, where there is one.
    pub hint: Option<String>,
    /// It is in memory only.
    pub for_this_visit: bool,
    /// The host is known to answer nobody without one.
    pub needed: bool,
}

/// Where rows are kept on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// IndexedDB.
    IndexedDb,
    /// localStorage, because IndexedDB failed for the reason given.
    LocalStorage(String),
    /// Memory only, because both failed for the reason given: nothing survives a reload.
    Memory(String),
}

/// Where the Firestore configuration comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// Entered in Cloud Sync on this device.
    Entered,
    /// `config.json` beside the page.
    File,
    /// Compiled into this build.
    Build,
}

/// Sync as the user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncView {
    /// The engine's state.
    pub status: Status,
    /// Project id and source of the configuration, if there is one.
    pub config: Option<(String, ConfigSource)>,
    /// The emulator's host, where the configuration names one.
    pub emulator: Option<String>,
    /// What is wrong with the configuration, one sentence.
    pub config_error: Option<String>,
    /// Whether this device is in a space (it has a pairing code).
    pub paired: bool,
    /// Whether a link of another device was opened and waits for an answer.
    pub invited: bool,
    /// Whether this device syncs, for good.
    pub on: bool,
    /// What this tab does instead.
    pub this_session: ThisSession,
    /// Whether the browser thinks it is online.
    pub online: bool,
    /// A problem of this device's storage, one sentence; `None` is good.
    pub storage_problem: Option<String>,
}

/// What a tab does about sync until it is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThisSession {
    /// What is decided for the device.
    #[default]
    AsSet,
    /// It syncs.
    On,
    /// It does not.
    Off,
}

impl ThisSession {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AsSet, Self::On, Self::Off];

    /// Its name as stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AsSet => "as-set",
            Self::On => "on",
            Self::Off => "off",
        }
    }

    /// By its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name() == name)
    }

    /// Whether the tab syncs, on a device that does or does not.
    #[must_use]
    pub fn decides(self, device: bool) -> bool {
        match self {
            Self::AsSet => device,
            Self::On => true,
            Self::Off => false,
        }
    }
}

/// How to get into a space.
#[derive(Clone, PartialEq, Eq)]
pub enum Joining {
    /// Make one.
    New,
    /// With a pairing code, as typed.
    Code(String),
    /// With the link that was opened.
    Invited,
}

/// What would become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Chats here that would take part.
    pub here: usize,
    /// Chats in the space.
    pub there: usize,
    /// There are more of them than were counted.
    pub there_is_more: bool,
    /// Chats that are on both sides already.
    pub on_both: usize,
    /// Chats that stay on this device.
    pub staying: usize,
    /// This device is in that space.
    pub already_in: bool,
    /// This device is in another space, which it would leave.
    pub leaves_another: bool,
}

/// Result of a smoke test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeReport {
    /// Whether it passed.
    pub ok: bool,
    /// One sentence: what was done, or what failed and what to do.
    pub text: String,
    /// Milliseconds of each request that was made.
    pub latencies_ms: Vec<u32>,
}

/// What the debug modal shows; no content and no secret is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    /// Version from `Cargo.toml`.
    pub version: String,
    /// Debug or release, and the commit if the build knew it.
    pub build: String,
    /// Chats on this device.
    pub chats: u32,
    /// Messages on this device.
    pub messages: u32,
    /// Rows that could not be read and were set aside.
    pub corrupt: u32,
    /// Where the rows are.
    pub place: Place,
    /// Bytes this site uses, as the browser says.
    pub used_bytes: Option<u64>,
    /// Bytes it may use.
    pub quota_bytes: Option<u64>,
    /// Whether the browser promised to keep the data.
    pub persisted: Option<bool>,
    /// Settings without secrets, pretty-printed JSON.
    pub settings_json: String,
}

/// How a toast looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastKind {
    /// Something was done.
    Info,
    /// Something failed.
    Error,
}

/// A short notice. It goes away by itself unless `sticky`.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// For closing it.
    pub id: u32,
    /// One sentence.
    pub text: String,
    /// How it looks.
    pub kind: ToastKind,
    /// Stays until closed.
    pub sticky: bool,
    /// Label of the one thing one can do; [`super::Session::toast_action`] does it.
    pub action: Option<String>,
}
