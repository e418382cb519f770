//! What is between a device and the emulator: TCP, and everything that can go wrong on it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::host::{emulator, exchange};

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// It takes its time, there and back.
    Delay,
    /// The emulator never sees it.
    DropBefore,
    /// The emulator does it, and the answer is lost.
    DropAfter,
    /// The device gives up, and the emulator does it later.
    Late,
    /// The emulator gets it twice.
    Duplicate,
    /// Half of the answer comes.
    Cut,
    /// Slow down.
    Busy,
    /// Not now.
    Unavailable,
}

pub(super) const FAULTS: [Fault; 8] = [
    Fault::Delay,
    Fault::DropBefore,
    Fault::DropAfter,
    Fault::Late,
    Fault::Duplicate,
    Fault::Cut,
    Fault::Busy,
    Fault::Unavailable,
];

#[derive(Debug)]
struct Shared {
    /// Of a hundred requests so many go wrong.
    rate: AtomicU32,
    ended: AtomicBool,
    rng: Mutex<fastrand::Rng>,
    counts: Mutex<BTreeMap<Fault, u64>>,
    /// Requests that are still on their way to the emulator.
    late: AtomicU32,
}

/// A proxy with a port of its own; it ends when it is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) address: String,
    shared: Arc<Shared>,
}

impl Proxy {
    pub(super) fn start(seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            rate: AtomicU32::new(0),
            ended: AtomicBool::new(false),
            rng: Mutex::new(fastrand::Rng::with_seed(seed)),
            counts: Mutex::default(),
            late: AtomicU32::new(0),
        });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if of_thread.ended.load(Ordering::Relaxed) {
                    return;
                }
                if let Ok(stream) = stream {
                    let shared = Arc::clone(&of_thread);
                    thread::spawn(move || serve(stream, &shared));
                }
            }
        });
        Self { address, shared }
    }

    /// From now on so many of a hundred requests go wrong. With none, waits for those under way.
    pub(super) fn set_rate(&self, percent: u32) {
        self.shared.rate.store(percent, Ordering::Relaxed);
        while percent == 0 && self.shared.late.load(Ordering::Relaxed) > 0 {
            thread::yield_now();
        }
    }

    /// How often each fault happened.
    pub(super) fn counts(&self) -> BTreeMap<Fault, u64> {
        self.shared.counts.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // wakes the listener
        let _ = TcpStream::connect(&self.address);
    }
}

impl Shared {
    fn fault(&self) -> Option<(Fault, Duration)> {
        let mut rng = self.rng.lock().unwrap();
        if rng.u32(..100) >= self.rate.load(Ordering::Relaxed) {
            return None;
        }
        let fault = rng.choice(FAULTS)?;
        *self.counts.lock().unwrap().entry(fault).or_default() += 1;
        Some((fault, Duration::from_millis(rng.u64(1..30))))
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    let Some(request) = read_request(&mut stream) else { return };
    let host = emulator();
    let ask = || exchange(&host, &request).unwrap_or_default();
    let answer = match shared.fault() {
        None => ask(),
        Some((Fault::Delay, long)) => {
            thread::sleep(long / 2);
            let answer = ask();
            thread::sleep(long / 2);
            answer
        }
        Some((Fault::DropBefore, _)) => Vec::new(),
        Some((Fault::DropAfter, _)) => {
            ask();
            Vec::new()
        }
        Some((Fault::Late, long)) => {
            shared.late.fetch_add(1, Ordering::Relaxed);
            let _ = stream.shutdown(Shutdown::Both);
            thread::sleep(long);
            ask();
            shared.late.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        Some((Fault::Duplicate, _)) => {
            let answer = ask();
            ask();
            answer
        }
        Some((Fault::Cut, _)) => {
            let mut answer = ask();
            answer.truncate(answer.len() / 2);
            answer
        }
        Some((Fault::Busy, _)) => made_up(429, "RESOURCE_EXHAUSTED"),
        Some((Fault::Unavailable, _)) => made_up(503, "UNAVAILABLE"),
    };
    let _ = stream.write_all(&answer);
    let _ = stream.shutdown(Shutdown::Both);
}

fn read_request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend(buffer.iter().take(read));
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(bytes.get(..end)?).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"))?;
        if bytes.len() >= end + 4 + length.trim().parse::<usize>().ok()? {
            return Some(bytes);
        }
    }
}

fn made_up(status: u16, word: &str) -> Vec<u8> {
    let body = format!(r#"{{"error":{{"code":{status},"message":"made up","status":"{word}"}}}}"#);
    format!("HTTP/1.1 {status} Made up\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
