//! The whole of sync in one process: real engines, real codec, real memory store; a simulated
//! server, network, clock and user. One seed is one run.
//!
//! `SEEDS=n` how many (from `FIRST`), `SEED=n` replays one with a line for every event.
#![allow(clippy::unwrap_used)]

mod device;
mod erasing;
mod faults;
mod net;
mod odd;
mod oracle;
mod planted;
mod rules;
mod server;
mod small;
mod stranger;
mod tabs;
mod trouble;
mod user;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use muse_chat::sync::{Limits, Status};

use device::Device;
pub(crate) use device::TabId;
pub(crate) use faults::Fate;
use faults::{Counts, Rates};
pub(crate) use server::{Doc, Restore, Server};
use world::Ev;
pub(crate) use world::{Happened, World};

const MINUTE_MS: u64 = 60_000;

#[derive(Clone, Debug, Default)]
struct Report {
    counts: Counts,
    steps: u64,
    calm_ms: u64,
}

fn random_limits(rng: &mut fastrand::Rng) -> Limits {
    Limits {
        records: rng.usize(2..12),
        bytes: rng.usize(1_500..8_000),
        chats: rng.usize(1..4),
        record_bytes: 900_000,
        page: rng.u32(2..9),
        backfill: rng.u32(0..60),
        day: Limits::default().day,
    }
}

fn make_world(seed: u64, tracing: bool) -> World {
    let mut world = World::new(seed);
    world.tracing = tracing;
    world.rates = Rates::random(&mut world.rng);
    let limits = random_limits(&mut world.rng);
    let locks = world.rng.u8(..4) > 0;
    if world.rng.u8(..5) == 0 {
        let refusal = [(403, "PERMISSION_DENIED"), (400, "INVALID_ARGUMENT")][world.rng.usize(..2)];
        world.server.takes = Some((world.rng.usize(1..5), refusal));
    }
    for _ in 0..world.rng.usize(2..=4) {
        let tabs = [1, 1, 2, 2, 2, 3][world.rng.usize(..6)];
        let device = world.add_device(tabs, limits);
        world.devices[device].locks = locks;
        world.devices[device].wall_off_ms = world.rng.i64(-3_000..3_000);
        world.devices[device].space = Some(world.spaces[0].clone());
        for tab in 0..tabs {
            let delay = world.between(0, 30_000);
            world.at(delay, Ev::Birth(device, tab));
        }
        let delay = world.between(0, 60_000);
        world.at(delay, Ev::Act(device));
    }
    let delay = world.between(1_000, 60_000);
    world.at(delay, Ev::Trouble);
    world
}

/// Runs one seed: some minutes of trouble, then calm until all agree.
fn run(seed: u64, tracing: bool) -> Result<Report, String> {
    let mut world = make_world(seed, tracing);
    let stormy_ms = world.between(MINUTE_MS, 5 * MINUTE_MS);
    world.run_until(stormy_ms);
    world.calm_down();
    world.spend_nights();
    let calm_at = world.now_ms;
    let patience_ms = world.patience_ms();
    let mut last = Err("nothing was looked at".to_owned());
    while world.broken.is_none() && last.is_err() {
        if world.now_ms > calm_at + patience_ms {
            return Err(format!("after {} calm minutes: {}", patience_ms / MINUTE_MS, last.unwrap_err()));
        }
        world.tend_for(10_000);
        if world.now_ms >= calm_at + MINUTE_MS {
            last = settled(&world);
        }
    }
    let calm_ms = world.now_ms - calm_at;
    if world.broken.is_none() {
        world.oracle.judge(&world.devices, &world.server, world.spaces[0].as_str())?;
        world.oracle.keeps_secrets(&world.elsewhere)?;
        let torn = ["torn row", "evicted", "joined another space", "switched project", "row lost"];
        if !world.tampered && torn.iter().all(|what| !world.counts.0.contains_key(what)) {
            world.oracle.buried(&world.server, world.spaces[0].as_str())?;
        }
        stays_quiet(&mut world);
    }
    if let Some(broken) = world.broken {
        return Err(broken);
    }
    world.counts.more("lost race", world.server.lost);
    world.counts.more("too many at once", world.server.too_many);
    world.counts.more("stub made", world.server.stubs);
    world.counts.more("commits", world.server.commits);
    world.counts.0.retain(|_, times| *times > 0);
    Ok(Report { counts: world.counts, steps: world.steps, calm_ms })
}

