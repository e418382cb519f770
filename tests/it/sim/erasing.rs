//! The cloud copy is erased while other devices are at work: nothing is left but the closed head,
//! nothing comes back, and every device keeps what it had.

use muse_chat::sync::{Attention, Erase, EraseWish, Signal, Status};

use super::faults::Odd;
use super::world::{Ev, World};
use super::{MINUTE_MS, make_world, number};

impl World {
    /// The first device erases; its engine is off from now on.
    fn begin_erasing(&mut self) {
        // a device that reads while documents vanish may take it for a restore, at first
        self.tampered = true;
        self.devices[0].space = None;
        for tab in 0..self.devices[0].tabs.len() {
            self.devices[0].tabs[tab].space = None;
            self.devices[0].tabs[tab].engine.disconnect();
        }
        self.erase = Some(Erase::new(self.rng.u64(..)));
        self.at(1, Ev::Erase);
    }

    /// One request of the one that erases. It may be lost on either way, or the page may crash.
    pub(super) fn erase_step(&mut self) {
        let Some(mut erase) = self.erase.take() else { return };
        let mut pause = self.between(3, 200);
        match erase.poll() {
            EraseWish::Done => {
                self.counts.add("erased");
                return self.trace(|| "ERASED".to_owned());
            }
            EraseWish::Failed(why) => return self.fail(format!("cannot be erased: {why}")),
            EraseWish::Wait(ms) => pause = ms,
            EraseWish::Send(request) => {
                let space = self.spaces[0].clone();
                let call = self.wires[&space].encode(&request).unwrap();
                let luck = if self.calm { 100 } else { self.rng.u8(..100) };
                let rules_first = self.rng.bool();
                let answer = (luck >= 10).then(|| self.server.answer(&call, self.true_ms(), rules_first));
                let lost = || muse_chat::sync::TransportError::Unreachable("lost".to_owned());
                match answer {
                    Some(_) if luck < 15 => {
                        self.counts.add("crashed while erasing");
                        erase = Erase::new(self.rng.u64(..));
                    }
                    Some(answer) if luck >= 25 => erase.handle(self.wires[&space].decode(&request, &answer)),
                    Some(_) | None => erase.handle(Err(lost())),
                }
            }
        }
        self.erase = Some(erase);
        self.at(pause, Ev::Erase);
    }
}

fn run(seed: u64, tracing: bool) -> Result<u64, String> {
    let mut world = make_world(seed, tracing);
    world.rates.odd = Odd::None;
    (world.rates.server, world.rates.disk, world.rates.spaces, world.rates.poison) =
        (false, false, false, false);
    let storm_ms = world.between(MINUTE_MS, 5 * MINUTE_MS);
    world.run_until(storm_ms);
    world.begin_erasing();
    let storm_ms = world.now_ms + world.between(1_000, 2 * MINUTE_MS);
    world.run_until(storm_ms);
    world.calm = true;
    world.rates = super::faults::Rates::default();
    for device in 1..world.devices.len() {
        world.devices[device].online = true;
        for tab in 0..world.devices[device].tabs.len() {
            if world.devices[device].tabs[tab].space.is_none() {
                world.connect(device, tab);
            }
            world.signal(device, tab, Signal::Visible);
            world.signal(device, tab, Signal::TryNow);
        }
    }
    let end_ms = world.now_ms + 4 * MINUTE_MS;
    world.run_until(end_ms);
    if let Some(broken) = world.broken {
        return Err(broken);
    }
    if world.erase.is_some() {
        return Err("it did not end".to_owned());
    }
    let space = world.spaces[0].as_str().to_owned();
    if let Some((path, _)) = world.server.records(&space).next() {
        return Err(format!("{path} is still there"));
    }
    let closed =
        world.server.docs.get(&format!("users/{space}")).is_some_and(|head| {
            head.fields.get("closed").is_some_and(|closed| closed["booleanValue"] == true)
        });
    if !closed {
        return Err("the head is not closed".to_owned());
    }
    let tabs = |world: &World| -> Vec<(Status, u64)> {
        let tabs = world.devices.iter().skip(1).flat_map(|device| &device.tabs);
        tabs.map(|tab| (tab.engine.status(), tab.requests)).collect()
    };
    let before = tabs(&world);
    let end_ms = world.now_ms + 5 * MINUTE_MS;
    world.run_until(end_ms);
    let after = tabs(&world);
    let requests = |tabs: &[(Status, u64)]| tabs.iter().map(|(_, requests)| *requests).collect::<Vec<_>>();
    let says_so = |status: &Status| matches!(status, Status::Attention { reason: Attention::Closed, .. });
    match after.iter().find(|(status, _)| !says_so(status)) {
        Some((status, _)) => Err(format!("a device says {status:?}")),
        None if requests(&before) != requests(&after) => Err("a device still asks".to_owned()),
        None => Ok(world.counts.0.get("crashed while erasing").copied().unwrap_or(0)),
    }
}

#[test]
fn an_erased_space_stays_empty_and_devices_keep_everything() {
    if let Ok(seed) = std::env::var("SEED") {
        assert_eq!(run(seed.parse().unwrap(), true).map(|_| ()), Ok(()));
        return;
    }
    let (first, seeds) = (number("FIRST", 1), number("SEEDS", 300) / 5);
    let mut crashes = 0;
    for seed in first..first + seeds.max(1) {
        match run(seed, false) {
            Ok(times) => crashes += times,
            Err(broken) => panic!("seed {seed}: {broken}"),
        }
    }
    assert!(seeds < 20 || crashes > 0, "it never crashed");
}
