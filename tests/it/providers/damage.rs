//! Damaged replies: seeded, so that a failure can be repeated. `FUZZ_RUNS` sets how many.

use std::collections::BTreeSet;

use muse_chat::chat::StopReason;
use muse_chat::providers::{ProviderError, openai};

use super::{fixtures, key, read};

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
    let runs = std::env::var("FUZZ_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(40_000);
    let bodies: Vec<_> =
        fixtures().into_iter().filter_map(|fixture| Some((fixture.dialect()?, fixture.body()))).collect();
    let mut outcomes = BTreeSet::new();
    for seed in 0..runs {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (dialect, body) = rng.choice(&bodies).unwrap();
        // a part is enough: a thousand bytes hold several events
        let from = if rng.bool() { 0 } else { rng.usize(..=body.len() / 2) };
        let mut body = body[from..body.len().min(from + 1_000)].to_vec();
        damage(&mut rng, &mut body);
        let whole = read(*dialect, "", [&*body]);
        let cut = rng.usize(..=body.len());
        assert_eq!(read(*dialect, "", [&body[..cut], &body[cut..]]), whole, "seed {seed}");
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
