//! What replies say, wherever they are cut.

use std::collections::BTreeMap;
use std::fs;

use muse_chat::providers::{Reader, openai, sse};
use serde_json::Value;

use super::{Fixture, Outcome, Read, fixtures, folder, key};

#[test]
fn every_reply_says_what_it_says() {
    let expected = fs::read_to_string(folder().join("expected.json")).unwrap();
    let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).unwrap();
    let fixtures = fixtures();
    let replies = fixtures.iter().filter(|fixture| fixture.dialect().is_some() && fixture.status == 200);
    let replies: Vec<_> = replies.filter(|fixture| !fixture.name.ends_with("models")).collect();
    let names: Vec<_> = replies.iter().map(|fixture| &fixture.name).collect();
    assert_eq!(names, expected.keys().collect::<Vec<_>>());
    for fixture in replies {
        let want = &expected[&fixture.name];
        let (got, end) = fixture.read();
        assert_eq!(want["text"], *got.text, "{}", fixture.name);
        assert_eq!(want["reasoning"], *got.reasoning, "{}", fixture.name);
        let counts = got.usage.map(|usage| serde_json::json!([usage.input_tokens, usage.output_tokens]));
        assert_eq!(want["usage"], counts.unwrap_or_default(), "{}", fixture.name);
        assert_eq!(want["error"], end.is_err(), "{} {end:?}", fixture.name);
        if let Ok(finish) = end {
            assert_eq!(want["stop"], finish.stop.to_text(), "{}", fixture.name);
            assert_eq!(finish.usage, got.usage, "{}", fixture.name);
        }
    }
}

#[test]
fn model_lists_are_read_and_what_cannot_chat_is_left_out() {
    let fixtures = fixtures();
    let list = |name: &str| {
        let fixture = fixtures.iter().find(|fixture| fixture.name == name).unwrap();
        openai::models(&fixture.text(), &key()).unwrap()
    };
    assert_eq!(list("llama-server/models"), ["smollm2-135m-instruct"]);
    assert_eq!(
        list("aimock/openai_models"),
        ["claude-3-5-sonnet-20241022", "gemini-2.0-flash", "gpt-4", "gpt-4o"]
    );
}

#[test]
fn the_event_grammar_is_the_standards() {
    let fixtures = fixtures();
    let fixture = fixtures.iter().find(|fixture| fixture.name == "documented/sse_grammar").unwrap();
    let events = parse(&[&fixture.body()]);
    let event = |name: &str, data: &str| (name.to_owned(), data.to_owned(), "7".to_owned());
    assert_eq!(
        events,
        [event("a", "one\ntwo\n three"), event("message", ""), event("message", "{\"x\":\"日\"}")]
    );
}

fn parse(chunks: &[&[u8]]) -> Vec<(String, String, String)> {
    let mut parser = sse::Parser::default();
    let mut events = Vec::new();
    for chunk in chunks {
        events.extend(parser.push(chunk).unwrap());
    }
    events.extend(parser.end().unwrap());
    events.into_iter().map(|event| (event.name, event.data, event.id)).collect()
}

#[test]
fn the_events_of_every_dialect_do_not_depend_on_the_cuts() {
    for fixture in fixtures().iter().filter(|fixture| fixture.is_stream()) {
        let body = fixture.body();
        let whole = parse(&[&body]);
        let bytes: Vec<_> = body.chunks(1).collect();
        assert_eq!(parse(&bytes), whole, "{}", fixture.name);
        let recorded: Vec<_> = fixture.chunks.iter().map(Vec::as_slice).collect();
        assert_eq!(parse(&recorded), whole, "{}", fixture.name);
    }
}

#[test]
fn a_reply_does_not_depend_on_the_cuts() {
    let mut cuts = 0;
    for fixture in fixtures().iter().filter(|fixture| fixture.dialect().is_some()) {
        let body = fixture.body();
        let whole = fixture.read_as([&*body]);
        assert_eq!(fixture.read(), whole, "{}", fixture.name);
        assert_eq!(fixture.read_as(body.chunks(1)), whole, "{}", fixture.name);
        if fixture.is_stream() {
            cuts += cut_everywhere(fixture, &whole);
        }
    }
    assert!(cuts > 90_000, "{cuts}");
}

/// Cuts a stream at every byte. Each time only the rest of the event is read: if reader and result
/// are then the same as without the cut, what follows is the same too.
fn cut_everywhere(fixture: &Fixture, whole: &Outcome) -> usize {
    let body = fixture.body();
    let dialect = fixture.dialect().unwrap();
    let mut uncut = (Reader::new(dialect, &fixture.content_type, &key()), Read::default());
    let mut bytewise = uncut.clone();
    let feed = |state: &mut (Reader, Read), bytes: &[u8]| {
        let (reader, got) = state;
        reader.push(bytes, &mut |delta| got.take(delta));
    };
    let mut from = 0;
    while from < body.len() {
        let event = body[from..].windows(2).position(|pair| pair == b"\n\n");
        let end = event.map_or(body.len(), |length| from + length + 2);
        feed(&mut uncut, &body[from..end]);
        for at in from..end {
            let mut cut = bytewise.clone();
            feed(&mut cut, &body[at..end]);
            assert!(cut == uncut, "{} cut at {at}", fixture.name);
            feed(&mut bytewise, &body[at..=at]);
        }
        from = end;
    }
    let (reader, mut got) = uncut;
    let end = reader.end(&mut |delta| got.take(delta));
    assert_eq!((got, end), *whole, "{}", fixture.name);
    body.len()
}
