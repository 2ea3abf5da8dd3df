//! Code that belongs to no function: what the outermost call returns to, and the entry of every host function.

use core::ptr;

use crate::code::op;

/// `[base = 0] reload_memory base=0; leave`: a return ip needs an argument base before it, and both ways of returning lead to `leave`.
static OUTERMOST: [u16; 6] = [0, 0, op::reload_memory.opcode as u16, 0, 0, op::leave.opcode as u16];

/// `enter_host`.
static ENTER_HOST: [u16; 1] = [op::enter_host.opcode as u16];

/// Where the outermost call of an execution returns to.
pub(crate) fn outermost_return() -> *const u16 {
    ptr::from_ref(&OUTERMOST).cast::<u16>().wrapping_add(2)
}

/// The code that every host function's entry cell holds.
pub(crate) fn host_entry() -> *mut u8 {
    ptr::from_ref(&ENTER_HOST).cast::<u8>().cast_mut()
}
