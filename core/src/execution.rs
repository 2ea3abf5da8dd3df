//! Running guests: the loop that does what running code asks of the embedder, and [`Execution`], a call as a value.
//!
//! [`drive`] alternates between `exec::resume`, which knows nothing of `T`, and whatever the returned [`Step`] needs: a closure, a
//! limiter, the epoch callback, a pending future. Three ways of running sit on it: calls that must finish ([`Func::call`]), executions
//! that are resumed by hand or polled ([`Execution`]), and futures ([`Func::call_async`]). Promises that a panic in a closure, or a
//! drop at any point, frees the execution and leaves the store usable.
//!
//! [`Func::call`]: crate::Func::call
//! [`Func::call_async`]: crate::Func::call_async

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use crate::error::{Error, Trap, TrapFacts};
use crate::exec;
use crate::exec::step::{AtomicWait, ExecutionAddr, Grown, Growth, HostCall, Step};
use crate::host::{Called, HostFunction, PendingCall, Site};
use crate::runtime::context::FuncAddr;
use crate::runtime::handles::Handles;
use crate::runtime::store::Due;
use crate::shared::Shared;
use crate::store::{AsContextMut, Store, StoreContextMut, UpdateDeadline};
use crate::trap::TrapCode;
use crate::typed::{Inner, WasmTyList};
use crate::types::FuncType;
use crate::value::{Val, load_vals};

/// How far an [`Execution`] has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress<R = Vec<Val>> {
    /// The function has returned these results.
    Done(R),
    /// A host function or an atomic wait is not finished: resume, or poll, later.
    Pending,
    /// The fuel is used up: [`Store::set_fuel`], then resume.
    OutOfFuel,
    /// The epoch deadline was reached: move it with [`Store::set_epoch_deadline`], then resume.
    Interrupted,
    /// A raw host function left its call to whoever runs the execution, under this number
    /// ([`RawOutcome::Suspend`](crate::RawOutcome::Suspend)): [`Execution::answer`] or [`Execution::fail`], then resume.
    Suspended(u64),
}

impl<R> Progress<R> {
    /// The results, if the function has returned.
    pub fn done(self) -> Option<R> {
        match self {
            Self::Done(results) => Some(results),
            _ => None,
        }
    }
}

/// Why [`drive`] came back, other than with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pause {
    Done,
    Pending,
    OutOfFuel,
    Interrupted,
    Suspended(u64),
}

/// Whether an execution may be left and resumed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// The call must finish: what would suspend it is an error in the guest.
    ToTheEnd,
    /// It comes back whenever it would wait.
    Suspending,
    /// As a future: waits become `Pending`, but fuel and epochs end it as in a call.
    Future,
}

/// Counts a driver on the native stack, also while unwinding.
struct Nested<'a, T: 'static>(&'a mut Store<T>);

impl<'a, T: 'static> Nested<'a, T> {
    fn enter(store: &'a mut Store<T>) -> Result<Self, Error> {
        if store.host.nesting >= store.engine().config().max_host_depth {
            return Err(Error::trap(TrapCode::StackOverflow));
        }
        store.host.nesting += 1;
        Ok(Self(store))
    }
}

impl<T: 'static> Drop for Nested<'_, T> {
    fn drop(&mut self) {
        self.0.host.nesting -= 1;
    }
}

/// Runs `execution` until it is done, cannot go on, or fails.
fn drive<T: 'static>(
    store: &mut Store<T>,
    execution: ExecutionAddr,
    context: &mut Context<'_>,
    manner: Manner,
) -> Result<Pause, Error> {
    let nested = Nested::enter(store)?;
    let store = &mut *nested.0;
    if let Some((call, pending)) = store.take_pending(execution)
        && let Some(pause) = poll_pending(store, execution, call, pending, context, manner)?
    {
        return Ok(pause);
    }
    go_on(store, execution, context, manner)
}

/// The same for one that has come to a step.
fn drive_on<T: 'static>(
    store: &mut Store<T>,
    execution: ExecutionAddr,
    step: Step,
    context: &mut Context<'_>,
    manner: Manner,
) -> Result<Pause, Error> {
    match take_step(store, execution, step, context, manner)? {
        Some(pause) => Ok(pause),
        None => go_on(store, execution, context, manner),
    }
}

