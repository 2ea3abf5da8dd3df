//! Boxed entities with a number and a fixed place: [`Arena`].
//!
//! An entity is reached by number through references (the API) or by raw pointer (running code). A `Vec<Box<T>>` would not
//! do: moving or borrowing a box asserts that it is the only way to its contents, which would cut off the raw pointers.

#![allow(unsafe_code, reason = "entities are reached by raw pointers; I4 in docs/invariants.md")]

use alloc::boxed::Box;
use alloc::collections::TryReserveError;
use alloc::vec::Vec;
use core::ptr::NonNull;

/// `Box::new`, or an error where it would abort.
pub(super) fn try_box<T>(value: T) -> Result<Box<T>, TryReserveError> {
    let mut one = Vec::new();
    one.try_reserve_exact(1)?;
    one.push(value);
    let raw: *mut [T] = Box::into_raw(one.into_boxed_slice());
    // SAFETY: a box of one `T` and a box of a slice of one `T` have the same layout, and `raw` came from the latter.
    Ok(unsafe { Box::from_raw(raw.cast::<T>()) })
}

/// Entities that stay where they are until the arena is dropped.
pub(crate) struct Arena<T> {
    items: Vec<NonNull<T>>,
}

impl<T> Arena<T> {
    /// No entities.
    pub(crate) const fn new() -> Self {
        Self { items: Vec::new() }
    }

    /// How many entities there are.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Adds an entity and returns its number.
    pub(crate) fn push(&mut self, value: T) -> Result<u32, TryReserveError> {
        self.items.try_reserve(1)?;
        let item = NonNull::from(Box::leak(try_box(value)?));
        self.items.push(item);
        // Every entity takes more than one byte, and limits allow far fewer than 2^32.
        Ok((self.items.len() - 1) as u32)
    }

    /// Where an entity is, for as long as the arena lives.
    #[inline]
    pub(crate) fn pointer(&self, index: u32) -> Option<NonNull<T>> {
        self.items.get(index as usize).copied()
    }

    /// An entity.
    #[inline]
    pub(crate) fn get(&self, index: u32) -> Option<&T> {
        // SAFETY: I4 — the pointer came from `push`, and running code, which has raw pointers too, does not run while
        // the arena is borrowed.
        self.pointer(index).map(|item| unsafe { item.as_ref() })
    }

    /// One entity to be changed, and another one; `None` if they are the same.
    pub(crate) fn get_mut_and_other(&mut self, index: u32, other: u32) -> Option<(&mut T, &T)> {
        let (one, other) = (self.pointer(index)?, self.pointer(other).filter(|_| index != other)?);
        // SAFETY: I4 — as in `get`; every number has an entity of its own.
        Some(unsafe { (&mut *one.as_ptr(), other.as_ref()) })
    }

    /// An entity, to be changed.
    #[inline]
    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        // SAFETY: I4 — as in `get`, and `self` is borrowed exclusively.
        self.pointer(index).map(|mut item| unsafe { item.as_mut() })
    }

    /// All entities, in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        // SAFETY: I4 — as in `get`.
        self.items.iter().map(|item| unsafe { item.as_ref() })
    }

    /// Removes the entities from number `len` on, to undo what failed halfway. Nobody may have kept their pointers.
    pub(crate) fn truncate(&mut self, len: usize) {
        while self.items.len() > len {
            if let Some(item) = self.items.pop() {
                // SAFETY: it came from `Box::leak` and is no longer in the arena.
                drop(unsafe { Box::from_raw(item.as_ptr()) });
            }
        }
    }
}

impl<T> Drop for Arena<T> {
    fn drop(&mut self) {
        self.truncate(0);
    }
}

// SAFETY: an arena owns its entities like a `Vec<Box<T>>`.
unsafe impl<T: Send> Send for Arena<T> {}
// SAFETY: a shared arena gives out shared references only.
unsafe impl<T: Sync> Sync for Arena<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::sync::Arc;

    #[test]
    fn entities_keep_their_place_and_are_dropped() {
        let value = Arc::new(());
        let mut arena = Arena::new();
        let first = arena.push((0, value.clone())).expect("memory");
        let place = arena.pointer(first);
        for number in 1..100 {
            assert_eq!(arena.push((number, value.clone())), Ok(number));
        }
        assert_eq!(arena.pointer(first), place);
        arena.get_mut(7).expect("an entity").0 = 70;
        assert_eq!(arena.get(7).map(|entity| entity.0), Some(70));
        arena.truncate(50);
        assert_eq!((Arc::strong_count(&value), arena.get(50).is_none()), (51, true));
        drop(arena);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
