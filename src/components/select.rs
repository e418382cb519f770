//! One of several, in a list that opens.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// What [`Select`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct SelectProps {
    /// Its id in the page.
    pub(super) id: &'static str,
    /// Its name.
    pub(super) label: AttrValue,
    /// Values and their names.
    pub(super) offers: Vec<(AttrValue, AttrValue)>,
    /// The value now.
    pub(super) chosen: AttrValue,
    /// Takes another value.
    pub(super) onchoose: Callback<String>,
    /// What to know about it.
    #[prop_or_default]
    pub(super) hint: Option<AttrValue>,
}

/// A list that opens.
#[component]
pub(super) fn Select(props: &SelectProps) -> Html {
    let node = use_node_ref();
    use_effect_with((props.chosen.clone(), props.offers.len()), {
        let node = node.clone();
        // the attribute says only what is chosen at first
        move |(chosen, _)| {
            if let Some(select) = node.cast::<HtmlSelectElement>() {
                select.set_value(chosen);
            }
        }
    });
    let onchange = {
        let onchoose = props.onchoose.clone();
        move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                onchoose.emit(select.value());
            }
        }
    };
    let hint_id = props.hint.is_some().then(|| format!("{}-hint", props.id));
    html! {
        <div class="field">
            <label class="field-label" for={props.id}>{ props.label.clone() }</label>
            <select ref={node} id={props.id} class="field-input" aria-describedby={hint_id.clone()} {onchange}>
                { for props.offers.iter().map(|(value, name)| html! {
                    <option key={value.to_string()} value={value.clone()} selected={*value == props.chosen}>{ name.clone() }</option>
                }) }
            </select>
            if let Some(hint) = &props.hint { <p class="field-hint" id={hint_id}>{ hint.clone() }</p> }
        </div>
    }
}
