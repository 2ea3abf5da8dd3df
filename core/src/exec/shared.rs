//! Plain access to shared memories: relaxed atomics, since other threads may be writing (the specification allows tearing).

use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering};

/// Reads a value from a shared memory: at once where its size and alignment allow, else byte by byte.
///
/// # Safety
/// `size_of::<T>()` bytes at `at` are inside a live memory; every bit pattern is a `T`.
#[inline(always)]
pub(crate) unsafe fn read<T: Copy>(at: *mut u8) -> T {
    let mut value = core::mem::MaybeUninit::<T>::uninit();
    let to = value.as_mut_ptr().cast::<u8>();
    // SAFETY: the caller's promise; atomics of one to four bytes need their alignment, which is checked.
    unsafe {
        match size_of::<T>() {
            2 if at.cast::<u16>().is_aligned() => {
                let bits = AtomicU16::from_ptr(at.cast()).load(Ordering::Relaxed);
                to.cast::<u16>().write_unaligned(bits);
            }
            4 if at.cast::<u32>().is_aligned() => {
                let bits = AtomicU32::from_ptr(at.cast()).load(Ordering::Relaxed);
                to.cast::<u32>().write_unaligned(bits);
            }
            #[cfg(target_has_atomic = "64")]
            8 if at.cast::<u64>().is_aligned() => {
                let bits = core::sync::atomic::AtomicU64::from_ptr(at.cast()).load(Ordering::Relaxed);
                to.cast::<u64>().write_unaligned(bits);
            }
            size => {
                for byte in 0..size {
                    to.add(byte).write(AtomicU8::from_ptr(at.add(byte)).load(Ordering::Relaxed));
                }
            }
        }
        value.assume_init()
    }
}

/// Writes a value to a shared memory.
///
/// # Safety
/// `size_of::<T>()` bytes at `at` are inside a live memory; `T` has no padding.
#[inline(always)]
pub(crate) unsafe fn write<T: Copy>(at: *mut u8, value: T) {
    let from = core::ptr::from_ref(&value).cast::<u8>();
    // SAFETY: as for `read`.
    unsafe {
        match size_of::<T>() {
            2 if at.cast::<u16>().is_aligned() => {
                AtomicU16::from_ptr(at.cast()).store(from.cast::<u16>().read_unaligned(), Ordering::Relaxed);
            }
            4 if at.cast::<u32>().is_aligned() => {
                AtomicU32::from_ptr(at.cast()).store(from.cast::<u32>().read_unaligned(), Ordering::Relaxed);
            }
            #[cfg(target_has_atomic = "64")]
            8 if at.cast::<u64>().is_aligned() => {
                core::sync::atomic::AtomicU64::from_ptr(at.cast())
                    .store(from.cast::<u64>().read_unaligned(), Ordering::Relaxed);
            }
            size => {
                for byte in 0..size {
                    AtomicU8::from_ptr(at.add(byte)).store(from.add(byte).read(), Ordering::Relaxed);
                }
            }
        }
    }
}
