use muse_chat::sync::{Key, Limits, Role, Signal, Status};

use super::{Device, Stage};

/// Two tabs of one browser; the first leads.
fn two_tabs(stage: &Stage) -> (Device, Device) {
    let first = stage.new_device(Limits::default());
    stage.world().devices[first.device].locks = true;
    first.connects();
    stage.settle();
    let second = first.second_tab();
    assert_eq!((first.role(), second.role()), (Role::Leader, Role::Follower));
    (first, second)
}

fn freeze(stage: &Stage, tab: &Device) {
    let id = tab.id();
    stage.world().freeze(id, 3_600_000);
}

#[test]
fn a_follower_neither_polls_nor_sends_and_yet_all_is_synced() {
    let stage = Stage::new();
    let (first, second) = two_tabs(&stage);
    assert!(second.is_synced(), "{:?}", second.status());
    let chat = second.starts_chat("made in the second tab");
    stage.wait(3_000);
    assert!(stage.is_on_server(&Key::Chat(chat)));
    assert!(first.is_synced() && second.is_synced(), "{:?}", second.status());
    stage.wait(600_000);
    assert_eq!(second.tab_requests(), 0);
    stage.all_agree();
}

#[test]
fn a_follower_says_that_something_waits_at_once_and_that_it_is_sent_when_it_is() {
    let stage = Stage::new();
    let (_, second) = two_tabs(&stage);
    second.starts_chat("hello");
    stage.wait(10);
    assert_eq!(second.status(), Status::Syncing { pending: 2 });
    stage.wait(2_500);
    assert!(second.is_synced(), "{:?}", second.status());
}

#[test]
fn what_the_leader_cannot_send_the_follower_shows_as_waiting() {
    let stage = Stage::new();
    let (first, second) = two_tabs(&stage);
    first.goes_offline();
    second.starts_chat("hello");
    stage.wait(60_000);
    let Status::Offline { pending: 2, retry_at_ms: Some(_) } = second.status() else {
        panic!("{:?}", second.status());
    };
    assert_eq!(second.tab_requests(), 0);
}

#[test]
fn beside_a_frozen_leader_a_follower_syncs_itself_after_twenty_seconds() {
    let stage = Stage::new();
    let (first, second) = two_tabs(&stage);
    freeze(&stage, &first);
    second.starts_chat("hello");
    stage.wait(15_000);
    assert_eq!(stage.commits(), 0);
    stage.wait(25_000);
    assert_eq!(stage.commits(), 1);
    assert!(second.is_synced(), "{:?}", second.status());
    // and what others make arrives as well
    let phone = stage.device();
    let chat = phone.starts_chat("from the phone");
    stage.wait(60_000);
    assert_eq!(second.title(&chat), "from the phone");
}

#[test]
fn beside_a_frozen_leader_a_click_does_not_wait_so_long() {
    let stage = Stage::new();
    let (first, second) = two_tabs(&stage);
    freeze(&stage, &first);
    second.starts_chat("hello");
    second.signals(Signal::TryNow);
    stage.wait(4_000);
    assert_eq!(stage.commits(), 1);
}

#[test]
fn a_click_in_a_follower_makes_a_waiting_leader_try_at_once() {
    let stage = Stage::new();
    let (first, second) = two_tabs(&stage);
    first.goes_offline();
    second.starts_chat("hello");
    stage.wait(600_000);
    stage.world().devices[first.device].online = true;
    second.signals(Signal::TryNow);
    stage.wait(2_500);
    assert_eq!((stage.commits(), second.tab_requests()), (1, 0));
}

#[test]
fn the_lead_passes_on_when_its_tab_is_closed_or_paused() {
    let stage = Stage::new();
    let (first, second) = two_tabs(&stage);
    first.disconnects();
    stage.wait(1_000);
    assert_eq!(second.role(), Role::Leader);
    first.connects();
    stage.settle();
    second.is_killed();
    stage.wait(1_000);
    assert_eq!(first.role(), Role::Leader);
    let chat = second.starts_chat("after it was opened again");
    stage.settle();
    assert!(stage.is_on_server(&Key::Chat(chat)));
    assert_eq!(second.role(), Role::Follower);
}

#[test]
fn a_hidden_leader_gives_the_lead_to_a_tab_that_is_looked_at() {
    let stage = Stage::new();
    let (first, second) = two_tabs(&stage);
    second.signals(Signal::Hidden);
    stage.wait(60_000);
    assert_eq!(first.role(), Role::Leader);
    first.signals(Signal::Hidden);
    second.signals(Signal::Visible);
    stage.wait(500);
    assert_eq!((first.role(), second.role()), (Role::Follower, Role::Leader));
    stage.wait(60_000);
    assert!(second.is_synced());
}

#[test]
fn when_every_broadcast_is_lost_the_follower_still_syncs() {
    let stage = Stage::new();
    let (first, second) = two_tabs(&stage);
    stage.world().rates.deaf = 1_000;
    second.starts_chat("hello");
    stage.wait(60_000);
    assert_eq!(stage.commits(), 1);
    assert!(second.is_synced() && first.is_synced());
}

#[test]
fn without_web_locks_every_tab_does_its_own_work() {
    let stage = Stage::new();
    let first = stage.device();
    let second = first.second_tab();
    assert_eq!((first.role(), second.role()), (Role::Alone, Role::Alone));
    stage.wait(60_000);
    assert!(first.tab_requests() > 2 && second.tab_requests() > 2);
}
