//! Tables.

use alloc::vec::Vec;
use core::fmt;

use super::memory::{cannot_grow, clamp};
use crate::error::Error;
use crate::runtime::context::TableAddr;
use crate::runtime::store::{StoreId, StoreInner};
use crate::runtime::table::TableObject;
use crate::store::{AsContext, AsContextMut};
use crate::trap::TrapCode;
use crate::types::{RefType, TableType};
use crate::value::Ref;

/// A table of references.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Table {
    store: StoreId,
    addr: TableAddr,
}

impl Table {
    /// A new table whose elements are all `init`, if the store's limits allow it.
    pub fn new(mut store: impl AsContextMut, ty: TableType, init: Ref) -> Result<Self, Error> {
        let store = store.as_context_mut().0;
        let init = init.to_slot(store.inner(), ty.element())?;
        let (limiter, inner) = store.limiter_and_inner();
        let addr = inner.add_table(ty, init, limiter)?;
        Ok(Self { store: inner.id(), addr })
    }

    pub(crate) fn from_addr(inner: &StoreInner, addr: TableAddr) -> Self {
        Self { store: inner.id(), addr }
    }

    pub(crate) fn addr(&self, inner: &StoreInner) -> Result<TableAddr, Error> {
        if self.store == inner.id() { Ok(self.addr) } else { Err(Error::wrong_store()) }
    }

    fn object<'a>(&self, inner: &'a StoreInner) -> Result<&'a TableObject, Error> {
        inner.table(self.addr(inner)?)
    }

    fn object_mut<'a>(&self, inner: &'a mut StoreInner) -> Result<&'a mut TableObject, Error> {
        inner.table_mut(self.addr(inner)?)
    }

    /// The type, with the present size as its minimum. A handle of another store reads as a table without elements.
    pub fn ty(&self, store: impl AsContext) -> TableType {
        let empty = TableType::new(RefType::NULLFUNCREF, 0, Some(0));
        self.object(store.as_context().inner()).map_or(empty, TableObject::current_type)
    }

    /// How many elements there are.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.object(store.as_context().inner()).map_or(0, |table| u64::from(table.size()))
    }

    /// The element with this index; `None` beyond the end, for a handle of another store, or when the host has no
    /// memory left for a handle.
    pub fn get(&self, mut store: impl AsContextMut, index: u64) -> Option<Ref> {
        let inner = store.as_context_mut().0.inner_mut();
        let table = self.object(inner).ok()?;
        let (slot, ty) = (table.get(u32::try_from(index).ok()?)?, table.ty().element());
        Ref::from_slot(inner, ty, slot).ok()
    }

    /// Sets the element with this index.
    pub fn set(&self, mut store: impl AsContextMut, index: u64, value: Ref) -> Result<(), Error> {
        let inner = store.as_context_mut().0.inner_mut();
        let slot = value.to_slot(inner, self.object(inner)?.ty().element())?;
        let table = self.object_mut(inner)?;
        let set = u32::try_from(index).is_ok_and(|index| table.set(index, slot));
        if set { Ok(()) } else { Err(Error::trap(TrapCode::TableOutOfBounds)) }
    }

    /// Adds `delta` elements, each `init`, and returns how many there were.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64, init: Ref) -> Result<u64, Error> {
        let store = store.as_context_mut().0;
        let table = self.object(store.inner())?;
        let (current, ty) = (u64::from(table.size()), table.ty());
        let desired = table.grown_size(delta).map_err(cannot_grow)?;
        let init = init.to_slot(store.inner(), ty.element())?;
        let ([current, desired], maximum) = ([current, desired].map(clamp), ty.maximum().map(clamp));
        if !store.with_limiter(|limiter| limiter.table_growing(current, desired, maximum))? {
            return Err(Error::limit("elements of a table"));
        }
        self.object_mut(store.inner_mut())?.grow(delta, init).map_err(cannot_grow)
    }

    /// Sets `len` elements from `start` on.
    pub fn fill(&self, mut store: impl AsContextMut, start: u64, value: Ref, len: u64) -> Result<(), Error> {
        let inner = store.as_context_mut().0.inner_mut();
        let slot = value.to_slot(inner, self.object(inner)?.ty().element())?;
        Ok(self.object_mut(inner)?.fill(start, len, slot)?)
    }

    /// Copies `len` elements between tables of one store, as if all were read before one is written.
    pub fn copy(
        mut store: impl AsContextMut,
        to: &Self,
        to_start: u64,
        from: &Self,
        from_start: u64,
        len: u64,
    ) -> Result<(), Error> {
        let inner = store.as_context_mut().0.inner_mut();
        let (given, wanted) = (from.object(inner)?.ty().element(), to.object(inner)?.ty().element());
        if !given.matches(wanted, inner.types()) {
            return Err(Error::misuse(alloc::format!("type mismatch: expected elements of {wanted}, found {given}")));
        }
        if to.addr == from.addr {
            return Ok(to.object_mut(inner)?.copy_within(to_start, from_start, len)?);
        }
        let mut source = Vec::new();
        let elements = from.object(inner)?.as_slice();
        let range = usize::try_from(from_start).ok().zip(usize::try_from(len).ok());
        let range = range.and_then(|(start, len)| elements.get(start..start.checked_add(len)?));
        let elements = range.ok_or_else(|| Error::trap(TrapCode::TableOutOfBounds))?;
        source.try_reserve_exact(elements.len())?;
        source.extend_from_slice(elements);
        Ok(to.object_mut(inner)?.init(to_start, &source, 0, len)?)
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({})", self.addr.0)
    }
}
