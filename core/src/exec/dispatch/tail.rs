//! The tail engine: every handler ends by calling the next handler, and the optimiser turns that call into a jump.
//!
//! Stable Rust does not promise the jump, so it is checked: `build.rs` compiles this file only for targets and optimisation levels where it happens,
//! [`self_test`](super::self_test) sees before the first use whether it did, a test runs 10⁸ ops on a flat native stack, and CI disassembles the
//! release build. For the same reason no handler keeps anything on the stack: cold
//! exits are calls of [`leave`], which has the identical signature.

use super::rows::*;
use super::self_test::probe;
use super::{Status, apart, save, shape, status};
use crate::code::OpCode;
use crate::code::op::for_each_op;

/// Declares functions with the handlers' signature in the calling convention that keeps all of it in registers. With the machine goes the
/// handlers' table: where it stands is then known to all of them, and none has to say it.
macro_rules! handler_fns {
    ($($(#[$attribute:meta])* $visibility:vis fn $name:ident($($parameter:ident),*) $body:tt)*) => { $(
        $(#[$attribute])*
        #[cfg(target_arch = "x86_64")]
        $visibility unsafe extern "sysv64" fn $name(
            ip: *const u16, fp: *mut u64, mem: *mut u8, r0: u64, table: Table, f0: f32, d0: f64,
        ) -> Status {
            let ($($parameter,)*) = (Machine { ip, fp, mem, r0, f0, d0 }, table);
            $body
        }
        $(#[$attribute])*
        #[cfg(not(target_arch = "x86_64"))]
        $visibility unsafe extern "C" fn $name(
            ip: *const u16, fp: *mut u64, mem: *mut u8, r0: u64, table: Table, f0: f32, d0: f64,
        ) -> Status {
            let ($($parameter,)*) = (Machine { ip, fp, mem, r0, f0, d0 }, table);
            $body
        }
    )* };
}
pub(super) use handler_fns;

/// The number that leads to the end of the self-test. No op has it, so no code but that body does.
pub(super) const PROBE: u16 = OpCode::ALL.len() as u16 + 1;

#[cfg(target_arch = "x86_64")]
type Handler = unsafe extern "sysv64" fn(*const u16, *mut u64, *mut u8, u64, Table, f32, f64) -> Status;
#[cfg(not(target_arch = "x86_64"))]
type Handler = unsafe extern "C" fn(*const u16, *mut u64, *mut u8, u64, Table, f32, f64) -> Status;

/// Where [`HANDLERS`] stand. A type of its own, because that of a function cannot name itself.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Table(*const Handler);

/// The handler of the op at `ip`.
#[inline(always)]
unsafe fn handler(ip: *const u16, table: Table) -> Handler {
    // SAFETY: I1 — `ip` is an op boundary and every opcode in code is in the table.
    unsafe { *table.0.add(usize::from(*ip)) }
}

/// Goes on at `machine.ip`.
#[inline(always)]
unsafe fn next(m: Machine, table: Table) -> Status {
    // SAFETY: I1
    unsafe { handler(m.ip, table)(m.ip, m.fp, m.mem, m.r0, table, m.f0, m.d0) }
}

handler_fns! {
    /// The cold end of a run: `ip` is the op that left, `mem` holds the status.
    ///
    /// It stands in the table too: a function whose address is taken keeps its signature, so that calls of it stay tail calls, and the opaque
    /// result keeps LLVM from putting the known status in place of what the call returns.
    #[cold]
    #[inline(never)]
    fn leave(machine, _table) {
        // SAFETY: I4
        unsafe { save(&machine, machine.ip) };
        core::hint::black_box(machine.mem.addr() as Status)
    }
}

/// Goes on at `machine.ip`, which is not behind this op. The comment stands between the handler and the jump to it, where nothing is left that both ways
/// out of a branch could share: each has an indirect jump of its own to be predicted by.
#[inline(always)]
unsafe fn next_elsewhere(m: Machine, table: Table) -> Status {
    // SAFETY: I1; the assembly is a comment.
    unsafe {
        let mut handler = handler(m.ip, table);
        #[allow(clippy::pointers_in_nomem_asm_block, reason = "nothing is read or written through it")]
        {
            core::arch::asm!("/* elsewhere {0} */", inout(reg) handler, options(nomem, nostack, preserves_flags));
        }
        handler(m.ip, m.fp, m.mem, m.r0, table, m.f0, m.d0)
    }
}

/// Ends a handler as `flow` says: that of the op at `op`, of `length` bytes. The op behind it is looked for when the work is done, in the register
/// that `op` is in then, not in another one from the beginning.
#[inline(always)]
unsafe fn finish(mut m: Machine, table: Table, flow: Flow, op: *const u16, length: usize) -> Status {
    // SAFETY: I1, I4
    unsafe {
        match flow {
            Flow::Next => {
                m.ip = apart(op).byte_add(length);
                next(m, table)
            }
            Flow::Jump => next_elsewhere(m, table),
            flow => {
                let status = core::ptr::without_provenance_mut(status(flow) as usize);
                leave(op, m.fp, status, m.r0, table, m.f0, m.d0)
            }
        }
    }
}

macro_rules! define_handlers {
    (
        hot { $($hot:ident $hot_shape:tt = $hot_family:ident $hot_semantics:tt;)* }
        driver { $($driver:ident $driver_shape:tt = $driver_method:ident;)* }
        gc { $($gc:ident $gc_shape:tt = $gc_method:ident;)* }
        vector { $($vector:ident $vector_shape:tt = $vector_family:ident $vector_semantics:tt;)* }
        atomic { $($atomic:ident $atomic_shape:tt = $atomic_family:ident $atomic_semantics:tt;)* }
        specialized { $($specialized:ident $specialized_shape:tt = $specialized_family:ident $specialized_semantics:tt;)* }
    ) => {
        handler_fns! { $(
            fn $hot(machine, table) {
                let (mut m, op) = (machine, machine.ip);
                // SAFETY: I1 — the opcode determines the shape.
                unsafe {
                    let (shape, length) = (shape::<$hot_shape>(op), size_of::<u16>() + size_of::<$hot_shape>());
                    m.ip = op.byte_add(length);
                    let flow = $hot_family(&mut m, shape, $hot_semantics);
                    finish(m, table, flow, op, length)
                }
            }
        )* }
        #[cfg(feature = "specialized-ops")]
        handler_fns! { $(
            fn $specialized(machine, table) {
                let (mut m, op) = (machine, machine.ip);
                // SAFETY: I1
                unsafe {
                    let (shape, length) = (shape::<$specialized_shape>(op), size_of::<u16>() + size_of::<$specialized_shape>());
                    m.ip = op.byte_add(length);
                    let flow = $specialized_family(&mut m, shape, $specialized_semantics);
                    finish(m, table, flow, op, length)
                }
            }
        )* }
        #[cfg(feature = "simd")]
        handler_fns! { $(
            fn $vector(machine, table) {
                let (mut m, op) = (machine, machine.ip);
                // SAFETY: I1
                unsafe {
                    let (shape, length) = (shape::<$vector_shape>(op), size_of::<u16>() + size_of::<$vector_shape>());
                    m.ip = op.byte_add(length);
                    let flow = $vector_family(&mut m, shape, $vector_semantics);
                    finish(m, table, flow, op, length)
                }
            }
        )* }
        #[cfg(feature = "threads")]
        handler_fns! { $(
            fn $atomic(machine, table) {
                let (mut m, op) = (machine, machine.ip);
                // SAFETY: I1
                unsafe {
                    let (shape, length) = (shape::<$atomic_shape>(op), size_of::<u16>() + size_of::<$atomic_shape>());
                    m.ip = op.byte_add(length);
                    let flow = $atomic_family(&mut m, shape, $atomic_semantics);
                    finish(m, table, flow, op, length)
                }
            }
        )* }
        handler_fns! {
            /// All rows of the driver.
            fn to_driver(machine, table) {
                // SAFETY: I4
                unsafe { finish(machine, table, Flow::Leave(Exit::Driver), machine.ip, 0) }
            }
        }

        /// The handler of each op, and behind them two that are no op's.
        static HANDLERS: [Handler; OpCode::ALL.len() + 2] = [
            $($hot,)*
            $({ const _: OpCode = OpCode::$driver; to_driver },)*
            $({ const _: OpCode = OpCode::$gc; to_driver },)*
            $(if_feature!("simd", $vector),)*
            $(if_feature!("threads", $atomic),)*
            $(if_feature!("specialized-ops", $specialized),)*
            leave,
            probe,
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
    unsafe { next(machine, Table(HANDLERS.as_ptr())) }
}
