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

macro_rules! lanes {
    ($($name:ident $extract:ident: $type:ty;)*) => { $(
        /// Puts a lane into a vector.
        #[inline(always)]
        pub(crate) fn $name(vector: V128, lane: u8, value: $type) -> V128 {
            let mut bytes: [u8; 16] = vector.into();
            let at = usize::from(lane) * size_of::<$type>() % 16;
            bytes[at..at + size_of::<$type>()].copy_from_slice(&value.to_le_bytes());
            bytes.into()
        }

        /// Takes a lane out of a vector.
        #[inline(always)]
        pub(crate) fn $extract(vector: V128, lane: u8) -> $type {
            let bytes: [u8; 16] = vector.into();
            let at = usize::from(lane) * size_of::<$type>() % 16;
            let mut lane = [0; size_of::<$type>()];
            lane.copy_from_slice(&bytes[at..at + size_of::<$type>()]);
            <$type>::from_le_bytes(lane)
        }
    )* };
}

lanes! { lane8 extract8: u8; lane16 extract16: u16; lane32 extract32: u32; lane64 extract64: u64; }
