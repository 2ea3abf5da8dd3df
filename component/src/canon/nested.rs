//! Calls on the stack of their caller: a lowered function whose both sides are synchronous, and the destructor of a dropped handle.
//!
//! The caller cannot go on before the callee has returned, so the callee's frames may stand on the caller's, where the interpreter puts
//! them as it does those of any call ([`RawOutcome::Call`]). The callee's thread is then one without an execution of its own
//! ([`Thread::stack`](crate::runtime::task::Thread::stack)). Where one side is asynchronous, each thread has its own stack
//! ([`lower`](super::lower)).

use alloc::vec::Vec;

use whit_core::{AsContextMut, Caller as CoreCaller, Error, RawFunction, RawOutcome, StoreContextMut};

use crate::abi::context::Budget;
use crate::canon::context::{Passing, end_lending};
use crate::canon::resource::HostDestructors;
use crate::canon::{lift, resource};
use crate::runtime::Runtime;
use crate::runtime::instance::{InstanceId, Lift};
use crate::runtime::resource::ResourceTypeId;
use crate::runtime::scheduler::escaping;
use crate::runtime::task::{Callee, Caller, LoweredFunc, Task, TaskId, Thread, ThreadId};
use crate::runtime::trap::RuntimeTrap;
use crate::types::MAX_FLAT_PARAMS;

/// A lowered function whose callee runs on its caller's stack.
pub(crate) struct NestedCall {
    /// The function.
    pub func: LoweredFunc,
    /// What it calls.
    pub lift: Lift,
    /// How many core parameters it has.
    pub params: usize,
}

impl<T: 'static> RawFunction<T> for NestedCall {
    fn call(&self, _: u32, mut caller: CoreCaller<'_, T>, slots: &mut [u64]) -> Result<RawOutcome<T>, Error> {
        let mut store = caller.as_context_mut();
        let (thread, task) = self.begin(Runtime::of(&mut store)?)?;
        let mut arguments = [0; MAX_FLAT_PARAMS];
        let arguments = &mut arguments[..self.lift.core.params()];
        let passed = self.pass_arguments(&mut store, task, &slots[..self.params], arguments);
        let runtime = Runtime::of(&mut store)?;
        if let Err(error) = passed {
            return Err(self.fail(runtime, task, error));
        }
        for (slot, argument) in slots.iter_mut().zip(arguments) {
            *slot = *argument;
        }
        enter(runtime, thread, task)?;
        Ok(RawOutcome::Call(self.lift.core))
    }

    fn returned(
        &self,
        _: u32,
        mut caller: CoreCaller<'_, T>,
        slots: &mut [u64],
        result: u64,
    ) -> Result<RawOutcome<T>, Error> {
        let mut store = caller.as_context_mut();
        let answer = self.pass_result(&mut store, &slots[..self.params], result).map_err(escaping)?;
        if let (Some(slot), Some(answer)) = (slots.first_mut(), answer) {
            *slot = answer;
        }
        Ok(RawOutcome::Return)
    }
}

// What does not depend on the embedder's data is apart, so that there is one copy of it.
impl NestedCall {
    /// Makes the task of a call: the calling thread, and the task.
    fn begin(&self, runtime: &mut Runtime) -> Result<(ThreadId, TaskId), Error> {
        runtime.check_may_leave(self.func.options.instance)?;
        let (thread, _) = runtime.current()?;
        let instance = self.lift.options.instance;
        resource::check_alive(runtime, instance)?;
        let task = runtime.tasks.insert(Task {
            instance,
            callee: Callee::Lifted(self.func.callee),
            borrows: 0,
            is_resolved: false,
            caller: Caller::Below { thread, lenders: Vec::new() },
        })?;
        Ok((thread, TaskId(task)))
    }

    /// Ends a task whose arguments could not be passed.
    #[cold]
    fn fail(&self, runtime: &mut Runtime, task: TaskId, error: Error) -> Error {
        runtime.tasks.discard(task.0);
        runtime.poison(self.lift.options.instance);
        escaping(error)
    }

    /// The thread and the task of a call that has returned.
    fn end(&self, runtime: &mut Runtime) -> Result<(ThreadId, TaskId), Error> {
        let (thread, Thread { task, .. }) = runtime.current()?;
        let task = *task;
        match runtime.task(task)?.borrows {
            0 => Ok((thread, task)),
            _ => Err(RuntimeTrap::BorrowsRemain.into()),
        }
    }

