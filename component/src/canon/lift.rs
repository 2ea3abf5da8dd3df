//! `canon lift`: core functions as component functions, called by the host; and the end of every call of one.
//!
//! A [`HostCall`] is the whole life of a call from the host: enter, lower the arguments, run, lift the result, `post-return`, leave. Its
//! caller brings the two conversions, so that typed and dynamic calls are the same here.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;
use core::marker::PhantomData;
use core::task::{Context as TaskContext, Poll};

use whit_core::{AsContextMut, Error, StoreContextMut, TrapCode};

use crate::abi::context::{Handle, LiftContext, LowerContext};
use crate::abi::lift::Lifting;
use crate::abi::place::Fields;
use crate::canon::call::Call;
use crate::canon::context::{LiftingSide, LoweringSide};
use crate::canon::lower::start_thread;
use crate::component::Component;
use crate::mismatch::TypeMismatch;
use crate::plan::StringEncoding;
use crate::resource_any::ResourceError;
use crate::runtime::Runtime;
use crate::runtime::instance::{Lift, LiftedFunc, Options};
use crate::runtime::scheduler::{self, Ran};
use crate::runtime::task::{Callee, Caller, Delivery, Task, TaskId, ThreadExecution, ThreadId};
use crate::runtime::trap::RuntimeTrap;
use crate::types::{MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, Types, ValType};

/// What the host wants of a call's result.
pub(crate) trait CallResult: Sized + Send + Sync + 'static {
    /// Lifts it; `fields` is where it lies.
    fn lift(from: &mut Lifting<'_>, fields: &mut Fields<'_>, ty: Option<ValType>) -> Result<Self, Error>;
}

/// A call of a lifted function by the host, which has begun.
pub(crate) struct HostCall<R> {
    func: LiftedFunc,
    lift: Lift,
    task: TaskId,
    thread: ThreadId,
    /// The resources that the host has lent for it.
    lent: Vec<Handle>,
    result: PhantomData<fn() -> R>,
}

/// How values of the host become the core arguments of a call.
pub(crate) type LowerArguments<'f> =
    dyn FnMut(&mut dyn LowerContext, &Component, Lift, &mut [u64]) -> Result<(), Error> + 'f;

impl<R: CallResult> HostCall<R> {
    /// Begins a call: its arguments are lowered, its thread can be run.
    pub(crate) fn begin<T: 'static>(
        store: &mut StoreContextMut<'_, T>,
        func: LiftedFunc,
        lower: &mut LowerArguments<'_>,
    ) -> Result<Self, Error> {
        let runtime = Runtime::of(store)?;
        let lift = runtime.enter(func)?;
        let task = TaskId(runtime.tasks.insert(Task {
            instance: lift.options.instance,
            callee: Callee::Lifted(func),
            borrows: 0,
            is_resolved: false,
            caller: Caller::Host(Delivery::Expected(lift_boxed::<R>)),
        })?);
        let mut lent = Vec::new();
        let begun = start(store, func, lift, task, &mut lent, lower);
        if let Err(error) = &begun {
            let runtime = Runtime::of(store)?;
            runtime.held.end_lending(&lent);
            // A borrow must not outlive the task that counts it.
            if runtime.tasks.remove(task.0).is_some_and(|task| task.borrows > 0) {
                runtime.instance(lift.options.instance).handles.end_borrows(task);
            }
            if !is_mistake_of_the_host(error) {
                runtime.poison(lift.options.instance);
            }
        }
        Ok(Self { func, lift, task, thread: begun?, lent, result: PhantomData })
    }

    /// The call has returned: its result is lifted, and it is ended.
    fn end<T: 'static>(&mut self, store: &mut StoreContextMut<'_, T>, result: Option<u64>) -> Result<R, Error> {
        match self.result(store, result) {
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

    fn result<T: 'static>(&self, store: &mut StoreContextMut<'_, T>, result: Option<u64>) -> Result<R, Error> {
        let runtime = Runtime::of(store)?;
        if self.lift.options.is_async {
            check_exit(runtime, self.task, &self.lift, result)?;
            let Caller::Host(Delivery::Lifted(value)) = &mut runtime.task(self.task)?.caller else {
                return Err(RuntimeTrap::NoReturn.into());
            };
            let value = core::mem::replace(value, Box::new(()));
            return value.downcast().map(|value| *value).map_err(|_| RuntimeTrap::InvalidTaskReturn.into());
        }
        let value = lift_result(store, self.func, &self.lift, MAX_FLAT_RESULTS, result.as_slice())?;
        if Runtime::of(store)?.task(self.task)?.borrows > 0 {
            return Err(RuntimeTrap::BorrowsRemain.into());
        }
        post_return(store, self.thread, &self.lift, result)?;
        Ok(value)
    }
}

