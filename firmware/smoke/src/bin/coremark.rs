//! CoreMark, for its checksums and not for its score: the clock is made up.
//!
//! The guest imports `env.clock_ms`, exports `run` and judges itself: `run` returns a score above zero only if the
//! checksum of its seeds is that of a known run, the checksums of its list, matrix and state work are the published
//! ones for it, and the run took ten seconds. Before the measured run it runs ten times as many iterations as in the
//! round before until a round takes a second, and derives the number for the measured run from how long that took.
//!
//! So the firmware supplies a clock by the number of its readings, under which the first round of ten iterations takes
//! eleven seconds, which is reason enough to measure ten more: 20 iterations and a known score in all. Beside the guest's own
//! verdict the checksums themselves are read from its memory, where `run` leaves its record of results in the stack
//! frame it had; the seeds and the size in the same record show that it was found.

#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU32, Ordering};

use whit_board::println;
use whit_core::{Linker, Module, Store};
use whit_smoke::{Failure, check, engine};

static GUEST: &[u8] = include_bytes!(env!("WHIT_COREMARK"));

/// How long each of the two timed parts takes by the clock.
const PART_MS: u32 = 11_000;
/// Ten iterations, the multiple that CoreMark measures when ten take eleven seconds.
const ITERATIONS: u32 = 10;

/// The record of results: the guest's stack pointer starts at 512 and `run` takes 80 bytes of stack.
const RECORD: usize = 512 - 80;

/// Half-words of the record: place, name, value in the run with CoreMark's performance seeds and 2,000 bytes of data.
const HALF_WORDS: [(usize, &str, u16); 7] = [
    (0, "seed 1", 0),
    (2, "seed 2", 0),
    (4, "seed 3", 0x66),
    (24, "size", 666),
    (58, "crclist", 0xE714),
    (60, "crcmatrix", 0x1FD7),
    (62, "crcstate", 0x8E3A),
];

fn main() -> Result<(), Failure> {
    let engine = engine()?;
    let module = Module::new(&engine, GUEST)?;
    let mut store = Store::try_new(&engine, ())?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("env", "clock_ms", clock_ms)?;
    let instance = linker.instantiate(&mut store, &module)?;
    let run = instance.get_typed_func::<(), f32>(&mut store, "run")?;
    let score = run.call(&mut store, ())?;
    let memory = instance.get_memory(&mut store, "memory").ok_or(Failure::NoMemory)?;

    for (place, name, expected) in HALF_WORDS {
        let mut bytes = [0; 2];
        memory.read(&store, RECORD + place, &mut bytes).map_err(|_| Failure::NoMemory)?;
        check(name, u16::from_le_bytes(bytes).into(), expected.into())?;
    }
    println!("score {score}: the guest's verdict, by a made-up clock");
    // Zero is the guest's word for a failed check; this is what its formula gives for this clock.
    let expected = (f64::from(ITERATIONS) / (f64::from(PART_MS) / 1000.0)) as f32;
    check("score", score.to_bits().into(), expected.to_bits().into())
}

/// Even readings start a part, odd ones end it.
fn clock_ms() -> u32 {
    static READINGS: AtomicU32 = AtomicU32::new(0);
    READINGS.fetch_add(1, Ordering::Relaxed) * PART_MS
}

whit_board::entry!(main);
