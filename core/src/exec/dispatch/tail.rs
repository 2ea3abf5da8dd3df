//! The tail engine: every handler ends by calling the next handler, and the optimiser turns that call into a jump.
//!
//! Stable Rust does not promise the jump, so it is checked: `build.rs` compiles this file only for targets and optimisation levels where it happens,
//! [`self_test`](super::self_test) sees before the first use whether it did, a test runs 10⁸ ops on a flat native stack, and CI disassembles the
//! release build. For the same reason no handler keeps anything on the stack: cold
//! exits are calls of [`leave`], which has the identical signature.

use super::self_test::probe;
use super::{Status, apart, save, status, steps};
use crate::code::OpCode;
use crate::code::chain::{self, for_each_chain};
use crate::code::op::{self, for_each_op};
use crate::exec::machine::{Exit, Flow, Machine};

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
pub(super) const PROBE: u16 = (chain::BASE + chain::COUNT) as u16 + 1;

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

/// Ends a handler as `flow` of the op at `op` says; the next op stands `length` bytes behind `start`. It is looked for when the work is done, in the
/// register that `start` is in then, not in another one from the beginning.
#[inline(always)]
unsafe fn finish(mut m: Machine, table: Table, flow: Flow, op: *const u16, start: *const u16, length: usize) -> Status {
    // SAFETY: I1, I4
    unsafe {
        match flow {
            Flow::Next => {
                m.ip = apart(start).byte_add(length);
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
                // SAFETY: I1 — this op stands there.
                unsafe {
                    let flow = steps::$hot(&mut m, op);
                    finish(m, table, flow, op, op, op::$hot.length())
                }
            }
        )* }
        #[cfg(feature = "specialized-ops")]
        handler_fns! { $(
            fn $specialized(machine, table) {
                let (mut m, op) = (machine, machine.ip);
                // SAFETY: I1
                unsafe {
                    let flow = steps::$specialized(&mut m, op);
                    finish(m, table, flow, op, op, op::$specialized.length())
                }
            }
        )* }
        #[cfg(feature = "simd")]
        handler_fns! { $(
            fn $vector(machine, table) {
                let (mut m, op) = (machine, machine.ip);
                // SAFETY: I1
                unsafe {
                    let flow = steps::$vector(&mut m, op);
                    finish(m, table, flow, op, op, op::$vector.length())
                }
            }
        )* }
        #[cfg(feature = "threads")]
        handler_fns! { $(
            fn $atomic(machine, table) {
                let (mut m, op) = (machine, machine.ip);
                // SAFETY: I1
                unsafe {
                    let flow = steps::$atomic(&mut m, op);
                    finish(m, table, flow, op, op, op::$atomic.length())
                }
            }
        )* }
        handler_fns! {
            /// All rows of the driver.
            fn to_driver(machine, table) {
                // SAFETY: I4
                unsafe { finish(machine, table, Flow::Leave(Exit::Driver), machine.ip, machine.ip, 0) }
            }
        }

        /// The handler of each op.
        const OF_OPS: [Handler; OpCode::ALL.len()] = [
            $($hot,)*
            $({ const _: OpCode = OpCode::$driver; to_driver },)*
            $({ const _: OpCode = OpCode::$gc; to_driver },)*
            $(if_feature!("simd", $vector),)*
            $(if_feature!("threads", $atomic),)*
            $(if_feature!("specialized-ops", $specialized),)*
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

macro_rules! define_chains {
    ($($($op:ident),+;)*) => {
        /// The handler of each chain, in modules named after its ops.
        const OF_CHAINS: [Handler; chain::COUNT] = [$(chain_handler!($($op)+),)*];
    };
}

#[cfg(not(feature = "specialized-ops"))]
macro_rules! chain_handler {
    ($($op:ident)+) => {
        to_driver
    };
}

/// The handler of a chain: that of `a b c` is `a::b::c`.
#[cfg(feature = "specialized-ops")]
macro_rules! chain_handler {
    ($first:ident $($rest:ident)+) => {{
        mod $first {
            use super::*;
            chain_modules! { ($first $($rest)+) $($rest)+ }
        }
        $first::ENTRY
    }};
}

/// The modules for the ops behind the first one, and in the innermost the handler.
#[cfg(feature = "specialized-ops")]
macro_rules! chain_modules {
    ($ops:tt $last:ident) => {
        run_chain! { $last $ops }
        pub(in crate::exec::dispatch::tail) const ENTRY: Handler = $last;
    };
    ($ops:tt $next:ident $($rest:ident)+) => {
        mod $next {
            use super::*;
            chain_modules! { $ops $($rest)+ }
        }
        pub(in crate::exec::dispatch::tail) const ENTRY: Handler = $next::ENTRY;
    };
}

/// The handler of a chain.
#[cfg(feature = "specialized-ops")]
macro_rules! run_chain {
    ($name:ident ($($op:ident)+)) => {
        handler_fns! {
            pub(in crate::exec::dispatch::tail) fn $name(machine, table) {
                let (mut m, start) = (machine, machine.ip);
                // SAFETY: I1 — the ops stand behind one another.
                unsafe {
                    run_ops!(m, table, start, 0; $($op)+)
                }
            }
        }
    };
}

/// Runs ops one after the other, the first of which stands `$at` bytes behind `$start`, and ends the handler as the last one says, or as that one does
/// that does not lead behind itself.
#[cfg(feature = "specialized-ops")]
macro_rules! run_ops {
    ($m:ident, $table:ident, $start:ident, $at:expr; $op:ident) => {{
        let op = $start.byte_add($at);
        let flow = steps::$op(&mut $m, op);
        finish($m, $table, flow, op, $start, $at + op::$op.length())
    }};
    ($m:ident, $table:ident, $start:ident, $at:expr; $op:ident $($rest:ident)+) => {{
        let op = $start.byte_add($at);
        let flow = steps::$op(&mut $m, op);
        let Flow::Next = flow else { return finish($m, $table, flow, op, $start, 0) };
        run_ops!($m, $table, $start, $at + op::$op.length(); $($rest)+)
    }};
}

for_each_chain!(define_chains);

/// The handler of each number that is in code, and behind them two that are not.
static HANDLERS: [Handler; chain::BASE + chain::COUNT + 2] = {
    let mut handlers = [leave as Handler; chain::BASE + chain::COUNT + 2];
    let (ops, others) = handlers.split_at_mut(chain::BASE);
    let (chains, others) = others.split_at_mut(chain::COUNT);
    ops.copy_from_slice(&OF_OPS);
    chains.copy_from_slice(&OF_CHAINS);
    others[1] = probe;
    handlers
};

/// Runs from `machine` until something is left to the driver.
///
/// # Safety
/// I1, I2, I4: `ip` is an op of a body whose frame is at `fp`, in a store that nobody else touches.
pub(crate) unsafe fn execute(machine: Machine) -> Status {
    // SAFETY: the caller's promise.
    unsafe { next(machine, Table(HANDLERS.as_ptr())) }
}
