//! Which Firestore, and which space.

use std::rc::Rc;

use gloo_net::http::Request as HttpRequest;
use gloo_timers::future::TimeoutFuture;
use serde::{Deserialize, Serialize};

use super::device::{read_text, text_entry};
use super::erase::Erasing;
use super::{ConfigSource, Session, SyncView, ThisSession, ToastKind, browser};
use crate::chat::Storage;
use crate::firestore::{BuildEnv, Chosen, Client, Config, Source, Sources};
use crate::store::Durability;
use crate::sync::{Entry, Scope, Secret, SpaceId, Status, Table};

pub(super) const CLOUD_ROW: &str = "l/cloud";
pub(super) const CODE_ROW: &str = "s/code";

/// See the module.
pub(super) struct Cloud {
    /// What the user entered, as stored.
    entered: Option<String>,
    /// The body of `config.json`, if there is one.
    file: Option<String>,
    chosen: Option<Chosen>,
    error: Option<String>,
    pub(super) secret: Option<Secret>,
    /// A link of another device was opened, and the code in it, if it is one.
    pub(super) invited: bool,
    pub(super) invitation: Option<Secret>,
    /// Whether this device syncs, for good.
    pub(super) on: bool,
    /// What this tab does instead.
    pub(super) this_session: ThisSession,
    pub(super) client: Option<Client>,
    /// The rows of which all this was made. Other tabs change them, too.
    seen: (Option<Entry>, Option<Secret>),
    /// The cloud copy is being erased; until that is done nothing else is sent.
    pub(super) erasing: Option<Rc<Erasing>>,
    /// The loop that erases runs in this tab.
    pub(super) is_erasing: bool,
    pub(super) storage_problem: Option<String>,
    pub(super) shown: Rc<SyncView>,
}

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    #[serde(default)]
    config: Option<String>,
    #[serde(default)]
    on: bool,
    #[serde(default)]
    erasing: bool,
}

impl Default for Cloud {
    fn default() -> Self {
        Self {
            entered: None,
            file: None,
            chosen: None,
            error: None,
            secret: None,
            invited: false,
            invitation: None,
            on: false,
            this_session: ThisSession::of_tab(),
            client: None,
            seen: (None, None),
            erasing: None,
            is_erasing: false,
            storage_problem: None,
            shown: Rc::new(SyncView {
                status: Status::Off,
                config: None,
                emulator: None,
                config_error: None,
                paired: false,
                invited: false,
                on: false,
                this_session: ThisSession::AsSet,
                online: true,
                storage_problem: None,
            }),
        }
    }
}

impl Cloud {
    /// Takes in the rows; says whether anything is new in them. What this tab has decided and not stored yet
    /// stays, as the rows are then what they were.
    pub(super) fn take(&mut self, table: &Table) -> bool {
        let secret = table.get(CODE_ROW).and_then(read_text).and_then(|code| code.parse().ok());
        let seen = (table.get(CLOUD_ROW).cloned(), secret);
        if self.seen == seen {
            return false;
        }
        let stored =
            seen.0.as_ref().and_then(|entry| serde_json::from_str::<Stored>(entry.open().ok()?).ok());
        let stored = stored.unwrap_or_default();
        self.entered = stored.config;
        self.on = stored.on;
        self.secret = seen.1.clone();
        let erasing = stored.erasing && self.secret.is_some();
        self.erasing = erasing.then(|| self.erasing.take().unwrap_or_default());
        self.seen = seen;
        self.choose();
        true
    }

    /// Which project and which space, where both are known.
    pub(super) fn place(&self) -> Option<(Config, SpaceId)> {
        Some((self.chosen.as_ref()?.config.clone(), self.secret.as_ref()?.space()))
    }

    fn choose(&mut self) {
        let sources = Sources {
            entered: self.entered.as_deref(),
            file: self.file.as_deref(),
            build: BuildEnv::compiled(),
        };
        match sources.choose() {
            Ok(chosen) => {
                self.chosen = chosen;
                self.error = None;
            }
            Err(error) => {
                self.chosen = None;
                self.error = Some(error.to_string());
            }
        }
    }

    fn entry(&self) -> Entry {
        let erasing = self.erasing.is_some();
        let stored = Stored { config: self.entered.clone(), on: self.on, erasing };
        // a text and a flag: cannot fail
        Entry::local(&serde_json::to_string(&stored).unwrap_or_default())
    }
}

impl Session {
    /// The state of sync.
    #[must_use]
    pub fn sync(&self) -> Rc<SyncView> {
        Rc::clone(&self.0.cloud.borrow().shown)
    }

