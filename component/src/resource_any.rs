//! Resources of any type in the hands of the host: [`ResourceAny`].
//!
//! A guest that defines a resource type gives the host handles to its resources, which the host passes back, lends, or drops. What the host holds is in a
//! table of the store, and a `ResourceAny` is a key to it: it can be copied, and once the resource has been dropped or given away every copy
//! is refused. Resources of the host pass the same way where values are dynamic, and are the host's own business:
//! [`Resource`](crate::Resource) and [`ResourceTable`](crate::ResourceTable).

use core::fmt;

use whit_core::{AsContextMut, Error, StoreContextMut, StoreId};

use crate::abi::context::Handle;
use crate::abi::lift::Lifting;
use crate::abi::lower::Lowering;
use crate::abi::place::Place;
use crate::canon::call::{Call, CallFuture};
use crate::canon::resource::HostDrop;
use crate::mismatch::TypeMismatch;
use crate::typed::{ComponentType, Lift, Lower};
use crate::types::{DefinedType, Types, ValType};

/// A resource of some type, in the hands of the host.
///
/// One that the host owns stays alive until it is passed on as `own` or dropped with [`resource_drop`](Self::resource_drop); one that it borrows,
/// as a parameter of one of its functions, until that function returns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResourceAny {
    handle: Handle,
    /// `None` in tests, where there is no store.
    store: Option<StoreId>,
}

/// A misuse of a [`ResourceAny`] by the host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ResourceError {
    /// It is of another store.
    OtherStore,
    /// It was dropped or given away, or was a borrow for a call that has ended.
    NotHeld,
    /// It is of another resource type.
    OtherType,
    /// A call in progress has a borrow of it.
    Lent,
    /// The host has it as a borrow, which it cannot give away.
    Borrowed,
    /// It is a resource of the host, which a guest's was expected to be.
    OfTheHost,
    /// It is a guest's resource, where one of the host is expected.
    OfAGuest,
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherStore => "the resource belongs to another store",
            Self::NotHeld => {
                "the host does not hold this resource: it was dropped or given away, or was borrowed for a call that has ended"
            }
            Self::OtherType => "the resource is of another type",
            Self::Lent => "the resource is lent to a call in progress, and can be neither dropped nor given away",
            Self::Borrowed => "the host has this resource as a borrow, and cannot give it away",
            Self::OfTheHost => "the resource is the host's own, where one of a guest is expected",
            Self::OfAGuest => "the resource is a guest's, where one of the host is expected",
        })
    }
}

impl core::error::Error for ResourceError {}

impl From<ResourceError> for Error {
    fn from(error: ResourceError) -> Self {
        Self::new(error)
    }
}

impl ResourceAny {
    pub(crate) fn new(handle: Handle, store: Option<StoreId>) -> Self {
        Self { handle, store }
    }

    /// Drops a guest's resource that the host holds. If the host owns it, the guest's destructor is called, as far as there is one.
    ///
    /// # Errors
    /// A [`ResourceError`]: the host does not hold it, it is lent, or it is a resource of the host. The destructor trapped, has to wait
    /// ([`resource_drop_async`](Self::resource_drop_async) can), or cannot be called because its component has trapped before
    /// ([`RuntimeTrap::CannotEnter`](crate::RuntimeTrap::CannotEnter)); the resource is gone then as well.
    pub fn resource_drop(self, mut store: impl AsContextMut) -> Result<(), Error> {
        let mut store = store.as_context_mut();
        match self.begin_drop(&mut store)? {
            Some(call) => call.finish_now(&mut store),
            None => Ok(()),
        }
    }

    /// The same as a future, which waits where host functions do. Dropping it before it is ready ends the use of the component.
    ///
    /// # Errors
    /// As for [`resource_drop`](Self::resource_drop).
    pub async fn resource_drop_async<T: 'static>(self, mut store: impl AsContextMut<Data = T>) -> Result<(), Error> {
        let mut store = store.as_context_mut();
        match self.begin_drop(&mut store)? {
            Some(call) => CallFuture::new(store, call).await,
            None => Ok(()),
        }
    }

    fn begin_drop<T: 'static>(self, store: &mut StoreContextMut<'_, T>) -> Result<Option<HostDrop>, Error> {
        if self.store != Some(store.id()) {
            return Err(ResourceError::OtherStore.into());
        }
        HostDrop::begin(store, self.handle)
    }
}

impl ComponentType for ResourceAny {
    fn typecheck(ty: ValType, types: &Types) -> Result<(), TypeMismatch> {
        match types.defined(ty) {
            Some(DefinedType::Own(_) | DefinedType::Borrow(_)) => Ok(()),
            _ => Err(TypeMismatch::new(types, ty, "a resource")),
        }
    }
}

impl Lift for ResourceAny {
    fn lift(from: &mut Lifting<'_>, ty: ValType, at: Place) -> Result<Self, Error> {
        Ok(Self::new(from.handle(ty, at)?, from.store()))
    }
}

impl Lower for ResourceAny {
    fn lower(&self, to: &mut Lowering<'_>, ty: ValType, at: Place) -> Result<(), Error> {
        if self.store != to.store() {
            return Err(ResourceError::OtherStore.into());
        }
        to.handle(ty, at, self.handle)
    }
}
