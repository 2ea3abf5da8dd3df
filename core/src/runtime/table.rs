//! Tables: growable arrays of references.
//!
//! An element is the 32-bit form of a reference: a function address plus one, or a heap handle; 0 is null. Running code
//! gets a table by raw pointer; the methods check bounds as the specification's table instructions do: before any effect.
//! No table has 2^32 elements or more, whatever the width of its indices.

use alloc::vec::Vec;

use crate::trap::TrapCode;
use crate::types::layout::is_traced;
use crate::types::{Limits, StorageType, TableType, Types};

/// A table.
#[derive(Debug)]
pub(crate) struct TableObject {
    elements: Vec<u32>,
    ty: TableType,
    traced: bool,
}

/// A table or a memory could not be made or grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GrowError {
    /// Beyond the maximum of its type, or beyond what the host can address.
    Limit,
    /// The host has no memory left.
    OutOfMemory,
}

impl TableObject {
    /// More elements than this no table has.
    const MAX: u64 = u32::MAX as u64;

    /// A table of the type's minimum size, each element `init`.
    pub(crate) fn new(ty: TableType, init: u32, types: &impl Types) -> Result<Self, GrowError> {
        let is_func = |id| types.defined(id).is_some_and(|ty| ty.sub_type().as_func().is_some());
        let traced = is_traced(StorageType::Val(ty.element().into()), is_func);
        let mut table = Self { elements: Vec::new(), ty, traced };
        table.extend(ty.minimum(), init)?;
        Ok(table)
    }

    /// Its type as declared.
    pub(crate) fn ty(&self) -> TableType {
        self.ty
    }

    /// Its type with the present size as minimum: what importing compares.
    pub(crate) fn current_type(&self) -> TableType {
        let limits = Limits { min: self.elements.len() as u64, max: self.ty.maximum() };
        TableType { limits, ..self.ty }
    }

    /// The size after growing by `delta`, unless that is beyond the type's maximum.
    pub(crate) fn grown_size(&self, delta: u64) -> Result<u64, GrowError> {
        let bound = self.ty.maximum().map_or(Self::MAX, |max| max.min(Self::MAX));
        (self.elements.len() as u64).checked_add(delta).filter(|size| *size <= bound).ok_or(GrowError::Limit)
    }

    /// Adds `delta` elements and returns the size before. Limits of the store have been asked.
    pub(crate) fn grow(&mut self, delta: u64, init: u32) -> Result<u64, GrowError> {
        self.grown_size(delta)?;
        let before = self.elements.len() as u64;
        self.extend(delta, init)?;
        Ok(before)
    }

    fn extend(&mut self, delta: u64, init: u32) -> Result<(), GrowError> {
        let delta = u32::try_from(delta).map_err(|_| GrowError::Limit)? as usize;
        self.elements.try_reserve(delta).map_err(|_| GrowError::OutOfMemory)?;
        self.elements.resize(self.elements.len() + delta, init);
        Ok(())
    }

    /// How many elements there are.
    #[inline(always)]
    pub(crate) fn size(&self) -> u32 {
        self.elements.len() as u32
    }

    /// The element at `index`.
    #[inline(always)]
    pub(crate) fn get(&self, index: u32) -> Option<u32> {
        self.elements.get(index as usize).copied()
    }

    /// Replaces the element at `index`; false if there is none.
    #[inline(always)]
    pub(crate) fn set(&mut self, index: u32, reference: u32) -> bool {
        match self.elements.get_mut(index as usize) {
            Some(element) => {
                *element = reference;
                true
            }
            None => false,
        }
    }

    /// `table.fill`.
    pub(crate) fn fill(&mut self, start: u64, len: u64, reference: u32) -> Result<(), TrapCode> {
        let range = range(start, len, self.elements.len())?;
        self.elements[range].fill(reference);
        Ok(())
    }

