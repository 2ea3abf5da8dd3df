//! The references that the host holds: slots that the collector visits.
//!
//! Two kinds. Scoped roots form a stack that is cut back when a host call ends; owned roots live until they are given
//! back. A [`RootIndex`] carries the generation of its slot, so one that outlived its root is recognised, not confused
//! with a later one.

use alloc::vec::Vec;

use super::{Handle, Heap, HeapError};

/// Names a root of one heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RootIndex {
    index: u32,
    scoped: bool,
    generation: u64,
}

/// How many scoped roots there were; see [`Heap::enter_scope`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct RootScope(usize);

#[derive(Debug, Default)]
pub(super) struct Roots {
    scoped: Vec<Slot>,
    owned: Vec<Slot>,
    /// First free slot of `owned`; free slots are linked through `handle`.
    free: Option<u32>,
    /// Grows whenever a root goes.
    generation: u64,
}

#[derive(Debug)]
struct Slot {
    handle: Handle,
    /// Of the root in this slot; `FREE` if there is none.
    generation: u64,
}

const FREE: u64 = u64::MAX;

/// Ends the list of free slots.
const END: u32 = u32::MAX;

impl Roots {
    /// Bytes that the tables take.
    pub(super) fn bytes(&self) -> usize {
        (self.scoped.capacity() + self.owned.capacity()) * size_of::<Slot>()
    }

    pub(super) fn for_each(&self, mut visit: impl FnMut(Handle)) {
        let live = |slot: &&Slot| slot.generation != FREE;
        self.scoped.iter().chain(self.owned.iter().filter(live)).for_each(|slot| visit(slot.handle));
    }

    fn slot(&self, root: RootIndex) -> Option<&Slot> {
        let slots = if root.scoped { &self.scoped } else { &self.owned };
        slots.get(root.index as usize).filter(|slot| slot.generation == root.generation)
    }
}

impl Heap {
    /// Starts a scope: [`exit_scope`](Self::exit_scope) drops the scoped roots made since.
    pub(crate) fn enter_scope(&self) -> RootScope {
        RootScope(self.roots.scoped.len())
    }

    /// Drops the scoped roots made since the scope was entered.
    pub(crate) fn exit_scope(&mut self, scope: RootScope) {
        if scope.0 < self.roots.scoped.len() {
            self.roots.scoped.truncate(scope.0);
            self.roots.generation += 1;
        }
    }

    /// Keeps the object behind a reference until the present scope is left.
    pub(crate) fn root_scoped(&mut self, handle: Handle) -> Result<RootIndex, HeapError> {
        let reserved = self.reserved_bytes();
        super::reserve_table(&mut self.roots.scoped, self.limit, reserved)?;
        let (index, generation) = (self.roots.scoped.len() as u32, self.roots.generation);
        self.roots.scoped.push(Slot { handle, generation });
        Ok(RootIndex { index, scoped: true, generation })
    }

    /// Keeps the object behind a reference until [`unroot`](Self::unroot).
    pub(crate) fn root(&mut self, handle: Handle) -> Result<RootIndex, HeapError> {
        let generation = self.roots.generation;
        if let Some((index, slot)) = self.roots.free.and_then(|i| Some((i, self.roots.owned.get_mut(i as usize)?))) {
            let next = slot.handle.bits();
            *slot = Slot { handle, generation };
            self.roots.free = Some(next).filter(|next| *next != END);
            return Ok(RootIndex { index, scoped: false, generation });
        }
        let reserved = self.reserved_bytes();
        super::reserve_table(&mut self.roots.owned, self.limit, reserved)?;
        let index = self.roots.owned.len() as u32;
        self.roots.owned.push(Slot { handle, generation });
        Ok(RootIndex { index, scoped: false, generation })
    }

    /// Ends an owned root and returns its reference; `None` if it has ended before or is a scoped one.
    pub(crate) fn unroot(&mut self, root: RootIndex) -> Option<Handle> {
        let handle = self.roots.slot(root).filter(|_| !root.scoped)?.handle;
        let next = self.roots.free.unwrap_or(END);
        self.roots.owned[root.index as usize] = Slot { handle: Handle::from_bits(next), generation: FREE };
        self.roots.free = Some(root.index);
        self.roots.generation += 1;
        Some(handle)
    }

    /// The reference that a root keeps; `None` if the root has ended.
    pub(crate) fn rooted(&self, root: RootIndex) -> Option<Handle> {
        self.roots.slot(root).map(|slot| slot.handle)
    }
}
