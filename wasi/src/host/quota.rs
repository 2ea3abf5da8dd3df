//! How many of something a context may hold at a time, whoever holds it.
//!
//! A table of handles bounds what one guest names; this bounds what the host keeps for it: sockets, name lookups,
//! descriptors. [`Quota::take`] is asked before anything is opened, and what it gives lives as long as what was opened.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A bound on a number of things. Clones share it.
#[derive(Clone, Debug)]
pub struct Quota {
    counter: Arc<Counter>,
}

#[derive(Debug)]
struct Counter {
    limit: u32,
    held: AtomicU32,
}

/// One of the things that a [`Quota`] bounds; dropping it makes room for another.
#[derive(Debug)]
pub struct Held {
    counter: Arc<Counter>,
}

impl Quota {
    /// Room for `limit` things.
    pub fn new(limit: u32) -> Self {
        Quota { counter: Arc::new(Counter { limit, held: AtomicU32::new(0) }) }
    }

    /// Room for one more, or `None` at the limit.
    pub fn take(&self) -> Option<Held> {
        let counter = &self.counter;
        let more = |held: u32| (held < counter.limit).then_some(held + 1);
        counter.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Held { counter: counter.clone() })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.counter.held.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_comes_back_when_something_is_dropped_and_clones_share_it() {
        let quota = Quota::new(2);
        let (first, second) = (quota.take(), quota.clone().take());
        assert!(first.is_some() && second.is_some() && quota.take().is_none());
        drop(first);
        let third = quota.take();
        assert!(third.is_some() && quota.take().is_none());
        assert!(Quota::new(0).take().is_none());
    }
}
