//! Code that belongs to no function: what the outermost call returns to, what a host function's own calls return to, and the entry of every
//! host function.

use core::ptr;

use crate::code::op;

/// `reload_memory; leave`: as behind every call, so that both ways of returning lead to `leave`.
static OUTERMOST: [u16; 2] = [op::reload_memory.opcode as u16, op::leave.opcode as u16];

/// `reload_memory; return_to_host`: the caller's `fp` is that of the host function's frame.
static HOST: [u16; 2] = [op::reload_memory.opcode as u16, op::return_to_host.opcode as u16];

/// `enter_host`, and for functions whose results need more room than their arguments and a header `enter_host_wide`.
static ENTER_HOST: [[u16; 1]; 2] = [[op::enter_host.opcode as u16], [op::enter_host_wide.opcode as u16]];

/// Where the outermost call of an execution returns to.
pub(crate) fn outermost_return() -> *const u16 {
    ptr::from_ref(&OUTERMOST).cast()
}

/// Where a function returns to that a host function has called on the stack of its caller.
pub(crate) fn host_return() -> *const u16 {
    ptr::from_ref(&HOST).cast()
}

/// The code that host functions' entry cells hold: first the usual one, then that of wide functions.
pub(crate) fn host_entries() -> [*mut u8; 2] {
    ENTER_HOST.each_ref().map(|code| ptr::from_ref(code).cast::<u8>().cast_mut())
}
