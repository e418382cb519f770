//! A scrolled area that follows its end, as long as the reader is there.
//!
//! Promises: what is added at the end scrolls into view only while the reader is within a few lines of it;
//! any movement upwards lets go; rows added above do not move what is being read.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// This near the end counts as being there.
const NEAR_END_PX: i32 = 64;
/// This near the beginning is the time to put earlier rows above: more than a turn of the wheel goes, so that they are
/// there before they are wanted.
const NEAR_START_PX: i32 = 1_500;

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
    /// More rows come with the next frame.
    asked: Cell<bool>,
    /// As of the last render.
    hidden: Cell<usize>,
    earlier: RefCell<Callback<()>>,
}

/// Follows the end of `area`. `hidden` rows stand above those that are there; when the reader comes near, `earlier` is
/// asked to show more, once a frame until there is enough to scroll.
#[hook]
pub(super) fn use_follow(area: &NodeRef, content: &NodeRef, hidden: usize, earlier: Callback<()>) -> Follow {
    let at_end = use_state_eq(|| true);
    let state = use_memo((), |()| State {
        following: Cell::new(true),
        last_top: Cell::new(0),
        held: Cell::new(None),
        asked: Cell::new(false),
        hidden: Cell::new(0),
        earlier: RefCell::default(),
    });
    state.hidden.set(hidden);
    state.earlier.replace(earlier);
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
    let onscroll = {
        let (area, state, at_end) = (area.clone(), state.clone(), at_end.setter());
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
            if upwards && top < NEAR_START_PX {
                ask(&area, &state);
            }
        })
    };
    let more = {
        let (area, state) = (area.clone(), state.clone());
        Callback::from(move |()| {
            if let Some(area) = area.cast::<Element>() {
                ask(&area, &state);
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

/// Has rows put above with the next frame, so that no frame has more to do than it can without being late.
fn ask(area: &Element, state: &Rc<State>) {
    if state.hidden.get() == 0 || state.asked.replace(true) {
        return;
    }
    let (area, state) = (area.clone(), Rc::clone(state));
    let put_above = Closure::once_into_js(move || {
        state.asked.set(false);
        if area.is_connected() {
            state.held.set(Some(area.scroll_height() - area.scroll_top()));
            let earlier = state.earlier.borrow().clone();
            earlier.emit(());
        }
    });
    if let Some(window) = web_sys::window() {
        // fails only where there is no frame to wait for
        let _ = window.request_animation_frame(put_above.unchecked_ref());
    }
}

/// Whenever the area or what is in it changes its size, between layout and paint: goes to the end if that is to be
/// followed, else stays where one reads although there are rows above now. Nothing has to be laid out for it.
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
            let held = state.held.take();
            if state.following.get() {
                area.set_scroll_top(area.scroll_height());
            } else if let Some(from_end) = held {
                area.set_scroll_top(area.scroll_height() - from_end);
            }
            state.last_top.set(area.scroll_top());
            at_end.set(from_end(&area) <= NEAR_END_PX);
            if area.scroll_top() < NEAR_START_PX {
                ask(&area, &state);
            }
        }
    });
    let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok()?;
    observer.observe(&area);
    observer.observe(&content);
    Some((observer, resized))
}
