//! Whether tail calls are jumps in this very build: asked once per process, before the tail engine is used.
//!
//! A short body with a loop runs on the real handlers and ends in [`probe`], which tells where on the native stack it stands. If that depends on how
//! often the loop ran, dispatches are calls, and a guest could overflow the native stack. The body is a constant and the frame an array: no store,
//! no allocation, about a microsecond.

use core::hint::black_box;
use core::sync::atomic::{AtomicU8, Ordering};

use super::super::machine::Machine;
use super::tail::Table;
use super::{Status, tail};
use crate::code::op::{self, Code};
#[cfg(feature = "simd")]
use crate::code::shape::Wide;
use crate::code::shape::{Binary, BranchIf, Slot, Target};

/// Whether the tail engine runs on a flat native stack.
pub(crate) fn tail_works() -> bool {
    const UNKNOWN: u8 = 0;
    const WORKS: u8 = 1;
    const GROWS: u8 = 2;
    static VERDICT: AtomicU8 = AtomicU8::new(UNKNOWN);
    // Whoever asks at the same time finds the same.
    let known = VERDICT.load(Ordering::Relaxed);
    if known != UNKNOWN {
        return known == WORKS;
    }
    let works = !grows(stack_after);
    VERDICT.store(if works { WORKS } else { GROWS }, Ordering::Relaxed);
    works
}

/// Dispatches in which a growing stack shows.
const DISPATCHES: u64 = 256;

/// Ops of the loop in [`BODY`].
const LOOP: u64 = if cfg!(feature = "simd") { 6 } else { 5 };

/// Whether `stack_after` so many iterations is another place than after one.
fn grows(stack_after: impl Fn(u64) -> Status) -> bool {
    stack_after(1) != stack_after(1 + DISPATCHES / LOOP)
}

/// Where [`probe`] stands on the native stack after so many iterations.
#[inline(never)]
fn stack_after(iterations: u64) -> Status {
    let mut frame = [0; 5];
    frame[COUNT.0 as usize] = iterations;
    let machine = Machine {
        ip: (&raw const BODY).cast(),
        fp: black_box(&mut frame).as_mut_ptr(),
        mem: core::ptr::null_mut(),
        r0: 0,
        f0: 0.0,
        d0: 0.0,
    };
    // SAFETY: I1, I2 — the body is a loop over ops that touch the five slots of the frame, and ends in `probe`, which returns: nothing of a store
    // is used.
    unsafe { tail::execute(machine) }
}

tail::handler_fns! {
    /// The end of [`BODY`]. In the handlers' table behind all ops, so that no code but this leads to it.
    pub(super) fn probe(_machine, _table) {
        let here = 0_u8;
        core::ptr::from_ref(black_box(&here)).addr() as Status
    }
}

const FLAG: Slot = Slot(0);
const FLOAT: Slot = Slot(1);
const COUNT: Slot = Slot(2);
#[cfg(feature = "simd")]
const VECTOR: Wide = Wide(3);

/// An op as it stands in code.
#[repr(C, packed(2))]
struct Op<S> {
    opcode: u16,
    shape: S,
}

const fn op<S: Copy>(code: Code<S>, shape: S) -> Op<S> {
    Op { opcode: code.opcode as u16, shape }
}

/// Each way from one handler to the next: straight on with an integer, a float and a vector (one whose work is the likeliest to be left in a function of its
/// own), and both ways out of a branch, forwards and back.
#[repr(C, packed(2))]
struct Loop {
    flip: Op<Binary<Slot, i32>>,
    add: Op<Binary<Slot, Slot>>,
    #[cfg(feature = "simd")]
    swizzle: Op<Binary<Wide, Wide, Wide>>,
    branch: Op<BranchIf<Slot>>,
    step: Op<Binary<Slot, i32>>,
    again: Op<BranchIf<Slot>>,
}

#[repr(C, packed(2))]
struct Body {
    body: Loop,
    end: u16,
}

/// The body. A constant: its ops name no place but their own.
static BODY: Body = Body {
    body: Loop {
        // Every other time the branch is taken; either way it leads to the next op.
        flip: op(op::i32_xor_si, Binary { dst: FLAG, lhs: FLAG, rhs: 1 }),
        add: op(op::f64_add_ss, Binary { dst: FLOAT, lhs: FLOAT, rhs: FLOAT }),
        #[cfg(feature = "simd")]
        swizzle: op(op::i8x16_swizzle, Binary { dst: VECTOR, lhs: VECTOR, rhs: VECTOR }),
        branch: op(op::br_if_s, BranchIf { src: FLAG, target: Target(0) }),
        step: op(op::i32_add_si, Binary { dst: COUNT, lhs: COUNT, rhs: -1 }),
        again: op(op::br_if_s, BranchIf { src: COUNT, target: Target(-(size_of::<Loop>() as i32)) }),
    },
    end: tail::PROBE,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handlers_of_this_build_run_on_a_flat_stack() {
        assert!(tail_works());
        assert!(!grows(|iterations| stack_after(iterations * 1000)));
    }

    #[test]
    fn a_stack_that_grows_with_each_dispatch_is_noticed() {
        fn recursing(dispatches: u64) -> Status {
            let here = 0_u8;
            let place = core::ptr::from_ref(black_box(&here)).addr() as Status;
            if dispatches == 0 { place } else { black_box(recursing(dispatches - 1)) }
        }
        assert!(grows(|iterations| recursing(iterations * LOOP)));
        // One call that is not a jump in every iteration is enough.
        assert!(grows(recursing));
    }
}
