//! Two smoke tests: does saving work, does loading work.

use yew::platform::spawn_local;
use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::contexts::use_sync_context;
use crate::session::ProbeReport;

/// What is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trial {
    /// To save.
    Save,
    /// To load.
    Load,
}

/// The two tests and their results.
pub(super) fn view() -> Html {
    html! { <div class="probes"><Probe trial={Trial::Save} /><Probe trial={Trial::Load} /></div> }
}

/// What [`Probe`] needs.
#[derive(PartialEq, Properties)]
struct ProbeProps {
    /// What is tried.
    trial: Trial,
}

/// One test.
#[component]
fn Probe(props: &ProbeProps) -> Html {
    let handle = use_sync_context();
    let report = use_state_eq(|| None::<ProbeReport>);
    let running = use_state_eq(|| false);
    let trial = props.trial;
    let run = {
        let (report, running) = (report.setter(), running.setter());
        move |_| {
            let (handle, report, running) = (handle.clone(), report.clone(), running.clone());
            running.set(true);
            spawn_local(async move {
                report.set(Some(match trial {
                    Trial::Save => handle.probe_save().await,
                    Trial::Load => handle.probe_load().await,
                }));
                running.set(false);
            });
        }
    };
    let result = report.as_ref().map(|report| {
        let (class, which) = if report.ok { ("probe-good", Icon::Check) } else { ("problem", Icon::Warning) };
        let times: Vec<String> = report.latencies_ms.iter().map(|ms| format!("{ms} ms")).collect();
        html! { <span {class}>{ icon(which) }{ format!("{} {}", report.text, times.join(", ")) }</span> }
    });
    let name = match (*running, trial) {
        (true, _) => "Testing…",
        (false, Trial::Save) => "Test save",
        (false, Trial::Load) => "Test load",
    };
    html! {
        <div class="probe">
            <button class="button" onclick={run} disabled={*running}>{ name }</button>
            <p class="probe-result" role="status">{ result.unwrap_or_default() }</p>
        </div>
    }
}
