//! Resource types of a store and handles to their resources ("Resource State" of the Canonical ABI).

use super::instance::InstanceId;
use super::task::TaskId;
use super::trap::{ResourceKind, RuntimeTrap};

/// A resource type of a store: every instantiation of a component that defines one has its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ResourceTypeId(pub u32);

/// A resource type ("ResourceType").
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourceType {
    /// The component instance that defines it; `None` for a type of the host.
    pub implementer: Option<InstanceId>,
    /// What is called with the representation when an `own` handle is dropped; those of the host are elsewhere.
    pub destructor: Option<whit_core::RawFunc>,
}

/// A handle to a resource ("ResourceHandle").
#[derive(Debug)]
pub(crate) struct ResourceHandle {
    /// The type of the resource.
    pub ty: ResourceTypeId,
    /// What it is to whoever implements it.
    pub rep: u32,
    /// How it is held.
    pub hold: Hold,
}

/// How a resource is held.
#[derive(Debug)]
pub(crate) enum Hold {
    /// Owned, and lent so many times at present.
    Own {
        /// Calls in progress that have a borrow of it.
        lends: u32,
    },
    /// Borrowed for the duration of a task, which counts its borrows.
    Borrow {
        /// The task.
        scope: TaskId,
        /// Calls in progress that have a borrow of this borrow.
        lends: u32,
    },
}

impl ResourceHandle {
    /// An owned resource.
    pub(crate) fn own(ty: ResourceTypeId, rep: u32) -> Self {
        Self { ty, rep, hold: Hold::Own { lends: 0 } }
    }

    /// A resource borrowed for the duration of a task.
    pub(crate) fn borrow(ty: ResourceTypeId, rep: u32, scope: TaskId) -> Self {
        Self { ty, rep, hold: Hold::Borrow { scope, lends: 0 } }
    }

    /// How many calls in progress have a borrow of it.
    pub(crate) fn lends(&mut self) -> &mut u32 {
        match &mut self.hold {
            Hold::Own { lends } | Hold::Borrow { lends, .. } => lends,
        }
    }
}

/// Whether the handle with this index, to a resource of type `found`, may be used as one of type `expected`.
pub(crate) fn check_type(
    types: &[ResourceType],
    index: u32,
    expected: ResourceTypeId,
    found: ResourceTypeId,
) -> Result<(), RuntimeTrap> {
    if expected == found {
        return Ok(());
    }
    let is_host = |ty: ResourceTypeId| types.get(ty.0 as usize).is_some_and(|ty| ty.implementer.is_none());
    let kind = |ty| if is_host(ty) { ResourceKind::Host } else { ResourceKind::Guest };
    let found = match (kind(expected), kind(found)) {
        (ResourceKind::Guest, ResourceKind::Guest) => ResourceKind::OtherGuest,
        (_, found) => found,
    };
    Err(RuntimeTrap::WrongResource(index, kind(expected), found))
}
