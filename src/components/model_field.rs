//! Which model of a source: any id, with a list of what the source offers.

use yew::platform::spawn_local;
use yew::prelude::*;

use super::field::Field;
use crate::chat::Model;
use crate::contexts::use_settings_context;

/// What [`ModelField`] needs. Mount it anew (by `key`) for another source.
#[derive(PartialEq, Properties)]
pub(super) struct ModelFieldProps {
    /// Its id in the page.
    pub(super) id: &'static str,
    /// Whose models.
    pub(super) model: Model,
    /// The id now.
    pub(super) value: AttrValue,
    /// An example, or what counts while it is empty.
    pub(super) placeholder: AttrValue,
    /// Takes an id.
    pub(super) onsave: Callback<String>,
    /// Whether to take the first of the list while there is none.
    #[prop_or_default]
    pub(super) takes_first: bool,
    /// What else can be done, beside the button for the list.
    #[prop_or_default]
    pub(super) children: Html,
}

/// The id, and the list.
#[component]
pub(super) fn ModelField(props: &ModelFieldProps) -> Html {
    let handle = use_settings_context();
    let models = use_state_eq(|| None::<Result<Vec<String>, String>>);
    let fetching = use_state_eq(|| false);
    let fetch = {
        let (models, fetching, model) = (models.setter(), fetching.setter(), props.model);
        let first = (props.takes_first && props.value.is_empty()).then(|| props.onsave.clone());
        move |_| {
            let (handle, models, fetching) = (handle.clone(), models.clone(), fetching.clone());
            let first = first.clone();
            fetching.set(true);
            spawn_local(async move {
                let list = handle.models(model).await;
                if let (Some(take), Some(id)) = (first, list.as_ref().ok().and_then(|list| list.first())) {
                    take.emit(id.clone());
                }
                models.set(Some(list));
                fetching.set(false);
            });
        }
    };
    let (news, failed) = match &*models {
        None => (String::new(), false),
        Some(Ok(ids)) if ids.is_empty() => ("No models are listed; type the id by hand.".to_owned(), false),
        Some(Ok(ids)) if ids.len() == 1 => ("1 model found; choose it in the field above.".to_owned(), false),
        Some(Ok(ids)) => (format!("{} models found; choose one in the field above.", ids.len()), false),
        Some(Err(problem)) => (problem.clone(), true),
    };
    let ids = models.as_ref().and_then(|models| models.as_ref().ok());
    let list = format!("{}-list", props.id);
    html! {
        <div class="model-field">
            <Field id={props.id} label="Model" value={props.value.clone()} list={list.clone()}
                placeholder={props.placeholder.clone()} onsave={props.onsave.reform(|id: String| id.trim().to_owned())} />
            <datalist id={list}>
                { for ids.into_iter().flatten().map(|id| html! { <option value={id.clone()} /> }) }
            </datalist>
            <div class="buttons">
                <button class="button" onclick={fetch} disabled={*fetching}>
                    { if *fetching { "Fetching…" } else { "Fetch models" } }
                </button>
                { props.children.clone() }
            </div>
            <p class={classes!("field-hint", failed.then_some("problem"))} role="status">{ news }</p>
        </div>
    }
}
