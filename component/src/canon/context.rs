//! What lifting and lowering reach of an instance, for calls that are in progress ("LiftLowerContext").
//!
//! [`LiftingSide`] and [`LoweringSide`] are one side of a call whose other side is the host; [`Passing`] is both sides of a call between
//! components. They check handles against the tables of [`crate::runtime`] and call `realloc` as the thread of its own that it is.

use alloc::vec::Vec;

use whit_core::{AsContextMut, Error, StoreContextMut, StoreId};

use crate::abi::context::{Budget, CopyContext, Handle, HandleType, LiftContext, LowerContext};
use crate::resource_any::ResourceError;
use crate::runtime::Runtime;
use crate::runtime::handle::Handle as TableEntry;
use crate::runtime::instance::{Options, RootId};
use crate::runtime::resource::{Hold, ResourceHandle, ResourceTypeId, check_type};
use crate::runtime::task::TaskId;
use crate::runtime::trap::RuntimeTrap;
use crate::types::ResourceIdx;

/// The side of a call that values come from.
pub(crate) struct LiftingSide<'s, 'a, T: 'static> {
    pub store: &'s mut StoreContextMut<'a, T>,
    /// The side's options.
    pub options: &'s Options,
    /// Whose types the values are described in.
    pub root: RootId,
    /// The handles lent for the call so far.
    pub lenders: Vec<u32>,
    /// What the host has been lent so far.
    pub borrowed: Vec<Handle>,
    /// What the values may cost the host.
    pub budget: Budget,
}

/// The side of a call that values go to.
pub(crate) struct LoweringSide<'s, 'a, T: 'static> {
    pub store: &'s mut StoreContextMut<'a, T>,
    /// The side's options.
    pub options: &'s Options,
    /// Whose types the values are described in.
    pub root: RootId,
    /// The task that borrows are given to; none where values are results, which have no borrows.
    pub scope: Option<TaskId>,
    /// What the host has lent so far.
    pub lent: &'s mut Vec<Handle>,
}

/// Both sides of a call between components.
pub(crate) struct Passing<'s, 'a, T: 'static> {
    pub store: &'s mut StoreContextMut<'a, T>,
    /// The options of the side that values come from.
    pub from: &'s Options,
    /// The options of the side that values go to.
    pub to: &'s Options,
    /// Whose types the values are described in.
    pub root: RootId,
    /// The handles lent for the call so far.
    pub lenders: Vec<u32>,
    /// The task that borrows are given to.
    pub scope: Option<TaskId>,
    pub budget: Budget,
}

impl<'s, 'a, T: 'static> LiftingSide<'s, 'a, T> {
    /// The side that parameters come from, or a result.
    pub(crate) fn new(store: &'s mut StoreContextMut<'a, T>, options: &'s Options, root: RootId) -> Self {
        Self { store, options, root, lenders: Vec::new(), borrowed: Vec::new(), budget: Budget::default() }
    }
}

impl<T: 'static> LiftContext for LiftingSide<'_, '_, T> {
    fn store(&self) -> Option<StoreId> {
        Some(self.store.id())
    }

    fn source(&self) -> &[u8] {
        memory(self.store, self.options)
    }

    fn lift_handle(&mut self, ty: HandleType, index: u32) -> Result<Handle, Error> {
        charge_lending(&mut self.budget, ty)?;
        let runtime = Runtime::of(self.store)?;
        let (resource, rep) = lift_handle(runtime, self.root, self.options, &mut self.lenders, ty, index)?;
        // To the host a guest's resource is an entry of the host's own table.
        match runtime.resources[resource.0 as usize].implementer {
            None => Ok(Handle(rep.into())),
            Some(_) => {
                let is_owned = matches!(ty, HandleType::Own(_));
                let handle = runtime.held.add(resource, rep, is_owned, &mut runtime.room)?;
                if !is_owned {
                    self.borrowed.try_reserve(1)?;
                    self.borrowed.push(handle);
                }
                Ok(handle)
            }
        }
    }

    fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        Ok(self.budget.charge(bytes)?)
    }
}

