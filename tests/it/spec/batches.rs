use muse_chat::sync::{Limits, Signal};

use super::Stage;

/// Messages that wait when the network comes back.
const WAITING: usize = 120;

#[test]
fn a_server_that_takes_only_small_commits_gets_small_ones_and_nothing_is_blamed() {
    for refusal in [(403, "PERMISSION_DENIED"), (400, "INVALID_ARGUMENT")] {
        let stage = Stage::new();
        let laptop = stage.device_with(Limits { records: 32, ..Limits::default() });
        let chat = laptop.starts_chat("hello");
        stage.settle();
        laptop.goes_offline();
        let keys: Vec<_> = (0..WAITING).map(|n| laptop.says(&chat, &format!("message {n}"))).collect();
        stage.wait(1_000);
        stage.world().server.takes = Some((6, refusal));
        laptop.last_commits();
        laptop.comes_online();
        stage.wait(300_000);
        assert!(keys.iter().all(|key| !laptop.is_quarantined(key)));
        assert!(laptop.is_synced());
        let sent: Vec<usize> = laptop.last_commits().iter().map(|commit| commit.writes.len()).collect();
        let refused = sent.iter().filter(|records| **records > 6).count();
        assert!(refused <= 6, "{refused} too large ones of {}: {sent:?}", sent.len());
        stage.all_agree();
    }
}

/// The user asks to try now, so long after an attempt at a server that does not answer began.
fn a_click_after_an_attempt(ms: u64) {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.goes_offline();
    laptop.starts_chat("hello");
    stage.wait(1_800_000);
    // the next attempt is far away when one has just been made
    laptop.requests();
    while laptop.requests().is_empty() {
        stage.wait(1);
    }
    stage.wait(ms);
    laptop.signals(Signal::TryNow);
    stage.wait(1_000);
    assert_eq!(laptop.requests().len(), 1, "at once");
    stage.wait(20_000);
    assert_eq!(laptop.requests().len(), 0, "and then not before half a minute");
}

#[test]
fn a_click_makes_one_attempt_at_once_and_the_long_wait_goes_on() {
    a_click_after_an_attempt(100);
}

#[test]
fn a_click_while_an_attempt_is_under_way_is_served_when_that_fails() {
    a_click_after_an_attempt(0);
}
