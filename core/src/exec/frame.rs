//! Frames seen from outside: who called whom, and where the references are.
//!
//! Running code needs none of this; the collector, backtraces and unwinding do. A frame is found from the one it called: the
//! return ip stands in the callee's header, and so does how far below the caller's `fp` is (I3). Assumes a frame whose header is complete (`enter` has run, or the driver has completed it).

use core::ptr;

use super::machine::{HEADER, instance_of};
use crate::code::FunctionCode;
use crate::module::ModuleInner;
use crate::runtime::context::InstanceContext;
use crate::runtime::store::InstanceObject;

/// One active call of a function that a module defines.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    /// Just behind the frame's header.
    pub fp: *mut u64,
    /// The instance whose code runs.
    pub instance: *mut InstanceContext,
    /// The function's index in its module.
    pub function: u32,
    /// Number slots, then reference slots of the parameters.
    params: (usize, usize),
    /// The op at hand, or behind the call that waits.
    ip: *const u16,
    /// Whether `ip` is an op at hand.
    at_op: bool,
}

/// The frames of an execution, the innermost first.
#[derive(Clone)]
pub(crate) struct Frames {
    ip: *const u16,
    fp: *mut u64,
    at_op: bool,
    within_call: bool,
}

impl Frames {
    /// The frames from `fp` outwards. `ip` is the op at hand if `at_op`, else where a call will return to.
    ///
    /// # Safety
    /// I2, I4: `fp` is a frame of a live stack that does not change meanwhile.
    pub(crate) unsafe fn new(ip: *const u16, fp: *mut u64, at_op: bool) -> Self {
        Self { ip, fp, at_op, within_call: false }
    }

    /// The same without those outside of the innermost call that a host function has made.
    pub(crate) fn within_call(self) -> Self {
        Self { within_call: true, ..self }
    }
}

impl Iterator for Frames {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        // SAFETY: I2, I4 — as promised to `new`; the host's frames are headers whose instance has no module.
        unsafe {
            let mut instance = instance_of(self.fp);
            while (*instance).module.is_null() {
                // The host's: the frame below all others, which has no depth, or that of a host function that has called a guest's.
                if self.within_call || super::control::frame_depth(self.fp) == 0 {
                    return None;
                }
                (self.ip, self.fp) = caller(self.fp);
                instance = instance_of(self.fp);
            }
            let function = super::control::frame_function(self.fp);
            let slots = (*(*instance).module).argument_slots(function)?;
            let params = (usize::from(slots.numbers), usize::from(slots.references));
            let frame = Frame { fp: self.fp, instance, function, params, ip: self.ip, at_op: self.at_op };
            (self.ip, self.fp) = caller(self.fp);
            self.at_op = false;
            Some(frame)
        }
    }
}

/// Where the frame at `fp` returns to.
///
/// # Safety
/// I2, I3.
#[inline(always)]
pub(crate) unsafe fn caller(fp: *mut u64) -> (*const u16, *mut u64) {
    // SAFETY: I2 — the header stands below `fp`; I3.
    unsafe {
        let return_ip = ptr::with_exposed_provenance(*fp.sub(3) as usize);
        (return_ip, fp.byte_offset(-(super::control::advance(fp).0 as isize)))
    }
}

impl Frame {
    /// The instance with all that belongs to it.
    pub(crate) fn object(&self) -> *mut InstanceObject {
        // The context is the first field of the object.
        self.instance.cast()
    }

    /// The module of the function.
    pub(crate) fn module(&self) -> &ModuleInner {
        // SAFETY: I4 — the store keeps the module alive; `Frames` skips the host's instance, which has none.
        unsafe { &*(*self.instance).module }
    }

    /// The function's code; `None` before its translation.
    pub(crate) fn code(&self) -> Option<&FunctionCode> {
        self.module().code.get(self.defined()? as usize)?.get()
    }

    /// The function's number among those that its module defines.
    pub(crate) fn defined(&self) -> Option<u32> {
        self.function.checked_sub(self.module().imported.functions)
    }

    /// Where the frame stands in its code, in bytes: the op at hand, or inside the call that waits.
    pub(crate) fn position(&self) -> Option<usize> {
        let start = self.code()?.units().as_ptr().addr();
        let position = self.ip.addr().checked_sub(start)?;
        if self.at_op { Some(position) } else { position.checked_sub(1) }
    }

    /// Calls `visit` with every reference the frame holds, functions included.
    pub(crate) fn visit_references(&self, visit: &mut impl FnMut(u32)) {
        let mut visit_slots = |from: *mut u64, count: usize| {
            for slot in 0..count {
                // SAFETY: I2 — reference slots lie in the frame, and were zeroed when it was entered.
                visit(unsafe { *from.add(slot) } as u32);
            }
        };
        // SAFETY: I2 — parameters stand below the header, the halves of the frame where its layout says.
        unsafe {
            visit_slots(self.fp.sub(HEADER + self.params.1), self.params.1);
            if let Some(code) = self.code() {
                let layout = &code.frame;
                visit_slots(self.fp, layout.references as usize);
                visit_slots(self.fp.add(layout.far_references as usize), layout.far_reference_count as usize);
            }
        }
    }
}
