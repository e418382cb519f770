//! Native integration tests, all in one crate.
#![allow(clippy::unwrap_used)]

mod emulator;
mod markdown;
mod providers;
mod sim;
mod spec;
mod tidy;
mod wire;
