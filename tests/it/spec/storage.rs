use muse_chat::store::{Fault, Memory, StoreError};
use muse_chat::sync::{
    Attention, Clock, Edit, Engine, Event, FeedId, Key, Limits, Now, Request, Response, Row, Secret, Status,
    Tx, TxOutcome, Wish,
};

use super::{Device, Stage};
use crate::sim::Fate;

#[test]
pub(crate) fn a_torn_row_is_set_aside_and_fetched_again() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_chat("hello");
    let message = laptop.says(&chat, "more");
    laptop.picks_theme("dark");
    stage.settle();
    for key in [Key::Settings, Key::Chat(chat.clone()), message] {
        laptop.tears(&key.row_key());
        laptop.events();
        // how a reader of the page reports it
        laptop.runs(Tx::Release(vec![key.clone()]));
        stage.settle();
        let reported = laptop.events().contains(&Event::Corrupt(vec![key.row_key()]));
        assert!(reported && laptop.row(&key).is_some(), "{key:?}");
    }
    assert_eq!(laptop.bodies(&chat), ["first of hello", "more"]);
    assert!(stage.world().devices[laptop.device].store.rows().contains_key("x/a/settings"));
    stage.all_agree();
}

#[test]
fn a_row_torn_while_its_commit_is_under_way_is_fetched_again() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    let message = laptop.says(&chat, "more");
    stage.wait(600);
    laptop.tears(&message.row_key());
    stage.settle();
    let phone = stage.device();
    phone.opens(&chat);
    stage.settle();
    assert_eq!(laptop.bodies(&chat), phone.bodies(&chat));
}

#[test]
fn torn_notes_about_the_server_cost_a_new_comparison_and_nothing_else() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    laptop.tears("y/meta");
    laptop.says(&chat, "more");
    stage.settle();
    stage.all_agree();
    assert!(laptop.is_synced());
}

#[test]
pub(crate) fn a_failing_disk_is_explained_and_nothing_is_acknowledged() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.starts_chat("hello");
    let store = stage.world().devices[laptop.device].store.clone();
    store.fail_next(3, Fault::After, &StoreError::Full);
    stage.wait(1_000);
    let said = matches!(laptop.status(), Status::Attention { reason: Attention::Storage(_), .. });
    assert!(said, "{:?}", laptop.status());
    stage.wait(120_000);
    assert!(laptop.is_synced());
    stage.all_agree();
}

#[test]
fn a_disk_that_fails_at_the_very_start_lets_nothing_be_sent_to_the_wrong_space() {
    let stage = Stage::new();
    let laptop = stage.device();
    laptop.starts_chat("hello");
    stage.settle();
    let store = stage.world().devices[laptop.device].store.clone();
    store.fail_next(1, Fault::Before, &StoreError::Lost);
    laptop.requests();
    laptop.joins_the_other_space();
    stage.settle();
    assert!(laptop.is_synced());
    let world = stage.world();
    assert_eq!(world.server.head_seq(world.spaces[1].as_str()), 1);
}

/// One engine, driven by hand.
struct Bench {
    engine: Engine,
    store: Memory,
    now: Now,
}

impl Bench {
    fn new() -> Self {
        let engine = Engine::new(Clock::new(1, 0), "device", 1, Limits::default());
        Self { engine, store: Memory::new(), now: Now { wall_ms: 1_764_000_000_000, instant_ms: 1 } }
    }

    fn apply(&mut self, tx: &Tx) -> TxOutcome {
        let (engine, now) = (&mut self.engine, self.now);
        self.store.transact_now(&tx.scope(), |table| engine.apply(tx, table, now)).unwrap()
    }

    fn wish(&mut self) -> Wish {
        self.engine.poll_wish().expect("a wish")
    }

