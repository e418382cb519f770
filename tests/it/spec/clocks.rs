use muse_chat::sync::{Key, Signal};

use super::{Device, Stage};
use crate::sim::Fate;

const HOUR_MS: u64 = 3_600_000;
const YEAR_MS: i64 = 365 * 24 * 3_600_000;

#[test]
pub(crate) fn a_clock_ten_years_ahead_does_not_win_over_later_edits() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.new_device(muse_chat::sync::Limits::default()));
    phone.clock_is_off_by(10 * YEAR_MS);
    phone.picks_theme("from the future");
    stage.wait(180_000);
    laptop.picks_theme("later");
    stage.settle();
    phone.connects();
    stage.settle();
    stage.all_agree();
    assert_eq!(phone.theme(), "later");
}

#[test]
fn a_clock_ten_years_behind_does_not_lose_to_earlier_edits() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.new_device(muse_chat::sync::Limits::default()));
    laptop.picks_theme("earlier");
    stage.wait(180_000);
    phone.clock_is_off_by(-10 * YEAR_MS);
    phone.picks_theme("later");
    phone.connects();
    stage.settle();
    stage.all_agree();
    assert_eq!(laptop.theme(), "later");
}

#[test]
fn a_clock_set_right_before_the_server_was_heard_of_leaves_no_stamp_in_the_future() {
    let stage = Stage::new();
    let laptop = stage.new_device(muse_chat::sync::Limits::default());
    laptop.clock_is_off_by(YEAR_MS);
    laptop.picks_theme("dark");
    laptop.clock_is_off_by(0);
    laptop.connects();
    stage.settle();
    laptop.picks_theme("light");
    stage.settle();
    stage.all_agree();
    assert!(!laptop.is_quarantined(&Key::Settings));
}

#[test]
fn the_first_edits_after_a_wrong_clock_was_found_out_are_not_refused() {
    let stage = Stage::new();
    let laptop = stage.new_device(muse_chat::sync::Limits::default());
    laptop.clock_is_off_by(YEAR_MS);
    let chat = laptop.starts_chat("hello");
    laptop.connects();
    stage.settle();
    let message = laptop.says(&chat, "of today");
    stage.settle();
    assert!(stage.is_on_server(&message) && laptop.is_synced());
}

#[test]
pub(crate) fn an_edit_always_beats_what_the_user_saw_when_making_it() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    for (n, off) in [0, -10 * YEAR_MS, 10 * YEAR_MS, 100_000, -100_000].into_iter().enumerate() {
        laptop.picks_theme(&format!("seen {n}"));
        stage.settle();
        phone.clock_is_off_by(off);
        phone.is_killed();
        phone.goes_offline();
        stage.wait(1_000);
        phone.picks_theme(&format!("made {n}"));
        phone.comes_online();
        stage.settle();
        assert_eq!(laptop.theme(), format!("made {n}"));
    }
    stage.all_agree();
}

#[test]
fn what_was_learned_of_the_clock_is_remembered_for_the_next_visit() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.clock_is_off_by(2 * YEAR_MS);
    stage.settle();
    laptop.is_killed();
    laptop.goes_offline();
    laptop.picks_theme("dark");
    let stamp = laptop.row(&Key::Settings).unwrap().record.fields["theme"].stamp;
    let now_ms = stage.world().true_ms();
    assert!(stamp.ms().abs_diff(now_ms) < 60_000, "{} at {now_ms}", stamp.ms());
}

/// An edit of a laptop that is offline, over an older one of the phone.
fn what_is_picked_now_wins(stage: &Stage, laptop: &Device, phone: &Device) {
    stage.wait(180_000);
    laptop.picks_theme("later");
    laptop.comes_online();
    stage.settle();
    stage.all_agree();
    assert_eq!(phone.theme(), "later");
}

#[test]
pub(crate) fn an_edit_made_right_after_waking_up_is_not_taken_for_one_of_before_the_sleep() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    laptop.goes_offline();
    stage.sleeps(8 * HOUR_MS);
    stage.settle();
    phone.picks_theme("in the morning");
    what_is_picked_now_wins(&stage, &laptop, &phone);
}

/// The answer was on its way when the computer fell asleep: it says what time it was, not what it is.
#[test]
fn an_answer_from_before_the_sleep_sets_no_clock() {
    let stage = Stage::new();
    let (laptop, phone) = (stage.device(), stage.device());
    phone.goes_offline();
    stage.next_request(Fate::AnswerLate(3_000));
    laptop.signals(Signal::TryNow);
    stage.wait(1_000);
    stage.sleeps(8 * HOUR_MS);
    phone.comes_online();
    stage.wait(1_500);
    phone.picks_theme("in the morning");
    laptop.goes_offline();
    what_is_picked_now_wins(&stage, &laptop, &phone);
}

#[test]
fn who_comes_back_after_a_month_with_a_clock_a_year_off_loses_nothing_and_overwrites_nothing_newer() {
    for off in [-YEAR_MS, YEAR_MS] {
        let (stage, laptop, phone, chat) = Stage::with_a_chat_open_on_both();
        phone.goes_offline();
        phone.says(&chat, "before the journey");
        phone.picks_theme("before the journey");
        stage.sleeps(15 * 24 * HOUR_MS);
        stage.settle();
        laptop.says(&chat, "meanwhile");
        laptop.picks_theme("meanwhile");
        laptop.renames(&chat, "meanwhile");
        stage.sleeps(15 * 24 * HOUR_MS);
        phone.clock_is_off_by(off);
        phone.is_killed();
        stage.wait(1_000);
        phone.says(&chat, "back");
        phone.renames(&chat, "back");
        phone.comes_online();
        stage.settle();
        stage.all_agree();
        assert_eq!(laptop.bodies(&chat), ["back", "before the journey", "first of hello", "meanwhile"]);
        assert_eq!((laptop.theme().as_str(), laptop.title(&chat).as_str()), ("meanwhile", "back"));
        assert!(phone.is_synced() && !phone.saw_a_reset());
    }
}
