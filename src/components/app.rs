//! The root.

use yew::prelude::*;

use super::shell::Shell;
use crate::contexts::Contexts;
use crate::session::Session;

/// What [`App`] needs.
#[derive(PartialEq, Properties)]
pub struct AppProps {
    /// The running session.
    pub session: Session,
}

/// The app.
#[component]
pub fn App(props: &AppProps) -> Html {
    html! {
        <Contexts session={props.session.clone()}>
            <Shell />
        </Contexts>
    }
}
