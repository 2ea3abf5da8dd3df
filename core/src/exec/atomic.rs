//! Atomic memory instructions, on any memory: sequentially consistent, aligned or a trap.

use core::sync::atomic::Ordering;
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32};

use super::machine::{Destination, Flow, Machine, Source};
use super::memory::{Place, place};
use crate::code::shape::{AtomicCmpxchg, AtomicRmw, LoadX, Slot, StoreX};
use crate::trap::TrapCode;

/// The checked place of an atomic access.
#[inline(always)]
unsafe fn aligned_place(m: &Machine, memory: u16, addr: Slot, offset: u64, size: usize) -> Result<*mut u8, TrapCode> {
    // SAFETY: I2, I4
    unsafe {
        // The bounds come first unless the address is unaligned: the reference interpreter looks at the alignment first.
        let base = super::memory::memory_object(m, memory.into());
        let effective =
            if (*base).is_64() { Source::<u64>::get(addr, m) } else { u64::from(Source::<u32>::get(addr, m)) };
        if effective.wrapping_add(offset) % size as u64 != 0 {
            return Err(TrapCode::UnalignedAtomic);
        }
        match place(m, memory, addr, offset, size) {
            Some(Place::Plain(at) | Place::Shared(at)) => Ok(at),
            Some(Place::Paged(memory, at)) => (*memory).address(at),
            None => Err(TrapCode::MemoryOutOfBounds),
        }
    }
}

/// `dst ← f(place)`.
#[inline(always)]
pub(crate) unsafe fn atomic_load<T: Copy>(m: &mut Machine, op: &LoadX<Slot>, f: unsafe fn(*mut T) -> u64) -> Flow {
    // SAFETY: I2, I5; the place is aligned and in bounds.
    unsafe {
        match aligned_place(m, op.memory, op.addr, op.offset, size_of::<T>()) {
            Ok(at) => op.dst.put(m, f(at.cast())),
            Err(code) => return Flow::Trap(code),
        }
    }
    Flow::Next
}

/// `f(place, value)`.
#[inline(always)]
pub(crate) unsafe fn atomic_store<T: Copy>(m: &mut Machine, op: &StoreX<Slot>, f: unsafe fn(*mut T, u64)) -> Flow {
    // SAFETY: I2, I5; the place is aligned and in bounds.
    unsafe {
        match aligned_place(m, op.memory, op.addr, op.offset, size_of::<T>()) {
            Ok(at) => f(at.cast(), op.value.get(m)),
            Err(code) => return Flow::Trap(code),
        }
    }
    Flow::Next
}

/// `dst ← f(place, value)`.
#[inline(always)]
pub(crate) unsafe fn atomic_rmw<T: Copy>(m: &mut Machine, op: &AtomicRmw, f: unsafe fn(*mut T, u64) -> u64) -> Flow {
    // SAFETY: I2, I5; the place is aligned and in bounds.
    unsafe {
        match aligned_place(m, op.memory, op.addr, op.offset, size_of::<T>()) {
            Ok(at) => op.dst.put(m, f(at.cast(), op.value.get(m))),
            Err(code) => return Flow::Trap(code),
        }
    }
    Flow::Next
}

/// `dst ← f(place, expected, value)`.
#[inline(always)]
pub(crate) unsafe fn atomic_cmpxchg<T: Copy>(
    m: &mut Machine,
    op: &AtomicCmpxchg,
    f: unsafe fn(*mut T, u64, u64) -> u64,
) -> Flow {
    // SAFETY: I2, I5; the place is aligned and in bounds.
    unsafe {
        match aligned_place(m, op.memory, op.addr, op.offset, size_of::<T>()) {
            Ok(at) => {
                // A narrow cmpxchg compares the whole operand: a wider expected value never matches.
                op.dst.put(m, f(at.cast(), op.expected.get(m), op.value.get(m)));
            }
            Err(code) => return Flow::Trap(code),
        }
    }
    Flow::Next
}

