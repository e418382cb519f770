#![allow(clippy::unwrap_used)]

use super::*;
use crate::chat::NewMessage;
use crate::sync::{Register, Stamp};

fn chat() -> Id {
    "c000".parse().unwrap()
}

/// A message's row as it was written at that time.
fn row(name: &str, text: &str, ms: u64) -> (Key, Row) {
    let id: Id = format!("m00{name}").parse().unwrap();
    let message = NewMessage::question(id.clone(), text.to_owned(), 1, &Transcript::default());
    let stamp = Stamp::new(ms, 0, 1);
    let mut row = Row::default();
    for (field, value) in message.edit(&chat()).fields {
        row.record.fields.insert(field, Register { value, stamp });
    }
    (Key::Message(chat(), id), row)
}

fn shown(views: &Views) -> Vec<&str> {
    views.open[&chat()].view.transcript.shown.iter().map(|shown| &*shown.message.body).collect()
}

#[test]
fn what_is_written_while_a_chat_loads_is_not_taken_back() {
    let view = Rc::new(TranscriptView { loading: true, ..TranscriptView::default() });
    let mut views = Views::default();
    views.open.insert(chat(), OpenChat { view, ..OpenChat::default() });
    // a snapshot's message that is gone by now
    let (_, old) = row("z", "gone", 1);
    views.open.get_mut(&chat()).unwrap().records.insert("m00z".parse().unwrap(), old.record);

    views.take(&[row("b", "said again", 2), row("c", "new", 2)]);
    views.take_loaded(&chat(), vec![row("a", "first", 1), row("b", "said", 1)]);
    assert_eq!(shown(&views), ["first", "said again", "new"]);

    // whoever reads it a second time, and is slower, has nothing to say
    views.take(&[row("d", "newer", 3)]);
    views.take_loaded(&chat(), vec![row("a", "first", 1)]);
    assert_eq!(shown(&views), ["first", "said again", "new", "newer"]);
}
