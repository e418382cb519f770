//! Where one is: the route in the address (`#/chat/…`) and the panel on top of it.
//!
//! Promises: every address that can be typed leads somewhere; Back closes a panel before it leaves the
//! chat, Forward opens it again, a reload keeps it; addresses are relative, so the app works under any
//! path. The panel is kept in the state of the history entry and not in the address.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{History, HtmlElement};
use yew::prelude::*;

use super::slice::use_handle;
use crate::sync::Id;

/// How long a browser may take to go back.
const BACK_MS: u32 = 400;

/// What the address names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The last chat, or a new one.
    Home,
    /// This chat.
    Chat(Id),
    /// Nothing that exists.
    Unknown,
}

/// What lies on top of the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The sidebar, on a phone.
    Menu,
    /// The user's profile.
    Profile,
    /// What holds for the chat that is shown.
    Chat,
    /// All chats.
    History,
    /// Settings.
    Settings,
    /// Facts and smoke tests.
    Debug,
    /// Sync.
    CloudSync,
    /// Analytics.
    Analytics,
    /// The list of keyboard shortcuts.
    Shortcuts,
}

/// Where one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the address names.
    pub route: Route,
    /// What lies on top.
    pub panel: Option<Panel>,
}

/// Goes to places. One for the whole app; equal to itself.
#[derive(Clone)]
pub struct Navigator(Rc<Inner>);

struct Inner {
    arrived: Box<dyn Fn(Place)>,
    /// Asked to go back but not there yet: runs out where there is nothing to go back to.
    leaving: Cell<Option<Timeout>>,
    /// Whether something lay on top since the focus was given back.
    covered: Cell<bool>,
    /// What had the focus when the panel was opened.
    opener: RefCell<Option<HtmlElement>>,
}

impl Route {
    fn parse(hash: &str) -> Self {
        match hash.strip_prefix('#').unwrap_or(hash).trim_matches('/') {
            "" => Self::Home,
            path => {
                path.strip_prefix("chat/").and_then(|id| id.parse().ok()).map_or(Self::Unknown, Self::Chat)
            }
        }
    }

    /// The address, relative to the page.
    #[must_use]
    pub fn address(&self) -> String {
        match self {
            Self::Home | Self::Unknown => "#/".to_owned(),
            Self::Chat(id) => format!("#/chat/{id}"),
        }
    }

    /// The chat it names.
    #[must_use]
    pub fn chat(&self) -> Option<&Id> {
        match self {
            Self::Chat(id) => Some(id),
            Self::Home | Self::Unknown => None,
        }
    }
}

impl Panel {
    const ALL: [Self; 9] = [
        Self::Menu,
        Self::Profile,
        Self::Chat,
        Self::History,
        Self::Settings,
        Self::Debug,
        Self::CloudSync,
        Self::Analytics,
        Self::Shortcuts,
    ];

    /// What it is called on its button and in its head.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Menu => "Menu",
            Self::Profile => "Profile",
            Self::Chat => "This chat",
            Self::History => "History",
            Self::Settings => "Settings",
            Self::Debug => "Debug",
            Self::CloudSync => "Cloud Sync",
            Self::Analytics => "Analytics",
            Self::Shortcuts => "Keyboard shortcuts",
        }
    }
}

impl Place {
    /// Where one is now, as the browser says.
    #[must_use]
    pub fn current() -> Self {
        let window = web_sys::window();
        let hash = window.as_ref().and_then(|window| window.location().hash().ok());
        let state = window.and_then(|window| window.history().ok()?.state().ok()?.as_string());
        Self {
            route: Route::parse(&hash.unwrap_or_default()),
            panel: Panel::ALL.into_iter().find(|panel| Some(panel.title()) == state.as_deref()),
        }
    }
}

impl PartialEq for Navigator {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Navigator {
    fn new(arrived: impl Fn(Place) + 'static) -> Self {
        Self(Rc::new(Inner {
            arrived: Box::new(arrived),
            leaving: Cell::new(None),
            covered: Cell::new(Place::current().panel.is_some()),
            opener: RefCell::new(None),
        }))
    }

    /// Goes to a route. An open panel is left behind: Back leads to what was below it.
    pub fn go(&self, route: &Route) {
        if Place::current().panel.is_some() {
            self.replace(route);
        } else {
            self.write(None, route, false);
        }
    }

    /// Goes to a route and leaves no trace of where one was.
    pub fn replace(&self, route: &Route) {
        self.write(None, route, true);
    }

    /// Names where one is by its real address; what lies on top stays there.
    pub fn correct(&self, route: &Route) {
        self.write(Place::current().panel, route, true);
    }