    /// `table.init`: `source` is the segment's elements, none if it has been dropped.
    pub(crate) fn init(&mut self, start: u64, source: &[u32], source_start: u64, len: u64) -> Result<(), TrapCode> {
        let from = range(source_start, len, source.len())?;
        let to = range(start, len, self.elements.len())?;
        self.elements[to].copy_from_slice(&source[from]);
        Ok(())
    }

    /// `table.copy` within one table.
    pub(crate) fn copy_within(&mut self, start: u64, source_start: u64, len: u64) -> Result<(), TrapCode> {
        let from = range(source_start, len, self.elements.len())?;
        let to = range(start, len, self.elements.len())?;
        self.elements.copy_within(from, to.start);
        Ok(())
    }

    /// `table.copy` from another table.
    pub(crate) fn copy_from(&mut self, start: u64, source: &Self, source_start: u64, len: u64) -> Result<(), TrapCode> {
        self.init(start, source.as_slice(), source_start, len)
    }

    /// All elements.
    pub(crate) fn as_slice(&self) -> &[u32] {
        &self.elements
    }

    /// The heap references it holds; none if it holds functions.
    pub(crate) fn roots(&self) -> &[u32] {
        if self.traced { &self.elements } else { &[] }
    }
}

/// The part of something of `size` elements that starts at `start`, if it is inside.
fn range(start: u64, len: u64, size: usize) -> Result<core::ops::Range<usize>, TrapCode> {
    match start.checked_add(len) {
        // Both fit: they are at most `size`.
        Some(end) if end <= size as u64 => Ok(start as usize..end as usize),
        _ => Err(TrapCode::TableOutOfBounds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{RefType, TypeTable};

    fn table(min: u32, max: Option<u32>) -> TableObject {
        TableObject::new(TableType::new(RefType::FUNCREF, min, max), 0, &TypeTable::default()).expect("a table")
    }

    #[test]
    fn growth_stops_at_the_maximum() {
        let mut table = table(2, Some(5));
        assert_eq!(table.grow(3, 7), Ok(2));
        assert_eq!(table.as_slice(), [0, 0, 7, 7, 7]);
        assert_eq!(table.grow(1, 0), Err(GrowError::Limit));
        assert_eq!(table.grow(u64::MAX, 0), Err(GrowError::Limit));
        assert_eq!(table.grow(0, 0), Ok(5));
        assert_eq!(table.current_type().minimum(), 5);
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri ends where an allocator would refuse")]
    fn what_cannot_be_allocated_is_an_error() {
        let ty = TableType::new64(RefType::EXTERNREF, 1 << 60, None);
        let error = TableObject::new(ty, 0, &TypeTable::default()).expect_err("too large");
        assert!(matches!(error, GrowError::OutOfMemory | GrowError::Limit));
    }

    #[test]
    fn bounds_are_checked_before_any_effect() {
        let mut table = table(4, None);
        let out = Err(TrapCode::TableOutOfBounds);
        assert_eq!(table.fill(3, 2, 9), out);
        assert_eq!(table.fill(u64::MAX, 2, 9), out);
        assert_eq!(table.init(2, &[1, 2, 3], 0, 3), out);
        assert_eq!(table.init(0, &[1, 2, 3], 1, 3), out);
        assert_eq!(table.copy_within(3, 0, 2), out);
        assert!(!table.set(4, 9));
        assert_eq!(table.as_slice(), [0; 4]);
        assert_eq!(table.fill(4, 0, 9), Ok(()));
    }

    #[test]
    fn copies_may_overlap() {
        let mut table = table(4, None);
        table.init(0, &[1, 2, 3, 4], 0, 4).expect("in bounds");
        table.copy_within(1, 0, 3).expect("in bounds");
        assert_eq!(table.as_slice(), [1, 1, 2, 3]);
        table.copy_within(0, 1, 3).expect("in bounds");
        assert_eq!(table.as_slice(), [1, 2, 3, 3]);
        assert_eq!(table.get(2), Some(3));
        assert_eq!(table.roots(), []);
    }
}
