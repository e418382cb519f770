//! Who the user is, to themselves.

use yew::prelude::*;

use super::confirm_button::ConfirmButton;
use super::field::Field;
use super::older_texts::OlderTexts;
use crate::chat::Profile;
use crate::contexts::{use_profile, use_profile_context};
use crate::sync::Key;

const AVATARS: [&str; 10] = ["🙂", "🦊", "🐱", "🐻", "🦉", "🐙", "🌻", "🌙", "⚡", "🎨"];

/// The profile; saved as one edits.
#[component]
pub(super) fn ProfilePanel() -> Html {
    let profile = use_profile();
    let handle = use_profile_context();
    let set = |field: fn(&mut Profile) -> &mut String| {
        let handle = handle.clone();
        Callback::from(move |text: String| handle.change(|profile| *field(profile) = text))
    };
    let avatar = |emoji: &'static str| {
        let chosen = profile.avatar == emoji;
        let choose = set(|profile| &mut profile.avatar);
        html! {
            <button class={classes!("profile-avatar", chosen.then_some("profile-avatar-chosen"))} aria-label={emoji}
                aria-pressed={chosen.to_string()} onclick={move |_| choose.emit(emoji.to_owned())}>{ emoji }</button>
        }
    };
    let clear = {
        let handle = handle.clone();
        Callback::from(move |()| handle.change(|profile| *profile = Profile::default()))
    };
    let name = if profile.name.is_empty() { "No name yet" } else { &profile.name };
    html! {
        <div class="profile-panel">
            <div class="profile-card">
                <span class="profile-face" aria-hidden="true">
                    { if profile.avatar.is_empty() { "🙂" } else { &profile.avatar } }
                </span>
                <div>
                    <p class="profile-name">{ name }</p>
                    <p class="field-hint">{ "Only you see this. It is saved as you type." }</p>
                </div>
            </div>
            <Field id="profile-name" label="Name" value={profile.name.clone()} autocomplete="name"
                onsave={set(|profile| &mut profile.name)} />
            <Field id="profile-email" label="E-mail" value={profile.email.clone()} autocomplete="email"
                kind="email" onsave={set(|profile| &mut profile.email)} />
            <div class="profile-avatars" role="group" aria-label="Avatar">{ for AVATARS.into_iter().map(avatar) }</div>
            <Field id="profile-avatar" label="Avatar" value={profile.avatar.clone()}
                hint="Pick one above, or any emoji or initials." onsave={set(|profile| &mut profile.avatar)} />
            <Field id="profile-bio" label="Bio" value={profile.bio.clone()} lines="4"
                onsave={set(|profile| &mut profile.bio)} />
            <OlderTexts of={Key::Profile} />
            <ConfirmButton label="Clear profile" question="Clear all four fields, on all your devices?" yes="Clear"
                disabled={*profile == Profile::default()} onconfirm={clear} />
        </div>
    }
}
