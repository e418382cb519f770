use muse_chat::firestore::{BuildEnv, Chosen, Config, ConfigError, Source, Sources};

use super::KEY;

fn good() -> Config {
    Config::new("my-chat-1a2b3", KEY, "").unwrap()
}

#[test]
fn what_people_paste_is_understood() {
    let console = format!(
        r#"
        // Import the functions you need from the SDKs you need
        import {{ initializeApp }} from "firebase/app";
        import {{ getAnalytics as analytics }} from 'https://www.gstatic.com/firebasejs/12.0.0/firebase-app.js';
        // TODO: Add SDKs for Firebase products that you want to use
        // https://firebase.google.com/docs/web/setup#available-libraries

        // Your web app's Firebase configuration
        /* const firebaseConfig = {{ projectId: "commented-out" }}; */
        // const old = {{ projectId: "also-not-this", }};
        const firebaseConfig = {{
          apiKey: "{KEY}",
          authDomain: "my-chat-1a2b3.firebaseapp.com", // a comment
          databaseURL: 'https://my-chat-1a2b3.firebaseio.com',
          projectId: "my-chat-1a2b3",
          storageBucket: "my-chat-1a2b3.firebasestorage.app",
          messagingSenderId: "123456789012",
          appId: "1:123456789012:web:abcdef",
        }};

        // Initialize Firebase
        const app = initializeApp(firebaseConfig);"#
    );
    let json = format!(r#"{{"projectId":"my-chat-1a2b3","apiKey":"{KEY}","appId":"1:2:web:3"}}"#);
    let html = format!(
        "<script>if (x) {{ go() }}\nfirebase.initializeApp({{'projectId':`my-chat-1a2b3`,apiKey:'{KEY}'}})</script>"
    );
    let nested = format!(r#"{{"status":"success","result":{{"sdkConfig":{json}}}}}"#);
    let other_values = format!(
        "{{ projectId: 'my-chat-1a2b3', n: 12, list: [1], env: process.env.X, o: {{ a: 1 }}, apiKey: \"{KEY}\" }}"
    );
    let prose = format!("Don't lose this!\nIt's {{here}}: {json}");
    let escaped = format!("{{ projectId: \"my\\-chat-1a2b3\", apiKey: \" {KEY} \" }}");
    for text in
        [&console, &json, &html, &nested, &other_values, &prose, &escaped, &format!("\u{FEFF}{json}\r\n")]
    {
        assert_eq!(Config::parse(text), Ok(good()), "{text}");
    }
    assert_eq!(Config::parse(&good().to_json()), Ok(good()));
}

#[test]
fn the_emulator_is_another_address() {
    let config =
        Config::parse(r#"{ projectId: "demo-muse", emulatorHost: "http://LocalHost:8080/" }"#).unwrap();
    assert_eq!((config.emulator_host(), config.api_key()), (Some("localhost:8080"), None));
    assert_eq!(config.url("/x:commit"), "http://localhost:8080/v1/x:commit");
    assert_eq!(Config::parse(&config.to_json()), Ok(config));
    for near in
        ["127.0.0.1:1", "[::1]:65535", "10.0.0.9:8080", "192.168.1.2:8080", "172.16.0.1:80", "169.254.1.1:80"]
    {
        assert_eq!(Config::new("demo-muse", "", near).unwrap().emulator_host(), Some(near));
    }
    assert_eq!(good().base_url(), "https://firestore.googleapis.com/v1");
    assert_eq!(good().url("/x:commit"), format!("https://firestore.googleapis.com/v1/x:commit?key={KEY}"));
}

/// The sentence a refused text is answered with.
fn refusal(text: &str) -> String {
    let refusal = Config::parse(text).unwrap_err().to_string();
    assert!(!refusal.contains("AIza"), "{refusal}");
    refusal
}

#[test]
fn a_refusal_names_the_field_and_what_is_wrong() {
    for (text, expected) in [
        ("", "Paste the configuration"),
        (" \n", "Paste the configuration"),
        ("hello", "No Firebase configuration"),
        ("{}", "No Firebase configuration"),
        ("import { initializeApp } from 'firebase/app'", "No Firebase configuration"),
        (
            r#"{"type":"service_account","private_key":"x","project_id":"p"}"#,
            "secret key of a service account",
        ),
        ("{ apiKey: 'AIzaSyA-0123456789' }", "projectId is missing."),
        ("{ projectId: '' }", "projectId is missing."),
        ("{ projectId: process.env.ID }", "projectId must be a text in quotes."),
        ("{ projectId: 5 }", "projectId must be a text in quotes."),
        ("{ projectId: 'My Chat' }", "projectId has 'M' in it"),
        ("{ projectId: 'my_chat' }", "projectId has '_' in it"),
        ("{ projectId: 'my/chat' }", "projectId has '/' in it"),
        ("{ projectId: 'abc' }", "projectId is not a project id"),
        ("{ projectId: '1abcdef' }", "projectId is not a project id"),
        ("{ projectId: 'abcdef-' }", "projectId is not a project id"),
        ("{ projectId: 'my-chat', apiKey: 'AIza 0123456789' }", "apiKey has a space in it"),
        ("{ projectId: 'my-chat', apiKey: 'AIza\\n0123456789' }", "apiKey has a space in it"),
        (
            "{ projectId: 'my-chat', apiKey: 'AIza&x=0123456789' }",
            "apiKey has a character that no API key has",
        ),
        ("{ projectId: 'my-chat', apiKey: 'AIza' }", "apiKey is too short"),
        ("{ projectId: 'my-chat', apiKey: 12 }", "apiKey must be a text in quotes."),
        ("{ projectId: 'my-chat', emulatorHost: 'localhost' }", "emulatorHost has no port"),
        (
            "{ projectId: 'my-chat', emulatorHost: 'localhost:x' }",
            "emulatorHost has a port that is not a number",
        ),
        (
            "{ projectId: 'my-chat', emulatorHost: 'localhost:+80' }",
            "emulatorHost has a port that is not a number",
        ),
        (
            "{ projectId: 'my-chat', emulatorHost: 'localhost:' }",
            "emulatorHost has a port that is not a number",
        ),
        (
            "{ projectId: 'my-chat', emulatorHost: 'localhost:0' }",
            "emulatorHost has a port that is not a number",
        ),
        (
            "{ projectId: 'my-chat', emulatorHost: 'localhost:70000' }",
            "emulatorHost has a port that is not a number",
        ),
        ("{ projectId: 'my-chat', emulatorHost: '0.0.0.0:8080' }", "emulatorHost is 0.0.0.0"),
        ("{ projectId: 'my-chat', emulatorHost: 'evil.example:8080' }", "emulatorHost must be this machine"),
        ("{ projectId: 'my-chat', emulatorHost: '8.8.8.8:8080' }", "emulatorHost must be this machine"),
        (
            "{ projectId: 'my-chat', emulatorHost: 'localhost@evil.example:80' }",
            "emulatorHost must be this machine",
        ),
        (
            "{ projectId: 'my-chat', emulatorHost: 'localhost:80/v1' }",
            "emulatorHost has a port that is not a number",
        ),
        (
            "{ projectId: 'my-chat', emulatorHost: 'https://localhost:80' }",
            "emulatorHost must be this machine",
        ),
    ] {
        assert!(
            refusal(text).starts_with(expected) || refusal(text).contains(expected),
            "{text}: {}",
            refusal(text)
        );
    }
    assert_eq!(Config::parse(&"{".repeat(30_000)), Err(ConfigError::NotAConfig));
}

#[test]
fn no_text_makes_the_parser_panic_or_hang() {
    let pieces = [
        "{",
        "}",
        ":",
        ",",
        "\"",
        "'",
        "`",
        "\\",
        "//",
        "/*",
        "*/",
        "\n",
        " ",
        "projectId",
        "apiKey",
        "a",
        "é",
        "1",
        "[",
        "]",
        "-",
        "\u{0}",
    ];
    let mut rng = fastrand::Rng::with_seed(31);
    let cases = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
    for _ in 0..cases {
        let text: String = (0..rng.usize(..40)).filter_map(|_| rng.choice(pieces)).collect();
        let _ = Config::parse(&text);
    }
    for worst in ["{", "{a:", "/*", "'", "{a:{", "{a:b,", "{'"] {
        let _ = Config::parse(&worst.repeat(20_000 / worst.len()));
    }
}

fn chosen(source: Source, config: Config) -> Option<Chosen> {
    Some(Chosen { config, source })
}

#[test]
fn the_first_source_that_holds_anything_counts() {
    let entered = Config::new("entered-project", "", "").unwrap();
    let file = Config::new("file-project", "", "").unwrap();
    let build = Config::new("build-project", KEY, "127.0.0.1:8080").unwrap();
    let (entered_text, file_text) = (entered.to_json(), file.to_json());
    let env = BuildEnv {
        project_id: Some("build-project"),
        api_key: Some(KEY),
        emulator_host: Some("127.0.0.1:8080"),
    };
    let all = Sources { entered: Some(&entered_text), file: Some(&file_text), build: env };
    assert_eq!(all.choose(), Ok(chosen(Source::Entered, entered)));
    for nothing in [None, Some(""), Some(" \n")] {
        assert_eq!(Sources { entered: nothing, ..all }.choose(), Ok(chosen(Source::File, file.clone())));
    }
    for nothing in [None, Some(""), Some("{ }"), Some("<!doctype html><title>Muse</title>")] {
        let sources = Sources { entered: None, file: nothing, ..all };
        assert_eq!(sources.choose(), Ok(chosen(Source::Build, build.clone())));
    }
    let empty = BuildEnv { project_id: Some(""), api_key: Some(" "), emulator_host: None };
    assert_eq!(Sources { build: empty, ..Sources::default() }.choose(), Ok(None));
    assert_eq!(Sources::default().choose(), Ok(None));
}

#[test]
fn a_broken_source_is_an_error_and_never_skipped() {
    let fine = good().to_json();
    for (sources, expected) in [
        (
            Sources { entered: Some("x"), file: Some(&fine), ..Sources::default() },
            "The configuration entered on this device cannot be used: No Firebase configuration",
        ),
        (
            Sources { file: Some(r#"{"projectId":"A"}"#), ..Sources::default() },
            "The site's config.json cannot be used: projectId has 'A' in it",
        ),
        (
            Sources { build: BuildEnv { api_key: Some(KEY), ..BuildEnv::default() }, ..Sources::default() },
            "The configuration this app was built with cannot be used: projectId is missing.",
        ),
    ] {
        let error = sources.choose().unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn an_api_key_is_not_printed() {
    let printed = format!("{:?}", good());
    assert!(printed.contains("my-chat-1a2b3") && !printed.contains(KEY), "{printed}");
}
