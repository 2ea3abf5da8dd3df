//! Resources of guests in the hands of the host.
//!
//! What the host knows one by is a place and the number of the place's use, so that a handle kept for too long finds nothing. The number is
//! never zero: representations of the host's own resources, which pass the same way, have 32 bits and can be told from it.

use alloc::vec::Vec;

use whit_core::Error;

use super::handle::Room;
use super::resource::ResourceTypeId;
use crate::abi::context::Handle;
use crate::resource_any::ResourceError;

/// A resource that the host holds.
#[derive(Debug)]
pub(crate) struct Held {
    /// The type of the resource.
    pub ty: ResourceTypeId,
    /// What it is to the guest that implements it.
    pub rep: u32,
    /// Whether the host owns it, or has it for the duration of a call.
    pub is_owned: bool,
    /// Calls in progress that have a borrow of it.
    lends: u32,
}

/// What the host holds.
#[derive(Default)]
pub(crate) struct HeldResources {
    places: Vec<Place>,
    free: Vec<u32>,
}

struct Place {
    held: Option<Held>,
    /// From 1 on.
    uses: u32,
}

impl HeldResources {
    /// Adds a resource.
    pub(crate) fn add(
        &mut self,
        ty: ResourceTypeId,
        rep: u32,
        is_owned: bool,
        room: &mut Room,
    ) -> Result<Handle, Error> {
        let held = Held { ty, rep, is_owned, lends: 0 };
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                self.places.try_reserve(1)?;
                // So that removing never allocates.
                self.free.try_reserve(self.places.len() + 1)?;
                room.take()?;
                self.places.push(Place { held: None, uses: 0 });
                self.places.len() as u32 - 1
            }
        };
        let place = &mut self.places[index as usize];
        place.uses += 1;
        place.held = Some(held);
        Ok(Handle(u64::from(place.uses) << 32 | u64::from(index)))
    }

    /// What a handle stands for.
    pub(crate) fn get_mut(&mut self, handle: Handle) -> Result<&mut Held, ResourceError> {
        let uses = (handle.0 >> 32) as u32;
        if uses == 0 {
            return Err(ResourceError::OfTheHost);
        }
        let place = self.places.get_mut(handle.0 as u32 as usize).filter(|place| place.uses == uses);
        place.and_then(|place| place.held.as_mut()).ok_or(ResourceError::NotHeld)
    }

    /// Takes a resource out.
    pub(crate) fn remove(&mut self, handle: Handle) -> Result<Held, ResourceError> {
        if self.get_mut(handle)?.lends > 0 {
            return Err(ResourceError::Lent);
        }
        let index = handle.0 as u32;
        let place = &mut self.places[index as usize];
        // A place whose uses cannot be counted any further is not used again.
        if place.uses < u32::MAX {
            self.free.push(index);
        }
        place.held.take().ok_or(ResourceError::NotHeld)
    }

    /// A call has a borrow of it from now on.
    pub(crate) fn lend(&mut self, handle: Handle) -> Result<(), ResourceError> {
        self.get_mut(handle)?.lends += 1;
        Ok(())
    }

    /// The call that these were lent for has ended.
    pub(crate) fn end_lending(&mut self, lent: &[Handle]) {
        for handle in lent {
            // It is there: what is lent cannot be removed.
            if let Ok(held) = self.get_mut(*handle) {
                held.lends -= 1;
            }
        }
    }

    /// The call that the host had these for has ended.
    pub(crate) fn end_borrows(&mut self, borrowed: &[Handle]) {
        for handle in borrowed {
            // The host may have dropped it already.
            let _ = self.remove(*handle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_kept_too_long_finds_nothing() {
        let mut held = HeldResources::default();
        let first = held.add(ResourceTypeId(0), 7, true, &mut Room::default()).unwrap();
        assert_eq!(held.remove(first).unwrap().rep, 7);
        let second = held.add(ResourceTypeId(0), 8, true, &mut Room::default()).unwrap();
        assert_eq!(first.0 as u32, second.0 as u32);
        for stale in [first, Handle(1 << 32 | 5), Handle(u64::MAX)] {
            assert_eq!(held.get_mut(stale).unwrap_err(), ResourceError::NotHeld);
            assert_eq!(held.remove(stale).unwrap_err(), ResourceError::NotHeld);
        }
        assert_eq!(held.get_mut(Handle(0)).unwrap_err(), ResourceError::OfTheHost);
        assert_eq!(held.remove(second).unwrap().rep, 8);
    }

    #[test]
    fn what_is_lent_stays() {
        let mut held = HeldResources::default();
        let handle = held.add(ResourceTypeId(0), 7, true, &mut Room::default()).unwrap();
        held.lend(handle).unwrap();
        held.lend(handle).unwrap();
        held.end_lending(&[handle]);
        assert_eq!(held.remove(handle).unwrap_err(), ResourceError::Lent);
        held.end_lending(&[handle]);
        assert!(held.remove(handle).is_ok());
    }
}
