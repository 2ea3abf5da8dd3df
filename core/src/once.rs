//! A cell that is filled once and read without a lock: where a lazily made value is published.

#![allow(
    unsafe_code,
    reason = "a lock-free once-cell for no_std cannot be written in safe Rust; I7 in docs/invariants.md"
)]

use alloc::boxed::Box;
use core::marker::PhantomData;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

/// A place for one boxed value, empty at first. One word; filling it does not allocate.
pub(crate) struct OnceBox<T> {
    value: AtomicPtr<T>,
    /// It owns the value and hands out references to it, so it is as thread-safe as both allow.
    owns: PhantomData<Box<T>>,
}

impl<T> OnceBox<T> {
    /// An empty cell.
    pub(crate) const fn new() -> Self {
        Self { value: AtomicPtr::new(ptr::null_mut()), owns: PhantomData }
    }

    /// The value, if there is one.
    pub(crate) fn get(&self) -> Option<&T> {
        // SAFETY: I7 — a pointer that is not null came from the box `set` took over, is never replaced, and is freed
        // only with the cell. Acquire pairs with the release of the thread that stored it.
        unsafe { self.value.load(Ordering::Acquire).as_ref() }
    }

    /// Fills the cell, unless somebody has already done so, and returns what is in it.
    pub(crate) fn set(&self, value: Box<T>) -> &T {
        let ours = Box::into_raw(value);
        match self.value.compare_exchange(ptr::null_mut(), ours, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: I7 — the cell owns it from now on.
            Ok(_) => unsafe { &*ours },
            Err(theirs) => {
                // SAFETY: `ours` came from a box and was not published.
                drop(unsafe { Box::from_raw(ours) });
                // SAFETY: I7 — as in `get`.
                unsafe { &*theirs }
            }
        }
    }
}

impl<T> Drop for OnceBox<T> {
    fn drop(&mut self) {
        let value = *self.value.get_mut();
        if !value.is_null() {
            // SAFETY: I7 — the cell owns the value, and no reference outlives the cell.
            drop(unsafe { Box::from_raw(value) });
        }
    }
}

// SAFETY: the cell is a box that other threads may fill (they send a `T`) and read (they share a `T`).
unsafe impl<T: Send + Sync> Sync for OnceBox<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::sync::Arc;

    #[test]
    fn the_first_value_stays() {
        let cell = OnceBox::new();
        assert_eq!(cell.get(), None);
        assert_eq!(cell.set(Box::new(1)), &1);
        assert_eq!(cell.set(Box::new(2)), &1);
        assert_eq!(cell.get(), Some(&1));
    }

    #[test]
    fn values_are_dropped_once() {
        let value = Arc::new(());
        let cell = OnceBox::new();
        cell.set(Box::new(value.clone()));
        cell.set(Box::new(value.clone()));
        assert_eq!(Arc::strong_count(&value), 2);
        drop(cell);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
