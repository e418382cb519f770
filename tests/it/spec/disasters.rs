use muse_chat::sync::{Event, Id, Key, Mismatch, Request, Tx};

use super::{Device, Stage};
use crate::sim::{Fate, Restore, Server};

#[test]
fn a_wiped_server_is_filled_again() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    let chat = laptop.starts_chat("hello");
    laptop.picks_theme("dark");
    stage.settle();
    phone.opens(&chat);
    phone.says(&chat, "from the phone");
    stage.settle();
    stage.world().wipe();
    stage.settle();
    stage.all_agree();
    assert!(laptop.saw_a_reset());
    assert_eq!(laptop.bodies(&chat), ["first of hello", "from the phone"]);
    assert!(stage.is_on_server(&Key::Settings));
}

#[test]
fn a_restored_server_is_noticed_and_gets_back_what_it_lost() {
    for how in [Restore::AsItWas, Restore::Imported, Restore::ImportedOver] {
        let (stage, laptop, chat) = Stage::with_a_chat();
        let backup = stage.backup();
        laptop.says(&chat, "after the backup");
        laptop.renames(&chat, "renamed");
        stage.settle();
        stage.world().restore(&backup, how);
        stage.settle();
        assert!(laptop.saw_a_reset());
        let phone = stage.device();
        phone.opens(&chat);
        stage.settle();
        stage.all_agree();
        assert_eq!(phone.title(&chat), "renamed");
        assert_eq!(phone.bodies(&chat), ["after the backup", "first of hello"]);
    }
}

#[test]
pub(crate) fn a_restored_server_that_others_have_written_past_is_noticed() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_open_on_both();
    let backup = stage.backup();
    phone.goes_offline();
    laptop.says(&chat, "lost to the backup");
    stage.settle();
    laptop.goes_offline();
    stage.world().restore(&backup, Restore::AsItWas);
    phone.comes_online();
    for n in 0..5 {
        phone.says(&chat, &format!("after {n}"));
        stage.wait(5_000);
    }
    assert!(!phone.saw_a_reset(), "nothing that the phone knew is gone");
    laptop.comes_online();
    stage.settle();
    let events = laptop.events();
    assert!(events.contains(&Event::Reset(Mismatch::Rewritten)), "{events:?}");
    stage.all_agree();
    assert_eq!(phone.bodies(&chat).len(), 7);
}

/// An import leaves alone what the backup does not have: documents with greater numbers than the head.
#[test]
pub(crate) fn a_backup_imported_over_newer_documents_is_noticed_once() {
    for more in [false, true] {
        let (stage, laptop, phone, chat) = Stage::with_a_chat_open_on_both();
        let backup = stage.backup();
        for n in 0..5 {
            laptop.says(&chat, &format!("after the backup {n}"));
            stage.wait(5_000);
        }
        if more {
            laptop.renames(&chat, "renamed");
            stage.settle();
        }
        stage.world().restore(&backup, Restore::ImportedOver);
        stage.wait(120_000);
        let resets =
            |device: &Device| device.events().iter().filter(|event| matches!(event, Event::Reset(_))).count();
        assert!((1..=3).contains(&resets(&laptop)) && (1..=3).contains(&resets(&phone)));
        stage.all_agree();
        assert_eq!(phone.bodies(&chat).len(), 6);
        laptop.requests();
        stage.wait(60_000);
        assert!(laptop.requests().len() < 20 && laptop.is_synced(), "all is quiet");
        let tablet = stage.device();
        tablet.opens(&chat);
        tablet.says(&chat, "by a new device");
        stage.wait(120_000);
        stage.all_agree();
        assert_eq!(phone.bodies(&chat).len(), 7);
    }
}

#[test]
fn who_notices_a_restore_tells_the_others() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_open_on_both();
    let backup = stage.backup();
    laptop.renames(&chat, "renamed");
    stage.settle();
    phone.goes_offline();
    stage.world().restore(&backup, Restore::AsItWas);
    stage.settle();
    assert!(laptop.saw_a_reset());
    phone.comes_online();
    stage.settle();
    assert!(phone.saw_a_reset());
    stage.all_agree();
}

