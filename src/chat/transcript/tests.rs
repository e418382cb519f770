#![allow(clippy::unwrap_used)]

use super::*;
use crate::chat::{ChatDraft, NewMessage, Settings, Speaker, StopReason, Window, edits, next_reads, prompt};
use crate::sync::{Edit, Key, Register, Stamp, Value};

type Records = BTreeMap<Id, Record>;

fn id(text: &str) -> Id {
    format!("m00{text}").parse().unwrap()
}

fn chat() -> Id {
    "c000".parse().unwrap()
}

/// What a transaction does, as far as these tests need it.
fn write(records: &mut Records, edits: Vec<Edit>, ms: u64) {
    for edit in edits {
        let Key::Message(_, id) = edit.key else {
            continue;
        };
        let record = records.entry(id).or_default();
        let stamp = Stamp::new(ms, 0, 1);
        if edit.fields.contains_key("del") {
            for register in record.fields.values_mut() {
                *register = Register { value: Value::Null, stamp };
            }
        }
        for (name, value) in edit.fields {
            record.fields.insert(name, Register { value, stamp });
        }
    }
}

fn add(records: &mut Records, role: Role, name: &str, at_ms: u64, re: Option<&str>, edits: Option<&str>) {
    let message = NewMessage {
        re: re.map(id),
        edits: edits.map(id),
        role,
        ..NewMessage::question(id(name), name.to_owned(), at_ms, &Transcript::default())
    };
    write(records, vec![message.edit(&chat())], at_ms);
}

fn names(transcript: &Transcript) -> Vec<&str> {
    transcript.shown.iter().map(|shown| &*shown.message.body).collect()
}

fn of(records: &Records) -> Transcript {
    Transcript::from_records(records, &Chosen::default())
}

#[test]
fn a_conversation_reads_in_order_and_clocks_do_not_turn_it_around() {
    let mut records = Records::new();
    add(&mut records, Role::User, "q1", 100, None, None);
    add(&mut records, Role::Assistant, "a1", 50, Some("q1"), None);
    add(&mut records, Role::User, "q2", 10, Some("a1"), None);
    assert_eq!(names(&of(&records)), ["q1", "a1", "q2"]);
    // both devices went on from a1 while offline
    add(&mut records, Role::User, "q3", 11, Some("a1"), None);
    add(&mut records, Role::Assistant, "a2", 12, Some("q2"), None);
    add(&mut records, Role::Assistant, "a3", 13, Some("q3"), None);
    assert_eq!(names(&of(&records)), ["q1", "a1", "q2", "q3", "a2", "a3"]);
}

#[test]
fn versions_of_answers_and_questions_are_paged_and_hide_what_follows_them() {
    let mut records = Records::new();
    add(&mut records, Role::User, "q1", 1, None, None);
    add(&mut records, Role::Assistant, "a1", 2, Some("q1"), None);
    add(&mut records, Role::User, "q2", 3, Some("a1"), None);
    add(&mut records, Role::Assistant, "b1", 4, Some("q1"), None);
    let newest = of(&records);
    assert_eq!(names(&newest), ["q1", "b1"]);
    assert_eq!((&*newest.shown[1].versions, newest.shown[1].version), (&[id("a1"), id("b1")][..], 1));
    let mut chosen = Chosen::default();
    chosen.choose(&newest.shown[1].versions, &id("a1"));
    assert_eq!(names(&Transcript::from_records(&records, &chosen)), ["q1", "a1", "q2"]);
    add(&mut records, Role::User, "p1", 5, None, Some("q1"));
    add(&mut records, Role::Assistant, "c1", 6, Some("p1"), None);
    let edited = Transcript::from_records(&records, &chosen);
    assert_eq!(names(&edited), ["p1", "c1"]);
    chosen.choose(&edited.shown[0].versions, &id("q1"));
    assert_eq!(names(&Transcript::from_records(&records, &chosen)), ["q1", "a1", "q2"]);
    chosen.forget(&[id("a1")]);
    assert_eq!(names(&Transcript::from_records(&records, &chosen)), ["q1", "b1"]);
    let again: Chosen = chosen.ids().cloned().collect();
    assert_eq!(again, chosen);
}

