//! `canon lift`: core functions as component functions, called by the host; and the end of every call of one.
//!
//! [`call`] is the whole life of a call from the host: enter, lower the arguments, run, lift the result, `post-return`, leave. The
//! caller brings the two conversions, so that typed and dynamic calls are the same here.

use core::task::{Context as TaskContext, Poll};

use whit_core::{AsContextMut, Error, StoreContextMut, TrapCode};

use crate::abi::context::Budget;
use crate::abi::flat::{FlatFuncType, flatten_functype};
use crate::canon::context::{LiftingSide, LoweringSide};
use crate::canon::lower::start_thread;
use crate::component::Component;
use crate::runtime::Runtime;
use crate::runtime::instance::{Lift, LiftedFunc, Options};
use crate::runtime::scheduler::{self, Ran};
use crate::runtime::task::{Callee, Caller, Delivery, Task, TaskId, Thread, ThreadExecution, ThreadId};
use crate::runtime::trap::RuntimeTrap;
use crate::types::MAX_FLAT_PARAMS;

/// A call of a lifted function by the host, which has begun.
pub(crate) struct HostCall {
    func: LiftedFunc,
    lift: Lift,
    component: Component,
    task: TaskId,
    thread: ThreadId,
}

/// How values of the host become core values of a call: the types, the function's core type, the side, and where they go.
pub(crate) type LowerArguments<'f> =
    dyn FnMut(&mut dyn crate::abi::context::LowerContext, &Component, Lift, &FlatFuncType, &mut [u64]) -> Result<(), Error> + 'f;

impl HostCall {
    /// Begins a call: its arguments are lowered, its thread can be run.
    pub(crate) fn begin<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        func: LiftedFunc,
        delivery: Delivery,
        lower: &mut LowerArguments<'_>,
    ) -> Result<Self, Error> {
        let runtime = Runtime::of(store)?;
        let lift = runtime.enter(func)?;
        let component = runtime.root(func.root).component.clone();
        let task = TaskId(runtime.tasks.insert(Task {
            instance: lift.options.instance,
            callee: Callee::Lifted(func),
            borrows: 0,
            is_resolved: false,
            caller: Caller::Host(delivery),
        })?);
        let begun = Self::start(store, func, lift, &component, task, lower);
        if begun.is_err() {
            let runtime = Runtime::of(store)?;
            runtime.tasks.remove(task.0);
            runtime.poison(lift.options.instance);
        }
        Ok(Self { func, lift, component, task, thread: begun? })
    }

    fn start<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        func: LiftedFunc,
        lift: Lift,
        component: &Component,
        task: TaskId,
        lower: &mut LowerArguments<'_>,
    ) -> Result<ThreadId, Error> {
        let types = &component.plan().types;
        let flat = flatten_functype(types, types.func(lift.ty), lift.options.is_async, lift.context());
        let mut arguments = [0; MAX_FLAT_PARAMS];
        let arguments = &mut arguments[..flat.params.len()];
        let mut side = LoweringSide { store, options: lift.options, root: func.root, scope: Some(task) };
        lower(&mut side, component, lift, &flat, arguments)?;
        let execution = lift.core.start_raw(store.as_context_mut(), arguments)?;
        start_thread(store, task, ThreadExecution::Call(execution), None)
    }

    /// Runs the call; when it has returned, `lift` gets its result as core values and the side to lift it from.
    pub(crate) fn poll<T: 'static, R>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        context: &mut TaskContext<'_>,
        lift: impl FnOnce(&mut LiftingSide<'_, '_, T>, &Component, Lift, &[u64]) -> Result<R, Error>,
    ) -> Poll<Result<R, Error>> {
        match scheduler::run(store, self.thread, context) {
            Ok(Ran::Pending) => Poll::Pending,
            Ok(Ran::Done(result)) => Poll::Ready(self.end(store, result, lift)),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    /// The call has returned.
    fn end<T: 'static, R>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        result: Option<u64>,
        lift: impl FnOnce(&mut LiftingSide<'_, '_, T>, &Component, Lift, &[u64]) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let options = self.lift.options;
        let mut side = LiftingSide {
            store,
            options,
            root: self.func.root,
            lenders: alloc::vec::Vec::new(),
            budget: Budget::default(),
        };
        let ended = lift(&mut side, &self.component, self.lift, result.as_slice()).and_then(|value| {
            let runtime = Runtime::of(store)?;
            if options.is_async {
                check_exit(runtime, self.task, &self.lift, result)?;
            } else {
                if runtime.task(self.task)?.borrows > 0 {
                    return Err(RuntimeTrap::BorrowsRemain.into());
                }
                post_return(store, self.thread, &self.lift, result)?;
            }
            Ok(value)
        });
        match ended {
            Ok(value) => {
                let runtime = Runtime::of(store)?;
                runtime.threads.remove(self.thread.0);
                runtime.tasks.remove(self.task.0);
                Ok(value)
            }
            Err(error) => {
                scheduler::abandon(store, self.thread)?;
                Err(error)
            }
        }
    }

    /// The value that a task of the `async` ABI has returned.
    pub(crate) fn delivered<T: 'static>(&self, store: &mut StoreContextMut<'_, T>) -> Result<Delivery, Error> {
        match &mut Runtime::of(store)?.task(self.task)?.caller {
            Caller::Host(delivery) => Ok(core::mem::replace(delivery, Delivery::Nothing)),
            Caller::Guest(_) => Ok(Delivery::Nothing),
        }
    }

    /// Ends a call that nobody waits for any longer, wherever it is. Its component cannot be used any more: it was left in the middle
    /// of something.
    pub(crate) fn abandon<T: 'static>(self, store: &mut StoreContextMut<'_, T>) -> Result<(), Error> {
        scheduler::abandon(store, self.thread)
    }
}

