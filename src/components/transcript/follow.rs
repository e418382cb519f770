//! A scrolled area that follows its end, as long as the reader is there.
//!
//! Promises: what is added at the end scrolls into view only while the reader is within a few lines of it;
//! any movement upwards lets go; rows added above do not move what is being read.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// This near the end counts as being there.
const NEAR_END_PX: i32 = 64;
/// This near the beginning is the time to put earlier rows above.
const NEAR_START_PX: i32 = 600;

/// What [`use_follow`] offers.
pub(super) struct Follow {
    /// Whether the reader is at the end.
    pub(super) at_end: bool,
    /// Puts earlier rows above without moving what is being read.
    pub(super) more: Callback<()>,
    /// For the scrolled area.
    pub(super) onscroll: Callback<Event>,
    /// Goes to the end and follows again.
    pub(super) to_end: Callback<()>,
}

struct State {
    following: Cell<bool>,
    last_top: Cell<i32>,
    /// While rows are being put above: how far the view is from the end.
    held: Cell<Option<i32>>,
}

/// Follows the end of `area`. `hidden` rows stand above those that are there; when the reader comes near,
/// `earlier` is asked to show more.
#[hook]
pub(super) fn use_follow(area: &NodeRef, content: &NodeRef, hidden: usize, earlier: Callback<()>) -> Follow {
    let at_end = use_state_eq(|| true);
    let state = use_memo((), |()| State {
        following: Cell::new(true),
        last_top: Cell::new(0),
        held: Cell::new(None),
    });
    use_effect_with((), {
        let (area, content, state, at_end) = (area.clone(), content.clone(), state.clone(), at_end.setter());
        move |()| {
            let observed = observe(area.cast::<Element>(), content.cast::<Element>(), state, at_end);
            // the observer must end before the closure that it calls
            move || {
                if let Some((observer, _closure)) = observed {
                    observer.disconnect();
                }
            }
        }
    });
    use_effect_with(hidden, {
        let (area, state) = (area.clone(), state.clone());
        move |_| {
            if let (Some(area), Some(from_end)) = (area.cast::<Element>(), state.held.take()) {
                area.set_scroll_top(area.scroll_height() - from_end);
                state.last_top.set(area.scroll_top());
            }
        }
    });
    let more = {
        let (area, state) = (area.clone(), state.clone());
        Callback::from(move |()| {
            if let Some(area) = area.cast::<Element>().filter(|_| state.held.get().is_none()) {
                state.held.set(Some(area.scroll_height() - area.scroll_top()));
                earlier.emit(());
            }
        })
    };
    let onscroll = {
        let (area, state, at_end, more) = (area.clone(), state.clone(), at_end.setter(), more.clone());
        Callback::from(move |_| {
            let Some(area) = area.cast::<Element>() else { return };
            let top = area.scroll_top();
            let from_end = from_end(&area);
            let upwards = top < state.last_top.replace(top);
            // content that shrinks moves the view up too, but then it stays at the very end
            if upwards && from_end > 2 {
                state.following.set(false);
            } else if from_end <= NEAR_END_PX {
                state.following.set(true);
            }
            at_end.set(from_end <= NEAR_END_PX);
            if upwards && top < NEAR_START_PX && hidden > 0 {
                more.emit(());
            }
        })
    };
    let to_end = {
        let area = area.clone();
        Callback::from(move |()| {
            state.following.set(true);
            if let Some(area) = area.cast::<Element>() {
                area.set_scroll_top(area.scroll_height());
            }
        })
    };
    Follow { at_end: *at_end, more, onscroll, to_end }
}

fn from_end(area: &Element) -> i32 {
    area.scroll_height() - area.client_height() - area.scroll_top()
}

/// Goes to the end, if it is to be followed, whenever the area or what is in it changes its size, between layout and paint.
fn observe(
    area: Option<Element>,
    content: Option<Element>,
    state: Rc<State>,
    at_end: UseStateSetter<bool>,
) -> Option<(ResizeObserver, Closure<dyn FnMut()>)> {
    let (area, content) = (area?, content?);
    let resized = Closure::<dyn FnMut()>::new({
        let area = area.clone();
        move || {
            if state.following.get() {
                area.set_scroll_top(area.scroll_height());
                state.last_top.set(area.scroll_top());
            }
            at_end.set(from_end(&area) <= NEAR_END_PX);
        }
    });
    let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok()?;
    observer.observe(&area);
    observer.observe(&content);
    Some((observer, resized))
}
