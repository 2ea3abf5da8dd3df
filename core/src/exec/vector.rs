//! Vector instructions with lane immediates. (The others are rows of the families in `numeric` and `memory`.)

use super::machine::{Destination, Flow, Machine, Source, Value};
use crate::code::shape::{ExtractLane, ReplaceLane, Shuffle};
use crate::numeric::simd::{self, V128};

/// `dst ← f(src, lane)`.
#[inline(always)]
pub(crate) unsafe fn extract_lane<R: Value>(m: &mut Machine, op: &ExtractLane, f: impl Fn(V128, u8) -> R) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, f(op.src.get(m), op.lane as u8)) };
    Flow::Next
}

/// `dst ← f(src, lane, value)`.
#[inline(always)]
pub(crate) unsafe fn replace_lane<A: Value>(
    m: &mut Machine,
    op: &ReplaceLane,
    f: impl Fn(V128, u8, A) -> V128,
) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, f(op.src.get(m), op.lane as u8, op.value.get(m))) };
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn shuffle(m: &mut Machine, op: &Shuffle) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, simd::i8x16_shuffle(op.lhs.get(m), op.rhs.get(m), op.lanes)) };
    Flow::Next
}
