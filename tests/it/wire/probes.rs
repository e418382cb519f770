use muse_chat::firestore::{Answer, Probe, ProbeReport};
use muse_chat::sync::TransportError;
use serde_json::json;

use super::{head_name, space, wire};

fn ok(body: serde_json::Value) -> Result<Answer, TransportError> {
    Ok(Answer { status: 200, body: body.to_string() })
}

#[test]
fn saving_writes_reads_back_and_removes() {
    let wire = wire();
    let name = format!("{}/probe/abcd2345", head_name());
    let mut probe = Probe::save(&wire, "abcd2345", 77);
    let write = probe.call().unwrap();
    assert!(write.path.ends_with(":commit"));
    let fields = json!({ "nonce": { "stringValue": "abcd2345" }, "at": { "integerValue": "77" } });
    assert_eq!(
        write.body,
        json!({ "writes": [{ "update": { "name": name, "fields": fields } }] }).to_string()
    );
    probe.handle(ok(json!({ "writeResults": [{}], "commitTime": "x" })));
    assert_eq!(probe.call().unwrap().body, json!({ "documents": [name] }).to_string());
    probe.handle(ok(json!([{ "found": { "name": name, "fields": fields } }])));
    assert_eq!(probe.call().unwrap().body, json!({ "writes": [{ "delete": name }] }).to_string());
    assert_eq!(probe.outcome(), None);
    probe.handle(ok(json!({ "writeResults": [{}], "commitTime": "x" })));
    assert!(probe.outcome().unwrap().is_ok());
    assert_eq!(probe.call(), None);
}

#[test]
fn a_failure_says_where_and_why() {
    let wire = wire();
    let denied =
        || Ok(Answer { status: 403, body: r#"{"error":{"status":"PERMISSION_DENIED"}}"#.to_owned() });
    let outcome = |mut probe: Probe<'_>, answers: Vec<Result<Answer, TransportError>>| {
        answers.into_iter().for_each(|answer| probe.handle(answer));
        assert_eq!(probe.call(), None);
        probe.outcome().cloned().unwrap().unwrap_err()
    };
    let text = outcome(Probe::save(&wire, "abcd", 1), vec![denied()]);
    assert!(text.starts_with("Writing a test document failed: Firestore refuses access"), "{text}");
    let other = ok(json!([{ "found": { "fields": { "nonce": { "stringValue": "other" } } } }]));
    let text = outcome(Probe::save(&wire, "abcd", 1), vec![ok(json!({})), other]);
    assert!(text.starts_with("Reading the test document back failed: "), "{text}");
    let text = outcome(
        Probe::load(&wire),
        vec![Err(TransportError::Unreachable(format!("to {}", space().as_str())))],
    );
    assert_eq!(text, "Reading the head of the space failed: Firestore did not answer (to …).");
    let missing = ok(json!([{ "missing": head_name(), "readTime": "2026-11-23T06:30:00Z" }]));
    let text = outcome(Probe::load(&wire), vec![missing, denied()]);
    assert!(text.starts_with("Reading the settings failed: "), "{text}");
}

#[test]
fn a_report_is_one_line() {
    let report = ProbeReport { outcome: Ok("It works.".to_owned()), latency_ms: 42 };
    assert_eq!(report.to_string(), "It works. (42 ms)");
}
