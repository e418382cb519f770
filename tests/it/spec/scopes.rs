use muse_chat::sync::{Attention, ChatScope, Key, Limits, SCHEMA, Status, Tx};

use super::{Device, Stage};

fn scope(device: &Device, chat: &muse_chat::sync::Id) -> ChatScope {
    device.world().devices[device.device].feed(chat).scope
}

#[test]
fn a_chat_taken_out_of_the_cloud_stays_here_and_is_deleted_everywhere_else() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    let chat = laptop.starts_chat("private");
    laptop.exchanges(&chat, "question", "answer");
    stage.settle();
    phone.opens(&chat);
    stage.settle();
    let copy = laptop.forks(&chat).expect("all of it is here");
    stage.settle();
    assert_eq!(laptop.bodies(&copy), ["answer", "first of private", "question"]);
    assert_eq!((laptop.title(&copy).as_str(), scope(&laptop, &copy)), ("private", ChatScope::LocalOnly));
    assert!(laptop.bodies(&chat).is_empty() && phone.bodies(&chat).is_empty());
    assert_eq!(phone.title(&chat), "");
    // what is said in the copy stays in the copy, whatever happens to the rest
    laptop.says(&copy, "a secret");
    phone.deletes(vec![Key::Chat(chat.clone())]);
    laptop.compares_anew();
    stage.settle();
    stage.world().wipe();
    stage.settle();
    assert_eq!(laptop.bodies(&copy).len(), 4);
    assert!(!stage.is_on_server(&Key::Chat(copy)));
    stage.all_agree();
}

#[test]
fn a_chat_that_is_not_all_here_is_not_taken_out() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_on_one_of_two();
    assert_eq!(phone.forks(&chat), None);
    stage.settle();
    assert_eq!(laptop.bodies(&chat), ["first of hello"]);
    phone.opens(&chat);
    stage.settle();
    assert!(phone.forks(&chat).is_some());
}

#[test]
fn what_answers_what_is_the_same_in_the_copy() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_chat("hello");
    let question = laptop.says(&chat, "question");
    let answer = laptop.says(&chat, "answer");
    let Key::Message(_, id) = &question else { panic!("a message") };
    laptop.edits(answer, "re", id.as_str());
    stage.settle();
    let copy = laptop.forks(&chat).unwrap();
    let keys = laptop.world().devices[laptop.device].keys(&Key::messages_of(&copy));
    let rows: Vec<_> = keys.iter().map(|key| (key.path(), laptop.row(key).unwrap())).collect();
    let re = rows.iter().find_map(|(_, row)| row.record.text("re").map(ToOwned::to_owned)).unwrap();
    let asked = rows.iter().find(|(path, _)| path.ends_with(&re)).unwrap();
    assert_eq!(asked.1.record.text("body"), Some("question"));
}

#[test]
fn a_paused_chat_sends_and_fetches_nothing_until_it_goes_on() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_open_on_both();
    phone.runs(Tx::SetScope(chat.clone(), ChatScope::Paused));
    phone.says(&chat, "not yet");
    laptop.says(&chat, "news");
    stage.settle();
    assert_eq!((laptop.bodies(&chat).len(), phone.bodies(&chat).len()), (2, 2));
    assert!(phone.is_synced(), "what is held back on purpose does not wait");
    phone.runs(Tx::SetScope(chat.clone(), ChatScope::Synced));
    stage.settle();
    assert_eq!(laptop.bodies(&chat), ["first of hello", "news", "not yet"]);
    stage.all_agree();
}

#[test]
pub(crate) fn the_same_space_in_another_project_is_another_space() {
    let stage = Stage::new();
    let laptop = stage.new_device(Limits::default());
    laptop.connects_to_project("one");
    stage.settle();
    let chat = laptop.starts_chat("hello");
    stage.settle();
    let one = stage.backup();
    laptop.disconnects();
    // the other project has a copy of the first, and somebody wrote there since
    let phone = stage.new_device(Limits::default());
    phone.connects_to_project("two");
    phone.starts_chat("only there");
    stage.settle();
    laptop.says(&chat, "said in between");
    laptop.events();
    laptop.connects_to_project("two");
    stage.settle();
    assert!(laptop.is_synced() && !laptop.saw_a_reset());
    stage.all_agree();
    // and back: nothing of either is missing
    stage.world().server = one;
    phone.disconnects();
    laptop.connects_to_project("one");
    stage.settle();
    assert!(!laptop.saw_a_reset());
    assert!(stage.is_on_server(&Key::Chat(chat.clone())));
    assert_eq!(laptop.bodies(&chat), ["first of hello", "said in between"]);
    assert!(laptop.is_synced());
}

