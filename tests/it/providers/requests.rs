//! The exact requests: address, headers and body of each service.

use muse_chat::chat::{Model, Settings, Speaker, Turn};
use muse_chat::providers::{ApiKey, Endpoint, Provider, ProviderError, Service};

const KEY: &str = "sk-SENTINEL-0123456789";

fn service(model: Model, settings: &Settings) -> Service {
    match Provider::choose(model, "m-1", settings, |_: &Endpoint| ApiKey::new(KEY)) {
        Ok(Provider::Service(service)) => *service,
        other => panic!("{other:?}"),
    }
}

fn turns() -> Vec<Turn> {
    vec![
        Turn::new(Speaker::System, "Be brief."),
        Turn::new(Speaker::User, "Say \"hé\"\n👋"),
        Turn::new(Speaker::Assistant, "hé"),
        Turn::new(Speaker::User, "Again"),
    ]
}

struct Sent {
    url: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

fn sent(model: Model, settings: &Settings, turns: &[Turn]) -> Sent {
    let service = service(model, settings);
    let request = service.request(turns);
    Sent { url: service.url(&request), headers: service.headers(), body: service.body(&request) }
}

fn header(name: &'static str, value: &str) -> (&'static str, String) {
    (name, value.to_owned())
}

/// The person set everything that can be set.
fn all_set() -> Settings {
    Settings { temperature: "0,5".to_owned(), max_tokens: "99".to_owned(), ..Settings::default() }
}

#[test]
fn chat_completions() {
    let got = sent(Model::OpenAi, &Settings::default(), &turns());
    assert_eq!(got.url, "https://api.openai.com/v1/chat/completions");
    assert_eq!(got.headers, [header("authorization", &format!("Bearer {KEY}"))]);
    assert_eq!(
        got.body,
        concat!(
            r#"{"model":"m-1","messages":[{"role":"system","content":"Be brief."},"#,
            r#"{"role":"user","content":"Say \"hé\"\n👋"},{"role":"assistant","content":"hé"},"#,
            r#"{"role":"user","content":"Again"}],"stream":true,"stream_options":{"include_usage":true}}"#
        )
    );
    let got = sent(Model::OpenAi, &all_set(), &turns()[3..]);
    assert_eq!(
        got.body,
        concat!(
            r#"{"model":"m-1","messages":[{"role":"user","content":"Again"}],"temperature":0.5,"#,
            r#""max_completion_tokens":99,"stream":true,"stream_options":{"include_usage":true}}"#
        )
    );
}

#[test]
fn messages() {
    let got = sent(Model::Claude, &Settings::default(), &turns());
    assert_eq!(got.url, "https://api.anthropic.com/v1/messages");
    let headers = [
        header("anthropic-version", "2023-06-01"),
        header("anthropic-dangerous-direct-browser-access", "true"),
        header("x-api-key", KEY),
    ];
    assert_eq!(got.headers, headers);
    assert_eq!(
        got.body,
        concat!(
            r#"{"model":"m-1","max_tokens":8192,"system":"Be brief.","#,
            r#""messages":[{"role":"user","content":"Say \"hé\"\n👋"},{"role":"assistant","content":"hé"},"#,
            r#"{"role":"user","content":"Again"}],"stream":true}"#
        )
    );
    let got = sent(Model::Claude, &all_set(), &turns()[3..]);
    assert_eq!(
        got.body,
        r#"{"model":"m-1","max_tokens":99,"messages":[{"role":"user","content":"Again"}],"temperature":0.5,"stream":true}"#
    );
}

#[test]
fn thinking_is_asked_for_in_the_words_of_each_and_only_where_it_is_wanted() {
    let bodies = |model, settings: &Settings| {
        let service = service(model, settings);
        let mut request = service.request(&turns()[3..]);
        let refusal = ProviderError::Rejected { param: None, text: "Thinking is not for m-1".to_owned() };
        let mut bodies = vec![service.body(&request)];
        while let Some(next) = request.after(&refusal) {
            bodies.push(service.body(&next));
            request = next;
        }
        bodies
    };
    let wanted = Settings { thinking: true, ..Settings::default() };
    let strict = Settings { thinking: true, ..all_set() };
    let claude = |rest: &str| format!(r#"{{"model":"m-1",{rest},"stream":true}}"#);
    let said = r#""messages":[{"role":"user","content":"Again"}]"#;
    assert_eq!(
        bodies(Model::Claude, &wanted),
        [
            claude(&format!(
                r#""max_tokens":16384,{said},"thinking":{{"type":"adaptive","display":"summarized"}}"#
            )),
            claude(&format!(
                r#""max_tokens":16384,{said},"thinking":{{"type":"enabled","budget_tokens":8192}}"#
            )),
            claude(&format!(r#""max_tokens":8192,{said}"#)),
        ]
    );
    // no temperature beside it, and room for an answer
    assert_eq!(
        bodies(Model::Claude, &strict),
        [
            claude(&format!(
                r#""max_tokens":99,{said},"thinking":{{"type":"adaptive","display":"summarized"}}"#
            )),
            claude(&format!(
                r#""max_tokens":2048,{said},"thinking":{{"type":"enabled","budget_tokens":1024}}"#
            )),
            claude(&format!(r#""max_tokens":99,{said},"temperature":0.5"#)),
        ]
    );
    let gemini =
        |config: &str| format!(r#"{{"contents":[{{"role":"user","parts":[{{"text":"Again"}}]}}]{config}}}"#);
    assert_eq!(
        bodies(Model::Gemini, &wanted),
        [gemini(r#","generationConfig":{"thinkingConfig":{"includeThoughts":true}}"#), gemini("")]
    );
    let (plain, thinking) = (bodies(Model::OpenAi, &Settings::default()), bodies(Model::OpenAi, &wanted));
    assert_eq!(plain, thinking);
    let service = service(Model::Claude, &wanted);
    let title = Provider::Service(Box::new(service)).thinking(&[]);
    assert!(matches!(title, Provider::Service(service) if service.thinking.is_empty()));
}

#[test]
fn generate_content() {
    let got = sent(Model::Gemini, &Settings::default(), &turns());
    assert_eq!(
        got.url,
        "https://generativelanguage.googleapis.com/v1beta/models/m-1:streamGenerateContent?alt=sse"
    );
    assert_eq!(got.headers, [header("x-goog-api-key", KEY)]);
    assert_eq!(
        got.body,
        concat!(
            r#"{"systemInstruction":{"parts":[{"text":"Be brief."}]},"#,
            r#""contents":[{"role":"user","parts":[{"text":"Say \"hé\"\n👋"}]},{"role":"model","parts":[{"text":"hé"}]},"#,
            r#"{"role":"user","parts":[{"text":"Again"}]}]}"#
        )
    );
    let got = sent(Model::Gemini, &all_set(), &turns()[3..]);
    assert_eq!(
        got.body,
        concat!(
            r#"{"contents":[{"role":"user","parts":[{"text":"Again"}]}],"#,
            r#""generationConfig":{"maxOutputTokens":99,"temperature":0.5}}"#
        )
    );
    let mut odd = service(Model::Gemini, &Settings::default());
    for (id, path) in [
        ("models/gemini-x", "models/gemini-x:"),
        ("tunedModels/mine", "tunedModels/mine:"),
        ("a?key=b#c", "models/a%3Fkey%3Db%23c:"),
        ("../../v1/x", "v1/x:"),
        ("gemini-1.5..x", "models/gemini-1.5..x:"),
    ] {
        id.clone_into(&mut odd.model);
        let url = odd.url(&odd.request(&turns()));
        assert!(
            url.starts_with(&format!("https://generativelanguage.googleapis.com/v1beta/{path}")),
            "{url}"
        );
    }
}

#[test]
fn a_server_of_ones_own_gets_no_header_for_a_key_that_is_not_there() {
    for model in [Model::OpenAi, Model::Claude, Model::Gemini] {
        let mut settings = all_set();
        "http://localhost:8080".clone_into(&mut settings.source_mut(model).unwrap().url);
        let chosen = Provider::choose(model, "m", &settings, |_: &Endpoint| ApiKey::default());
        let Ok(Provider::Service(service)) = chosen else { panic!("{chosen:?}") };
        assert!(service.headers().iter().all(|(name, _)| name.starts_with("anthropic-")), "{model:?}");
        assert!(!service.endpoint.needs_key());
        // servers know the limit by its older name
        let body = service.body(&service.request(&turns()));
        assert_eq!(body.contains("\"max_tokens\":99"), model != Model::Gemini, "{body}");
    }
}

#[test]
fn what_is_refused_is_left_out_of_the_next_request() {
    let service = service(Model::Claude, &all_set());
    let request = service.request(&turns());
    let body = r#"{"type":"error","error":{"type":"invalid_request_error","message":"`temperature` is deprecated for this model."}}"#;
    let error = ProviderError::from_response(400, None, body, &service.key);
    let next = request.after(&error).unwrap();
    assert!(
        !service.body(&next).contains("temperature") && service.body(&next).contains("\"max_tokens\":99")
    );
    assert_eq!(next.after(&error), None);
}
