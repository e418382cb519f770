//! Events of a Messages stream, and the whole message where it comes as one document.
//!
//! Promises: events, blocks and deltas of kinds that this build does not know are skipped, as the
//! protocol asks for.

use serde_json::Value;

use super::super::Delta;
use super::super::reader::Answer;
use crate::chat::{StopReason, Usage};

/// Takes one event into the answer.
pub(in super::super) fn event(answer: &mut Answer, value: &Value, on_delta: &mut dyn FnMut(Delta)) {
    if answer.fails(value) {
        return;
    }
    let Some(kind) = value.get("type").and_then(Value::as_str) else {
        answer.is_odd = true;
        return;
    };
    answer.is_chat = true;
    match kind {
        "message_start" => {
            if let Some(message) = value.get("message") {
                whole(answer, message, on_delta);
            }
        }
        "content_block_start" => block(answer, value.get("content_block"), on_delta),
        // which block it belongs to does not matter: what it is says where it goes
        "content_block_delta" => block(answer, value.get("delta"), on_delta),
        "message_delta" => {
            stop(answer, value.get("delta"));
            count(answer, value.get("usage"), on_delta);
        }
        "message_stop" => answer.is_done = true,
        "message" => whole(answer, value, on_delta),
        _ => {}
    }
}

/// A message: empty at the start of a stream, whole in a document.
fn whole(answer: &mut Answer, message: &Value, on_delta: &mut dyn FnMut(Delta)) {
    let blocks = message.get("content").and_then(Value::as_array);
    for part in blocks.into_iter().flatten() {
        block(answer, Some(part), on_delta);
    }
    stop(answer, Some(message));
    count(answer, message.get("usage"), on_delta);
}

/// The text or the reasoning in a block or in a delta of one.
fn block(answer: &mut Answer, value: Option<&Value>, on_delta: &mut dyn FnMut(Delta)) {
    let text = |name: &str| value?.get(name)?.as_str();
    match text("type") {
        Some("text" | "text_delta") => answer.text(text("text").unwrap_or_default(), on_delta),
        Some("thinking" | "thinking_delta") => {
            answer.reasoning(text("thinking").unwrap_or_default(), on_delta);
        }
        Some(_) | None => {}
    }
}

fn stop(answer: &mut Answer, value: Option<&Value>) {
    let reason = value.and_then(|value| value.get("stop_reason")?.as_str());
    match reason {
        None | Some("") => {}
        Some("max_tokens" | "model_context_window_exceeded") => answer.stop = Some(StopReason::Length),
        Some("refusal" | "content_filter") => answer.stop = Some(StopReason::Filtered),
        Some(_) => answer.stop = Some(StopReason::Done),
    }
}

/// Counts are sums so far; those at the start may be zeros. What came from a cache was read too.
fn count(answer: &mut Answer, value: Option<&Value>, on_delta: &mut dyn FnMut(Delta)) {
    let earlier = answer.usage.unwrap_or_default();
    let count = |name: &str| value?.get(name)?.as_u64();
    let cached =
        ["cache_creation_input_tokens", "cache_read_input_tokens"].into_iter().filter_map(count).sum();
    let input = count("input_tokens").map(|input| input.saturating_add(cached)).filter(|input| *input > 0);
    answer.count(
        Usage {
            input_tokens: input.unwrap_or(earlier.input_tokens),
            output_tokens: count("output_tokens").unwrap_or(earlier.output_tokens),
        },
        on_delta,
    );
}
