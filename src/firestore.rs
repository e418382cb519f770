//! Cloud Firestore over plain REST: the dialect, and one small client.
//!
//! Everything but `client` is pure. [`Wire`] turns a [`Request`](crate::sync::Request) into a
//! [`Call`] and an [`Answer`] into a [`Response`](crate::sync::Response), or into the
//! [`TransportError`](crate::sync::TransportError) that says what to do next; [`Config`] reads
//! what people paste; [`Probe`] is the smoke test of the debug view. `firestore.rules` at the root
//! of the repository is the other half of this module: it refuses what the dialect never says.
//! `docs/FIRESTORE-SETUP.md` leads through the set-up.

mod answer;
mod client;
mod config;
mod document;
mod error;
mod place;
mod probe;
pub mod value;
mod wire;

pub use answer::Answer;
pub use client::{Client, TIMEOUT_MS};
pub use config::{BuildEnv, Chosen, Config, ConfigError, Source, SourceError, Sources};
pub use error::explain;
pub use probe::{Probe, ProbeReport};
pub use wire::{Call, MAX_BODY, Wire};