    /// Puts a panel on top, in the place of the one that may be there.
    pub fn open(&self, panel: Panel) {
        let here = Place::current();
        if here.panel.is_none() {
            let focused = web_sys::window().and_then(|window| window.document()?.active_element());
            self.0.opener.replace(focused.and_then(|element| element.dyn_into().ok()));
        }
        self.write(Some(panel), &here.route, here.panel.is_some());
    }

    /// Takes the panel away.
    pub fn close(&self) {
        let leaving = self.0.leaving.take();
        if leaving.is_some() || Place::current().panel.is_none() {
            // a second click must not go back twice
            self.0.leaving.set(leaving);
            return;
        }
        with_history(History::back);
        // where there is nothing to go back to (a restored tab, say), the entry itself loses its panel
        let navigator = self.clone();
        let timeout = Timeout::new(BACK_MS, move || navigator.replace(&Place::current().route));
        self.0.leaving.set(Some(timeout));
    }

    /// Gives the focus back to where it was before the panel, if there was one.
    ///
    /// To be called after each render without a panel: Yew may render twice before it runs an effect, so an
    /// effect that waits for a panel to go may never see that it was there.
    pub fn return_focus(&self) {
        if !self.0.covered.replace(false) {
            return;
        }
        let opener = self.0.opener.take().filter(|element| element.is_connected());
        let document = web_sys::window().and_then(|window| window.document());
        let main = || document.as_ref()?.get_element_by_id("main")?.dyn_into().ok();
        for element in opener.into_iter().chain(main()) {
            // an element that cannot have it (hidden, say) leaves it where it is
            let _ = element.focus();
            let focused = document.as_ref().and_then(web_sys::Document::active_element);
            if focused.as_ref() == Some(element.as_ref()) {
                return;
            }
        }
    }

    fn write(&self, panel: Option<Panel>, route: &Route, replace: bool) {
        let state = panel.map_or(JsValue::NULL, |panel| panel.title().into());
        let address = route.address();
        with_history(|history| {
            if replace {
                history.replace_state_with_url(&state, "", Some(&address))
            } else {
                history.push_state_with_url(&state, "", Some(&address))
            }
        });
        self.arrive();
    }

    fn arrive(&self) {
        self.0.leaving.take();
        let place = Place::current();
        if place.panel.is_some() {
            self.0.covered.set(true);
        }
        (self.0.arrived)(place);
    }
}

/// A browser may refuse (too many entries in a short time); then one stays where one is.
fn with_history(act: impl FnOnce(&History) -> Result<(), JsValue>) {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        let _ = act(&history);
    }
}

/// What [`Places`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct PlacesProps {
    /// The app.
    pub(super) children: Html,
}

/// Follows the history of the browser.
#[component]
pub(super) fn Places(props: &PlacesProps) -> Html {
    let place = use_state_eq(Place::current);
    let arrived = place.setter();
    let navigator = use_memo((), |()| Navigator::new(move |place| arrived.set(place)));
    use_effect_with(Navigator::clone(&navigator), |navigator| {
        // fired for Back and Forward, and when the user types another hash
        let listener = web_sys::window().map(|window| {
            let navigator = navigator.clone();
            EventListener::new(&window, "popstate", move |_| navigator.arrive())
        });
        move || drop(listener)
    });
    html! {
        <ContextProvider<Navigator> context={Navigator::clone(&navigator)}>
            <ContextProvider<Place> context={(*place).clone()}>{ props.children.clone() }</ContextProvider<Place>>
        </ContextProvider<Navigator>>
    }
}

/// Where one is.
#[hook]
pub fn use_place() -> Place {
    use_handle()
}

/// Goes to places.
#[hook]
pub fn use_navigator() -> Navigator {
    use_handle()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_leads_somewhere() {
        let chat: Id = "c234".parse().unwrap();
        for home in ["", "#", "#/", "#//"] {
            assert_eq!(Route::parse(home), Route::Home, "{home}");
        }
        for (text, route) in [("#/chat/c234", Some(&chat)), ("#chat/c234/", Some(&chat)), ("#/chat/", None)] {
            assert_eq!(Route::parse(text).chat(), route, "{text}");
        }
        for unknown in ["#/chat/C", "#/chat/%00", "#/settings", "#main", "#/chat/c234/x"] {
            assert_eq!(Route::parse(unknown), Route::Unknown, "{unknown}");
        }
        assert_eq!(Route::parse(&Route::Chat(chat.clone()).address()), Route::Chat(chat));
    }

    #[test]
    fn panels_are_told_apart_by_their_titles() {
        for (place, panel) in Panel::ALL.iter().enumerate() {
            assert_eq!(Panel::ALL.iter().position(|p| p.title() == panel.title()), Some(place));
        }
    }
}
