//! Shows that the tests notice mistakes: each one of `muse_chat::sync::planted` is planted, and
//! must be noticed by the judge within some seeds, or by a sentence of `tests/it/spec.rs`.
//!
//! `BUG=Name` runs one of them, up to `SEEDS`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use muse_chat::sync::planted::{Bug, plant, planted};
use muse_chat::sync::{Clock, Now, Record, Register, Stamp};

use super::{number, run, threads};
use crate::spec::{clocks, conflicts, disasters, rare, scopes, storage};

type Sentence = fn();

/// Mistakes that need circumstances too rare for some hundred seeds; a sentence has them.
const SENTENCES: &[(Bug, Sentence)] = &[
    (Bug::TiesKeepOurs, joins_commute),
    (Bug::SoftStampsAreSent, clocks::a_clock_ten_years_ahead_does_not_win_over_later_edits),
    (Bug::FloorForgotten, a_moved_stamp_stays_above_its_floor),
    (Bug::BumpNeedsTheChat, conflicts::messages_flow_past_a_chat_that_is_refused),
    (Bug::FutureIsBelieved, the_future_moves_no_clock),
    (Bug::FailedStoreIsBelieved, storage::a_failing_disk_is_explained_and_nothing_is_acknowledged),
    (Bug::NoSuccessor, clocks::an_edit_always_beats_what_the_user_saw_when_making_it),
    (Bug::CapAtTheEnd, rare::a_tab_that_sends_on_a_head_which_another_tab_read_skips_nothing),
    (Bug::HeadIsWrittenBlindly, conflicts::whoever_loses_a_race_pulls_and_tries_again),
    (
        Bug::RecordsAreWrittenBlindly,
        disasters::a_restore_long_ago_is_noticed_by_who_sends_a_record_it_took_back,
    ),
    (Bug::AckAdvancesAlways, rare::a_tab_that_sends_on_a_head_which_another_tab_read_skips_nothing),
    (Bug::AckAdvancesBehind, rare::writing_into_a_chat_that_was_not_fetched_skips_none_of_its_messages),
    (Bug::BumpIsNeverBase, conflicts::a_chat_that_was_only_bumped_can_be_renamed_without_a_conflict),
    (Bug::RefusedIsSetAside, conflicts::one_refusal_without_a_reason_sets_nothing_aside),
    (
        Bug::SleepIsNotNoticed,
        clocks::an_edit_made_right_after_waking_up_is_not_taken_for_one_of_before_the_sleep,
    ),
    (Bug::AbsenceIsTrusted, rare::a_restore_long_ago_that_nobody_noticed_shows_in_the_newest_document),
    (Bug::LeftoversStay, disasters::a_backup_imported_over_newer_documents_is_noticed_once),
    (Bug::EpochIgnored, rare::a_space_made_anew_long_ago_is_noticed_by_its_epoch),
    (
        Bug::GenerationIgnored,
        rare::a_restore_long_ago_is_noticed_by_the_generation_that_another_device_raised,
    ),
    (Bug::LogIgnored, disasters::a_restored_server_that_others_have_written_past_is_noticed),
    (Bug::SeenIgnored, rare::a_document_above_the_head_shows_that_the_head_was_restored),
    (
        Bug::LackIgnored,
        disasters::a_restore_long_ago_is_noticed_by_who_reads_a_newer_record_that_lacks_what_was_there,
    ),
    (
        Bug::HeadIsComparedLate,
        rare::a_head_answered_late_is_compared_with_what_was_known_when_it_was_asked_for,
    ),
    (Bug::NewerRecordIsWritten, scopes::a_record_of_a_newer_build_is_carried_and_never_written),
    (Bug::ProjectIgnored, scopes::the_same_space_in_another_project_is_another_space),
    (Bug::TornRowNotFetchedAgain, storage::a_torn_row_is_set_aside_and_fetched_again),
    (Bug::StaleRoundGoesOn, storage::a_page_asked_for_before_a_reset_moves_no_cursor_after_it),
    (Bug::AckOutOfLine, rare::an_acknowledgement_of_a_commit_that_was_undone_clears_nothing),
    (Bug::HeadStartsAtOne, disasters::a_new_device_finds_records_that_outlived_their_head),
];

/// Mistakes that turned out to do no harm, and why.
const HARMLESS: &[(Bug, &str)] = &[
    (Bug::OlderDocumentIsNews, "the old base costs one refused commit, and what is refused is read again"),
    (
        Bug::OneNodeForAll,
        "equal stamps are decided by the values, the same way everywhere (see TiesKeepOurs)",
    ),
    (Bug::PageBoundedByHead, "what moved past the head comes in the next round; its cursor stays below it"),
    (Bug::PendingIsNotFollowed, "writing into a chat follows it, and a refused batch is read with its chats"),
    (
        Bug::BumpIsAlwaysBase,
        "where it would be wrong the cursor did not move, and chats are pulled before the next commit",
    ),
    (
        Bug::OldHeadIsBuiltOn,
        "the next head is compared with the same document (see SeenIgnored): a useless commit",
    ),
    (Bug::NoPause, "other devices wait longer for their turn, and lose nothing"),
];

