//! The list of keyboard shortcuts.

use yew::prelude::*;

use super::keys::SHORTCUTS;

/// All shortcuts.
pub(super) fn view() -> Html {
    let row = |(keys, what): &(&[&'static str], &'static str)| {
        html! {
            <tr>
                <td>{ *what }</td>
                <td class="shortcut-keys">{ for keys.iter().map(|key| html! { <kbd>{ *key }</kbd> }) }</td>
            </tr>
        }
    };
    html! {
        <>
            <table class="shortcuts-panel">
                <thead class="visually-hidden"><tr><th>{ "What" }</th><th>{ "Keys" }</th></tr></thead>
                <tbody>{ for SHORTCUTS.iter().map(row) }</tbody>
            </table>
            <p class="field-hint">{ "On a Mac, Cmd works in the place of Ctrl." }</p>
        </>
    }
}
