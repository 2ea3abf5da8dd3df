//! Chains do what their ops do: both are run in the same frames, and nothing may differ.

use alloc::vec::Vec;

use super::bench::{Bench, Outcome, State, emit_end};
use super::pattern;
use crate::code::chain::{self, Chain};
use crate::code::decode::DecodedOp;
use crate::code::encode::CodeBuffer;
use crate::code::shape::Field;

/// Ops that lead into other code, of which a buffer of ops has none: chains end with them, and programs run them.
const ELSEWHERE: &[&str] = &["call_local", "return_", "br_table_again_"];

/// Runs every chain in the frames in which its ops were checked; `bench` has checked them.
pub(super) fn chains(bench: &mut Bench) {
    let mut tried = 0;
    for number in chain::BASE..chain::BASE + chain::COUNT {
        let Some(chain) = chain::of(number as u16) else { continue };
        if chain.ops().any(|op| ELSEWHERE.iter().any(|name| op.name().starts_with(name))) {
            continue;
        }
        for round in 0..3 {
            let samples: Vec<(Vec<u16>, State)> = chain
                .ops()
                .map(|op| {
                    let samples = bench.samples(op);
                    assert!(!samples.is_empty(), "{} has been checked", op.name());
                    samples[round % samples.len()].clone()
                })
                .collect();
            let plain = code_of(&samples);
            let mut joined = code_of(&samples);
            joined.set_number(0, number as u16);
            for (_, before) in &samples {
                let (expected, beyond) = run(bench, &plain, before);
                let (found, same_beyond) = run(bench, &joined, before);
                let what = || names(&chain);
                assert_eq!((found.left, found.position), (expected.left, expected.position), "{}: how it ends", what());
                assert_eq!(found.fp, expected.fp, "{}: the frame", what());
                assert_eq!(found.slots, expected.slots, "{}: the slots", what());
                assert_eq!(beyond, same_beyond, "{}: memory and global", what());
            }
        }
        tried += 1;
    }
    assert!(tried > chain::COUNT / 2, "{tried} of {}", chain::COUNT);
}

/// How it ended, and what it has left in memory 0 and global 0.
fn run(bench: &mut Bench, code: &CodeBuffer, before: &State) -> (Outcome, (Vec<u8>, u64)) {
    bench.memory(0).copy_from_slice(&pattern());
    bench.global(0)[0] = 0x1111_2222_3333_4444;
    let outcome = bench.run_on_tail(code, before);
    let global = bench.global(0)[0];
    (outcome, (bench.memory(0).to_vec(), global))
}

/// The ops behind one another, an end, and another end where branches lead.
fn code_of(samples: &[(Vec<u16>, State)]) -> CodeBuffer {
    let mut code = CodeBuffer::default();
    let mut targets = Vec::new();
    for (units, _) in samples {
        let start = code.position();
        code.append_units(units);
        let op = DecodedOp::at(code.units(), start).expect("a whole op");
        let mut branches = false;
        op.visit(&mut |_, _, field| branches |= matches!(field, Field::Target(_)));
        if branches {
            // The last field, relative to the end of the op.
            targets.push(op.end);
        }
    }
    emit_end(&mut code);
    let elsewhere = code.position();
    emit_end(&mut code);
    for end in targets {
        code.write_i32(end - size_of::<i32>(), (elsewhere - end) as i32);
    }
    code
}

fn names(chain: &Chain) -> alloc::string::String {
    chain.ops().map(|op| op.name()).collect::<Vec<_>>().join(", ")
}