#[test]
fn a_head_that_is_gone_while_the_records_are_left_is_made_anew_above_them() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    let chat = laptop.starts_chat("hello");
    (0..5).for_each(|n| {
        laptop.says(&chat, &format!("message {n}"));
        stage.wait(5_000);
    });
    phone.opens(&chat);
    stage.settle();
    let before = stage.head_seq();
    stage.world().behead();
    stage.settle();
    laptop.picks_theme("dark");
    stage.wait(120_000);
    stage.all_agree();
    assert!(stage.head_seq() > before, "{} after {before}", stage.head_seq());
    assert_eq!(phone.theme(), "dark");
    assert!(laptop.is_synced() && phone.is_synced());
}

#[test]
fn a_chat_opened_while_the_head_is_gone_is_fetched() {
    let (stage, _, phone, chat) = Stage::with_a_chat_on_one_of_two();
    stage.world().behead();
    stage.settle();
    phone.opens(&chat);
    stage.settle();
    assert_eq!(phone.bodies(&chat), ["first of hello"]);
    phone.requests();
    stage.wait(60_000);
    let quiet = |request: &Request| matches!(request, Request::Head | Request::Count { .. });
    let asked = phone.requests();
    assert!(asked.iter().all(quiet), "and then all is quiet: {asked:?}");
}

#[test]
pub(crate) fn a_new_device_finds_records_that_outlived_their_head() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    laptop.disconnects();
    stage.world().behead();
    let phone = stage.device();
    phone.picks_theme("dark");
    stage.settle();
    assert_eq!(phone.title(&chat), "hello");
    phone.opens(&chat);
    laptop.connects();
    stage.settle();
    stage.all_agree();
}

#[test]
fn a_new_device_that_has_nothing_to_send_finds_records_that_outlived_their_head() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    laptop.disconnects();
    stage.world().behead();
    let phone = stage.device();
    stage.settle();
    assert_eq!(phone.title(&chat), "hello");
    assert!(stage.head_seq() > 0, "who finds them makes the head anew");
}

/// Else whoever knew of no head would wait for one until somebody writes.
#[test]
fn a_head_that_is_gone_is_made_anew_even_if_nothing_waits() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    stage.settle();
    phone.goes_offline();
    let chat = laptop.starts_chat("hello");
    stage.settle();
    stage.world().behead();
    stage.settle();
    phone.comes_online();
    stage.settle();
    assert_eq!(phone.title(&chat), "hello");
}

#[test]
fn an_acknowledgement_from_before_the_server_was_wiped_clears_nothing() {
    let stage = Stage::new();
    let laptop = stage.device();
    let other = laptop.second_tab();
    let chat = laptop.starts_chat("hello");
    stage.settle();
    stage.next_commit(Fate::AnswerLate(15_000));
    laptop.says(&chat, "in flight");
    stage.wait(1_500);
    stage.world().wipe();
    other.signals(muse_chat::sync::Signal::TryNow);
    stage.wait(60_000);
    stage.all_agree();
    let phone = stage.device();
    phone.opens(&chat);
    stage.settle();
    assert_eq!(phone.bodies(&chat), ["first of hello", "in flight"]);
}

#[test]
fn joining_another_space_unites_what_is_here_with_what_is_there() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    phone.joins_the_other_space();
    stage.settle();
    let here = laptop.starts_chat("in the first");
    let there = phone.starts_chat("in the second");
    stage.settle();
    assert_eq!(laptop.title(&there), "");
    laptop.joins_the_other_space();
    stage.settle();
    assert_eq!(laptop.title(&there), "in the second");
    assert_eq!(phone.title(&here), "in the first");
}

#[test]
fn a_tab_whose_rows_joined_another_space_stops_and_sends_nothing_more() {
    let stage = Stage::new();
    let laptop = stage.device();
    let other = laptop.second_tab();
    laptop.starts_chat("hello");
    stage.settle();
    let first = stage.commits();
    laptop.joins_the_other_space();
    // the other tab is not told, and finds out by itself; the simulation then connects it again
    stage.wait(900);
    laptop.events();
    let seen: Vec<Event> = std::iter::from_fn(|| {
        stage.wait(5_000);
        Some(laptop.events())
    })
    .take(4)
    .flatten()
    .collect();
    assert!(seen.contains(&Event::Moved), "{seen:?}");
    stage.settle();
    assert!(other.is_synced());
    assert_eq!(stage.commits(), first + 1, "only into the new space");
}

