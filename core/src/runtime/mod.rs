//! What exists at run time: the specification's "runtime structure".
//!
//! A [`store`] owns everything and hands out typed addresses; running code reaches the same entities by raw pointers
//! through each instance's [`context`]. Entities are boxed once and keep their place until the store is dropped.

pub(crate) mod arena;
pub(crate) mod context;
pub(crate) mod func;
pub(crate) mod global;
pub(crate) mod handles;
pub(crate) mod heap;
pub(crate) mod memory;
pub(crate) mod slab;
pub(crate) mod store;
pub(crate) mod table;
pub(crate) mod tag;

use alloc::boxed::Box;
use alloc::collections::TryReserveError;
use alloc::vec::Vec;

/// `Vec::with_capacity`, or an error where it would abort.
pub(crate) fn try_with_capacity<T>(capacity: usize) -> Result<Vec<T>, TryReserveError> {
    let mut items = Vec::new();
    items.try_reserve_exact(capacity)?;
    Ok(items)
}

/// `collect` into a boxed slice, or an error where it would abort. The iterator's length must be exact.
pub(crate) fn try_collect<T>(items: impl ExactSizeIterator<Item = T>) -> Result<Box<[T]>, TryReserveError> {
    let mut collected = try_with_capacity(items.len())?;
    collected.extend(items.take(collected.capacity()));
    Ok(collected.into_boxed_slice())
}

/// A boxed copy of a slice, or an error where making it would abort.
pub(crate) fn try_copy<T: Copy>(items: &[T]) -> Result<Box<[T]>, TryReserveError> {
    let mut copy = try_with_capacity(items.len())?;
    copy.extend_from_slice(items);
    Ok(copy.into_boxed_slice())
}

/// `Box::new`, or an error where it would abort.
pub(crate) fn try_box<T>(value: T) -> Result<Box<T>, TryReserveError> {
    arena::try_box(value)
}
