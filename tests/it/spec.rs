//! What sync promises, one sentence a test, played by real engines in a quiet simulated world.
#![allow(clippy::unwrap_used)]

mod basics;
mod batches;
mod budget;
mod clocks;
mod conflicts;
mod deletion;
mod disasters;
mod health;
mod older;
mod rhythm;
mod stage;
mod storage;
mod tabs;

pub(crate) use stage::{Device, Stage};
