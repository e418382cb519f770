//! One of a few: radio buttons that say what they mean.

use yew::prelude::*;

use super::icon::{Icon, icon};

/// One possibility.
#[derive(Clone, PartialEq)]
pub(super) struct Offer {
    /// Its name in the data.
    pub(super) value: &'static str,
    /// Its name.
    pub(super) label: &'static str,
    /// What it means.
    pub(super) hint: &'static str,
    /// A picture of it.
    pub(super) icon: Option<Icon>,
}

/// What [`Choice`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct ChoiceProps {
    /// What is chosen.
    pub(super) legend: &'static str,
    /// Among what.
    pub(super) offers: Vec<Offer>,
    /// What it is now.
    pub(super) chosen: &'static str,
    /// Takes another.
    pub(super) onchoose: Callback<&'static str>,
    /// Side by side instead of one per line.
    #[prop_or_default]
    pub(super) compact: bool,
}

/// Radio buttons.
#[component]
pub(super) fn Choice(props: &ChoiceProps) -> Html {
    let offer = |offer: &Offer| {
        let value = offer.value;
        let chosen = value == props.chosen;
        let onchoose = props.onchoose.clone();
        html! {
            <label key={value} class="choice-offer">
                <input class="choice-input" type="radio" name={props.legend} {value} checked={chosen}
                    onchange={move |_| onchoose.emit(value)} />
                if let Some(which) = offer.icon { { icon(which) } }
                <span class="choice-text">
                    <span class="choice-label">{ offer.label }</span>
                    if !offer.hint.is_empty() { <span class="choice-hint">{ offer.hint }</span> }
                </span>
            </label>
        }
    };
    html! {
        <fieldset class={classes!("choice", props.compact.then_some("choice-compact"))}>
            <legend class="choice-legend">{ props.legend }</legend>
            <div class="choice-offers">{ for props.offers.iter().map(offer) }</div>
        </fieldset>
    }
}
