//! Which Firebase project to sync with: what a user pastes, what is stored, and who wins.
//!
//! Promises: pure; every refusal names the field and what is wrong with it, and never repeats an
//! API key. `docs/ENVIRONMENT.md` describes all sources for people.

mod snippet;
mod source;

use std::fmt;
use std::net::Ipv4Addr;

use serde_json::{Map, Value, json};

pub use source::{BuildEnv, Chosen, Source, SourceError, Sources};

/// Longest text that is searched for a config, in bytes.
const MAX_TEXT: usize = 20_000;
const PRODUCTION: &str = "https://firestore.googleapis.com/v1";

/// A checked configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    project_id: String,
    api_key: Option<String>,
    emulator_host: Option<String>,
}

/// The API key is public, but has no business in a log.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("project_id", &self.project_id)
            .field("api_key", &self.api_key.as_ref().map(|_| "…"))
            .field("emulator_host", &self.emulator_host)
            .finish()
    }
}

/// Why a text is not a usable configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// Nothing was entered.
    Empty,
    /// No object with Firebase's fields in the text.
    NotAConfig,
    /// It is the secret key of a service account, which must not be in any web page.
    ServiceAccount,
    /// One field is wrong.
    Field {
        /// Its name in the config.
        name: &'static str,
        /// What is wrong, to be read after the name: "has a space in it".
        problem: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Paste the configuration of your Firebase web app here."),
            Self::NotAConfig => f.write_str(
                "No Firebase configuration found in this text: it should have lines like projectId: \"…\" in braces.",
            ),
            Self::ServiceAccount => f.write_str(
                "This is the secret key of a service account. Never put it into a web page; \
                 use the configuration of a web app (Project settings, Your apps).",
            ),
            Self::Field { name, problem } => write!(f, "{name} {problem}."),
        }
    }
}

impl Config {
    /// A configuration from its parts; empty texts count as not given.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn new(project_id: &str, api_key: &str, emulator_host: &str) -> Result<Self, ConfigError> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let project_id = given(project_id).ok_or_else(|| wrong("projectId", "is missing"))?;
        check_project(&project_id)?;
        let emulator_host = given(emulator_host).map(|host| plain_host(&host)).transpose()?;
        let api_key = given(api_key);
        // for an emulator, people make one up
        let shortest = if emulator_host.is_some() { 1 } else { 30 };
        api_key.as_deref().map_or(Ok(()), |key| check_key(key, shortest))?;
        Ok(Self { project_id, api_key, emulator_host })
    }

    /// The configuration in a pasted text: the snippet of the Firebase console with everything
    /// around it, an object with or without quotes, or JSON. Other fields are ignored.
    ///
    /// # Errors
    /// There is none in it, or a field is wrong.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        if text.trim().is_empty() {
            return Err(ConfigError::Empty);
        }
        // the parser looks at every brace, so its work is bounded here
        let object = if text.len() > MAX_TEXT { None } else { snippet::find(text) };
        Self::from_object(&object.ok_or(ConfigError::NotAConfig)?)
    }

    fn from_object(object: &Map<String, Value>) -> Result<Self, ConfigError> {
        if object.contains_key("private_key") {
            return Err(ConfigError::ServiceAccount);
        }
        let field = |name: &'static str| match object.get(name) {
            None => Ok(""),
            Some(Value::String(text)) => Ok(text.as_str()),
            Some(_) => Err(wrong(name, "must be a text in quotes")),
        };
        Self::new(field("projectId")?, field("apiKey")?, field("emulatorHost")?)
    }

    /// The text that [`Config::parse`] reads back, as it is stored on the device.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut object = Map::from_iter([("projectId".to_owned(), json!(self.project_id))]);
        for (name, value) in [("apiKey", &self.api_key), ("emulatorHost", &self.emulator_host)] {
            if let Some(value) = value {
                object.insert(name.to_owned(), json!(value));
            }
        }
        Value::Object(object).to_string()
    }

    /// Id of the Firebase project.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// The web API key, which names the project and is no secret.
    #[must_use]
    pub fn api_key(&self) -> Option<&str> {
        self.api_key.as_deref()
    }

    /// `host:port` of an emulator that is used instead of Google's servers.
    #[must_use]
    pub fn emulator_host(&self) -> Option<&str> {
        self.emulator_host.as_deref()
    }

    /// What every path is put behind, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        match &self.emulator_host {
            Some(host) => format!("http://{host}/v1"),
            None => PRODUCTION.to_owned(),
        }
    }

    /// The address of a call: its path below [`Config::base_url`], with the API key.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let key = self.api_key.as_deref().map(|key| format!("?key={key}")).unwrap_or_default();
        format!("{}{path}{key}", self.base_url())
    }
}

fn wrong(name: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Field { name, problem: problem.into() }
}

/// Lower-case letters, digits and dashes; very old projects have `their-domain.com:` in front.
fn check_project(id: &str) -> Result<(), ConfigError> {
    let bad = |problem: String| Err(wrong("projectId", problem));
    let plain = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:".contains(*c);
    if let Some(odd) = id.chars().find(|c| !plain(c)) {
        return bad(format!("has {odd:?} in it; it is made of a-z, 0-9 and dashes, like my-chat-1a2b3"));
    }
    if !(4..=63).contains(&id.len())
        || !id.starts_with(|c: char| c.is_ascii_lowercase())
        || id.ends_with(['-', '.', ':'])
    {
        return bad(
            "is not a project id: 6 to 30 of a-z, 0-9 and dashes, a letter first, no dash last".to_owned()
        );
    }
    Ok(())
}

fn check_key(key: &str, shortest: usize) -> Result<(), ConfigError> {
    let bad = |problem: &str| Err(wrong("apiKey", problem));
    if key.contains(char::is_whitespace) {
        return bad("has a space in it: copy it again in one piece");
    }
    if !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return bad("has a character that no API key has; only letters, digits, - and _");
    }
    if !(shortest..=200).contains(&key.len()) {
        return bad("is too short or too long; Google's keys have 39 characters");
    }
    Ok(())
}

/// `host:port`, from what people write (`http://localhost:8080/`). Only this machine and private
/// networks: a pasted config must not send somebody's chats in plain text across the internet.
fn plain_host(text: &str) -> Result<String, ConfigError> {
    let bad = |problem: &str| Err(wrong("emulatorHost", problem));
    let plain = text.strip_prefix("http://").unwrap_or(text);
    let plain = plain.strip_suffix('/').unwrap_or(plain).to_ascii_lowercase();
    let Some((host, port)) = plain.rsplit_once(':') else {
        return bad("has no port: it is host:port, like 127.0.0.1:8080");
    };
    // `parse` alone would take +80
    if !port.bytes().all(|b| b.is_ascii_digit())
        || port.parse::<u16>().is_ok_and(|port| port == 0)
        || port.parse::<u16>().is_err()
    {
        return bad("has a port that is not a number from 1 to 65535");
    }
    if host == "0.0.0.0" {
        return bad("is 0.0.0.0, which is no address to call: use 127.0.0.1 with the same port");
    }
    if !is_near(host) {
        return bad(
            "must be this machine or a private network (localhost, 127.0.0.1, [::1], 10.…, 192.168.…)",
        );
    }
    Ok(plain)
}

fn is_near(host: &str) -> bool {
    let by_number =
        host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback() || ip.is_private() || ip.is_link_local());
    by_number || host == "localhost" || host == "[::1]"
}