/// The trap of a call that would have to wait and cannot.
pub(crate) fn cannot_suspend() -> Error {
    TrapCode::CannotSuspend.into()
}

/// Calls `post-return` with the core result, on the thread that has returned and from where its instance cannot be left.
pub(crate) fn post_return<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    thread: ThreadId,
    lift: &Lift,
    result: Option<u64>,
) -> Result<(), Error> {
    let Some(post_return) = lift.options.post_return else { return Ok(()) };
    let runtime = Runtime::of(store)?;
    runtime.instance(lift.options.instance).may_leave = false;
    let outer = runtime.current.replace(thread);
    let returned = post_return.call_raw(store.as_context_mut(), result.as_slice());
    let runtime = Runtime::of(store)?;
    runtime.instance(lift.options.instance).may_leave = true;
    runtime.current = outer;
    returned.map(|_| ())
}

/// Whether a task of the `async` ABI whose thread has returned may end ("exit_implicit_thread").
pub(crate) fn check_exit(runtime: &mut Runtime, task: TaskId, lift: &Lift, result: Option<u64>) -> Result<(), Error> {
    if lift.options.callback.is_some() {
        match result.unwrap_or(0) as u32 & 0xf {
            0 => {}
            1 | 2 => return Err(RuntimeTrap::NotYet("callback").into()),
            _ => return Err(RuntimeTrap::UnsupportedCallback.into()),
        }
    }
    if !runtime.task(task)?.is_resolved {
        return Err(RuntimeTrap::NoReturn.into());
    }
    Ok(())
}

/// Lifts the value of a task of the `async` ABI for the host.
pub(crate) fn deliver<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    task: TaskId,
    options: Options,
    max_flat: usize,
    results: &[u64],
) -> Result<(), Error> {
    let runtime = Runtime::of(store)?;
    let state = runtime.task(task)?;
    let Caller::Host(Delivery::Expected(lift_result)) = &state.caller else { return Ok(()) };
    let (lift_result, Callee::Lifted(func)) = (*lift_result, state.callee) else { return Ok(()) };
    let lift = runtime.root(func.root).lift(func.lift)?;
    let component = runtime.root(func.root).component.clone();
    let types = &component.plan().types;
    let mut side =
        LiftingSide { store, options, root: func.root, lenders: alloc::vec::Vec::new(), budget: Budget::default() };
    let value = lift_result(&mut side, types, options.string_encoding, types.func(lift.ty).result, results, max_flat)?;
    Runtime::of(store)?.task(task)?.caller = Caller::Host(Delivery::Lifted(value));
    Ok(())
}
