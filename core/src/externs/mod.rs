//! What instances import and export: [`Extern`] and the handles of memories, tables, globals and tags.
//!
//! A handle is a store's number and an address in it. Whatever can fail refuses a handle of another store with an error; plain
//! accessors see it as an empty thing: no bytes, no elements, a zero.

mod global;
mod instance;
mod memory;
mod shared_memory;
mod table;
mod tag;

pub use global::Global;
pub use instance::{Export, Instance};
pub use memory::{Memory, MemoryAccessError};
pub use shared_memory::SharedMemory;
pub use table::Table;
pub use tag::Tag;

use crate::error::Error;
use crate::func::Func;
use crate::runtime::context::{ExternAddr, InstanceAddr};
use crate::runtime::store::StoreInner;
use crate::store::AsContext;
use crate::types::ExternType;

/// Something that can be imported and exported.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A global variable.
    Global(Global),
    /// A table.
    Table(Table),
    /// A linear memory that belongs to one store.
    Memory(Memory),
    /// A linear memory that threads share.
    SharedMemory(SharedMemory),
    /// An exception tag.
    Tag(Tag),
}

macro_rules! into {
    ($($variant:ident $ty:ty, $method:ident;)*) => {
        impl Extern {
            $(
                #[doc = concat!("The [`", stringify!($variant), "`], if it is one.")]
                pub fn $method(self) -> Option<$ty> {
                    match self {
                        Self::$variant(value) => Some(value),
                        _ => None,
                    }
                }
            )*
        }

        $(
            impl From<$ty> for Extern {
                fn from(value: $ty) -> Self {
                    Self::$variant(value)
                }
            }
        )*
    };
}

into! {
    Func Func, into_func;
    Global Global, into_global;
    Table Table, into_table;
    Memory Memory, into_memory;
    SharedMemory SharedMemory, into_shared_memory;
    Tag Tag, into_tag;
}

impl Extern {
    /// The type, with the present size of a memory or table as its minimum.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        match self {
            Self::Func(func) => ExternType::Func(func.ty(store)),
            Self::Global(global) => ExternType::Global(global.ty(store)),
            Self::Table(table) => ExternType::Table(table.ty(store)),
            Self::Memory(memory) => ExternType::Memory(memory.ty(store)),
            Self::SharedMemory(memory) => ExternType::Memory(memory.ty()),
            Self::Tag(tag) => ExternType::Tag(tag.ty(store)),
        }
    }

    /// The handle of something in `inner`.
    pub(crate) fn from_addr(inner: &StoreInner, addr: ExternAddr) -> Self {
        match addr {
            ExternAddr::Func(addr) => Self::Func(Func::from_addr(inner, addr)),
            ExternAddr::Global(addr) => Self::Global(Global::from_addr(inner, addr)),
            ExternAddr::Table(addr) => Self::Table(Table::from_addr(inner, addr)),
            ExternAddr::Memory(addr) => match inner.memory(addr).ok().and_then(|memory| memory.shared()) {
                Some(block) => Self::SharedMemory(SharedMemory::from_block(block.clone())),
                None => Self::Memory(Memory::from_addr(inner, addr)),
            },
            ExternAddr::Tag(addr) => Self::Tag(Tag::from_addr(inner, addr)),
        }
    }

    /// The address in `inner`; a shared memory is made known to the store first.
    pub(crate) fn addr(&self, inner: &mut StoreInner) -> Result<ExternAddr, Error> {
        Ok(match self {
            Self::Func(func) => ExternAddr::Func(func.addr(inner)?),
            Self::Global(global) => ExternAddr::Global(global.addr(inner)?),
            Self::Table(table) => ExternAddr::Table(table.addr(inner)?),
            Self::Memory(memory) => ExternAddr::Memory(memory.addr(inner)?),
            Self::SharedMemory(memory) => ExternAddr::Memory(memory.place(inner)?),
            Self::Tag(tag) => ExternAddr::Tag(tag.addr(inner)?),
        })
    }

    /// An error unless this belongs to `inner`, or to no store.
    pub(crate) fn check_store(&self, inner: &StoreInner) -> Result<(), Error> {
        match self {
            Self::Func(func) => func.addr(inner).map(drop),
            Self::Global(global) => global.addr(inner).map(drop),
            Self::Table(table) => table.addr(inner).map(drop),
            Self::Memory(memory) => memory.addr(inner).map(drop),
            Self::SharedMemory(_) => Ok(()),
            Self::Tag(tag) => tag.addr(inner).map(drop),
        }
    }

    /// What an instance exports under a name.
    pub(crate) fn exported(inner: &StoreInner, instance: InstanceAddr, name: &str) -> Option<Self> {
        inner.instance(instance).ok()?.export(name).map(|addr| Self::from_addr(inner, addr))
    }
}
