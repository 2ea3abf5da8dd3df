//! `canon resource.new`, `resource.drop` and `resource.rep`, and the destructors that dropping calls.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::task::{Context as TaskContext, Poll};

use whit_core::{AsContextMut, Error, StoreContextMut};

use crate::abi::context::Handle as HostHandle;
use crate::canon::call::Call;
use crate::canon::lower::start_thread;
use crate::runtime::Runtime;
use crate::runtime::handle::Handle;
use crate::runtime::instance::InstanceId;
use crate::runtime::resource::{Hold, ResourceHandle, ResourceTypeId, check_type};
use crate::runtime::scheduler::{self, Ran};
use crate::runtime::task::{Callee, Caller as TaskCaller, Delivery, Task, TaskId, ThreadExecution, ThreadId};
use crate::runtime::trap::RuntimeTrap;

/// `resource.new`: an `own` handle to a new resource with a representation.
pub(crate) fn new(runtime: &mut Runtime, instance: InstanceId, ty: ResourceTypeId, rep: u32) -> Result<u32, Error> {
    runtime.check_may_leave(instance)?;
    runtime.add_handle(instance, Handle::Resource(ResourceHandle::own(ty, rep)))
}

/// `resource.rep`: the representation of a resource that the instance implements.
pub(crate) fn rep(runtime: &mut Runtime, instance: InstanceId, ty: ResourceTypeId, index: u32) -> Result<u32, Error> {
    let Runtime { instances, resources, .. } = runtime;
    let handle = instances[instance.0 as usize].handles.resource(index)?;
    check_type(resources, index, ty, handle.ty)?;
    Ok(handle.rep)
}

/// Called with the representation of a resource of the host whose last handle was dropped.
pub(crate) type Destructor<T> = dyn Fn(StoreContextMut<'_, T>, u32) -> Result<(), Error> + Send + Sync;

/// The destructors of the host's resource types in a store. They depend on the embedder's data, unlike all else that is known of resources.
pub(crate) struct HostDestructors<T: 'static>(Vec<(ResourceTypeId, Arc<Destructor<T>>)>);

impl<T: 'static> Default for HostDestructors<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: 'static> HostDestructors<T> {
    /// Those of a store.
    pub(crate) fn of<'a>(store: &'a mut StoreContextMut<'_, T>) -> Result<&'a mut Self, Error> {
        store.extension_mut()
    }

    /// Adds that of a type that has just been made, so the types stand in their order.
    pub(crate) fn add(&mut self, ty: ResourceTypeId, destructor: Arc<Destructor<T>>) -> Result<(), Error> {
        self.0.try_reserve(1)?;
        self.0.push((ty, destructor));
        Ok(())
    }

    /// That of a type.
    pub(crate) fn get(&self, ty: ResourceTypeId) -> Option<Arc<Destructor<T>>> {
        let at = self.0.binary_search_by_key(&ty.0, |(ty, _)| ty.0).ok()?;
        Some(self.0[at].1.clone())
    }
}

/// Takes a handle out of a table; the representation if its resource is to be destroyed.
pub(crate) fn remove(
    runtime: &mut Runtime,
    instance: InstanceId,
    ty: ResourceTypeId,
    index: u32,
) -> Result<Option<u32>, Error> {
    let Runtime { instances, resources, tasks, .. } = runtime;
    let handles = &mut instances[instance.0 as usize].handles;
    let handle = handles.resource(index)?;
    check_type(resources, index, ty, handle.ty)?;
    if *handle.lends() > 0 {
        return Err(RuntimeTrap::ResourceLent.into());
    }
    let Handle::Resource(handle) = handles.remove(index)?;
    match handle.hold {
        Hold::Own { .. } => Ok(Some(handle.rep)),
        Hold::Borrow { scope, .. } => {
            if let Some(task) = tasks.get_mut(scope.0) {
                task.borrows -= 1;
            }
            Ok(None)
        }
    }
}

/// The destructor of a resource that the host has dropped.
pub(crate) struct HostDrop {
    thread: ThreadId,
}

impl HostDrop {
    /// Takes a resource from the host and begins its destructor; nothing, if there is none to be called.
    pub(crate) fn begin<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        handle: HostHandle,
    ) -> Result<Option<Self>, Error> {
        let runtime = Runtime::of(store)?;
        let held = runtime.held.remove(handle)?;
        if !held.is_owned || runtime.resources[held.ty.0 as usize].destructor.is_none() {
            return Ok(None);
        }
        Ok(Some(Self { thread: start_destructor(store, held.ty, held.rep)? }))
    }
}

impl Call for HostDrop {
    type Output = ();

    fn poll<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Result<(), Error>> {
        match scheduler::run(store, self.thread, context) {
            Ok(Ran::Pending) => Poll::Pending,
            Ok(Ran::Done(_)) => {
                let runtime = Runtime::of(store)?;
                if let Some(thread) = runtime.threads.remove(self.thread.0) {
                    runtime.tasks.remove(thread.task.0);
                }
                Poll::Ready(Ok(()))
            }
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn abandon<T: 'static>(self, store: &mut StoreContextMut<'_, T>) -> Result<(), Error> {
        scheduler::abandon(store, self.thread)
    }
}

/// Makes the task and the thread of a destructor that the host calls.
fn start_destructor<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    ty: ResourceTypeId,
    rep: u32,
) -> Result<ThreadId, Error> {
    let runtime = Runtime::of(store)?;
    let implementation = runtime.resources[ty.0 as usize];
    let (Some(destructor), Some(instance)) = (implementation.destructor, implementation.implementer) else {
        return Err(Error::msg("a resource without a destructor was destroyed"));
    };
    check_alive(runtime, instance)?;
    let execution = destructor.start(store.as_context_mut(), &[rep.into()])?;
    let caller = TaskCaller::Host(Delivery::Nothing);
    let task = Task { instance, callee: Callee::Destructor, borrows: 0, is_resolved: false, caller };
    let task = TaskId(Runtime::of(store)?.tasks.insert(task)?);
    start_thread(store, task, ThreadExecution::Call(execution))
}

/// The trap of calling into an instance whose root has trapped.
pub(crate) fn check_alive(runtime: &mut Runtime, instance: InstanceId) -> Result<(), RuntimeTrap> {
    let root = runtime.instance(instance).root;
    if runtime.root(root).poisoned { Err(RuntimeTrap::CannotEnter) } else { Ok(()) }
}
