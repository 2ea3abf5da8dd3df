//! The part of a store that handles outside of it reach at any time, without the store: which objects the embedder holds, and
//! which executions it has let go.
//!
//! A handle (`ExternRef`, `Execution`, …) owns a share of this and can be cloned, sent and dropped anywhere; the store sees the
//! effect at its next collection or start. Assumes the heap never moves an object, so a root may cache the handle it
//! keeps alive. Promises that dropping never allocates, and that making a root fails with an error when memory is short.

use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::error::Error;
use crate::exec::step::ExecutionAddr;
use crate::shared::Shared;
use crate::sync::Lock;

/// What handles share with their store. Two handles are of one store exactly if they share this.
#[derive(Default)]
pub(crate) struct Handles {
    roots: Lock<Roots>,
    abandoned: Lock<Abandoned>,
    /// Whether `abandoned` holds anything: spares the lock on every call.
    any_abandoned: AtomicBool,
}

/// A slab of counted roots.
struct Roots {
    slots: Vec<RootSlot>,
    /// First free slot, or [`NO_SLOT`].
    free: u32,
}

struct RootSlot {
    /// The object, or the next free slot.
    handle: u32,
    /// How many [`Root`]s name this slot; 0 is free. Sticks at its maximum: such an object is never freed.
    owners: u32,
}

/// Executions whose handle was dropped. Room is reserved while the handle is made.
#[derive(Default)]
struct Abandoned {
    executions: Vec<ExecutionAddr>,
    /// Handles alive: each may still have to be listed.
    live: usize,
}

const NO_SLOT: u32 = u32::MAX;

impl Default for Roots {
    fn default() -> Self {
        Self { slots: Vec::new(), free: NO_SLOT }
    }
}

impl Handles {
    /// Calls `visit` with every object that an embedder's handle keeps alive.
    pub(crate) fn for_each_root(&self, mut visit: impl FnMut(u32)) {
        self.roots.with(|roots| roots.slots.iter().filter(|slot| slot.owners > 0).for_each(|slot| visit(slot.handle)));
    }

    /// Counts an execution handle, reserving the room that its drop will need.
    pub(crate) fn register_execution(&self) -> Result<(), Error> {
        self.abandoned.with(|abandoned| {
            let needed = abandoned.live + 1;
            // `executions` only holds what `live` counts, so its length never exceeds `needed`.
            abandoned.executions.try_reserve(needed.saturating_sub(abandoned.executions.len()))?;
            abandoned.live = needed;
            Ok(())
        })
    }

    /// Uncounts a handle whose execution has been removed already.
    pub(crate) fn unregister_execution(&self) {
        self.abandoned.with(|abandoned| abandoned.live = abandoned.live.saturating_sub(1));
    }

    /// Notes that nobody will resume `execution` any more.
    pub(crate) fn abandon_execution(&self, execution: ExecutionAddr) {
        self.abandoned.with(|abandoned| abandoned.executions.push(execution));
        self.any_abandoned.store(true, Ordering::Release);
    }

    /// Takes one execution that was abandoned.
    #[inline]
    pub(crate) fn take_abandoned(&self) -> Option<ExecutionAddr> {
        if !self.any_abandoned.load(Ordering::Acquire) {
            return None;
        }
        self.take_one_abandoned()
    }

    #[cold]
    fn take_one_abandoned(&self) -> Option<ExecutionAddr> {
        self.abandoned.with(|abandoned| {
            let execution = abandoned.executions.pop();
            match execution {
                Some(_) => abandoned.live = abandoned.live.saturating_sub(1),
                None => self.any_abandoned.store(false, Ordering::Release),
            }
            execution
        })
    }
}

impl fmt::Debug for Handles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handles")
    }
}

/// A counted root: keeps the object named by a heap handle alive in its store.
pub(crate) struct Root {
    handles: Shared<Handles>,
    /// Index into the slab; [`NO_SLOT`] for an unboxed `i31`, which needs no keeping.
    slot: u32,
    handle: u32,
}

