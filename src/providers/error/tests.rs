use super::*;

fn error(status: u16, body: &str) -> ProviderError {
    ProviderError::from_response(status, None, body, &ApiKey::new("k-1234"))
}

#[test]
fn bodies_of_many_shapes_are_understood() {
    let rejected = |param: Option<&str>, text: &str| ProviderError::Rejected {
        param: param.map(ToOwned::to_owned),
        text: text.to_owned(),
    };
    for (status, body, expected) in [
        (402, r#"{"error":{"code":402,"message":"Insufficient credits"}}"#, ProviderError::NoCredit),
        (
            422,
            r#"{"detail":[{"loc":["body","stream_options"],"msg":"extra fields not permitted","type":"value_error"}]}"#,
            rejected(Some("stream_options"), "extra fields not permitted"),
        ),
        (400, r#"{"detail":"bad thing"}"#, rejected(None, "bad thing")),
        (
            400,
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported","param":null}}"#,
            rejected(Some("max_tokens"), "Unsupported parameter: 'max_tokens' is not supported"),
        ),
        (
            400,
            r#"[{"error":{"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]"#,
            ProviderError::BadKey,
        ),
        (404, r#"{"error":"model 'x' not found"}"#, ProviderError::UnknownModel),
        (404, "404 page not found", ProviderError::BadEndpoint),
        (404, "<!doctype html><title>Not found</title>", ProviderError::BadEndpoint),
        (
            403,
            r#"{"error":{"message":"Project does not have access to model `x`","code":"model_not_found"}}"#,
            ProviderError::UnknownModel,
        ),
        (
            403,
            r#"{"error":{"message":"Country not supported","code":"unsupported_country_region_territory"}}"#,
            ProviderError::Other { text: "Country not supported".to_owned() },
        ),
        (403, r#"{"error":{"message":"Your input was flagged","code":403}}"#, ProviderError::Blocked),
        (
            503,
            r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
            ProviderError::Overloaded { status: Some(503) },
        ),
        (500, "model not found in the cache of worker 7", ProviderError::Overloaded { status: Some(500) }),
        (
            400,
            r#"{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}"#,
            ProviderError::TooLong { used: Some(1_200_000), limit: Some(1_048_576) },
        ),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
            ProviderError::TooLong { used: Some(210_000), limit: Some(200_000) },
        ),
        (
            403,
            r#"{"error":{"code":403,"message":"Method doesn't allow unregistered callers (callers without established identity).","status":"PERMISSION_DENIED"}}"#,
            ProviderError::BadKey,
        ),
        (418, "", ProviderError::Other { text: String::new() }),
    ] {
        assert_eq!(error(status, body), expected, "{status} {body}");
    }
    let no_key = ProviderError::from_response(401, None, "{}", &ApiKey::default());
    assert_eq!(no_key, ProviderError::NoKey);
}

#[test]
fn a_wait_is_read_from_the_header_or_the_text() {
    for (text, ms) in [
        ("Please try again in 20s.", Some(20_000)),
        ("try again in 1.5 seconds", Some(1_500)),
        ("Try again in 6m0s", Some(360_000)),
        ("try again in 250ms", Some(250)),
        ("try again in a while", None),
        ("try again in 99999999h", None),
        ("slow down", None),
    ] {
        let body = serde_json::json!({ "error": { "message": text } }).to_string();
        assert_eq!(error(429, &body), ProviderError::RateLimited { retry_after_ms: ms }, "{text}");
    }
    let key = ApiKey::default();
    for (header, ms) in
        [("7", Some(7_000)), ("-1", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("1e99", None)]
    {
        let error = ProviderError::from_response(429, Some(header), "", &key);
        assert_eq!(error, ProviderError::RateLimited { retry_after_ms: ms }, "{header}");
    }
}

#[test]
fn no_error_ever_shows_the_key() {
    let key = ApiKey::new("SENTINEL/0123456789");
    for status in [400, 401, 403, 404, 418, 422, 429, 500] {
        for body in [
            r#"{"error":{"message":"the key SENTINEL/0123456789 is bad","param":"SENTINEL/0123456789"}}"#,
            r#"{"error":{"message":"the key SENTINEL\/0123456789 is bad"}}"#,
            r#"{"x":"SENTINEL/0123456789"}"#,
            "SENTINEL/0123456789 and more",
            r#"{"detail":[{"loc":["SENTINEL/0123456789"],"msg":"SENTINEL/0123456789"}]}"#,
        ] {
            let padded = format!("{}{body}", " ".repeat(190));
            let long = body.replace("the key", &"x".repeat(192));
            for body in [body, &padded, &long] {
                let error = ProviderError::from_response(status, None, body, &key);
                let shown = format!("{error:?} {}", error.message("h", "m"));
                assert!(!shown.contains("SENTINEL"), "{shown}");
            }
        }
    }
}

#[test]
fn every_message_is_one_line_that_names_the_host_and_what_to_do() {
    let origin = "https://muse.example";
    let endpoint = |url| Endpoint::parse(url, "/v1").unwrap_or_else(|error| panic!("{url}: {error}"));
    let far = endpoint("https://ai.test/v1");
    let near = endpoint("http://localhost:11434");
    assert_eq!(Unreachable::diagnose(&far, origin, false, None), Unreachable::Offline);
    assert_eq!(
        Unreachable::diagnose(&endpoint("http://nas:1/v1"), origin, true, None),
        Unreachable::MixedContent
    );
    assert_eq!(
        Unreachable::diagnose(&near, origin, false, Some(false)),
        Unreachable::Nothing { is_local: true, from_secure: true }
    );
    for (url, fix) in [
        ("http://localhost:11434", "OLLAMA_ORIGINS=https://muse.example"),
        ("http://localhost:1234", "Enable CORS"),
        ("http://localhost:8080", "--cors-origins https://muse.example"),
        ("https://ai.test", "allow https://muse.example"),
    ] {
        let why = Unreachable::diagnose(&endpoint(url), origin, true, Some(true));
        assert!(why.message("h").contains(fix), "{}", why.message("h"));
    }
    let unreachable = [
        Unreachable::MixedContent,
        Unreachable::diagnose(&near, origin, true, Some(true)),
        Unreachable::Forbidden,
        Unreachable::Nothing { is_local: true, from_secure: true },
        Unreachable::Nothing { is_local: true, from_secure: false },
        Unreachable::Nothing { is_local: false, from_secure: true },
        Unreachable::Timeout,
        Unreachable::Lost,
    ];
    let mut errors = vec![
        ProviderError::NoKey,
        ProviderError::BadKey,
        ProviderError::UnknownModel,
        ProviderError::RateLimited { retry_after_ms: Some(1_200) },
        ProviderError::RateLimited { retry_after_ms: None },
        ProviderError::NoCredit,
        ProviderError::Overloaded { status: Some(529) },
        ProviderError::Overloaded { status: None },
        ProviderError::Blocked,
        ProviderError::NoWebPages,
        ProviderError::Silent { is_spent: true },
        ProviderError::Silent { is_spent: false },
        ProviderError::BadEndpoint,
        ProviderError::Rejected { param: None, text: "no".to_owned() },
        ProviderError::Other { text: "no".to_owned() },
    ];
    errors.extend(unreachable.map(ProviderError::Unreachable));
    for error in errors {
        let message = error.message("ai.test", "gpt");
        assert!(message.contains("ai.test") && !message.contains('\n'), "{message}");
    }
    let too_long = ProviderError::TooLong { used: Some(3031), limit: Some(2048) };
    assert!(too_long.message("h", "m").contains("3031 of 2048"));
}