#[test]
fn editing_the_third_version_after_the_first_was_deleted_is_still_one_place() {
    let mut records = Records::new();
    add(&mut records, Role::User, "q1", 1, None, None);
    let mut transcript = of(&records);
    for (name, old, at_ms) in [("q2", "q1", 2), ("q3", "q2", 3)] {
        let message = NewMessage::edited(id(name), name.to_owned(), at_ms, &transcript, &id(old));
        write(&mut records, vec![message.edit(&chat())], at_ms);
        transcript = transcript.rebuild(&records, &Chosen::default());
    }
    write(&mut records, edits::delete_messages(&chat(), [&id("q1"), &id("q2")]), 9);
    transcript = transcript.rebuild(&records, &Chosen::default());
    let message = NewMessage::edited(id("q4"), "q4".to_owned(), 10, &transcript, &id("q3"));
    write(&mut records, vec![message.edit(&chat())], 10);
    transcript = transcript.rebuild(&records, &Chosen::default());
    assert_eq!(names(&transcript), ["q4"]);
    assert_eq!(&*transcript.shown[0].versions, [id("q3"), id("q4")]);
}

#[test]
fn what_answers_a_deleted_message_stays() {
    let mut records = Records::new();
    add(&mut records, Role::User, "q1", 1, None, None);
    add(&mut records, Role::Assistant, "a1", 2, Some("q1"), None);
    add(&mut records, Role::User, "q2", 3, Some("a1"), None);
    write(&mut records, edits::delete_messages(&chat(), [&id("a1")]), 9);
    assert_eq!(names(&of(&records)), ["q1", "q2"]);
}

#[test]
fn an_unchanged_message_is_the_same_value_and_a_changed_one_is_not() {
    let mut records = Records::new();
    add(&mut records, Role::User, "q1", 1, None, None);
    add(&mut records, Role::Assistant, "a1", 2, Some("q1"), None);
    let first = of(&records);
    add(&mut records, Role::User, "q2", 3, Some("a1"), None);
    records
        .get_mut(&id("a1"))
        .unwrap()
        .fields
        .insert("stop".to_owned(), Register { value: "length".into(), stamp: Stamp::new(0, 0, 0) });
    let second = first.rebuild(&records, &Chosen::default());
    assert!(Rc::ptr_eq(&first.shown[0].message, &second.shown[0].message));
    assert!(Rc::ptr_eq(&first.shown[0].versions, &second.shown[0].versions));
    assert_eq!(second.shown[1].message.stop, Some(StopReason::Length));
    assert_eq!(second, of(&records));
}

#[test]
fn a_prompt_is_the_path_to_what_is_answered() {
    let mut records = Records::new();
    add(&mut records, Role::User, "q1", 1, None, None);
    for (name, body, at_ms, stop) in [
        ("a1", "first", 2, StopReason::Done),
        ("b1", "", 3, StopReason::Stopped),
        ("d1", "half", 4, StopReason::Failed("no network".to_owned())),
    ] {
        let answer = NewMessage::answer(id(name), body.to_owned(), at_ms, &id("q1"), stop);
        write(&mut records, vec![answer.edit(&chat())], at_ms);
    }
    add(&mut records, Role::User, "q2", 5, Some("d1"), None);
    add(&mut records, Role::User, "q3", 6, Some("a1"), None);
    let mut settings = Settings::default();
    let transcript = of(&records);
    let turns = |until: Option<&str>, settings: &Settings| {
        let turns = prompt(&transcript, settings, None, until.map(id).as_ref());
        turns.into_iter().map(|turn| (turn.role, turn.text)).collect::<Vec<_>>()
    };
    let said = |role, text: &str| (role, text.to_owned());
    // the failed answer is shown but not sent
    assert_eq!(turns(None, &settings), [said(Speaker::User, "q1"), said(Speaker::User, "q2")]);
    assert_eq!(turns(Some("q1"), &settings), [said(Speaker::User, "q1")]);
    // q3 follows a version that is not shown
    settings.system_prompt = " Be brief. ".to_owned();
    assert_eq!(
        turns(Some("q3"), &settings),
        [
            said(Speaker::System, "Be brief."),
            said(Speaker::User, "q1"),
            said(Speaker::Assistant, "first"),
            said(Speaker::User, "q3"),
        ]
    );
    let mut here = crate::chat::ChatSummary::from_record(&chat(), None, 0, None);
    here.system = Some(String::new());
    assert_eq!(prompt(&transcript, &settings, Some(&here), None).len(), 2);
}

