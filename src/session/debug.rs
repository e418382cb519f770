//! Facts for the debug modal, and its two smoke tests.

use super::views::all_rows;
use super::{Diagnostics, Place, ProbeReport, Session, browser};
use crate::chat::Model;
use crate::firestore::ProbeReport as Report;
use crate::store;
use crate::sync::{Entry, Key, Scope, SyncHealth, Usage};

const ASIDE_ROWS: &str = "x/";
/// What all tabs used of Firestore's allowance today.
const USAGE_ROW: &str = "l/usage";
/// So often at most it is stored.
const KEEP_USAGE_EVERY_MS: u64 = 30_000;

impl Session {
    /// How sync is doing; [`SyncHealth::report`] wants [`Session::instant_ms`].
    #[must_use]
    pub fn health(&self) -> SyncHealth {
        self.0.engine.borrow().health()
    }

    /// Milliseconds on the clock of all times to come.
    #[must_use]
    pub fn instant_ms(&self) -> u64 {
        browser::now().instant_ms
    }

    pub(super) fn take_usage(&self, table: &crate::sync::Table) {
        if let Some(usage) = table.get(USAGE_ROW).and_then(read_usage) {
            self.0.engine.borrow_mut().handle_usage(usage);
        }
    }

    /// Adds what was used to what all tabs used. An idle tab does not write for every poll.
    pub(super) fn keep_usage(&self) {
        let now_ms = browser::now().instant_ms;
        if !self.is_loaded() || now_ms < self.0.usage_kept_at.get() + KEEP_USAGE_EVERY_MS {
            return;
        }
        let Some(used) = self.0.engine.borrow_mut().take_usage() else { return };
        self.0.usage_kept_at.set(now_ms);
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let Ok(store) = session.store().await else { return };
            let scope = Scope { keys: vec![USAGE_ROW.to_owned()], ..Scope::default() };
            let add = |table: &mut crate::sync::Table| {
                let mut all = table.get(USAGE_ROW).and_then(read_usage).unwrap_or_default();
                all.add(used);
                // numbers: cannot fail
                table.put(USAGE_ROW, Entry::local(&serde_json::to_string(&all).unwrap_or_default()));
                all
            };
            // it is an estimate for people: a failure is not worth a word
            if let Ok(all) = store.transact(&scope, store::Durability::Relaxed, add).await {
                session.0.engine.borrow_mut().handle_usage(all);
            }
        });
    }

    /// Counts, places and settings; no content and no secret.
    pub async fn diagnostics(&self) -> Diagnostics {
        let scope = Scope {
            prefixes: [Key::CHAT_ROWS, Key::MESSAGE_ROWS, ASIDE_ROWS].map(ToOwned::to_owned).into(),
            ..Scope::default()
        };
        let table = match self.store().await {
            Ok(store) => store.read(&scope).await.unwrap_or_default(),
            Err(_) => crate::sync::Table::default(),
        };
        let alive: Vec<_> =
            all_rows(&table).into_iter().filter(|(_, row)| !row.record.is_deleted()).collect();
        let count = |is: fn(&Key) -> bool| {
            u32::try_from(alive.iter().filter(|(key, _)| is(key)).count()).unwrap_or(0)
        };
        let estimate = store::estimate().await;
        let persisted = store::persisted().await;
        let place = self.0.device.borrow().place.clone();
        let settings = self.settings();
        let shown = serde_json::json!({
            "theme": settings.theme.name(),
            "model": settings.model.name(),
            "storage": settings.storage.name(),
            "openai": self.source_facts(Model::OpenAi),
            "claude": self.source_facts(Model::Claude),
            "gemini": self.source_facts(Model::Gemini),
            "temperature": settings.temperature,
            "maxTokens": settings.max_tokens,
            "thinking": settings.thinking,
            "window": settings.window.name(),
            "modelTitles": settings.model_titles,
            "systemPrompt": format!("{} characters", settings.system_prompt.chars().count()),
        });
        Diagnostics {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            build: if cfg!(debug_assertions) { "debug".to_owned() } else { "release".to_owned() },
            chats: count(|key| matches!(key, Key::Chat(_))),
            messages: count(|key| matches!(key, Key::Message(..))),
            corrupt: u32::try_from(table.range(ASIDE_ROWS).count()).unwrap_or(0),
            place: place.unwrap_or_else(|| Place::Memory("not open yet".to_owned())),
            used_bytes: estimate.map(|estimate| estimate.used_bytes as u64),
            quota_bytes: estimate.map(|estimate| estimate.quota_bytes as u64),
            persisted: Some(persisted),
            settings_json: serde_json::to_string_pretty(&shown).unwrap_or_default(),
        }
    }

    fn source_facts(&self, model: Model) -> serde_json::Value {
        let settings = self.settings();
        let key = match self.key(model) {
            Some(key) if key.hint.is_none() => "none",
            Some(key) if key.for_this_visit => "set, for this visit only",
            Some(_) => "set, on this device only",
            None => "the address is wrong",
        };
        let source = settings.source(model);
        serde_json::json!({
            "url": source.map(|source| &source.url),
            "model": source.map(|source| &source.model),
            "key": key,
        })
    }

    /// Smoke test: writes a document to Firestore, reads it back and compares.
    pub async fn probe_save(&self) -> ProbeReport {
        let Some(client) = self.client() else { return self.cannot_probe() };
        let nonce = browser::random_id('p');
        report(&client.save_probe(nonce.as_str(), || browser::now().instant_ms).await)
    }

    /// Smoke test: reads what is in Firestore and decodes it.
    pub async fn probe_load(&self) -> ProbeReport {
        let Some(client) = self.client() else { return self.cannot_probe() };
        report(&client.load_probe(|| browser::now().instant_ms).await)
    }

    fn cannot_probe(&self) -> ProbeReport {
        let sync = self.sync();
        let text = if sync.config.is_none() {
            "There is no Firestore configuration yet: open Cloud Sync and paste one. Nothing was sent."
        } else if !sync.paired {
            "This device is in no space yet: open Cloud Sync and create or join one. Nothing was sent."
        } else {
            "Sync is switched off, so nothing was sent: switch it on and try again."
        };
        ProbeReport { ok: false, text: text.to_owned(), latencies_ms: Vec::new() }
    }
}

fn read_usage(entry: &Entry) -> Option<Usage> {
    serde_json::from_str(entry.open().ok()?).ok()
}

fn report(report: &Report) -> ProbeReport {
    let (ok, text) = match &report.outcome {
        Ok(text) => (true, text.clone()),
        Err(text) => (false, text.clone()),
    };
    let latency_ms = u32::try_from(report.latency_ms).unwrap_or(u32::MAX);
    ProbeReport { ok, text, latencies_ms: vec![latency_ms] }
}
