//! Reading and writing packed data: single elements by width, and arrays in bulk.
//!
//! Data lie as in a little-endian memory: element n of an array starts n element sizes after the header, the lowest byte
//! first, in words that are numbers to the host, whatever its byte order. A range that an array does not have is
//! [`AccessError::OutOfBounds`] before anything is written; an element width that is not the array's is `Invalid`.

use core::ops::Range;

use super::{AccessError, Handle, Heap, Kind, array_words};

/// The bits of a field or an element: 1, 2, 4, 8 or 16 bytes.
pub(crate) trait Packed: Copy + Sized {
    /// Size in bytes as a power of two.
    const LOG2: u32;

    /// The value at a byte offset, which is a multiple of the size (of 8 for 16 bytes).
    fn load(words: &[u64], offset: usize) -> Option<Self>;

    /// Writes at a byte offset, which is a multiple of the size (of 8 for 16 bytes).
    fn store(self, words: &mut [u64], offset: usize) -> Option<()>;

    /// The value in every element of a word.
    fn splat(self) -> u64;
}

macro_rules! packed {
    ($($int:ty = $log2:literal),*) => {$(
        impl Packed for $int {
            const LOG2: u32 = $log2;

            #[inline]
            fn load(words: &[u64], offset: usize) -> Option<Self> {
                Some((*words.get(offset / 8)? >> (offset % 8 * 8)) as Self)
            }

            #[inline]
            fn store(self, words: &mut [u64], offset: usize) -> Option<()> {
                let (word, shift) = (words.get_mut(offset / 8)?, offset % 8 * 8);
                *word = *word & !(u64::from(<$int>::MAX) << shift) | u64::from(self) << shift;
                Some(())
            }

            fn splat(self) -> u64 {
                u64::MAX / u64::from(<$int>::MAX) * u64::from(self)
            }
        }
    )*};
}

packed!(u8 = 0, u16 = 1, u32 = 2, u64 = 3);

impl Packed for u128 {
    const LOG2: u32 = 4;

    #[inline]
    fn load(words: &[u64], offset: usize) -> Option<Self> {
        match words.get(offset / 8..)? {
            [low, high, ..] => Some(u128::from(*low) | u128::from(*high) << 64),
            _ => None,
        }
    }

    #[inline]
    fn store(self, words: &mut [u64], offset: usize) -> Option<()> {
        match words.get_mut(offset / 8..)? {
            [low, high, ..] => {
                (*low, *high) = (self as u64, (self >> 64) as u64);
                Some(())
            }
            _ => None,
        }
    }

    /// Only the low half: a vector is not smaller than a word.
    fn splat(self) -> u64 {
        self as u64
    }
}

/// Where the elements of an array lie.
struct Elements {
    payload: Range<usize>,
    length: u32,
    log2: u32,
}

impl Elements {
    /// The bytes of `count` elements from `index`, counted from the payload's start.
    fn bytes(&self, index: u32, count: u32) -> Result<Range<usize>, AccessError> {
        let end = u64::from(index) + u64::from(count);
        if end > u64::from(self.length) {
            return Err(AccessError::OutOfBounds);
        }
        Ok((index as usize) << self.log2..(end as usize) << self.log2)
    }
}

impl Heap {
    /// `array.len`.
    #[inline]
    pub(crate) fn array_len(&self, array: Handle) -> Result<u32, AccessError> {
        Ok(self.object_of(array, Kind::Array)?.1.high())
    }

    /// The size of an element in bytes, as a power of two.
    pub(crate) fn array_element_log2(&self, array: Handle) -> Result<u32, AccessError> {
        Ok(self.object_of(array, Kind::Array)?.1.element_log2())
    }

    /// An element.
    #[inline]
    pub(crate) fn array_get<T: Packed>(&self, array: Handle, index: u32) -> Result<T, AccessError> {
        let elements = self.elements_as::<T>(array)?;
        if index >= elements.length {
            return Err(AccessError::OutOfBounds);
        }
        let payload = self.space.words.get(elements.payload);
        payload.and_then(|payload| T::load(payload, (index as usize) << T::LOG2)).ok_or(AccessError::Invalid)
    }

