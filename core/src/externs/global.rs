//! Global variables.

use core::fmt;

use crate::error::Error;
use crate::runtime::context::GlobalAddr;
use crate::runtime::global::GlobalCell;
use crate::runtime::store::{StoreId, StoreInner};
use crate::store::{AsContext, AsContextMut};
use crate::types::{GlobalType, Mutability, ValType};
use crate::value::Val;

/// A global variable.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Global {
    store: StoreId,
    addr: GlobalAddr,
}

impl Global {
    /// A new global with this first value.
    pub fn new(mut store: impl AsContextMut, ty: GlobalType, value: Val) -> Result<Self, Error> {
        let inner = store.as_context_mut().0.inner_mut();
        let slots = value.to_slots(inner, ty.content())?;
        let addr = inner.add_global(ty, slots)?;
        Ok(Self { store: inner.id(), addr })
    }

    pub(crate) fn from_addr(inner: &StoreInner, addr: GlobalAddr) -> Self {
        Self { store: inner.id(), addr }
    }

    pub(crate) fn addr(&self, inner: &StoreInner) -> Result<GlobalAddr, Error> {
        if self.store == inner.id() { Ok(self.addr) } else { Err(Error::wrong_store()) }
    }

    fn cell<'a>(&self, inner: &'a StoreInner) -> Result<&'a GlobalCell, Error> {
        inner.global(self.addr(inner)?)
    }

    /// The type. A handle of another store reads as an immutable `i32`.
    pub fn ty(&self, store: impl AsContext) -> GlobalType {
        let empty = GlobalType::new(ValType::I32, Mutability::Const);
        self.cell(store.as_context().inner()).map_or(empty, GlobalCell::ty)
    }

    /// The value. A handle of another store reads as zero; a reference for whose handle the host has no memory left reads
    /// as null. [`try_get`](Self::try_get) tells these from values.
    pub fn get(&self, store: impl AsContextMut) -> Val {
        self.try_get(store).unwrap_or(Val::I32(0))
    }

    /// The value, or an error if it cannot be had.
    pub fn try_get(&self, mut store: impl AsContextMut) -> Result<Val, Error> {
        let inner = store.as_context_mut().0.inner_mut();
        let cell = self.cell(inner)?;
        let (ty, slots) = (cell.ty().content(), cell.slots);
        Val::from_slots(inner, ty, &slots)
    }

    /// Sets the value; an error unless the global is mutable and of the value's type.
    pub fn set(&self, mut store: impl AsContextMut, value: Val) -> Result<(), Error> {
        let inner = store.as_context_mut().0.inner_mut();
        let ty = self.cell(inner)?.ty();
        if !ty.mutability().is_var() {
            return Err(Error::misuse("an immutable global cannot be set"));
        }
        let slots = value.to_slots(inner, ty.content())?;
        inner.global_mut(self.addr)?.slots = slots;
        Ok(())
    }
}

impl fmt::Debug for Global {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Global({})", self.addr.0)
    }
}
