//! Variable instructions: globals. (Locals are slots: reading them is no op at all.)

use super::machine::{Destination, Flow, Machine, Source, Value};
use crate::code::shape::{GlobalGet, GlobalSet, RefSlot, Wide};
use crate::numeric::vector::V128;

#[inline(always)]
unsafe fn cell(m: &Machine, global: u32) -> *mut u64 {
    // SAFETY: I1, I4
    unsafe { (**(*m.instance()).globals.add(global as usize)).value() }
}

macro_rules! gets {
    ($($name:ident: $type:ty;)*) => { $(
        #[inline(always)]
        pub(crate) unsafe fn $name<D: Destination<$type>>(m: &mut Machine, op: &GlobalGet<D>) -> Flow {
            // SAFETY: I2, I4
            unsafe { op.dst.put(m, <$type as Value>::from_bits(*cell(m, op.global))) };
            Flow::Next
        }
    )* };
}
gets! { global_get_int: u64; global_get_f32: f32; global_get_f64: f64; }

#[inline(always)]
pub(crate) unsafe fn global_get_wide(m: &mut Machine, op: &GlobalGet<Wide>) -> Flow {
    // SAFETY: I2, I4 — a cell has room for 128 bits.
    unsafe { op.dst.put(m, cell(m, op.global).cast::<V128>().read_unaligned()) };
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn global_get_ref(m: &mut Machine, op: &GlobalGet<RefSlot>) -> Flow {
    // SAFETY: I2, I4
    unsafe { op.dst.put(m, *cell(m, op.global) as u32) };
    Flow::Next
}

/// `global ← src`, any number of up to 64 bits.
#[inline(always)]
pub(crate) unsafe fn global_set<S: Source<T>, T: Value>(
    m: &mut Machine,
    op: &GlobalSet<S>,
    f: impl Fn(T) -> T,
) -> Flow {
    // SAFETY: I2, I4
    unsafe { *cell(m, op.global) = f(op.src.get(m)).into_bits() };
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn global_set_wide(m: &mut Machine, op: &GlobalSet<Wide>) -> Flow {
    // SAFETY: I2, I4
    unsafe { cell(m, op.global).cast::<V128>().write_unaligned(op.src.get(m)) };
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn global_set_ref(m: &mut Machine, op: &GlobalSet<RefSlot>) -> Flow {
    // SAFETY: I2, I4
    unsafe { *cell(m, op.global) = u64::from(op.src.get(m)) };
    Flow::Next
}
