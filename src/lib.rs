//! Muse Chat: a local-first AI chat that lives in static files and syncs through
//! the user's own Cloud Firestore.
//!
//! A pure core decides ([`sync`], [`chat`], [`providers`], [`firestore`], [`store`]),
//! a thin shell acts ([`session`]), a UI shows ([`contexts`], [`components`]).
//! `docs/ARCHITECTURE.md` has the map and `tests/it/tidy.rs` enforces who may import whom.

pub mod chat;
pub mod firestore;
pub mod providers;
pub mod store;
pub mod sync;

// What needs a browser is left out where only the core is tested: it is two thirds of the time to compile.
#[cfg(any(target_arch = "wasm32", test, doc))]
pub mod components;
#[cfg(any(target_arch = "wasm32", test, doc))]
pub mod contexts;
#[cfg(any(target_arch = "wasm32", test, doc))]
pub mod session;