/// Resumes the execution and does what its steps ask for.
fn go_on<T: 'static>(
    store: &mut Store<T>,
    execution: ExecutionAddr,
    context: &mut Context<'_>,
    manner: Manner,
) -> Result<Pause, Error> {
    loop {
        // A step is taken where it was written: moved, its halves would be waited for.
        let step = exec::resume(store.inner_ptr(), execution);
        if let Some(pause) = take_step(store, execution, step, context, manner)? {
            return Ok(pause);
        }
    }
}

/// Does what a step asks for; the pause, if the execution cannot be resumed at once.
#[inline(always)]
fn take_step<T: 'static>(
    store: &mut Store<T>,
    execution: ExecutionAddr,
    step: Step,
    context: &mut Context<'_>,
    manner: Manner,
) -> Result<Option<Pause>, Error> {
    // Most steps are host calls, and most of those return: ahead of the others they pay for no table of jumps.
    let (call, called) = match step {
        Step::HostCall { host, call } => {
            (call, ask_host(store, host, |function, store, site| function.call(store, call, site)))
        }
        Step::HostReturn { host, call, result } => {
            (call, ask_host(store, host, |function, store, site| function.returned(store, call, site, result)))
        }
        _ => return attend(store, execution, step, context, manner),
    };
    match called {
        Ok(Called::GoesOn) => {}
        Ok(Called::Pending(pending)) => return poll_pending(store, execution, call, pending, context, manner),
        Ok(Called::Suspended(number)) if manner == Manner::Suspending => return Ok(Some(Pause::Suspended(number))),
        Ok(Called::Suspended(_)) => {
            exec::fail(store.inner_ptr(), execution, Error::trap(TrapCode::CannotSuspend));
        }
        Err(error) => exec::fail(store.inner_ptr(), execution, error),
    }
    Ok(None)
}

/// Calls `func` with the bits of numbers, as many as its parameters have slots, and waits for the first of its `results` result slots.
pub(crate) fn call_raw<T: 'static>(
    store: &mut Store<T>,
    func: FuncAddr,
    arguments: &[u64],
    results: usize,
) -> Result<u64, Error> {
    store.reap();
    let nested = Nested::enter(store)?;
    let store = &mut *nested.0;
    match exec::call(store.inner_ptr(), func, arguments, results)? {
        Ok(result) => Ok(result),
        Err((execution, step)) => {
            let mut running = Running { store, execution };
            let mut context = Context::from_waker(Waker::noop());
            match drive_on(running.store, execution, step, &mut context, Manner::ToTheEnd)? {
                Pause::Done => Ok(running.slots(results).1.first().copied().unwrap_or(0)),
                // As in `Running::finish`.
                _ => Err(Error::trap(TrapCode::CannotSuspend)),
            }
        }
    }
}

/// Does what a step asks for that is no call of the host; the pause, if the execution cannot be resumed at once.
fn attend<T: 'static>(
    store: &mut Store<T>,
    execution: ExecutionAddr,
    step: Step,
    context: &mut Context<'_>,
    manner: Manner,
) -> Result<Option<Pause>, Error> {
    Ok(match step {
        Step::HostCall { .. } | Step::HostReturn { .. } => None,
        Step::Done => Some(Pause::Done),
        Step::Failed(error) => return Err(error),
        Step::OutOfFuel if manner == Manner::Suspending => Some(Pause::OutOfFuel),
        Step::OutOfFuel => {
            exec::fail(store.inner_ptr(), execution, Error::trap(TrapCode::OutOfFuel));
            None
        }
        Step::Interrupted => deadline_reached(store, execution, context, manner),
        Step::Growth(growth) => {
            let answer = ask_limiter(store, &growth);
            exec::answer_growth(store.inner_ptr(), execution, answer);
            None
        }
        // Nobody looks at the epoch in a wait but the driver.
        Step::AtomicWait(_) if store.engine().config().epoch_interruption && store.inner_mut().due().is_some() => {
            deadline_reached(store, execution, context, manner)
        }
        Step::AtomicWait(_) if manner != Manner::ToTheEnd => {
            // The wait queue knows no wakers: have the executor come back.
            context.waker().wake_by_ref();
            Some(Pause::Pending)
        }
        Step::AtomicWait(wait) => {
            block_on_wait(store, execution, &wait);
            None
        }
    })
}

