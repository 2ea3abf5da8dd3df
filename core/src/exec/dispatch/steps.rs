//! What each row does, as a function of its own: both engines are made of these.

use super::rows::*;
use super::shape;
use crate::code::op::for_each_op;

macro_rules! define_steps {
    (
        hot { $($hot:ident $hot_shape:tt = $hot_family:ident $hot_semantics:tt;)* }
        driver { $($driver:ident $driver_shape:tt = $driver_method:ident;)* }
        gc { $($gc:ident $gc_shape:tt = $gc_method:ident;)* }
        vector { $($vector:ident $vector_shape:tt = $vector_family:ident $vector_semantics:tt;)* }
        atomic { $($atomic:ident $atomic_shape:tt = $atomic_family:ident $atomic_semantics:tt;)* }
        specialized { $($specialized:ident $specialized_shape:tt = $specialized_family:ident $specialized_semantics:tt;)* }
    ) => {
        $(step!($hot $hot_shape $hot_family $hot_semantics);)*
        $(#[cfg(feature = "simd")] step!($vector $vector_shape $vector_family $vector_semantics);)*
        $(#[cfg(all(tail, feature = "specialized-ops", not(feature = "simd")))] absent!($vector);)*
        $(#[cfg(feature = "threads")] step!($atomic $atomic_shape $atomic_family $atomic_semantics);)*
        $(#[cfg(feature = "specialized-ops")] step!($specialized $specialized_shape $specialized_family $specialized_semantics);)*
    };
}

/// Runs the row's op, which stands at `op`, and leaves `ip` behind it or where it branches to.
macro_rules! step {
    ($name:ident $shape:tt $family:ident $semantics:tt) => {
        #[inline(always)]
        pub(super) unsafe fn $name(m: &mut Machine, op: *const u16) -> Flow {
            // SAFETY: I1 — the opcode determines the shape.
            unsafe {
                let shape = shape::<$shape>(op);
                m.ip = op.byte_add(size_of::<u16>() + size_of::<$shape>());
                $family(m, shape, $semantics)
            }
        }
    };
}

/// A row that this build does not have. Chains name it, and no code holds it.
#[cfg(all(tail, feature = "specialized-ops", not(feature = "simd")))]
macro_rules! absent {
    ($name:ident) => {
        #[allow(dead_code, reason = "not all are in chains")]
        #[inline(always)]
        pub(super) unsafe fn $name(_m: &mut Machine, _op: *const u16) -> Flow {
            Flow::Leave(crate::exec::machine::Exit::Driver)
        }
    };
}

for_each_op!(define_steps);
