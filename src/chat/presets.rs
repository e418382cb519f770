//! Services that people use, so that nobody has to know an address by heart.

/// An OpenAI-compatible service or server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// Its address.
    pub url: &'static str,
    /// Where one gets a key; `None` for servers on this device, which need none.
    pub key_page: Option<&'static str>,
    /// A model id as they look there.
    pub example: &'static str,
    /// What has to be done there once, where something has.
    pub hint: &'static str,
}

const fn service(
    name: &'static str,
    url: &'static str,
    key_page: &'static str,
    example: &'static str,
) -> Preset {
    Preset { name, url, key_page: Some(key_page), example, hint: "" }
}

const fn server(name: &'static str, url: &'static str, example: &'static str, hint: &'static str) -> Preset {
    Preset { name, url, key_page: None, example, hint }
}

/// The services that are offered, in the order in which they are.
pub const PRESETS: &[Preset] = &[
    service("OpenAI", OPENAI_URL, "https://platform.openai.com/api-keys", "gpt-5.4-mini"),
    service("OpenRouter", "https://openrouter.ai/api/v1", "https://openrouter.ai/keys", "openrouter/auto"),
    service("Groq", "https://api.groq.com/openai/v1", "https://console.groq.com/keys", "openai/gpt-oss-120b"),
    service(
        "Mistral",
        "https://api.mistral.ai/v1",
        "https://console.mistral.ai/api-keys",
        "mistral-small-latest",
    ),
    service(
        "DeepSeek",
        "https://api.deepseek.com/v1",
        "https://platform.deepseek.com/api_keys",
        "deepseek-v4-flash",
    ),
    server(
        "Ollama",
        "http://localhost:11434/v1",
        "llama3.2",
        "Start Ollama with OLLAMA_ORIGINS set to this site, or it refuses web pages. Its models read 4,096 tokens \
         unless OLLAMA_CONTEXT_LENGTH says more; what is longer is cut without a word.",
    ),
    server(
        "LM Studio",
        "http://localhost:1234/v1",
        "qwen3-8b",
        "Switch on “Enable CORS” in its server settings, or run: lms server start --cors",
    ),
    server(
        "llama.cpp",
        "http://localhost:8080/v1",
        "any",
        "llama-server answers with the one model it was started with.",
    ),
];

/// Where OpenAI itself answers.
pub const OPENAI_URL: &str = "https://api.openai.com/v1";
/// Where Anthropic answers.
pub const CLAUDE_URL: &str = "https://api.anthropic.com/v1";
/// Where Google answers.
pub const GEMINI_URL: &str = "https://generativelanguage.googleapis.com/v1beta";
/// Where one gets a key for Claude.
pub const CLAUDE_KEY_PAGE: &str = "https://console.anthropic.com/settings/keys";
/// Where one gets a key for Gemini.
pub const GEMINI_KEY_PAGE: &str = "https://aistudio.google.com/apikey";