#[test]
fn a_newer_build_looks_again_at_what_an_older_one_could_not_read() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.starts_chat("hello");
    stage.settle();
    {
        let world = stage.world();
        let store = &world.devices[laptop.device].store;
        let json = store
            .rows()
            .get("y/meta")
            .unwrap()
            .open()
            .unwrap()
            .replace("\"schema\":1,\"head", "\"schema\":0,\"head");
        assert!(json.contains("\"schema\":0"));
        let entry = muse_chat::sync::Entry::local(&json);
        store.transact_now(&muse_chat::sync::Scope::default(), |table| table.put("y/meta", entry)).unwrap();
    }
    laptop.requests();
    laptop.is_killed();
    stage.settle();
    let pages =
        laptop.requests().iter().filter(|r| matches!(r, muse_chat::sync::Request::Page { .. })).count();
    assert!(pages >= 3, "{pages}");
    assert!(laptop.is_synced());
    stage.all_agree();
}

#[test]
fn a_newer_space_is_read_and_not_written() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_on_one_of_two();
    // a newer build raises what one must understand to write here
    let path = format!("users/{}", stage.world().spaces[0].as_str());
    let raise = |stage: &Stage| {
        let mut world = stage.world();
        let doc = world.server.docs.get_mut(&path).unwrap();
        doc.edit().insert("schema".to_owned(), serde_json::json!({ "integerValue": "2" }));
    };
    let lower = |stage: &Stage| {
        let mut world = stage.world();
        let doc = world.server.docs.get_mut(&path).unwrap();
        doc.edit().insert("schema".to_owned(), serde_json::json!({ "integerValue": "1" }));
    };
    laptop.goes_offline();
    laptop.renames(&chat, "while away");
    phone.says(&chat, "news");
    stage.settle();
    raise(&stage);
    laptop.opens(&chat);
    laptop.comes_online();
    stage.settle();
    let newer =
        |device: &Device| matches!(device.status(), Status::Attention { reason: Attention::NewerSchema, .. });
    assert!(newer(&laptop), "{:?}", laptop.status());
    assert_eq!(laptop.bodies(&chat).len(), 2, "it is read");
    let commits = stage.commits();
    stage.wait(120_000);
    assert_eq!(stage.commits(), commits, "and not written");
    lower(&stage);
    stage.wait(120_000);
    assert_eq!(phone.title(&chat), "while away");
    stage.all_agree();
}

#[test]
fn a_damaged_head_is_said_plainly_and_written_by_nobody() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.starts_chat("hello");
    stage.settle();
    let path = format!("users/{}", stage.world().spaces[0].as_str());
    let good = stage.world().server.docs[&path].clone();
    stage.world().server.docs.get_mut(&path).unwrap().edit().remove("epoch");
    laptop.starts_chat("later");
    let commits = stage.commits();
    stage.settle();
    let Status::Attention { reason: Attention::Rejected(why), pending, .. } = laptop.status() else {
        panic!("{:?}", laptop.status());
    };
    assert!(why.contains("epoch") && pending == 2, "{why}");
    assert_eq!(stage.commits(), commits);
    stage.world().server.docs.insert(path, good);
    stage.wait(120_000);
    assert!(laptop.is_synced());
    stage.all_agree();
}

#[test]
pub(crate) fn a_record_of_a_newer_build_is_carried_and_never_written() {
    let (stage, _, phone, chat) = Stage::with_a_chat_on_one_of_two();
    let path = format!("users/{}/chats/{chat}", stage.world().spaces[0].as_str());
    let newer = |fields: &mut serde_json::Map<String, serde_json::Value>| {
        fields.insert("v".to_owned(), serde_json::json!({ "integerValue": "2" }));
    };
    newer(stage.world().server.docs.get_mut(&path).unwrap().edit());
    let tablet = stage.device();
    assert_eq!(tablet.title(&chat), "hello", "it is shown");
    tablet.renames(&chat, "not by this build");
    stage.settle();
    assert_eq!(tablet.title(&chat), "hello");
    tablet.opens(&chat);
    stage.settle();
    let said = tablet.says(&chat, "kept");
    tablet.deletes(vec![said, Key::Chat(chat.clone())]);
    assert!(tablet.bodies(&chat).contains(&"kept".to_owned()), "all of a deletion or nothing");
    stage.settle();
    assert!(tablet.is_synced() && phone.is_synced());
}

#[test]
fn what_waits_for_a_newer_build_is_said_all_the_time_and_holds_up_nothing_else() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_on_one_of_two();
    laptop.goes_offline();
    assert!(stage.world().stranger_writes(&Key::Chat(chat.clone()), SCHEMA + 1, "title"));
    stage.wait(1_000);
    laptop.renames(&chat, "while away");
    laptop.comes_online();
    laptop.says(&chat, "this can be sent");
    stage.settle();
    phone.opens(&chat);
    stage.settle();
    assert_eq!(phone.bodies(&chat).len(), 2);
    let title = phone.title(&chat);
    for _ in 0..600 {
        stage.wait(50);
        let status = laptop.status();
        assert!(
            matches!(status, Status::Attention { reason: Attention::NewerSchema, pending: 1, .. }),
            "{status:?}"
        );
    }
    assert_eq!(phone.title(&chat), title);
    assert!(phone.is_synced());
}
