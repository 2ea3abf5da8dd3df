//! The one mutual-exclusion primitive of the crate, with and without an operating system.
//!
//! [`Lock`] is `std::sync::Mutex` under the feature `std` and a one-byte spin lock otherwise: on a single-core target it
//! is taken and left without ever spinning, because nothing that runs under it yields. Assumes that, without `std`, no
//! interrupt handler enters the engine (documented in `lib.rs`); promises that a panic under the lock does not wedge it.

#[cfg(feature = "std")]
mod imp {
    use std::sync::{Mutex, PoisonError};

    /// A value that one caller at a time may change.
    #[derive(Debug, Default)]
    pub(crate) struct Lock<T>(Mutex<T>);

    impl<T> Lock<T> {
        /// A lock around `value`.
        pub(crate) const fn new(value: T) -> Self {
            Self(Mutex::new(value))
        }

        /// Runs `body` with the value; callers keep the body short and never nest two locks.
        pub(crate) fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
            // A poisoned value is still used: the bodies of this crate keep their invariants at every point of unwinding.
            body(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }
}

#[cfg(not(feature = "std"))]
mod imp {
    use core::cell::UnsafeCell;
    use core::sync::atomic::{AtomicBool, Ordering};

    /// A value that one caller at a time may change.
    #[derive(Debug, Default)]
    pub(crate) struct Lock<T> {
        held: AtomicBool,
        value: UnsafeCell<T>,
    }

    // SAFETY: the value is reached only in `with`, by whoever changed `held` from false to true.
    #[allow(unsafe_code, reason = "a lock without an operating system cannot be written in safe Rust")]
    unsafe impl<T: Send> Sync for Lock<T> {}

    /// Leaves the lock, also while unwinding.
    struct Held<'a>(&'a AtomicBool);

    impl Drop for Held<'_> {
        fn drop(&mut self) {
            self.0.store(false, Ordering::Release);
        }
    }

    impl<T> Lock<T> {
        /// A lock around `value`.
        pub(crate) const fn new(value: T) -> Self {
            Self { held: AtomicBool::new(false), value: UnsafeCell::new(value) }
        }

        /// Runs `body` with the value; callers keep the body short and never nest two locks.
        pub(crate) fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
            while self.held.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
                core::hint::spin_loop();
            }
            let _held = Held(&self.held);
            // SAFETY: `held` was false and is ours until `_held` is dropped, after `body` has returned or unwound.
            #[allow(unsafe_code, reason = "see the `Sync` implementation")]
            body(unsafe { &mut *self.value.get() })
        }
    }
}

pub(crate) use imp::Lock;

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;

    use super::Lock;

    #[test]
    fn threads_take_turns() {
        let lock = Lock::new(0u32);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..10_000).for_each(|_| lock.with(|value| *value += 1)));
            }
        });
        assert_eq!(lock.with(|value| *value), 40_000);
    }

    #[test]
    fn a_panic_leaves_the_lock() {
        let lock = Lock::new(1);
        assert!(catch_unwind(AssertUnwindSafe(|| lock.with(|_| panic!("inside")))).is_err());
        assert_eq!(lock.with(|value| *value), 1);
    }
}
