//! The start: opens the store, shows the rows, takes over what older versions left, connects.

use super::device::{DEVICE_ROWS, SECRET_ROWS};
use super::views::all_rows;
use super::{Opening, Place, Session, Slice, ToastKind};
use crate::chat::{Legacy, LegacyKeys};
use crate::store::mirror::{self, Installed};
use crate::store::{self, Opened};
use crate::sync::{Id, Key, Scope, Table};

const CLEARED: &str = "This browser removed Muse Chat's data from this device. If you sync, open Cloud Sync and join \
                       with your pairing code.";

impl Session {
    pub(super) async fn load(&self) {
        let opened = match store::open().await {
            Ok(opened) => opened,
            Err(error) => return self.cannot_store(&error.to_string()),
        };
        let scope = Scope {
            prefixes: [Key::CONFIG_ROWS, Key::CHAT_ROWS, DEVICE_ROWS, SECRET_ROWS]
                .map(ToOwned::to_owned)
                .into(),
            ..Scope::default()
        };
        match opened.store.read(&scope).await {
            Ok(table) => {
                self.show_start(&opened, &table);
                self.forget_unbound_key(&table);
                self.set_aside_corrupt(&table).await;
            }
            Err(error) => return self.cannot_store(&error.to_string()),
        }
        self.keep_interrupted_replies().await;
        self.take_over_legacy().await;
        self.find_orphans().await;
        self.connect_if_wanted();
        self.go_on_erasing();
        self.sweep_trash().await;
        self.look_for_config_file().await;
    }

    fn cannot_store(&self, why: &str) {
        self.0.cloud.borrow_mut().storage_problem = Some(why.to_owned());
        self.store_opened(Opening::Failed(why.to_owned()));
        self.sticky_toast(ToastKind::Error, why);
        self.sync_changed();
    }

    fn show_start(&self, opened: &Opened, table: &Table) {
        self.0.device.borrow_mut().take(table);
        self.0.cloud.borrow_mut().take(table);
        self.take_usage(table);
        {
            // what the snapshot said is replaced whole: a chat that is gone must not stay
            let mut views = self.0.views.borrow_mut();
            views.chats.clear();
            views.settings_record = crate::sync::Record::default();
            views.profile_record = crate::sync::Record::default();
            views.take(&all_rows(table));
            views.relist();
        }
        let rows = table.range("").count();
        self.0.device.borrow_mut().place = Some(place(opened));
        self.store_opened(Opening::Open(opened.store.clone()));
        self.note_problems(opened, rows == 0);
        self.refresh_settings();
        for slice in [Slice::Chats, Slice::Profile, Slice::Settings] {
            self.notify(&slice);
        }
        let open: Vec<Id> = self.0.views.borrow().open.keys().cloned().collect();
        for chat in open {
            self.open_chat(&chat);
        }
    }

    fn note_problems(&self, opened: &Opened, empty: bool) {
        let had_rows = self.0.device.borrow().had_rows;
        if let Some((_, error)) = opened.fallen_back.last() {
            let text = match opened.place {
                store::Place::Memory => {
                    format!(
                        "Nothing can be saved in this browser, so everything is gone when you close this page. {error}"
                    )
                }
                store::Place::LocalStorage | store::Place::IndexedDb => {
                    format!("The browser's database does not work, so there is room for little here. {error}")
                }
            };
            self.0.cloud.borrow_mut().storage_problem = Some(text.clone());
            self.sticky_toast(ToastKind::Error, &text);
        } else if empty && had_rows {
            self.sticky_toast(ToastKind::Error, CLEARED);
        }
        if let Some(leftover) = opened.leftover.clone() {
            let session = self.clone();
            wasm_bindgen_futures::spawn_local(async move { session.take_over_leftover(leftover).await });
        }
    }

    /// Remembers outside the database that it has something worth missing.
    pub(super) fn note_rows(&self) {
        let mut device = self.0.device.borrow_mut();
        if !device.had_rows {
            device.had_rows = true;
            mirror::set_installed(&Installed { id: device.id.clone(), had_rows: true });
            // asked only now that there is something to keep: some browsers ask the user
            wasm_bindgen_futures::spawn_local(async {
                store::persist().await;
            });
        }
    }

    pub(super) fn is_loaded(&self) -> bool {
        matches!(&*self.0.store.borrow(), Opening::Open(_))
    }

    async fn take_over_legacy(&self) {
        let [settings, history, profile] = store::legacy_values();
        if settings.is_none() && history.is_none() && profile.is_none() {
            return;
        }
        let keys = LegacyKeys {
            settings: settings.as_deref(),
            history: history.as_deref(),
            profile: profile.as_deref(),
        };
        let mut legacy = Legacy::read(keys);
        for error in &legacy.errors {
            self.toast(ToastKind::Error, &error.to_string());
        }
        let Ok(store) = self.store().await else { return };
        let keys = legacy.edits.iter().map(|edit| edit.key.row_key()).collect();
        let Ok(known) = store.read(&Scope { keys, ..Scope::default() }).await else { return };
        legacy.keep_new(|key| known.get(&key.row_key()).is_some());
        if legacy.edits.is_empty() {
            return;
        }
        let count = legacy.messages;
        match self.write(legacy.edits, |_| ()).await {
            Ok(()) if count > 0 => {
                self.toast(
                    ToastKind::Info,
                    &format!("Took over {count} message(s) from the earlier version."),
                );
            }
            Ok(()) => {}
            Err(why) => self.toast(ToastKind::Error, &why),
        }
    }

    /// Chats whose record is deleted or missing while messages made elsewhere are here.
    async fn find_orphans(&self) {
        let prefixes: Vec<String> = {
            let views = self.0.views.borrow();
            let gone = views.chats.iter().filter(|(_, entry)| !entry.is_there());
            gone.map(|(chat, _)| Key::messages_of(chat)).collect()
        };
        if prefixes.is_empty() {
            return;
        }
        let Ok(store) = self.store().await else { return };
        if let Ok(table) = store.read(&Scope { prefixes, ..Scope::default() }).await {
            let alive: Vec<_> =
                all_rows(&table).into_iter().filter(|(_, row)| !row.record.is_deleted()).collect();
            self.show_rows(&alive);
        }
    }
}

fn place(opened: &Opened) -> Place {
    let why = opened.fallen_back.last().map(|(_, error)| error.to_string()).unwrap_or_default();
    match opened.place {
        store::Place::IndexedDb => Place::IndexedDb,
        store::Place::LocalStorage => Place::LocalStorage(why),
        store::Place::Memory => Place::Memory(why),
    }
}
