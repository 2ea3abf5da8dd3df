//! Memory instructions: loads and stores.
//!
//! Memory 0, when 32-bit and not shared, is reached through the `mem` register; the limits of accesses stand before its base. Every other
//! memory is reached through the instance by the `_x` rows, which also know 64-bit addresses, atomic access to shared memories, and
//! paged memories. (To the other rows a paged memory has no bytes: code of an engine that pages has none of them.)

use super::machine::{Destination, Flow, Machine, Source};
use crate::code::shape::{Indexed, Load, LoadLane, LoadX, Slot, Store, StoreLane, StoreX};
use crate::numeric::vector::V128;
use crate::runtime::memory::{MemoryObject, PagedMemory, access_limit};
use crate::trap::TrapCode;

/// A value as it lies in memory: little-endian bytes.
pub(crate) trait Raw: Copy {
    /// From the order of memory to that of the machine, or back.
    fn in_order(self) -> Self;
}

macro_rules! raw_integers {
    ($($type:ty)*) => { $(
        impl Raw for $type {
            #[inline(always)]
            fn in_order(self) -> Self { <$type>::from_le(self) }
        }
    )* };
}
raw_integers!(u8 i8 u16 i16 u32 i32 u64 i64);

impl Raw for f32 {
    #[inline(always)]
    fn in_order(self) -> Self {
        f32::from_bits(u32::from_le(self.to_bits()))
    }
}

impl Raw for f64 {
    #[inline(always)]
    fn in_order(self) -> Self {
        f64::from_bits(u64::from_le(self.to_bits()))
    }
}

impl Raw for [u8; 16] {
    #[inline(always)]
    fn in_order(self) -> Self {
        self
    }
}

/// Defines pure conversions between the memory form and the slot form of a value.
macro_rules! access_forms {
    ($($name:ident: $from:ty => $to:ty, |$value:ident| $convert:expr;)*) => { $(
        #[inline(always)]
        pub(crate) fn $name($value: $from) -> $to { $convert }
    )* };
}

access_forms! {
    i64_load8_u: u8 => u64, |v| v.into();
    i32_load8_s: i8 => i32, |v| v.into();
    i64_load8_s: i8 => i64, |v| v.into();
    i64_load16_u: u16 => u64, |v| v.into();
    i32_load16_s: i16 => i32, |v| v.into();
    i64_load16_s: i16 => i64, |v| v.into();
    i64_load32_u: u32 => u64, |v| v.into();
    i64_load32_s: i32 => i64, |v| v.into();
    i64_load: u64 => u64, |v| v;
    // As floats from the start: by way of an integer register they would cross the processor's register files.
    f32_load: f32 => f32, |v| v;
    f64_load: f64 => f64, |v| v;
    v128_load: [u8; 16] => V128, |v| v.into();
    i32_store8: i32 => u8, |v| v as u8;
    i32_store16: i32 => u16, |v| v as u16;
    i32_store32: i32 => u32, |v| v as u32;
    i64_store: i64 => u64, |v| v as u64;
    f32_store: f32 => u32, |v| v.to_bits();
    f64_store: f64 => u64, |v| v.to_bits();
    v128_store: V128 => [u8; 16], |v| v.into();
}

/// The place of `size` bytes at `addr + offset` in memory 0, if they are inside.
#[inline(always)]
pub(crate) unsafe fn flat(m: &Machine, addr: u32, offset: u32, size: usize) -> Option<*mut u8> {
    let at = u64::from(addr) + u64::from(offset);
    // SAFETY: I5 — `mem` is the base of a memory.
    let (limit, ahead) = unsafe { access_limit(m.mem, size) };
    // SAFETY: in bounds, just checked.
    if at + ahead < limit { Some(unsafe { m.mem.add(at as usize) }) } else { None }
}

/// `dst ← f(memory0[addr + offset])`.
#[inline(always)]
pub(crate) unsafe fn load<A: Source<u32>, D: Destination<R>, T: Raw, R>(
    m: &mut Machine,
    op: &Load<A, D>,
    f: impl Fn(T) -> R,
) -> Flow {
    // SAFETY: I2, I5
    unsafe {
        match flat(m, op.addr.get(m), op.offset, size_of::<T>()) {
            Some(at) => op.dst.put(m, f(at.cast::<T>().read_unaligned().in_order())),
            None => return Flow::Trap(TrapCode::MemoryOutOfBounds),
        }
    }
    Flow::Next
}

/// `memory0[addr + offset] ← f(value)`.
#[inline(always)]
pub(crate) unsafe fn store<A: Source<u32>, V: Source<T>, T, R: Raw>(
    m: &mut Machine,
    op: &Store<A, V>,
    f: impl Fn(T) -> R,
) -> Flow {
    // SAFETY: I2, I5
    unsafe {
        let value = f(op.value.get(m)).in_order();
        match flat(m, op.addr.get(m), op.offset, size_of::<R>()) {
            Some(at) => at.cast::<R>().write_unaligned(value),
            None => return Flow::Trap(TrapCode::MemoryOutOfBounds),
        }
    }
    Flow::Next
}

/// Memory `index` of the running instance.
#[inline(always)]
pub(crate) unsafe fn memory_object(m: &Machine, index: u32) -> *mut MemoryObject {
    // SAFETY: I1, I4
    unsafe { *(*m.instance()).memories.add(index as usize) }
}

/// Where an access goes: bytes that are inside their memory.
pub(crate) enum Place {
    /// Bytes of this store alone.
    Plain(*mut u8),
    /// Bytes that another thread may be using.
    Shared(*mut u8),
    /// Bytes of a paged memory, from this one on.
    Paged(*mut PagedMemory, usize),
}