fn settled(world: &World) -> Result<(), String> {
    world.oracle.agrees(&world.devices, &world.server, world.spaces[0].as_str())?;
    for (device, tab) in
        world.devices.iter().flat_map(|device| device.tabs.iter().map(move |tab| (device, tab)))
    {
        if tab.frozen_until.is_some() {
            continue;
        }
        match tab.engine.status() {
            Status::Synced { .. } => {}
            Status::Attention { reason: muse_chat::sync::Attention::Quarantined(_), .. }
                if !world.server.poison.is_empty() => {}
            Status::Attention { reason: muse_chat::sync::Attention::NewerSchema, .. }
                if world.counts.0.contains_key("newer record") => {}
            Status::Off
            | Status::Syncing { .. }
            | Status::Comparing { .. }
            | Status::Offline { .. }
            | Status::Attention { .. } => {
                return Err(format!("I12: {} is {:?}", device.name, tab.engine.status()));
            }
        }
    }
    Ok(())
}

/// Idle is one request a poll.
fn stays_quiet(world: &mut World) {
    let tabs = |world: &World| -> Vec<u64> {
        world.devices.iter().flat_map(|device| device.tabs.iter().map(|tab| tab.requests)).collect()
    };
    let before = tabs(world);
    let of_devices = |counts: &[u64], world: &World| -> Vec<u64> {
        let mut counts = counts.iter();
        let mut of = |n: usize| counts.by_ref().take(n).sum();
        world.devices.iter().map(|device| of(device.tabs.len())).collect()
    };
    let end = world.now_ms + 3 * MINUTE_MS;
    world.run_until(end);
    let after = tabs(world);
    let most = before.iter().zip(&after).map(|(before, after)| after - before).max();
    let of_device = of_devices(&before, world).into_iter().zip(of_devices(&after, world));
    let of_device = of_device.map(|(before, after)| after - before);
    let one_leads =
        |device: &Device| device.locks && device.tabs.iter().all(|tab| tab.frozen_until.is_none());
    let of_led = world.devices.iter().zip(of_device).filter(|(device, _)| one_leads(device));
    let most_led = of_led.map(|(_, requests)| requests).max();
    // what waits for a newer version makes followers ask more often
    let asks = if world.counts.0.contains_key("newer record") { 20 } else { 0 };
    // a poll every 5 s for a minute, then every 15 s
    if most > Some(12 + 8 + 2 + asks) {
        world.fail(format!("I11: {most:?} requests of one tab in 3 idle minutes"));
    }
    if most_led > Some(12 + 8 + 4 + asks) {
        world.fail(format!("I11: {most_led:?} requests of all tabs of a device in 3 idle minutes"));
    }
    if let Err(broken) = settled(world) {
        world.fail(format!("did not stay settled: {broken}"));
    }
}

/// How many seeds are run at once: one a core.
fn threads() -> usize {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    usize::try_from(number("THREADS", 0)).ok().filter(|threads| *threads > 0).unwrap_or(cores)
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn many_seeds_keep_every_promise() {
    if let Ok(seed) = std::env::var("SEED") {
        let report = run(seed.parse().unwrap(), true);
        println!("{report:#?}");
        return assert!(report.is_ok(), "seed {seed}: {}", report.unwrap_err());
    }
    let (first, seeds) = (number("FIRST", 1), number("SEEDS", 300));
    let next = AtomicU64::new(first);
    let work = || {
        let mut total = Report::default();
        let mut failed = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + seeds || failed.len() >= 10 {
                return (total, failed);
            }
            let result = catch_unwind(AssertUnwindSafe(|| run(seed, false)));
            match result.unwrap_or_else(|_| Err("panicked".to_owned())) {
                Ok(report) => {
                    total.counts.join(&report.counts);
                    total.steps += report.steps;
                    total.calm_ms = total.calm_ms.max(report.calm_ms);
                }
                Err(broken) => failed.push(format!("seed {seed}: {broken}")),
            }
        }
    };
    let threads = threads();
    let results = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect::<Vec<_>>()
    });
    let mut total = Report::default();
    let mut failed = Vec::new();
    for (report, failures) in results {
        total.counts.join(&report.counts);
        total.steps += report.steps;
        total.calm_ms = total.calm_ms.max(report.calm_ms);
        failed.extend(failures);
    }
    println!("{seeds} seeds from {first}, {} steps, longest calm {} s", total.steps, total.calm_ms / 1000);
    total.counts.0.iter().for_each(|(what, times)| println!("{times:>9} {what}"));
    assert!(failed.is_empty(), "{} broken\n{}", failed.len(), failed.join("\n"));
    let never = total.counts.never();
    assert!(seeds < 100 || never.is_empty(), "never happened: {never:?}");
}
