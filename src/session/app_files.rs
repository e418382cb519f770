//! The app's own files on this device: a service worker keeps them (`assets/service-worker.js`), so that the app opens
//! with no network; and when it has newer ones, the user is offered to reload.

use gloo_events::EventListener;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration};

use super::Session;
use super::browser::now;

const WORKER: &str = "service-worker.js";
const NEWER_APP: &str = "There is a newer version of Muse Chat.";
/// A tab that stays open looks for a newer version at most this often.
const LOOK_EVERY_MS: u64 = 3_600_000;

impl Session {
    /// Has the browser keep the app's files. Not in a debug build, which is to be loaded anew each time.
    pub(super) fn keep_app_files(&self) {
        let Some(workers) = workers().filter(|_| !cfg!(debug_assertions)) else { return };
        let session = self.clone();
        EventListener::new(&workers, "message", move |_| session.offer_reload()).forget();
        // fails where site data are blocked: then each opening needs the network
        let registered = JsFuture::from(workers.register(WORKER));
        let session = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if registered.await.is_ok() {
                session.ask_for_newer_app();
            }
        });
    }

    /// Asks for a newer version where it was not asked for lately.
    pub(super) fn look_for_newer_app(&self) {
        let asked_at = self.0.asked_for_app_at_ms.get();
        if asked_at.is_some_and(|at| now().instant_ms >= at + LOOK_EVERY_MS) {
            self.ask_for_newer_app();
        }
    }

    fn ask_for_newer_app(&self) {
        self.0.asked_for_app_at_ms.set(Some(now().instant_ms));
        wasm_bindgen_futures::spawn_local(async {
            // no answer: the next opening asks again
            let _ = ask_worker().await;
        });
    }

    fn offer_reload(&self) {
        if self.toasts().iter().any(|toast| toast.text == NEWER_APP) {
            return;
        }
        self.sticky_toast_with(NEWER_APP, "Reload", || {
            if let Some(window) = web_sys::window() {
                // fails only in a page that is going away
                let _ = window.location().reload();
            }
        });
    }
}

/// `None` where the browser has none, as in pages that came over plain http.
fn workers() -> Option<ServiceWorkerContainer> {
    let workers = web_sys::window()?.navigator().service_worker();
    (!workers.is_undefined()).then_some(workers)
}

async fn ask_worker() -> Option<()> {
    let ready = JsFuture::from(workers()?.ready().ok()?).await.ok()?;
    let worker = ServiceWorkerRegistration::from(ready).active()?;
    worker.post_message(&JsValue::from_str(&own_file()?)).ok()
}

/// The file that the running version was compiled to; its name has a hash.
fn own_file() -> Option<String> {
    let link = web_sys::window()?.document()?.query_selector("link[type='application/wasm']").ok()??;
    link.get_attribute("href")
}
