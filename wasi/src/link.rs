//! Functions into a linker: one call per world.
//!
//! Functions that always come back at once are linked as plain host functions. Those that may wait are linked as futures:
//! the call suspends its execution, and [`WasiCtx::pending_wait`] tells whoever resumes it by hand what to wait for, while
//! an executor is woken by itself. A plain, unsuspendable `call` fails with the trap `CannotSuspend` if the guest has to
//! wait, and only then.

use core::fmt;
use core::future::Future;

use whit_core::{Caller, Error, Linker};

use crate::ctx::WasiCtx;
use crate::host::wait::Waits;
use crate::p1::{self, Call, Fault, GuestMemory, MODULE, Outcome, Pending, for_each_function};
use crate::p2::{self, Project};

/// The error by which a guest ends itself: what `proc_exit` was given, or `exit` or `exit-with-code` of `wasi:cli/exit`.
///
/// It comes out of the call that started the guest; [`Error::downcast_ref`] finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub u32);

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exited with status {}", self.0)
    }
}

impl core::error::Error for Exit {}

/// Defines every interface that `wasi:cli/command` and `wasi:http/proxy` of WASI 0.2 import in `linker`. `ctx` finds the context in the store's data.
///
/// A component that ends itself ends its call with the error [`Exit`].
pub fn add_to_linker_p2<T: 'static>(linker: &mut whit_component::Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    p2::add_to_linker(linker, ctx)
}

/// Defines every function of `wasi_snapshot_preview1` in `linker`. `ctx` finds the context in the store's data.
///
/// A guest that ends itself ends its call with the error [`Exit`].
pub fn add_to_linker_p1<T: 'static>(linker: &mut Linker<T>, ctx: Project<T>) -> Result<(), Error> {
    macro_rules! define {
        ($($manner:ident { $($group:ident :: $name:ident ( $($param:ident : $type:ident),* );)* })*) => {$($(
            define!(@$manner $name($($param: $type),*));
        )*)*};
        (@at_once $name:ident($($param:ident: $type:ident),*)) => {
            linker.func_wrap(MODULE, stringify!($name), move |mut caller: Caller<'_, T>, $($param: $type),*| {
                errno(call(&mut caller, ctx, |ctx, memory| p1::$name(ctx, memory, $($param),*))?)
            })?;
        };
        (@may_wait $name:ident($($param:ident: $type:ident),*)) => {
            linker.func_wrap_async(
                MODULE,
                stringify!($name),
                move |mut caller: Caller<'_, T>, ($($param,)*): ($($type,)*)| {
                    let outcome = call(&mut caller, ctx, |ctx, memory| p1::$name(ctx, memory, $($param),*));
                    to_the_end(caller, ctx, outcome)
                },
            )?;
        };
        (@never_returns $name:ident($($param:ident: $type:ident),*)) => {
            linker.func_wrap(
                MODULE,
                stringify!($name),
                move |mut caller: Caller<'_, T>, $($param: $type),*| -> Result<(), Error> {
                    errno(call(&mut caller, ctx, |ctx, memory| p1::$name(ctx, memory, $($param),*))?).map(drop)
                },
            )?;
        };
    }
    for_each_function!(define);
    Ok(())
}

/// Lends the caller's memory and context to `body`.
fn with_memory<T: 'static, R>(
    caller: &mut Caller<'_, T>,
    ctx: Project<T>,
    body: impl FnOnce(&mut WasiCtx, &mut GuestMemory<'_>) -> R,
) -> Result<R, Error> {
    let memory = caller.get_export("memory").and_then(|export| export.into_memory());
    let memory = memory.ok_or_else(|| Error::new(Fault::NoMemory))?;
    if memory.is_paged(&*caller) {
        return Err(Error::new(Fault::PagedMemory));
    }
    let (bytes, data) = memory.data_and_store_mut(caller);
    Ok(body(ctx(data), &mut GuestMemory::new(bytes)))
}

fn call<T: 'static>(
    caller: &mut Caller<'_, T>,
    ctx: Project<T>,
    body: impl FnOnce(&mut WasiCtx, &mut GuestMemory<'_>) -> Call,
) -> Result<Outcome, Error> {
    Outcome::of(with_memory(caller, ctx, body)?).map_err(Error::new)
}

/// The guest's result of a call that cannot wait.
fn errno(outcome: Outcome) -> Result<i32, Error> {
    match outcome {
        Outcome::Done(errno) => Ok(i32::from(errno as u16)),
        Outcome::Exit(status) => Err(Error::new(Exit(status))),
        Outcome::Pending(_) => Err(Error::msg("a function that cannot wait waits")),
    }
}

/// The future of a call that may wait. Most are ready when they are made.
fn to_the_end<T: 'static>(
    mut caller: Caller<'_, T>,
    ctx: Project<T>,
    outcome: Result<Outcome, Error>,
) -> Box<dyn Future<Output = Result<i32, Error>> + Send> {
    let mut pending = match outcome {
        Ok(Outcome::Pending(pending)) => pending,
        outcome => return Box::new(core::future::ready(outcome.and_then(errno))),
    };
    let Some(accessor) = caller.accessor() else {
        return Box::new(core::future::ready(Err(Error::msg("a function that may wait has no way back to its store"))));
    };
    let waits: Waits = ctx(caller.data_mut()).waits.clone();
    Box::new(async move {
        loop {
            waits.until(pending.wait().clone()).await;
            let resume = move |mut caller: Caller<'_, T>| resume(&mut caller, ctx, pending);
            match accessor.with(resume).await?? {
                Outcome::Pending(rest) => pending = rest,
                outcome => return errno(outcome),
            }
        }
    })
}

fn resume<T: 'static>(caller: &mut Caller<'_, T>, ctx: Project<T>, pending: Pending) -> Result<Outcome, Error> {
    with_memory(caller, ctx, |ctx, memory| pending.resume(ctx, memory))?.map_err(Error::new)
}
