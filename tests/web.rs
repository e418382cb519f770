//! Tests in a real browser (headless), and the parts of them that need none.
//!
//! `scripts/test` runs them; by hand: `cargo test --test web`, once plain and once with
//! `--target wasm32-unknown-unknown` and wasm-bindgen-test-runner.

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "web/conformance.rs"]
mod conformance;
#[cfg(target_arch = "wasm32")]
#[path = "web/store.rs"]
mod store;

/// What every place promises, checked where it is cheapest.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn memory_conforms() {
    use futures::FutureExt;
    use muse_chat::store::{Memory, Store};

    let memory = Memory::new();
    let tab = async || Store::Memory(memory.clone());
    conformance::run(tab).now_or_never().expect("memory never waits");
}