    /// Sets an element.
    #[inline]
    pub(crate) fn array_set<T: Packed>(&mut self, array: Handle, index: u32, value: T) -> Result<(), AccessError> {
        let elements = self.elements_as::<T>(array)?;
        if index >= elements.length {
            return Err(AccessError::OutOfBounds);
        }
        let payload = self.space.words.get_mut(elements.payload);
        payload.and_then(|payload| value.store(payload, (index as usize) << T::LOG2)).ok_or(AccessError::Invalid)
    }

    /// An element of any width, zero-extended.
    pub(crate) fn array_value(&self, array: Handle, index: u32) -> Result<u128, AccessError> {
        match self.array_element_log2(array)? {
            0 => self.array_get::<u8>(array, index).map(u128::from),
            1 => self.array_get::<u16>(array, index).map(u128::from),
            2 => self.array_get::<u32>(array, index).map(u128::from),
            3 => self.array_get::<u64>(array, index).map(u128::from),
            _ => self.array_get::<u128>(array, index),
        }
    }

    /// Sets an element of any width to the low bits of `value`.
    pub(crate) fn set_array_value(&mut self, array: Handle, index: u32, value: u128) -> Result<(), AccessError> {
        match self.array_element_log2(array)? {
            0 => self.array_set(array, index, value as u8),
            1 => self.array_set(array, index, value as u16),
            2 => self.array_set(array, index, value as u32),
            3 => self.array_set(array, index, value as u64),
            _ => self.array_set(array, index, value),
        }
    }

    /// `array.fill`: sets `count` elements to the low bits of `value`.
    pub(crate) fn array_fill(&mut self, array: Handle, index: u32, value: u128, count: u32) -> Result<(), AccessError> {
        match self.array_element_log2(array)? {
            0 => self.fill(array, index, value as u8, count),
            1 => self.fill(array, index, value as u16, count),
            2 => self.fill(array, index, value as u32, count),
            3 => self.fill(array, index, value as u64, count),
            _ => self.fill(array, index, value, count),
        }
    }

    fn fill<T: Packed>(&mut self, array: Handle, index: u32, value: T, count: u32) -> Result<(), AccessError> {
        let elements = self.elements_as::<T>(array)?;
        let bytes = elements.bytes(index, count)?;
        let payload = self.space.words.get_mut(elements.payload).ok_or(AccessError::Invalid)?;
        if T::LOG2 == 4 {
            return bytes.step_by(16).try_for_each(|at| value.store(payload, at)).ok_or(AccessError::Invalid);
        }
        // Elements up to a word boundary, whole words, the elements left.
        let words_start = bytes.start.next_multiple_of(8).min(bytes.end);
        let words_end = (bytes.end / 8 * 8).max(words_start);
        let edges =
            (bytes.start..words_start).step_by(1 << T::LOG2).chain((words_end..bytes.end).step_by(1 << T::LOG2));
        edges.map(|at| value.store(payload, at)).collect::<Option<()>>().ok_or(AccessError::Invalid)?;
        if let Some(words) = payload.get_mut(words_start / 8..words_end / 8) {
            words.fill(value.splat());
        }
        Ok(())
    }

    /// `array.copy`: `count` elements from one array to another or the same, as if all were read before one is written.
    pub(crate) fn array_copy(
        &mut self,
        to: Handle,
        to_index: u32,
        from: Handle,
        from_index: u32,
        count: u32,
    ) -> Result<(), AccessError> {
        let (target, source) = (self.elements(to)?, self.elements(from)?);
        if target.log2 != source.log2 {
            return Err(AccessError::Invalid);
        }
        let target_bytes = target.bytes(to_index, count)?;
        let source_bytes = source.bytes(from_index, count)?;
        let to = target.payload.start * 8 + target_bytes.start;
        let from = source.payload.start * 8 + source_bytes.start;
        copy_bytes(&mut self.space.words, to, from, source_bytes.len(), target.log2).ok_or(AccessError::Invalid)
    }

