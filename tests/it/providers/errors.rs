//! What every recorded failure leads to.

use std::collections::BTreeMap;

use muse_chat::providers::{ApiKey, ProviderError, Unreachable};

use super::{Fixture, fixtures, key};

fn error_of(fixture: &Fixture) -> ProviderError {
    match fixture.status {
        0 | 200 => fixture.read().1.unwrap_err(),
        status => {
            let wait = fixture.retry_after.as_deref();
            ProviderError::from_response(status, wait, &fixture.text(), &key())
        }
    }
}

/// What each recorded failure is.
fn table() -> BTreeMap<&'static str, ProviderError> {
    let wait = |ms| ProviderError::RateLimited { retry_after_ms: ms };
    let trouble = |status| ProviderError::Overloaded { status: Some(status) };
    let too_long = |used, limit| ProviderError::TooLong { used, limit };
    let rejected = |param: Option<&str>, text: &str| ProviderError::Rejected {
        param: param.map(ToOwned::to_owned),
        text: text.to_owned(),
    };
    let lost = || ProviderError::Unreachable(Unreachable::Lost);
    let silent = || ProviderError::Silent { is_spent: false };
    let in_stream = || ProviderError::Overloaded { status: None };
    let (used, limit) = (Some(3_031), Some(2_048));
    let table = [
        ("aimock/anthropic_err_401", ProviderError::BadKey),
        ("aimock/anthropic_nomodel", ProviderError::UnknownModel),
        ("aimock/anthropic_overloaded", trouble(529)),
        ("aimock/anthropic_oversize", too_long(None, None)),
        ("aimock/anthropic_ratelimited", wait(Some(1_000))),
        ("aimock/anthropic_tool", silent()),
        ("aimock/anthropic_truncate", lost()),
        ("aimock/gemini_err_401", ProviderError::BadKey),
        ("aimock/gemini_nomodel", ProviderError::UnknownModel),
        ("aimock/gemini_overloaded", trouble(529)),
        ("aimock/gemini_oversize", too_long(None, None)),
        ("aimock/gemini_ratelimited", wait(Some(1_000))),
        ("aimock/gemini_tool", silent()),
        ("aimock/gemini_truncate", lost()),
        ("aimock/openai_err_401", ProviderError::BadKey),
        ("aimock/openai_nomodel", ProviderError::UnknownModel),
        ("aimock/openai_overloaded", trouble(529)),
        ("aimock/openai_oversize", too_long(None, None)),
        ("aimock/openai_ratelimited", wait(Some(1_000))),
        ("aimock/openai_tool", silent()),
        ("aimock/openai_truncate", lost()),
        (
            "documented/anthropic_err_400_adaptive",
            rejected(None, "adaptive thinking is not supported on this model"),
        ),
        ("documented/anthropic_err_400_thinking", rejected(None, "'claude-x' does not support thinking.")),
        (
            "documented/anthropic_err_400_temperature",
            rejected(None, "`temperature` is deprecated for this model."),
        ),
        ("documented/anthropic_err_401", ProviderError::BadKey),
        ("documented/anthropic_err_401_cors_header", ProviderError::NoWebPages),
        ("documented/anthropic_err_401_cors_org", ProviderError::NoWebPages),
        ("documented/anthropic_err_404", ProviderError::UnknownModel),
        ("documented/anthropic_err_413", too_long(None, None)),
        ("documented/anthropic_err_429", wait(Some(20_000))),
        ("documented/anthropic_err_529", trouble(529)),
        ("documented/anthropic_error_midstream", in_stream()),
        ("documented/anthropic_refusal", ProviderError::Blocked),
        ("documented/err_html_502", trouble(502)),
        ("documented/gemini_err_400_key", ProviderError::BadKey),
        ("documented/gemini_err_400_thinking", rejected(None, "Thinking is not enabled for models/gemini-x")),
        ("documented/gemini_err_404", ProviderError::UnknownModel),
        ("documented/gemini_err_429", wait(Some(37_000))),
        ("documented/gemini_prompt_blocked", ProviderError::Blocked),
        ("documented/gemini_safety_no_content", ProviderError::Blocked),
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
        ("litellm/backend_killed_anthropic", in_stream()),
        ("litellm/backend_killed_gemini", trouble(500)),
        ("litellm/backend_killed_openai", trouble(500)),
        ("litellm/err_400_too_long_anthropic", too_long(used, limit)),
        // the figures are behind what is kept of a text
        ("litellm/err_400_too_long_gemini", too_long(None, None)),
        ("litellm/err_400_too_long_openai", too_long(used, limit)),
        ("litellm/err_400_unknown_model_anthropic", ProviderError::UnknownModel),
        ("litellm/err_400_unknown_model_gemini", ProviderError::UnknownModel),
        ("litellm/err_400_unknown_model_openai", ProviderError::UnknownModel),
        ("litellm/err_401_openai", ProviderError::BadKey),
        ("litellm/err_429_anthropic", wait(None)),
        ("litellm/err_429_gemini", wait(None)),
        ("litellm/err_429_openai", wait(None)),
        ("litellm/err_500_dead_backend", trouble(500)),
        (
            "llama-server/err_400_bad_json",
            rejected(
                None,
                "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing object key - invalid literal; last read: '{b'; expected string literal",
            ),
        ),
        ("llama-server/err_400_context_too_long", too_long(used, limit)),
        ("llama-server/err_400_context_too_long_anthropic", too_long(used, limit)),
        ("llama-server/err_401_anthropic_bad_key", ProviderError::BadKey),
        ("llama-server/err_401_bad_key", ProviderError::BadKey),
        ("llama-server/err_401_no_key_models", ProviderError::BadKey),
        ("llama-server/err_404_route", ProviderError::BadEndpoint),
    ];
    table.into()
}

#[test]
fn every_error_leads_to_what_is_done_next() {
    let fixtures = fixtures();
    let is_error = |fixture: &&Fixture| {
        let is_reply = fixture.status == 200 && fixture.name.ends_with("models");
        fixture.dialect().is_some() && !is_reply && (fixture.status != 200 || fixture.read().1.is_err())
    };
    let errors: BTreeMap<_, _> =
        fixtures.iter().filter(is_error).map(|fixture| (&*fixture.name, error_of(fixture))).collect();
    for (name, error) in &errors {
        let shown = format!("{error:?} {}", error.message("ai.test", "nope"));
        assert!(!shown.contains("SENTINEL"), "{name}: {shown}");
    }
    assert_eq!(errors, table());
    let no_key = fixtures.iter().find(|fixture| fixture.name.ends_with("err_401_no_key_models")).unwrap();
    let error = ProviderError::from_response(401, None, &no_key.text(), &ApiKey::default());
    assert_eq!(error, ProviderError::NoKey);
}
