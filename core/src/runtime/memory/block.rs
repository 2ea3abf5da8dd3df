//! Where the block of a memory comes from: the allocator, or for large ones the operating system.
//!
//! Most of a guest's memory is never touched. Pages that the system maps are zero without anybody writing zeros, and cost nothing until they are
//! touched; an allocator that has had such a block back has to clear it. So on Linux, where a mapping can also grow in place or be moved without
//! copying, large blocks are mappings. Everywhere else all blocks are the allocator's.

use alloc::alloc::{Layout, alloc_zeroed, dealloc, realloc};
use core::ptr::NonNull;

use super::{ALIGNMENT, HEADER_SIZE};
use crate::runtime::table::GrowError;

/// The layout of a block for `capacity` bytes behind a header.
fn layout(capacity: usize) -> Result<Layout, GrowError> {
    let size = capacity.checked_add(HEADER_SIZE).ok_or(GrowError::Limit)?;
    Layout::from_size_align(size, ALIGNMENT).map_err(|_| GrowError::Limit)
}

/// A zeroed block; the address is that of its header.
pub(super) fn allocate(capacity: usize) -> Result<NonNull<u8>, GrowError> {
    let layout = layout(capacity)?;
    if mapped::is_worth_it(layout) {
        return mapped::allocate(layout);
    }
    // SAFETY: a block's size is never zero, since it has a header.
    NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(GrowError::OutOfMemory)
}

/// Makes room for `new` bytes in a block for `old` ones, of which `used` have ever been written. The bytes behind these are zero afterwards. On an
/// error the block is as it was.
///
/// # Safety
/// I5: the block came from here, for `old` bytes, and nobody else uses its address; `used <= old <= new`.
pub(super) unsafe fn grow(header: NonNull<u8>, old: usize, new: usize, used: usize) -> Result<NonNull<u8>, GrowError> {
    let (before, after) = (layout(old)?, layout(new)?);
    // SAFETY: the caller's promise; each block goes back to where it came from.
    unsafe {
        if mapped::is_worth_it(before) {
            return mapped::grow(header, before, after);
        }
        if mapped::is_worth_it(after) {
            let grown = mapped::allocate(after)?;
            grown.copy_from_nonoverlapping(header, HEADER_SIZE + used);
            dealloc(header.as_ptr(), before);
            return Ok(grown);
        }
        let grown = NonNull::new(realloc(header.as_ptr(), before, after.size())).ok_or(GrowError::OutOfMemory)?;
        grown.add(HEADER_SIZE + used).write_bytes(0, new - used);
        Ok(grown)
    }
}

/// Gives a block back.
///
/// # Safety
/// I5: it came from here, for `capacity` bytes, and nobody has its address any more.
pub(super) unsafe fn free(header: NonNull<u8>, capacity: usize) {
    let Ok(layout) = layout(capacity) else { return };
    // SAFETY: the caller's promise.
    unsafe {
        match mapped::is_worth_it(layout) {
            true => mapped::free(header, layout),
            false => dealloc(header.as_ptr(), layout),
        }
    }
}

/// Blocks from the operating system.
#[cfg(all(feature = "std", target_os = "linux", not(miri)))]
mod mapped {
    use core::ptr::null_mut;

    use rustix::mm::{MapFlags, MremapFlags, ProtFlags, mmap_anonymous, mremap, munmap};

    use super::{GrowError, Layout, NonNull};

    /// From this size on: four pages of WebAssembly.
    const LEAST: usize = 256 << 10;

    pub(super) fn is_worth_it(layout: Layout) -> bool {
        layout.size() >= LEAST
    }

    pub(super) fn allocate(layout: Layout) -> Result<NonNull<u8>, GrowError> {
        // SAFETY: a new mapping, wherever there is room.
        let mapping =
            unsafe { mmap_anonymous(null_mut(), layout.size(), ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE) };
        address(mapping)
    }

    /// # Safety
    /// As for `super::grow`. What a mapping grows by is zero, and so is what was not written.
    pub(super) unsafe fn grow(header: NonNull<u8>, old: Layout, new: Layout) -> Result<NonNull<u8>, GrowError> {
        // SAFETY: the caller's promise: a mapping of this size, to which nobody else has a pointer.
        address(unsafe { mremap(header.as_ptr().cast(), old.size(), new.size(), MremapFlags::MAYMOVE) })
    }

    /// # Safety
    /// As for `super::free`.
    pub(super) unsafe fn free(header: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise. It fails only for what is no mapping.
        let _ = unsafe { munmap(header.as_ptr().cast(), layout.size()) };
    }

    fn address(mapping: rustix::io::Result<*mut core::ffi::c_void>) -> Result<NonNull<u8>, GrowError> {
        mapping.ok().and_then(|address| NonNull::new(address.cast())).ok_or(GrowError::OutOfMemory)
    }
}

/// There are none.
#[cfg(not(all(feature = "std", target_os = "linux", not(miri))))]
mod mapped {
    use super::{GrowError, Layout, NonNull};

    pub(super) fn is_worth_it(_: Layout) -> bool {
        false
    }

    pub(super) fn allocate(_: Layout) -> Result<NonNull<u8>, GrowError> {
        Err(GrowError::OutOfMemory)
    }

    /// # Safety
    /// Never called: no block is worth it.
    pub(super) unsafe fn grow(_: NonNull<u8>, _: Layout, _: Layout) -> Result<NonNull<u8>, GrowError> {
        Err(GrowError::OutOfMemory)
    }

    /// # Safety
    /// Never called: no block is worth it.
    pub(super) unsafe fn free(_: NonNull<u8>, _: Layout) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of a block that must be zero, or what was written.
    fn bytes(header: NonNull<u8>, length: usize) -> &'static [u8] {
        // SAFETY: the test looks while the block lives.
        unsafe { core::slice::from_raw_parts(header.as_ptr().add(HEADER_SIZE), length) }
    }

    #[test]
    fn blocks_keep_what_was_written_and_are_zero_behind_it() {
        // From the allocator to the allocator, to a mapping, and from one mapping to another.
        let sizes = [1 << 10, 100 << 10, 300 << 10, 64 << 20];
        let mut capacity = sizes[0];
        let mut header = allocate(capacity).unwrap();
        assert!(bytes(header, capacity).iter().all(|byte| *byte == 0));
        for size in sizes {
            // SAFETY: the block is this test's own; 100 bytes of it are written.
            unsafe {
                header = grow(header, capacity, size, 100.min(capacity)).unwrap();
                header.add(HEADER_SIZE).write_bytes(7, 100);
            }
            capacity = size;
            assert!(bytes(header, 100).iter().all(|byte| *byte == 7));
            assert!(bytes(header, capacity)[100..].iter().all(|byte| *byte == 0), "{size}");
        }
        // SAFETY: nobody looks at it any more.
        unsafe { free(header, capacity) };
    }

    #[test]
    fn what_no_address_space_has_is_an_error() {
        assert!(allocate(usize::MAX).is_err());
        assert!(allocate(isize::MAX as usize - HEADER_SIZE).is_err());
    }
}