    /// Makes the callee's core arguments.
    fn pass_arguments<T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        task: TaskId,
        from: &[u64],
        to: &mut [u64],
    ) -> Result<(), Error> {
        let LoweredFunc { root, program, options, .. } = &self.func;
        let mut passing = Passing {
            store,
            from: options,
            to: &self.lift.options,
            root: *root,
            lenders: Vec::new(),
            scope: Some(task),
            budget: Budget::default(),
        };
        program.params(&mut passing, from, to)?;
        let lent = passing.lenders;
        if !lent.is_empty()
            && let Caller::Below { lenders, .. } = &mut Runtime::of(store)?.task(task)?.caller
        {
            *lenders = lent;
        }
        Ok(())
    }

    /// Passes the result back and ends the task: the caller's core result, if it has one.
    fn pass_result<T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        arguments: &[u64],
        result: u64,
    ) -> Result<Option<u64>, Error> {
        let LoweredFunc { root, program, options, .. } = &self.func;
        let lift = &self.lift;
        let (thread, task) = self.end(Runtime::of(store)?)?;
        let results = &[result][..lift.core.results().min(1)];
        let mut answer = results.first().copied();
        // What most calls are needs no look at the sides.
        if !program.moves_result() || lift.options.post_return.is_some() {
            let mut passing = Passing {
                store,
                from: &lift.options,
                to: options,
                root: *root,
                lenders: Vec::new(),
                scope: None,
                budget: Budget::default(),
            };
            answer = program.result(&mut passing, results, arguments)?;
            lift::post_return(store, thread, lift, results.first().copied())?;
        }
        let runtime = Runtime::of(store)?;
        let lenders = leave(runtime, thread, task)?;
        if !lenders.is_empty() {
            end_lending(runtime, options, &lenders);
        }
        Ok(answer)
    }
}

/// `resource.drop`: drops a handle; the destructor is called if it was an `own` handle.
pub(crate) struct ResourceDrop {
    /// The instance whose handle it is.
    pub instance: InstanceId,
    /// Its type.
    pub ty: ResourceTypeId,
}

impl<T: 'static> RawFunction<T> for ResourceDrop {
    fn call(&self, _: u32, mut caller: CoreCaller<'_, T>, slots: &mut [u64]) -> Result<RawOutcome<T>, Error> {
        let mut store = caller.as_context_mut();
        let runtime = Runtime::of(&mut store)?;
        runtime.check_may_leave(self.instance)?;
        let Some(rep) = resource::remove(runtime, self.instance, self.ty, slots[0] as u32)? else {
            return Ok(RawOutcome::Return);
        };
        let implementation = runtime.resources[self.ty.0 as usize];
        let Some(instance) = implementation.implementer else {
            // A destructor of the host is called where it stands.
            return match HostDestructors::of(&mut store)?.get(self.ty) {
                Some(destructor) => destructor(store, rep).map(|()| RawOutcome::Return),
                None => Ok(RawOutcome::Return),
            };
        };
        let Some(destructor) = implementation.destructor else { return Ok(RawOutcome::Return) };
        resource::check_alive(runtime, instance)?;
        let (thread, _) = runtime.current()?;
        let caller = Caller::Below { thread, lenders: Vec::new() };
        let task = Task { instance, callee: Callee::Destructor, borrows: 0, is_resolved: false, caller };
        let task = TaskId(runtime.tasks.insert(task)?);
        enter(runtime, thread, task)?;
        slots[0] = rep.into();
        Ok(RawOutcome::Call(destructor))
    }

    fn returned(&self, _: u32, mut caller: CoreCaller<'_, T>, _: &mut [u64], _: u64) -> Result<RawOutcome<T>, Error> {
        let mut store = caller.as_context_mut();
        let runtime = Runtime::of(&mut store)?;
        let (thread, Thread { task, .. }) = runtime.current()?;
        let task = *task;
        leave(runtime, thread, task)?;
        Ok(RawOutcome::Return)
    }
}

/// Makes the thread of a task, on the stack of the thread `caller`, and goes on as it.
fn enter(runtime: &mut Runtime, caller: ThreadId, task: TaskId) -> Result<(), Error> {
    let stack = runtime.thread(caller)?.stack.unwrap_or(caller);
    let thread = Thread { task, execution: None, stack: Some(stack), context: [0; 2], request: None, callee: None };
    let thread = ThreadId(runtime.threads.insert(thread)?);
    runtime.thread(caller)?.callee = Some(thread);
    runtime.current = Some(thread);
    Ok(())
}

/// Ends the current thread and its task, and goes on as the thread that it stands on; the handles lent for the call.
fn leave(runtime: &mut Runtime, thread: ThreadId, task: TaskId) -> Result<Vec<u32>, Error> {
    let Caller::Below { thread: below, lenders } = &mut runtime.task(task)?.caller else {
        return Err(Error::msg("a call on a caller's stack has lost its caller"));
    };
    let (below, lenders) = (*below, core::mem::take(lenders));
    runtime.tasks.discard(task.0);
    runtime.threads.discard(thread.0);
    runtime.thread(below)?.callee = None;
    runtime.current = Some(below);
    Ok(lenders)
}
