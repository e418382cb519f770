//! The REST dialect against texts that were measured on the emulator or are documented for
//! production: what is sent to the byte, what is understood, and what each error means.

mod answers;
mod configs;
mod errors;
mod probes;
mod requests;
pub(crate) mod values;

use muse_chat::firestore::{Config, Wire};
use muse_chat::sync::{Head, Secret, SpaceId};

pub(crate) const KEY: &str = "AIzaSyA-0123456789_abcdefghijklmnopqrst";
const DOCS: &str = "projects/demo-muse/databases/(default)/documents";

fn space() -> SpaceId {
    Secret::new([1; 20]).space()
}

/// Name of the head of [`space`].
fn head_name() -> String {
    format!("{DOCS}/users/{}", space().as_str())
}

fn wire() -> Wire {
    Wire::new(Config::new("demo-muse", KEY, "").unwrap(), space())
}

fn head() -> Head {
    Head {
        seq: 7,
        commit: "abcdef".to_owned(),
        epoch: "epochepochepoch2".to_owned(),
        generation: 1,
        schema: 1,
        closed: false,
        config_seq: 3,
        log: "abcdefzzzzzz".to_owned(),
    }
}
