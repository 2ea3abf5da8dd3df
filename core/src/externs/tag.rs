//! Exception tags.

use alloc::sync::Arc;
use core::fmt;

use crate::error::Error;
use crate::runtime::context::TagAddr;
use crate::runtime::store::{StoreId, StoreInner};
use crate::store::{AsContext, AsContextMut};
use crate::types::{FuncType, RegisteredTypes, TagType, TypeId};

/// An exception tag: what handlers tell exceptions apart by. Two tags are the same only if they are one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag {
    store: StoreId,
    addr: TagAddr,
}

impl Tag {
    /// A new tag.
    pub fn new(mut store: impl AsContextMut, ty: &TagType) -> Result<Self, Error> {
        if !ty.ty().results().is_empty() {
            return Err(Error::misuse("the type of a tag has no results"));
        }
        let inner = store.as_context_mut().0.inner_mut();
        let types = RegisteredTypes::of_func(inner.engine().types().clone(), ty.ty().clone())?;
        let type_id = types.ids().first().copied().ok_or_else(Error::out_of_memory)?;
        inner.add_types(&Arc::new(types))?;
        let addr = inner.add_tag(type_id)?;
        Ok(Self { store: inner.id(), addr })
    }

    pub(crate) fn from_addr(inner: &StoreInner, addr: TagAddr) -> Self {
        Self { store: inner.id(), addr }
    }

    pub(crate) fn addr(&self, inner: &StoreInner) -> Result<TagAddr, Error> {
        if self.store == inner.id() { Ok(self.addr) } else { Err(Error::wrong_store()) }
    }

    /// What an exception of this tag has in its object.
    pub(crate) fn address_and_type(&self, inner: &StoreInner) -> Result<(u32, TypeId), Error> {
        let addr = self.addr(inner)?;
        Ok((addr.0, inner.tag(addr)?.type_id))
    }

    /// The type. A handle of another store reads as a tag without values.
    pub fn ty(&self, store: impl AsContext) -> TagType {
        let inner = store.as_context().inner();
        let ty = self.address_and_type(inner).ok().and_then(|(_, id)| inner.func_type_of(id));
        TagType::new(ty.map_or_else(|| FuncType::new([], []), |ty| FuncType::clone(&ty)))
    }

    /// Whether both are one tag.
    pub fn eq(a: &Self, b: &Self, _store: impl AsContext) -> bool {
        a == b
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({})", self.addr.0)
    }
}