fn joins_commute() {
    let record = |value: &str| {
        let register = Register { value: value.into(), stamp: Stamp::new(1, 0, 1) };
        Record { fields: [("a".to_owned(), register)].into(), ..Record::default() }
    };
    let (mut one, mut other) = (record("a"), record("b"));
    one.join(&record("b"));
    other.join(&record("a"));
    assert_eq!(one, other);
}

fn a_moved_stamp_stays_above_its_floor() {
    let now = |wall_ms| Now { wall_ms, instant_ms: 0 };
    let mut clock = Clock::new(1, 0);
    let soft = clock.tick(None, now(90_000_000));
    clock.anchor(50_000_000, now(90_000_000), now(90_000_000));
    let floor = Stamp::new(60_000_000, 0, 9);
    let hard = clock.harden(soft, 0, Some(floor), now(90_000_000));
    assert!(hard.is_some_and(|hard| hard > floor));
}

fn the_future_moves_no_clock() {
    let now = Now { wall_ms: 1_000_000, instant_ms: 0 };
    let mut clock = Clock::new(1, 0);
    clock.receive(Stamp::new(9_000_000_000_000, 0, 2), now);
    assert!(clock.tick(None, now).ms() < 2_000_000);
}

/// How a mistake was noticed.
struct Notice {
    bug: Bug,
    by: Option<String>,
    seeds: u64,
}

fn is_planted() -> bool {
    Bug::ALL.iter().any(|bug| planted(*bug))
}

/// A panic is one of the ways of noticing, and then nothing to be printed.
fn be_quiet_about_planted_ones() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !is_planted() {
            usual(panic);
        }
    }));
}

fn with<T>(bug: Bug, act: impl FnOnce() -> T) -> std::thread::Result<T> {
    plant(Some(bug));
    let result = catch_unwind(AssertUnwindSafe(act));
    plant(None);
    result
}

fn notice(bug: Bug, seeds: u64) -> Notice {
    if let Some((_, sentence)) = SENTENCES.iter().find(|(of, _)| *of == bug) {
        let by = with(bug, sentence).is_err().then(|| "a sentence".to_owned());
        return Notice { bug, by, seeds: 0 };
    }
    for seed in 1..=seeds {
        let by = match with(bug, || run(seed, false)) {
            Ok(Ok(_)) => continue,
            Ok(Err(broken)) => broken,
            Err(_) => "a panic".to_owned(),
        };
        return Notice { bug, by: Some(by), seeds: seed };
    }
    Notice { bug, by: None, seeds }
}

#[test]
fn every_planted_mistake_is_noticed() {
    be_quiet_about_planted_ones();
    let only = std::env::var("BUG").ok();
    let wanted = |bug: &&Bug| only.as_ref().is_none_or(|only| format!("{bug:?}") == *only);
    let bugs: Vec<Bug> = Bug::ALL.iter().filter(wanted).copied().collect();
    let seeds = number("PLANTED_SEEDS", 300);
    let (next, notices) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads() {
            scope.spawn(|| {
                while let Some(bug) = bugs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let harmless = HARMLESS.iter().any(|(of, _)| of == bug);
                    let found = notice(*bug, if harmless { seeds / 10 } else { seeds });
                    notices.lock().unwrap().push(found);
                }
            });
        }
    });
    let mut notices = notices.into_inner().unwrap();
    notices.sort_by_key(|notice| Bug::ALL.iter().position(|bug| *bug == notice.bug));
    let mut missed = Vec::new();
    let (mut by_seeds, mut by_sentence) = (0, 0);
    for Notice { bug, by, seeds } in notices {
        let harmless = HARMLESS.iter().find(|(of, _)| *of == bug).map(|(_, why)| *why);
        let name = format!("{bug:?}");
        match (by, harmless) {
            (Some(_), None) if seeds == 0 => {
                by_sentence += 1;
                println!("{name:26} a sentence");
            }
            (Some(by), None) => {
                by_seeds += 1;
                println!("{name:26} {seeds:>3} seeds   {by:.100}");
            }
            (None, Some(why)) => println!("{name:26} harmless    {why}"),
            (by, _) => missed.push(format!("{name} {by:?}")),
        }
    }
    println!("{by_seeds} noticed by the judge, {by_sentence} by a sentence, {} harmless", HARMLESS.len());
    assert!(missed.is_empty(), "not as expected after {seeds} seeds:\n{}", missed.join("\n"));
}
