//! Linear memories that several stores, on several threads, can use at once.

use core::fmt;

use super::MemoryAccessError;
use super::memory::cannot_grow;
use crate::engine::Engine;
use crate::error::Error;
use crate::runtime::context::MemoryAddr;
use crate::runtime::memory::{MemoryObject, SharedBlock};
use crate::runtime::store::StoreInner;
use crate::shared::Shared;
use crate::types::MemoryType;

/// A linear memory that belongs to no store: importing it into instances of several makes them see the same bytes.
///
/// Others may write at any time, so its bytes are copied in and out, never borrowed.
#[derive(Clone)]
pub struct SharedMemory(Shared<SharedBlock>);

impl SharedMemory {
    /// A new memory of zeros. The type must be shared and have a maximum, for which room is reserved.
    pub fn new(engine: &Engine, ty: MemoryType) -> Result<Self, Error> {
        if !ty.is_shared() {
            return Err(Error::misuse("the type of a shared memory must be shared"));
        }
        let block = SharedBlock::shared(ty, engine.config().store_limits.memory_size).map_err(cannot_grow)?;
        Ok(Self(block))
    }

    pub(crate) fn from_block(block: Shared<SharedBlock>) -> Self {
        Self(block)
    }

    /// Makes the memory known to a store, once.
    pub(crate) fn place(&self, inner: &mut StoreInner) -> Result<MemoryAddr, Error> {
        let same = |memory: &MemoryObject| memory.shared().is_some_and(|block| Shared::ptr_eq(block, &self.0));
        let known = inner.memories.iter().position(same);
        match known {
            Some(known) => Ok(MemoryAddr(known as u32)),
            None => inner.add_memory_object(MemoryObject::of_shared(self.0.clone())),
        }
    }

    /// The type it was made with.
    pub fn ty(&self) -> MemoryType {
        self.0.ty()
    }

    /// Pages.
    pub fn size(&self) -> u64 {
        self.data_size() as u64 >> self.ty().page_size_log2()
    }

    /// Bytes.
    pub fn data_size(&self) -> usize {
        self.0.byte_len()
    }

    /// Copies bytes out, from `offset` on; each byte is read atomically.
    pub fn read(&self, offset: usize, buffer: &mut [u8]) -> Result<(), MemoryAccessError> {
        MemoryObject::of_shared(self.0.clone()).read(offset as u64, buffer).map_err(|_| MemoryAccessError::new())
    }

    /// Copies bytes in, from `offset` on; each byte is written atomically.
    pub fn write(&self, offset: usize, bytes: &[u8]) -> Result<(), MemoryAccessError> {
        MemoryObject::of_shared(self.0.clone()).write(offset as u64, bytes).map_err(|_| MemoryAccessError::new())
    }

    /// Adds `delta` pages of zeros and returns how many there were.
    pub fn grow(&self, delta: u64) -> Result<u64, Error> {
        self.0.grow(delta).map_err(cannot_grow)
    }

    /// `memory.atomic.notify`: wakes up to `count` executions that wait at `address`, and returns how many.
    pub fn atomic_notify(&self, address: u64, count: u32) -> Result<u32, Error> {
        if !address.is_multiple_of(4) {
            return Err(crate::trap::TrapCode::UnalignedAtomic.into());
        }
        if address.checked_add(4).is_none_or(|end| end > self.data_size() as u64) {
            return Err(crate::trap::TrapCode::MemoryOutOfBounds.into());
        }
        Ok(self.0.notify(address, count))
    }
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMemory").field("pages", &self.size()).finish_non_exhaustive()
    }
}
