//! One response of a generateContent stream; a document holds one, or a list of them.

use serde_json::Value;

use super::super::reader::Answer;
use super::super::{Delta, ProviderError};
use crate::chat::{StopReason, Usage};

/// Takes one response into the answer.
pub(in super::super) fn chunk(answer: &mut Answer, value: &Value, on_delta: &mut dyn FnMut(Delta)) {
    if answer.fails(value) {
        return;
    }
    let known = ["candidates", "promptFeedback", "usageMetadata"];
    if known.iter().all(|name| value.get(name).is_none()) {
        answer.is_odd = true;
        return;
    }
    answer.is_chat = true;
    if value.pointer("/promptFeedback/blockReason").is_some_and(|reason| !reason.is_null()) {
        answer.error = Some(ProviderError::Blocked);
        return;
    }
    let candidates = value.get("candidates").and_then(Value::as_array);
    let is_first = |one: &&Value| one.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
    if let Some(candidate) = candidates.and_then(|all| all.iter().find(is_first)) {
        let parts = candidate.pointer("/content/parts").and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            let text = part.get("text").and_then(Value::as_str).unwrap_or_default();
            match part.get("thought").and_then(Value::as_bool) {
                Some(true) => answer.reasoning(text, on_delta),
                Some(false) | None => answer.text(text, on_delta),
            }
        }
        if let Some(stop) = candidate.get("finishReason").and_then(Value::as_str).and_then(stop) {
            answer.stop = Some(stop);
        }
    }
    if let Some(usage) = value.get("usageMetadata") {
        let count = |name: &str| usage.get(name).and_then(Value::as_u64).unwrap_or_default();
        let counted = Usage {
            input_tokens: count("promptTokenCount"),
            // thinking is paid for as part of the answer
            output_tokens: count("candidatesTokenCount").saturating_add(count("thoughtsTokenCount")),
        };
        answer.count(counted, on_delta);
    }
}

fn stop(reason: &str) -> Option<StopReason> {
    Some(match reason {
        "" | "FINISH_REASON_UNSPECIFIED" => return None,
        "MAX_TOKENS" => StopReason::Length,
        "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "OTHER" => {
            StopReason::Filtered
        }
        _ if reason.starts_with("IMAGE_") => StopReason::Filtered,
        _ => StopReason::Done,
    })
}
