//! Against the real Firestore emulator with the project's own rules. Ignored unless
//! `FIRESTORE_EMULATOR_HOST` is set and `--include-ignored` given; `scripts/test` does both.
//!
//! Every test works in spaces of its own, so they may run at once and again.

mod access;
mod batch;
mod cost;
mod cursors;
mod devices;
mod dialect;
pub(crate) mod host;
mod mutants;
mod proxy;
mod race;
pub(crate) mod space;
mod storms;
