//! How the next op is reached: the only files that know.
//!
//! Both engines run the same row functions over the same code: [`tail`] by tail calls through a table, [`looped`] by a loop around a `match`.
//! They return an encoded [`Exit`] or trap once something is left to the driver, with the registers saved in the store.

pub(crate) mod looped;
#[cfg(tail)]
mod self_test;
mod steps;
#[cfg(tail)]
pub(crate) mod tail;

#[cfg(tail)]
pub(crate) use self_test::tail_works;

/// What is not in this build does not work.
#[cfg(not(tail))]
pub(crate) fn tail_works() -> bool {
    false
}

use super::machine::{Exit, Flow, Machine};
use crate::code::shape::SPECIALIZED_OPS;
use crate::trap::TrapCode;

/// Whether the loop engine has the ops that only make others faster. Where the tail engine is, it is the one that is asked for speed; the loop engine is
/// there if tail calls fail, and small.
pub(crate) const LOOP_IS_SPECIALIZED: bool =
    cfg!(all(feature = "specialized-ops", any(not(tail), feature = "profile", test)));

/// What an engine returns: an [`Exit`], or a [`TrapCode`] with [`TRAP`] set.
pub(crate) type Status = u64;

/// Marks a status that is a trap.
pub(crate) const TRAP: Status = 1 << 8;

/// A status in words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Left {
    /// A reason that the driver handles.
    Exit(Exit),
    /// A trap of the op at the saved `ip`.
    Trap(TrapCode),
}

impl Left {
    /// Decodes what an engine returned.
    pub(crate) fn from_status(status: Status) -> Left {
        if status & TRAP != 0 {
            return Left::Trap(TrapCode::from_u8(status as u8).unwrap_or(TrapCode::Unreachable));
        }
        Left::Exit(match status {
            0 => Exit::Driver,
            1 => Exit::StackLimit,
            2 => Exit::OutOfFuel,
            _ => Exit::Interrupted,
        })
    }
}

/// Encodes a flow that ends a run.
#[inline(always)]
pub(crate) fn status(flow: Flow) -> Status {
    match flow {
        Flow::Leave(exit) => exit as Status,
        Flow::Trap(code) => TRAP | code as Status,
        Flow::Next | Flow::Jump => 0,
    }
}

/// The shape behind the opcode at `op`. Fields are read one by one where they are needed: reading the shape as a whole makes LLVM load
/// wide words and shift them apart.
///
/// # Safety
/// I1: a shape of this type stands there.
#[inline(always)]
pub(crate) unsafe fn shape<'a, S>(op: *const u16) -> &'a S {
    // SAFETY: I1 — shapes are aligned to two bytes, and code does not change while it runs.
    unsafe { &*op.add(1).cast::<S>() }
}

/// `place`, of which the compiler does not know any more where in code it is: nothing that is computed from it is shared with, or moved to, what stands
/// before. For that it passes through an assembly comment.
///
/// Where code is built for size, the loop engine needs it to keep what several rows compute alike, places in their shapes above all, behind the
/// jump: it would be computed before, and so for every row.
#[inline(always)]
fn apart(place: *const u16) -> *const u16 {
    #[cfg(all(
        any(
            target_arch = "x86_64",
            target_arch = "aarch64",
            target_arch = "riscv64",
            target_arch = "arm",
            target_arch = "riscv32"
        ),
        not(miri)
    ))]
    let place = {
        let mut place = place;
        #[allow(clippy::pointers_in_nomem_asm_block, reason = "nothing is read or written through it")]
        // SAFETY: the assembly is a comment.
        unsafe {
            core::arch::asm!("/* {0} */", inout(reg) place, options(nomem, nostack, preserves_flags));
        }
        place
    };
    place
}

/// Keeps what the driver needs: where the op stands, the frame, and the register that an address or an index may be in.
///
/// # Safety
/// I2, I4.
#[inline(always)]
pub(crate) unsafe fn save(machine: &Machine, op: *const u16) {
    // SAFETY: I4
    unsafe {
        let store = machine.store();
        (*store).saved_ip = op;
        (*store).saved_fp = machine.fp;
        if SPECIALIZED_OPS {
            (*store).saved_r0 = machine.r0;
        }
    }
}

/// Everything a row's `family(semantics)` may name.
pub(crate) mod rows {
    pub(crate) use crate::code::shape::*;
    #[cfg(feature = "threads")]
    pub(crate) use crate::exec::atomic::{self, atomic_cmpxchg, atomic_load, atomic_rmw, atomic_store};
    pub(crate) use crate::exec::control::{branch, branch_if, branch_not, return_one};
    pub(crate) use crate::exec::fusion::{
        self, fused, load_scaled, load_step, load_sum, select_compare, step_branch, step_compare, step_twice_branch,
        step_twice_compare,
    };
    pub(crate) use crate::exec::machine::{Flow, Machine};
    pub(crate) use crate::exec::memory::{load, load_x, store, store_x};
    #[cfg(feature = "simd")]
    pub(crate) use crate::exec::memory::{load_lane, store_lane};
    #[cfg(feature = "simd")]
    pub(crate) use crate::exec::numeric::ternary;
    pub(crate) use crate::exec::numeric::{binary, binary_try, identity, unary, unary_try};
    pub(crate) use crate::exec::variable::global_set;
    #[cfg(feature = "simd")]
    pub(crate) use crate::exec::vector::{self, extract_lane, replace_lane};
    pub(crate) use crate::exec::{control, fuel, memory, numeric, reference, table, variable};
    pub(crate) use crate::numeric::vector::V128;
    pub(crate) use crate::numeric::{convert, float, int};
    #[cfg(feature = "simd")]
    pub(crate) use crate::numeric::{relaxed, simd};

    /// Family of the rows that are a function of their own.
    #[inline(always)]
    pub(crate) unsafe fn run<S>(m: &mut Machine, op: &S, f: unsafe fn(&mut Machine, &S) -> Flow) -> Flow {
        // SAFETY: the row's own promises.
        unsafe { f(m, op) }
    }
}
