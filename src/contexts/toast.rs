//! Short notices.

use std::rc::Rc;

use yew::prelude::*;

use super::slice::{use_handle, use_slice};
use crate::session::{Session, Slice, Toast, ToastKind};

/// Commands about toasts.
#[derive(Clone, PartialEq)]
pub struct ToastContext(pub(super) Session);

impl ToastContext {
    /// Says that something was done.
    pub fn info(&self, text: &str) {
        self.0.toast(ToastKind::Info, text);
    }

    /// Says that something failed.
    pub fn error(&self, text: &str) {
        self.0.toast(ToastKind::Error, text);
    }

    /// Does what the toast offers.
    pub fn act(&self, id: u32) {
        self.0.toast_action(id);
    }

    /// Takes the toast away.
    pub fn close(&self, id: u32) {
        self.0.close_toast(id);
    }
}

/// Commands about toasts.
#[hook]
pub fn use_toast_context() -> ToastContext {
    use_handle()
}

/// The toasts that are shown, oldest first.
#[hook]
pub fn use_toasts() -> Rc<Vec<Toast>> {
    let ToastContext(session) = use_handle();
    use_slice(&session, Slice::Toasts, Session::toasts)
}