#[test]
fn a_first_message_makes_its_chat() {
    let draft = ChatDraft::new(chat(), 5);
    let message = NewMessage::question(id("q1"), " as typed\n".to_owned(), 5, &Transcript::default());
    let made = edits::send(&chat(), Some(&draft), &message);
    assert_eq!(made[0].key, Key::Chat(chat()));
    assert!(!made[0].fields.contains_key("title"));
    assert_eq!(made[1].fields["body"], Value::from(" as typed\n"));
}

/// Records with links of every kind, also broken, circular and to themselves.
fn random_records(rng: &mut fastrand::Rng) -> Records {
    let mut records = Records::new();
    let count = rng.u8(1..12);
    let name = |rng: &mut fastrand::Rng| char::from(b'a' + rng.u8(..count + 2)).to_string();
    for at in 0..count {
        let role = if rng.bool() { Role::User } else { Role::Assistant };
        let re = Some(name(rng)).filter(|_| rng.u8(..5) > 0);
        let edits = Some(name(rng)).filter(|_| rng.u8(..3) == 0);
        let this = char::from(b'a' + at).to_string();
        add(&mut records, role, &this, rng.u64(1..6), re.as_deref(), edits.as_deref());
        if rng.u8(..8) == 0 {
            write(&mut records, edits::delete_messages(&chat(), [&id(&this)]), 99);
        }
    }
    records
}

fn check_order(transcript: &Transcript, seed: u64) {
    let position: BTreeMap<&Id, usize> =
        transcript.shown.iter().enumerate().map(|(at, shown)| (&shown.message.id, at)).collect();
    assert_eq!(position.len(), transcript.shown.len(), "seed {seed}: shown twice");
    for (at, shown) in transcript.shown.iter().enumerate() {
        assert_eq!(shown.versions[shown.version], shown.message.id, "seed {seed}");
        let others = shown.versions.iter().filter(|version| **version != shown.message.id);
        assert!(others.clone().all(|other| !position.contains_key(other)), "seed {seed}: two versions");
        // before its parent only where the links go in a circle
        let parent = shown.message.re.as_ref().and_then(|re| position.get(re));
        if parent.is_some_and(|parent| *parent >= at) {
            let mut above = shown.message.re.as_ref();
            let mut steps = 0;
            while let Some(next) = above.and_then(|above| transcript.get(above))
                && next.id != shown.message.id
            {
                above = next.re.as_ref();
                steps += 1;
                assert!(steps < 99, "seed {seed}: a child stands before its parent");
            }
            assert_eq!(above, Some(&shown.message.id), "seed {seed}: a child stands before its parent");
        }
    }
}

/// Shows `target` by picking it and everything above it.
fn reach(records: &Records, target: &Id, seed: u64) {
    let everything = of(records);
    let layout = Layout::new(&everything.messages);
    let mut above = layout.messages.iter().position(|message| message.id == *target);
    let mut chosen = Chosen::default();
    while let Some(at) = above {
        chosen.0.insert(layout.messages[at].id.clone());
        above = layout.parent[at];
    }
    let transcript = Transcript::from_records(records, &chosen);
    let is_shown = transcript.shown.iter().any(|shown| shown.message.id == *target);
    assert!(is_shown, "seed {seed}: {target} cannot be reached");
    check_order(&transcript, seed);
}

