//! The sync core: clock stamps, records, merge, rows, and the engine that moves them.
//!
//! Promises: no I/O, no wall clock and no randomness of its own; time comes in as
//! [`Now`], randomness as a seed, the network as [`Request`]/[`Response`] values and the
//! device's storage as a [`Table`] that a transaction reads and changes. `docs/SYNC.md`
//! explains the protocol.

mod clock;
mod commit;
mod engine;
mod erase;
mod head;
mod health;
mod key;
mod older;
pub mod planted;
mod record;
mod row;
mod space;
mod stamp;
mod status;
mod table;
mod tabs;
mod transport;

pub use clock::{Clock, Now};
pub use commit::{Batch, Limits, Sent};
pub use engine::{Engine, Event, Signal, Tx, TxOutcome, Wish, copy_of};
pub use erase::{Erase, EraseWish};
pub use head::{Head, KnownHead, Mismatch};
pub use health::{Allowance, Answered, Asked, FREE_A_DAY, Happening, LogLine, SyncHealth, Usage, Waiting};
pub use key::{Id, InvalidId, Key};
pub use older::{
    OLDER_KEPT_MS, OLDER_ROWS, Older, forget_older, keep_older, older_row, read_older, sweep_older,
};
pub use record::{Document, Edit, Record, Register, SCHEMA, Value};
pub use row::{CorruptRow, Feed, Pending, Quarantine, Row, Scope as ChatScope};
pub use space::{InvalidCode, Secret, SpaceId};
pub use stamp::{InvalidStamp, Stamp};
pub use status::{Attention, Status};
pub use table::{Corrupt, Entry, Scope, Table};
pub use tabs::{Role, SpaceTag, TabMessage};
pub use transport::{
    Bump, Commit, FeedId, Position, Precondition, RecordWrite, Request, Response, TransportError,
};
