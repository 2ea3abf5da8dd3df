//! Executions whose handle was dropped: how a drop reaches its store without the store.
//!
//! An [`Execution`](crate::Execution) shares this with its store and can be dropped on any thread at any time; the store frees the
//! stack when it is next used. Promises that dropping never allocates and that two handles share this exactly if they
//! are of one store.

use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::exec::step::ExecutionAddr;
use crate::sync::Lock;

/// The executions of one store that nobody will resume.
#[derive(Default)]
pub(crate) struct Abandoned {
    list: Lock<List>,
    /// Whether the list may hold anything: spares the lock on every call.
    any: AtomicBool,
}

#[derive(Default)]
struct List {
    executions: Vec<ExecutionAddr>,
    /// Handles alive or listed: for each of them there is room in the list.
    handles: usize,
}

impl Abandoned {
    /// Counts a handle, reserving the room that its drop will need.
    pub(crate) fn register(&self) -> Result<(), Error> {
        self.list.with(|list| {
            let handles = list.handles + 1;
            list.executions.try_reserve(handles.saturating_sub(list.executions.len()))?;
            list.handles = handles;
            Ok(())
        })
    }

    /// Uncounts a handle whose execution the store has freed itself.
    pub(crate) fn unregister(&self) {
        self.list.with(|list| list.handles = list.handles.saturating_sub(1));
    }

    /// Notes that nobody will resume `execution` any more.
    pub(crate) fn add(&self, execution: ExecutionAddr) {
        self.list.with(|list| list.executions.push(execution));
        self.any.store(true, Ordering::Release);
    }

    /// Takes one execution to free.
    #[inline]
    pub(crate) fn take(&self) -> Option<ExecutionAddr> {
        if self.any.load(Ordering::Acquire) { self.take_listed() } else { None }
    }

    #[cold]
    fn take_listed(&self) -> Option<ExecutionAddr> {
        self.list.with(|list| {
            let execution = list.executions.pop();
            match execution {
                Some(_) => list.handles = list.handles.saturating_sub(1),
                // Under the lock: a handle that is added later sets it again.
                None => self.any.store(false, Ordering::Release),
            }
            execution
        })
    }
}

impl fmt::Debug for Abandoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Abandoned")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abandoned_executions_are_taken_once_and_a_drop_never_allocates() {
        let abandoned = Abandoned::default();
        (0..100).for_each(|_| abandoned.register().expect("memory"));
        let capacity = || abandoned.list.with(|list| list.executions.capacity());
        let before = capacity();
        (0..100).for_each(|number| abandoned.add(ExecutionAddr(number)));
        assert_eq!(capacity(), before);
        let mut taken: Vec<u32> = core::iter::from_fn(|| abandoned.take()).map(|addr| addr.0).collect();
        taken.sort_unstable();
        assert_eq!(taken, (0..100).collect::<Vec<_>>());
        assert_eq!(abandoned.list.with(|list| list.handles), 0);
    }

    #[test]
    fn room_is_kept_for_handles_that_are_still_alive() {
        let abandoned = Abandoned::default();
        for number in 0..50 {
            abandoned.register().expect("memory");
            abandoned.register().expect("memory");
            abandoned.unregister();
            abandoned.add(ExecutionAddr(number));
            assert_eq!(abandoned.take(), Some(ExecutionAddr(number)));
            assert_eq!(abandoned.take(), None);
        }
        assert_eq!(abandoned.list.with(|list| list.handles), 0);
    }
}
