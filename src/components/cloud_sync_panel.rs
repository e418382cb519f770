//! Sync with the user's own Firestore: set up, pair, watch, leave.

mod device_list;
mod erase_cloud;
mod kept_here;
mod merge_question;
mod pairing;
mod pairing_code;
mod qr;
mod refused_list;
mod space;

use web_sys::HtmlTextAreaElement;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::icon::icon;
use super::retry::Retry;
use super::sync_indicator::SyncNews;
use super::sync_words::{SyncKind, retry_at_ms, sentence, why};
use super::when;
use crate::contexts::{use_chats, use_sync, use_sync_context};
use crate::session::{ConfigSource, Joining};
use crate::sync::ChatScope;
use merge_question::MergeQuestion;
use pairing::Pairing;
use space::Space;

/// How it stands, and what to do next.
#[component]
pub(super) fn CloudSyncPanel() -> Html {
    let view = use_sync();
    let handle = use_sync_context();
    let kind = SyncKind::of(&view);
    let left_out = use_chats().iter().filter(|chat| chat.scope != ChatScope::Synced).count();
    let project = view.config.as_ref().map(|(project, source)| {
        let from = match source {
            ConfigSource::Entered => "entered on this device",
            ConfigSource::File => "from config.json beside this page",
            ConfigSource::Build => "built into this app",
        };
        let emulator = view.emulator.as_ref().map(|host| format!(", emulator at {host}")).unwrap_or_default();
        html! { <p class="field-hint">{ "Project " }<strong>{ project.clone() }</strong>{ format!(" ({from}{emulator})") }</p> }
    });
    let forget = (!view.paired && matches!(view.config, Some((_, ConfigSource::Entered)))).then(|| {
        let handle = handle.clone();
        html! {
            <button class="link-button" onclick={move |_| handle.forget_config()}>{ "Use another project" }</button>
        }
    });
    let decline = {
        let handle = handle.clone();
        Callback::from(move |()| handle.drop_invitation())
    };
    // closing the panel without an answer is a no
    use_effect_with((), move |()| move || handle.drop_invitation());
    html! {
        <div class="cloud-sync-panel">
            <div class={classes!("cloud-status", format!("sync-{}", kind.name()))}>
                { icon(kind.icon()) }
                <div>
                    <p class="cloud-sentence">{ sentence(&view, when::short, left_out) }{ " " }<Retry at_ms={retry_at_ms(&view)} /></p>
                    { project }{ forget }
                </div>
                <SyncNews {kind} reason={why(&view)} />
            </div>
            if view.invited && view.config.is_some() {
                <MergeQuestion joining={Joining::Invited} oncancel={decline} />
            } else if view.paired {
                <Space />
            } else if view.config.is_some() {
                <Pairing />
            } else {
                <Setup />
            }
        </div>
    }
}

/// Without a configuration: how to get one, and where to put it.
#[component]
fn Setup() -> Html {
    let handle = use_sync_context();
    let invited = use_sync().invited;
    let node = use_node_ref();
    let checking = use_state_eq(|| false);
    let problem = use_state_eq(|| None::<String>);
    let onsubmit = {
        let (node, checking, problem) = (node.clone(), checking.clone(), problem.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(field) = node.cast::<HtmlTextAreaElement>().filter(|_| !*checking) else { return };
            let (handle, checking, problem) = (handle.clone(), checking.setter(), problem.clone());
            checking.set(true);
            spawn_local(async move {
                problem.set(handle.enter_config(&field.value()).await.err());
                checking.set(false);
            });
        })
    };
    html! {
        <>
            if invited {
                <p class="pairing-note">{ "A link invites this device to a space. Enter the configuration of the same Firebase project first:" }</p>
            }
            <p>{ "Keep your chats in a database that belongs to you, and have them on all your devices:" }</p>
            <ol class="cloud-steps">
                <li>{ "In the " }<a href="https://console.firebase.google.com/" target="_blank" rel="noopener noreferrer">
                    { "Firebase console" }</a>{ " make a project and, in it, a Cloud Firestore database. The free plan will do." }</li>
                <li>{ "Under Firestore, Rules, publish the rules that come with Muse Chat (" }<code>{ "firestore.rules" }</code>{ ")." }</li>
                <li>{ "Under Project settings, Your apps, add a web app and copy its " }<code>{ "firebaseConfig" }</code>{ " to here:" }</li>
            </ol>
            <form class="field" {onsubmit}>
                <label class="field-label" for="cloud-config">{ "Firebase configuration" }</label>
                <textarea ref={node} id="cloud-config" class="field-input field-code" rows="7" spellcheck="false"
                    autocomplete="off" aria-describedby="cloud-config-problem"
                    placeholder={"const firebaseConfig = {\n  apiKey: \"…\",\n  projectId: \"…\",\n  …\n};"} />
                <p id="cloud-config-problem" class="problem" role="alert">{ (*problem).clone() }</p>
                <p class="buttons">
                    <button class="button button-primary" disabled={*checking}>{ if *checking { "Checking…" } else { "Check" } }</button>
                </p>
            </form>
            <p class="field-hint">{ "Nothing of yours is sent until you create or join a space in the next step." }</p>
        </>
    }
}
