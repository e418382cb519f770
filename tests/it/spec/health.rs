use muse_chat::sync::{Allowance, Happening, Limits, Request};

use super::Stage;
use crate::sim::Fate;

#[test]
fn what_firestore_bills_is_counted_from_requests_and_answers() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_chat("hello");
    stage.wait(60_000);
    let before = laptop.health().today;
    laptop.requests();
    laptop.says(&chat, "more");
    stage.wait(2_000);
    let heads = laptop.requests().iter().filter(|request| **request == Request::Head).count() as u64;
    let sent = laptop.health().today;
    // the head is looked at before; the rules look at the head and at the chat of the message
    assert_eq!((sent.reads - before.reads, sent.writes - before.writes), (heads + 2, 3));
    let phone = stage.device();
    phone.opens(&chat);
    stage.wait(2_000);
    let got = phone.health().today;
    // the head before each round; settings (none), one chat, two messages
    let heads = phone.requests().iter().filter(|request| **request == Request::Head).count() as u64;
    assert_eq!((got.reads, got.writes), (heads + 1 + 1 + 2, 0));
    assert!(got.requests >= heads + 3);
}

#[test]
fn what_was_used_is_handed_over_once_and_comes_back_with_what_others_used() {
    let stage = Stage::new();
    let laptop = stage.device();
    let mut world = stage.world();
    let engine = &mut world.devices[laptop.device].tabs[0].engine;
    let used = engine.take_usage().unwrap();
    assert!(used.reads > 0 && engine.take_usage().is_none());
    let mut all = used;
    all.add(used);
    engine.handle_usage(all);
    assert_eq!(engine.health().today, all);
}

#[test]
fn at_the_soft_limit_nothing_is_fetched_ahead_and_what_the_user_does_goes_on() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chats: Vec<_> = (0..10).map(|n| laptop.starts_chat(&format!("chat {n}"))).collect();
    stage.wait(60_000);
    let limits = Limits { day: Allowance { reads: 14, writes: 2_000 }, ..Limits::default() };
    let phone = stage.device_with(limits);
    stage.wait(60_000);
    let fetched = chats.iter().filter(|chat| !phone.bodies(chat).is_empty()).count();
    assert!((1..=4).contains(&fetched), "{fetched}");
    assert!(phone.health().log.iter().any(|line| line.what == Happening::OverBudget));
    phone.opens(&chats[0]);
    phone.says(&chats[0], "still sent");
    stage.settle();
    assert!(phone.is_synced());
    assert_eq!(laptop.bodies(&chats[0]).len(), 2);
}

#[test]
fn latencies_are_measured_and_what_happened_is_remembered() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.starts_chat("hello");
    stage.next_commit(Fate::Refused(409));
    stage.settle();
    let health = laptop.health();
    assert!(health.median_ms.is_some_and(|ms| (6..=240).contains(&ms)), "{:?}", health.median_ms);
    assert!(health.p95_ms >= health.median_ms);
    assert!(health.log.iter().any(|line| line.to_string() == "send: changed meanwhile"));
    assert_eq!(health.skew_ms.map(|ms| ms.abs() < 1_000), Some(true));
    assert_eq!((health.state, health.failures), ("synced", 0));
}

#[test]
fn neither_content_nor_names_nor_secrets_are_in_the_report() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_chat("canarytitle");
    let message = laptop.says(&chat, "canarybody");
    laptop.edits(muse_chat::sync::Key::Profile, "name", "canaryname");
    stage.settle();
    // refused with the server's words, torn, set aside, reset: whatever leaves a trace
    stage.poison(&message);
    let refused = laptop.says(&chat, "canaryrefused");
    stage.poison(&refused);
    stage.settle();
    stage.world().wipe();
    stage.settle();
    stage.next_request(Fate::Refused(200));
    laptop.signals(muse_chat::sync::Signal::TryNow);
    stage.settle();
    let health = laptop.health();
    let everything = format!("{}\n{health:?}", health.report(0));
    let world = stage.world();
    let ids = [message.path(), refused.path(), chat.to_string()];
    let ids = ids.iter().flat_map(|path| path.split('/')).filter(|part| part.len() > 12);
    for part in ids.chain(["canary", world.spaces[0].as_str(), "device0", "café", "simulated"]) {
        assert!(!everything.contains(part), "{part} is in\n{everything}");
    }
    assert!(everything.contains("comparing anew") && everything.contains("refused"));
    assert!(everything.contains("not an answer of Firestore"));
}
