//! Code that belongs to no function: what the outermost call returns to, what a host function's own calls return to, and the entry of every
//! host function.

use core::ptr;

use crate::code::op;

/// `[base = 0] reload_memory base=0; leave`: a return ip needs an argument base before it, and both ways of returning lead to `leave`.
static OUTERMOST: [u16; 6] = [0, 0, op::reload_memory.opcode as u16, 0, 0, op::leave.opcode as u16];

/// `[base = 0] reload_memory base=0; return_to_host`: the caller's `fp` is that of the host function's frame.
static HOST: [u16; 6] = [0, 0, op::reload_memory.opcode as u16, 0, 0, op::return_to_host.opcode as u16];

/// `enter_host`, and for functions whose results need more room than their arguments and a header `enter_host_wide`.
static ENTER_HOST: [[u16; 1]; 2] = [[op::enter_host.opcode as u16], [op::enter_host_wide.opcode as u16]];

/// Where the outermost call of an execution returns to.
pub(crate) fn outermost_return() -> *const u16 {
    ptr::from_ref(&OUTERMOST).cast::<u16>().wrapping_add(2)
}

/// Where a function returns to that a host function has called on the stack of its caller.
pub(crate) fn host_return() -> *const u16 {
    ptr::from_ref(&HOST).cast::<u16>().wrapping_add(2)
}

/// The code that host functions' entry cells hold: first the usual one, then that of wide functions.
pub(crate) fn host_entries() -> [*mut u8; 2] {
    ENTER_HOST.each_ref().map(|code| ptr::from_ref(code).cast::<u8>().cast_mut())
}
