//! Facts about this device, for finding out what is wrong. No content and no secret is among them.

mod health_words;
mod probes;
mod sync_health;

use yew::platform::spawn_local;
use yew::prelude::*;

use super::confirm_button::ConfirmButton;
use super::copy_button::CopyButton;
use super::sync_words::label;
use super::when;
use crate::contexts::{use_chat_context, use_chats, use_navigator, use_place, use_sync, use_sync_context};
use crate::session::{Diagnostics, Place};
use sync_health::SyncHealthView;

/// Facts, smoke tests, and clearing the chat.
#[component]
pub(super) fn DebugPanel() -> Html {
    let handle = use_sync_context();
    let sync = use_sync();
    let chats = use_chats();
    let chat_handle = use_chat_context();
    let navigator = use_navigator();
    let here = use_place().route;
    let facts = use_state_eq(|| None::<Diagnostics>);
    use_effect_with((chats.clone(), sync.clone()), {
        let facts = facts.setter();
        let handle = handle.clone();
        move |_| spawn_local(async move { facts.set(Some(handle.diagnostics().await)) })
    });
    let rows = facts.as_ref().map(|facts| rows(facts, &label(&sync, when::short)));
    let report = {
        let rows = rows.clone().unwrap_or_default();
        let settings = facts.as_ref().map(|facts| facts.settings_json.clone()).unwrap_or_default();
        Callback::from(move |()| {
            let lines: String = rows.iter().map(|(name, fact)| format!("{name}: {fact}\n")).collect();
            format!("{lines}{}Settings: {settings}\n", handle.health_report())
        })
    };
    let chat = here.chat().and_then(|id| chats.iter().find(|chat| chat.id == *id));
    let clear = {
        let id = chat.map(|chat| chat.id.clone());
        Callback::from(move |()| {
            if let Some(id) = &id {
                chat_handle.delete(id);
                navigator.close();
            }
        })
    };
    let question = format!(
        "Clear \"{}\"? All its messages are deleted, on all your devices.",
        chat.map_or("", |chat| chat.title.as_str())
    );
    let row =
        |(name, fact): &(&'static str, String)| html! { <><dt>{ *name }</dt><dd>{ fact.clone() }</dd></> };
    html! {
        <div class="debug-panel">
            if let Some(rows) = &rows {
                <dl class="debug-facts">{ for rows.iter().map(row) }</dl>
            } else {
                <p role="status">{ "Collecting facts…" }</p>
            }
            <h3>{ "Sync" }</h3>
            <SyncHealthView />
            <p class="buttons"><CopyButton labelled=true name="Copy diagnostics" text={report} /></p>
            <h3>{ "Smoke tests" }</h3>
            { probes::view() }
            <h3>{ "Settings" }</h3>
            <pre class="debug-settings" tabindex="0" aria-label="Settings as JSON">
                { facts.as_ref().map(|facts| facts.settings_json.clone()) }
            </pre>
            <h3>{ "This chat" }</h3>
            <ConfirmButton label="Clear chat" {question} yes="Clear chat" onconfirm={clear} disabled={chat.is_none()} />
        </div>
    }
}

fn rows(facts: &Diagnostics, sync: &str) -> Vec<(&'static str, String)> {
    let place = match &facts.place {
        Place::IndexedDb => "IndexedDB".to_owned(),
        Place::LocalStorage(why) => format!("localStorage, as IndexedDB failed: {why}"),
        Place::Memory(why) => format!("Memory only, nothing survives a reload: {why}"),
    };
    let used = match (facts.used_bytes, facts.quota_bytes) {
        (Some(used), Some(quota)) => format!("{} of {}", bytes(used), bytes(quota)),
        (Some(used), None) => bytes(used),
        (None, _) => "unknown".to_owned(),
    };
    let persisted = match facts.persisted {
        Some(true) => "the browser keeps the data",
        Some(false) => "the browser may remove the data when space is short",
        None => "unknown",
    };
    vec![
        ("Version", facts.version.clone()),
        ("Build", facts.build.clone()),
        ("Chats", facts.chats.to_string()),
        ("Messages", facts.messages.to_string()),
        ("Set aside as unreadable", facts.corrupt.to_string()),
        ("Cloud Sync", sync.to_owned()),
        ("Place", place),
        ("Space used", used),
        ("Persistence", persisted.to_owned()),
    ]
}

fn bytes(count: u64) -> String {
    let count = count as f64;
    match count {
        ..1e6 => format!("{:.0} KB", count / 1e3),
        ..1e9 => format!("{:.1} MB", count / 1e6),
        _ => format!("{:.1} GB", count / 1e9),
    }
}
