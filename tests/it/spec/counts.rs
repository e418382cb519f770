use muse_chat::sync::{Happening, Key, Limits, Request, Scope};

use super::{Device, Stage};
use crate::sim::Fate;

const DAY_MS: u64 = 24 * 3_600_000;

fn counts(device: &Device) -> usize {
    device.requests().iter().filter(|request| matches!(request, Request::Count { .. })).count()
}

#[test]
fn each_chat_is_counted_once_a_day_and_only_in_idle_time() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chats: Vec<_> = (0..3).map(|n| laptop.starts_chat(&format!("chat {n}"))).collect();
    stage.wait(30_000);
    assert_eq!(counts(&laptop), 0, "not while the user is busy");
    stage.wait(3_600_000);
    assert_eq!(counts(&laptop), chats.len());
    stage.wait(3_600_000);
    assert_eq!(counts(&laptop), 0);
    stage.wait(DAY_MS);
    assert_eq!(counts(&laptop), chats.len());
    stage.all_agree();
}

#[test]
fn after_the_server_was_another_all_is_counted_anew_on_the_same_day() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.starts_chat("hello");
    stage.settle();
    stage.wait(600_000);
    counts(&laptop);
    stage.wait(600_000);
    assert_eq!(counts(&laptop), 0);
    stage.world().wipe();
    stage.wait(600_000);
    assert!(laptop.saw_a_reset());
    assert_eq!(counts(&laptop), 1);
}

#[test]
fn a_message_that_this_browser_lost_is_fetched_again() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_chat("hello");
    let lost = laptop.says(&chat, "lost");
    stage.settle();
    {
        let mut world = stage.world();
        world.tampered = true;
        let scope = Scope { keys: vec![lost.row_key()], ..Scope::default() };
        let store = world.devices[laptop.device].store.clone();
        store.transact_now(&scope, |table| table.remove(&lost.row_key())).unwrap();
    }
    assert_eq!(laptop.bodies(&chat).len(), 1);
    stage.wait(DAY_MS + 3_600_000);
    assert_eq!(laptop.bodies(&chat).len(), 2);
    assert!(!laptop.saw_a_reset());
    stage.all_agree();
}

#[test]
fn a_message_that_the_server_lost_is_sent_again() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_chat("hello");
    let lost = laptop.says(&chat, "lost");
    stage.settle();
    {
        let mut world = stage.world();
        let path = format!("users/{}/{}", world.spaces[0].as_str(), lost.path());
        assert!(world.server.docs.remove(&path).is_some());
    }
    stage.wait(DAY_MS + 3_600_000);
    assert!(stage.is_on_server(&lost));
    assert!(laptop.is_synced());
    stage.all_agree();
}

#[test]
fn of_a_long_chat_only_the_newest_messages_are_counted() {
    let stage = Stage::new();
    let laptop = stage.device_with(Limits { records: 30, ..Limits::default() });
    let chat = laptop.starts_chat("hello");
    stage.settle();
    (0..400).for_each(|n| drop(laptop.says(&chat, &format!("message {n}"))));
    stage.wait(3_600_000);
    let asked = laptop.requests();
    let after =
        |request: &Request| if let Request::Count { after, .. } = request { Some(*after) } else { None };
    let after = asked.iter().find_map(after);
    assert!(after.is_some_and(|after| after > 1), "{after:?}");
    assert!(laptop.health().log.iter().all(|line| line.what != Happening::Miscounted));
    assert_eq!(laptop.bodies(&chat).len(), 401);
    assert!(stage.is_on_server(&Key::Chat(chat)));
}

#[test]
fn a_server_that_does_not_count_is_no_trouble() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.starts_chat("hello");
    stage.settle();
    (0..9).for_each(|_| {
        stage.next_where(|request| matches!(request, Request::Count { .. }), Fate::Refused(403))
    });
    stage.wait(3_600_000);
    assert_eq!(counts(&laptop), 1);
    assert!(laptop.is_synced(), "{:?}", laptop.status());
}