/// The place of `size` bytes at `addr + offset` in any memory; the address has the width of the memory's index type.
#[inline(always)]
pub(crate) unsafe fn place(m: &Machine, memory: u16, addr: Slot, offset: u64, size: usize) -> Option<Place> {
    // SAFETY: I2, I4
    unsafe {
        let memory = memory_object(m, memory.into());
        let addr: u64 = if (*memory).is_64() { addr.get(m) } else { u64::from(Source::<u32>::get(addr, m)) };
        let end = addr.checked_add(offset)?.checked_add(size as u64)?;
        if end > (*memory).byte_len() {
            return None;
        }
        let at = (end - size as u64) as usize;
        if let Some(paged) = (*memory).paged_mut() {
            return Some(Place::Paged(paged, at));
        }
        let at = (*memory).base().add(at);
        Some(if (*memory).is_shared() { Place::Shared(at) } else { Place::Plain(at) })
    }
}

/// `dst ← f(memory[addr + offset])`.
#[inline(always)]
pub(crate) unsafe fn load_x<D: Destination<R>, T: Raw, R>(m: &mut Machine, op: &LoadX<D>, f: impl Fn(T) -> R) -> Flow {
    // SAFETY: I2, I5
    unsafe {
        match place(m, op.memory, op.addr, op.offset, size_of::<T>()) {
            Some(place) => op.dst.put(m, f(read::<T>(place).in_order())),
            None => return Flow::Trap(TrapCode::MemoryOutOfBounds),
        }
    }
    Flow::Next
}

/// `memory[addr + offset] ← f(value)`.
#[inline(always)]
pub(crate) unsafe fn store_x<V: Source<T>, T, R: Raw>(m: &mut Machine, op: &StoreX<V>, f: impl Fn(T) -> R) -> Flow {
    // SAFETY: I2, I5
    unsafe {
        let value = f(op.value.get(m)).in_order();
        match place(m, op.memory, op.addr, op.offset, size_of::<R>()) {
            Some(place) => write(place, value),
            None => Flow::Trap(TrapCode::MemoryOutOfBounds),
        }
    }
}

/// Reads a value; from a shared memory by relaxed atomic bytes, since another thread may be writing.
#[inline(always)]
unsafe fn read<T: Raw>(place: Place) -> T {
    // SAFETY: a place is in bounds; every bit pattern is a `T`; I4 for the paged memory.
    unsafe {
        match place {
            Place::Plain(at) => at.cast::<T>().read_unaligned(),
            Place::Shared(at) => super::shared::read(at),
            Place::Paged(memory, at) => {
                let half = |at| u128::from((*memory).load(at, size_of::<T>().min(8)));
                let high = if size_of::<T>() > 8 { half(at + 8) << 64 } else { 0 };
                core::mem::transmute_copy(&(half(at) | high).to_le_bytes())
            }
        }
    }
}

/// Writes a value; to a shared memory by relaxed atomic bytes. A paged memory may have to make a chunk for it.
#[inline(always)]
unsafe fn write<T: Raw>(place: Place, value: T) -> Flow {
    // SAFETY: a place is in bounds; a `T` has at most 16 bytes and no padding; I4 for the paged memory.
    unsafe {
        match place {
            Place::Plain(at) => at.cast::<T>().write_unaligned(value),
            Place::Shared(at) => super::shared::write(at, value),
            Place::Paged(memory, at) => {
                let mut bytes = [0_u8; 16];
                bytes.as_mut_ptr().cast::<T>().write_unaligned(value);
                let bits = u128::from_le_bytes(bytes);
                let size = size_of::<T>();
                let mut written = (*memory).store(at, size.min(8), bits as u64);
                if size > 8 && written.is_ok() {
                    written = (*memory).store(at + 8, 8, (bits >> 64) as u64);
                }
                if let Err(code) = written {
                    return Flow::Trap(code);
                }
            }
        }
    }
    Flow::Next
}

/// `dst ← src with one lane loaded`.
#[inline(always)]
pub(crate) unsafe fn load_lane<T: Raw>(m: &mut Machine, op: &LoadLane, f: impl Fn(V128, u8, T) -> V128) -> Flow {
    // SAFETY: I2, I5
    unsafe {
        match place(m, op.memory, op.addr, op.offset, size_of::<T>()) {
            Some(place) => {
                let lane = read::<T>(place).in_order();
                op.dst.put(m, f(op.src.get(m), op.lane as u8, lane));
            }
            None => return Flow::Trap(TrapCode::MemoryOutOfBounds),
        }
    }
    Flow::Next
}

/// `memory[addr + offset] ← one lane of src`.
#[inline(always)]
pub(crate) unsafe fn store_lane<T: Raw>(m: &mut Machine, op: &StoreLane, f: impl Fn(V128, u8) -> T) -> Flow {
    // SAFETY: I2, I5
    unsafe {
        let value = f(Source::<V128>::get(op.src, m), op.lane as u8).in_order();
        match place(m, op.memory, op.addr, op.offset, size_of::<T>()) {
            Some(place) => write(place, value),
            None => Flow::Trap(TrapCode::MemoryOutOfBounds),
        }
    }
}

/// `memory.size`, in pages.
#[inline(always)]
pub(crate) unsafe fn memory_size(m: &mut Machine, op: &Indexed<Slot>) -> Flow {
    // SAFETY: I2, I4
    unsafe { op.dst.put(m, (*memory_object(m, op.index)).pages()) };
    Flow::Next
}
