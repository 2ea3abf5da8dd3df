//! The loop engine: a loop around a `match`, for every target and every optimisation level, and for Miri.

use super::rows::*;
use super::{Status, save, shape, status};
use crate::code::OpCode;
use crate::code::op::for_each_op;
use crate::code::shape::exists;

macro_rules! define_loop {
    (
        hot { $($hot:ident($hot_shape:ty) = $hot_family:ident($hot_semantics:expr);)* }
        vector { $($vector:ident($vector_shape:ty) = $vector_family:ident($vector_semantics:expr);)* }
        atomic { $($atomic:ident($atomic_shape:ty) = $atomic_family:ident($atomic_semantics:expr);)* }
        driver { $($driver:ident($driver_shape:ty) = $driver_method:ident;)* }
        gc { $($gc:ident($gc_shape:ty) = $gc_method:ident;)* }
    ) => {
        /// Runs from `machine` until something is left to the driver.
        ///
        /// # Safety
        /// I1, I2, I4: `ip` is an op of a body whose frame is at `fp`, in a store that nobody else touches.
        pub(crate) unsafe fn execute(machine: Machine) -> Status {
            let mut m = machine;
            #[cfg(feature = "profile")]
            let mut last = OpCode::leave;
            loop {
                let op = m.ip;
                // SAFETY: I1 — `ip` is an op boundary, and code holds no number that is not an opcode.
                let opcode = unsafe { OpCode::from_code(*op) };
                #[cfg(feature = "profile")]
                {
                    crate::exec::profile::count(last, opcode);
                    last = opcode;
                }
                let flow = match opcode {
                    $(OpCode::$hot if exists::<$hot_shape>() => {
                        // SAFETY: I1 — the opcode determines the shape.
                        unsafe {
                            let shape = shape::<$hot_shape>(op);
                            m.ip = op.byte_add(size_of::<u16>() + size_of::<$hot_shape>());
                            $hot_family(&mut m, shape, $hot_semantics)
                        }
                    })*
                    $(#[cfg(feature = "simd")]
                    OpCode::$vector => {
                        // SAFETY: I1
                        unsafe {
                            let shape = shape::<$vector_shape>(op);
                            m.ip = op.byte_add(size_of::<u16>() + size_of::<$vector_shape>());
                            $vector_family(&mut m, shape, $vector_semantics)
                        }
                    })*
                    $(#[cfg(feature = "threads")]
                    OpCode::$atomic => {
                        // SAFETY: I1
                        unsafe {
                            let shape = shape::<$atomic_shape>(op);
                            m.ip = op.byte_add(size_of::<u16>() + size_of::<$atomic_shape>());
                            $atomic_family(&mut m, shape, $atomic_semantics)
                        }
                    })*
                    _ => Flow::Leave(Exit::Driver),
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
