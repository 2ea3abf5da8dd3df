//! `canon lower`: component functions as core functions, and what happens between the call and its results.
//!
//! A lowered function of another component leaves the caller's code with a request; [`begin_call`] makes the callee's task, passes the
//! arguments and starts its thread; [`return_to_caller`] passes the result back and lets the caller go on. A lowered function of the host
//! is called where it stands, on the caller's thread.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use whit_core::{
    AsContextMut, Caller as CoreCaller, Error, Execution, Func, RawOutcome, RawResult, Signature, StoreContextMut,
};

use crate::abi::context::Budget;
use crate::abi::copy::CallProgram;
use crate::canon::RETURNED;
use crate::canon::context::{Passing, end_lending};
use crate::canon::nested::NestedCall;
use crate::runtime::Runtime;
use crate::runtime::instance::{Lift, LiftedFunc, Options, RootId};
use crate::runtime::task::{
    Callee, Caller, CoreArguments, Delivery, LoweredCall, LoweredFunc, Request, Subtask, Task, TaskId, Thread,
    ThreadExecution, ThreadId,
};
use crate::runtime::trap::RuntimeTrap;
use crate::types::{FuncTypeIdx, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS};

/// The core function that calls `callee` at the type `ty` of `root`.
pub(crate) fn make<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    signature: &Signature,
    root: RootId,
    callee: LiftedFunc,
    ty: FuncTypeIdx,
    options: Options,
) -> Result<Func, Error> {
    let runtime = Runtime::of(store)?;
    let lift = runtime.root(callee.root).lift(callee.lift)?;
    let component = runtime.root(root).component.clone();
    let types = &component.plan().types;
    let count = signature.ty().params().len();
    let program = CallProgram::new(types, types.func(ty), options.side(), lift.options.side())?;
    let func = LoweredFunc { callee, root, program, options };
    if !options.is_async && !lift.options.is_async {
        return Func::new_raw(store.as_context_mut(), signature, NestedCall { func, lift, params: count });
    }
    let func = Arc::new(func);
    Func::new_raw(store.as_context_mut(), signature, move |mut caller: CoreCaller<'_, T>, slots: &mut [u64]| {
        let mut store = caller.as_context_mut();
        let runtime = Runtime::of(&mut store)?;
        runtime.check_may_leave(options.instance)?;
        let arguments = CoreArguments::new(&slots[..count])
            .ok_or_else(|| Error::msg("a lowered function with more core arguments than the canonical ABI passes"))?;
        let call = LoweredCall { func: func.clone(), arguments };
        let (id, thread) = runtime.current()?;
        // The one allocation of a call, beside its execution.
        let subtask = Subtask { thread: id, lenders: Vec::new(), call, result: None };
        thread.request = Some(Request::Call(Box::new(subtask)));
        Ok(RawOutcome::Suspend(0))
    })
}

/// Begins a call that a thread has asked for; the thread that runs the callee.
pub(crate) fn begin_call<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    mut subtask: Box<Subtask>,
) -> Result<ThreadId, Error> {
    let callee = subtask.call.func.callee;
    let runtime = Runtime::of(store)?;
    let lift = runtime.enter(callee)?;
    let task = TaskId(runtime.tasks.insert(Task {
        instance: lift.options.instance,
        callee: Callee::Lifted(callee),
        borrows: 0,
        is_resolved: false,
        // The caller's side, once the arguments have been passed.
        caller: Caller::Host(Delivery::Nothing),
    })?);
    let begun = pass_arguments(store, task, &lift, &mut subtask);
    let runtime = Runtime::of(store)?;
    match begun {
        Ok(execution) => {
            let at = subtask.thread;
            runtime.task(task)?.caller = Caller::Guest(subtask);
            add_thread(runtime, task, ThreadExecution::Call(execution), Some(at))
        }
        Err(error) => {
            runtime.tasks.remove(task.0);
            runtime.poison(lift.options.instance);
            Err(error)
        }
    }
}

