//! Muse Chat: a local-first AI chat that lives in static files and syncs through
//! the user's own Cloud Firestore.
//!
//! A pure core decides ([`sync`], [`chat`], [`providers`], [`firestore`], [`store`]),
//! a thin shell acts ([`session`]), a UI shows ([`contexts`], [`components`]).
//! `docs/ARCHITECTURE.md` has the map and `tests/it/tidy.rs` enforces who may import whom.

pub mod chat;
pub mod components;
pub mod contexts;
pub mod firestore;
pub mod providers;
pub mod session;
pub mod store;
pub mod sync;
