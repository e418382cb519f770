//! What the browser says about its storage: used and free bytes, and whether it may clear us.

use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{StorageEstimate, StorageManager};

/// Bytes, as the browser estimates them (it rounds and pads on purpose).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Used by this site.
    pub used_bytes: f64,
    /// What this site may use.
    pub quota_bytes: f64,
}

/// Used and allowed bytes, if the browser tells.
pub async fn estimate() -> Option<Estimate> {
    let answer = JsFuture::from(manager()?.estimate().ok()?).await.ok()?;
    let estimate: StorageEstimate = answer.unchecked_into();
    let (used_bytes, quota_bytes) = (estimate.get_usage()?, estimate.get_quota()?);
    Some(Estimate { used_bytes, quota_bytes })
}

/// Asks the browser not to clear this site's data on its own; says whether it agreed.
/// Some browsers ask the user, so call it after they made something worth keeping.
pub async fn persist() -> bool {
    let Some(asked) = manager().and_then(|manager| manager.persist().ok()) else {
        return false;
    };
    is_true(JsFuture::from(asked).await)
}

/// Whether the browser has agreed to keep this site's data.
pub async fn persisted() -> bool {
    let Some(asked) = manager().and_then(|manager| manager.persisted().ok()) else {
        return false;
    };
    is_true(JsFuture::from(asked).await)
}

fn manager() -> Option<StorageManager> {
    let manager = web_sys::window()?.navigator().storage();
    // missing on pages that are not served securely, whatever the type says
    let there = !AsRef::<JsValue>::as_ref(&manager).is_undefined();
    there.then_some(manager)
}

fn is_true(answer: Result<JsValue, JsValue>) -> bool {
    answer.is_ok_and(|value| value.is_truthy())
}