/// Passes the arguments of a call to the callee, whose execution then can be run.
fn pass_arguments<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    task: TaskId,
    lift: &Lift,
    subtask: &mut Subtask,
) -> Result<Execution<RawResult>, Error> {
    let call = &subtask.call;
    let mut passing = Passing {
        store,
        from: &call.func.options,
        to: &lift.options,
        root: call.func.root,
        lenders: Vec::new(),
        scope: Some(task),
        budget: Budget::default(),
    };
    let mut arguments = [0; MAX_FLAT_PARAMS];
    let arguments = &mut arguments[..lift.core.params()];
    call.func.program.params(&mut passing, call.arguments.as_slice(), arguments)?;
    subtask.lenders = passing.lenders;
    lift.core.start(store.as_context_mut(), arguments)
}

/// Adds the thread of a task that the host waits for.
pub(crate) fn start_thread<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    task: TaskId,
    execution: ThreadExecution,
) -> Result<ThreadId, Error> {
    add_thread(Runtime::of(store)?, task, execution, None)
}

fn add_thread(
    runtime: &mut Runtime,
    task: TaskId,
    execution: ThreadExecution,
    caller: Option<ThreadId>,
) -> Result<ThreadId, Error> {
    let thread = Thread { task, execution: Some(execution), stack: None, context: [0; 2], request: None, callee: None };
    let thread = ThreadId(runtime.threads.insert(thread)?);
    if let Some(caller) = caller {
        runtime.thread(caller)?.callee = Some(thread);
    }
    Ok(thread)
}

/// The thread `at` has returned: passes its result on to the thread that waits for it, and gives that thread.
pub(crate) fn return_to_caller<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    at: ThreadId,
    result: Option<u64>,
) -> Result<ThreadId, Error> {
    let runtime = Runtime::of(store)?;
    let task_id = runtime.thread(at)?.task;
    let task = runtime.task(task_id)?;
    let callee = task.callee;
    if let Callee::Lifted(func) = callee {
        let lift = runtime.root(func.root).lift(func.lift)?;
        match lift.options.is_async {
            // The value was passed on by `task.return`.
            true => super::lift::check_exit(runtime, task_id, &lift, result)?,
            false => {
                pass_result(store, task_id, lift.options, MAX_FLAT_RESULTS, result.as_slice())?;
                super::lift::post_return(store, at, &lift, result)?;
            }
        }
    }
    let runtime = Runtime::of(store)?;
    runtime.threads.remove(at.0);
    let task = runtime.tasks.remove(task_id.0);
    let Some(Task { caller: Caller::Guest(subtask), .. }) = task else { return Err(orphaned()) };
    let mut answer = subtask.result;
    let options = &subtask.call.func.options;
    end_lending(runtime, options, &subtask.lenders);
    if options.is_async {
        answer = Some(RETURNED);
    }
    let caller = runtime.thread(subtask.thread)?;
    caller.callee = None;
    let stack = caller.stack.unwrap_or(subtask.thread);
    let Some(mut execution) = runtime.thread(stack)?.execution.take() else { return Err(orphaned()) };
    let answered = execution.answer(store, answer.as_slice());
    Runtime::of(store)?.thread(stack)?.execution = Some(execution);
    answered.map(|()| subtask.thread)
}

/// Passes the value of a task, as core values of the callee's side, to its caller ("Task.return_").
pub(crate) fn pass_result<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    task: TaskId,
    from: Options,
    max_flat: usize,
    results: &[u64],
) -> Result<(), Error> {
    let state = Runtime::of(store)?.task(task)?;
    if state.is_resolved {
        return Err(RuntimeTrap::InvalidTaskReturn.into());
    }
    if state.borrows > 0 {
        return Err(RuntimeTrap::BorrowsRemain.into());
    }
    state.is_resolved = true;
    let mut subtask = match core::mem::replace(&mut state.caller, Caller::Host(Delivery::Nothing)) {
        Caller::Guest(subtask) => subtask,
        host => {
            state.caller = host;
            return super::lift::deliver(store, task, from, max_flat, results);
        }
    };
    let call = &subtask.call;
    let mut passing = Passing {
        store,
        from: &from,
        to: &call.func.options,
        root: call.func.root,
        lenders: Vec::new(),
        scope: None,
        budget: Budget::default(),
    };
    subtask.result = call.func.program.result(&mut passing, results, call.arguments.as_slice())?;
    Runtime::of(store)?.task(task)?.caller = Caller::Guest(subtask);
    Ok(())
}

/// Callers outlive what they call: they wait for it.
fn orphaned() -> Error {
    Error::msg("a call between components has lost its caller")
}
