//! `poll_oneoff` and the clocks.

use std::time::{Duration, Instant};

use tempfile::TempDir;
use whit_wasi::host::clocks::Timestamp;
use whit_wasi::host::stream::MemoryPipe;
use whit_wasi::host::wait::Waited;
use whit_wasi::p1::{Errno, Outcome};

use crate::guest::{Guest, READ, WRITE};

const SUBSCRIPTIONS: u32 = 0x1_0000;
const EVENTS: u32 = 0x1000;
const COUNT: u32 = 0;

enum Sub {
    Clock { id: u32, timeout: u64, flags: u16 },
    Read(u32),
    Write(u32),
    Raw(u8),
}
use Sub::{Clock, Raw, Read, Write};

const fn sleep(timeout: u64) -> Sub {
    Clock { id: 1, timeout, flags: 0 }
}

fn put(guest: &mut Guest, at: u32, index: usize, sub: &Sub) {
    let at = at + 48 * index as u32;
    guest.put(at, &[0; 48]);
    guest.put(at, &(100 + index as u64).to_le_bytes());
    let (tag, fd) = match *sub {
        Clock { id, timeout, flags } => {
            guest.put(at + 24, &timeout.to_le_bytes());
            guest.put(at + 40, &flags.to_le_bytes());
            (0, id)
        }
        Read(fd) => (1, fd),
        Write(fd) => (2, fd),
        Raw(tag) => (tag, 0),
    };
    guest.put(at + 8, &[tag]);
    guest.put(at + 16, &fd.to_le_bytes());
}

fn args(guest: &mut Guest, subs: &[Sub]) -> [u64; 4] {
    for (index, sub) in subs.iter().enumerate() {
        put(guest, SUBSCRIPTIONS, index, sub);
    }
    [SUBSCRIPTIONS.into(), EVENTS.into(), subs.len() as u64, COUNT.into()]
}

/// (userdata, errno, type, bytes, hangup)
type Event = (u64, u16, u8, u64, bool);

fn events(guest: &Guest) -> Vec<Event> {
    let read = |index| {
        let at = EVENTS + 32 * index;
        let errno = u16::from_le_bytes(guest.bytes(at + 8, 2).try_into().unwrap());
        assert_eq!(guest.bytes(at + 11, 5), [0; 5], "padding");
        assert_eq!(guest.bytes(at + 25, 7), [0; 7], "padding");
        (guest.u64(at), errno, guest.bytes(at + 10, 1)[0], guest.u64(at + 16), guest.bytes(at + 24, 1)[0] == 1)
    };
    (0..guest.u32(COUNT)).map(read).collect()
}

fn poll(guest: &mut Guest, subs: &[Sub]) -> Result<Vec<Event>, Errno> {
    guest.memory[EVENTS as usize..][..0x1000].fill(0xaa);
    let args = args(guest, subs);
    guest.call("poll_oneoff", &args).map(|()| events(guest))
}

#[test]
fn a_sleep_is_a_wait_with_a_deadline() {
    let mut guest = Guest::with(|_| {});
    let args = args(&mut guest, &[sleep(20_000_000), sleep(3_600_000_000_000)]);
    let start = Instant::now();
    let pending = guest.pending("poll_oneoff", &args);
    assert!(start.elapsed() < Duration::from_millis(15), "the call itself does not sleep");
    let deadline = pending.wait().deadline().unwrap();
    assert!(deadline <= Instant::now() + Duration::from_millis(20));
    assert_eq!(pending.wait().block(None), Waited::Over);
    assert!(matches!(guest.resume(pending), Ok(Outcome::Done(Errno::Success))));
    assert!(start.elapsed() >= Duration::from_millis(20));
    assert_eq!(events(&guest), [(100, 0, 0, 0, false)]);
}

