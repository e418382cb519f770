//! Circumstances that random worlds hardly ever meet, each the one in which a mistake of
//! `muse_chat::sync::planted` shows.

use muse_chat::sync::{Allowance, FeedId, Key, Limits, Request, Signal};

use super::{Device, Stage};
use crate::sim::{Fate, Restore};

fn is_page(request: &Request) -> bool {
    matches!(request, Request::Page { .. })
}

fn is_page_of_messages(request: &Request) -> bool {
    matches!(request, Request::Page { feed: FeedId::Messages(_), .. })
}

/// A tab reads a head up to which another tab, in the middle of its round, has not pulled, and
/// then fails.
#[test]
pub(crate) fn a_tab_that_sends_on_a_head_which_another_tab_read_skips_nothing() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_on_one_of_two();
    let other = laptop.second_tab();
    other.disconnects();
    laptop.signals(Signal::Hidden);
    phone.starts_chat("early");
    stage.wait(2_000);
    stage.next_where(is_page, Fate::AnswerLate(6_000));
    laptop.says(&chat, "mine");
    stage.wait(1_500);
    let late = phone.starts_chat("late");
    stage.wait(2_000);
    // it waits for its answer until the laptop has sent
    stage.next_where(is_page, Fate::AnswerLost);
    other.connects();
    stage.wait(60_000);
    laptop.signals(Signal::Visible);
    stage.settle();
    assert_eq!(laptop.title(&late), "late");
}

/// A user writes into a chat never opened here while the messages of another one are fetched.
#[test]
pub(crate) fn writing_into_a_chat_that_was_not_fetched_skips_none_of_its_messages() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    let open = laptop.starts_chat("open");
    let lazy = phone.starts_chat("lazy");
    stage.settle();
    phone.opens(&open);
    stage.settle();
    laptop.signals(Signal::Hidden);
    phone.says(&open, "for the laptop");
    stage.wait(2_000);
    stage.next_where(is_page_of_messages, Fate::AnswerLate(4_000));
    laptop.signals(Signal::TryNow);
    stage.wait(1_500);
    laptop.says(&lazy, "mine");
    stage.wait(20_000);
    laptop.signals(Signal::Visible);
    stage.settle();
    assert_eq!(laptop.bodies(&lazy), ["first of lazy", "mine"]);
}

/// The daily count would find it, too.
fn uncounted() -> Limits {
    Limits { day: Allowance { reads: 0, writes: 0 }, ..Limits::default() }
}

/// Longer than the head's log reaches.
fn write_past(stage: &Stage, device: &Device) {
    let chat = device.starts_chat("busy");
    for n in 0..80 {
        device.says(&chat, &format!("busy {n}"));
        stage.wait(3_000);
    }
}

/// What only the device that was away has.
fn comes_back_with(stage: &Stage, away: &Device, other: &Device, message: &Key) {
    away.comes_online();
    stage.wait(300_000);
    assert!(stage.is_on_server(message), "it is on one device only");
    for device in [away, other] {
        let chats = stage.world().devices[device.device].chats();
        chats.iter().for_each(|chat| device.opens(chat));
    }
    stage.settle();
    stage.all_agree();
}

#[test]
pub(crate) fn a_space_made_anew_long_ago_is_noticed_by_its_epoch() {
    let stage = Stage::new();
    let [laptop, phone] = [(); 2].map(|()| stage.device_with(uncounted()));
    let chat = laptop.starts_chat("hello");
    let message = laptop.says(&chat, "only on the laptop and the server");
    stage.settle();
    laptop.goes_offline();
    stage.world().wipe();
    stage.settle();
    assert!(!stage.is_on_server(&message), "the phone never fetched it");
    write_past(&stage, &phone);
    comes_back_with(&stage, &laptop, &phone, &message);
}

#[test]
pub(crate) fn a_restore_long_ago_is_noticed_by_the_generation_that_another_device_raised() {
    let stage = Stage::new();
    let [laptop, phone] = [(); 2].map(|()| stage.device_with(uncounted()));
    let chat = phone.starts_chat("hello");
    stage.settle();
    let backup = stage.backup();
    let message = phone.says(&chat, "lost to the backup");
    stage.settle();
    phone.goes_offline();
    stage.world().restore(&backup, Restore::AsItWas);
    stage.settle();
    assert!(laptop.saw_a_reset());
    write_past(&stage, &laptop);
    // so that the chat's document does not tell
    laptop.renames(&chat, "touched");
    stage.settle();
    comes_back_with(&stage, &phone, &laptop, &message);
}

