//! What every place for rows promises. One list, run against each of them.

use futures::future::join_all;
use muse_chat::store::{Durability, Store, StoreError};
use muse_chat::sync::{Entry, Scope};

use Durability::{Relaxed, Strict};

/// Runs all checks. `tab` gives another handle on the same, at first empty, rows.
pub(crate) async fn run(tab: impl AsyncFn() -> Store) {
    let store = tab().await;
    written_rows_are_read_back(&store).await;
    scopes_load_what_they_name(&store).await;
    the_pending_index_follows(&store).await;
    removed_rows_are_gone(&store).await;
    changing_nothing_is_fine(&store).await;
    unicode_survives(&store).await;
    torn_rows_are_handed_out(&store).await;
    increments_are_never_lost(&store, &tab().await).await;
    another_tab_sees_it_all(&store, &tab().await).await;
}

/// Rows whose key starts with this.
pub(crate) fn prefix(prefix: &str) -> Scope {
    Scope { prefixes: vec![prefix.to_owned()], ..Scope::default() }
}

/// Rows of exactly these keys.
pub(crate) fn keys(keys: &[&str]) -> Scope {
    Scope { keys: keys.iter().map(|&key| key.to_owned()).collect(), ..Scope::default() }
}

/// Keys and JSON of what a scope loads.
pub(crate) async fn rows(store: &Store, scope: &Scope) -> Vec<(String, String)> {
    let table = store.read(scope).await.expect("readable");
    let row = |(key, entry): (&str, &Entry)| {
        let json = entry.open().unwrap_or("(torn)");
        (key.to_owned(), json.to_owned())
    };
    table.range("").map(row).collect()
}

/// Writes rows: key, JSON, pending.
pub(crate) async fn put(store: &Store, rows: &[(&str, &str, bool)]) -> Result<(), StoreError> {
    let scope = Scope::default();
    store
        .transact(&scope, Strict, |table| {
            for (key, json, pending) in rows {
                table.put(key, Entry::seal(json, *pending));
            }
        })
        .await
}

fn names(rows: &[(String, String)]) -> Vec<&str> {
    rows.iter().map(|(key, _)| key.as_str()).collect()
}

async fn written_rows_are_read_back(store: &Store) {
    assert_eq!(rows(store, &prefix("")).await, [], "starts empty");
    for durability in [Strict, Relaxed] {
        let scope = keys(&["w/1"]);
        let before = store
            .transact(&scope, durability, |table| {
                let before = table.get("w/1").cloned();
                table.put("w/1", Entry::local(&format!("\"{durability:?}\"")));
                before
            })
            .await
            .expect("written");
        assert_eq!(before.is_some(), durability == Relaxed);
    }
    let expected = [("w/1".to_owned(), "\"Relaxed\"".to_owned())];
    assert_eq!(rows(store, &keys(&["w/1", "w/2"])).await, expected);
}

async fn scopes_load_what_they_name(store: &Store) {
    let written = ["s/", "s/a", "s/b/1", "s/b/2", "s0", "t"];
    let new: Vec<_> = written.iter().map(|key| (*key, "1", false)).collect();
    put(store, &new).await.expect("written");
    let read = rows(store, &prefix("s/")).await;
    assert_eq!(names(&read), ["s/", "s/a", "s/b/1", "s/b/2"]);
    let mut scope = keys(&["t", "u"]);
    scope.prefixes = vec!["s/b".into(), "s/b/".into()];
    assert_eq!(names(&rows(store, &scope).await), ["s/b/1", "s/b/2", "t"]);
    assert_eq!(rows(store, &Scope::default()).await, []);
    // a prefix that is also a key, and one that nothing has
    let mut scope = keys(&["s0", "s0"]);
    scope.prefixes = vec!["s0".into(), "x/".into()];
    assert_eq!(names(&rows(store, &scope).await), ["s0"]);
}

