use muse_chat::sync::{Key, read_older};

use super::{Device, Stage};

fn older(device: &Device, key: &Key) -> Vec<String> {
    let world = device.world();
    let rows = world.devices[device.device].store.rows().clone();
    let table = muse_chat::sync::Table::new(rows);
    read_older(&table, key, 0).into_iter().map(|older| older.text).collect()
}

#[test]
fn a_title_that_lost_to_a_newer_one_is_kept_where_it_lost() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_on_one_of_two();
    let key = Key::Chat(chat.clone());
    // renamed on both while one was offline: the later one wins
    phone.goes_offline();
    phone.renames(&chat, "from the phone");
    stage.wait(5_000);
    laptop.renames(&chat, "from the laptop");
    stage.settle();
    phone.comes_online();
    stage.settle();
    assert_eq!(phone.title(&chat), "from the laptop");
    assert_eq!(older(&phone, &key), ["from the phone"]);
    assert!(older(&laptop, &key).is_empty());
    // and the other way round: what was sent first loses to what was written later, unseen
    phone.goes_offline();
    laptop.renames(&chat, "again from the laptop");
    stage.wait(5_000);
    phone.renames(&chat, "again from the phone");
    stage.settle();
    phone.comes_online();
    stage.settle();
    assert_eq!(laptop.title(&chat), "again from the phone");
    assert_eq!(older(&phone, &key), ["again from the laptop", "from the phone"]);
    stage.all_agree();
}

#[test]
fn a_text_that_was_replaced_knowingly_is_not_kept() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    laptop.edits(Key::Profile, "bio", "one");
    stage.settle();
    phone.edits(Key::Profile, "bio", "two");
    stage.settle();
    laptop.edits(Key::Profile, "bio", "three");
    laptop.edits(Key::Profile, "bio", "four");
    stage.settle();
    laptop.edits(Key::Profile, "email", "me@example.org");
    phone.edits(Key::Profile, "email", "you@example.org");
    stage.settle();
    assert!(older(&laptop, &Key::Profile).is_empty() && older(&phone, &Key::Profile).is_empty());
    stage.all_agree();
}

#[test]
fn an_older_text_never_leaves_the_device() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    laptop.edits(Key::Settings, "system", "one");
    stage.settle();
    phone.goes_offline();
    phone.edits(Key::Settings, "system", "lost words");
    stage.wait(5_000);
    laptop.edits(Key::Settings, "system", "newer words");
    stage.settle();
    phone.requests();
    phone.comes_online();
    stage.settle();
    assert_eq!(older(&phone, &Key::Settings), ["lost words"]);
    assert!(phone.requests().iter().all(|request| !format!("{request:?}").contains("lost words")));
}
