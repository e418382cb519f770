//! The readers of provider replies against replies of real servers, recorded in
//! `tests/fixtures/llm`, cut in every way and damaged in many.

mod damage;
mod errors;
mod replies;
mod requests;

use std::fs;
use std::path::{Path, PathBuf};

use data_encoding::BASE64;
use muse_chat::chat::Usage;
use muse_chat::providers::{ApiKey, Delta, Dialect, Finish, ProviderError, Reader};
use serde_json::Value;

struct Fixture {
    name: String,
    status: u16,
    content_type: String,
    retry_after: Option<String>,
    chunks: Vec<Vec<u8>>,
}

impl Fixture {
    fn body(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    fn text(&self) -> String {
        String::from_utf8(self.body()).unwrap()
    }

    fn is_stream(&self) -> bool {
        self.content_type.starts_with("text/event-stream")
    }

    /// The dialect it is in; none where it is no reply of a provider.
    fn dialect(&self) -> Option<Dialect> {
        match &*self.name {
            "documented/sse_grammar" => None,
            name if name.contains("anthropic") => Some(Dialect::Claude),
            name if name.contains("gemini") => Some(Dialect::Gemini),
            _ => Some(Dialect::OpenAi),
        }
    }

    fn read(&self) -> Outcome {
        self.read_as(self.chunks.iter().map(Vec::as_slice))
    }

    fn read_as<'a>(&self, chunks: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
        read(self.dialect().unwrap_or(Dialect::OpenAi), &self.content_type, chunks)
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/llm")
}

fn load(folder: &str, meta: &Path) -> Fixture {
    let value: Value = serde_json::from_str(&fs::read_to_string(meta).unwrap()).unwrap();
    let name = meta.file_name().unwrap().to_str().unwrap().strip_suffix(".meta.json").unwrap();
    let lines = fs::read_to_string(meta.with_file_name(format!("{name}.jsonl"))).unwrap();
    let chunks = lines.lines().filter(|line| !line.is_empty()).map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        BASE64.decode(line["bytes_base64"].as_str().unwrap().as_bytes()).unwrap()
    });
    let header = |name: &str| value["headers"][name].as_str().map(ToOwned::to_owned);
    Fixture {
        name: format!("{folder}/{name}"),
        status: value["status"].as_u64().map_or(0, |status| u16::try_from(status).unwrap()),
        content_type: header("content-type").unwrap_or_default(),
        retry_after: header("retry-after"),
        chunks: chunks.collect(),
    }
}

fn fixtures() -> Vec<Fixture> {
    let mut all = Vec::new();
    for name in ["aimock", "documented", "litellm", "llama-server"] {
        for entry in fs::read_dir(folder().join(name)).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().ends_with(".meta.json") {
                all.push(load(name, &path));
            }
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(all.len() >= 100, "fixtures are missing");
    all
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Read {
    text: String,
    reasoning: String,
    usage: Option<Usage>,
}

impl Read {
    fn take(&mut self, delta: Delta) {
        match delta {
            Delta::Text(text) => self.text.push_str(&text),
            Delta::Reasoning(text) => self.reasoning.push_str(&text),
            Delta::Usage(usage) => self.usage = Some(usage),
        }
    }
}

type Outcome = (Read, Result<Finish, ProviderError>);

fn key() -> ApiKey {
    ApiKey::new("sk-SENTINEL-0123456789")
}

fn read<'a>(dialect: Dialect, content_type: &str, chunks: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut reader = Reader::new(dialect, content_type, &key());
    let mut got = Read::default();
    for chunk in chunks {
        reader.push(chunk, &mut |delta| got.take(delta));
    }
    let end = reader.end(&mut |delta| got.take(delta));
    (got, end)
}
