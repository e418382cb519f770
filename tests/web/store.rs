//! The places for rows that only a browser has.

use futures::FutureExt;
use futures::future::{join_all, select};
use gloo_timers::future::TimeoutFuture;
use muse_chat::store::{
    self, Durability, Indexed, Local, Opened, Place, Store, StoreError, legacy_values, mirror, open_as,
};
use muse_chat::sync::{Entry, Scope, Table};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

use crate::conformance::{self, keys, prefix, put, rows};

const PATIENCE_MS: u32 = 2_000;

/// Runs JavaScript, to break the browser in ways Rust has no name for.
fn js(code: &str) -> JsValue {
    js_sys::eval(code).unwrap_or_else(|error| panic!("{code}: {error:?}"))
}

fn now_ms() -> f64 {
    js("performance.now()").as_f64().unwrap_or_default()
}

/// Another tab on the database of that name.
async fn indexed(name: &str) -> Indexed {
    Indexed::open(name, PATIENCE_MS).await.expect("IndexedDB works here")
}

async fn delete(name: &str) {
    let factory = idb::Factory::new().expect("IndexedDB works here");
    factory.delete(name).expect("asked").await.expect("deleted");
}

#[wasm_bindgen_test]
async fn indexed_conforms() {
    delete("t-conform").await;
    let start = now_ms();
    conformance::run(async || Store::Indexed(indexed("t-conform").await)).await;
    console_log!("conformance in IndexedDB: {:.0} ms", now_ms() - start);
    delete("t-conform").await;
}

#[wasm_bindgen_test]
async fn local_conforms() {
    js("localStorage.clear()");
    let start = now_ms();
    conformance::run(async || Store::Local(Local::open("t-conform").expect("localStorage works here"))).await;
    console_log!("conformance in localStorage: {:.0} ms", now_ms() - start);
    js("localStorage.clear()");
}

#[wasm_bindgen_test]
async fn rows_are_still_there_after_a_reopen() {
    delete("t-reopen").await;
    {
        let store = Store::Indexed(indexed("t-reopen").await);
        put(&store, &[("a", "1", true), ("b", "2", false)]).await.expect("written");
    }
    let store = Store::Indexed(indexed("t-reopen").await);
    let pending = Scope { pending: true, ..Scope::default() };
    assert_eq!(rows(&store, &prefix("")).await.len(), 2);
    assert_eq!(rows(&store, &pending).await.len(), 1);
}

