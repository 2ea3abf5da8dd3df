//! Scalars → bytes in memory, and room for what strings and lists point to ("Storing" of the Canonical ABI).

use whit_core::Error;

use crate::abi::context::LowerContext;
use crate::trap::TrapCode;

/// Writes the low `size` bytes of `bits` (`store_int`).
///
/// # Errors
/// Memory ends before.
pub fn store_bits(memory: &mut [u8], at: u32, bits: u64, size: u32) -> Result<(), TrapCode> {
    let size = size as usize;
    let to = memory.get_mut(at as usize..).and_then(|rest| rest.get_mut(..size)).ok_or(TrapCode::PointerOutOfBounds)?;
    to.copy_from_slice(&bits.to_le_bytes()[..size]);
    Ok(())
}

/// A pointer and a length, as they are next to each other in memory.
pub const fn join(ptr: u32, len: u32) -> u64 {
    ptr as u64 | (len as u64) << 32
}

/// Which traps follow when `realloc` returns what it must not.
#[derive(Clone, Copy, Debug)]
pub struct ReallocTraps {
    unaligned: TrapCode,
    pub(super) out_of_bounds: TrapCode,
}

impl ReallocTraps {
    /// The host asked.
    pub const HOST: Self = Self { unaligned: TrapCode::ReallocUnaligned, out_of_bounds: TrapCode::ReallocOutOfBounds };
    /// Another guest's string is to go there.
    pub const STRING: Self =
        Self { unaligned: TrapCode::UnalignedPointer, out_of_bounds: TrapCode::StringContentOutOfBounds };
    /// Another guest's list is to go there.
    pub const LIST: Self =
        Self { unaligned: TrapCode::UnalignedPointer, out_of_bounds: TrapCode::ListContentOutOfBounds };
    /// Another guest's arguments are to go there.
    pub const ARGUMENTS: Self =
        Self { unaligned: TrapCode::UnalignedPointer, out_of_bounds: TrapCode::PointerOutOfBounds };
}

/// A range of the destination's memory that its `realloc` gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Allocation {
    /// Where it begins.
    pub ptr: u32,
    /// How many bytes it has.
    pub size: u32,
}

/// A new range (`allocate`).
///
/// # Errors
/// Those of `realloc`, and what it returns must be aligned and in bounds, even if no bytes are needed.
pub fn allocate<C: LowerContext + ?Sized>(
    cx: &mut C,
    align: u32,
    size: u32,
    traps: ReallocTraps,
) -> Result<Allocation, Error> {
    reallocate(cx, Allocation { ptr: 0, size: 0 }, align, size, traps)
}

/// A range of another size, with the contents of the old one as far as there is room (`reallocate`).
///
/// # Errors
/// As those of [`allocate`].
pub fn reallocate<C: LowerContext + ?Sized>(
    cx: &mut C,
    old: Allocation,
    align: u32,
    size: u32,
    traps: ReallocTraps,
) -> Result<Allocation, Error> {
    let ptr = cx.realloc(old.ptr, old.size, align, size)?;
    if ptr & (align - 1) != 0 {
        return Err(traps.unaligned.into());
    }
    if u64::from(ptr) + u64::from(size) > cx.destination().len() as u64 {
        return Err(traps.out_of_bounds.into());
    }
    Ok(Allocation { ptr, size })
}