impl<T: 'static> LowerContext for LoweringSide<'_, '_, T> {
    fn store(&self) -> Option<StoreId> {
        Some(self.store.id())
    }

    fn destination(&mut self) -> &mut [u8] {
        memory_mut(self.store, self.options)
    }

    fn realloc(&mut self, old: u32, old_size: u32, align: u32, new_size: u32) -> Result<u32, Error> {
        realloc(self.store, self.options, [old, old_size, align, new_size])
    }

    fn lower_handle(&mut self, ty: HandleType, handle: Handle) -> Result<u32, Error> {
        let runtime = Runtime::of(self.store)?;
        let resource = resource_of(runtime, self.root, ty)?;
        let rep = match runtime.resources[resource.0 as usize].implementer {
            None => u32::try_from(handle.0).map_err(|_| ResourceError::OfAGuest)?,
            Some(_) => take_from_host(runtime, self.lent, resource, ty, handle)?,
        };
        lower_handle(runtime, self.options, self.scope, ty, resource, rep)
    }
}

impl<T: 'static> LiftContext for Passing<'_, '_, T> {
    fn source(&self) -> &[u8] {
        memory(self.store, self.from)
    }

    fn lift_handle(&mut self, ty: HandleType, index: u32) -> Result<Handle, Error> {
        charge_lending(&mut self.budget, ty)?;
        let runtime = Runtime::of(self.store)?;
        let (_, rep) = lift_handle(runtime, self.root, self.from, &mut self.lenders, ty, index)?;
        Ok(Handle(rep.into()))
    }

    fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        Ok(self.budget.charge(bytes)?)
    }
}

impl<T: 'static> LowerContext for Passing<'_, '_, T> {
    fn destination(&mut self) -> &mut [u8] {
        memory_mut(self.store, self.to)
    }

    fn realloc(&mut self, old: u32, old_size: u32, align: u32, new_size: u32) -> Result<u32, Error> {
        realloc(self.store, self.to, [old, old_size, align, new_size])
    }

    fn lower_handle(&mut self, ty: HandleType, handle: Handle) -> Result<u32, Error> {
        let runtime = Runtime::of(self.store)?;
        let resource = resource_of(runtime, self.root, ty)?;
        lower_handle(runtime, self.to, self.scope, ty, resource, handle.0 as u32)
    }
}

impl<T: 'static> CopyContext for Passing<'_, '_, T> {
    fn copy(&mut self, from: u32, to: u32, len: u32) {
        if let (Some(source), Some(destination)) = (self.from.memory, self.to.memory) {
            // Both ranges are in bounds.
            let _ =
                destination.copy_from(self.store.as_context_mut(), to as usize, source, from as usize, len as usize);
        }
    }

    fn work(&mut self, bytes: u32) -> Result<(), Error> {
        self.store.charge_bulk(u64::from(bytes))
    }
}

/// The memory of a side; nothing, if its options name none.
fn memory<'m, T: 'static>(store: &'m StoreContextMut<'_, T>, options: &Options) -> &'m [u8] {
    options.memory.map_or(&[], |memory| memory.data(store))
}

/// The same, to be changed.
fn memory_mut<'m, T: 'static>(store: &'m mut StoreContextMut<'_, T>, options: &Options) -> &'m mut [u8] {
    match options.memory {
        Some(memory) => memory.data_mut(store),
        None => &mut [],
    }
}

/// Calls `realloc`: on a thread of its own, from where the instance cannot be left.
fn realloc<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    options: &Options,
    arguments: [u32; 4],
) -> Result<u32, Error> {
    let Some(realloc) = options.realloc else {
        return Err(Error::msg("a value needs memory, and the canonical options name no `realloc`"));
    };
    let instance = Runtime::of(store)?.instance(options.instance);
    (instance.may_leave, instance.in_realloc) = (false, true);
    let result = realloc.call(store.as_context_mut(), &arguments.map(u64::from));
    let instance = Runtime::of(store)?.instance(options.instance);
    (instance.may_leave, instance.in_realloc) = (true, false);
    Ok(result?.unwrap_or(0) as u32)
}

