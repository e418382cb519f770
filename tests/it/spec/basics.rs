use muse_chat::sync::{ChatScope, Edit, Key, Tx, Value};

use super::Stage;

#[test]
fn the_first_push_makes_the_head() {
    let stage = Stage::new();
    let laptop = stage.device();
    assert_eq!(stage.head_seq(), 0);
    let chat = laptop.starts_chat("hello");
    stage.settle();
    assert_eq!(stage.head_seq(), 1);
    assert!(stage.is_on_server(&Key::Chat(chat)) && laptop.is_synced());
}

#[test]
fn a_second_device_gets_everything() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_chat("hello");
    laptop.exchanges(&chat, "what?", "that.");
    laptop.picks_theme("dark");
    stage.settle();
    let phone = stage.device();
    assert_eq!((phone.title(&chat), phone.theme()), ("hello".to_owned(), "dark".to_owned()));
    phone.opens(&chat);
    stage.settle();
    assert_eq!(phone.bodies(&chat), ["first of hello", "that.", "what?"]);
    stage.all_agree();
}

#[test]
fn edits_made_offline_on_both_sides_become_one() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_on_one_of_two();
    phone.opens(&chat);
    laptop.goes_offline();
    phone.goes_offline();
    laptop.renames(&chat, "older title");
    laptop.says(&chat, "from the laptop");
    laptop.picks_theme("dark");
    stage.wait(5_000);
    phone.renames(&chat, "newer title");
    phone.says(&chat, "from the phone");
    phone.edits(Key::Settings, "model", "gpt");
    stage.wait(5_000);
    phone.comes_online();
    laptop.comes_online();
    stage.settle();
    stage.all_agree();
    assert_eq!(laptop.title(&chat), "newer title");
    assert_eq!(laptop.bodies(&chat), ["first of hello", "from the laptop", "from the phone"]);
    assert_eq!(phone.theme(), "dark");
}

#[test]
fn nothing_is_sent_while_sync_is_off() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.disconnects();
    laptop.requests();
    let chat = laptop.starts_chat("hello");
    stage.settle();
    assert_eq!(laptop.requests(), []);
    laptop.connects();
    stage.settle();
    assert!(stage.is_on_server(&Key::Chat(chat)));
}

#[test]
fn an_answer_to_a_question_asked_before_sync_was_switched_off_changes_nothing() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.starts_chat("hello");
    stage.wait(600);
    laptop.disconnects();
    laptop.requests();
    stage.settle();
    assert_eq!(laptop.requests(), []);
    assert_eq!(laptop.status(), muse_chat::sync::Status::Off);
    laptop.connects();
    stage.settle();
    stage.all_agree();
}

#[test]
fn a_local_only_chat_never_leaves() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_local_chat("secret");
    laptop.says(&chat, "more");
    laptop.renames(&chat, "very secret");
    stage.settle();
    assert_eq!(stage.commits(), 0);
    assert!(laptop.is_synced(), "what shall not be sent does not wait");
}

#[test]
fn a_local_only_chat_stays_local_even_when_its_row_is_torn() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_local_chat("secret");
    stage.settle();
    laptop.tears(&format!("c/{chat}"));
    laptop.says(&chat, "more");
    laptop.renames(&chat, "again");
    stage.settle();
    assert_eq!(stage.commits(), 0);
}

#[test]
fn a_paused_chat_neither_sends_nor_fetches_until_it_is_resumed() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_open_on_both();
    phone.runs(Tx::SetScope(chat.clone(), ChatScope::Paused));
    laptop.says(&chat, "from the laptop");
    phone.says(&chat, "from the phone");
    stage.settle();
    assert_eq!(laptop.bodies(&chat), ["first of hello", "from the laptop"]);
    assert_eq!(phone.bodies(&chat), ["first of hello", "from the phone"]);
    phone.runs(Tx::SetScope(chat.clone(), ChatScope::Synced));
    stage.settle();
    stage.all_agree();
    assert_eq!(laptop.bodies(&chat).len(), 3);
}

#[test]
fn a_chat_never_opened_here_is_fetched_when_it_is_opened_although_the_head_stands_still() {
    let (stage, _, chat) = Stage::with_a_chat();
    let phone = stage.device();
    stage.settle();
    assert_eq!(phone.bodies(&chat), [""; 0]);
    let before = stage.head_seq();
    phone.opens(&chat);
    stage.settle();
    assert_eq!((phone.bodies(&chat).len(), stage.head_seq()), (1, before));
}

#[test]
fn writing_into_a_chat_fetches_it() {
    let (stage, _, chat) = Stage::with_a_chat();
    let phone = stage.device();
    phone.says(&chat, "and?");
    stage.settle();
    assert_eq!(phone.bodies(&chat), ["and?", "first of hello"]);
    stage.all_agree();
}

#[test]
fn what_was_deleted_stays_deleted_everywhere_and_can_be_brought_back() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    let chat = laptop.starts_chat("hello");
    let message = laptop.says(&chat, "oops");
    stage.settle();
    phone.opens(&chat);
    stage.settle();
    phone.deletes(vec![message.clone()]);
    stage.settle();
    assert_eq!(laptop.bodies(&chat), ["first of hello"]);
    let back = [("role", "user".into()), ("body", "oops".into()), ("at", 1.into()), ("del", Value::Null)];
    laptop.runs(Tx::Write(vec![Edit::set(message, back)]));
    stage.settle();
    assert_eq!(phone.bodies(&chat), ["first of hello", "oops"]);
    stage.all_agree();
}

#[test]
fn a_message_made_elsewhere_survives_the_deletion_of_its_chat() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_open_on_both();
    phone.goes_offline();
    phone.says(&chat, "still here");
    let mut keys = vec![Key::Chat(chat.clone())];
    keys.extend(stage.world().devices[laptop.device].keys(&Key::messages_of(&chat)));
    laptop.deletes(keys);
    stage.settle();
    phone.comes_online();
    stage.settle();
    stage.all_agree();
    assert_eq!(laptop.bodies(&chat), ["still here"]);
}