/// Ends an execution whose time is over, or does what the epoch callback says; `None` if the execution can be resumed at once.
fn deadline_reached<T: 'static>(
    store: &mut Store<T>,
    execution: ExecutionAddr,
    context: &mut Context<'_>,
    manner: Manner,
) -> Option<Pause> {
    match store.inner_mut().due() {
        // The epoch has moved for another store.
        None => return None,
        Some(Due::Timeout(limit)) => {
            exec::fail(store.inner_ptr(), execution, timeout(limit));
            return None;
        }
        Some(Due::Epoch) => {}
    }
    let error = match store.ask_epoch() {
        Ok(UpdateDeadline::Continue(ticks)) => {
            // Not before the next tick: the check is made again where it was made.
            store.set_epoch_deadline(ticks.max(1));
            return None;
        }
        Ok(UpdateDeadline::Yield(ticks)) => {
            store.set_epoch_deadline(ticks.max(1));
            if manner == Manner::ToTheEnd {
                return None;
            }
            context.waker().wake_by_ref();
            return Some(Pause::Pending);
        }
        Ok(UpdateDeadline::Interrupt) if manner == Manner::Suspending => return Some(Pause::Interrupted),
        Ok(UpdateDeadline::Interrupt) => Error::trap(TrapCode::Interrupted),
        Err(error) => error,
    };
    exec::fail(store.inner_ptr(), execution, error);
    None
}

/// The trap of a guest whose time, which was `limit`, is over.
pub(crate) fn timeout(limit: Duration) -> Error {
    Trap::from(TrapCode::Timeout).with_facts(TrapFacts::Time { limit }).into()
}

/// Asks the closure behind a host function.
#[inline(always)]
fn ask_host<T: 'static>(
    store: &mut Store<T>,
    index: u32,
    ask: impl FnOnce(&dyn HostFunction<T>, &mut Store<T>, Site) -> Result<Called<T>, Error>,
) -> Result<Called<T>, Error> {
    let Some((function, site)) = store.host_function(index) else {
        return Err(Error::misuse("a host function without a closure"));
    };
    let (function, site): (*const dyn HostFunction<T>, _) = (Arc::as_ptr(function), *site);
    // SAFETY: I10 — closures are only ever added to a store, never removed or replaced, and the store outlives the call because it is
    // borrowed; the `Arc` may move within its vector, what it points to does not.
    #[allow(unsafe_code, reason = "counting the closure's owners up and down would cost more than the call")]
    let function = unsafe { &*function };
    ask(function, store, site)
}

/// A host call that is abandoned with the scope that polls it, whichever way the scope is left, unless it is taken out.
struct Polled<'a, T: 'static> {
    store: &'a mut Store<T>,
    pending: Option<PendingCall<T>>,
}

impl<T: 'static> Drop for Polled<'_, T> {
    fn drop(&mut self) {
        if let Some(mut pending) = self.pending.take() {
            pending.abandon(self.store);
        }
    }
}

/// Polls a host call once; `None` if the execution can go on.
fn poll_pending<T: 'static>(
    store: &mut Store<T>,
    execution: ExecutionAddr,
    call: HostCall,
    pending: PendingCall<T>,
    context: &mut Context<'_>,
    manner: Manner,
) -> Result<Option<Pause>, Error> {
    let mut polled = Polled { store, pending: Some(pending) };
    let Polled { store, pending } = &mut polled;
    let Some(future) = pending else { return Ok(None) };
    match future.poll(store, &call, context) {
        Poll::Ready(Ok(())) => {}
        Poll::Ready(Err(error)) => exec::fail(store.inner_ptr(), execution, error),
        Poll::Pending if manner == Manner::ToTheEnd => {
            exec::fail(store.inner_ptr(), execution, Error::trap(TrapCode::CannotSuspend));
        }
        Poll::Pending => match store.inner().time_over() {
            Some(limit) => exec::fail(store.inner_ptr(), execution, timeout(limit)),
            None => {
                store.inner().wake_in_time(execution, context.waker());
                store.put_pending(execution, call, pending)?;
                return Ok(Some(Pause::Pending));
            }
        },
    }
    Ok(None)
}