    pub(super) fn sync_view(&self) -> SyncView {
        let cloud = self.0.cloud.borrow();
        let config = cloud.chosen.as_ref().map(|chosen| {
            let source = match chosen.source {
                Source::Entered => ConfigSource::Entered,
                Source::File => ConfigSource::File,
                Source::Build => ConfigSource::Build,
            };
            (chosen.config.project_id().to_owned(), source)
        });
        let emulator = cloud.chosen.as_ref().and_then(|c| c.config.emulator_host()).map(ToOwned::to_owned);
        SyncView {
            status: self.0.engine.borrow().status(),
            config,
            emulator,
            config_error: cloud.error.clone(),
            paired: cloud.secret.is_some(),
            invited: cloud.invited,
            on: cloud.on,
            this_session: cloud.this_session,
            online: browser::is_online(),
            storage_problem: cloud.storage_problem.clone(),
        }
    }

    pub(super) fn client(&self) -> Option<Client> {
        self.0.cloud.borrow().client.clone()
    }

    /// Looks for a `config.json` beside the page, until there is an answer. Nothing waits for it.
    pub(super) async fn look_for_config_file(&self) {
        let mut wait_ms = 1_000;
        let answer = loop {
            match HttpRequest::get("config.json").send().await {
                Ok(answer) => break answer,
                Err(_) => TimeoutFuture::new(wait_ms).await,
            }
            wait_ms = (wait_ms * 2).min(30_000);
        };
        if answer.ok()
            && let Ok(text) = answer.text().await
        {
            {
                let mut cloud = self.0.cloud.borrow_mut();
                cloud.file = Some(text);
                cloud.choose();
            }
            self.connect_if_wanted();
            self.go_on_erasing();
        }
    }

    /// Takes a configuration as the user pasted it.
    ///
    /// # Errors
    /// One sentence that names what is wrong; the old configuration stays.
    pub async fn enter_config(&self, text: &str) -> Result<(), String> {
        let config = Config::parse(text).map_err(|error| error.to_string())?;
        {
            let mut cloud = self.0.cloud.borrow_mut();
            cloud.entered = Some(config.to_json());
            cloud.choose();
        }
        self.keep_cloud_row();
        self.connect_if_wanted();
        Ok(())
    }

    /// Forgets the configuration that was entered here; one beside the page then counts again.
    pub fn forget_config(&self) {
        {
            let mut cloud = self.0.cloud.borrow_mut();
            cloud.entered = None;
            cloud.choose();
        }
        self.keep_cloud_row();
        self.connect_if_wanted();
    }

    /// The pairing code of the space this device is in.
    #[must_use]
    pub fn pairing_code(&self) -> Option<String> {
        self.0.cloud.borrow().secret.as_ref().map(Secret::code)
    }

    pub(super) fn config(&self) -> Result<Config, String> {
        let cloud = self.0.cloud.borrow();
        let chosen = cloud.chosen.as_ref().map(|chosen| chosen.config.clone());
        chosen.ok_or("Enter the configuration of your Firebase project first.".to_owned())
    }

    pub(super) async fn enter_space(&self, secret: Secret) -> Result<(), String> {
        self.config()?;
        self.keep_code(Some(&secret)).await?;
        self.0.cloud.borrow_mut().secret = Some(secret);
        let mut wanted = (*self.settings()).clone();
        if wanted.storage == Storage::Firestore {
            self.set_sync_on(true);
        } else {
            wanted.storage = Storage::Firestore;
            self.save_settings(wanted);
        }
        Ok(())
    }

    async fn keep_code(&self, secret: Option<&Secret>) -> Result<(), String> {
        self.keep_row(CODE_ROW, secret.map(|secret| text_entry(&secret.code()))).await?;
        self.0.cloud.borrow_mut().seen.1 = secret.cloned();
        Ok(())
    }

    /// Keeps what is decided about the cloud; a failure is told in a toast.
    pub(super) fn keep_cloud_row(&self) {
        let (session, entry) = (self.clone(), self.0.cloud.borrow().entry());
        wasm_bindgen_futures::spawn_local(async move {
            match session.keep_row(CLOUD_ROW, Some(entry.clone())).await {
                Ok(()) => session.0.cloud.borrow_mut().seen.0 = Some(entry),
                Err(why) => session.toast(ToastKind::Error, &why),
            }
        });
    }

    /// Writes or removes a row that all tabs go by, and tells them.
    pub(super) async fn keep_row(&self, row: &str, entry: Option<Entry>) -> Result<(), String> {
        let store = self.store().await?;
        let scope = Scope { keys: vec![row.to_owned()], ..Scope::default() };
        let change = |table: &mut Table| match entry {
            Some(entry) => table.put(row, entry),
            None => table.remove(row),
        };
        let done = store.transact(&scope, Durability::Strict, change).await;
        done.map_err(|error| error.to_string())?;
        self.tell_decided();
        Ok(())
    }

    /// Leaves the space. Everything stays on this device and on the server.
    ///
    /// # Errors
    /// One sentence; nothing changed.
    pub async fn leave_space(&self) -> Result<(), String> {
        self.keep_code(None).await?;
        self.0.cloud.borrow_mut().secret = None;
        self.set_sync_on(false);
        Ok(())
    }
}
