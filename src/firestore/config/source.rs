//! Where the configuration comes from: what the user entered beats the site's `config.json`,
//! which beats what was set when the app was built.

use std::fmt;

use super::{Config, ConfigError};

/// Where a configuration was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Entered in Cloud Sync on this device.
    Entered,
    /// The file `config.json` next to the page.
    File,
    /// Environment variables of the build.
    Build,
}

/// The configuration to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// What.
    pub config: Config,
    /// From where.
    pub source: Source,
}

/// The source that counts is broken. The app stays local: to fall through to the next source
/// could send somebody's chats to another project than the one they meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    /// Which one.
    pub source: Source,
    /// What is wrong with it.
    pub error: ConfigError,
}

/// Everything that may hold a configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// What the user entered on this device, as stored.
    pub entered: Option<&'a str>,
    /// The body of `config.json`, if the site has one.
    pub file: Option<&'a str>,
    /// What the build was told.
    pub build: BuildEnv<'a>,
}

/// The environment variables of the build; an empty one counts as not set.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuildEnv<'a> {
    /// `MUSE_FIREBASE_PROJECT_ID`.
    pub project_id: Option<&'a str>,
    /// `MUSE_FIREBASE_API_KEY`.
    pub api_key: Option<&'a str>,
    /// `MUSE_FIRESTORE_EMULATOR_HOST`.
    pub emulator_host: Option<&'a str>,
}

impl BuildEnv<'static> {
    /// The variables that were set when this binary was compiled.
    #[must_use]
    pub fn compiled() -> Self {
        Self {
            project_id: option_env!("MUSE_FIREBASE_PROJECT_ID"),
            api_key: option_env!("MUSE_FIREBASE_API_KEY"),
            emulator_host: option_env!("MUSE_FIRESTORE_EMULATOR_HOST"),
        }
    }
}

impl BuildEnv<'_> {
    fn config(&self) -> Option<Result<Config, ConfigError>> {
        let [project, key, host] =
            [self.project_id, self.api_key, self.emulator_host].map(Option::unwrap_or_default);
        let any = [project, key, host].iter().any(|text| !text.trim().is_empty());
        any.then(|| Config::new(project, key, host))
    }
}

impl Sources<'_> {
    /// The first source that holds anything; `None` where none does.
    ///
    /// A `config.json` of nothing but space or `{}` holds nothing. Neither does one that is an
    /// HTML page: many hosts answer with the app's page for files that do not exist.
    ///
    /// # Errors
    /// That source is broken.
    pub fn choose(&self) -> Result<Option<Chosen>, SourceError> {
        let entered = self.entered.filter(|text| !text.trim().is_empty());
        let file = self.file.filter(|text| {
            let text = text.trim();
            !text.is_empty() && !text.starts_with('<') && !is_empty_object(text)
        });
        let found = [
            entered.map(|text| (Source::Entered, Config::parse(text))),
            file.map(|text| (Source::File, Config::parse(text))),
            self.build.config().map(|config| (Source::Build, config)),
        ];
        match found.into_iter().flatten().next() {
            None => Ok(None),
            Some((source, Ok(config))) => Ok(Some(Chosen { config, source })),
            Some((source, Err(error))) => Err(SourceError { source, error }),
        }
    }
}

fn is_empty_object(text: &str) -> bool {
    text.strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .is_some_and(|inner| inner.trim().is_empty())
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            Source::Entered => "The configuration entered on this device cannot be used",
            Source::File => "The site's config.json cannot be used",
            Source::Build => "The configuration this app was built with cannot be used",
        };
        write!(f, "{source}: {}", self.error)
    }
}
