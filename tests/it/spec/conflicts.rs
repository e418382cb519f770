use muse_chat::sync::{Attention, FeedId, Key, Limits, Request, Status, Tx};

use super::Stage;
use crate::sim::Fate;

#[test]
fn a_lost_answer_is_no_double() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    let commits = stage.commits();
    stage.next_commit(Fate::AnswerLost);
    laptop.says(&chat, "once");
    stage.wait(60_000);
    assert_eq!(stage.commits(), commits + 1);
    assert!(laptop.is_synced());
    stage.all_agree();
}

#[test]
fn a_lost_answer_in_a_chat_that_is_not_followed_heals_as_well() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    let phone = stage.device();
    stage.next_commit(Fate::AnswerLost);
    phone.renames(&chat, "from the phone");
    stage.wait(60_000);
    stage.all_agree();
    assert_eq!(laptop.title(&chat), "from the phone");
}

#[test]
fn a_commit_that_arrives_twice_counts_once() {
    let stage = Stage::new();
    let laptop = stage.device();
    stage.next_commit(Fate::Doubled(5_000));
    laptop.starts_chat("hello");
    stage.settle();
    assert_eq!(stage.commits(), 1);
    assert!(laptop.is_synced());
}

#[test]
pub(crate) fn whoever_loses_a_race_pulls_and_tries_again() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_open_on_both();
    let lost = stage.world().server.lost;
    for n in 0..5 {
        laptop.says(&chat, &format!("laptop {n}"));
        phone.says(&chat, &format!("phone {n}"));
        stage.wait(3_000);
    }
    stage.settle();
    assert!(stage.world().server.lost > lost, "nobody lost");
    stage.all_agree();
    assert_eq!(laptop.bodies(&chat).len(), 11);
    let quarantined =
        [&laptop, &phone].iter().any(|device| matches!(device.status(), Status::Attention { .. }));
    assert!(!quarantined);
}

#[test]
fn two_devices_that_both_make_the_first_head_end_in_one_space() {
    let stage = Stage::new();
    let limits = Limits::default();
    let (laptop, phone) = (stage.new_device(limits), stage.new_device(limits));
    let theirs = laptop.starts_chat("laptop");
    let ours = phone.starts_chat("phone");
    laptop.picks_theme("dark");
    stage.wait(1_000);
    phone.picks_theme("light");
    laptop.connects();
    phone.connects();
    stage.settle();
    laptop.opens(&ours);
    phone.opens(&theirs);
    stage.settle();
    stage.all_agree();
    assert_eq!(phone.theme(), "light");
}

#[test]
fn a_record_the_server_refuses_is_set_aside_and_the_rest_flows() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    laptop.goes_offline();
    let bad = laptop.says(&chat, "bad");
    stage.poison(&bad);
    let good: Vec<Key> = (0..20).map(|n| laptop.says(&chat, &format!("good {n}"))).collect();
    laptop.renames(&chat, "also good");
    laptop.comes_online();
    stage.settle();
    assert!(good.iter().all(|key| stage.is_on_server(key) && !laptop.waits(key)));
    assert!(laptop.is_quarantined(&bad) && laptop.bodies(&chat).contains(&"bad".to_owned()));
    let said = matches!(laptop.status(), Status::Attention { reason: Attention::Quarantined(1), .. });
    assert!(said, "{:?}", laptop.status());
}

#[test]
fn a_record_set_aside_is_tried_again_when_the_user_asks() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_chat("hello");
    let bad = laptop.says(&chat, "bad");
    stage.poison(&bad);
    stage.settle();
    assert!(laptop.is_quarantined(&bad));
    stage.cure(&bad);
    stage.settle();
    assert!(laptop.is_quarantined(&bad), "not by itself");
    laptop.runs(Tx::Release(vec![bad.clone()]));
    stage.settle();
    assert!(stage.is_on_server(&bad) && laptop.is_synced());
}

#[test]
fn a_record_set_aside_is_tried_again_when_it_is_edited() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.picks_theme("dark");
    stage.poison(&Key::Settings);
    stage.settle();
    assert!(laptop.is_quarantined(&Key::Settings));
    stage.cure(&Key::Settings);
    laptop.picks_theme("light");
    stage.settle();
    assert!(stage.is_on_server(&Key::Settings) && laptop.is_synced());
}

#[test]
pub(crate) fn messages_flow_past_a_chat_that_is_refused() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    laptop.goes_offline();
    let chat = laptop.starts_chat("hello");
    stage.poison(&Key::Chat(chat.clone()));
    laptop.comes_online();
    stage.settle();
    assert!(laptop.is_quarantined(&Key::Chat(chat.clone())));
    phone.opens(&chat);
    stage.settle();
    assert_eq!(phone.bodies(&chat), ["first of hello"]);
    stage.cure(&Key::Chat(chat.clone()));
    laptop.runs(Tx::Release(vec![Key::Chat(chat.clone())]));
    stage.settle();
    assert_eq!(phone.title(&chat), "hello");
    stage.all_agree();
}

