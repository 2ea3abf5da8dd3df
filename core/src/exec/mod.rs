//! Execution: the interpreter, blind to the embedder's data. The only door in is this file.
//!
//! ```text
//! start ─▶ execution ─resume─▶ engine (tail or loop) ◀─row by row─▶ driver ─▶ Step: done, host call, out of fuel, …
//! ```
//! An execution is a value in its store: a stack of frames and where it stands in them. [`resume`] runs one until it can go no further by
//! itself and returns a [`Step`]; whoever called does what the step asks, reports it through [`fail`] or [`answer_growth`] or
//! by writing results, and resumes. Hot ops are the engines' ([`dispatch`]), with their semantics in the files named
//! after the specification's classes; rare ops are the [`driver`]'s. Assumes code that `translate` made or `verify` accepted;
//! promises that nothing a guest does panics, aborts or overflows the native stack.

#[cfg(feature = "threads")]
pub(crate) mod atomic;
pub(crate) mod control;
pub(crate) mod dispatch;
pub(crate) mod driver;
pub(crate) mod executions;
pub(crate) mod frame;
pub(crate) mod fuel;
pub(crate) mod fusion;
pub(crate) mod machine;
pub(crate) mod memory;
pub(crate) mod numeric;
#[cfg(feature = "profile")]
pub(crate) mod profile;
pub(crate) mod reference;
pub(crate) mod shared;
pub(crate) mod stack;
pub(crate) mod step;
pub(crate) mod table;
pub(crate) mod variable;
#[cfg(feature = "simd")]
pub(crate) mod vector;

use core::ptr::NonNull;

use crate::error::Error;
use crate::runtime::context::FuncAddr;
use crate::runtime::store::StoreInner;

pub(crate) use driver::stub::host_entries;
pub(crate) use executions::Executions;

use step::{ExecutionAddr, Step};

/// A new execution that will call `func`, whose results take `results` slots. Its argument slots are to be written; references are null
/// until then. It lives in the store until it is removed.
#[inline]
pub(crate) fn start(store: NonNull<StoreInner>, func: FuncAddr, results: usize) -> Result<ExecutionAddr, Error> {
    // SAFETY: I4 — the caller holds the store exclusively and keeps no reference into it.
    unsafe { driver::start(store.as_ptr(), func, results) }
}

/// Its argument slots before the first resume, its result slots after [`Step::Done`]: as many as the larger of both.
#[inline]
pub(crate) fn arguments(store: NonNull<StoreInner>, execution: ExecutionAddr) -> NonNull<u64> {
    // SAFETY: I4 — as in `start`.
    let executions = unsafe { &(*store.as_ptr()).executions };
    match executions.get(execution) {
        Some(execution) => execution.arguments(),
        None => NonNull::dangling(),
    }
}

/// Begins a call of `func` with the bits of numbers, as many as its parameters have slots, and runs it until its first step: the first of its `results`
/// result slots if that is its end, else the execution, which is to be removed when it has ended.
pub(crate) fn call(
    store: NonNull<StoreInner>,
    func: FuncAddr,
    arguments: &[u64],
    results: usize,
) -> Result<Result<u64, (ExecutionAddr, Step)>, Error> {
    // SAFETY: I4 — as in `start`.
    unsafe { driver::call(store.as_ptr(), func, arguments, results) }
}

/// Runs until the next step.
pub(crate) fn resume(store: NonNull<StoreInner>, execution: ExecutionAddr) -> Step {
    // SAFETY: I4 — as in `start`.
    unsafe { driver::resume(store.as_ptr(), execution) }
}

/// The host function in whose call the execution waits, and its slots, which are valid until the next resume.
pub(crate) fn host_call(store: NonNull<StoreInner>, execution: ExecutionAddr) -> Option<(FuncAddr, NonNull<u64>)> {
    // SAFETY: I4 — as in `start`.
    let executions = unsafe { &(*store.as_ptr()).executions };
    executions.get(execution)?.host_call()
}

/// Has the execution, which waits in the call of a host function, call `func` on its stack, with the bits of numbers as arguments; the results
/// take `results` slots. The next resume runs it, and at its end the step is [`Step::HostReturn`]. The host function's own slots stay as they are.
pub(crate) fn call_from_host(
    store: NonNull<StoreInner>,
    execution: ExecutionAddr,
    func: FuncAddr,
    arguments: &[u64],
    results: usize,
) -> Result<(), Error> {
    // SAFETY: I4 — as in `start`.
    unsafe { driver::call_from_host(store.as_ptr(), execution, func, arguments, results) }
}

/// Ends the suspension with an error: the next resume unwinds with it. Handlers of the guest catch it if it is an exception.
pub(crate) fn fail(store: NonNull<StoreInner>, execution: ExecutionAddr, error: Error) {
    // SAFETY: I4 — as in `start`.
    let executions = unsafe { &mut (*store.as_ptr()).executions };
    if let Some(execution) = executions.get_mut(execution) {
        execution.failure = Some(error);
    }
}

/// The limiter's answer to [`Step::Growth`]; `Err` ends the execution.
pub(crate) fn answer_growth(store: NonNull<StoreInner>, execution: ExecutionAddr, answer: Result<bool, Error>) {
    // SAFETY: I4 — as in `start`.
    let executions = unsafe { &mut (*store.as_ptr()).executions };
    if let Some(execution) = executions.get_mut(execution) {
        match answer {
            Ok(allowed) => execution.growth = Some(allowed),
            Err(error) => execution.failure = Some(error),
        }
    }
}

/// Frees the execution wherever it stands. Its stack may be kept for the next one.
#[inline]
pub(crate) fn remove(store: NonNull<StoreInner>, execution: ExecutionAddr) {
    // SAFETY: I4 — as in `start`.
    unsafe { (*store.as_ptr()).executions.remove(execution) };
}

// With everything that a build can have, since a row is missing where its feature is.
#[cfg(all(test, feature = "specialized-ops", feature = "simd", feature = "threads", feature = "gc"))]
mod tests;
