//! Global variables.

use crate::types::layout::is_traced;
use crate::types::{GlobalType, StorageType, Types};

/// A global variable: running code reads and writes `slots` through a raw pointer.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct GlobalCell {
    /// The value: one slot, or two for a `v128` (low half first).
    pub slots: [u64; 2],
    ty: GlobalType,
    traced: bool,
}

impl GlobalCell {
    /// A global holding `slots`.
    pub(crate) fn new(ty: GlobalType, slots: [u64; 2], types: &impl Types) -> Self {
        let is_func = |id| types.defined(id).is_some_and(|ty| ty.sub_type().as_func().is_some());
        Self { slots, ty, traced: is_traced(StorageType::Val(ty.content()), is_func) }
    }

    /// Where the value is. Writing through it must keep the type.
    pub(crate) fn value(&mut self) -> *mut u64 {
        self.slots.as_mut_ptr()
    }

    /// Its type.
    pub(crate) fn ty(&self) -> GlobalType {
        self.ty
    }

    /// The heap reference it holds, if its type is one the collector follows.
    pub(crate) fn root(&self) -> Option<u32> {
        self.traced.then_some(self.slots[0] as u32)
    }
}