/// The resource type of a handle type.
fn resource_of(runtime: &mut Runtime, root: RootId, ty: HandleType) -> Result<ResourceTypeId, Error> {
    match ty {
        HandleType::Own(resource) | HandleType::Borrow(resource) => Ok(resource_type(runtime, root, resource)),
        HandleType::Stream(_) => Err(RuntimeTrap::NotYet("stream").into()),
        HandleType::Future(_) => Err(RuntimeTrap::NotYet("future").into()),
        HandleType::ErrorContext => Err(RuntimeTrap::NotYet("error-context").into()),
    }
}

/// A resource type of a plan.
pub(crate) fn resource_type(runtime: &mut Runtime, root: RootId, resource: ResourceIdx) -> ResourceTypeId {
    runtime.root(root).resource(resource)
}

/// What is lent is noted until the call ends: a list of borrows may repeat one handle millions of times.
fn charge_lending(budget: &mut Budget, ty: HandleType) -> Result<(), Error> {
    match ty {
        HandleType::Borrow(_) => Ok(budget.charge(size_of::<u64>())?),
        _ => Ok(()),
    }
}

/// Takes or borrows a handle from the table of a side (`lift_own`, `lift_borrow`): its resource.
fn lift_handle(
    runtime: &mut Runtime,
    root: RootId,
    options: &Options,
    lenders: &mut Vec<u32>,
    ty: HandleType,
    index: u32,
) -> Result<(ResourceTypeId, u32), Error> {
    let expected = resource_of(runtime, root, ty)?;
    let Runtime { instances, resources, .. } = runtime;
    let handles = &mut instances[options.instance.0 as usize].handles;
    let handle = handles.resource(index)?;
    check_type(resources, index, expected, handle.ty)?;
    let rep = handle.rep;
    if let HandleType::Borrow(_) = ty {
        lenders.try_reserve(1)?;
        *handle.lends() += 1;
        lenders.push(index);
        return Ok((expected, rep));
    }
    match handle.hold {
        Hold::Own { lends: 0 } => {}
        Hold::Own { .. } => return Err(RuntimeTrap::ResourceLent.into()),
        Hold::Borrow { .. } => return Err(RuntimeTrap::NotOwned(index).into()),
    }
    handles.remove(index)?;
    Ok((expected, rep))
}

/// Adds a handle to the table of a side (`lower_own`, `lower_borrow`): its index, or the representation where the side implements it.
fn lower_handle(
    runtime: &mut Runtime,
    options: &Options,
    scope: Option<TaskId>,
    ty: HandleType,
    resource: ResourceTypeId,
    rep: u32,
) -> Result<u32, Error> {
    let handle = match ty {
        HandleType::Borrow(_) => {
            if runtime.resources[resource.0 as usize].implementer == Some(options.instance) {
                return Ok(rep);
            }
            let scope = scope.ok_or_else(|| Error::msg("a borrow where none can be"))?;
            runtime.task(scope)?.borrows += 1;
            ResourceHandle::borrow(resource, rep, scope)
        }
        _ => ResourceHandle::own(resource, rep),
    };
    runtime.add_handle(options.instance, TableEntry::Resource(handle))
}

/// The representation of a guest's resource that the host holds; the host loses it unless it is only borrowed.
fn take_from_host(
    runtime: &mut Runtime,
    lent: &mut Vec<Handle>,
    resource: ResourceTypeId,
    ty: HandleType,
    handle: Handle,
) -> Result<u32, Error> {
    let held = runtime.held.get_mut(handle)?;
    if held.ty != resource {
        return Err(ResourceError::OtherType.into());
    }
    let rep = held.rep;
    match ty {
        HandleType::Own(_) if !held.is_owned => return Err(ResourceError::Borrowed.into()),
        HandleType::Own(_) => {
            runtime.held.remove(handle)?;
        }
        _ => {
            lent.try_reserve(1)?;
            runtime.held.lend(handle)?;
            lent.push(handle);
        }
    }
    Ok(rep)
}

/// Gives back what was lent for a call ("deliver_resolve").
pub(crate) fn end_lending(runtime: &mut Runtime, options: &Options, lenders: &[u32]) {
    let handles = &mut runtime.instance(options.instance).handles;
    for index in lenders {
        // It is there: what is lent cannot be removed.
        if let Ok(handle) = handles.resource(*index) {
            *handle.lends() -= 1;
        }
    }
}
