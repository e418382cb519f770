//! Whether a message is in the cloud; silent where all is well.

use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::contexts::use_mark;
use crate::session::Mark;
use crate::sync::Id;

/// What [`MessageMark`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct MessageMarkProps {
    /// The chat.
    pub(super) chat: Id,
    /// The message.
    pub(super) message: Id,
}

/// A quiet sign with the reason; nothing on a message that is simply synced.
#[component]
pub(super) fn MessageMark(props: &MessageMarkProps) -> Html {
    let Some(mark) = use_mark(&props.chat, &props.message) else { return Html::default() };
    let (class, which, text) = match &mark {
        Mark::Waiting => ("mark-waiting", Icon::Waiting, "Saved on this device, not sent yet".to_owned()),
        Mark::Refused(reason) => (
            "mark-refused",
            Icon::CloudAlert,
            format!("Saved on this device only: Firestore refuses it. {reason}"),
        ),
    };
    html! {
        <span class={classes!("mark", class)} tabindex="0" role="img" aria-label={text.clone()}>
            { icon(which) }<span class="mark-text" aria-hidden="true">{ text }</span>
        </span>
    }
}