/// Nobody else knew what the server had lost, so nobody raised the generation.
#[test]
pub(crate) fn a_restore_long_ago_that_nobody_noticed_shows_in_the_newest_document() {
    let stage = Stage::new();
    let [laptop, phone] = [(); 2].map(|()| stage.device_with(uncounted()));
    let chat = laptop.starts_chat("hello");
    stage.settle();
    phone.goes_offline();
    let backup = stage.backup();
    let message = laptop.says(&chat, "lost to the backup");
    stage.settle();
    laptop.goes_offline();
    stage.world().restore(&backup, Restore::AsItWas);
    phone.comes_online();
    write_past(&stage, &phone);
    assert!(!phone.saw_a_reset());
    comes_back_with(&stage, &laptop, &phone, &message);
}

/// The server knows a request's time from its beginning, and shows what it wrote when it is done.
#[test]
fn a_commit_that_becomes_visible_late_is_missed_by_nobody() {
    let stage = Stage::new();
    let (laptop, phone, tablet) = (stage.device(), stage.device(), stage.device());
    let chat = laptop.starts_chat("hello");
    stage.settle();
    phone.opens(&chat);
    tablet.opens(&chat);
    stage.settle();
    stage.next_commit(Fate::Held(6_000));
    laptop.says(&chat, "held");
    stage.wait(2_000);
    phone.says(&chat, "quick");
    stage.wait(2_000);
    tablet.signals(Signal::TryNow);
    stage.wait(1_500);
    assert_eq!(tablet.bodies(&chat), ["first of hello", "quick"]);
    stage.settle();
    stage.all_agree();
    assert_eq!(tablet.bodies(&chat), ["first of hello", "held", "quick"]);
}

/// A page brings more than the head promised, and then the server is restored to that very head.
#[test]
pub(crate) fn a_document_above_the_head_shows_that_the_head_was_restored() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    laptop.signals(Signal::Hidden);
    phone.starts_chat("first");
    stage.wait(2_000);
    stage.next_where(is_page, Fate::Late(4_000));
    laptop.signals(Signal::TryNow);
    stage.wait(1_000);
    let backup = stage.backup();
    let second = phone.starts_chat("second");
    stage.wait(2_000);
    phone.disconnects();
    stage.wait(5_000);
    assert_eq!(laptop.title(&second), "second");
    stage.world().restore(&backup, Restore::AsItWas);
    laptop.signals(Signal::Visible);
    stage.settle();
    assert!(laptop.saw_a_reset());
    assert!(stage.is_on_server(&Key::Chat(second)));
}

/// The commit was undone by a restore, and another device has written over its number.
#[test]
pub(crate) fn an_acknowledgement_of_a_commit_that_was_undone_clears_nothing() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_on_one_of_two();
    phone.opens(&chat);
    let other = laptop.second_tab();
    other.disconnects();
    phone.goes_offline();
    let backup = stage.backup();
    stage.next_commit(Fate::AnswerLate(15_000));
    laptop.says(&chat, "in flight");
    stage.wait(1_500);
    stage.world().restore(&backup, Restore::AsItWas);
    phone.comes_online();
    for n in 0..2 {
        phone.says(&chat, &format!("after {n}"));
        stage.wait(3_000);
    }
    // the other tab pulls past it, and does not get through with the message itself
    (0..5).for_each(|_| stage.next_commit(Fate::Lost));
    other.connects();
    stage.wait(300_000);
    stage.all_agree();
    assert!(phone.bodies(&chat).contains(&"in flight".to_owned()));
}

/// Another tab commits while a head is on its way, and a user's edit tells this tab of it.
#[test]
pub(crate) fn a_head_answered_late_is_compared_with_what_was_known_when_it_was_asked_for() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    let other = laptop.second_tab();
    stage.next_where(|request| *request == Request::Head, Fate::AnswerLate(8_000));
    laptop.signals(Signal::TryNow);
    stage.wait(500);
    other.says(&chat, "by the other");
    stage.wait(3_000);
    laptop.says(&chat, "by this one");
    stage.wait(20_000);
    assert!(!laptop.saw_a_reset());
    stage.settle();
    stage.all_agree();
}
