//! Numbered places that are used again: [`Slab`].

use alloc::collections::TryReserveError;
use alloc::vec::Vec;

/// Values by number; the number of a removed value goes to a later one.
#[derive(Debug)]
pub(crate) struct Slab<T> {
    places: Vec<Place<T>>,
    /// First of the free places, which are linked.
    free: u32,
    len: usize,
}

#[derive(Debug)]
enum Place<T> {
    Free { next: u32 },
    Taken(T),
}

const END: u32 = u32::MAX;

impl<T> Slab<T> {
    /// No values.
    pub(crate) const fn new() -> Self {
        Self { places: Vec::new(), free: END, len: 0 }
    }

    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds a value and returns its number.
    pub(crate) fn insert(&mut self, value: T) -> Result<u32, TryReserveError> {
        let index = self.free;
        match self.places.get_mut(index as usize) {
            Some(place) => {
                if let Place::Free { next } = *place {
                    self.free = next;
                }
                *place = Place::Taken(value);
                self.len += 1;
                Ok(index)
            }
            None => {
                self.places.try_reserve(1)?;
                self.places.push(Place::Taken(value));
                self.len += 1;
                Ok((self.places.len() - 1) as u32)
            }
        }
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, index: u32) -> Option<T> {
        let place = self.places.get_mut(index as usize)?;
        if matches!(place, Place::Free { .. }) {
            return None;
        }
        self.len -= 1;
        match core::mem::replace(place, Place::Free { next: core::mem::replace(&mut self.free, index) }) {
            Place::Taken(value) => Some(value),
            Place::Free { .. } => None,
        }
    }

    /// The value with this number.
    #[inline]
    pub(crate) fn get(&self, index: u32) -> Option<&T> {
        match self.places.get(index as usize)? {
            Place::Taken(value) => Some(value),
            Place::Free { .. } => None,
        }
    }

    /// The value with this number, to be changed.
    #[inline]
    pub(crate) fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        match self.places.get_mut(index as usize)? {
            Place::Taken(value) => Some(value),
            Place::Free { .. } => None,
        }
    }

    /// All values with their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.places.iter().enumerate().filter_map(|(index, place)| match place {
            Place::Taken(value) => Some((index as u32, value)),
            Place::Free { .. } => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_used_again() {
        let mut slab = Slab::new();
        let numbers = [0, 1, 2].map(|value| slab.insert(value).expect("memory"));
        assert_eq!(slab.remove(numbers[1]), Some(1));
        assert_eq!(slab.remove(numbers[1]), None);
        assert_eq!((slab.get(numbers[1]), slab.len()), (None, 2));
        assert_eq!(slab.insert(3), Ok(numbers[1]));
        assert_eq!(slab.iter().map(|(_, value)| *value).collect::<Vec<_>>(), [0, 3, 2]);
    }
}
