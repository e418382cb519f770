#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use super::*;

fn history(text: &str) -> Legacy {
    Legacy::read(LegacyKeys { history: Some(text), ..LegacyKeys::default() })
}

fn settings(text: &str) -> Legacy {
    Legacy::read(LegacyKeys { settings: Some(text), ..LegacyKeys::default() })
}

const TALK: &str = r#"[
    {"id":"1719800000000","sender":"user","text":"Hello","timestamp":1719800000000},
    {"id":"1719800001000","sender":"bot","text":"(mock) Thanks for your message: \"Hello\"","timestamp":1719800001000},
    {"id":"1719800001000","sender":"bot","text":"(mock) Thanks for your message: \"Hello\"","timestamp":1719800001000}
]"#;

fn ids(legacy: &Legacy) -> Vec<String> {
    legacy.edits.iter().map(|edit| edit.key.row_key()).collect()
}

#[test]
fn a_conversation_becomes_one_chat_with_its_times_and_order() {
    let legacy = history(TALK);
    assert_eq!((legacy.messages, legacy.skipped.len(), legacy.errors.len()), (3, 0, 0));
    assert_eq!(legacy.edits.len(), 4);
    assert!(matches!(legacy.edits[0].key, Key::Chat(_)));
    assert_eq!(legacy.edits[0].fields["title"], Value::from("Hello"));
    let [question, answer, twin] = &legacy.edits[1..] else { panic!("three messages") };
    assert_eq!(question.fields["at"], Value::from(1_719_800_000_000_u64));
    assert!(!question.fields.contains_key("re"));
    let name = |edit: &Edit| match &edit.key {
        Key::Message(_, id) => Value::from(id.as_str()),
        Key::Settings | Key::Profile | Key::Chat(_) => Value::Null,
    };
    assert_eq!(answer.fields["re"], name(question));
    assert_eq!(twin.fields["re"], name(answer));
    assert_ne!(name(answer), name(twin));
}

#[test]
fn the_ids_are_the_same_for_ever() {
    // a change of these would double the history of everyone who takes it over again
    let expected = GOLDEN_IDS.map(str::to_owned);
    assert_eq!(ids(&history(TALK)), expected);
}

// computed by another program, after the description of `OldMessage::id`
const GOLDEN_IDS: [&str; 4] = [
    "c/cbl63yaeeoomwv5tyaczvdbm5n4",
    "m/cbl63yaeeoomwv5tyaczvdbm5n4/mxjcf4ipmb5fzayf2usjhrkhw2q",
    "m/cbl63yaeeoomwv5tyaczvdbm5n4/m5d7y67spiryzbptkd4yz3t6w4e",
    "m/cbl63yaeeoomwv5tyaczvdbm5n4/mzghuk4ayxpadsa2rnz5ibs524m",
];

#[test]
fn taking_a_longer_history_later_adds_only_what_is_new() {
    let longer = TALK.trim_end_matches([']', '\n']).to_owned()
        + r#",{"id":"9","sender":"user","text":"More","timestamp":1719800009000}]"#;
    let (first, second) = (history(TALK), history(&longer));
    let known: BTreeSet<_> = ids(&first).into_iter().collect();
    let mut new = second.clone();
    new.keep_new(|key| known.contains(&key.row_key()));
    assert_eq!((new.edits.len(), new.messages), (1, 1));
    assert_eq!(new.edits[0].fields["body"], Value::from("More"));
    assert_eq!(second.edits[..4], first.edits[..]);
}

#[test]
fn another_first_message_is_another_chat() {
    assert_ne!(ids(&history(TALK))[0], ids(&history(&TALK.replace("Hello", "Hallo")))[0]);
}

