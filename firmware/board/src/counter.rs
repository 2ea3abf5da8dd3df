//! Instructions executed, from a timer that advances with them.
//!
//! Right only under `qemu -icount shift=0`, where an instruction takes one nanosecond of virtual time and timers run on
//! virtual time: the count is then the same at every run. On a chip this would count its clock.

/// Starts counting from zero.
pub fn start() {
    imp::start();
}

/// Instructions since [`start`].
pub fn read() -> u64 {
    imp::read()
}

#[cfg(feature = "mps2-an386")]
mod imp {
    //! Timer 0 of the CMSDK: 32 bits, downwards, at 25 MHz: a tick is 40 instructions, and 171 thousand million fit.

    const CTRL: *mut u32 = 0x4000_0000 as *mut u32;
    const VALUE: *mut u32 = 0x4000_0004 as *mut u32;
    const RELOAD: *mut u32 = 0x4000_0008 as *mut u32;
    const INSTRUCTIONS_A_TICK: u64 = 40;

    pub(super) fn start() {
        // SAFETY: registers of a timer that nothing else uses.
        unsafe {
            RELOAD.write_volatile(u32::MAX);
            VALUE.write_volatile(u32::MAX);
            CTRL.write_volatile(1);
        }
    }

    pub(super) fn read() -> u64 {
        // SAFETY: as in `start`.
        let left = unsafe { VALUE.read_volatile() };
        u64::from(u32::MAX - left) * INSTRUCTIONS_A_TICK
    }
}

#[cfg(feature = "netduinoplus2")]
mod imp {
    //! TIM2: 32 bits, upwards, at QEMU's 1 GHz: a tick is an instruction, and four thousand million fit.

    const CR1: *mut u32 = 0x4000_0000 as *mut u32;
    const CNT: *mut u32 = 0x4000_0024 as *mut u32;
    const PSC: *mut u32 = 0x4000_0028 as *mut u32;
    const ARR: *mut u32 = 0x4000_002C as *mut u32;

    pub(super) fn start() {
        // SAFETY: registers of a timer that nothing else uses.
        unsafe {
            PSC.write_volatile(0);
            ARR.write_volatile(u32::MAX);
            CNT.write_volatile(0);
            CR1.write_volatile(1);
        }
    }

    pub(super) fn read() -> u64 {
        // SAFETY: as in `start`.
        u64::from(unsafe { CNT.read_volatile() })
    }
}

#[cfg(feature = "virt")]
mod imp {
    //! The architecture's own counter of retired instructions.

    use core::sync::atomic::{AtomicU32, Ordering};

    use riscv::register::minstret;

    // Start-up is short: its count fits the low half.
    static BEFORE: AtomicU32 = AtomicU32::new(0);

    pub(super) fn start() {
        BEFORE.store(minstret::read() as u32, Ordering::Relaxed);
    }

    pub(super) fn read() -> u64 {
        minstret::read64() - u64::from(BEFORE.load(Ordering::Relaxed))
    }
}