/// A connection may end at any time: the next transaction makes a new one.
#[wasm_bindgen_test]
async fn a_lost_connection_is_opened_again() {
    delete("t-lost").await;
    let handle = indexed("t-lost").await;
    let store = Store::Indexed(handle.clone());
    for round in 0..5 {
        let json = round.to_string();
        put(&store, &[("a", &json, false)]).await.expect("written");
        handle.disconnect();
        assert_eq!(rows(&store, &prefix("")).await, [("a".to_owned(), json)]);
    }
    // closed without our knowing, as by a browser under pressure
    js("window.realTransaction = IDBDatabase.prototype.transaction; window.refusals = 2;
        IDBDatabase.prototype.transaction = function (...args) {
            if (refusals-- > 0) { this.close(); }
            return realTransaction.apply(this, args);
        }");
    let written = put(&store, &[("b", "1", false)]).await;
    js("window.refusals = 9");
    let mut applied = false;
    let lost = store.transact(&prefix(""), Durability::Strict, |_| applied = true).await;
    let tried = js("9 - refusals").as_f64();
    js("IDBDatabase.prototype.transaction = realTransaction");
    assert_eq!(written, Ok(()));
    assert_eq!((lost, applied, tried), (Err(StoreError::Lost), false, Some(3.0)));
    assert_eq!(rows(&store, &prefix("")).await.len(), 2);
}

/// A newer page upgrades the database while we have it open: we make way, and say so.
#[wasm_bindgen_test]
async fn a_newer_version_is_not_blocked() {
    delete("t-newer").await;
    let store = Store::Indexed(indexed("t-newer").await);
    put(&store, &[("a", "1", false)]).await.expect("written");
    let factory = idb::Factory::new().expect("IndexedDB works here");
    let newer = factory.open("t-newer", Some(2)).expect("asked").await.expect("not blocked");
    assert_eq!(put(&store, &[("a", "2", false)]).await, Err(StoreError::Newer));
    assert_eq!(store.read(&prefix("")).await.err(), Some(StoreError::Newer));
    newer.close();
    let opened = open_as("t-newer", PATIENCE_MS).await;
    assert_eq!(opened.err(), Some(StoreError::Newer), "no falling back from newer data");
    delete("t-newer").await;
}

/// Somebody deletes everything while we have it open.
#[wasm_bindgen_test]
async fn a_deleted_database_starts_again() {
    delete("t-deleted").await;
    let store = Store::Indexed(indexed("t-deleted").await);
    put(&store, &[("a", "1", false)]).await.expect("written");
    delete("t-deleted").await;
    assert_eq!(rows(&store, &prefix("")).await, []);
    put(&store, &[("b", "1", true)]).await.expect("written");
}

/// A transaction that fails half way, in each way a browser has, changes nothing.
#[wasm_bindgen_test]
async fn half_a_transaction_is_nothing() {
    delete("t-half").await;
    let store = Store::Indexed(indexed("t-half").await);
    put(&store, &[("a", "1", true)]).await.expect("written");
    let before = rows(&store, &prefix("")).await;
    let ways = [
        ("throw new DOMException('no', 'QuotaExceededError')", StoreError::Full),
        ("this.transaction.abort()", StoreError::Lost),
        ("return this.add({}, 'a')", StoreError::Failed(String::new())),
    ];
    for (way, expected) in ways {
        js(&format!(
            "window.realPut = IDBObjectStore.prototype.put; window.puts = 0;
             IDBObjectStore.prototype.put = function (...args) {{
                 if (puts++ === 500) {{ {way} }}
                 return realPut.apply(this, args);
             }}"
        ));
        let outcome = store
            .transact(&prefix(""), Durability::Strict, |table| {
                table.remove("a");
                table.put("a", Entry::local("2"));
                for n in 0..1_000 {
                    table.put(&format!("n/{n}"), Entry::seal("{}", true));
                }
            })
            .await;
        js("IDBObjectStore.prototype.put = realPut");
        let same = |error: &StoreError| std::mem::discriminant(error) == std::mem::discriminant(&expected);
        assert!(outcome.as_ref().is_err_and(same), "{way}: {outcome:?}");
        assert_eq!(rows(&store, &prefix("")).await, before, "{way}");
    }
    put(&store, &[("a", "2", false)]).await.expect("the connection is still good");
}

#[wasm_bindgen_test]
async fn localstorage_takes_all_of_a_transaction_or_nothing() {
    js("localStorage.clear()");
    let local = Local::open("t-full").expect("localStorage works here");
    let store = Store::Local(local.clone());
    put(&store, &[("a", "1", true), ("b", "2", false)]).await.expect("written");
    let before = rows(&store, &prefix("")).await;
    let text = "x".repeat(12_000);
    let outcome = local.transact_now(&prefix(""), |table| {
        table.remove("a");
        table.put("b", Entry::local("3"));
        for n in 0..1_000 {
            table.put(&format!("n/{n}"), Entry::seal(&text, true));
        }
    });
    assert_eq!(outcome, Err(StoreError::Full));
    assert_eq!(rows(&store, &prefix("")).await, before);
    js("localStorage.clear()");
}

/// Each worse place is taken only when the better one does not work, and the reason is kept.
#[wasm_bindgen_test]
async fn opening_falls_back_one_place_at_a_time() {
    js("localStorage.clear(); window.realDb = indexedDB");
    delete("t-open").await;
    let best = open_as("t-open", PATIENCE_MS).await.expect("opened");
    assert_eq!((best.place, best.fallen_back.len()), (Place::IndexedDb, 0));
    assert!(best.leftover.is_none());

    let broken = [
        "undefined",
        // private windows of some browsers
        "Object.assign(Object.create(IDBFactory.prototype), {open() { throw new DOMException('no', 'SecurityError') }})",
        // never answers
        "Object.assign(Object.create(IDBFactory.prototype), {open() { return Object.create(IDBOpenDBRequest.prototype, {onsuccess: {set() {}}, onerror: {set() {}}, onupgradeneeded: {set() {}}, onblocked: {set() {}}}) }})",
    ];
    for database in broken {
        js(&format!("Object.defineProperty(window, 'indexedDB', {{value: {database}, configurable: true}})"));
        let start = now_ms();
        let opened = open_as("t-open", 300).await;
        let took = now_ms() - start;
        js("Object.defineProperty(window, 'indexedDB', {value: realDb, configurable: true})");
        let Opened { store, place, fallen_back, .. } = opened.expect("opened");
        assert_eq!(place, Place::LocalStorage, "{database}");
        assert!(
            matches!(&fallen_back[..], [(Place::IndexedDb, StoreError::Unavailable(_))]),
            "{fallen_back:?}"
        );
        assert!(took < 1_000.0, "{took}");
        put(&store, &[("a", "1", true)]).await.expect("written");
    }
    let again = open_as("t-open", PATIENCE_MS).await.expect("opened");
    assert_eq!(again.place, Place::IndexedDb);
    let leftover = again.leftover.expect("rows were left in localStorage");
    assert_eq!(rows(&Store::Local(leftover), &prefix("")).await.len(), 1);

    js("window.realLocal = Object.getOwnPropertyDescriptor(window, 'localStorage');
        Object.defineProperty(window, 'indexedDB', {value: undefined, configurable: true});
        Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }, configurable: true})");
    let opened = open_as("t-open", 300).await;
    let mirrored = (mirror::write("{}"), mirror::read(), mirror::installed());
    let legacy = legacy_values();
    js("Object.defineProperty(window, 'localStorage', realLocal);
        Object.defineProperty(window, 'indexedDB', {value: realDb, configurable: true})");
    let opened = opened.expect("opened");
    assert_eq!((opened.place, opened.fallen_back.len()), (Place::Memory, 2));
    assert_eq!(mirrored, (false, None, None));
    assert_eq!(legacy, [None, None, None]);
    js("localStorage.clear()");
}

