//! One chunk of a chat completions stream, or a whole document: they differ in `delta` and
//! `message` only.

use serde_json::Value;

use super::super::reader::Answer;
use super::super::{Delta, ProviderError};
use crate::chat::{StopReason, Usage};

/// Takes one chunk into the answer.
pub(in super::super) fn chunk(answer: &mut Answer, value: &Value, on_delta: &mut dyn FnMut(Delta)) {
    let known = ["choices", "usage", "error"];
    if known.iter().all(|name| value.get(name).is_none()) {
        answer.is_odd = true;
        return;
    }
    answer.is_chat = true;
    let choices = value.get("choices").and_then(Value::as_array);
    let is_first = |choice: &&Value| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
    if let Some(first) = choices.and_then(|choices| choices.iter().find(is_first)) {
        choice(answer, first, on_delta);
    }
    if let Some(usage) = value.get("usage").and_then(usage) {
        answer.count(usage, on_delta);
    }
    answer.fails(value);
}

fn choice(answer: &mut Answer, choice: &Value, on_delta: &mut dyn FnMut(Delta)) {
    let delta = choice.get("delta").or_else(|| choice.get("message")).unwrap_or(choice);
    let thoughts = ["reasoning_content", "reasoning"];
    if let Some(text) = thoughts.iter().find_map(|name| delta.get(name)?.as_str()) {
        answer.reasoning(text, on_delta);
    }
    match delta.get("content").or_else(|| choice.get("text")) {
        Some(Value::String(text)) => answer.text(text, on_delta),
        Some(Value::Array(parts)) => parts.iter().for_each(|one| part(answer, one, on_delta)),
        Some(_) | None => {}
    }
    if let Some(text) = delta.get("refusal").and_then(Value::as_str) {
        answer.text(text, on_delta);
    }
    let reason = choice.get("finish_reason").and_then(Value::as_str).unwrap_or_default();
    match reason {
        "" => {}
        "length" | "max_tokens" | "model_length" => answer.stop = Some(StopReason::Length),
        "content_filter" | "safety" => answer.stop = Some(StopReason::Filtered),
        "error" => answer.error = Some(ProviderError::Overloaded { status: None }),
        _ => answer.stop = Some(StopReason::Done),
    }
}

/// One part of a content that is a list: `{type: "text", text}`, or `{type: "thinking",
/// thinking: [parts]}`.
fn part(answer: &mut Answer, part: &Value, on_delta: &mut dyn FnMut(Delta)) {
    match part.get("thinking") {
        Some(Value::String(text)) => answer.reasoning(text, on_delta),
        Some(Value::Array(parts)) => {
            for text in parts.iter().filter_map(|part| part.get("text")?.as_str()) {
                answer.reasoning(text, on_delta);
            }
        }
        Some(_) | None => {
            let text = part.get("text").and_then(Value::as_str).or_else(|| part.as_str());
            answer.text(text.unwrap_or_default(), on_delta);
        }
    }
}

fn usage(value: &Value) -> Option<Usage> {
    let count = |name: &str| value.get(name).and_then(Value::as_u64);
    Some(Usage {
        input_tokens: count("prompt_tokens")?,
        output_tokens: count("completion_tokens").unwrap_or_default(),
    })
}
