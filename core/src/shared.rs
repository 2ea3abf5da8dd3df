//! [`Shared`]: a counted pointer whose making can fail.
//!
//! `Arc::new` aborts when memory runs out, and there is no other way to make an `Arc`. What is made while guests run is
//! therefore counted here. Nothing but what this crate needs: no weak pointers, no unsized values.

#![allow(unsafe_code, reason = "a counted pointer cannot be written in safe Rust; I11 in docs/invariants.md")]

use alloc::boxed::Box;
use alloc::collections::TryReserveError;
use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering, fence};

use crate::runtime::try_box;

/// Shared ownership of a value, between threads too.
pub(crate) struct Shared<T> {
    counted: NonNull<Counted<T>>,
    owns: PhantomData<Counted<T>>,
}

struct Counted<T> {
    /// How many [`Shared`]s there are.
    owners: AtomicUsize,
    value: T,
}

impl<T> Shared<T> {
    /// A shared value, or an error where `Arc::new` would abort.
    pub(crate) fn try_new(value: T) -> Result<Self, TryReserveError> {
        let counted = try_box(Counted { owners: AtomicUsize::new(1), value })?;
        Ok(Self { counted: NonNull::from(Box::leak(counted)), owns: PhantomData })
    }

    /// Whether both are the same value, not just equal ones.
    pub(crate) fn ptr_eq(a: &Self, b: &Self) -> bool {
        a.counted == b.counted
    }

    fn counted(&self) -> &Counted<T> {
        // SAFETY: I11 — it lives as long as a `Shared` does.
        unsafe { self.counted.as_ref() }
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.counted().value
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        let owners = &self.counted().owners;
        // A new owner is made from an old one, so nobody is told anything by the count. It can reach half of its range only
        // if owners are forgotten again and again, which is the embedder's mistake and must not make it wrap.
        if owners.fetch_add(1, Ordering::Relaxed) > usize::MAX / 2 {
            owners.fetch_sub(1, Ordering::Relaxed);
            panic!("too many owners of one value");
        }
        Self { counted: self.counted, owns: PhantomData }
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        if self.counted().owners.fetch_sub(1, Ordering::Release) != 1 {
            return;
        }
        // What other owners did to the value comes before its end.
        fence(Ordering::Acquire);
        // SAFETY: I11 — it came from a box, and this was the last owner.
        drop(unsafe { Box::from_raw(self.counted.as_ptr()) });
    }
}

// SAFETY: I11 — owners on several threads share the value, and the last one, on any thread, drops it.
unsafe impl<T: Send + Sync> Send for Shared<T> {}
// SAFETY: as for `Send`: whoever has a `&Shared` can clone it.
unsafe impl<T: Send + Sync> Sync for Shared<T> {}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::sync::Arc;

    #[test]
    fn the_last_owner_drops_the_value() {
        let value = Arc::new(5);
        let first = Shared::try_new(value.clone()).expect("memory");
        let second = first.clone();
        assert!(Shared::ptr_eq(&first, &second));
        assert!(!Shared::ptr_eq(&first, &Shared::try_new(value.clone()).expect("memory")));
        drop(first);
        assert_eq!((**second, Arc::strong_count(&value)), (5, 2));
        drop(second);
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[cfg(feature = "std")]
    #[test]
    fn owners_may_be_on_many_threads() {
        let value = Arc::new(());
        let shared = Shared::try_new(value.clone()).expect("memory");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let mine = shared.clone();
                scope.spawn(move || (0..100).for_each(|_| drop(mine.clone())));
            }
        });
        assert_eq!(Arc::strong_count(&value), 2);
        drop(shared);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