#[test]
fn laws_hold_for_any_records() {
    let runs = std::env::var("FUZZ_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(4_000);
    let mut circles = 0;
    for seed in 0..runs {
        let mut rng = fastrand::Rng::with_seed(seed);
        let records = random_records(&mut rng);
        let transcript = of(&records);
        check_order(&transcript, seed);
        let mut pairs: Vec<_> = records.iter().collect();
        rng.shuffle(&mut pairs);
        let shuffled = Transcript::from_records(pairs, &Chosen::default());
        assert_eq!(shuffled, transcript, "seed {seed}: order of the records matters");
        let other = random_records(&mut rng);
        let through = of(&other).rebuild(&records, &Chosen::default());
        assert_eq!(through, transcript, "seed {seed}: an earlier transcript matters");
        let alive = records.iter().filter(|(_, record)| !record.is_deleted());
        for (id, _) in alive {
            circles += usize::from(transcript.get(id).unwrap().re.as_ref() == Some(id));
            reach(&records, id, seed);
        }
    }
    assert!(circles > 20, "the generator makes no circles");
}

#[test]
fn a_long_chat_is_quick_whatever_its_shape() {
    for shape in 0..3 {
        let mut records = Records::new();
        let name = |at: u32| format!("{at:05}");
        for at in 0..10_000 {
            let above = (at > 0).then(|| name(at - 1));
            let (re, edits) = match shape {
                0 => (above.as_deref(), None),
                1 => (None, above.as_deref()),
                _ => (None, None),
            };
            add(&mut records, Role::User, &name(at), u64::from(20_000 - at), re, edits);
        }
        let transcript = of(&records);
        assert_eq!(transcript.shown.len(), if shape == 1 { 1 } else { 10_000 });
    }
}

#[test]
fn a_new_answer_pushes_aside_what_followed_an_earlier_one_and_nothing_else() {
    let mut records = Records::new();
    add(&mut records, Role::User, "q1", 1, None, None);
    add(&mut records, Role::Assistant, "a1", 2, Some("q1"), None);
    add(&mut records, Role::User, "q2", 3, Some("a1"), None);
    add(&mut records, Role::Assistant, "a2", 4, Some("q2"), None);
    // said in another tab while the answer is being made again
    add(&mut records, Role::User, "q3", 5, Some("q1"), None);
    let transcript = of(&records);
    let around = |question: &str| {
        let question = id(question);
        let (above, below) = transcript.around(&question);
        let names = |shown: &mut dyn Iterator<Item = &Shown>| {
            shown.map(|shown| shown.message.body.clone()).collect::<Vec<_>>()
        };
        (names(&mut above.iter()), names(&mut below.into_iter()))
    };
    assert_eq!(around("q1"), (vec!["q1".to_owned()], vec!["q3".to_owned()]));
    assert_eq!(around("nobody").0.len(), 5);
}

#[test]
fn how_far_a_model_reads_is_what_will_be_sent() {
    let mut records = Records::new();
    for (at, (name, role)) in
        [("q1", Role::User), ("a1", Role::Assistant), ("q2", Role::User), ("a2", Role::Assistant)]
            .into_iter()
            .enumerate()
    {
        add(&mut records, role, name, 100 + at as u64, None, None);
    }
    let transcript = of(&records);
    let read = |window| {
        let settings = Settings { window, system_prompt: "Be brief.".to_owned(), ..Settings::default() };
        next_reads(&transcript, &settings, None)
    };
    assert_eq!(read(Window::All), (4, 4));
    assert_eq!(read(Window::Messages(1)), (0, 4));
    assert_eq!(read(Window::Messages(3)), (2, 4));
    assert_eq!(read(Window::Messages(4)), (2, 4), "no answer without its question");
    assert_eq!(read(Window::Messages(99)), (4, 4));
    assert_eq!(read(Window::Tokens(14)), (2, 4));
    assert_eq!(next_reads(&Transcript::default(), &Settings::default(), None), (0, 0));
}