macro_rules! atomics {
    ($atomic:ty, $type:ty: $load:ident $store:ident $cmpxchg:ident $($rmw:ident = $method:ident),*) => {
        #[inline(always)]
        pub(crate) unsafe fn $load(at: *mut $type) -> u64 {
            // SAFETY: the caller checked bounds and alignment.
            unsafe { <$type>::from_le(<$atomic>::from_ptr(at).load(Ordering::SeqCst)).into() }
        }

        #[inline(always)]
        pub(crate) unsafe fn $store(at: *mut $type, value: u64) {
            // SAFETY: the caller checked bounds and alignment.
            unsafe { <$atomic>::from_ptr(at).store((value as $type).to_le(), Ordering::SeqCst) }
        }

        #[inline(always)]
        pub(crate) unsafe fn $cmpxchg(at: *mut $type, expected: u64, value: u64) -> u64 {
            // SAFETY: the caller checked bounds and alignment.
            let cell = unsafe { <$atomic>::from_ptr(at) };
            let (expected, value) = ((expected as $type).to_le(), (value as $type).to_le());
            match cell.compare_exchange(expected, value, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(old) | Err(old) => <$type>::from_le(old).into(),
            }
        }

        $(
            #[inline(always)]
            pub(crate) unsafe fn $rmw(at: *mut $type, value: u64) -> u64 {
                // SAFETY: the caller checked bounds and alignment.
                let cell = unsafe { <$atomic>::from_ptr(at) };
                let value = value as $type;
                // A loop rather than `fetch_*`: the cell is little-endian on every host.
                let update = |old: $type| Some(modify::$method(<$type>::from_le(old).into(), value.into()) as $type)
                    .map(<$type>::to_le);
                match cell.fetch_update(Ordering::SeqCst, Ordering::SeqCst, update) {
                    Ok(old) | Err(old) => <$type>::from_le(old).into(),
                }
            }
        )*
    };
}

/// The modifications, on widened values.
mod modify {
    pub(super) fn add(old: u64, value: u64) -> u64 {
        old.wrapping_add(value)
    }
    pub(super) fn sub(old: u64, value: u64) -> u64 {
        old.wrapping_sub(value)
    }
    pub(super) fn and(old: u64, value: u64) -> u64 {
        old & value
    }
    pub(super) fn or(old: u64, value: u64) -> u64 {
        old | value
    }
    pub(super) fn xor(old: u64, value: u64) -> u64 {
        old ^ value
    }
    pub(super) fn xchg(_old: u64, value: u64) -> u64 {
        value
    }
}

atomics!(AtomicU8, u8: load8 store8 cmpxchg8 add8 = add, sub8 = sub, and8 = and, or8 = or, xor8 = xor, xchg8 = xchg);
atomics!(AtomicU16, u16: load16 store16 cmpxchg16 add16 = add, sub16 = sub, and16 = and, or16 = or, xor16 = xor, xchg16 = xchg);
atomics!(AtomicU32, u32: load32 store32 cmpxchg32 add32 = add, sub32 = sub, and32 = and, or32 = or, xor32 = xor, xchg32 = xchg);

/// 64-bit accesses, where the target has them.
#[cfg(target_has_atomic = "64")]
mod wide {
    use super::modify;
    use core::sync::atomic::{AtomicU64, Ordering};
    atomics!(AtomicU64, u64: load64 store64 cmpxchg64 add64 = add, sub64 = sub, and64 = and, or64 = or, xor64 = xor, xchg64 = xchg);
}

/// 64-bit accesses on targets whose atomics are narrower: such targets run one thread (see docs/firmware), so plain accesses do.
#[cfg(not(target_has_atomic = "64"))]
mod wide {
    use super::modify;

    pub(crate) unsafe fn load64(at: *mut u64) -> u64 {
        // SAFETY: the caller checked bounds and alignment.
        u64::from_le(unsafe { at.read_unaligned() })
    }

    pub(crate) unsafe fn store64(at: *mut u64, value: u64) {
        // SAFETY: the caller checked bounds and alignment.
        unsafe { at.write_unaligned(value.to_le()) }
    }

    pub(crate) unsafe fn cmpxchg64(at: *mut u64, expected: u64, value: u64) -> u64 {
        // SAFETY: the caller checked bounds and alignment.
        unsafe {
            let old = load64(at);
            if old == expected {
                store64(at, value);
            }
            old
        }
    }

    macro_rules! plain {
        ($($name:ident = $method:ident),*) => { $(
            pub(crate) unsafe fn $name(at: *mut u64, value: u64) -> u64 {
                // SAFETY: the caller checked bounds and alignment.
                unsafe {
                    let old = load64(at);
                    store64(at, modify::$method(old, value));
                    old
                }
            }
        )* };
    }
    plain!(add64 = add, sub64 = sub, and64 = and, or64 = or, xor64 = xor, xchg64 = xchg);
}

pub(crate) use wide::{add64, and64, cmpxchg64, load64, or64, store64, sub64, xchg64, xor64};
