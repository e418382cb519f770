//! What sync costs, on the emulator with the real engine: reads and writes as the engine counts what
//! Firestore bills, requests, and bytes of bodies both ways. `docs/SYNC.md` has the table.

use muse_chat::sync::{Edit, Id, Key, Limits, SpaceId, Tx};

use super::devices::{Device, id, message, space};
use super::host::Host;

const CHATS: usize = 50;
const MESSAGES_OF_EACH: usize = 200;

#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    reads: u64,
    writes: u64,
    requests: u64,
    bytes: u64,
}

fn spent(device: &Device) -> Cost {
    let today = device.engine.health().today;
    Cost { reads: today.reads, writes: today.writes, requests: today.requests, bytes: device.bytes }
}

/// What an act cost one device, printed as a line of the table.
fn cost_of(what: &str, device: &mut Device, act: impl FnOnce(&mut Device)) -> Cost {
    let before = spent(device);
    act(device);
    let after = spent(device);
    let cost = Cost {
        reads: after.reads - before.reads,
        writes: after.writes - before.writes,
        requests: after.requests - before.requests,
        bytes: after.bytes - before.bytes,
    };
    let Cost { reads, writes, requests, bytes } = cost;
    println!("| {what} | {reads} | {writes} | {requests} | {:.1} |", bytes as f64 / 1000.0);
    cost
}

/// A device that writes past the rules, so that a large space is made quickly.
fn author(space: &SpaceId) -> Device {
    let limits = Limits { records: 500, chats: CHATS, ..Limits::default() };
    let mut author = Device::with("author", space, 1, Host::new(space.clone()).into_owner(), limits);
    author.sync();
    author
}

fn device(name: &str, space: &SpaceId, seed: u64) -> Device {
    let limits = Limits { backfill: 0, ..Limits::default() };
    Device::with(name, space, seed, Host::new(space.clone()), limits)
}

fn say(device: &mut Device, rng: &mut fastrand::Rng, chat: &Id, times: usize) {
    let body =
        "about a hundred letters of text, as people write them when they ask a question of some length "
            .repeat(2);
    let edits = (0..times).map(|_| message(chat, &id(rng, 'm'), &body)).collect();
    device.write(edits);
}

#[test]
#[ignore = "needs the Firestore emulator"]
fn the_cost_table() {
    let mut rng = fastrand::Rng::new();
    let space = space(&mut rng);
    let chats: Vec<Id> = (0..CHATS).map(|_| id(&mut rng, 'c')).collect();
    let mut author = author(&space);
    for chat in &chats {
        author.write(vec![Edit::set(Key::Chat(chat.clone()), [("title", "A chat".into())])]);
        say(&mut author, &mut rng, chat, MESSAGES_OF_EACH);
        author.sync();
    }
    println!("\n| what | reads | writes | requests | kB |\n| --- | --- | --- | --- | --- |");
    let open = chats[CHATS - 1].clone();

    let mut reader = device("reader", &space, 2);
    let first =
        cost_of("new device, 50 chats and 10 000 messages: first chat can be read", &mut reader, |reader| {
            reader.sync();
            reader.run(&Tx::Follow(open.clone()));
            reader.sync();
        });
    assert!(first.reads < 300 && first.requests <= 8, "{first:?}");
    assert_eq!(reader.content().len(), CHATS + MESSAGES_OF_EACH);

    let rest = cost_of("… the rest of it", &mut reader, |reader| {
        chats.iter().for_each(|chat| reader.run(&Tx::Follow(chat.clone())));
        reader.sync();
    });
    assert_eq!(reader.content().len(), CHATS * (MESSAGES_OF_EACH + 1));
    assert!(rest.reads < 10_100 && rest.requests < 110, "{rest:?}");

    let sent = cost_of("one exchange sent", &mut reader, |reader| {
        say(reader, &mut rng, &open, 2);
        reader.sync();
    });
    assert!(sent.writes == 4 && sent.reads <= 5 && sent.requests <= 3, "{sent:?}");

    let mut other = device("other", &space, 3);
    other.run(&Tx::Follow(open.clone()));
    other.sync();
    say(&mut reader, &mut rng, &open, 2);
    reader.sync();
    let received = cost_of("one exchange received", &mut other, Device::sync);
    assert!(received.writes == 0 && received.reads <= 6 && received.requests <= 4, "{received:?}");

    let idle = cost_of("ten idle minutes", &mut other, |other| {
        let end = other.instant_ms + 600_000;
        while other.instant_ms < end {
            other.wake();
        }
    });
    // the first minutes are less idle than the last, which cost one read each
    assert!(idle.reads == idle.requests && idle.requests <= 45, "{idle:?}");

    author.sync();
    for chat in chats.iter().take(4) {
        say(&mut author, &mut rng, chat, if chat == &chats[0] { 4 } else { 2 });
    }
    author.sync();
    let changed = cost_of("10 changed of 10 000, in 4 chats", &mut reader, Device::sync);
    assert!(changed.writes == 0 && changed.reads < 30 && changed.requests <= 8, "{changed:?}");

    let offline = cost_of("1 000 messages made offline, in 10 chats, sent", &mut reader, |reader| {
        chats.iter().take(10).for_each(|chat| say(reader, &mut rng, chat, 100));
        reader.sync();
    });
    assert!(offline.writes < 1_100 && offline.requests < 60, "{offline:?}");
}