#[wasm_bindgen_test]
fn the_mirror_is_the_last_snapshot_or_none() {
    js("localStorage.clear()");
    assert_eq!((mirror::read(), mirror::installed()), (None, None));
    assert!(mirror::write("{\"a\":\"ü\"}"));
    assert_eq!(mirror::read().as_deref(), Some("{\"a\":\"ü\"}"));
    let sentinel = mirror::Installed { id: "abc".to_owned(), had_rows: true };
    assert!(mirror::set_installed(&sentinel));
    assert!(!mirror::write(&"x".repeat(mirror::SNAPSHOT_LIMIT_BYTES + 1)));
    assert_eq!(mirror::read(), None, "an outdated snapshot is not kept");
    assert_eq!(mirror::installed(), Some(sentinel));
    js("localStorage.setItem('museSettings', '{}'); localStorage.setItem('museUserProfile', 'x')");
    assert_eq!(legacy_values(), [Some("{}".to_owned()), None, Some("x".to_owned())]);
    mirror::clear_installed();
    assert_eq!(mirror::installed(), None);
    js("localStorage.clear()");
}

#[wasm_bindgen_test]
async fn the_browser_tells_about_its_storage() {
    let estimate = store::estimate().await.expect("an estimate");
    assert!(estimate.quota_bytes > estimate.used_bytes);
    console_log!("{estimate:?}, persisted: {}, asked: {}", store::persisted().await, store::persist().await);
}

