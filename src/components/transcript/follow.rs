//! A scrolled area that follows its end, as long as the reader is there.
//!
//! Promises: what is added at the end scrolls into view only while the reader is within a few lines of it;
//! any movement upwards lets go; what is added above does not move what is being read, and comes in parts that take a
//! set time each.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

use super::pace::Pace;

/// This near the end counts as being there.
const NEAR_END_PX: i32 = 64;
/// This near the beginning is the time to put more above: more than a turn of the wheel goes, so that it is there
/// before it is wanted.
const NEAR_START_PX: i32 = 1_500;

/// What [`use_follow`] offers.
pub(super) struct Follow {
    /// Whether the reader is at the end.
    pub(super) at_end: bool,
    /// Whether there is enough to fill the area, or nothing more; before that nothing should be seen, as it would jump.
    pub(super) filled: bool,
    /// Puts more above without moving what is being read.
    pub(super) more: Callback<()>,
    /// For the scrolled area.
    pub(super) onscroll: Callback<Event>,
    /// Goes to the end and follows again.
    pub(super) to_end: Callback<()>,
}

struct State {
    following: Cell<bool>,
    last_top: Cell<i32>,
    pace: RefCell<Pace>,
    /// While a part is being put above.
    part: RefCell<Option<Part>>,
    /// The next frame looks whether more is wanted.
    asked: Cell<bool>,
    /// As of the last render.
    has_more: Cell<bool>,
    earlier: RefCell<Callback<usize>>,
    at_end: UseStateSetter<bool>,
    filled: UseStateSetter<bool>,
}

/// What is put above in one frame.
struct Part {
    /// How much, in bytes of text.
    bytes: usize,
    began_ms: f64,
    /// What is read meanwhile.
    read: Option<Place>,
}

/// What is at the upper edge of the view, and where. All else may change its height at any time, as what is out of view
/// is only guessed; and a message may grow at its beginning, so it is one of its blocks that counts.
struct Place {
    element: Element,
    top: f64,
}

impl Place {
    fn of(area: &Element) -> Option<Self> {
        let row = first_in_view(area, area, ".message")?;
        let element = first_in_view(area, &row, ".markdown > *, .message-foot").unwrap_or(row);
        Some(Self { top: element.get_bounding_client_rect().top(), element })
    }

    /// By how many pixels it has moved down since.
    fn moved(&self) -> i32 {
        (self.element.get_bounding_client_rect().top() - self.top).round() as i32
    }
}

fn first_in_view(area: &Element, within: &Element, selector: &str) -> Option<Element> {
    let edge = area.get_bounding_client_rect().top();
    let all = within.query_selector_all(selector).ok()?;
    (0..all.length())
        .filter_map(|place| all.item(place)?.dyn_into::<Element>().ok())
        .find(|each| each.get_bounding_client_rect().bottom() > edge)
}

/// Follows the end of `area`. While there `has_more` to be put above and the reader is near the beginning, `earlier` is
/// asked in every frame for as many bytes of text as can be drawn in it.
#[hook]
pub(super) fn use_follow(
    area: &NodeRef,
    content: &NodeRef,
    has_more: bool,
    earlier: Callback<usize>,
) -> Follow {
    let (at_end, filled) = (use_state_eq(|| true), use_state_eq(|| false));
    let state = use_memo((), |()| State {
        following: Cell::new(true),
        last_top: Cell::new(0),
        pace: RefCell::default(),
        part: RefCell::default(),
        asked: Cell::new(false),
        has_more: Cell::new(false),
        earlier: RefCell::default(),
        at_end: at_end.setter(),
        filled: filled.setter(),
    });
    state.has_more.set(has_more);
    state.earlier.replace(earlier);
    use_effect_with((), {
        let (area, content, state) = (area.clone(), content.clone(), state.clone());
        move |()| {
            let observed = observe(area.cast::<Element>(), content.cast::<Element>(), state);
            // the observer must end before the closure that it calls
            move || {
                if let Some((observer, _closure)) = observed {
                    observer.disconnect();
                }
            }
        }
    });
    let onscroll = {
        let (area, state) = (area.clone(), state.clone());
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
            state.at_end.set(from_end <= NEAR_END_PX);
            ask(&area, &state);
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
    Follow { at_end: *at_end, filled: *filled, more, onscroll, to_end }
}

fn from_end(area: &Element) -> i32 {
    area.scroll_height() - area.client_height() - area.scroll_top()
}

fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// Has the next frame put a part above if it is wanted then, and so on until there is enough to scroll.
fn ask(area: &Element, state: &Rc<State>) {
    if !state.has_more.get() || state.asked.replace(true) {
        return;
    }
    let (area, state) = (area.clone(), Rc::clone(state));
    let frame = Closure::once_into_js(move || {
        state.asked.set(false);
        // it changed no size, or it would have been taken
        state.part.take();
        if state.has_more.get() && area.is_connected() && area.scroll_top() < NEAR_START_PX {
            let bytes = state.pace.borrow().fits();
            let part = Part { bytes, began_ms: now_ms(), read: Place::of(&area) };
            state.part.replace(Some(part));
            let earlier = state.earlier.borrow().clone();
            earlier.emit(bytes);
            ask(&area, &state);
        }
    });
    if let Some(window) = web_sys::window() {
        // fails only where there is no frame to wait for
        let _ = window.request_animation_frame(frame.unchecked_ref());
    }
}

/// Whenever the area or what is in it changes its size, between layout and paint: goes to the end if that is to be
/// followed, else stays where one reads although there is more above now. Nothing has to be laid out for it.
fn observe(
    area: Option<Element>,
    content: Option<Element>,
    state: Rc<State>,
) -> Option<(ResizeObserver, Closure<dyn FnMut()>)> {
    let (area, content) = (area?, content?);
    let resized = Closure::<dyn FnMut()>::new({
        let area = area.clone();
        move || {
            let part = state.part.take();
            if let Some(part) = &part {
                state.pace.borrow_mut().took(part.bytes, now_ms() - part.began_ms);
            }
            if state.following.get() {
                area.set_scroll_top(area.scroll_height());
            } else if let Some(place) = part.and_then(|part| part.read) {
                // most browsers keep the place themselves but at the very top, and keep it better if left alone
                let moved = place.moved();
                if moved != 0 {
                    area.set_scroll_top(area.scroll_top() + moved);
                }
            }
            state.last_top.set(area.scroll_top());
            state.at_end.set(from_end(&area) <= NEAR_END_PX);
            if !state.has_more.get() || area.scroll_height() > area.client_height() {
                state.filled.set(true);
            }
            ask(&area, &state);
        }
    });
    let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok()?;
    observer.observe(&area);
    observer.observe(&content);
    Some((observer, resized))
}
