//! Linear memories of one store.

use core::fmt;

use crate::error::Error;
use crate::runtime::context::MemoryAddr;
use crate::runtime::memory::MemoryObject;
use crate::runtime::store::{StoreId, StoreInner};
use crate::runtime::table::GrowError;
use crate::store::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use crate::trap::TrapCode;
use crate::types::MemoryType;

/// A linear memory.
///
/// Bytes are borrowed with the store, so that no guest runs and no memory grows while someone looks at them. A
/// [paged](crate::MemoryPolicy::Paged) memory has no slice of all its bytes; [`read`](Self::read) and [`write`](Self::write)
/// work on every memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Memory {
    store: StoreId,
    addr: MemoryAddr,
}

impl Memory {
    /// A new memory of zeros, if the store's limits allow it. Shared ones are a [`SharedMemory`](crate::SharedMemory).
    pub fn new(mut store: impl AsContextMut, ty: MemoryType) -> Result<Self, Error> {
        let store = store.as_context_mut().0;
        if ty.is_shared() {
            return Err(Error::misuse("a shared memory is made by `SharedMemory::new`"));
        }
        let (limiter, inner) = store.limiter_and_inner();
        let addr = inner.add_memory(ty, limiter)?;
        Ok(Self { store: inner.id(), addr })
    }

    /// A memory inside a slice that the embedder gives for good, such as a region of a device's RAM: it never moves and grows up to
    /// the slice's end. Some bytes at the start of the slice are used for the memory's length.
    pub fn in_slice(mut store: impl AsContextMut, ty: MemoryType, slice: &'static mut [u8]) -> Result<Self, Error> {
        let inner = store.as_context_mut().0.inner_mut();
        let addr = inner.add_memory_object(MemoryObject::in_slice(ty, slice).map_err(cannot_grow)?)?;
        Ok(Self { store: inner.id(), addr })
    }

    pub(crate) fn from_addr(inner: &StoreInner, addr: MemoryAddr) -> Self {
        Self { store: inner.id(), addr }
    }

    pub(crate) fn addr(&self, inner: &StoreInner) -> Result<MemoryAddr, Error> {
        if self.store == inner.id() { Ok(self.addr) } else { Err(Error::wrong_store()) }
    }

