//! The readers of provider replies against replies of real servers, recorded in
//! `tests/fixtures/llm`, cut in every way and damaged in many.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use muse_chat::chat::{StopReason, Usage};
use muse_chat::providers::openai::{self, Reader};
use muse_chat::providers::{ApiKey, Delta, Finish, ProviderError, Unreachable, sse};
use serde_json::Value;

struct Fixture {
    name: String,
    status: u16,
    content_type: String,
    retry_after: Option<String>,
    chunks: Vec<Vec<u8>>,
}

impl Fixture {
    fn body(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    fn text(&self) -> String {
        String::from_utf8(self.body()).unwrap()
    }

    fn is_stream(&self) -> bool {
        self.content_type.starts_with("text/event-stream")
    }

    /// Whether it is in the chat completions dialect.
    fn is_chat(&self) -> bool {
        !["anthropic", "gemini", "sse_grammar"].iter().any(|other| self.name.contains(other))
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/llm")
}

fn load(folder: &str, meta: &Path) -> Fixture {
    let value: Value = serde_json::from_str(&fs::read_to_string(meta).unwrap()).unwrap();
    let name = meta.file_name().unwrap().to_str().unwrap().strip_suffix(".meta.json").unwrap();
    let lines = fs::read_to_string(meta.with_file_name(format!("{name}.jsonl"))).unwrap();
    let chunks = lines.lines().filter(|line| !line.is_empty()).map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        BASE64.decode(line["bytes_base64"].as_str().unwrap().as_bytes()).unwrap()
    });
    let header = |name: &str| value["headers"][name].as_str().map(ToOwned::to_owned);
    Fixture {
        name: format!("{folder}/{name}"),
        status: value["status"].as_u64().map_or(0, |status| u16::try_from(status).unwrap()),
        content_type: header("content-type").unwrap_or_default(),
        retry_after: header("retry-after"),
        chunks: chunks.collect(),
    }
}

