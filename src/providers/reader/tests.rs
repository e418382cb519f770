use super::super::Unreachable;
use super::*;
use crate::chat::{StopReason, Usage};

struct Read {
    text: String,
    reasoning: String,
    end: Result<Finish, ProviderError>,
}

fn read(content_type: &str, body: &str) -> Read {
    let (mut text, mut reasoning) = (String::new(), String::new());
    let mut take = |delta| match delta {
        Delta::Text(more) => text.push_str(&more),
        Delta::Reasoning(more) => reasoning.push_str(&more),
        Delta::Usage(_) => {}
    };
    let mut reader = Reader::new(Dialect::OpenAi, content_type, &ApiKey::new("SENTINEL-0123456789"));
    reader.push(body.as_bytes(), &mut take);
    let end = reader.end(&mut take);
    Read { text, reasoning, end }
}

fn events(chunks: &[&str]) -> Read {
    let body: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    read("text/event-stream", &body)
}

fn stop(read: &Read) -> Option<&StopReason> {
    read.end.as_ref().ok().map(|finish| &finish.stop)
}

#[test]
fn deltas_of_every_dialect() {
    let mixed = events(&[
        r#"{"choices":[{"delta":{"reasoning":"r1"}}]}"#,
        r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"r2"}]},{"type":"text","text":"a"}]}}]}"#,
        r#"{"choices":[{"index":1,"delta":{"content":"not this"}}]}"#,
        r#"{"choices":[{"delta":{"content":"b"},"finish_reason":""}]}"#,
        r#"{"choices":[{"delta":{"refusal":"c"}}],"error":null}"#,
        r#"{"choices":null,"usage":{"prompt_tokens":3}}"#,
        r#"{"choices":[{"text":"d","finish_reason":"model_length"}]}"#,
        "not JSON",
    ]);
    assert_eq!((&*mixed.text, &*mixed.reasoning), ("abcd", "r1r2"));
    let usage = Usage { input_tokens: 3, output_tokens: 0 };
    assert_eq!(mixed.end, Ok(Finish { stop: StopReason::Length, usage: Some(usage), thinking: None }));
}

#[test]
fn reasoning_inside_the_text_is_split_off_over_events() {
    let split = events(&[
        r#"{"choices":[{"delta":{"content":"<thi"}}]}"#,
        r#"{"choices":[{"delta":{"content":"nk>\ud83d"}}]}"#,
        r#"{"choices":[{"delta":{"content":"\ude80</think>\n4"}}]}"#,
        "[DONE]",
        r#"{"choices":[{"delta":{"content":"too late"}}]}"#,
    ]);
    assert_eq!((&*split.text, &*split.reasoning), ("4", "🚀"));
    assert_eq!(stop(&split), Some(&StopReason::Done));
}

#[test]
fn a_reply_that_did_not_finish_is_interrupted_and_one_that_is_none_is_an_error() {
    let cut = events(&[r#"{"choices":[{"delta":{"content":"half"}}]}"#, r#"{"cho"#]);
    assert_eq!((stop(&cut), &*cut.text), (Some(&StopReason::Interrupted), "half"));
    let bad = Err(ProviderError::BadEndpoint);
    for (content_type, body) in [
        ("text/html; charset=utf-8", "data: {}\n\n"),
        ("", " \n<!doctype html>"),
        ("application/json", "{\"hello\":1}"),
        ("application/json", "{\"choices\""),
        ("text/event-stream", "data: hello\n\ndata: {}\n\n"),
        ("text/event-stream", "data: [DONE]\n\n"),
    ] {
        assert_eq!(read(content_type, body).end, bad, "{body}");
    }
    let lost = Err(ProviderError::Unreachable(Unreachable::Lost));
    for body in ["", " \n", ": ping\n\n", "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"] {
        assert_eq!(read("text/event-stream", body).end, lost, "{body}");
    }
}

#[test]
fn errors_inside_a_reply_end_it_and_never_show_the_key() {
    for event in [
        "data: {\"error\":{\"message\":\"key SENTINEL-0123456789\",\"code\":\"500\"}}\n\n",
        "event: error\ndata: {\"message\":\"SENTINEL-0123456789\",\"code\":503}\n\n",
        "data: {\"error\":\"SENTINEL-0123456789\"}\n\n",
        "{\"error\":{\"message\":\"SENTINEL-0123456789\"}}",
        "[{\"error\":{\"message\":\"SENTINEL-0123456789\",\"code\":400}}]",
    ] {
        let error = read("", event).end;
        assert!(error.is_err(), "{event}");
        assert!(!format!("{error:?}").contains("SENTINEL"), "{error:?}");
    }
    let after = events(&[r#"{"choices":[{"delta":{"content":"kept"}}]}"#, r#"{"error":{"code":429}}"#]);
    assert_eq!(after.text, "kept");
    assert_eq!(after.end, Err(ProviderError::RateLimited { retry_after_ms: None }));
}

#[test]
fn a_document_or_a_line_without_end_is_given_up() {
    let mut reader = Reader::new(Dialect::OpenAi, "", &ApiKey::default());
    reader.push(b"{\"choices\":[", &mut |_| ());
    let chunk = vec![b' '; 1024 * 1024];
    for _ in 0..9 {
        reader.push(&chunk, &mut |_| ());
    }
    assert!(reader.is_done());
    assert_eq!(reader.end(&mut |_| ()), Err(ProviderError::BadEndpoint));
}

#[test]
fn a_document_with_a_byte_order_mark_is_read_wherever_it_is_cut() {
    let body =
        "\u{feff}\n {\"choices\":[{\"message\":{\"content\":\"hé\"},\"finish_reason\":\"stop\"}]}".as_bytes();
    for cut in 0..=body.len() {
        let mut text = String::new();
        let mut take = |delta| match delta {
            Delta::Text(more) => text.push_str(&more),
            Delta::Reasoning(_) | Delta::Usage(_) => {}
        };
        let mut reader = Reader::new(Dialect::OpenAi, "", &ApiKey::default());
        reader.push(&body[..cut], &mut take);
        reader.push(&body[cut..], &mut take);
        assert!(reader.end(&mut take).is_ok_and(|finish| finish.stop == StopReason::Done), "cut at {cut}");
        assert_eq!(text, "hé");
    }
}