#[test]
pub(crate) fn one_refusal_without_a_reason_sets_nothing_aside() {
    let stage = Stage::new();
    let laptop = stage.device();
    stage.next_commit(Fate::Refused(403));
    let chat = laptop.starts_chat("hello");
    stage.settle();
    assert!(stage.is_on_server(&Key::Chat(chat)) && laptop.is_synced());
    stage.next_commit(Fate::Refused(403));
    laptop.picks_theme("dark");
    stage.settle();
    assert!(!laptop.is_quarantined(&Key::Settings) && laptop.is_synced());
}

#[test]
fn a_server_that_asks_to_try_again_never_makes_a_record_be_set_aside() {
    let stage = Stage::new();
    let laptop = stage.device();
    (0..6).for_each(|_| stage.next_commit(Fate::Refused(409)));
    laptop.picks_theme("dark");
    stage.wait(120_000);
    assert!(!laptop.is_quarantined(&Key::Settings) && stage.is_on_server(&Key::Settings));
}

#[test]
pub(crate) fn an_edit_made_in_flight_waits_for_its_own_commit() {
    let stage = Stage::new();
    let laptop = stage.device();
    stage.next_commit(Fate::AnswerLate(3_000));
    let chat = laptop.starts_chat("first");
    stage.wait(1_500);
    laptop.renames(&chat, "second");
    assert!(laptop.waits(&Key::Chat(chat.clone())));
    stage.wait(2_600);
    assert!(!laptop.is_synced() || !laptop.waits(&Key::Chat(chat.clone())));
    stage.settle();
    let phone = stage.device();
    assert_eq!(phone.title(&chat), "second");
}

#[test]
pub(crate) fn a_chat_that_was_only_bumped_can_be_renamed_without_a_conflict() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    laptop.says(&chat, "more");
    stage.settle();
    laptop.requests();
    let lost = stage.world().server.lost;
    laptop.renames(&chat, "renamed");
    stage.settle();
    assert_eq!((laptop.last_commits().len(), stage.world().server.lost), (1, lost));
}

#[test]
fn a_rename_elsewhere_is_not_overwritten_by_one_who_only_added_messages() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_open_on_both();
    phone.goes_offline();
    phone.says(&chat, "offline");
    phone.renames(&chat, "older");
    stage.wait(5_000);
    laptop.renames(&chat, "newer");
    stage.settle();
    phone.comes_online();
    stage.settle();
    stage.all_agree();
    assert_eq!(phone.title(&chat), "newer");
}

#[test]
fn a_head_answered_late_to_one_of_two_tabs_is_not_taken_for_a_restored_server() {
    let stage = Stage::new();
    let laptop = stage.device();
    let other = laptop.second_tab();
    let chat = laptop.starts_chat("hello");
    stage.settle();
    stage.next_request(Fate::AnswerLate(15_000));
    stage.wait(6_000);
    for n in 0..3 {
        other.says(&chat, &format!("message {n}"));
        stage.wait(3_000);
    }
    stage.settle();
    assert!(!laptop.saw_a_reset());
    stage.all_agree();
}

#[test]
fn two_tabs_that_both_make_the_first_head_see_no_restored_server() {
    let stage = Stage::new();
    let laptop = stage.device();
    let other = laptop.second_tab();
    // one of them hears late that nothing is there, and in the meantime from its rows that there is
    stage.next_where(|request| *request == Request::Newest(FeedId::Chats), Fate::AnswerLate(9_000));
    let chat = laptop.starts_chat("hello");
    stage.wait(4_000);
    assert_eq!(stage.head_seq(), 1);
    laptop.says(&chat, "more");
    other.says(&chat, "and more");
    stage.settle();
    assert!(!laptop.saw_a_reset());
    stage.all_agree();
}

#[test]
fn two_devices_with_a_backlog_both_get_through() {
    let stage = Stage::new();
    let limits = Limits { records: 4, backfill: 0, ..Limits::default() };
    let (laptop, phone) = (stage.device_with(limits), stage.device_with(limits));
    let chat = laptop.starts_chat("hello");
    stage.settle();
    phone.opens(&chat);
    stage.settle();
    for device in [&laptop, &phone] {
        device.goes_offline();
        (0..80).for_each(|n| drop(device.says(&chat, &format!("{} {n}", device.device))));
    }
    laptop.comes_online();
    phone.comes_online();
    stage.wait(20_000);
    let on_server = |device: usize| {
        let world = stage.world();
        let sent = |(_, doc): &(&String, &crate::sim::Doc)| {
            doc.fields.get("dev").is_some_and(|dev| dev["stringValue"] == format!("device{device}"))
        };
        world.server.docs.iter().filter(sent).count()
    };
    let (a, b) = (on_server(laptop.device), on_server(phone.device));
    assert!(a.min(b) * 4 >= a.max(b), "{a} against {b}: one starves");
    stage.wait(180_000);
    stage.all_agree();
}
