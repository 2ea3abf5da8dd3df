//! How the RAM that no static occupies is divided: the heap from below, the native stack from above.
//!
//! Rests on two symbols that the linker scripts of both start-up crates define.

use core::ptr::addr_of;

/// Bytes kept for the native stack. The measured use is far less; what the paint shows must fit to be believed.
pub(crate) const STACK: usize = 32 * 1024;

unsafe extern "C" {
    static __sheap: u8;
    static _stack_start: u8;
}

/// Where the statics end.
pub(crate) fn heap_start() -> *mut u8 {
    // The symbols are addresses and nothing is read through them.
    addr_of!(__sheap).cast_mut()
}

/// Bytes between the statics and the stack.
pub(crate) fn heap_size() -> usize {
    stack_limit().addr() - heap_start().addr()
}

/// The lowest address of the stack.
pub(crate) fn stack_limit() -> *mut u8 {
    stack_start().wrapping_sub(STACK)
}

/// The address that the stack grows down from.
pub(crate) fn stack_start() -> *mut u8 {
    addr_of!(_stack_start).cast_mut()
}
