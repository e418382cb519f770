use muse_chat::sync::{FeedId, Key, Limits, Request};

use super::Stage;
use crate::sim::Fate;

#[test]
fn one_exchange_is_one_commit_with_the_head_two_messages_and_one_bump() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    laptop.requests();
    laptop.exchanges(&chat, "what?", "that.");
    stage.wait(3_000);
    let commits = laptop.last_commits();
    assert_eq!(commits.len(), 1);
    assert_eq!((commits[0].writes.len(), commits[0].bumps.len()), (2, 1));
}

#[test]
fn a_new_chat_carries_its_own_bump() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.starts_chat("hello");
    stage.settle();
    let commits = laptop.last_commits();
    assert_eq!(commits.len(), 1);
    assert_eq!((commits[0].writes.len(), commits[0].bumps.len()), (2, 0));
}

#[test]
fn an_idle_poll_is_one_request_and_writes_nothing_to_the_disk() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.starts_chat("hello");
    stage.wait(600_000);
    laptop.requests();
    let before = stage.world().devices[laptop.device].store.rows().clone();
    stage.wait(600_000);
    let requests = laptop.requests();
    assert!((9..=11).contains(&requests.len()), "one a minute, not {}", requests.len());
    assert!(requests.iter().all(|request| *request == Request::Head));
    assert_eq!(*stage.world().devices[laptop.device].store.rows(), before);
}

#[test]
fn what_one_device_sends_costs_the_other_three_requests() {
    let (stage, laptop, phone, chat) = Stage::with_a_chat_on_one_of_two();
    phone.opens(&chat);
    stage.wait(20_000);
    laptop.exchanges(&chat, "what?", "that.");
    stage.wait(1_000);
    phone.requests();
    stage.wait(15_000);
    let requests = phone.requests();
    let pages: Vec<&Request> = requests.iter().filter(|request| **request != Request::Head).collect();
    assert_eq!(pages.len(), 2, "{pages:?}");
    assert_eq!(phone.bodies(&chat).len(), 3);
}

#[test]
fn settings_are_only_asked_for_when_they_changed() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    let config = |requests: Vec<Request>| {
        requests.iter().filter(|r| matches!(r, Request::Page { feed: FeedId::Config, .. })).count()
    };
    let chat = laptop.starts_chat("hello");
    stage.settle();
    phone.requests();
    laptop.says(&chat, "more");
    stage.settle();
    assert_eq!(config(phone.requests()), 0);
    laptop.picks_theme("dark");
    stage.settle();
    assert_eq!(config(phone.requests()), 1);
    assert_eq!(phone.theme(), "dark");
}

#[test]
fn a_new_device_shows_its_chats_after_three_requests_however_many_messages_there_are() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chats: Vec<_> = (0..30).map(|n| laptop.starts_chat(&format!("chat {n}"))).collect();
    stage.wait(300_000);
    let phone = stage.new_device(Limits { backfill: 0, ..Limits::default() });
    phone.connects();
    stage.wait(3_000);
    let requests = phone.requests();
    assert_eq!(requests.len(), 3, "{requests:?}");
    assert!(chats.iter().all(|chat| !phone.title(chat).is_empty()));
    phone.opens(&chats[3]);
    stage.wait(3_000);
    assert_eq!(phone.requests().len(), 2, "the head and one page");
    assert_eq!(phone.bodies(&chats[3]).len(), 1);
}

#[test]
fn chats_never_opened_are_fetched_in_idle_time_until_the_budget_is_used_up() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chats: Vec<_> = (0..10).map(|n| laptop.starts_chat(&format!("chat {n}"))).collect();
    stage.wait(60_000);
    let phone = stage.device_with(Limits { backfill: 4, ..Limits::default() });
    stage.wait(60_000);
    assert_eq!(chats.iter().filter(|chat| !phone.bodies(chat).is_empty()).count(), 4);
}

#[test]
fn a_large_offline_backlog_goes_in_full_batches() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    laptop.goes_offline();
    (0..200).for_each(|n| drop(laptop.says(&chat, &format!("message {n}"))));
    stage.wait(30_000);
    laptop.requests();
    laptop.comes_online();
    stage.settle();
    assert_eq!(laptop.last_commits().len(), 4);
    stage.all_agree();
}

#[test]
fn an_unreachable_server_is_asked_at_most_sixty_times_an_hour() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.goes_offline();
    laptop.starts_chat("hello");
    stage.wait(600_000);
    laptop.requests();
    stage.wait(3_600_000);
    let asked = laptop.requests().len();
    assert!((40..=75).contains(&asked), "about sixty, at random; not {asked}");
}

#[test]
fn a_server_that_can_be_read_but_takes_nothing_is_not_hammered() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.starts_chat("hello");
    (0..10_000).for_each(|_| stage.next_commit(Fate::Lost));
    stage.wait(600_000);
    laptop.requests();
    stage.wait(3_600_000);
    let commits = laptop.last_commits().len();
    assert!(commits <= 75, "{commits} commits an hour");
    assert!(!laptop.is_synced());
}

#[test]
fn a_row_larger_than_a_document_stays_here_and_says_so_without_a_request() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    laptop.requests();
    let key = laptop.says(&chat, &"x".repeat(1_000_000));
    stage.settle();
    assert!(laptop.is_quarantined(&key));
    assert_eq!(laptop.last_commits(), []);
    laptop.says(&chat, "small");
    stage.settle();
    assert!(!stage.is_on_server(&key));
    assert!(!laptop.waits(&Key::Chat(chat)));
}