impl<R: CallResult> Call for HostCall<R> {
    type Output = R;

    fn poll<T: 'static>(
        &mut self,
        store: &mut StoreContextMut<'_, T>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Result<R, Error>> {
        let ended = match scheduler::run(store, self.thread, context) {
            Ok(Ran::Pending) => return Poll::Pending,
            Ok(Ran::Done(result)) => self.end(store, result),
            Err(error) => Err(error),
        };
        Runtime::of(store)?.held.end_lending(&core::mem::take(&mut self.lent));
        Poll::Ready(ended)
    }

    fn abandon<T: 'static>(self, store: &mut StoreContextMut<'_, T>) -> Result<(), Error> {
        Runtime::of(store)?.held.end_lending(&self.lent);
        scheduler::abandon(store, self.thread)
    }
}

/// Whether arguments could not be lowered because of what the host gave and nothing else: then no code of the guest has failed, and it goes on. What was
/// lowered before the mistake was found stays with the guest: memory that nobody frees, and a resource that was given away.
fn is_mistake_of_the_host(error: &Error) -> bool {
    error.downcast_ref::<TypeMismatch>().is_some() || error.downcast_ref::<ResourceError>().is_some()
}

/// Lowers the arguments of a call and makes its thread.
fn start<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    func: LiftedFunc,
    lift: Lift,
    task: TaskId,
    lent: &mut Vec<Handle>,
    lower: &mut LowerArguments<'_>,
) -> Result<ThreadId, Error> {
    let component = Runtime::of(store)?.root(func.root).component.clone();
    let mut arguments = [0; MAX_FLAT_PARAMS];
    let arguments = &mut arguments[..lift.core.params()];
    let mut side = LoweringSide { store, options: &lift.options, root: func.root, scope: Some(task), lent };
    lower(&mut side, &component, lift, arguments)?;
    let execution = lift.core.start(store.as_context_mut(), arguments)?;
    start_thread(store, task, ThreadExecution::Call(execution))
}

/// Lifts a result from core values, of which there are at most `max_flat`, or from the memory that the first of them points to.
fn lift_result<T: 'static, R: CallResult>(
    store: &mut StoreContextMut<'_, T>,
    func: LiftedFunc,
    lift: &Lift,
    max_flat: usize,
    values: &[u64],
) -> Result<R, Error> {
    let component = Runtime::of(store)?.root(func.root).component.clone();
    let types = &component.plan().types;
    let ty = types.func(lift.ty).result;
    let mut side = LiftingSide::new(store, &lift.options, func.root);
    lift_from(&mut side, types, lift.options.string_encoding, ty, values, max_flat)
}

fn lift_from<R: CallResult>(
    side: &mut dyn LiftContext,
    types: &Types,
    encoding: StringEncoding,
    ty: Option<ValType>,
    values: &[u64],
    max_flat: usize,
) -> Result<R, Error> {
    let in_memory = ty.is_some_and(|ty| types.layout(ty).flat.is_none_or(|flat| flat.len() > max_flat));
    let mut from = Lifting::new(side, types, encoding, values);
    let mut fields = from.result(ty, in_memory)?;
    R::lift(&mut from, &mut fields, ty)
}

/// [`lift_from`] for a result that has to wait until the task ends.
fn lift_boxed<R: CallResult>(
    side: &mut dyn LiftContext,
    types: &Types,
    encoding: StringEncoding,
    ty: Option<ValType>,
    values: &[u64],
    max_flat: usize,
) -> Result<Box<dyn Any + Send + Sync>, Error> {
    Ok(Box::new(lift_from::<R>(side, types, encoding, ty, values, max_flat)?))
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
    let returned = post_return.call(store.as_context_mut(), result.as_slice());
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
    let mut side = LiftingSide::new(store, &options, func.root);
    let value = lift_result(&mut side, types, options.string_encoding, types.func(lift.ty).result, results, max_flat)?;
    Runtime::of(store)?.task(task)?.caller = Caller::Host(Delivery::Lifted(value));
    Ok(())
}