#[test]
fn what_cannot_be_taken_is_named_and_the_rest_is() {
    let legacy = history(
        r#"[{"sender":"user","text":"kept","timestamp":"1719800000000"},
            {"sender":"alien","text":"x","timestamp":1},{"sender":"user","text":"  ","timestamp":1},
            {"sender":"user","timestamp":1},7,
            {"id":1719800007000,"sender":"bot","text":"its time is its id"},
            {"id":"x","sender":"user","text":"no time: half \ud83d emoji"}]"#,
    );
    assert_eq!(legacy.messages, 3);
    assert_eq!(legacy.skipped.len(), 4, "{:?}", legacy.skipped);
    assert!(legacy.skipped[0].starts_with("message 2:"));
    let times: Vec<_> = legacy.edits[1..].iter().map(|edit| edit.fields["at"].as_u64().unwrap()).collect();
    assert_eq!(times, [1_719_800_000_000, 1_719_800_007_000, 1_719_800_007_000]);
    assert_eq!(legacy.edits[3].fields["body"], Value::from("no time: half \u{fffd} emoji"));
}

#[test]
fn only_settings_that_differ_from_the_defaults_are_taken() {
    assert_eq!(settings(r#"{"theme":"system","model":"mock","storage":"local"}"#), Legacy::default());
    let legacy = settings(r#"{"theme":"dark","model":"openai","storage":"firestore"}"#);
    assert_eq!(legacy.edits.len(), 1);
    assert_eq!(legacy.edits[0].key, Key::Settings);
    let fields: Vec<_> =
        legacy.edits[0].fields.iter().map(|(name, value)| (&**name, value.as_str().unwrap())).collect();
    assert_eq!(fields, [("model", "openai"), ("theme", "dark")]);
    assert_eq!(legacy.skipped.len(), 1);
    for (name, count) in [("off", 1), ("claude", 1), ("gemini", 1), ("mock", 0)] {
        assert_eq!(settings(&format!(r#"{{"model":"{name}"}}"#)).edits.len(), count, "{name}");
    }
    let odd = settings(r#"{"theme":"pink","model":7,"storage":"supabase"}"#);
    assert_eq!((odd.edits.len(), odd.skipped.len()), (0, 3));
}

#[test]
fn a_profile_is_taken_as_it_is() {
    let text = r#"{"name":" Ada ","email":"","avatar":"https://a.b/c.png","bio":"x","extra":1}"#;
    let legacy = Legacy::read(LegacyKeys { profile: Some(text), ..LegacyKeys::default() });
    let fields: Vec<_> =
        legacy.edits[0].fields.iter().map(|(name, value)| (&**name, value.as_str().unwrap())).collect();
    assert_eq!(fields, [("avatar", "https://a.b/c.png"), ("bio", "x"), ("name", "Ada")]);
}

#[test]
fn a_broken_key_is_reported_and_does_not_stop_the_others() {
    let legacy =
        Legacy::read(LegacyKeys { settings: Some("{broken"), history: Some(TALK), profile: Some("[1]") });
    assert_eq!(legacy.messages, 3);
    let keys: Vec<_> = legacy.errors.iter().map(|error| error.key).collect();
    assert_eq!(keys, [LegacyKeys::SETTINGS, LegacyKeys::PROFILE]);
    assert!(legacy.errors[0].to_string().contains("not JSON"));
    for nothing in ["", " ", "null", "[]"] {
        assert_eq!(history(nothing), Legacy::default(), "{nothing:?}");
    }
    assert_eq!(history("{}").errors.len(), 1);
}

#[test]
fn no_text_makes_it_fall_over() {
    let mut rng = fastrand::Rng::with_seed(8);
    let base = TALK.as_bytes();
    for _ in 0..20_000 {
        let mut bytes = base.to_vec();
        for _ in 0..rng.usize(1..6) {
            let at = rng.usize(..bytes.len());
            match rng.u8(..3) {
                0 => bytes[at] = rng.u8(..),
                1 => drop(bytes.drain(at..bytes.len().min(at + rng.usize(..20)))),
                _ => bytes.insert(at, *rng.choice(b"\\u\"{}[],:d8").unwrap()),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let legacy =
            Legacy::read(LegacyKeys { settings: Some(&text), history: Some(&text), profile: Some(&text) });
        assert_eq!(legacy.edits.len(), legacy.messages + usize::from(legacy.messages > 0));
    }
}
