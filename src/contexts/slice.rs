//! The one way in which a component listens to the session.

use std::rc::Rc;

use yew::prelude::*;

use crate::session::{Session, Slice};

/// Reads a part of the session and renders the component again when that part became a different value.
///
/// `read` may depend on the component's properties; what it reads must be told of through `slice`.
#[hook]
pub(super) fn use_slice<T, R>(session: &Session, slice: Slice, read: R) -> T
where
    T: Clone + PartialEq + 'static,
    R: Fn(&Session) -> T + 'static,
{
    let render = use_force_update();
    // read in every render, so that a render for another reason never shows an old value
    let value = read(session);
    let read = Rc::new(read);
    let latest = use_mut_ref(|| Rc::clone(&read));
    latest.replace(read);
    let shown = use_mut_ref(|| value.clone());
    shown.replace(value.clone());
    use_effect_with((session.clone(), slice), move |(session, slice)| {
        let check = {
            let session = session.clone();
            Rc::new(move || {
                let read = Rc::clone(&latest.borrow());
                let now = read(&session);
                let changed = *shown.borrow() != now;
                if changed {
                    render.force_update();
                }
            })
        };
        let subscription = session.subscribe(slice.clone(), {
            let check = Rc::clone(&check);
            move || check()
        });
        // it may have changed between the render and this effect
        check();
        move || drop(subscription)
    });
    value
}

/// The handle of a context.
///
/// # Panics
/// The component is not inside [`super::Contexts`], which is a mistake in the program.
#[hook]
pub(super) fn use_handle<T: Clone + PartialEq + 'static>() -> T {
    use_context::<T>().expect("components live inside <Contexts>")
}
