//! `canon resource.new`, `resource.drop` and `resource.rep`, and the destructors that dropping calls.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::task::{Context as TaskContext, Poll};

use whit_core::{AsContextMut, Caller, Error, RawOutcome, StoreContextMut};

use crate::abi::context::Handle as HostHandle;
use crate::canon::call::Call;
use crate::canon::lower::start_thread;
use crate::runtime::Runtime;
use crate::runtime::handle::Handle;
use crate::runtime::instance::InstanceId;
use crate::runtime::resource::{Hold, ResourceHandle, ResourceTypeId, check_type};
use crate::runtime::scheduler::{self, Ran};
use crate::runtime::task::{
    Callee, Caller as TaskCaller, Delivery, Request, Subtask, Task, TaskId, ThreadExecution, ThreadId,
};
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

/// `resource.drop`: drops a handle; the destructor is called if it was an `own` handle.
pub(crate) fn drop<T: 'static>(
    mut caller: Caller<'_, T>,
    instance: InstanceId,
    ty: ResourceTypeId,
    index: u32,
) -> Result<RawOutcome<T>, Error> {
    let mut store = caller.as_context_mut();
    let runtime = Runtime::of(&mut store)?;
    runtime.check_may_leave(instance)?;
    let Some(rep) = remove(runtime, instance, ty, index)? else { return Ok(RawOutcome::Return) };
    let implementation = runtime.resources[ty.0 as usize];
    let Some(destructor) = implementation.destructor else { return Ok(RawOutcome::Return) };
    match implementation.implementer {
        // A destructor of the host is called where it stands.
        None => destructor.call_raw(store, &[rep.into()]).map(|_| RawOutcome::Return),
        Some(_) => {
            let (_, thread) = runtime.current()?;
            thread.request = Some(Request::Destroy { ty, rep });
            Ok(RawOutcome::Suspend(0))
        }
    }
}

/// Takes a handle out of a table; the representation if its resource is to be destroyed.
fn remove(runtime: &mut Runtime, instance: InstanceId, ty: ResourceTypeId, index: u32) -> Result<Option<u32>, Error> {
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

/// Begins the destructor of a resource that the thread `at` has dropped; the thread that runs it.
pub(crate) fn begin_destructor<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    at: ThreadId,
    ty: ResourceTypeId,
    rep: u32,
) -> Result<ThreadId, Error> {
    let subtask = Subtask { thread: at, lenders: Vec::new(), call: None, result: None };
    start_destructor(store, ty, rep, TaskCaller::Guest(Box::new(subtask)), Some(at))
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
        let caller = TaskCaller::Host(Delivery::Nothing);
        Ok(Some(Self { thread: start_destructor(store, held.ty, held.rep, caller, None)? }))
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

/// Makes the task and the thread of a destructor.
pub(crate) fn start_destructor<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    ty: ResourceTypeId,
    rep: u32,
    caller: TaskCaller,
    waiting: Option<ThreadId>,
) -> Result<ThreadId, Error> {
    let runtime = Runtime::of(store)?;
    let implementation = runtime.resources[ty.0 as usize];
    let (Some(destructor), Some(instance)) = (implementation.destructor, implementation.implementer) else {
        return Err(Error::msg("a resource without a destructor was destroyed"));
    };
    let root = runtime.instance(instance).root;
    if runtime.root(root).poisoned {
        return Err(RuntimeTrap::CannotEnter.into());
    }
    let execution = destructor.start_raw(store.as_context_mut(), &[rep.into()])?;
    let task = Task { instance, callee: Callee::Destructor, borrows: 0, is_resolved: false, caller };
    let task = TaskId(Runtime::of(store)?.tasks.insert(task)?);
    start_thread(store, task, ThreadExecution::Call(execution), waiting)
}
