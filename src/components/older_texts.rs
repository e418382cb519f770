//! Texts that lost to a newer one written on another device, to be taken back.

use yew::platform::spawn_local;
use yew::prelude::*;

use super::when;
use crate::contexts::{use_chats, use_profile, use_settings, use_sync_context, use_toast_context};
use crate::session::OlderText;
use crate::sync::Key;

/// What [`OlderTexts`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct OlderTextsProps {
    /// A chat, the profile or the settings.
    pub(super) of: Key,
}

/// The older texts of one record; nothing where there are none.
#[component]
pub(super) fn OlderTexts(props: &OlderTextsProps) -> Html {
    let handle = use_sync_context();
    let toasts = use_toast_context();
    let texts = use_state_eq(Vec::<OlderText>::new);
    let turn = use_state_eq(|| 0_u32);
    // whatever changes the record may have made another one old
    let now = (use_chats(), use_profile(), use_settings());
    use_effect_with((props.of.clone(), now, *turn), {
        let (handle, texts) = (handle.clone(), texts.setter());
        move |(of, ..)| {
            let of = of.clone();
            spawn_local(async move {
                if let Ok(found) = handle.older_texts(&of).await {
                    texts.set(found);
                }
            });
        }
    });
    if texts.is_empty() {
        return Html::default();
    }
    let row = |older: &OlderText| {
        let take = {
            let (handle, toasts, older) = (handle.clone(), toasts.clone(), older.clone());
            let (turn, next) = (turn.setter(), *turn + 1);
            move |_| {
                let (handle, toasts, older, turn) =
                    (handle.clone(), toasts.clone(), older.clone(), turn.clone());
                spawn_local(async move {
                    if let Err(problem) = handle.take_back(&older).await {
                        toasts.error(&problem);
                    }
                    turn.set(next);
                });
            }
        };
        let forget = {
            let (handle, older, turn, next) = (handle.clone(), older.clone(), turn.setter(), *turn + 1);
            move |_| {
                handle.forget_older_text(&older);
                turn.set(next);
            }
        };
        html! {
            <li class="older-row">
                <p class="older-label">{ format!("{}, until {}", older.label, when::short(older.at_ms)) }</p>
                <p class="older-text">{ older.text.clone() }</p>
                <p class="buttons">
                    <button class="button" onclick={take} aria-label={format!("Take back: {}", older.text)}>{ "Take back" }</button>
                    <button class="link-button" onclick={forget} aria-label={format!("Forget: {}", older.text)}>{ "Forget" }</button>
                </p>
            </li>
        }
    };
    html! {
        <section class="older-texts">
            <h3>{ "Older texts" }</h3>
            <p class="field-hint">{ "Two devices changed the same text; the newer one counts. The older is kept here for 30 days." }</p>
            <ul>{ for texts.iter().map(row) }</ul>
        </section>
    }
}
