//! The handle table of a component instance: what guest code knows by small integers ("Table State" of the Canonical ABI).
//!
//! One table for everything that has a handle, since guests can tell indices apart and tests assert exact ones: indices begin at 1, and
//! the one freed last is given out first.

use alloc::vec::Vec;

use super::resource::{Hold, ResourceHandle};
use super::task::TaskId;
use super::trap::RuntimeTrap;

/// How many places for handles the tables of a store have, and may have; a place, once there, is used again and stays.
///
/// The canonical ABI packs indices into 28 bits, which would be gigabytes for each instance that a guest can make.
#[derive(Debug)]
pub(crate) struct Room {
    taken: u32,
    pub limit: u32,
}

impl Default for Room {
    fn default() -> Self {
        Self { taken: 0, limit: 1 << 20 }
    }
}

impl Room {
    /// Takes up one place.
    pub(crate) fn take(&mut self) -> Result<(), RuntimeTrap> {
        if self.taken >= self.limit {
            return Err(RuntimeTrap::TooManyHandles);
        }
        self.taken += 1;
        Ok(())
    }
}

/// Something that a handle stands for.
#[derive(Debug)]
pub(crate) enum Handle {
    /// A resource, owned or borrowed.
    Resource(ResourceHandle),
}

#[derive(Debug)]
enum Place {
    Free { next: u32 },
    Taken(Handle),
}

/// A table of handles.
#[derive(Debug, Default)]
pub(crate) struct HandleTable {
    /// The handle with index `i` is at `i - 1`.
    places: Vec<Place>,
    /// The index freed last, or 0.
    free: u32,
}

impl HandleTable {
    /// Adds a handle ("Table.add").
    pub(crate) fn add(&mut self, handle: Handle, room: &mut Room) -> Result<u32, whit_core::Error> {
        if let Some(place) = self.places.get_mut((self.free as usize).wrapping_sub(1)) {
            let index = self.free;
            if let Place::Free { next } = *place {
                self.free = next;
            }
            *place = Place::Taken(handle);
            return Ok(index);
        }
        self.places.try_reserve(1)?;
        room.take()?;
        self.places.push(Place::Taken(handle));
        Ok(self.places.len() as u32)
    }

    /// What an index stands for ("Table.get").
    pub(crate) fn get_mut(&mut self, index: u32) -> Result<&mut Handle, RuntimeTrap> {
        match self.places.get_mut((index as usize).wrapping_sub(1)) {
            Some(Place::Taken(handle)) => Ok(handle),
            _ => Err(RuntimeTrap::UnknownHandle(index)),
        }
    }

    /// Takes a handle out ("Table.remove").
    pub(crate) fn remove(&mut self, index: u32) -> Result<Handle, RuntimeTrap> {
        let place = self.places.get_mut((index as usize).wrapping_sub(1));
        let Some(place) = place.filter(|place| matches!(place, Place::Taken(_))) else {
            return Err(RuntimeTrap::UnknownHandle(index));
        };
        let taken = core::mem::replace(place, Place::Free { next: self.free });
        self.free = index;
        match taken {
            Place::Taken(handle) => Ok(handle),
            Place::Free { .. } => Err(RuntimeTrap::UnknownHandle(index)),
        }
    }

    /// Takes out every handle that is borrowed for a task, which has not begun: nobody has lent one on.
    pub(crate) fn end_borrows(&mut self, task: TaskId) {
        for index in 1..=self.places.len() as u32 {
            let hold = self.resource(index).map(|resource| &resource.hold);
            if matches!(hold, Ok(Hold::Borrow { scope, .. }) if *scope == task) {
                // It is there.
                let _ = self.remove(index);
            }
        }
    }

    /// The resource that an index stands for.
    pub(crate) fn resource(&mut self, index: u32) -> Result<&mut ResourceHandle, RuntimeTrap> {
        let Handle::Resource(handle) = self.get_mut(index)?;
        Ok(handle)
    }
}

#[cfg(test)]
mod tests {
    use super::super::resource::ResourceTypeId;
    use super::*;

    fn handle(rep: u32) -> Handle {
        Handle::Resource(ResourceHandle::own(ResourceTypeId(0), rep))
    }

    #[test]
    fn indices_begin_at_one_and_the_last_freed_is_used_first() {
        let (mut table, room) = (HandleTable::default(), &mut Room { taken: 0, limit: 5 });
        let indices: Vec<u32> = (0..4).map(|rep| table.add(handle(rep), room).unwrap()).collect();
        assert_eq!(indices, [1, 2, 3, 4]);
        table.remove(2).unwrap();
        table.remove(4).unwrap();
        assert_eq!(table.add(handle(5), room).unwrap(), 4);
        assert_eq!(table.add(handle(6), room).unwrap(), 2);
        assert_eq!(table.add(handle(7), room).unwrap(), 5);
        let full = table.add(handle(8), room).unwrap_err();
        assert_eq!(full.downcast_ref(), Some(&RuntimeTrap::TooManyHandles));
        table.remove(1).unwrap();
        assert_eq!(table.add(handle(8), room).unwrap(), 1);
    }

    #[test]
    fn the_borrows_of_a_task_end_together_and_nothing_else_does() {
        let (mut table, room) = (HandleTable::default(), &mut Room::default());
        let borrow = |task| Handle::Resource(ResourceHandle::borrow(ResourceTypeId(0), 0, TaskId(task)));
        for entry in [handle(0), borrow(1), borrow(2), handle(0), borrow(1)] {
            table.add(entry, room).unwrap();
        }
        table.end_borrows(TaskId(1));
        let is_there: Vec<bool> = (1..=5).map(|index| table.get_mut(index).is_ok()).collect();
        assert_eq!(is_there, [true, false, true, true, false]);
    }

    #[test]
    fn no_index_but_those_given_out_is_known() {
        let mut table = HandleTable::default();
        table.add(handle(0), &mut Room::default()).unwrap();
        table.remove(1).unwrap();
        for index in [0, 1, 2, u32::MAX] {
            assert_eq!(table.get_mut(index).unwrap_err(), RuntimeTrap::UnknownHandle(index));
            assert_eq!(table.remove(index).unwrap_err(), RuntimeTrap::UnknownHandle(index));
        }
    }
}
