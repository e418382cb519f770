#![allow(clippy::unwrap_used)]

use super::*;
use crate::chat::{ChatSummary, Message};
use crate::sync::{ChatScope, Register, Stamp};

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn record(edit: &Edit) -> Record {
    let stamp = Stamp::new(1, 0, 1);
    let fields =
        edit.fields.iter().map(|(name, value)| (name.clone(), Register { value: value.clone(), stamp }));
    Record { fields: fields.collect(), ..Record::default() }
}

#[test]
fn a_message_reads_back_as_it_was_written() {
    let mut message = NewMessage::answer(id("m001"), " Hi\n".to_owned(), 17, &id("m000"), StopReason::Length);
    message.model = "gpt".to_owned();
    message.reasoning = "hm".to_owned();
    message.usage = Some(Usage { input_tokens: 3, output_tokens: 4 });
    let edit = message.edit(&id("c000"));
    let read = Message::from_record(&message.id, &record(&edit)).unwrap();
    let expected = Message {
        id: id("m001"),
        role: Role::Assistant,
        body: " Hi\n".to_owned(),
        reasoning: "hm".to_owned(),
        model: "gpt".to_owned(),
        at_ms: 17,
        re: Some(id("m000")),
        edits: None,
        stop: Some(StopReason::Length),
        usage: message.usage,
    };
    assert_eq!(read, expected);
    for stop in [
        StopReason::Done,
        StopReason::Stopped,
        StopReason::Interrupted,
        StopReason::Filtered,
        StopReason::Failed("it: broke".to_owned()),
    ] {
        assert_eq!(StopReason::from_text(&stop.to_text()), stop);
    }
    assert_eq!(StopReason::from_text("from the future"), StopReason::Done);
}

#[test]
fn what_is_empty_gets_no_field() {
    let question = NewMessage::question(id("m001"), "Hi".to_owned(), 17, &Transcript::default());
    let edit = question.edit(&id("c000"));
    let names: Vec<_> = edit.fields.keys().map(String::as_str).collect();
    assert_eq!(names, ["at", "body", "role"]);
}

#[test]
fn chat_commands_change_what_they_name() {
    let chat = id("c000");
    let mut draft = ChatDraft::new(chat.clone(), 3);
    draft.title = Some(" Plans ".to_owned());
    draft.answerer = Some(Answerer { model: Model::OpenAi, id: "gpt-x".to_owned() });
    draft.system = Some("Rhyme.".to_owned());
    draft.pinned = true;
    let mut row = record(&draft.edit());
    let view = |row: &Record| ChatSummary::from_record(&id("c000"), Some(row), 9, Some("Hello you"));
    assert_eq!(
        view(&row),
        ChatSummary {
            id: chat.clone(),
            title: "Plans".to_owned(),
            active_ms: 9,
            pinned: true,
            model: Some(Model::OpenAi),
            model_id: Some("gpt-x".to_owned()),
            system: Some("Rhyme.".to_owned()),
            recovered: false,
            scope: ChatScope::Synced,
        }
    );
    for edits in [rename(&chat, "  "), pin(&chat, false), set_answerer(&chat, None), set_system(&chat, None)]
    {
        assert_eq!(edits.len(), 1);
        assert!(edits[0].fields.keys().all(|field| field != "at"));
        let mut newer = record(&edits[0]);
        newer.fields.values_mut().for_each(|register| register.stamp = Stamp::new(2, 0, 1));
        row.join(&newer);
    }
    let plain = view(&row);
    assert_eq!(plain.title, "Hello you");
    assert!(!plain.pinned && plain.model.is_none() && plain.system.is_none());
}

#[test]
fn a_chat_without_its_record_shows_as_recovered() {
    let gone = record(&Edit::delete(Key::Chat(id("c000"))));
    for record in [None, Some(&gone)] {
        let line = ChatSummary::from_record(&id("c000"), record, 0, None);
        assert!(line.recovered && line.title == crate::chat::RECOVERED);
    }
    let empty = ChatSummary::from_record(&id("c000"), Some(&Record::default()), 0, None);
    assert!(!empty.recovered && empty.title == crate::chat::UNTITLED);
}

#[test]
fn the_list_has_pinned_chats_first_and_then_the_newest() {
    let line = |name: &str, active_ms, pinned| ChatSummary {
        pinned,
        ..ChatSummary::from_record(&id(name), Some(&Record::default()), active_ms, None)
    };
    let mut list =
        vec![line("c001", 1, false), line("c003", 5, false), line("c002", 5, false), line("c004", 0, true)];
    ChatSummary::sort(&mut list);
    let order: Vec<_> = list.iter().map(|line| line.id.as_str()).collect();
    assert_eq!(order, ["c004", "c002", "c003", "c001"]);
}

#[test]
fn a_deleted_chat_comes_back_whole() {
    let chat = id("c000");
    let message = NewMessage::question(id("m001"), "Hi".to_owned(), 17, &Transcript::default()).edit(&chat);
    let keys: Vec<_> = delete_chat(&chat, [&id("m001")]).into_iter().map(|edit| edit.key).collect();
    assert_eq!(keys, [Key::Chat(chat.clone()), message.key.clone()]);
    let saved =
        [(message.key.clone(), record(&message)), (Key::Chat(chat), record(&Edit::delete(keys[0].clone())))];
    let back = undelete(saved.iter().map(|(key, record)| (key, record)));
    assert_eq!(back.len(), 1);
    let mut fields = message.fields.clone();
    fields.insert("del".to_owned(), Value::Null);
    assert_eq!(back[0].fields, fields);
}