async fn the_pending_index_follows(store: &Store) {
    let pending = Scope { pending: true, ..Scope::default() };
    put(store, &[("p/1", "1", true), ("p/2", "2", false), ("p/3", "3", true)]).await.expect("written");
    assert_eq!(names(&rows(store, &pending).await), ["p/1", "p/3"]);
    put(store, &[("p/1", "1", false), ("p/2", "2", true)]).await.expect("written");
    assert_eq!(names(&rows(store, &pending).await), ["p/2", "p/3"]);
    let both = Scope { pending: true, ..prefix("p/") };
    let table = store.read(&both).await.expect("readable");
    let flags: Vec<_> = table.range("p/").map(|(_, entry)| entry.pending).collect();
    assert_eq!(flags, [false, true, true]);
    let scope = prefix("p/");
    let removed = store.transact(&scope, Strict, |table| table.remove("p/3")).await;
    assert_eq!(removed, Ok(()));
    put(store, &[("p/2", "2", false)]).await.expect("written");
    assert_eq!(rows(store, &pending).await, []);
}

async fn removed_rows_are_gone(store: &Store) {
    put(store, &[("r/1", "1", true), ("r/2", "2", false)]).await.expect("written");
    let left = store
        .transact(&prefix("r/"), Strict, |table| {
            table.remove("r/1");
            table.remove("r/9");
            table.put("r/3", Entry::local("3"));
            table.range("r/").count()
        })
        .await;
    assert_eq!(left, Ok(2));
    assert_eq!(names(&rows(store, &prefix("r/")).await), ["r/2", "r/3"]);
}

async fn changing_nothing_is_fine(store: &Store) {
    let before = rows(store, &prefix("")).await;
    let count = store.transact(&prefix(""), Strict, |table| table.range("").count()).await;
    assert_eq!(count, Ok(before.len()));
    let same = store.transact(&prefix("r/"), Relaxed, |table| table.put("r/3", Entry::local("3"))).await;
    assert_eq!(same, Ok(()));
    assert_eq!(rows(store, &prefix("")).await, before);
}

async fn unicode_survives(store: &Store) {
    // above and below the surrogates, a zero, and the end of a prefix range
    let written = ["ü/🦀", "ü/\u{10ffff}", "ü/\u{e000}x", "ü/\0", "ü/\u{fffe}"];
    for key in written {
        let json = format!("\"{key} \\n \u{2028} 👩‍👩‍👧\"");
        put(store, &[(key, &json, true)]).await.expect("written");
        assert_eq!(rows(store, &keys(&[key])).await, [(key.to_owned(), json)]);
    }
    assert_eq!(rows(store, &prefix("ü/")).await.len(), written.len());
    assert_eq!(rows(store, &prefix("ü/🦀")).await.len(), 1);
}

async fn torn_rows_are_handed_out(store: &Store) {
    let torn = Entry { value: "0000000000000000{}".into(), pending: true };
    let scope = keys(&["torn"]);
    store.transact(&scope, Strict, |table| table.put("torn", torn.clone())).await.expect("written");
    let table = store.read(&scope).await.expect("a torn row does not stop a read");
    assert_eq!(table.get("torn"), Some(&torn));
    assert!(table.get("torn").is_some_and(|entry| entry.open().is_err()));
    store.transact(&scope, Strict, |table| table.remove("torn")).await.expect("removed");
}

async fn increments_are_never_lost(one: &Store, other: &Store) {
    let scope = keys(&["n"]);
    let increment = async |store: &Store| {
        let count = |entry: &Entry| entry.open().ok().and_then(|json| json.parse().ok());
        store
            .transact(&scope, Relaxed, |table| {
                let next: u32 = table.get("n").and_then(count).unwrap_or(0) + 1;
                table.put("n", Entry::seal(&next.to_string(), next.is_multiple_of(2)));
                next
            })
            .await
            .expect("counted")
    };
    let stores = [one, other].into_iter().cycle().take(200);
    let mut seen = join_all(stores.map(&increment)).await;
    seen.sort_unstable();
    assert_eq!(seen, (1..=200).collect::<Vec<_>>());
    assert_eq!(rows(one, &scope).await[0].1, "200");
}

async fn another_tab_sees_it_all(one: &Store, other: &Store) {
    assert_eq!(rows(one, &prefix("")).await, rows(other, &prefix("")).await);
    let pending = Scope { pending: true, ..Scope::default() };
    assert_eq!(rows(one, &pending).await, rows(other, &pending).await);
}