    /// `array.init_data`, `array.new_data`: the elements from `index` become `bytes`, whose number is a multiple of the
    /// element size.
    pub(crate) fn array_write_bytes(&mut self, array: Handle, index: u32, bytes: &[u8]) -> Result<(), AccessError> {
        let elements = self.elements(array)?;
        let count = u32::try_from(bytes.len() >> elements.log2).map_err(|_| AccessError::OutOfBounds)?;
        let place = elements.bytes(index, count)?;
        if place.len() != bytes.len() {
            return Err(AccessError::Invalid);
        }
        let payload = self.space.words.get_mut(elements.payload).ok_or(AccessError::Invalid)?;
        let head = (place.start.next_multiple_of(8) - place.start).min(bytes.len());
        let (head, rest) = bytes.split_at(head);
        let mut at = place.start;
        for byte in head {
            byte.store(payload, at).ok_or(AccessError::Invalid)?;
            at += 1;
        }
        let mut chunks = rest.chunks_exact(8);
        for chunk in &mut chunks {
            let word = chunk.try_into().map(u64::from_le_bytes).map_err(|_| AccessError::Invalid)?;
            word.store(payload, at).ok_or(AccessError::Invalid)?;
            at += 8;
        }
        for byte in chunks.remainder() {
            byte.store(payload, at).ok_or(AccessError::Invalid)?;
            at += 1;
        }
        Ok(())
    }

    /// Copies elements from `index` out as little-endian bytes; as many as `bytes` has room for.
    #[cfg(test)]
    pub(crate) fn array_read_bytes(&self, array: Handle, index: u32, bytes: &mut [u8]) -> Result<(), AccessError> {
        let elements = self.elements(array)?;
        let count = u32::try_from(bytes.len() >> elements.log2).map_err(|_| AccessError::OutOfBounds)?;
        let place = elements.bytes(index, count)?;
        let payload = self.space.words.get(elements.payload).ok_or(AccessError::Invalid)?;
        for (byte, at) in bytes.iter_mut().zip(place) {
            *byte = u8::load(payload, at).ok_or(AccessError::Invalid)?;
        }
        Ok(())
    }

    /// `array.init_elem`, `array.new_fixed`: the elements from `index` become the low bits of the values.
    pub(crate) fn array_write_values(
        &mut self,
        array: Handle,
        index: u32,
        values: impl ExactSizeIterator<Item = u128>,
    ) -> Result<(), AccessError> {
        let count = u32::try_from(values.len()).map_err(|_| AccessError::OutOfBounds)?;
        self.elements(array)?.bytes(index, count)?;
        (index..).zip(values).try_for_each(|(index, value)| self.set_array_value(array, index, value))
    }

    #[inline]
    fn elements(&self, array: Handle) -> Result<Elements, AccessError> {
        let (index, header) = self.object_of(array, Kind::Array)?;
        let (length, log2) = (header.high(), header.element_log2());
        Ok(Elements { payload: index + 1..index + 1 + array_words(length, log2) as usize, length, log2 })
    }

    #[inline]
    fn elements_as<T: Packed>(&self, array: Handle) -> Result<Elements, AccessError> {
        let elements = self.elements(array)?;
        if elements.log2 == T::LOG2 { Ok(elements) } else { Err(AccessError::Invalid) }
    }
}

/// Copies `count` bytes, a number of elements of 2^`log2` bytes, between places that may overlap.
fn copy_bytes(words: &mut [u64], to: usize, from: usize, count: usize, log2: u32) -> Option<()> {
    words.get(..(to.max(from) + count).div_ceil(8))?;
    if to % 8 != from % 8 {
        // Elements at different places of their words move one by one.
        let step = 1 << log2;
        let copy = |at: usize| match log2 {
            0 => u8::load(words, from + at)?.store(words, to + at),
            1 => u16::load(words, from + at)?.store(words, to + at),
            _ => u32::load(words, from + at)?.store(words, to + at),
        };
        return if to <= from {
            (0..count).step_by(step).map(copy).collect()
        } else {
            (0..count).step_by(step).rev().try_for_each(copy)
        };
    }
    // Whole words in the middle, partial ones merged at the edges; read before anything is written.
    let head = ((8 - to % 8) % 8).min(count);
    let middle = (count - head) / 8;
    let tail = count - head - middle * 8;
    let merge = |old: u64, new: u64, first: usize, len: usize| {
        let mask = ((1u64 << (len * 8)) - 1) << (first * 8);
        old & !mask | new & mask
    };
    let (head_word, tail_word) = (words.get(from / 8).copied(), words.get((from + head) / 8 + middle).copied());
    let (to_word, from_word) = ((to + head) / 8, (from + head) / 8);
    words.copy_within(from_word..from_word + middle, to_word);
    if head > 0 {
        let word = words.get_mut(to / 8)?;
        *word = merge(*word, head_word?, to % 8, head);
    }
    if tail > 0 {
        let word = words.get_mut(to_word + middle)?;
        *word = merge(*word, tail_word?, 0, tail);
    }
    Some(())
}
