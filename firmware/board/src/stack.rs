//! How much native stack a program takes: what is below the stack pointer is painted first, and what is still paint at
//! the end was never used.

use core::arch::asm;

use crate::memory::{stack_limit, stack_start};

/// No plausible return address, length or pointer.
const PAINT: u32 = 0x57AC_57AC;

/// Paints the unused part of the stack.
#[inline(never)]
pub(crate) fn paint() {
    let top: *mut u32;
    // SAFETY: reads a register.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("mov {}, sp", out(reg) top, options(nomem, nostack, preserves_flags));
        #[cfg(target_arch = "riscv32")]
        asm!("mv {}, sp", out(reg) top, options(nomem, nostack, preserves_flags));
    }
    let mut word = stack_limit().cast::<u32>();
    while word < top {
        // SAFETY: below the stack pointer lies nothing on these two architectures, and no interrupt comes.
        unsafe { word.write_volatile(PAINT) };
        word = word.wrapping_add(1);
    }
}

/// Bytes of stack that were ever used since, start-up included.
pub(crate) fn used() -> usize {
    let mut word = stack_limit().cast::<u32>();
    // SAFETY: the stack is memory, painted or used.
    while word < stack_start().cast() && unsafe { word.read_volatile() } == PAINT {
        word = word.wrapping_add(1);
    }
    stack_start().addr() - word.addr()
}
