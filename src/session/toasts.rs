//! Short notices, some with one thing to do.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Session, Slice, Toast, ToastKind};

type Action = Rc<dyn Fn()>;

#[derive(Default)]
pub(super) struct Toasts {
    shown: Rc<Vec<Toast>>,
    actions: BTreeMap<u32, Action>,
    next: u32,
}

impl Session {
    /// The notices that are up.
    #[must_use]
    pub fn toasts(&self) -> Rc<Vec<Toast>> {
        Rc::clone(&self.0.toasts.borrow().shown)
    }

    /// Shows a notice; one that is already up is not shown twice, but anew.
    pub fn toast(&self, kind: ToastKind, text: &str) {
        self.push_toast(kind, text, false, None);
    }

    /// Shows a notice that stays until it is closed.
    pub(super) fn sticky_toast(&self, kind: ToastKind, text: &str) -> u32 {
        self.push_toast(kind, text, true, None)
    }

    /// Shows a notice with something to do.
    pub(super) fn toast_with(&self, text: &str, label: &str, action: impl Fn() + 'static) {
        self.push_toast(ToastKind::Info, text, false, Some((label.to_owned(), Rc::new(action))));
    }

    /// Shows a notice with something to do, which stays until it is done or closed.
    pub(super) fn sticky_toast_with(&self, text: &str, label: &str, action: impl Fn() + 'static) {
        self.push_toast(ToastKind::Info, text, true, Some((label.to_owned(), Rc::new(action))));
    }

    fn push_toast(&self, kind: ToastKind, text: &str, sticky: bool, action: Option<(String, Action)>) -> u32 {
        let id = {
            let mut toasts = self.0.toasts.borrow_mut();
            if action.is_none() {
                Rc::make_mut(&mut toasts.shown).retain(|toast| toast.text != text);
            }
            let id = toasts.next;
            toasts.next += 1;
            let label = action.as_ref().map(|(label, _)| label.clone());
            if let Some((_, action)) = action {
                toasts.actions.insert(id, action);
            }
            let toast = Toast { id, text: text.to_owned(), kind, sticky, action: label };
            Rc::make_mut(&mut toasts.shown).push(toast);
            id
        };
        self.notify(&Slice::Toasts);
        id
    }

    /// Does what the notice offers, and closes it.
    pub fn toast_action(&self, id: u32) {
        let action = self.0.toasts.borrow_mut().actions.remove(&id);
        self.close_toast(id);
        if let Some(action) = action {
            action();
        }
    }

    /// Closes a notice.
    pub fn close_toast(&self, id: u32) {
        {
            let mut toasts = self.0.toasts.borrow_mut();
            toasts.actions.remove(&id);
            Rc::make_mut(&mut toasts.shown).retain(|toast| toast.id != id);
        }
        self.notify(&Slice::Toasts);
    }
}
