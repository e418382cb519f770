//! A text field that saves while one types.
//!
//! Promises: what is typed is saved a moment after the last key, when the field is left, and when it goes
//! away; a value that arrives from elsewhere is shown, but never under the fingers of the user.

use gloo_timers::callback::Timeout;
use web_sys::{Event, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::contexts::use_is_unsaved;

/// Typing is over when nothing was typed for this long.
const TYPED_MS: u32 = 400;
/// How long the mark says that the text was saved.
const SAVED_MS: u32 = 2_000;

/// What [`Field`] needs.
#[derive(PartialEq, Properties)]
pub(super) struct FieldProps {
    /// Its id in the page.
    pub(super) id: &'static str,
    /// Its name.
    pub(super) label: AttrValue,
    /// What is in it.
    pub(super) value: AttrValue,
    /// Takes what was typed.
    pub(super) onsave: Callback<String>,
    /// What kind of text it is, in the words of HTML.
    #[prop_or("text")]
    pub(super) kind: &'static str,
    /// Its height in lines; with none it takes one line only.
    #[prop_or_default]
    pub(super) lines: Option<&'static str>,
    /// An example.
    #[prop_or_default]
    pub(super) placeholder: AttrValue,
    /// For the browser's own memory.
    #[prop_or("off".into())]
    pub(super) autocomplete: AttrValue,
    /// Id of a list of proposals.
    #[prop_or_default]
    pub(super) list: Option<AttrValue>,
    /// What to know about it.
    #[prop_or_default]
    pub(super) hint: Option<AttrValue>,
    /// What is wrong with it, in one sentence.
    #[prop_or_default]
    pub(super) problem: Option<AttrValue>,
}

/// A text field.
#[component]
pub(super) fn Field(props: &FieldProps) -> Html {
    let node = use_node_ref();
    let typed = use_mut_ref(|| None::<String>);
    let timer = use_mut_ref(|| None::<Timeout>);
    let saved = use_state_eq(|| None::<String>);
    let is_unsaved = use_is_unsaved();
    let save = {
        let (typed, timer, saved, onsave) =
            (typed.clone(), timer.clone(), saved.setter(), props.onsave.clone());
        Callback::from(move |()| {
            let Some(text) = typed.take() else { return };
            onsave.emit(text.clone());
            saved.set(Some(text));
            let saved = saved.clone();
            timer.replace(Some(Timeout::new(SAVED_MS, move || saved.set(None))));
        })
    };
    let oninput = {
        let (typed, timer, save, saved) = (typed.clone(), timer.clone(), save.clone(), saved.setter());
        Callback::from(move |event: InputEvent| {
            typed.replace(text_of(&event));
            saved.set(None);
            let save = save.clone();
            timer.replace(Some(Timeout::new(TYPED_MS, move || save.emit(()))));
        })
    };
    use_effect_with(props.value.clone(), {
        let (node, typed) = (node.clone(), typed.clone());
        move |value| {
            if typed.borrow().is_none() {
                show(&node, value);
            }
        }
    });
    use_effect_with((), {
        let save = save.clone();
        move |()| move || save.emit(())
    });
    // it says so only of what is there: a change may have been refused
    let is_saved = !is_unsaved && saved.as_deref().is_some_and(|text| text.trim() == props.value.trim());
    let note = props.problem.as_ref().or(props.hint.as_ref());
    let is_wrong = props.problem.is_some();
    let hint_id = note.is_some().then(|| format!("{}-hint", props.id));
    let (placeholder, onblur) = (props.placeholder.clone(), save.reform(|_: FocusEvent| ()));
    html! {
        <div class="field">
            <div class="field-head">
                <label class="field-label" for={props.id}>{ props.label.clone() }</label>
                <span class="field-saved" role="status">{ if is_saved { "Saved" } else { "" } }</span>
            </div>
            if let Some(rows) = props.lines {
                <textarea ref={node} id={props.id} class="field-input" {rows} {placeholder}
                    aria-describedby={hint_id.clone()} aria-invalid={is_wrong.then_some("true")} {oninput} {onblur} />
            } else {
                <input ref={node} id={props.id} class="field-input" type={props.kind} {placeholder}
                    list={props.list.clone()} autocomplete={props.autocomplete.clone()}
                    aria-describedby={hint_id.clone()} aria-invalid={is_wrong.then_some("true")} {oninput} {onblur} />
            }
            if let Some(note) = note {
                <p class={classes!("field-hint", is_wrong.then_some("problem"))} id={hint_id}>{ note.clone() }</p>
            }
        </div>
    }
}

fn text_of(event: &InputEvent) -> Option<String> {
    let event: &Event = event;
    let input = event.target_dyn_into::<HtmlInputElement>().map(|input| input.value());
    input.or_else(|| Some(event.target_dyn_into::<HtmlTextAreaElement>()?.value()))
}

fn show(node: &NodeRef, value: &str) {
    if let Some(input) = node.cast::<HtmlInputElement>() {
        if input.value() != value {
            input.set_value(value);
        }
    } else if let Some(area) = node.cast::<HtmlTextAreaElement>()
        && area.value() != value
    {
        area.set_value(value);
    }
}
