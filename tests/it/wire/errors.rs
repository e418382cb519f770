use muse_chat::firestore::{Answer, explain};
use muse_chat::sync::{Commit, Precondition, Request, TransportError};
use serde_json::{Value, json};

use super::{KEY, head, space, wire};

fn commit() -> Request {
    Request::Commit(Commit {
        head: head(),
        head_precondition: Precondition::Missing,
        device: String::new(),
        writes: vec![],
        bumps: vec![],
    })
}

fn error_of(request: &Request, status: u16, body: &str) -> TransportError {
    wire().decode(request, &Answer { status, body: body.to_owned() }).unwrap_err()
}

/// The variant's name, without its texts.
fn class(error: &TransportError) -> &'static str {
    match error {
        TransportError::Unreachable(_) => "unreachable",
        TransportError::Busy { .. } => "busy",
        TransportError::Conflict => "conflict",
        TransportError::Denied => "denied",
        TransportError::SignedOut => "signed out",
        TransportError::Rejected(_) => "rejected",
        TransportError::Garbage(_) => "garbage",
    }
}

fn of_status(code: u16, status: &str) -> Value {
    json!({ "error": { "code": code, "message": "some words", "status": status } })
}

#[test]
fn the_status_word_decides_bare_wrapped_or_in_a_stream() {
    for (code, status, to_commit, to_read) in [
        (400, "INVALID_ARGUMENT", "rejected", "rejected"),
        (400, "FAILED_PRECONDITION", "conflict", "rejected"),
        (400, "OUT_OF_RANGE", "rejected", "rejected"),
        (401, "UNAUTHENTICATED", "signed out", "signed out"),
        (403, "PERMISSION_DENIED", "denied", "denied"),
        (404, "NOT_FOUND", "conflict", "rejected"),
        (409, "ALREADY_EXISTS", "conflict", "conflict"),
        (409, "ABORTED", "conflict", "conflict"),
        (429, "RESOURCE_EXHAUSTED", "busy", "busy"),
        (499, "CANCELLED", "unreachable", "unreachable"),
        (500, "UNKNOWN", "unreachable", "unreachable"),
        (500, "INTERNAL", "unreachable", "unreachable"),
        (500, "DATA_LOSS", "unreachable", "unreachable"),
        (501, "UNIMPLEMENTED", "rejected", "rejected"),
        (503, "UNAVAILABLE", "unreachable", "unreachable"),
        (504, "DEADLINE_EXCEEDED", "unreachable", "unreachable"),
    ] {
        let bare = of_status(code, status);
        let late = json!([{ "readTime": "2026-11-23T06:30:00Z" }, bare]);
        for (http, body) in [(code, &bare), (code, &json!([bare])), (200, &late)] {
            let body = body.to_string();
            assert_eq!(class(&error_of(&commit(), http, &body)), to_commit, "commit {body}");
            assert_eq!(class(&error_of(&Request::Head, http, &body)), to_read, "read {body}");
        }
    }
}

