//! What sync promises, one sentence a test, played by real engines in a quiet simulated world.
#![allow(clippy::unwrap_used)]

mod basics;
mod batches;
mod budget;
pub(crate) mod clocks;
pub(crate) mod conflicts;
mod counts;
mod deletion;
pub(crate) mod disasters;
mod health;
mod older;
pub(crate) mod rare;
mod rhythm;
pub(crate) mod scopes;
mod stage;
pub(crate) mod storage;
mod tabs;

pub(crate) use stage::{Device, Stage};