/// The limiter's answer to a wish to grow.
fn ask_limiter<T: 'static>(store: &mut Store<T>, growth: &Growth) -> Result<bool, Error> {
    // Beyond the address space of the host no limiter can allow anything.
    let (Ok(current), Ok(desired)) = (usize::try_from(growth.current), usize::try_from(growth.desired)) else {
        return Ok(false);
    };
    let maximum = growth.maximum.and_then(|maximum| usize::try_from(maximum).ok());
    store.with_limiter(|limiter| match growth.what {
        Grown::Memory => limiter.memory_growing(current, desired, maximum),
        Grown::Table => limiter.table_growing(current, desired, maximum),
    })
}

/// An atomic wait in a call that cannot suspend: gives up the thread for a moment, where there are threads.
///
/// The wait ends at its own deadline or notification, which the execution notices when it is resumed.
#[cfg(feature = "std")]
fn block_on_wait<T: 'static>(_: &mut Store<T>, _: ExecutionAddr, wait: &AtomicWait) {
    use core::time::Duration;
    const SLICE: Duration = Duration::from_micros(200);
    std::thread::sleep(wait.timeout.map_or(SLICE, |nanoseconds| SLICE.min(Duration::from_nanos(nanoseconds))));
}

/// Without threads nobody can notify a blocked caller.
#[cfg(not(feature = "std"))]
fn block_on_wait<T: 'static>(store: &mut Store<T>, execution: ExecutionAddr, _: &AtomicWait) {
    exec::fail(store.inner_ptr(), execution, Error::trap(TrapCode::CannotSuspend));
}

/// An execution that ends with the scope that started it, whichever way the scope is left.
pub(crate) struct Running<'a, T: 'static> {
    pub(crate) store: &'a mut Store<T>,
    execution: ExecutionAddr,
}

impl<'a, T: 'static> Running<'a, T> {
    /// Starts a call of `func`, whose results take `results` slots and whose argument slots are not written yet.
    #[inline]
    pub(crate) fn start(store: &'a mut Store<T>, func: FuncAddr, results: usize) -> Result<Self, Error> {
        store.reap();
        let execution = exec::start(store.inner_ptr(), func, results)?;
        Ok(Self { store, execution })
    }

    /// The store's inner half and the slots of the arguments, or, at the end, of the results.
    #[inline]
    pub(crate) fn slots(&mut self, count: usize) -> (Inner<'_>, &mut [u64]) {
        let start = exec::arguments(self.store.inner_ptr(), self.execution);
        (Inner(self.store.inner_mut()), slots(start, count))
    }

    /// Runs to the end.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        let mut context = Context::from_waker(Waker::noop());
        match drive(self.store, self.execution, &mut context, Manner::ToTheEnd)? {
            Pause::Done => Ok(()),
            // `drive` turns every other pause into an error in this manner.
            _ => Err(Error::trap(TrapCode::CannotSuspend)),
        }
    }
}

impl<T: 'static> Drop for Running<'_, T> {
    fn drop(&mut self) {
        self.store.remove_execution(self.execution);
    }
}

/// The slots at the bottom of an execution's stack.
#[inline]
fn slots<'a>(start: NonNull<u64>, count: usize) -> &'a mut [u64] {
    // SAFETY: I9 — `exec::arguments` gives as many initialised slots as the larger of the parameters and results of the execution's
    // function, from whose type every caller computes `count`; the execution is not running, so nothing else refers to them.
    #[allow(unsafe_code, reason = "arguments stand at the bottom of the execution's stack")]
    unsafe {
        core::slice::from_raw_parts_mut(start.as_ptr(), count)
    }
}

/// A call of a guest function as a value: it can be run for a while, left, kept, sent to another thread, resumed or dropped.
///
/// Any number of them can live in one store, in any state. It belongs to the store it was started in and borrows nothing;
/// dropping it frees its stack when the store is next used, and leaves the store as usable as before.
#[must_use = "an execution does nothing until it is resumed"]
pub struct Execution<R = Vec<Val>> {
    handles: Shared<Handles>,
    func: FuncAddr,
    /// `None` once it has ended.
    execution: Option<ExecutionAddr>,
    results: PhantomData<fn() -> R>,
}

