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
    let table: [(ProviderError, &[&str]); 24] = [
        (
            ProviderError::BadKey,
            &[
                "aimock/anthropic_err_401",
                "aimock/gemini_err_401",
                "aimock/openai_err_401",
                "documented/anthropic_err_401",
                "documented/gemini_err_400_key",
                "documented/openai_err_401",
                "litellm/err_401_openai",
                "llama-server/err_401_anthropic_bad_key",
                "llama-server/err_401_bad_key",
                "llama-server/err_401_no_key_models",
            ],
        ),
        (
            ProviderError::UnknownModel,
            &[
                "aimock/anthropic_nomodel",
                "aimock/gemini_nomodel",
                "aimock/openai_nomodel",
                "documented/anthropic_err_404",
                "documented/gemini_err_404",
                "documented/openai_err_404",
                "litellm/err_400_unknown_model_anthropic",
                "litellm/err_400_unknown_model_gemini",
                "litellm/err_400_unknown_model_openai",
            ],
        ),
        (
            trouble(529),
            &[
                "aimock/anthropic_overloaded",
                "aimock/gemini_overloaded",
                "aimock/openai_overloaded",
                "documented/anthropic_err_529",
            ],
        ),
        // the figures, if any, are behind what is kept of a text
        (
            too_long(None, None),
            &[
                "aimock/anthropic_oversize",
                "aimock/gemini_oversize",
                "aimock/openai_oversize",
                "documented/anthropic_err_413",
                "documented/openai_err_400_length",
                "litellm/err_400_too_long_gemini",
            ],
        ),
        (
            wait(Some(1_000)),
            &["aimock/anthropic_ratelimited", "aimock/gemini_ratelimited", "aimock/openai_ratelimited"],
        ),
        (silent(), &["aimock/anthropic_tool", "aimock/gemini_tool", "aimock/openai_tool"]),
        (lost(), &["aimock/anthropic_truncate", "aimock/gemini_truncate", "aimock/openai_truncate"]),
        (
            rejected(None, "adaptive thinking is not supported on this model"),
            &["documented/anthropic_err_400_adaptive"],
        ),
        (rejected(None, "'claude-x' does not support thinking."), &["documented/anthropic_err_400_thinking"]),
        (
            rejected(None, "`temperature` is deprecated for this model."),
            &["documented/anthropic_err_400_temperature"],
        ),
        (
            ProviderError::NoWebPages,
            &["documented/anthropic_err_401_cors_header", "documented/anthropic_err_401_cors_org"],
        ),
        (wait(Some(20_000)), &["documented/anthropic_err_429", "documented/openai_err_429_rate"]),
        (in_stream(), &["documented/anthropic_error_midstream", "litellm/backend_killed_anthropic"]),
        (
            ProviderError::Blocked,
            &[
                "documented/anthropic_refusal",
                "documented/gemini_prompt_blocked",
                "documented/gemini_safety_no_content",
            ],
        ),
        (trouble(502), &["documented/err_html_502", "documented/openrouter_comments_error"]),
        (
            rejected(None, "Thinking is not enabled for models/gemini-x"),
            &["documented/gemini_err_400_thinking"],
        ),
        (wait(Some(37_000)), &["documented/gemini_err_429"]),
        (
            rejected(
                Some("max_tokens"),
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            ),
            &["documented/openai_err_400_max_tokens"],
        ),
        (ProviderError::NoCredit, &["documented/openai_err_429_quota"]),
        (
            trouble(500),
            &[
                "litellm/backend_killed_gemini",
                "litellm/backend_killed_openai",
                "litellm/err_500_dead_backend",
            ],
        ),
        (
            too_long(used, limit),
            &[
                "litellm/err_400_too_long_anthropic",
                "litellm/err_400_too_long_openai",
                "llama-server/err_400_context_too_long",
                "llama-server/err_400_context_too_long_anthropic",
            ],
        ),
        (wait(None), &["litellm/err_429_anthropic", "litellm/err_429_gemini", "litellm/err_429_openai"]),
        (
            rejected(
                None,
                "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing object key - invalid literal; last read: '{b'; expected string literal",
            ),
            &["llama-server/err_400_bad_json"],
        ),
        (ProviderError::BadEndpoint, &["llama-server/err_404_route"]),
    ];
    let each = |(error, names): &(ProviderError, &[&'static str])| {
        names.iter().map(|name| (*name, error.clone())).collect::<Vec<_>>()
    };
    table.iter().flat_map(each).collect()
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
