//! Runs threads: one step of guest code after another, never waiting and never recursing.
//!
//! [`run`] drives the thread at the bottom of a chain of calls. When a thread calls another component, its execution comes back with a
//! [`Request`]; the scheduler lets [`canon`](crate::canon) begin the callee's task and goes on there. When the callee has returned, its
//! results are passed on and the caller goes on. Threads that wait for the host make `run` come back, and the next `run` goes on where they
//! are. A trap ends every thread of the chain and makes the roots that they belong to unusable ("poisoned").

use core::task::{Context, Poll};

use whit_core::{AsContextMut, Error, ErrorKind, Execution, Progress, RawResult, StoreContextMut, TrapCode};

use super::Runtime;
use super::task::{Request, ThreadExecution, ThreadId};
use super::trap::RuntimeTrap;
use crate::canon::lower;

/// How far the bottom thread has come.
pub(crate) enum Ran {
    /// Its function has returned, with this result if any. Its task is still to be ended.
    Done(Option<u64>),
    /// It, or a thread that it waits for, waits for the host.
    Pending,
}

/// What a thread's execution came back with.
enum Left {
    Returned(Option<u64>),
    Requested,
    Pending,
}

/// Runs the thread `bottom` and those that it waits for until it has returned or waits for the host.
pub(crate) fn run<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    bottom: ThreadId,
    context: &mut Context<'_>,
) -> Result<Ran, Error> {
    let mut at = innermost(Runtime::of(store)?, bottom)?;
    loop {
        let next = match step(store, at, context) {
            Ok((_, Left::Pending)) => return Ok(Ran::Pending),
            Ok((at, Left::Returned(result))) if at == bottom => return Ok(Ran::Done(result)),
            Ok((at, Left::Returned(result))) => lower::return_to_caller(store, at, result),
            Ok((at, Left::Requested)) => begin(store, at),
            Err(error) => Err(error),
        };
        match next {
            Ok(next) => at = next,
            Err(error) => {
                abandon(store, bottom)?;
                return Err(escaping(error));
            }
        }
    }
}

/// The thread that the others of a chain wait for.
fn innermost(runtime: &mut Runtime, bottom: ThreadId) -> Result<ThreadId, Error> {
    let mut at = bottom;
    while let Some(callee) = runtime.thread(at)?.callee {
        at = callee;
    }
    Ok(at)
}

/// Runs a thread until it, or one that has begun or gone on on the same stack, leaves its code; which one.
fn step<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    at: ThreadId,
    context: &mut Context<'_>,
) -> Result<(ThreadId, Left), Error> {
    let runtime = Runtime::of(store)?;
    let stack = runtime.thread(at)?.stack.unwrap_or(at);
    let execution = runtime.thread(stack)?.execution.take();
    let mut execution = execution.ok_or_else(|| Error::msg("a thread was resumed while it runs"))?;
    let outer = runtime.current.replace(at);
    let left = match &mut execution {
        ThreadExecution::Call(call) => resume(store, call, context, |RawResult(result)| result),
        ThreadExecution::Start(start) => resume(store, start, context, |()| None),
    };
    let runtime = Runtime::of(store)?;
    let at = core::mem::replace(&mut runtime.current, outer).unwrap_or(at);
    if !matches!(left, Ok(Left::Returned(_)) | Err(_)) {
        runtime.thread(stack)?.execution = Some(execution);
    }
    left.map(|left| (at, left))
}

/// Resumes an execution. Where nobody can add fuel or move a deadline, the end of them is a trap.
fn resume<T: 'static, R: whit_core::ExecutionResults>(
    store: &mut StoreContextMut<'_, T>,
    execution: &mut Execution<R>,
    context: &mut Context<'_>,
    result: impl Fn(R) -> Option<u64>,
) -> Result<Left, Error> {
    loop {
        let trap = match execution.poll(store.as_context_mut(), context) {
            Poll::Pending => return Ok(Left::Pending),
            Poll::Ready(progress) => match progress? {
                Progress::Done(results) => return Ok(Left::Returned(result(results))),
                Progress::Pending => return Ok(Left::Pending),
                Progress::Suspended(_) => return Ok(Left::Requested),
                Progress::OutOfFuel => TrapCode::OutOfFuel,
                Progress::Interrupted => TrapCode::Interrupted,
            },
        };
        execution.fail(store.as_context_mut(), trap.into())?;
    }
}

/// Does what a thread asks for; the thread to go on with.
fn begin<T: 'static>(store: &mut StoreContextMut<'_, T>, at: ThreadId) -> Result<ThreadId, Error> {
    let request = Runtime::of(store)?.thread(at)?.request.take();
    match request {
        Some(Request::Call(subtask)) => lower::begin_call(store, subtask),
        None => Err(Error::msg("a function of the embedder suspended a component")),
    }
}

/// Ends all threads of a chain after a trap in one of them.
pub(crate) fn abandon<T: 'static>(store: &mut StoreContextMut<'_, T>, bottom: ThreadId) -> Result<(), Error> {
    let mut next = Some(bottom);
    while let Some(at) = next {
        // Dropped one at a time and outside of the runtime: a pending host call's future is the embedder's code.
        let runtime = Runtime::of(store)?;
        let Some(thread) = runtime.threads.remove(at.0) else { break };
        if let Some(task) = runtime.tasks.remove(thread.task.0) {
            runtime.poison(task.instance);
        }
        next = thread.callee;
        drop(thread.execution);
    }
    Ok(())
}

/// Exceptions end at the border of a component.
pub(crate) fn escaping(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Exception => RuntimeTrap::ExceptionEscaped.into(),
        _ => error,
    }
}