/// What an [`Execution`] ends with: a list of Rust types, or `Vec<Val>`.
pub trait ExecutionResults: Sized + private::Sealed {
    #[doc(hidden)]
    fn read(store: &mut Inner<'_>, ty: &FuncType, slots: &[u64]) -> Result<Self, Error>;
}

mod private {
    pub trait Sealed {}
    impl<L: crate::typed::WasmTyList> Sealed for L {}
    impl Sealed for alloc::vec::Vec<crate::value::Val> {}
    impl Sealed for super::RawResult {}
}

impl<L: WasmTyList> ExecutionResults for L {
    fn read(store: &mut Inner<'_>, _: &FuncType, slots: &[u64]) -> Result<Self, Error> {
        L::load(store, slots)
    }
}

/// What an [`Execution`] of [`RawFunc::start`] ends with: the bits of the function's first result, if it has one.
///
/// [`RawFunc::start`]: crate::RawFunc::start
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawResult(pub Option<u64>);

impl ExecutionResults for RawResult {
    fn read(_: &mut Inner<'_>, _: &FuncType, slots: &[u64]) -> Result<Self, Error> {
        Ok(Self(slots.first().copied()))
    }
}

impl ExecutionResults for Vec<Val> {
    fn read(store: &mut Inner<'_>, ty: &FuncType, slots: &[u64]) -> Result<Self, Error> {
        let mut values = Vec::new();
        values.try_reserve_exact(ty.results().len())?;
        values.resize(ty.results().len(), Val::I32(0));
        load_vals(store.0, ty.results(), slots, &mut values)?;
        Ok(values)
    }
}

impl<R: ExecutionResults> Execution<R> {
    /// Starts a call of `func`, whose parameters and results take so many slots; `arguments` writes the former.
    pub(crate) fn start<T: 'static>(
        store: &mut Store<T>,
        func: FuncAddr,
        (param_slots, result_slots): (usize, usize),
        arguments: impl FnOnce(&mut Inner<'_>, &mut [u64]) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        store.reap();
        let handles = store.inner().handles().clone();
        handles.register_execution()?;
        let started = exec::start(store.inner_ptr(), func, result_slots);
        let execution = started.inspect_err(|_| handles.unregister_execution())?;
        // From here on dropping the handle cleans up.
        let this = Self { handles, func, execution: Some(execution), results: PhantomData };
        let start = exec::arguments(store.inner_ptr(), execution);
        arguments(&mut Inner(store.inner_mut()), slots(start, param_slots))?;
        Ok(this)
    }

    /// Runs until the function returns or something stops it.
    ///
    /// An error (a trap, an uncaught exception, an error of the host) ends the execution; so does the end of the function. An
    /// execution that has ended, or one of another store, is a misuse error.
    pub fn resume(&mut self, mut store: impl AsContextMut) -> Result<Progress<R>, Error> {
        let mut context = Context::from_waker(Waker::noop());
        self.run(store.as_context_mut(), &mut context, Manner::Suspending)
    }

    /// The same for callers that have a waker: `Poll::Pending` where [`resume`](Self::resume) gives [`Progress::Pending`].
    pub fn poll(
        &mut self,
        mut store: impl AsContextMut,
        context: &mut Context<'_>,
    ) -> Poll<Result<Progress<R>, Error>> {
        match self.run(store.as_context_mut(), context, Manner::Suspending) {
            Ok(Progress::Pending) => Poll::Pending,
            result => Poll::Ready(result),
        }
    }

    /// Writes the results of the call in which the execution is [`Suspended`](Progress::Suspended), as the bits of numbers, one slot
    /// for each and two for a vector. An error if it is not in a call of a raw host function with so many results.
    pub fn answer(&mut self, mut store: impl AsContextMut, results: &[u64]) -> Result<(), Error> {
        let store = store.as_context_mut().0;
        let execution = self.addr(store)?;
        let call = exec::host_call(store.inner_ptr(), execution);
        let Some((func, start)) = call else { return Err(Error::misuse("the execution is not in a host call")) };
        let ty = store.inner().func_type(func)?;
        crate::raw::only_numbers(&ty)?;
        if ty.result_slots() as usize != results.len() {
            return Err(crate::value::wrong_count(ty.result_slots() as usize, results.len()));
        }
        slots(start, results.len()).copy_from_slice(results);
        Ok(())
    }

    /// Makes the call in which the execution is suspended or pending fail: the next [`resume`](Self::resume) unwinds with the error, which
    /// the guest can catch if it is an exception.
    pub fn fail(&mut self, mut store: impl AsContextMut, error: Error) -> Result<(), Error> {
        let store = store.as_context_mut().0;
        let execution = self.addr(store)?;
        exec::fail(store.inner_ptr(), execution, error);
        if let Some((_, mut pending)) = store.take_pending(execution) {
            pending.abandon(store);
        }
        Ok(())
    }