/// A caller who goes away leaves all or nothing, and no error in the console.
#[wasm_bindgen_test]
async fn a_caller_may_go_away() {
    delete("t-away").await;
    let store = Store::Indexed(indexed("t-away").await);
    put(&store, &[("a", "1", false)]).await.expect("written");
    js("window.noise = [];
        window.addEventListener('error', (event) => window.noise.push(event.message))");
    for round in 0..40 {
        let json = round.to_string();
        let change = [("a", json.as_str(), false), ("b", &json, true)];
        let left = put(&store, &change);
        match round % 4 {
            // in the middle of loading
            0 => drop(left.now_or_never()),
            // while storing, or when it is done
            wait_ms => drop(select(Box::pin(left), TimeoutFuture::new(wait_ms - 1)).await),
        }
        let now = rows(&store, &keys(&["a", "b"])).await;
        let both = now.len() == 2 && now[0].1 == now[1].1;
        assert!(both || now.len() == 1, "half of it: {now:?}");
    }
    TimeoutFuture::new(50).await;
    assert_eq!(js("window.noise.join()").as_string().as_deref(), Some(""));
}

/// What the user made is flushed; a look at rows is no write; and no change is no write either.
#[wasm_bindgen_test]
async fn the_browser_is_asked_for_what_is_needed() {
    delete("t-asked").await;
    let store = Store::Indexed(indexed("t-asked").await);
    js("window.asked = []; window.puts = 0;
        window.realTransaction = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = function (...args) {
            const transaction = window.realTransaction.apply(this, args);
            window.asked.push(transaction.mode + ' ' + transaction.durability);
            return transaction;
        };
        window.realPut = IDBObjectStore.prototype.put;
        IDBObjectStore.prototype.put = function (...args) {
            window.puts++;
            return window.realPut.apply(this, args);
        }");
    for durability in [Durability::Strict, Durability::Relaxed, Durability::Relaxed] {
        let scope = keys(&["a"]);
        let change = |table: &mut Table| table.put("a", Entry::local("1"));
        store.transact(&scope, durability, change).await.expect("written");
    }
    store.read(&keys(&["a"])).await.expect("read");
    js("IDBDatabase.prototype.transaction = window.realTransaction;
        IDBObjectStore.prototype.put = window.realPut");
    let asked = js("window.asked.join()").as_string();
    let expected = "readwrite strict,readwrite relaxed,readwrite relaxed,readonly default";
    assert_eq!(asked.as_deref(), Some(expected));
    assert_eq!(js("window.puts").as_f64(), Some(1.0));
}

/// Somebody else holds the rows for longer than we wait (here: a shortened watchdog).
#[wasm_bindgen_test]
async fn a_hung_transaction_ends_as_lost_and_has_changed_nothing() {
    delete("t-hung").await;
    let store = Store::Indexed(indexed("t-hung").await);
    put(&store, &[("a", "1", false)]).await.expect("written");
    let held = js("window.realTimeout = window.setTimeout;
        window.setTimeout = (run, ms) => window.realTimeout(run, ms === 20000 ? 50 : ms);
        new Promise((done) => {
            const open = indexedDB.open('t-hung');
            open.onsuccess = () => {
                const transaction = open.result.transaction('rows', 'readwrite');
                const until = performance.now() + 1500;
                const hold = () => {
                    if (performance.now() < until) {
                        transaction.objectStore('rows').get('a').onsuccess = hold;
                    }
                };
                hold();
                transaction.oncomplete = () => { open.result.close(); done(); };
                window.holding = true;
            };
        })");
    while js("window.holding").is_undefined() {
        TimeoutFuture::new(5).await;
    }
    let outcome = put(&store, &[("a", "2", false)]).await;
    js("window.setTimeout = window.realTimeout");
    JsFuture::from(js_sys::Promise::from(held)).await.expect("let go");
    assert_eq!(outcome, Err(StoreError::Lost));
    assert_eq!(rows(&store, &prefix("")).await, [("a".to_owned(), "1".to_owned())]);
    put(&store, &[("a", "3", false)]).await.expect("written");
}

/// Printed, not judged: machines differ.
#[wasm_bindgen_test]
async fn how_long_it_takes() {
    delete("t-speed").await;
    let store = Store::Indexed(indexed("t-speed").await);
    let text = format!("{{\"body\":\"{}\"}}", "Lorem ipsum dolor sit amet. ".repeat(20));
    let start = now_ms();
    let scope = Scope::default();
    let fill = |table: &mut Table| {
        for n in 0..2_000 {
            table.put(&format!("m/{n:06}"), Entry::seal(&text, n % 100 == 0));
        }
    };
    store.transact(&scope, Durability::Relaxed, fill).await.expect("written");
    console_log!("IndexedDB: write 2 000 rows of {} bytes: {:.1} ms", text.len(), now_ms() - start);
    let names: Vec<String> = (0..300).map(|n| format!("m/{n:06}")).collect();
    let scopes = [
        ("a prefix of 2 000 rows", prefix("m/")),
        ("20 pending rows", Scope { pending: true, ..Scope::default() }),
        ("300 single keys", Scope { keys: names, ..Scope::default() }),
        ("one key", keys(&["m/000001"])),
    ];
    for (what, scope) in scopes {
        let start = now_ms();
        for _ in 0..5 {
            store.read(&scope).await.expect("read");
        }
        console_log!("IndexedDB: read {what}: {:.1} ms", (now_ms() - start) / 5.0);
    }
    for durability in [Durability::Strict, Durability::Relaxed] {
        let start = now_ms();
        for n in 0..20 {
            let scope = keys(&["m/000001"]);
            let change = |table: &mut Table| table.put("m/000001", Entry::local(&n.to_string()));
            store.transact(&scope, durability, change).await.expect("written");
        }
        console_log!("IndexedDB: one {durability:?} transaction: {:.1} ms", (now_ms() - start) / 20.0);
    }
    let scope = prefix("m/");
    let start = now_ms();
    join_all((0..10).map(|_| store.read(&scope))).await;
    console_log!("IndexedDB: 10 × 2 000 rows at once: {:.1} ms", now_ms() - start);
    delete("t-speed").await;
}