#[test]
fn a_sleep_for_ever_obeys_the_embedders_limit() {
    for (id, flags) in [(0, 0), (1, 0), (1, 1), (0, 1)] {
        let mut guest = Guest::with(|_| {});
        let args = args(&mut guest, &[Clock { id, timeout: u64::MAX, flags }]);
        let pending = guest.pending("poll_oneoff", &args);
        let limit = Instant::now() + Duration::from_millis(10);
        assert_eq!(pending.wait().block(Some(limit)), Waited::Limit);
        // Resumed anyway, it goes on waiting; dropped, it is gone.
        assert!(matches!(guest.resume(pending), Ok(Outcome::Pending(_))));
        assert_eq!(poll(&mut guest, &[sleep(0)]).unwrap(), [(100, 0, 0, 0, false)]);
    }
}

#[test]
fn resuming_does_not_start_a_sleep_again() {
    let mut guest = Guest::with(|_| {});
    let args = args(&mut guest, &[sleep(30_000_000)]);
    let start = Instant::now();
    let mut outcome = guest.start("poll_oneoff", &args);
    while let Ok(Outcome::Pending(pending)) = outcome {
        std::thread::sleep(Duration::from_millis(5));
        outcome = guest.resume(pending);
    }
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn times_that_have_come_are_ready_at_once() {
    let mut guest = Guest::with(|_| {});
    let subs = [sleep(u64::MAX), Clock { id: 0, timeout: 1, flags: 1 }, Clock { id: 1, timeout: 0, flags: 1 }];
    assert_eq!(poll(&mut guest, &subs).unwrap(), [(101, 0, 0, 0, false), (102, 0, 0, 0, false)]);
}

#[test]
fn virtual_clocks_skip_sleeps() {
    let mut guest = Guest::with(|builder| {
        builder.deterministic(Timestamp { seconds: 1_000, nanoseconds: 0 }, 1);
    });
    let year = 365 * 24 * 3_600 * 1_000_000_000;
    let start = Instant::now();
    assert_eq!(poll(&mut guest, &[sleep(2 * year), sleep(year)]).unwrap(), [(101, 0, 0, 0, false)]);
    assert_eq!(poll(&mut guest, &[sleep(u64::MAX)]).unwrap(), [(100, 0, 0, 0, false)]);
    assert!(start.elapsed() < Duration::from_secs(5));
    guest.call("clock_time_get", &[1, 0, 8]).unwrap();
    assert!(guest.u64(8) >= year);
}

#[test]
fn clocks_answer_and_unknown_ones_do_not() {
    let mut guest = Guest::with(|_| {});
    for id in [0, 1] {
        guest.call("clock_res_get", &[id, 8]).unwrap();
        assert!(guest.u64(8) > 0);
        guest.call("clock_time_get", &[id, 0, 8]).unwrap();
        let before = guest.u64(8);
        guest.call("clock_time_get", &[id, u64::MAX, 8]).unwrap();
        assert!(guest.u64(8) >= before);
    }
    for name in ["clock_res_get", "clock_time_get"] {
        let call = |guest: &mut Guest, id: u64| match name {
            "clock_res_get" => guest.call(name, &[id, 8]),
            _ => guest.call(name, &[id, 0, 8]),
        };
        assert_eq!(call(&mut guest, 2), Err(Errno::Badf));
        assert_eq!(call(&mut guest, 3), Err(Errno::Badf));
        assert_eq!(call(&mut guest, 4), Err(Errno::Inval));
        assert_eq!(call(&mut guest, u32::MAX.into()), Err(Errno::Inval));
    }
}

#[test]
fn a_stream_or_a_time_whichever_comes_first() {
    let input = MemoryPipe::default();
    let mut guest = Guest::with(|builder| {
        builder.stdin(input.clone());
    });
    assert_eq!(poll(&mut guest, &[Read(0), sleep(1_000_000)]).unwrap(), [(101, 0, 0, 0, false)]);
    let args = args(&mut guest, &[Read(0), sleep(u64::MAX)]);
    let pending = guest.pending("poll_oneoff", &args);
    input.push(b"x").unwrap();
    assert_eq!(pending.wait().block(None), Waited::Over);
    assert!(matches!(guest.resume(pending), Ok(Outcome::Done(Errno::Success))));
    assert_eq!(events(&guest), [(100, 0, 1, 1, false)]);
    assert_eq!(poll(&mut guest, &[Write(1), Write(2), sleep(u64::MAX)]).unwrap().len(), 2);
}

#[test]
fn files_are_always_ready_and_say_how_much_is_left() {
    let root = TempDir::new().unwrap();
    std::fs::write(root.path().join("file"), "0123456789").unwrap();
    let mut guest = Guest::in_dir(root.path());
    let fd = guest.open(3, "file", 0, 0, READ | WRITE, 0).unwrap();
    guest.read(fd, 4).unwrap();
    assert_eq!(poll(&mut guest, &[Read(fd), Write(fd)]).unwrap(), [(100, 0, 1, 6, false), (101, 0, 2, 1, false)]);
    guest.seek(fd, 0, 2).unwrap();
    assert_eq!(poll(&mut guest, &[Read(fd)]).unwrap(), [(100, 0, 1, 0, true)]);
}

#[test]
fn one_bad_subscription_fails_the_call_before_anything_is_written() {
    let mut guest = Guest::with(|_| {});
    assert_eq!(poll(&mut guest, &[]), Err(Errno::Inval));
    for (bad, errno) in [
        (Read(99), Errno::Badf),
        (Read(1), Errno::Badf),
        (Write(0), Errno::Badf),
        (Raw(3), Errno::Inval),
        (Raw(255), Errno::Inval),
        (Clock { id: 2, timeout: 0, flags: 0 }, Errno::Inval),
        (Clock { id: 9, timeout: 0, flags: 0 }, Errno::Inval),
        (Clock { id: 1, timeout: 0, flags: 2 }, Errno::Inval),
    ] {
        assert_eq!(poll(&mut guest, &[sleep(0), bad]), Err(errno));
        assert_eq!(guest.bytes(EVENTS, 32), [0xaa; 32]);
    }
}

#[test]
fn five_thousand_subscriptions_are_as_good_as_one() {
    let input = MemoryPipe::default();
    let mut guest = Guest::with(|builder| {
        builder.stdin(input.clone());
    });
    guest.memory.resize(0x10_0000, 0);
    let (subscriptions, events) = (0x1_0000_u32, 0x8_0000_u32);
    for index in 0..5_000 {
        put(&mut guest, subscriptions, index, &Read(0));
    }
    let call = [subscriptions.into(), events.into(), 5_000, COUNT.into()];
    let pending = guest.pending("poll_oneoff", &call);
    assert!(pending.wait().sources().len() <= 2_048, "bounded by the descriptors, not by the list");
    input.push(b"x").unwrap();
    assert!(matches!(guest.resume(pending), Ok(Outcome::Done(Errno::Success))));
    assert_eq!(guest.u32(COUNT), 5_000);
}

#[test]
fn overlapping_lists_harm_only_the_guest() {
    let mut guest = Guest::with(|_| {});
    for index in 0..100 {
        put(&mut guest, SUBSCRIPTIONS, index, &sleep(0));
    }
    for shift in [0, 8, 48, 1_600] {
        let call = [SUBSCRIPTIONS.into(), (SUBSCRIPTIONS + shift).into(), 100, COUNT.into()];
        let _ = guest.start("poll_oneoff", &call).unwrap();
    }
}

#[test]
fn lists_outside_the_memory_end_the_guest() {
    let mut guest = Guest::with(|_| {});
    let end = guest.memory.len() as u64;
    for call in [
        [0, 0, u32::MAX.into(), 0],
        [end - 40, 0, 1, 0],
        [0, end - 24, 1, 0],
        [0, 0, 1, end],
        [4, 0, 1, 0],
        [0, 4, 1, 0],
        [0, 0, 1, 2],
        [u64::from(u32::MAX) - 7, 0, 1, 0],
    ] {
        assert!(guest.start("poll_oneoff", &call).is_err(), "{call:x?}");
    }
}