    /// Its number in `store`.
    fn addr<T: 'static>(&self, store: &Store<T>) -> Result<ExecutionAddr, Error> {
        if !Shared::ptr_eq(&self.handles, store.inner().handles()) {
            return Err(Error::wrong_store());
        }
        self.execution.ok_or_else(|| Error::misuse("the execution has ended already"))
    }

    /// Whether the execution has ended, by returning or by an error.
    pub fn is_finished(&self) -> bool {
        self.execution.is_none()
    }

    fn run<T: 'static>(
        &mut self,
        context: StoreContextMut<'_, T>,
        task: &mut Context<'_>,
        manner: Manner,
    ) -> Result<Progress<R>, Error> {
        let store = context.0;
        if !Shared::ptr_eq(&self.handles, store.inner().handles()) {
            return Err(Error::wrong_store());
        }
        store.reap();
        let Some(execution) = self.execution.take() else {
            return Err(Error::misuse("the execution has ended already"));
        };
        // While it runs the guard owns it: an error or a panic removes it, a pause gives it back.
        let guard = Ending { store, handles: &self.handles, execution };
        match drive(guard.store, execution, task, manner)? {
            Pause::Done => {
                let ty = guard.store.inner().func_type(self.func)?;
                let count = ty.result_slots() as usize;
                let start = exec::arguments(guard.store.inner_ptr(), execution);
                let results = R::read(&mut Inner(guard.store.inner_mut()), &ty, slots(start, count))?;
                Ok(Progress::Done(results))
            }
            pause => {
                self.execution = Some(guard.keep());
                Ok(match pause {
                    Pause::OutOfFuel => Progress::OutOfFuel,
                    Pause::Interrupted => Progress::Interrupted,
                    Pause::Suspended(number) => Progress::Suspended(number),
                    _ => Progress::Pending,
                })
            }
        }
    }
}

/// An execution that is removed unless it is kept.
struct Ending<'a, 'h, T: 'static> {
    store: &'a mut Store<T>,
    handles: &'h Handles,
    execution: ExecutionAddr,
}

impl<T: 'static> Ending<'_, '_, T> {
    fn keep(self) -> ExecutionAddr {
        let execution = self.execution;
        core::mem::forget(self);
        execution
    }
}

impl<T: 'static> Drop for Ending<'_, '_, T> {
    fn drop(&mut self) {
        self.store.remove_execution(self.execution);
        self.handles.unregister_execution();
    }
}

impl<R> Drop for Execution<R> {
    fn drop(&mut self) {
        if let Some(execution) = self.execution {
            self.handles.abandon_execution(execution);
        }
    }
}

impl<R> fmt::Debug for Execution<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Execution").field("func", &self.func).field("finished", &self.execution.is_none()).finish()
    }
}

/// A call that borrows its store until it is finished: what the `call_async` forms give.
pub(crate) struct CallFuture<'a, T: 'static, R: ExecutionResults> {
    store: StoreContextMut<'a, T>,
    /// The error of a start that failed is given at the first poll.
    execution: Result<Execution<R>, Option<Error>>,
}

impl<'a, T: 'static, R: ExecutionResults> CallFuture<'a, T, R> {
    pub(crate) fn new(store: StoreContextMut<'a, T>, execution: Result<Execution<R>, Error>) -> Self {
        Self { store, execution: execution.map_err(Some) }
    }
}

impl<T: 'static, R: ExecutionResults> Future for CallFuture<'_, T, R> {
    type Output = Result<R, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let execution = match &mut this.execution {
            Ok(execution) => execution,
            Err(error) => {
                let error = error.take().unwrap_or_else(|| Error::misuse("the call has ended already"));
                return Poll::Ready(Err(error));
            }
        };
        match execution.run(StoreContextMut(this.store.0), context, Manner::Future) {
            Ok(Progress::Done(results)) => Poll::Ready(Ok(results)),
            Ok(_) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl<T: 'static, R: ExecutionResults> Drop for CallFuture<'_, T, R> {
    fn drop(&mut self) {
        // The store is at hand: free the stack and the pending host call now rather than at the next use.
        self.execution = Err(None);
        self.store.0.reap();
    }
}
