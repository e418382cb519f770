//! Provides every context once, at the root.

use yew::prelude::*;

use super::place::Places;
use super::{ChatContext, ProfileContext, SettingsContext, SyncContext, ToastContext};
use crate::session::Session;

/// What [`Contexts`] needs.
#[derive(PartialEq, Properties)]
pub struct ContextsProps {
    /// The running session.
    pub session: Session,
    /// The app.
    pub children: Html,
}

/// Gives the components below it their contexts.
#[component]
pub fn Contexts(props: &ContextsProps) -> Html {
    let session = || props.session.clone();
    html! {
        <ContextProvider<SettingsContext> context={SettingsContext(session())}>
        <ContextProvider<ProfileContext> context={ProfileContext(session())}>
        <ContextProvider<ChatContext> context={ChatContext(session())}>
        <ContextProvider<SyncContext> context={SyncContext(session())}>
        <ContextProvider<ToastContext> context={ToastContext(session())}>
            <Places>{ props.children.clone() }</Places>
        </ContextProvider<ToastContext>>
        </ContextProvider<SyncContext>>
        </ContextProvider<ChatContext>>
        </ContextProvider<ProfileContext>>
        </ContextProvider<SettingsContext>>
    }
}
