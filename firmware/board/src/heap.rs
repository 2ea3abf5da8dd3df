//! The heap: a first-fit allocator over all RAM that is left, which remembers the most it ever gave out.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::{NonNull, null_mut};

use linked_list_allocator::Heap;

use crate::memory;

struct Counted {
    heap: Heap,
    peak: usize,
}

struct OneCore(UnsafeCell<Counted>);

// SAFETY: one core and no interrupts, and the allocator calls nothing that could come back to it.
unsafe impl Sync for OneCore {}

#[global_allocator]
static HEAP: OneCore = OneCore(UnsafeCell::new(Counted { heap: Heap::empty(), peak: 0 }));

// SAFETY: the allocator behind it keeps the contract; memory comes from the region given to `init`, once.
unsafe impl GlobalAlloc for OneCore {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see `Sync`: nobody else has a reference.
        let this = unsafe { &mut *self.0.get() };
        let Ok(block) = this.heap.allocate_first_fit(layout) else { return null_mut() };
        this.peak = this.peak.max(this.heap.used());
        block.as_ptr()
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as in `alloc`; the caller returns a block of this allocator with its layout.
        unsafe { (*self.0.get()).heap.deallocate(NonNull::new_unchecked(block), layout) }
    }
}

/// Gives the heap its memory. Called once, before anything is allocated.
pub(crate) fn init() {
    // SAFETY: the linker puts nothing between the statics and the stack; as in `alloc` for the reference.
    unsafe { (*HEAP.0.get()).heap.init(memory::heap_start(), memory::heap_size()) }
}

/// The most bytes that were ever given out at a time, rounded up as the allocator does.
pub(crate) fn peak() -> usize {
    // SAFETY: as in `alloc`.
    unsafe { (*HEAP.0.get()).peak }
}