    /// Answers reads of the head until a transaction is wished that `stop` likes.
    fn until(&mut self, stop: impl Fn(&Tx) -> bool) -> (u64, Tx) {
        loop {
            match self.wish() {
                Wish::Send { id, request: Request::Head } => {
                    let answer = Response::Head { head: None, read_ms: self.now.wall_ms };
                    self.engine.handle_answer(id, Ok(answer), self.now);
                }
                Wish::Send { request, .. } => panic!("{request:?}"),
                Wish::Store { id, tx } if stop(&tx) => return (id, tx),
                Wish::Store { id, tx } => {
                    let outcome = self.apply(&tx);
                    self.engine.handle_stored(id, Ok(outcome), self.now);
                }
            }
        }
    }
}

#[test]
fn ends_of_transactions_may_be_told_in_another_order_than_they_happened() {
    let mut bench = Bench::new();
    bench.engine.connect(Secret::new([1; 20]).space(), bench.now);
    let (id, plan) = bench.until(|tx| matches!(tx, Tx::Plan { .. }));
    // the outbox is listed, then the user writes, and the ends are told the other way round
    let listed = bench.apply(&plan);
    let written = bench.apply(&Tx::Write(vec![Edit::set(Key::Settings, [("theme", "dark".into())])]));
    bench.engine.handle_written(&written, bench.now);
    bench.engine.handle_stored(id, Ok(listed), bench.now);
    assert_eq!(bench.engine.status().pending(), 1);
}

#[test]
pub(crate) fn a_page_asked_for_before_a_reset_moves_no_cursor_after_it() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_chat("hello");
    let message = laptop.says(&chat, "more");
    stage.settle();
    let phone = stage.device();
    phone.opens(&chat);
    stage.settle();
    // the news are long on their way, while a torn row makes that feed begin anew
    let messages = |request: &Request| matches!(request, Request::Page { feed: FeedId::Messages(_), .. });
    stage.next_where(messages, Fate::AnswerLate(9_000));
    laptop.says(&chat, "news");
    stage.wait(8_000);
    phone.tears(&message.row_key());
    phone.runs(Tx::Release(vec![message]));
    stage.settle();
    stage.all_agree();
    assert_eq!(phone.bodies(&chat).len(), 3);
}

/// The rows of a device that kept them in another place.
fn rows_of(stage: &Stage, device: &Device) -> Vec<(Key, Row)> {
    stage.world().devices[device.device]
        .rows()
        .into_iter()
        .map(|(key, row)| (key, Row::clone(&row)))
        .collect()
}

#[test]
fn rows_that_were_kept_elsewhere_are_joined_and_sent_and_what_is_local_stays_so() {
    let stage = Stage::new();
    let laptop = stage.device();
    let chat = laptop.starts_chat("before");
    stage.settle();
    // while the database does not work, the same browser keeps rows elsewhere
    let fallback = stage.new_device(Limits::default());
    let made = fallback.starts_chat("made meanwhile");
    let secret = fallback.starts_local_chat("secret");
    fallback.renames(&chat, "after");
    stage.settle();
    let rows = rows_of(&stage, &fallback);
    stage.world().devices.pop();
    laptop.runs(Tx::Adopt(rows));
    stage.settle();
    assert!(laptop.is_synced(), "{:?}", laptop.status());
    assert_eq!(laptop.title(&chat), "after");
    assert_eq!(laptop.bodies(&made).len(), 1);
    assert!(stage.is_on_server(&Key::Chat(made)) && !stage.is_on_server(&Key::Chat(secret.clone())));
    assert_eq!(laptop.bodies(&secret).len(), 1);
    stage.all_agree();
}

#[test]
fn how_far_a_chat_was_fetched_elsewhere_is_not_believed() {
    let (stage, laptop, chat) = Stage::with_a_chat();
    let phone = stage.new_device(Limits { backfill: 0, ..Limits::default() });
    let only_the_chat = rows_of(&stage, &laptop).into_iter().filter(|(key, _)| matches!(key, Key::Chat(_)));
    phone.runs(Tx::Adopt(only_the_chat.collect()));
    stage.wait(1_000);
    phone.connects();
    stage.settle();
    phone.opens(&chat);
    stage.settle();
    assert_eq!(phone.bodies(&chat), laptop.bodies(&chat));
    stage.all_agree();
}
