//! An allocator for tests of what things take, and of what happens where there is no memory.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, except that it counts what this thread has, and can be told to refuse.
pub struct Counting;

thread_local! {
    /// Bytes given out and not taken back.
    static LIVE: Cell<isize> = const { Cell::new(0) };
    /// The most there ever were.
    static PEAK: Cell<isize> = const { Cell::new(0) };
    /// How many more allocations succeed; `None` for all.
    pub static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

impl Counting {
    fn refuses() -> bool {
        match LEFT.get() {
            Some(0) => true,
            Some(more) => {
                LEFT.set(Some(more - 1));
                false
            }
            None => false,
        }
    }

    fn count(bytes: isize) {
        LIVE.set(LIVE.get() + bytes);
        PEAK.set(PEAK.get().max(LIVE.get()));
    }
}

// SAFETY: hands everything on to the system's allocator, or gives null, which means that there is no memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if Self::refuses() {
            return core::ptr::null_mut();
        }
        Self::count(layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        Self::count(-(layout.size() as isize));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `body` leaves allocated, and the most that it had allocated at a time.
pub fn cost<R>(body: impl FnOnce() -> R) -> (R, isize, isize) {
    let before = LIVE.get();
    PEAK.set(before);
    let result = body();
    (result, LIVE.get() - before, PEAK.get() - before)
}
