//! Planted violations: every check must see its own, and nothing else.

use super::checks::{self, Complaint, File};

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), text: text.to_owned() }
}

fn complaints(check: impl Fn(&File) -> Vec<Complaint>, name: &str, text: &str) -> usize {
    check(&file(name, text)).len()
}

#[test]
fn an_import_against_the_arrows_is_seen_however_it_is_written() {
    let bad = [
        ("src/sync/row.rs", "use crate::chat::Message;"),
        ("src/sync.rs", "fn f() { crate::store::open() }"),
        ("src/chat/edits.rs", "use crate::session::Session;"),
        ("src/providers/openai.rs", "use crate::sync::Id;"),
        ("src/store/memory.rs", "use crate::firestore::Wire;"),
        ("src/firestore/wire.rs", "use crate::store::Store;"),
        ("src/components/app.rs", "use crate::store::Store;"),
        ("src/components/app.rs", "use crate::sync::{Id, Engine};"),
        ("src/components/chat.rs", "use crate::session::{\n    SyncView,\n    Session,\n};"),
        ("src/contexts/chat.rs", "use crate::sync::Engine;"),
    ];
    for (name, text) in bad {
        assert_eq!(complaints(checks::imports, name, text), 1, "{name}: {text}");
    }
    let good = [
        ("src/chat/edits.rs", "use crate::sync::{Edit, Key};"),
        ("src/session/driver.rs", "use crate::store::Store; use crate::sync::Engine;"),
        ("src/components/app.rs", "use crate::sync::Id;\nuse crate::session::SyncView;"),
        ("src/contexts/chat.rs", "use crate::session::Session;"),
        ("src/sync/row.rs", "// see crate::chat\nuse crate::sync::Key;"),
        ("src/lib.rs", "pub use crate::chat::Message;"),
    ];
    for (name, text) in good {
        assert_eq!(complaints(checks::imports, name, text), 0, "{name}: {text}");
    }
}

#[test]
fn the_browser_is_seen_where_it_must_not_be() {
    for text in
        ["use web_sys::Window;", "gloo_timers::callback::Timeout::new()", "let x = js_sys::Date::now();"]
    {
        for name in ["src/sync/clock.rs", "src/chat.rs", "src/store/memory.rs", "src/firestore/wire.rs"] {
            assert_eq!(complaints(checks::browser, name, text), 1, "{name}: {text}");
        }
        for name in ["src/firestore/client.rs", "src/session/driver.rs", "src/components/app.rs"] {
            assert_eq!(complaints(checks::browser, name, text), 0, "{name}: {text}");
        }
    }
    assert_eq!(complaints(checks::browser, "src/chat.rs", "// yew shows this\nlet viewer = 1;"), 0);
}

#[test]
fn long_files_long_functions_and_mod_rs_are_seen() {
    let long = "let x = 1;\n\n// why\n".repeat(11);
    assert_eq!(complaints(|file| checks::length(file, 10), "src/chat.rs", &long), 1);
    assert_eq!(complaints(|file| checks::length(file, 11), "src/chat.rs", &long), 0);
    assert_eq!(complaints(|file| checks::length(file, 99), "src/chat/mod.rs", ""), 1);
    let function = format!("impl A {{\n    pub(crate) fn f() {{\n{}    }}\n}}\n", "        a();\n".repeat(9));
    assert_eq!(complaints(|file| checks::functions(file, 10), "src/chat.rs", &function), 1);
    assert_eq!(complaints(|file| checks::functions(file, 11), "src/chat.rs", &function), 0);
}

#[test]
fn leftovers_and_empty_names_are_seen() {
    assert_eq!(complaints(checks::leftovers, "src/chat.rs", "// TODO: later\nlet todo = 1;"), 1);
    assert_eq!(
        complaints(checks::names, "src/chat.rs", "pub struct SyncManager;\nmod utils;\nenum Sender {}"),
        2
    );
    assert_eq!(complaints(checks::names, "src/store.rs", "use web_sys::StorageManager;"), 0);
}

#[test]
fn a_repeated_version_is_seen() {
    let version = checks::version("[package]\nname = \"a\"\nversion = \"1.2.3\"\n");
    assert_eq!(version.as_deref(), Some("1.2.3"));
    let text = "const A: &str = \"v1.2.3\";\nconst B: &str = \"1.2.4\";";
    assert_eq!(complaints(|file| checks::repeats(file, "1.2.3"), "src/chat.rs", text), 1);
}

#[test]
fn dead_links_are_seen() {
    let exists = |path: &str| ["docs/A.md", "docs/b.png", "src/sync.rs", "README.md"].contains(&path);
    let check = |file: &File| checks::links(file, exists);
    let good =
        "[a](A.md#part) ![b](b.png) [up](../README.md) [web](https://example.org) `src/sync.rs` `src/…`";
    assert_eq!(complaints(check, "docs/C.md", good), 0);
    for bad in ["[a](B.md)", "![b](../b.png)", "`src/nowhere.rs`", "`scripts/gone now`"] {
        assert_eq!(complaints(check, "docs/C.md", bad), 1, "{bad}");
    }
}
