//! Table instructions that touch one element. (Those that may take long are the driver's.)

use super::machine::{Destination, Flow, Machine, Source};
use crate::code::shape::{Indexed, Slot, TableGet, TableSet};
use crate::runtime::table::TableObject;
use crate::trap::TrapCode;

#[inline(always)]
unsafe fn table(m: &Machine, index: u32) -> *mut TableObject {
    // SAFETY: I1, I4
    unsafe { *(*m.instance()).tables.add(index as usize) }
}

#[inline(always)]
pub(crate) unsafe fn table_get(m: &mut Machine, op: &TableGet) -> Flow {
    // SAFETY: I2, I4
    unsafe {
        match (*table(m, op.table)).get(op.index.get(m)) {
            Some(handle) => op.dst.put(m, handle),
            None => return Flow::Trap(TrapCode::TableOutOfBounds),
        }
    }
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn table_set(m: &mut Machine, op: &TableSet) -> Flow {
    // SAFETY: I2, I4
    unsafe {
        if (*table(m, op.table)).set(op.index.get(m), op.value.get(m)) {
            Flow::Next
        } else {
            Flow::Trap(TrapCode::TableOutOfBounds)
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn table_size(m: &mut Machine, op: &Indexed<Slot>) -> Flow {
    // SAFETY: I2, I4
    unsafe { op.dst.put(m, u64::from((*table(m, op.index)).size())) };
    Flow::Next
}

/// No table has 2³²−1 elements, so larger indices may become that one.
#[inline(always)]
pub(crate) fn u32_saturate_i64(index: u64) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
