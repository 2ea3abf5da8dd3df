//! The tail engine: every handler ends by calling the next handler, and the optimiser turns that call into a jump.
//!
//! Stable Rust does not promise the jump, so it is checked: `build.rs` compiles this file only for targets and optimisation levels where it happens,
//! `Engine::new` runs a self-test, and CI disassembles the release build. For the same reason no handler keeps anything on the stack: cold
//! exits are calls of [`leave`], which has the identical signature.

use super::rows::*;
use super::{Status, save, status};
use crate::code::OpCode;
use crate::code::decode::read;
use crate::code::op::for_each_op;

/// Declares functions with the handlers' signature in the calling convention that keeps all of it in registers.
macro_rules! handler_fns {
    ($($(#[$attribute:meta])* fn $name:ident($($parameter:ident),*) $body:block)*) => { $(
        $(#[$attribute])*
        #[cfg(target_arch = "x86_64")]
        unsafe extern "sysv64" fn $name(
            ip: *const u16, fp: *mut u64, mem: *mut u8, r0: u64, r1: u64, r2: u64, f0: f32, d0: f64,
        ) -> Status {
            let ($($parameter,)*) = (Machine { ip, fp, mem, r0, r1, r2, f0, d0 },);
            $body
        }
        $(#[$attribute])*
        #[cfg(not(target_arch = "x86_64"))]
        unsafe extern "C" fn $name(
            ip: *const u16, fp: *mut u64, mem: *mut u8, r0: u64, r1: u64, r2: u64, f0: f32, d0: f64,
        ) -> Status {
            let ($($parameter,)*) = (Machine { ip, fp, mem, r0, r1, r2, f0, d0 },);
            $body
        }
    )* };
}

#[cfg(target_arch = "x86_64")]
type Handler = unsafe extern "sysv64" fn(*const u16, *mut u64, *mut u8, u64, u64, u64, f32, f64) -> Status;
#[cfg(not(target_arch = "x86_64"))]
type Handler = unsafe extern "C" fn(*const u16, *mut u64, *mut u8, u64, u64, u64, f32, f64) -> Status;

/// Goes on at `machine.ip`.
#[inline(always)]
unsafe fn next(m: Machine) -> Status {
    // SAFETY: I1 — `ip` is an op boundary and every opcode in code is in the table.
    unsafe {
        let handler = *HANDLERS.get_unchecked(usize::from(*m.ip));
        handler(m.ip, m.fp, m.mem, m.r0, m.r1, m.r2, m.f0, m.d0)
    }
}

/// Keeps the two ways out of a branch apart: without it LLVM merges them into a select and one shared jump.
#[inline(always)]
fn keep_apart() {
    // SAFETY: a comment.
    unsafe { core::arch::asm!("/* taken */", options(nomem, nostack, preserves_flags)) }
}

handler_fns! {
    /// The cold end of a run: `mem` holds the op, `r1` the status.
    #[cold]
    #[inline(never)]
    fn leave(machine) {
        // SAFETY: I4
        unsafe { save(&machine, machine.mem.cast_const().cast()) };
        machine.r1
    }
}

/// Ends a handler as `flow` says.
#[inline(always)]
unsafe fn finish(m: Machine, flow: Flow, op: *const u16) -> Status {
    // SAFETY: I1, I4
    unsafe {
        match flow {
            Flow::Next => next(m),
            Flow::Jump => {
                keep_apart();
                next(m)
            }
            flow => leave(m.ip, m.fp, op.cast::<u8>().cast_mut(), m.r0, status(flow), 0, m.f0, m.d0),
        }
    }
}

macro_rules! define_handlers {
    (
        hot { $($hot:ident($hot_shape:ty) = $hot_family:ident($hot_semantics:expr);)* }
        vector { $($vector:ident($vector_shape:ty) = $vector_family:ident($vector_semantics:expr);)* }
        atomic { $($atomic:ident($atomic_shape:ty) = $atomic_family:ident($atomic_semantics:expr);)* }
        driver { $($driver:ident($driver_shape:ty) = $driver_method:ident;)* }
        gc { $($gc:ident($gc_shape:ty) = $gc_method:ident;)* }
    ) => {
        handler_fns! { $(
            fn $hot(machine) {
                let (mut m, op) = (machine, machine.ip);
                // SAFETY: I1 — the opcode determines the shape.
                unsafe {
                    let shape: $hot_shape = read(op.add(1));
                    m.ip = op.byte_add(size_of::<u16>() + size_of::<$hot_shape>());
                    let flow = $hot_family(&mut m, shape, $hot_semantics);
                    finish(m, flow, op)
                }
            }
        )* }
        #[cfg(feature = "simd")]
        handler_fns! { $(
            fn $vector(machine) {
                let (mut m, op) = (machine, machine.ip);
                // SAFETY: I1
                unsafe {
                    let shape: $vector_shape = read(op.add(1));
                    m.ip = op.byte_add(size_of::<u16>() + size_of::<$vector_shape>());
                    let flow = $vector_family(&mut m, shape, $vector_semantics);
                    finish(m, flow, op)
                }
            }
        )* }
        #[cfg(feature = "threads")]
        handler_fns! { $(
            fn $atomic(machine) {
                let (mut m, op) = (machine, machine.ip);
                // SAFETY: I1
                unsafe {
                    let shape: $atomic_shape = read(op.add(1));
                    m.ip = op.byte_add(size_of::<u16>() + size_of::<$atomic_shape>());
                    let flow = $atomic_family(&mut m, shape, $atomic_semantics);
                    finish(m, flow, op)
                }
            }
        )* }
        handler_fns! {
            /// All rows of the driver.
            fn to_driver(machine) {
                // SAFETY: I4
                unsafe { finish(machine, Flow::Leave(Exit::Driver), machine.ip) }
            }
        }

        /// The handler of each op.
        static HANDLERS: [Handler; OpCode::ALL.len()] = [
            $($hot,)*
            $(if_feature!("simd", $vector),)*
            $(if_feature!("threads", $atomic),)*
            $({ const _: OpCode = OpCode::$driver; to_driver },)*
            $({ const _: OpCode = OpCode::$gc; to_driver },)*
        ];
    };
}

/// A handler that exists only with a feature; without it the op is never translated.
macro_rules! if_feature {
    ($feature:literal, $handler:ident) => {{
        #[cfg(feature = $feature)]
        {
            $handler
        }
        #[cfg(not(feature = $feature))]
        {
            to_driver
        }
    }};
}

for_each_op!(define_handlers);

/// Runs from `machine` until something is left to the driver.
///
/// # Safety
/// I1, I2, I4: `ip` is an op of a body whose frame is at `fp`, in a store that nobody else touches.
pub(crate) unsafe fn execute(machine: Machine) -> Status {
    // SAFETY: the caller's promise.
    unsafe { next(machine) }
}
