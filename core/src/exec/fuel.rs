//! Metering: ops that exist only in code translated for it.

use core::sync::atomic::Ordering;

use super::machine::{Exit, Flow, Machine};
use crate::code::shape::{Charge, Nullary};

/// Pays for a block before it begins; a block that cannot be paid is not begun.
#[inline(always)]
pub(crate) unsafe fn charge(m: &mut Machine, op: &Charge) -> Flow {
    // SAFETY: I4
    unsafe {
        let fuel = &raw mut (*m.store()).fuel;
        match (*fuel).checked_sub(u64::from(op.amount)) {
            Some(rest) => *fuel = rest,
            None => return Flow::Leave(Exit::OutOfFuel),
        }
    }
    Flow::Next
}

/// Looks at the epoch: at entries and loop headers.
#[inline(always)]
pub(crate) unsafe fn poll(m: &mut Machine, _op: &Nullary) -> Flow {
    // SAFETY: I4
    unsafe {
        let store = m.store();
        let now = (*(*store).epoch).load(Ordering::Relaxed);
        // Wrap-safe: the deadline is at most half a turn ahead.
        if now.wrapping_sub((*store).epoch_deadline) as i32 >= 0 {
            return Flow::Leave(Exit::Interrupted);
        }
    }
    Flow::Next
}