#[test]
fn without_a_status_word_the_code_decides() {
    for (http, expected) in [
        (400, "rejected"),
        (401, "signed out"),
        (403, "denied"),
        (404, "conflict"),
        (409, "conflict"),
        (413, "rejected"),
        (429, "busy"),
        (500, "unreachable"),
        (503, "unreachable"),
        (418, "garbage"),
    ] {
        let with_code = json!({ "error": { "code": http } }).to_string();
        assert_eq!(class(&error_of(&commit(), http, &with_code)), expected, "{http}");
        assert_eq!(class(&error_of(&commit(), http, r#"{"error":{}}"#)), expected, "{http}");
    }
    // measured on the emulator
    assert_eq!(
        class(&error_of(&commit(), 500, r#"{"error":{"code":500,"status":"UNKNOWN"}}"#)),
        "unreachable"
    );
}

#[test]
fn what_is_not_firestore_is_garbage_unless_the_server_is_down() {
    let html = "<!doctype html>\n<title>Sign in to   the hotel</title>";
    for (http, body, expected) in [
        (200, html, "garbage"),
        (200, "", "garbage"),
        (200, "null", "garbage"),
        (200, "\"ok\"", "garbage"),
        (200, r#"{"status":"ok"}"#, "garbage"),
        (200, r#"[{"hello":1}]"#, "garbage"),
        (302, html, "garbage"),
        (403, html, "garbage"),
        (403, r#"{"error":"forbidden"}"#, "garbage"),
        (404, "Not Found", "garbage"),
        (407, html, "garbage"),
        (418, "{}", "garbage"),
        (413, "", "rejected"),
        (429, html, "busy"),
        (502, html, "unreachable"),
        (503, "", "unreachable"),
        (503, r#"{"message":"down"}"#, "unreachable"),
    ] {
        for request in [&commit(), &Request::Head] {
            assert_eq!(class(&error_of(request, http, body)), expected, "{http} {body}");
        }
    }
    let shown = error_of(&commit(), 200, html);
    assert_eq!(
        shown,
        TransportError::Garbage("HTTP 200: <!doctype html> <title>Sign in to the hotel</title>".to_owned())
    );
}

/// Else the engine would take a key that was revoked for a record that is wrong.
#[test]
fn a_refused_api_key_is_no_fault_of_the_request() {
    for (code, status, reason) in [
        (400, "INVALID_ARGUMENT", "API_KEY_INVALID"),
        (403, "PERMISSION_DENIED", "API_KEY_HTTP_REFERRER_BLOCKED"),
        (403, "PERMISSION_DENIED", "API_KEY_SERVICE_BLOCKED"),
    ] {
        let mut body = of_status(code, status);
        body["error"]["details"] = json!([
            { "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com" },
        ]);
        assert_eq!(error_of(&commit(), code, &body.to_string()), TransportError::SignedOut);
    }
}

#[test]
fn a_server_may_say_how_long_to_wait() {
    for (delay, expected) in [
        (json!("30s"), Some(30_000)),
        (json!("1.5s"), Some(1_500)),
        (json!("9999999999999s"), Some(86_400_000)),
        (json!("-3s"), Some(0)),
        (json!("soon"), None),
        (json!(3), None),
    ] {
        let mut body = of_status(429, "RESOURCE_EXHAUSTED");
        body["error"]["details"] = json!([
            { "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay },
        ]);
        assert_eq!(
            error_of(&commit(), 429, &body.to_string()),
            TransportError::Busy { retry_after_ms: expected }
        );
    }
}

#[test]
fn no_error_text_has_the_key_or_the_space_in_it() {
    let secrets = [KEY.to_owned(), space().as_str().to_owned()];
    let message = format!("Document projects/p/users/{}/config/settings?key={KEY} is bad. ", secrets[1]);
    // at every distance from the place where texts are cut
    for pad in 0..400 {
        let message = format!("{}{message}", "x".repeat(pad));
        let body =
            json!({ "error": { "code": 400, "message": message, "status": "INVALID_ARGUMENT" } }).to_string();
        for (status, body) in
            [(400, body.as_str()), (200, &message), (302, &message), (503, &body), (418, &body)]
        {
            let text = format!("{:?}", error_of(&commit(), status, body));
            for secret in &secrets {
                for part in [&secret[..], &secret[..12]] {
                    assert!(!text.contains(part), "{text}");
                }
            }
            assert!(text.len() < 700, "{text}");
        }
    }
}

#[test]
fn every_error_can_be_explained_in_a_sentence() {
    for error in [
        TransportError::Unreachable("offline".to_owned()),
        TransportError::Busy { retry_after_ms: None },
        TransportError::Conflict,
        TransportError::Denied,
        TransportError::SignedOut,
        TransportError::Rejected("too large".to_owned()),
        TransportError::Garbage("HTTP 200: <html>".to_owned()),
    ] {
        let text = explain(&error);
        assert!(text.ends_with('.') && text.len() > 20, "{text}");
    }
}
