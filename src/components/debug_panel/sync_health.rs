//! How sync is doing: numbers, a small chart of latencies, the last things that happened.

use yew::prelude::*;

use super::health_words::facts;
use crate::components::when;
use crate::contexts::{use_sync, use_sync_health};
use crate::sync::{LogLine, Status};

/// Size of the chart, in its own units; a bar is one wide.
const CHART: (usize, u32) = (50, 16);

/// Sync health.
#[component]
pub(super) fn SyncHealthView() -> Html {
    let health = use_sync_health();
    let on = use_sync().status != Status::Off;
    let rows = facts(&health, on, when::instant_ms(), when::short);
    let row = |(name, fact): (&'static str, String)| html! { <><dt>{ name }</dt><dd>{ fact }</dd></> };
    let line = |line: &LogLine| {
        html! { <li><time datetime={when::iso(line.at_ms)}>{ when::exact(line.at_ms) }</time>{ " " }{ line.to_string() }</li> }
    };
    html! {
        <div class="sync-health">
            <dl class="debug-facts">{ for rows.into_iter().map(row) }</dl>
            { chart(&health.latencies_ms) }
            if !health.log.is_empty() {
                <details class="sync-health-log">
                    <summary>{ format!("Last events ({})", health.log.len()) }</summary>
                    <ol reversed=true>{ for health.log.iter().rev().map(line) }</ol>
                </details>
            }
        </div>
    }
}

/// One bar for each request, the last on the right.
fn chart(latencies_ms: &[u32]) -> Html {
    let Some(most) = latencies_ms.iter().max().filter(|_| latencies_ms.len() > 1) else {
        return Html::default();
    };
    let (width, height) = CHART;
    let shown = latencies_ms.get(latencies_ms.len().saturating_sub(width)..).unwrap_or(latencies_ms);
    let first = width - shown.len();
    let bars: String = shown
        .iter()
        .enumerate()
        .map(|(place, ms)| {
            let tall = bar(*ms, *most, height);
            format!("M{} {}h.8v{tall}h-.8z", first + place, height - tall)
        })
        .collect();
    html! {
        <figure class="latency-chart">
            <svg viewBox={format!("0 0 {width} {height}")} preserveAspectRatio="none" role="img"
                aria-label={format!("Latency of the last {} requests", shown.len())}>
                <path d={bars} />
            </svg>
            <figcaption class="field-hint">{ format!("The last {} requests; the tallest bar is {most} ms", shown.len()) }</figcaption>
        </figure>
    }
}

/// How tall a bar is; the quickest request is still seen.
fn bar(ms: u32, most: u32, height: u32) -> u32 {
    let tall = u64::from(ms) * u64::from(height) / u64::from(most.max(1));
    u32::try_from(tall).unwrap_or(height).clamp(1, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_tall_as_requests_were_slow() {
        assert_eq!([0, 1, 50, 100].map(|ms| bar(ms, 100, 16)), [1, 1, 8, 16]);
        assert_eq!(bar(u32::MAX, u32::MAX, 16), 16);
        assert_eq!(bar(0, 0, 16), 1);
    }
}