impl Root {
    /// Roots `handle`, which is not null.
    pub(crate) fn new(handles: &Shared<Handles>, handle: u32) -> Result<Self, Error> {
        let unboxed = handle & 1 == 1;
        let slot = if unboxed { NO_SLOT } else { handles.roots.with(|roots| roots.insert(handle))? };
        Ok(Self { handles: handles.clone(), slot, handle })
    }

    /// The heap handle.
    pub(crate) fn handle(&self) -> u32 {
        self.handle
    }

    /// Whether the object lives in the store with these handles.
    pub(crate) fn belongs_to(&self, handles: &Shared<Handles>) -> bool {
        Shared::ptr_eq(&self.handles, handles)
    }

    /// Whether both name the same object of the same store.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.handle == other.handle && Shared::ptr_eq(&self.handles, &other.handles)
    }
}

impl Roots {
    fn insert(&mut self, handle: u32) -> Result<u32, Error> {
        let entry = RootSlot { handle, owners: 1 };
        if let Some(slot) = self.slots.get_mut(self.free as usize) {
            let index = self.free;
            self.free = slot.handle;
            *slot = entry;
            return Ok(index);
        }
        let index =
            u32::try_from(self.slots.len()).ok().filter(|&index| index != NO_SLOT).ok_or_else(Error::out_of_memory)?;
        self.slots.try_reserve(1)?;
        self.slots.push(entry);
        Ok(index)
    }
}

impl Clone for Root {
    fn clone(&self) -> Self {
        self.handles.roots.with(|roots| {
            if let Some(slot) = roots.slots.get_mut(self.slot as usize) {
                slot.owners = slot.owners.saturating_add(1);
            }
        });
        Self { handles: self.handles.clone(), slot: self.slot, handle: self.handle }
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        self.handles.roots.with(|roots| {
            let Roots { slots, free } = roots;
            let Some(slot) = slots.get_mut(self.slot as usize) else { return };
            if slot.owners != u32::MAX {
                slot.owners -= 1;
            }
            if slot.owners == 0 {
                slot.handle = *free;
                *free = self.slot;
            }
        });
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.handle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(handles: &Handles) -> Vec<u32> {
        let mut found = Vec::new();
        handles.for_each_root(|handle| found.push(handle));
        found
    }

    #[test]
    fn an_object_is_a_root_until_its_last_handle_goes() {
        let handles = Shared::try_new(Handles::default()).unwrap();
        let first = Root::new(&handles, 8).unwrap();
        let second = first.clone();
        drop(first);
        assert_eq!(roots(&handles), [8]);
        drop(second);
        assert_eq!(roots(&handles), []);
    }

    #[test]
    fn slots_are_used_again() {
        let handles = Shared::try_new(Handles::default()).unwrap();
        for handle in (2..2000).step_by(2) {
            let kept = Root::new(&handles, handle).unwrap();
            let other = Root::new(&handles, handle + 2).unwrap();
            drop(kept);
            assert_eq!(roots(&handles), [handle + 2]);
            drop(other);
        }
        assert_eq!(handles.roots.with(|roots| roots.slots.len()), 2);
    }

    #[test]
    fn unboxed_integers_take_no_slot() {
        let handles = Shared::try_new(Handles::default()).unwrap();
        let root = Root::new(&handles, 7).unwrap();
        let copy = root.clone();
        assert!(root.same(&copy) && copy.handle() == 7);
        assert_eq!(roots(&handles), []);
    }

    #[test]
    fn abandoned_executions_are_taken_once_and_never_allocate_on_drop() {
        let handles = Handles::default();
        for _ in 0..100 {
            handles.register_execution().unwrap();
        }
        let capacity = handles.abandoned.with(|abandoned| abandoned.executions.capacity());
        for number in 0..100 {
            handles.abandon_execution(ExecutionAddr(number));
        }
        assert_eq!(handles.abandoned.with(|abandoned| abandoned.executions.capacity()), capacity);
        let mut taken: Vec<u32> = core::iter::from_fn(|| handles.take_abandoned()).map(|addr| addr.0).collect();
        taken.sort_unstable();
        assert_eq!(taken, (0..100).collect::<Vec<_>>());
        assert!(handles.take_abandoned().is_none());
    }
}
