//! How an interface is defined: its resources, and its functions with the ways they fail and wait.
//!
//! A function that fails with an error code returns it as the host's own error; [`Code`] makes it the interface's. Whatever else goes wrong
//! ends the guest. A function that has to wait is attempted again and again, each time after the wait that the last attempt asked for, and
//! holds nothing of the context in between.

use core::convert::Infallible;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Poll, ready};
use std::sync::Arc;

use whit_component::typed::{LiftNamedList, Lower, LowerNamedList, LowerPayload};
use whit_component::{Linker, LinkerInstance, Resource, ResourceTableError, ResourceType};
use whit_core::Error;

use crate::ctx::WasiCtx;
use crate::host::wait::{Attempt, Waiting};

/// How store data leads to the context.
pub(crate) type Project<T> = fn(&mut T) -> &mut WasiCtx;

/// An error of the host that an interface has a code for.
pub(crate) trait Code: Sized {
    /// The interface's type for it.
    type Code: Lower + Send + 'static;

    /// As guests see it, or the error that ends the guest.
    fn code(self, ctx: &mut WasiCtx) -> Result<Self::Code, Error>;
}

/// Why a function did not succeed.
pub(crate) enum Fail<E> {
    /// The guest is told.
    Code(E),
    /// The guest ends.
    Trap(Error),
}

impl<E: Code> From<E> for Fail<E> {
    fn from(error: E) -> Self {
        Self::Code(error)
    }
}

impl<E> From<Error> for Fail<E> {
    fn from(error: Error) -> Self {
        Self::Trap(error)
    }
}

impl<E> From<ResourceTableError> for Fail<E> {
    fn from(error: ResourceTableError) -> Self {
        Self::Trap(error.into())
    }
}

/// A function's result as the interface has it.
pub(crate) fn answer<R, E: Code>(
    ctx: &mut WasiCtx,
    result: Result<R, impl Into<Fail<E>>>,
) -> Result<Result<R, E::Code>, Error> {
    match result.map_err(Into::into) {
        Ok(value) => Ok(Ok(value)),
        Err(Fail::Code(error)) => error.code(ctx).map(Err),
        Err(Fail::Trap(error)) => Err(error),
    }
}

/// What a function does with the context.
type Body<P, R> = dyn Fn(&mut WasiCtx, P) -> Result<R, Error> + Send + Sync;

/// An interface to be defined, whose failures are `E`s of the host.
pub(crate) struct Interface<'l, T: 'static, E = Infallible> {
    scope: LinkerInstance<'l, T>,
    ctx: Project<T>,
    failure: PhantomData<E>,
}

impl<'l, T: 'static, E> Interface<'l, T, E> {
    /// The interface of this name.
    pub fn new(linker: &'l mut Linker<T>, name: &str, ctx: Project<T>) -> Result<Self, Error> {
        Ok(Self { scope: linker.instance(name)?, ctx, failure: PhantomData })
    }

    /// A resource that is an `R` in the context's table.
    pub fn resource<R: Send + 'static>(&mut self, name: &str) -> Result<(), Error> {
        let ctx = self.ctx;
        self.scope.resource(name, ResourceType::of::<R>(), move |mut store, rep| {
            ctx(store.data_mut()).table.delete(Resource::<R>::from_rep(rep))?;
            Ok(())
        })
    }

    /// The same, of which none may be dropped while `is_lent`; `misuse` says so to whoever reads why the guest ended.
    pub fn resource_unless<R: Send + 'static>(
        &mut self,
        name: &str,
        is_lent: fn(&R) -> bool,
        misuse: &'static str,
    ) -> Result<(), Error> {
        let ctx = self.ctx;
        self.scope.resource(name, ResourceType::of::<R>(), move |mut store, rep| {
            let resource = ctx(store.data_mut()).table.delete(Resource::<R>::from_rep(rep))?;
            if is_lent(&resource) { Err(Error::msg(misuse)) } else { Ok(()) }
        })
    }

    /// A function whose failures, if any, end the guest.
    pub fn func<P: LiftNamedList + 'static, R: LowerNamedList + Send + 'static>(
        &mut self,
        name: &str,
        body: impl Fn(&mut WasiCtx, P) -> Result<R, Error> + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let ctx = self.ctx;
        // One wrapper for each signature, and not for each function: there are some three hundred.
        let body: Box<Body<P, R>> = Box::new(body);
        self.scope.func_wrap(name, move |mut store, params| body(ctx(store.data_mut()), params))
    }

    /// A function that may wait: `begin` makes of the parameters what `attempt` needs each time.
    pub fn waiting<P: LiftNamedList + 'static, S: Send + 'static, R: LowerNamedList + Send + 'static>(
        &mut self,
        name: &str,
        begin: impl Fn(P) -> Result<S, Error> + Send + Sync + 'static,
        attempt: impl Fn(&mut WasiCtx, &mut S) -> Result<Attempt<R>, Error> + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let ctx = self.ctx;
        let attempt = Arc::new(attempt);
        self.scope.func_wrap_poll(name, move |_, params| {
            let attempt = attempt.clone();
            let mut state = begin(params)?;
            let mut waiting: Option<Waiting> = None;
            Ok(move |mut store: whit_core::StoreContextMut<'_, T>, context: &mut core::task::Context<'_>| {
                loop {
                    if let Some(waiting) = &mut waiting {
                        ready!(Pin::new(waiting).poll(context));
                    }
                    let ctx = ctx(store.data_mut());
                    match attempt(ctx, &mut state)? {
                        Attempt::Done(result) => return Poll::Ready(Ok(result)),
                        Attempt::Wait(wait) => waiting = Some(ctx.waits.until(wait)),
                    }
                }
            })
        })
    }
}

impl<T: 'static, E: Code + 'static> Interface<'_, T, E> {
    /// A function whose result is a `result` with the interface's error code.
    pub fn fallible<P: LiftNamedList + 'static, R: LowerPayload + Send + 'static>(
        &mut self,
        name: &str,
        body: impl Fn(&mut WasiCtx, P) -> Result<R, Fail<E>> + Send + Sync + 'static,
    ) -> Result<(), Error> {
        self.func(name, move |ctx, params| {
            let result = body(ctx, params);
            Ok((answer::<R, E>(ctx, result)?,))
        })
    }
}
