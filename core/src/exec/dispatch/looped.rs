//! The loop engine: a loop around a `match`, for every target and every optimisation level, and for Miri.

use super::{Status, apart, save, status, steps};
use crate::code::OpCode;
use crate::code::op::for_each_op;
use crate::exec::machine::{Exit, Flow, Machine};

macro_rules! define_loop {
    (
        hot { $($hot:ident $hot_shape:tt = $hot_family:ident $hot_semantics:tt;)* }
        driver { $($driver:ident $driver_shape:tt = $driver_method:ident;)* }
        gc { $($gc:ident $gc_shape:tt = $gc_method:ident;)* }
        vector { $($vector:ident $vector_shape:tt = $vector_family:ident $vector_semantics:tt;)* }
        atomic { $($atomic:ident $atomic_shape:tt = $atomic_family:ident $atomic_semantics:tt;)* }
        specialized { $($specialized:ident $specialized_shape:tt = $specialized_family:ident $specialized_semantics:tt;)* }
    ) => {
        /// Runs from `machine` until something is left to the driver.
        ///
        /// # Safety
        /// I1, I2, I4: `ip` is an op of a body whose frame is at `fp`, in a store that nobody else touches.
        pub(crate) unsafe fn execute(machine: Machine) -> Status {
            let mut m = machine;
            #[cfg(feature = "profile")]
            let mut counter = crate::exec::profile::Counter::default();
            loop {
                let op = m.ip;
                // SAFETY: I1 — `ip` is an op boundary, and code for this engine holds no number that is not an opcode.
                #[cfg(not(feature = "profile"))]
                let opcode = unsafe { OpCode::from_code(*op) };
                // SAFETY: I1 — or, for counts, that of a chain.
                #[cfg(feature = "profile")]
                let opcode = unsafe { counter.count(op) };
                let flow = match opcode {
                    $(OpCode::$hot => {
                        // SAFETY: I1 — this op stands there.
                        unsafe { steps::$hot(&mut m, apart(op)) }
                    })*
                    $(#[cfg(feature = "simd")]
                    OpCode::$vector => {
                        // SAFETY: I1
                        unsafe { steps::$vector(&mut m, apart(op)) }
                    })*
                    $(#[cfg(feature = "threads")]
                    OpCode::$atomic => {
                        // SAFETY: I1
                        unsafe { steps::$atomic(&mut m, apart(op)) }
                    })*
                    $(#[cfg(all(feature = "specialized-ops", any(not(tail), feature = "profile", test)))]
                    OpCode::$specialized => {
                        // SAFETY: I1
                        unsafe { steps::$specialized(&mut m, apart(op)) }
                    })*
                    $(OpCode::$driver => Flow::Leave(Exit::Driver),)*
                    $(#[cfg(feature = "gc")]
                    OpCode::$gc => Flow::Leave(Exit::Driver),)*
                    // SAFETY: I1 — code holds no op that this build does not have.
                    #[allow(unreachable_patterns, reason = "a build with all features has all ops")]
                    _ => unsafe { core::hint::unreachable_unchecked() },
                };
                match flow {
                    Flow::Next | Flow::Jump => {}
                    flow => {
                        // SAFETY: I4
                        unsafe { save(&m, op) };
                        return status(flow);
                    }
                }
            }
        }
    };
}

for_each_op!(define_loop);
