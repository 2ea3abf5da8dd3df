//! Numeric instructions: the op families that fetch operands, apply a pure function, and store the result.

use super::machine::{Destination, Flow, Machine, Source};
use crate::code::shape::{Binary, MulWide, Ternary, Unary, Wide128};
use crate::numeric::int;
use crate::numeric::vector::V128;
use crate::trap::TrapCode;

/// The value itself: constants and copies.
#[inline(always)]
pub(crate) fn identity<T>(value: T) -> T {
    value
}

/// `dst ← f(src)`.
#[inline(always)]
pub(crate) unsafe fn unary<S: Source<A>, D: Destination<R>, A, R>(
    m: &mut Machine,
    op: &Unary<S, D>,
    f: impl Fn(A) -> R,
) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, f(op.src.get(m))) };
    Flow::Next
}

/// `dst ← f(src)`, or a trap.
#[inline(always)]
pub(crate) unsafe fn unary_try<S: Source<A>, D: Destination<R>, A, R>(
    m: &mut Machine,
    op: &Unary<S, D>,
    f: impl Fn(A) -> Result<R, TrapCode>,
) -> Flow {
    // SAFETY: I2
    match f(unsafe { op.src.get(m) }) {
        Ok(value) => {
            // SAFETY: I2
            unsafe { op.dst.put(m, value) };
            Flow::Next
        }
        Err(code) => Flow::Trap(code),
    }
}

/// `dst ← f(lhs, rhs)`.
#[inline(always)]
pub(crate) unsafe fn binary<L: Source<A>, S: Source<B>, D: Destination<R>, A, B, R>(
    m: &mut Machine,
    op: &Binary<L, S, D>,
    f: impl Fn(A, B) -> R,
) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, f(op.lhs.get(m), op.rhs.get(m))) };
    Flow::Next
}

/// `dst ← f(lhs, rhs)`, or a trap.
#[inline(always)]
pub(crate) unsafe fn binary_try<L: Source<A>, S: Source<B>, D: Destination<R>, A, B, R>(
    m: &mut Machine,
    op: &Binary<L, S, D>,
    f: impl Fn(A, B) -> Result<R, TrapCode>,
) -> Flow {
    // SAFETY: I2
    match f(unsafe { op.lhs.get(m) }, unsafe { op.rhs.get(m) }) {
        Ok(value) => {
            // SAFETY: I2
            unsafe { op.dst.put(m, value) };
            Flow::Next
        }
        Err(code) => Flow::Trap(code),
    }
}

/// `dst ← f(first, second, third)` on vectors.
#[inline(always)]
pub(crate) unsafe fn ternary(m: &mut Machine, op: &Ternary, f: impl Fn(V128, V128, V128) -> V128) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, f(op.first.get(m), op.second.get(m), op.third.get(m))) };
    Flow::Next
}

macro_rules! wide_sums {
    ($($name:ident)*) => { $(
        /// The 128-bit operation of this name.
        #[inline(always)]
        pub(crate) unsafe fn $name(m: &mut Machine, op: &Wide128) -> Flow {
            // SAFETY: I2
            unsafe {
                let (low, high) = int::$name(op.a_low.get(m), op.a_high.get(m), op.b_low.get(m), op.b_high.get(m));
                op.low.put(m, low);
                op.high.put(m, high);
            }
            Flow::Next
        }
    )* };
}
wide_sums!(i64_add128 i64_sub128);

macro_rules! wide_products {
    ($($name:ident)*) => { $(
        /// The full multiplication of this name.
        #[inline(always)]
        pub(crate) unsafe fn $name(m: &mut Machine, op: &MulWide) -> Flow {
            // SAFETY: I2
            unsafe {
                let (low, high) = int::$name(op.lhs.get(m), op.rhs.get(m));
                op.low.put(m, low);
                op.high.put(m, high);
            }
            Flow::Next
        }
    )* };
}
wide_products!(i64_mul_wide_s i64_mul_wide_u);