fn fixtures() -> Vec<Fixture> {
    let mut all = Vec::new();
    for name in ["aimock", "documented", "litellm", "llama-server"] {
        for entry in fs::read_dir(folder().join(name)).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().ends_with(".meta.json") {
                all.push(load(name, &path));
            }
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(all.len() >= 70, "fixtures are missing");
    all
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Read {
    text: String,
    reasoning: String,
    usage: Option<Usage>,
}

impl Read {
    fn take(&mut self, delta: Delta) {
        match delta {
            Delta::Text(text) => self.text.push_str(&text),
            Delta::Reasoning(text) => self.reasoning.push_str(&text),
            Delta::Usage(usage) => self.usage = Some(usage),
        }
    }
}

type Outcome = (Read, Result<Finish, ProviderError>);

fn key() -> ApiKey {
    ApiKey::new("sk-SENTINEL-0123456789")
}

fn read<'a>(content_type: &str, chunks: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut reader = Reader::new(content_type, &key());
    let mut got = Read::default();
    for chunk in chunks {
        reader.push(chunk, &mut |delta| got.take(delta));
    }
    let end = reader.end(&mut |delta| got.take(delta));
    (got, end)
}

#[test]
fn every_reply_says_what_it_says() {
    let expected = fs::read_to_string(folder().join("expected.json")).unwrap();
    let expected: BTreeMap<String, Value> = serde_json::from_str(&expected).unwrap();
    let fixtures = fixtures();
    let replies = fixtures.iter().filter(|fixture| fixture.is_chat() && fixture.status == 200);
    let replies: Vec<_> = replies.filter(|fixture| !fixture.name.ends_with("models")).collect();
    let names: Vec<_> = replies.iter().map(|fixture| &fixture.name).collect();
    assert_eq!(names, expected.keys().collect::<Vec<_>>());
    for fixture in replies {
        let want = &expected[&fixture.name];
        let (got, end) = read(&fixture.content_type, fixture.chunks.iter().map(Vec::as_slice));
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

fn error_of(fixture: &Fixture) -> ProviderError {
    match fixture.status {
        0 | 200 => read(&fixture.content_type, fixture.chunks.iter().map(Vec::as_slice)).1.unwrap_err(),
        status => {
            let wait = fixture.retry_after.as_deref();
            ProviderError::from_response(status, wait, &fixture.text(), &key())
        }
    }
}

#[test]
fn every_error_leads_to_what_is_done_next() {
    let wait = |ms| ProviderError::RateLimited { retry_after_ms: ms };
    let trouble = |status| ProviderError::Overloaded { status: Some(status) };
    let too_long = |used, limit| ProviderError::TooLong { used, limit };
    let rejected = |param: Option<&str>, text: &str| ProviderError::Rejected {
        param: param.map(ToOwned::to_owned),
        text: text.to_owned(),
    };
    let table = [
        ("aimock/openai_err_401", ProviderError::BadKey),
        ("aimock/openai_nomodel", ProviderError::UnknownModel),
        ("aimock/openai_overloaded", trouble(529)),
        ("aimock/openai_oversize", too_long(None, None)),
        ("aimock/openai_ratelimited", wait(Some(1_000))),
        ("aimock/openai_truncate", ProviderError::Unreachable(Unreachable::Lost)),
        ("documented/err_html_502", trouble(502)),
        ("documented/openai_err_400_length", too_long(None, None)),
        (
            "documented/openai_err_400_max_tokens",
            rejected(
                Some("max_tokens"),
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            ),
        ),
        ("documented/openai_err_401", ProviderError::BadKey),
        ("documented/openai_err_404", ProviderError::UnknownModel),
        ("documented/openai_err_429_quota", ProviderError::NoCredit),
        ("documented/openai_err_429_rate", wait(Some(20_000))),
        ("documented/openrouter_comments_error", trouble(502)),
        ("litellm/backend_killed_openai", trouble(500)),
        ("litellm/err_400_too_long_openai", too_long(None, None)),
        ("litellm/err_400_unknown_model_openai", ProviderError::UnknownModel),
        ("litellm/err_401_openai", ProviderError::BadKey),
        ("litellm/err_429_openai", wait(None)),
        ("litellm/err_500_dead_backend", trouble(500)),
        (
            "llama-server/err_400_bad_json",
            rejected(
                None,
                "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing object key - invalid literal; last read: '{b'; expected string literal",
            ),
        ),
        ("llama-server/err_400_context_too_long", too_long(Some(3_031), Some(2_048))),
        ("llama-server/err_401_bad_key", ProviderError::BadKey),
        ("llama-server/err_401_no_key_models", ProviderError::BadKey),
        ("llama-server/err_404_route", ProviderError::BadEndpoint),
    ];
    let fixtures = fixtures();
    let is_error = |fixture: &&Fixture| {
        let is_reply = fixture.status == 200 && fixture.name.ends_with("models");
        fixture.is_chat() && !is_reply && (fixture.status != 200 || read_is_error(fixture))
    };
    let errors: BTreeMap<_, _> =
        fixtures.iter().filter(is_error).map(|fixture| (&*fixture.name, error_of(fixture))).collect();
    for (name, error) in &errors {
        let shown = format!("{error:?} {}", error.message("ai.test", "nope"));
        assert!(!shown.contains("SENTINEL"), "{name}: {shown}");
    }
    let table: BTreeMap<_, _> = table.into_iter().collect();
    assert_eq!(errors, table);
    let no_key = fixtures.iter().find(|fixture| fixture.name.ends_with("err_401_no_key_models")).unwrap();
    let error = ProviderError::from_response(401, None, &no_key.text(), &ApiKey::default());
    assert_eq!(error, ProviderError::NoKey);
}

fn read_is_error(fixture: &Fixture) -> bool {
    read(&fixture.content_type, fixture.chunks.iter().map(Vec::as_slice)).1.is_err()
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
    for fixture in fixtures().iter().filter(|fixture| fixture.is_chat()) {
        let body = fixture.body();
        let whole = read(&fixture.content_type, [&*body]);
        let recorded = read(&fixture.content_type, fixture.chunks.iter().map(Vec::as_slice));
        assert_eq!(recorded, whole, "{}", fixture.name);
        assert_eq!(read(&fixture.content_type, body.chunks(1)), whole, "{}", fixture.name);
        if fixture.is_stream() {
            cuts += cut_everywhere(fixture, &whole);
        }
    }
    assert!(cuts > 60_000, "{cuts}");
}

/// Cuts a stream at every byte. Each time only the rest of the event is read: if reader and result
/// are then the same as without the cut, what follows is the same too.
fn cut_everywhere(fixture: &Fixture, whole: &Outcome) -> usize {
    let body = fixture.body();
    let mut uncut = (Reader::new(&fixture.content_type, &key()), Read::default());
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

fn damage(rng: &mut fastrand::Rng, bytes: &mut Vec<u8>) {
    const BITS: &[&[u8]] = &[
        b"\n",
        b"\r",
        b"\r\n\r\n",
        b"data:",
        b"event: error\n",
        b":",
        b"\"",
        b"\\",
        b"\\ud83d",
        b"\\ude00",
        b"{",
        b"}",
        b"[",
        b"]",
        b"null",
        b"-1e999",
        b"<think>",
        b"</think>",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\0",
        b"[DONE]",
        b"\"error\":{}",
        b"\xef\xb7\x90d83d",
        b"id: \0",
        b"<html>",
    ];
    for _ in 0..rng.usize(1..8) {
        let at = rng.usize(..=bytes.len());
        let end = bytes.len().min(at + rng.usize(..40));
        match rng.u8(..4) {
            0 if at < bytes.len() => bytes[at] = rng.u8(..),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copy = bytes[at..end].to_vec();
                let to = rng.usize(..=bytes.len());
                bytes.splice(to..to, copy);
            }
            _ => drop(bytes.splice(at..at, rng.choice(BITS).unwrap().iter().copied())),
        }
    }
}

/// Nothing panics, the cuts do not matter, and no error shows the key.
#[test]
fn damaged_replies_do_no_harm() {
    let runs = std::env::var("FUZZ_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(100_000);
    let bodies: Vec<_> =
        fixtures().into_iter().filter(Fixture::is_chat).map(|fixture| fixture.body()).collect();
    let mut outcomes = BTreeSet::new();
    for seed in 0..runs {
        let mut rng = fastrand::Rng::with_seed(seed);
        let body = rng.choice(&bodies).unwrap();
        // a part is enough: a thousand bytes hold several events
        let from = if rng.bool() { 0 } else { rng.usize(..=body.len() / 2) };
        let mut body = body[from..body.len().min(from + 1_000)].to_vec();
        damage(&mut rng, &mut body);
        let whole = read("", [&*body]);
        let cut = rng.usize(..=body.len());
        assert_eq!(read("", [&body[..cut], &body[cut..]]), whole, "seed {seed}");
        let text = String::from_utf8_lossy(&body);
        let error = ProviderError::from_response(rng.u16(..600), Some(&text), &text, &key());
        let models = openai::models(&text, &key());
        let shown = error.message("ai.test", "m");
        assert!(!format!("{:?} {error:?} {models:?} {shown}", whole.1).contains("SENTINEL"), "seed {seed}");
        outcomes.insert(match whole.1 {
            Ok(finish) => finish.stop.to_text(),
            Err(error) => error.message("", "").chars().take(24).collect(),
        });
    }
    let stops = [StopReason::Done, StopReason::Length, StopReason::Filtered, StopReason::Interrupted];
    assert!(stops.iter().all(|stop| outcomes.contains(&stop.to_text())), "{outcomes:?}");
    assert!(outcomes.len() >= 8, "{outcomes:?}");
}
