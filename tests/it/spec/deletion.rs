use muse_chat::sync::{Edit, Key, Limits, Value};

use super::{Device, Stage};
use crate::sim::{Fate, Restore};

fn bring_back(device: &Device, key: &Key, field: &str, value: &str) {
    let edit = Edit::set(key.clone(), [(field, value.into()), ("del", Value::Null)]);
    device.runs(muse_chat::sync::Tx::Write(vec![edit]));
}

/// A laptop with a chat of a few messages, and a phone that knows the chat and none of them.
fn unseen(stage: &Stage) -> (Device, Device, muse_chat::sync::Id) {
    let (laptop, phone) = (stage.device(), stage.device());
    let chat = laptop.starts_chat("hello");
    (0..5).for_each(|n| {
        laptop.says(&chat, &format!("message {n}"));
    });
    stage.settle();
    assert!(phone.bodies(&chat).is_empty() && phone.title(&chat) == "hello");
    (laptop, phone, chat)
}

#[test]
fn deleting_a_chat_deletes_what_was_never_fetched_of_it() {
    let stage = Stage::new();
    let (laptop, phone, chat) = unseen(&stage);
    phone.deletes(vec![Key::Chat(chat.clone())]);
    stage.settle();
    assert!(laptop.bodies(&chat).is_empty() && phone.bodies(&chat).is_empty());
    stage.all_agree();
    let world = stage.world();
    world.oracle.buried(&world.server, world.spaces[0].as_str()).unwrap();
    assert_eq!(world.oracle.doomed.len(), 6);
}

#[test]
fn what_was_said_elsewhere_after_the_deletion_survives_it() {
    let stage = Stage::new();
    let (laptop, phone, chat) = unseen(&stage);
    laptop.goes_offline();
    laptop.says(&chat, "not seen by anybody");
    phone.deletes(vec![Key::Chat(chat.clone())]);
    stage.settle();
    laptop.comes_online();
    stage.settle();
    assert_eq!(laptop.bodies(&chat), ["not seen by anybody"]);
    phone.opens(&chat);
    stage.settle();
    assert_eq!(phone.bodies(&chat), ["not seen by anybody"]);
    stage.all_agree();
}

#[test]
fn who_has_the_messages_deletes_them_when_the_deleter_never_comes_back() {
    let stage = Stage::new();
    let (laptop, phone, chat) = unseen(&stage);
    phone.deletes(vec![Key::Chat(chat.clone())]);
    // only the deletion itself gets out
    stage.wait(900);
    phone.disconnects();
    stage.settle();
    assert!(laptop.bodies(&chat).is_empty());
    let tablet = stage.device();
    tablet.opens(&chat);
    stage.settle();
    assert!(tablet.bodies(&chat).is_empty());
    let world = stage.world();
    world.oracle.buried(&world.server, world.spaces[0].as_str()).unwrap();
}

#[test]
fn a_deletion_goes_on_after_a_crash_in_its_midst() {
    let stage = Stage::new();
    let laptop = stage.device();
    let phone = stage.device_with(Limits { page: 2, records: 2, backfill: 0, ..Limits::default() });
    let chat = laptop.starts_chat("hello");
    (0..20).for_each(|n| {
        laptop.says(&chat, &format!("message {n}"));
    });
    stage.settle();
    laptop.disconnects();
    phone.deletes(vec![Key::Chat(chat.clone())]);
    for _ in 0..6 {
        stage.wait(1_500);
        phone.is_killed();
    }
    stage.settle();
    let world = stage.world();
    world.oracle.buried(&world.server, world.spaces[0].as_str()).unwrap();
}

#[test]
fn a_chat_brought_back_in_time_keeps_what_was_never_fetched() {
    let stage = Stage::new();
    let (laptop, phone, chat) = unseen(&stage);
    phone.goes_offline();
    phone.deletes(vec![Key::Chat(chat.clone())]);
    stage.settle();
    bring_back(&phone, &Key::Chat(chat.clone()), "title", "hello");
    phone.comes_online();
    stage.settle();
    assert_eq!((laptop.title(&chat).as_str(), laptop.bodies(&chat).len()), ("hello", 6));
    assert_eq!(phone.bodies(&chat).len(), 6);
    stage.all_agree();
}

#[test]
fn a_message_brought_back_elsewhere_meanwhile_stays() {
    let stage = Stage::new();
    let (laptop, phone, chat) = unseen(&stage);
    let message = laptop.says(&chat, "precious");
    stage.settle();
    laptop.deletes(vec![message.clone()]);
    stage.settle();
    phone.goes_offline();
    phone.deletes(vec![Key::Chat(chat.clone())]);
    stage.wait(1_000);
    bring_back(&laptop, &message, "body", "precious");
    stage.settle();
    phone.comes_online();
    stage.settle();
    assert_eq!(laptop.bodies(&chat), ["precious"]);
    stage.all_agree();
}

#[test]
fn in_another_history_the_numbers_of_a_deletion_mean_nothing() {
    let stage = Stage::new();
    let (laptop, phone, chat) = unseen(&stage);
    let backup = stage.backup();
    laptop.says(&chat, "after the backup");
    stage.settle();
    phone.goes_offline();
    phone.deletes(vec![Key::Chat(chat.clone())]);
    stage.world().restore(&backup, Restore::AsItWas);
    laptop.disconnects();
    let tablet = stage.device();
    tablet.opens(&chat);
    stage.settle();
    // gets the number that the lost message had
    tablet.says(&chat, "in the new history");
    stage.settle();
    phone.comes_online();
    stage.settle();
    assert!(tablet.bodies(&chat).contains(&"in the new history".to_owned()));
    laptop.connects();
    stage.settle();
    stage.all_agree();
}

#[test]
fn a_deletion_whose_answer_was_lost_is_one_deletion() {
    let stage = Stage::new();
    let (laptop, phone, chat) = unseen(&stage);
    stage.next_commit(Fate::AnswerLost);
    phone.deletes(vec![Key::Chat(chat.clone())]);
    stage.wait(90_000);
    assert!(laptop.bodies(&chat).is_empty());
    stage.all_agree();
}
