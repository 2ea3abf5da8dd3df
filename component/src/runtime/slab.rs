//! Numbered places that are used again.

use alloc::vec::Vec;

use whit_core::Error;

/// Values by number; the number of a removed value goes to a later one.
pub(crate) struct Slab<V> {
    places: Vec<Option<V>>,
    free: Vec<u32>,
}

impl<V> Default for Slab<V> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<V> Slab<V> {
    /// Adds a value and returns its number.
    pub(crate) fn insert(&mut self, value: V) -> Result<u32, Error> {
        if let Some(index) = self.free.pop() {
            self.places[index as usize] = Some(value);
            return Ok(index);
        }
        self.places.try_reserve(1)?;
        // So that removing never allocates.
        self.free.try_reserve(self.places.len() + 1)?;
        self.places.push(Some(value));
        Ok(self.places.len() as u32 - 1)
    }

    /// A value.
    #[inline]
    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut V> {
        self.places.get_mut(index as usize)?.as_mut()
    }

    /// Drops a value.
    pub(crate) fn discard(&mut self, index: u32) {
        if let Some(place) = self.places.get_mut(index as usize)
            && place.is_some()
        {
            *place = None;
            self.free.push(index);
        }
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, index: u32) -> Option<V> {
        let taken = self.places.get_mut(index as usize)?.take();
        if taken.is_some() {
            self.free.push(index);
        }
        taken
    }
}
