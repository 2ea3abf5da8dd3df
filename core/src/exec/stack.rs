//! The value stack of one execution: contiguous, zeroed, growable memory for frames.
//!
//! Frames hold return addresses, instances and deltas but no address of the stack itself, so growing may move it: whoever grows it moves
//! its own frame pointer along. Assumes that nobody keeps a pointer across [`grow`](ValueStack::grow); promises that every slot
//! is initialised and that memory that cannot be had is an error.

use alloc::alloc::{alloc_zeroed, dealloc, realloc};
use core::alloc::Layout;
use core::ptr::NonNull;

use crate::error::Error;

/// Slots of a new stack: a page holds a few frames, and a thousand suspended executions stay small.
pub(crate) const INITIAL_SLOTS: usize = if usize::BITS >= 64 { 512 } else { 128 };

/// The memory of a stack.
#[derive(Debug)]
pub(crate) struct ValueStack {
    base: NonNull<u64>,
    slots: usize,
}

impl ValueStack {
    /// A stack of `slots` zeroed slots, at least one.
    pub(crate) fn new(slots: usize) -> Result<Self, Error> {
        let slots = slots.max(1);
        let layout = Layout::array::<u64>(slots).map_err(|_| Error::out_of_memory())?;
        // SAFETY: the layout is not empty.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(Error::out_of_memory)?;
        Ok(Self { base: base.cast(), slots })
    }

    /// The first slot.
    #[inline]
    pub(crate) fn base(&self) -> *mut u64 {
        self.base.as_ptr()
    }

    /// Behind the last slot.
    #[inline]
    pub(crate) fn end(&self) -> *mut u64 {
        // SAFETY: one past the end of the allocation.
        unsafe { self.base.as_ptr().add(self.slots) }
    }

    /// How many slots there are.
    #[inline]
    pub(crate) fn slots(&self) -> usize {
        self.slots
    }

    /// Which slot `at` is.
    #[inline]
    pub(crate) fn index_of(&self, at: *const u64) -> usize {
        (at.addr() - self.base.as_ptr().addr()) / size_of::<u64>()
    }

    /// Makes the stack at least `slots` long, keeping its contents and perhaps moving it; the new slots are zero.
    pub(crate) fn grow(&mut self, slots: usize) -> Result<(), Error> {
        if slots <= self.slots {
            return Ok(());
        }
        let old = Layout::array::<u64>(self.slots).map_err(|_| Error::out_of_memory())?;
        let new = Layout::array::<u64>(slots).map_err(|_| Error::out_of_memory())?;
        // SAFETY: `base` was allocated with `old`; `new` is larger, equally aligned, and a valid layout.
        let base = unsafe { realloc(self.base.as_ptr().cast(), old, new.size()) };
        let base: NonNull<u64> = NonNull::new(base).ok_or_else(Error::out_of_memory)?.cast();
        // SAFETY: the block now has `slots` slots, those from `self.slots` on are nobody's yet.
        unsafe { base.add(self.slots).write_bytes(0, slots - self.slots) };
        self.base = base;
        self.slots = slots;
        Ok(())
    }
}

impl Drop for ValueStack {
    fn drop(&mut self) {
        if let Ok(layout) = Layout::array::<u64>(self.slots) {
            // SAFETY: allocated with this layout, and freed once.
            unsafe { dealloc(self.base.as_ptr().cast(), layout) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growing_keeps_the_contents_and_zeroes_the_rest() {
        let mut stack = ValueStack::new(4).expect("memory");
        // SAFETY: the slots are inside.
        unsafe {
            for slot in 0..4 {
                stack.base().add(slot).write(slot as u64 + 1);
            }
            stack.grow(1000).expect("memory");
            let slots = core::slice::from_raw_parts(stack.base(), stack.slots());
            assert_eq!(slots[..4], [1, 2, 3, 4]);
            assert!(slots[4..].iter().all(|slot| *slot == 0));
            assert_eq!(stack.index_of(stack.end()), 1000);
        }
    }

    #[test]
    fn what_cannot_be_had_is_an_error() {
        assert!(ValueStack::new(usize::MAX).is_err());
        // Seen by somebody else: a compiler that knows all about an allocation may leave it out, and then it succeeds.
        let mut stack = core::hint::black_box(ValueStack::new(1).expect("memory"));
        assert!(core::hint::black_box(&mut stack).grow(usize::MAX / 16).is_err());
        assert_eq!(stack.slots(), 1);
    }
}
