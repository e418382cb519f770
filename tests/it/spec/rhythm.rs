use muse_chat::sync::{Attention, Request, Signal, Status};

use super::{Device, Stage};
use crate::sim::Fate;

fn reason(device: &Device) -> Option<Attention> {
    match device.status() {
        Status::Attention { reason, .. } => Some(reason),
        Status::Off
        | Status::Synced { .. }
        | Status::Syncing { .. }
        | Status::Comparing { .. }
        | Status::Offline { .. } => None,
    }
}

#[test]
fn a_hidden_page_does_not_poll_and_looks_at_once_when_it_is_seen_again() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.signals(Signal::Hidden);
    stage.wait(20_000);
    laptop.requests();
    stage.wait(3_600_000);
    assert_eq!(laptop.requests(), []);
    laptop.signals(Signal::Visible);
    stage.wait(1_000);
    assert_eq!(laptop.requests(), [Request::Head]);
}

#[test]
fn a_hidden_page_still_sends_what_the_user_made() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.signals(Signal::Hidden);
    laptop.starts_chat("hello");
    stage.settle();
    assert_eq!(stage.commits(), 1);
}

#[test]
fn a_hidden_page_with_nothing_to_send_does_not_try_a_dead_server_again() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.goes_offline();
    laptop.signals(Signal::TryNow);
    laptop.signals(Signal::Hidden);
    stage.wait(120_000);
    laptop.requests();
    stage.wait(3_600_000);
    assert_eq!(laptop.requests(), []);
}

#[test]
fn a_page_connected_while_it_is_hidden_stays_quiet() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.signals(Signal::Hidden);
    laptop.connects();
    stage.wait(20_000);
    laptop.requests();
    stage.wait(600_000);
    assert_eq!(laptop.requests(), []);
}

#[test]
fn polls_are_brisk_while_the_user_is_active_and_slow_later() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.signals(Signal::Active);
    stage.wait(5_000);
    laptop.requests();
    let polls = |ms: u64| {
        stage.wait(ms);
        laptop.requests().len()
    };
    let brisk = polls(50_000);
    let visible = polls(240_000);
    polls(60_000);
    let idle = polls(600_000);
    assert!((8..=11).contains(&brisk), "{brisk}");
    assert!((14..=18).contains(&visible), "{visible}");
    assert!((9..=11).contains(&idle), "{idle}");
}

#[test]
fn failures_wait_longer_and_longer_until_the_user_asks_to_try_now() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.goes_offline();
    laptop.starts_chat("hello");
    stage.wait(600_000);
    laptop.requests();
    stage.wait(120_000);
    assert!(laptop.requests().len() <= 5);
    let Status::Offline { pending: 2, retry_at_ms: Some(_) } = laptop.status() else {
        panic!("{:?}", laptop.status());
    };
    laptop.comes_online();
    stage.wait(3_000);
    assert!(laptop.is_synced());
}

#[test]
fn told_to_slow_down_it_does_and_says_so() {
    let stage = Stage::new();
    let laptop = stage.device();
    stage.next_request(Fate::Refused(429));
    laptop.signals(Signal::TryNow);
    stage.wait(1_000);
    laptop.requests();
    assert_eq!(reason(&laptop), Some(Attention::Busy));
    stage.wait(25_000);
    assert_eq!(laptop.requests(), []);
    stage.wait(90_000);
    assert!(laptop.is_synced());
}

#[test]
fn an_answer_given_twice_counts_once() {
    let stage = Stage::new();
    let laptop = stage.device();
    stage.next_request(Fate::Refused(429));
    laptop.signals(Signal::TryNow);
    // the simulated driver reports a time-out for every request after 20 s, answered or not
    stage.wait(22_000);
    assert_eq!(reason(&laptop), Some(Attention::Busy));
}

#[test]
fn five_answers_in_a_row_that_are_not_firestores_are_explained() {
    let stage = Stage::new();
    let laptop = stage.device();
    (0..50).for_each(|_| stage.next_request(Fate::Refused(200)));
    laptop.signals(Signal::TryNow);
    for _ in 0..4 {
        stage.wait(2_000);
        laptop.signals(Signal::TryNow);
    }
    stage.wait(1_000);
    assert_eq!(reason(&laptop), Some(Attention::Intermediary));
    stage.world().fates.clear();
    stage.wait(120_000);
    assert!(laptop.is_synced());
}

#[test]
fn refused_credentials_are_shown_until_they_are_accepted() {
    let stage = Stage::new();
    let laptop = stage.device();
    (0..3).for_each(|_| stage.next_request(Fate::Refused(401)));
    laptop.signals(Signal::TryNow);
    stage.wait(1_000);
    assert_eq!(reason(&laptop), Some(Attention::SignedOut));
    laptop.signals(Signal::TryNow);
    stage.wait(20);
    assert_eq!(reason(&laptop), Some(Attention::SignedOut), "also while it is tried again");
    stage.wait(300_000);
    assert!(laptop.is_synced());
}

#[test]
fn it_never_says_synced_while_something_waits() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_chat("hello");
    for n in 0..200 {
        let key = laptop.says(&chat, &format!("message {n}"));
        // looked at in every event of the simulation, see `look_at_status`
        stage.wait(n * 7 % 1_300);
        stage.wait(10);
        assert!(!(laptop.waits(&key) && laptop.is_synced()));
    }
}

#[test]
fn a_change_in_one_tab_is_sent_by_the_other_when_it_is_told() {
    let stage = Stage::new();
    let laptop = stage.device();
    let other = laptop.second_tab();
    laptop.disconnects();
    laptop.starts_chat("hello");
    stage.settle();
    assert_eq!(stage.commits(), 1);
    assert!(other.is_synced());
}
