//! Before two sides become one: what is here, what is there, and what will happen.

use web_sys::HtmlElement;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::contexts::use_sync_context;
use crate::session::{Joining, Preview};

/// What [`MergeQuestion`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct MergeQuestionProps {
    /// The way in.
    pub(super) joining: Joining,
    /// The person does not want to.
    pub(super) oncancel: Callback<()>,
}

/// Looks at both sides, says what will happen, and does it when told to.
#[component]
pub(super) fn MergeQuestion(props: &MergeQuestionProps) -> Html {
    let handle = use_sync_context();
    let found = use_state_eq(|| None::<Result<Preview, String>>);
    let working = use_state_eq(|| false);
    let problem = use_state_eq(|| None::<String>);
    let region = use_node_ref();
    use_effect_with(props.joining.clone(), {
        let (handle, found, region) = (handle.clone(), found.setter(), region.clone());
        move |joining| {
            // the button that had the focus is gone
            let _ = region.cast::<HtmlElement>().map(|region| region.focus());
            let joining = joining.clone();
            spawn_local(async move { found.set(Some(handle.preview(&joining).await)) });
        }
    });
    let go = {
        let (joining, working, problem) = (props.joining.clone(), working.clone(), problem.setter());
        move |_| {
            if *working {
                return;
            }
            working.set(true);
            let (handle, joining) = (handle.clone(), joining.clone());
            let (working, problem) = (working.setter(), problem.clone());
            spawn_local(async move {
                problem.set(handle.join(&joining).await.err());
                working.set(false);
            });
        }
    };
    let preview = found.as_ref().and_then(|found| found.as_ref().ok().copied());
    let refused = found.as_ref().and_then(|found| found.as_ref().err().cloned());
    let yes = match (&props.joining, preview) {
        (_, Some(Preview { already_in: true, .. })) | (_, None) => None,
        (Joining::New, Some(_)) => Some("Create and copy"),
        (Joining::Code(_) | Joining::Invited, Some(_)) => Some("Join and put together"),
    };
    html! {
        <section ref={region} class="merge-question" tabindex="-1" aria-label="What will happen">
            <h3>{ title(&props.joining) }</h3>
            <div role="status">
                if let Some(preview) = preview {
                    <ul class="merge-facts">{ for facts(&props.joining, &preview).into_iter().map(|fact| html! { <li>{ fact }</li> }) }</ul>
                } else if refused.is_none() {
                    <p>{ "Looking at your Firestore…" }</p>
                }
            </div>
            <p class="problem" role="alert">{ refused.or_else(|| (*problem).clone()) }</p>
            <p class="buttons">
                if let Some(yes) = yes {
                    <button class="button button-primary" onclick={go} disabled={*working}>{ icon(Icon::Check) }{ yes }</button>
                }
                <button class="button" onclick={props.oncancel.reform(|_| ())}>
                    { if yes.is_some() { "Cancel" } else { "Back" } }
                </button>
            </p>
        </section>
    }
}

fn title(joining: &Joining) -> &'static str {
    match joining {
        Joining::New => "Create a space",
        Joining::Code(_) => "Join the space of another device",
        Joining::Invited => "A link invites this device to a space",
    }
}

/// What is on both sides and what becomes of it, in sentences.
fn facts(joining: &Joining, preview: &Preview) -> Vec<String> {
    if preview.already_in {
        return vec!["This device is in this space already. There is nothing to do.".to_owned()];
    }
    let mut facts = vec![format!("On this device: {}.", chats(preview.here, false))];
    if *joining == Joining::New {
        facts.push("In your Firestore: a new, empty space.".to_owned());
        facts.push(
            "What is here is copied there, with your settings and profile. It stays here as well.".to_owned(),
        );
    } else if preview.there == 0 {
        facts.push(
            "In the space: nothing yet. If you expected chats there, check the code and the project first."
                .to_owned(),
        );
        facts.push("What is here is copied there. Nothing is deleted.".to_owned());
    } else {
        let both = if preview.on_both == 0 {
            String::new()
        } else {
            format!(", {} of them here already", preview.on_both)
        };
        facts.push(format!("In the space: {}{both}.", chats(preview.there, preview.there_is_more)));
        facts.push(
            "What is on both becomes one, what is on one side comes to the other. Nothing is deleted. Of a setting that \
             differs the newer one counts."
                .to_owned(),
        );
    }
    if preview.staying > 0 {
        facts.push(format!("{} on this device as you chose.", stay(preview.staying)));
    }
    if preview.leaves_another {
        facts.push(
            "This device leaves the space it is in now; what that holds in your Firestore stays there."
                .to_owned(),
        );
    }
    facts
}

fn stay(count: usize) -> String {
    if count == 1 { "1 more chat stays".to_owned() } else { format!("{count} more chats stay") }
}

fn chats(count: usize, is_more: bool) -> String {
    match count {
        0 => "no chats".to_owned(),
        1 => "1 chat".to_owned(),
        _ => format!("{count}{} chats", if is_more { " or more" } else { "" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Preview = Preview {
        here: 0,
        there: 0,
        there_is_more: false,
        on_both: 0,
        staying: 0,
        already_in: false,
        leaves_another: false,
    };

    fn said(joining: &Joining, preview: Preview) -> String {
        facts(joining, &preview).join(" ")
    }

    #[test]
    fn both_sides_are_counted_and_nothing_is_deleted() {
        let code = Joining::Code(String::new());
        let text = said(&code, Preview { here: 3, there: 12, on_both: 1, staying: 1, ..NOTHING });
        for part in [
            "On this device: 3 chats.",
            "In the space: 12 chats, 1 of them here already.",
            "Nothing is deleted",
            "1 more chat stays",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(
            said(&code, Preview { there: 300, there_is_more: true, ..NOTHING }).contains("300 or more chats")
        );
        assert!(said(&Joining::Invited, Preview { here: 1, ..NOTHING }).contains("check the code"));
        assert!(
            said(&code, Preview { leaves_another: true, ..NOTHING })
                .contains("leaves the space it is in now")
        );
    }

    #[test]
    fn a_new_space_is_empty_and_ones_own_is_nothing_to_join() {
        assert!(
            said(&Joining::New, Preview { here: 1, ..NOTHING })
                .contains("On this device: 1 chat. In your Firestore: a new")
        );
        let already = said(&Joining::Invited, Preview { here: 5, there: 5, already_in: true, ..NOTHING });
        assert!(already.contains("already") && !already.contains("5 chats"));
    }
}