    #[inline]
    fn object<'a>(&self, inner: &'a StoreInner) -> Option<&'a MemoryObject> {
        self.addr(inner).and_then(|addr| inner.memory(addr)).ok()
    }

    #[inline]
    fn object_mut<'a>(&self, inner: &'a mut StoreInner) -> Option<&'a mut MemoryObject> {
        self.addr(inner).and_then(|addr| inner.memory_mut(addr)).ok()
    }

    /// The type, with the present size as its minimum. A handle of another store reads as a memory without pages.
    pub fn ty(&self, store: impl AsContext) -> MemoryType {
        self.object(store.as_context().inner()).map_or(MemoryType::new(0, Some(0)), MemoryObject::current_type)
    }

    /// Copies bytes out, from `offset` on.
    pub fn read(&self, store: impl AsContext, offset: usize, buffer: &mut [u8]) -> Result<(), MemoryAccessError> {
        let memory = self.object(store.as_context().inner()).ok_or_else(MemoryAccessError::new)?;
        memory.read(offset as u64, buffer).map_err(MemoryAccessError)
    }

    /// Copies bytes in, from `offset` on: all of them or, where they do not fit, none. Only where the host has no memory for the chunks
    /// of a paged memory, a part may have been written.
    pub fn write(&self, mut store: impl AsContextMut, offset: usize, buffer: &[u8]) -> Result<(), MemoryAccessError> {
        let memory = self.object_mut(store.as_context_mut().0.inner_mut()).ok_or_else(MemoryAccessError::new)?;
        memory.write(offset as u64, buffer).map_err(MemoryAccessError)
    }

    /// Copies `len` bytes of `source`, from `from` on, to `to` and the bytes behind it, as if by way of a third place: all of them or, where they
    /// do not fit, none. Both memories are of the store.
    pub fn copy_from(
        &self,
        mut store: impl AsContextMut,
        to: usize,
        source: Memory,
        from: usize,
        len: usize,
    ) -> Result<(), MemoryAccessError> {
        let inner = store.as_context_mut().0.inner_mut();
        let addrs = self.addr(inner).and_then(|to| Ok((to, source.addr(inner)?)));
        let (to_addr, from_addr) = addrs.map_err(|_| MemoryAccessError::new())?;
        inner.copy_memory((to_addr, to as u64), (from_addr, from as u64), len as u64).map_err(MemoryAccessError)
    }

    /// Whether the bytes are in chunks, so that there is no slice of all of them.
    pub fn is_paged(&self, store: impl AsContext) -> bool {
        self.object(store.as_context().inner()).is_some_and(MemoryObject::is_paged)
    }

    /// All bytes. A handle of another store has none, and a paged memory has none in one slice.
    #[inline]
    pub fn data<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a [u8] {
        self.object(store.into().inner()).and_then(MemoryObject::data).unwrap_or(&[])
    }

    /// All bytes, to change. A handle of another store has none, and a paged memory has none in one slice.
    #[inline]
    pub fn data_mut<'a, T: 'static>(&self, store: impl Into<StoreContextMut<'a, T>>) -> &'a mut [u8] {
        self.object_mut(store.into().0.inner_mut()).and_then(MemoryObject::data_mut).unwrap_or(&mut [])
    }

    /// All bytes and the embedder's data, both to change. A paged memory has no bytes in one slice.
    pub fn data_and_store_mut<'a, T: 'static>(
        &self,
        store: impl Into<StoreContextMut<'a, T>>,
    ) -> (&'a mut [u8], &'a mut T) {
        let (inner, data) = store.into().0.inner_and_data();
        (self.object_mut(inner).and_then(MemoryObject::data_mut).unwrap_or(&mut []), data)
    }

    /// Bytes.
    pub fn data_size(&self, store: impl AsContext) -> usize {
        self.object(store.as_context().inner()).map_or(0, |memory| memory.byte_len() as usize)
    }

    /// Pages.
    pub fn size(&self, store: impl AsContext) -> u64 {
        self.object(store.as_context().inner()).map_or(0, MemoryObject::pages)
    }

    /// Bytes of a page.
    pub fn page_size(&self, store: impl AsContext) -> u64 {
        self.ty(store).page_size()
    }

    /// Adds `delta` pages of zeros and returns how many there were.
    pub fn grow(&self, mut store: impl AsContextMut, delta: u64) -> Result<u64, Error> {
        let store = store.as_context_mut().0;
        self.addr(store.inner())?;
        let memory = self.object(store.inner()).ok_or_else(Error::wrong_store)?;
        let (current, ty) = (memory.byte_len(), memory.ty());
        let desired = memory.grown_size(delta).map_err(cannot_grow)? as u64;
        let maximum = ty.maximum().and_then(|pages| pages.checked_mul(ty.page_size()));
        let [current, desired] = [current, desired].map(clamp);
        let maximum = maximum.map(clamp);
        if !store.with_limiter(|limiter| limiter.memory_growing(current, desired, maximum))? {
            return Err(Error::limit("bytes of a memory"));
        }
        let memory = self.object_mut(store.inner_mut()).ok_or_else(Error::wrong_store)?;
        memory.grow(delta).map_err(cannot_grow)
    }
}

/// A size as limiters see it.
pub(super) fn clamp(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// The error about a memory or table that did not grow.
#[cold]
pub(super) fn cannot_grow(error: GrowError) -> Error {
    match error {
        GrowError::Limit => Error::limit("the maximum of a memory's or table's type"),
        GrowError::OutOfMemory => Error::out_of_memory(),
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({})", self.addr.0)
    }
}

/// Bytes outside a memory were asked for, or a memory of another store; or the host has no memory for what is to be written to a paged one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemoryAccessError(pub(super) TrapCode);

impl MemoryAccessError {
    pub(super) fn new() -> Self {
        Self(TrapCode::MemoryOutOfBounds)
    }
}

impl fmt::Display for MemoryAccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for MemoryAccessError {}

impl From<MemoryAccessError> for Error {
    fn from(error: MemoryAccessError) -> Self {
        match error.0 {
            TrapCode::OutOfMemory => Self::out_of_memory(),
            code => code.into(),
        }
    }
}