#[test]
fn a_tab_killed_at_any_step_of_a_push_sends_once_and_loses_nothing() {
    for at_ms in (0..2_000).step_by(23) {
        let stage = Stage::new();
        let laptop = stage.device();
        let chat = laptop.starts_chat("hello");
        laptop.exchanges(&chat, "what?", "that.");
        stage.wait(at_ms);
        laptop.is_killed();
        stage.settle();
        stage.all_agree();
        assert!(laptop.is_synced());
        assert_eq!(laptop.bodies(&chat).len(), 3, "killed after {at_ms} ms");
        assert!(stage.commits() <= 2);
    }
}

#[test]
fn a_tombstone_is_not_undone_by_a_refilled_server() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_open_on_both();
    let keys = stage.world().devices[laptop.device].keys(&Key::messages_of(&chat));
    laptop.runs(Tx::Write(keys.into_iter().map(muse_chat::sync::Edit::delete).collect()));
    stage.settle();
    stage.world().wipe();
    stage.settle();
    stage.all_agree();
    assert_eq!(phone.bodies(&chat), [""; 0]);
}

/// The head tells nothing: its log is shorter than what happened since.
#[test]
pub(crate) fn a_restore_long_ago_is_noticed_by_who_sends_a_record_it_took_back() {
    let stage = Stage::new();
    let (laptop, phone, chat, backup) = before_a_restore(&stage);
    laptop.picks_theme("lost to the backup");
    laptop.says(&chat, "lost too");
    stage.wait(2_000);
    laptop.goes_offline();
    stage.world().restore(&backup, Restore::AsItWas);
    write_past(&stage, &phone, &chat);
    laptop.picks_theme("made offline");
    laptop.comes_online();
    stage.wait(300_000);
    stage.all_agree();
    assert_eq!(phone.theme(), "made offline");
    assert!(phone.bodies(&chat).contains(&"lost too".to_owned()));
}

#[test]
pub(crate) fn a_restore_long_ago_is_noticed_by_who_reads_a_newer_record_that_lacks_what_was_there() {
    let stage = Stage::new();
    let (laptop, phone, chat, backup) = before_a_restore(&stage);
    laptop.renames(&chat, "lost to the backup");
    laptop.says(&chat, "lost too");
    stage.wait(2_000);
    laptop.goes_offline();
    stage.world().restore(&backup, Restore::AsItWas);
    write_past(&stage, &phone, &chat);
    laptop.comes_online();
    stage.wait(300_000);
    stage.all_agree();
    assert_eq!(phone.title(&chat), "lost to the backup");
    assert!(phone.bodies(&chat).contains(&"lost too".to_owned()));
}

fn before_a_restore(stage: &Stage) -> (Device, Device, Id, Server) {
    let (laptop, phone) = (stage.device(), stage.device());
    let chat = laptop.starts_chat("hello");
    laptop.picks_theme("dark");
    stage.settle();
    phone.opens(&chat);
    stage.settle();
    phone.goes_offline();
    let backup = stage.backup();
    (laptop, phone, chat, backup)
}

fn write_past(stage: &Stage, phone: &Device, chat: &Id) {
    phone.comes_online();
    for n in 0..80 {
        phone.says(chat, &format!("after {n}"));
        stage.wait(3_000);
    }
}

#[test]
fn comparing_everything_anew_blames_nobody_and_heals_what_was_missed() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    let chat = laptop.starts_chat("hello");
    laptop.picks_theme("dark");
    stage.settle();
    phone.opens(&chat);
    stage.settle();
    let commits = stage.commits();
    phone.compares_anew();
    stage.wait(10);
    assert!(matches!(phone.status(), muse_chat::sync::Status::Comparing { .. }), "{:?}", phone.status());
    stage.settle();
    assert!(phone.is_synced() && !phone.saw_a_reset() && !laptop.saw_a_reset());
    assert_eq!(stage.commits(), commits, "everything was equal, so nothing is sent");
    stage.all_agree();
    // a record that somebody took away in the console comes back
    let path = format!("users/{}/config/settings", stage.world().spaces[0].as_str());
    stage.world().server.docs.remove(&path);
    stage.settle();
    assert!(!stage.is_on_server(&Key::Settings));
    phone.compares_anew();
    stage.settle();
    assert!(stage.is_on_server(&Key::Settings));
    stage.all_agree();
}
