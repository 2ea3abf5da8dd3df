//! Reference instructions that need neither the heap nor the driver. References are 32-bit handles, 0 is null (I6).

use super::machine::{Destination, Flow, Machine, Source};
use crate::code::shape::{Binary, BranchRef, Indexed, RefSlot, Slot, Target, Unary};
use crate::runtime::store::InstanceObject;
use crate::trap::TrapCode;

#[inline(always)]
pub(crate) unsafe fn copy_ref(m: &mut Machine, op: &Unary<RefSlot, RefSlot>) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, op.src.get(m)) };
    Flow::Next
}

/// A reference becomes an argument or a staged operand.
#[inline(always)]
pub(crate) unsafe fn ref_to_slot(m: &mut Machine, op: &Unary<RefSlot, Slot>) -> Flow {
    // SAFETY: I2
    unsafe { *m.slot(op.dst.0) = u64::from(op.src.get(m)) };
    Flow::Next
}

/// A result becomes a reference.
#[inline(always)]
pub(crate) unsafe fn slot_to_ref(m: &mut Machine, op: &Unary<Slot, RefSlot>) -> Flow {
    // SAFETY: I2
    unsafe { *m.slot(op.dst.0) = *m.slot(op.src.0) };
    Flow::Next
}

/// `index` is the null handle of the type: 0.
#[inline(always)]
pub(crate) unsafe fn ref_null(m: &mut Machine, op: &Indexed<RefSlot>) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, op.index) };
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn ref_func(m: &mut Machine, op: &Indexed<RefSlot>) -> Flow {
    // SAFETY: I1, I2, I4
    unsafe {
        let instance = m.instance();
        let module = (*instance).module;
        let address = match op.index.checked_sub((*module).imported.functions) {
            None => (*(*instance).functions.add(op.index as usize)).0,
            // The context is the first field of the object; a body refers to functions with an address only.
            Some(defined) => {
                let first = (*instance.cast::<InstanceObject>()).first_function;
                first.0 + (*module).addressed.position(defined).unwrap_unchecked()
            }
        };
        op.dst.put(m, address + 1);
    }
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn ref_is_null(m: &mut Machine, op: &Unary<RefSlot, Slot>) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, op.src.get(m) == 0) };
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn ref_eq(m: &mut Machine, op: &Binary<RefSlot, RefSlot>) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, op.lhs.get(m) == op.rhs.get(m)) };
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn ref_as_non_null(m: &mut Machine, op: &Unary<RefSlot, RefSlot>) -> Flow {
    // SAFETY: I2
    unsafe {
        let handle: u32 = op.src.get(m);
        if handle == 0 {
            return Flow::Trap(TrapCode::NullReference);
        }
        op.dst.put(m, handle);
    }
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn ref_i31(m: &mut Machine, op: &Unary<Slot, RefSlot>) -> Flow {
    // SAFETY: I2
    unsafe {
        let value: u32 = op.src.get(m);
        op.dst.put(m, value << 1 | 1);
    }
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn i31_get_s(m: &mut Machine, op: &Unary<RefSlot, Slot>) -> Flow {
    // SAFETY: I2
    unsafe {
        let handle: u32 = op.src.get(m);
        if handle == 0 {
            return Flow::Trap(TrapCode::NullI31Reference);
        }
        op.dst.put(m, handle as i32 >> 1);
    }
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn i31_get_u(m: &mut Machine, op: &Unary<RefSlot, Slot>) -> Flow {
    // SAFETY: I2
    unsafe {
        let handle: u32 = op.src.get(m);
        if handle == 0 {
            return Flow::Trap(TrapCode::NullI31Reference);
        }
        op.dst.put(m, handle >> 1);
    }
    Flow::Next
}

#[inline(always)]
unsafe fn branch_ref(m: &mut Machine, taken: bool, target: Target) -> Flow {
    // SAFETY: I1
    if taken { unsafe { super::control::jump(m, target) } } else { Flow::Next }
}

#[inline(always)]
pub(crate) unsafe fn br_on_null(m: &mut Machine, op: &BranchRef) -> Flow {
    // SAFETY: I1, I2
    unsafe { branch_ref(m, op.src.get(m) == 0, op.target) }
}

#[inline(always)]
pub(crate) unsafe fn br_on_non_null(m: &mut Machine, op: &BranchRef) -> Flow {
    // SAFETY: I1, I2
    unsafe { branch_ref(m, op.src.get(m) != 0, op.target) }
}
