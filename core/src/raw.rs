//! Functions over the bits of numbers, for layers that bring a calling convention of their own: raw host functions, and raw calls.
//!
//! A value is one slot of 64 bits, a vector two; references cannot pass, because a forged one could name another store's. A raw host
//! function works on a copy of its slots, so whatever it does with the store cannot touch what it reads. It may also have a guest's
//! function called on the stack of its own caller ([`RawOutcome::Call`]): such a call is no recursion on the host's stack, can be suspended
//! at any point, and ends with its caller when it traps.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::task::{Context, Poll};

use crate::error::Error;
use crate::exec;
use crate::exec::step::HostCall;
use crate::execution::{Execution, RawResult, call_raw};
use crate::func::Func;
use crate::host::{Called, Caller, HostDefinition, HostFunction, Site, slots};
use crate::pending::PendingFuture;
use crate::runtime::context::FuncAddr;
use crate::runtime::store::{StoreId, StoreInner};
use crate::signature::Signature;
use crate::store::{AsContext, AsContextMut, Store, StoreContextMut};
use crate::types::FuncType;
use crate::value::wrong_count;

/// How a raw host function ([`RawFunction`]) came back.
pub enum RawOutcome<T: 'static> {
    /// Its results stand in the slots.
    Return,
    /// It has to be polled: until it is ready its caller is suspended, as by any function that waits.
    Wait(Box<RawPoll<T>>),
    /// Its results will come from whoever runs the execution: [`Execution::resume`] gives this number, and [`Execution::answer`] takes the
    /// results. In a call that cannot suspend it is a trap.
    Suspend(u64),
    /// It calls another function, on the stack of its caller, and is asked again when that has returned ([`RawFunction::returned`]). The
    /// arguments stand in the slots.
    Call(RawFunc),
}

/// The rest of a raw host function that waits: called with the store and the slots whenever the execution is polled, until it is
/// ready; then its results stand in the slots. It can be dropped at any time instead.
pub type RawPoll<T> = dyn FnMut(StoreContextMut<'_, T>, &mut [u64], &mut Context<'_>) -> Poll<Result<(), Error>> + Send;

/// A raw host function, or several: a closure, or something that also calls guests.
pub trait RawFunction<T: 'static>: Send + Sync + 'static {
    /// It is called, as its function `number` ([`RawFunctions`]). It finds its arguments in the first of the slots and overwrites them with its
    /// results, or with the arguments of what it calls. There are as many slots as the larger of parameters and results, and at least [`MIN_SLOTS`](RawFunc::MIN_SLOTS).
    fn call(&self, number: u32, caller: Caller<'_, T>, slots: &mut [u64]) -> Result<RawOutcome<T>, Error>;

    /// What it has called has returned, and `result` is the bits of its first result (of something else, if it has none). The slots hold the
    /// arguments of the call again, and take the results. Not asked if what was called has trapped or thrown: that ends the execution.
    fn returned(
        &self,
        _number: u32,
        _: Caller<'_, T>,
        _slots: &mut [u64],
        _result: u64,
    ) -> Result<RawOutcome<T>, Error> {
        Err(Error::misuse("a raw function that calls nothing was returned to"))
    }
}

impl<T: 'static, F> RawFunction<T> for F
where
    F: Fn(Caller<'_, T>, &mut [u64]) -> Result<RawOutcome<T>, Error> + Send + Sync + 'static,
{
    fn call(&self, _: u32, caller: Caller<'_, T>, slots: &mut [u64]) -> Result<RawOutcome<T>, Error> {
        self(caller, slots)
    }
}

/// A function without references whose type has been looked at once, so that calls need not.
#[derive(Clone, Copy, Debug)]
pub struct RawFunc {
    store: StoreId,
    addr: FuncAddr,
    /// Slots of the parameters.
    params: u16,
    /// Slots of the results.
    results: u16,
}

impl RawFunc {
    /// Slots that a [`RawFunction`] always has: for what the canonical ABI passes flat, and a pointer.
    pub const MIN_SLOTS: usize = 17;

    /// The slots of its parameters.
    pub fn params(&self) -> usize {
        self.params.into()
    }

    /// The slots of its results.
    pub fn results(&self) -> usize {
        self.results.into()
    }

    /// A call that has not begun. `params` are as many as its parameters have slots; it gives the first result alone.
    pub fn start(&self, mut store: impl AsContextMut, params: &[u64]) -> Result<Execution<RawResult>, Error> {
        let store = store.as_context_mut().0;
        let addr = self.addr(store.inner(), params.len())?;
        Execution::start(store, addr, (params.len(), self.results()), |_, slots| {
            slots.copy_from_slice(params);
            Ok(())
        })
    }

    /// Calls the function, as [`start`](Self::start), and waits for its first result.
    pub fn call(&self, mut store: impl AsContextMut, params: &[u64]) -> Result<Option<u64>, Error> {
        let store = store.as_context_mut().0;
        let addr = self.addr(store.inner(), params.len())?;
        let result = call_raw(store, addr, params, self.results())?;
        Ok((self.results > 0).then_some(result))
    }

    /// The address, if it is a function of `inner` and has so many slots of parameters.
    fn addr(&self, inner: &StoreInner, params: usize) -> Result<FuncAddr, Error> {
        if self.store != inner.id() {
            return Err(Error::wrong_store());
        }
        if params != self.params() {
            return Err(wrong_count(self.params(), params));
        }
        Ok(self.addr)
    }
}

/// What several host functions of a store have in common, which tells them apart by number: a layer that makes hundreds of functions for each
/// instance makes one of these.
pub struct RawFunctions<T: 'static>(Arc<dyn HostFunction<T>>);

impl<T: 'static> RawFunctions<T> {
    /// Functions that are all `functions`.
    pub fn new(functions: impl RawFunction<T>) -> Self {
        Self(Arc::new(OverCopy(functions)))
    }

    /// The function with this number, and with this type; see [`Func::new_raw`].
    pub fn func(
        &self,
        mut store: impl AsContextMut<Data = T>,
        signature: &Signature,
        number: u32,
    ) -> Result<Func, Error> {
        let store = store.as_context_mut().0;
        let (params, results) = signature.slots();
        let host = store.add_host_function(self.0.clone(), Site { number, params, results })?;
        let addr = store.inner_mut().add_host_func_of_signature(signature, host)?;
        Ok(Func::from_addr(store.inner(), addr))
    }
}

impl Func {
    /// A host function of the given type over the bits of numbers. It may use the store, wait, call guests, or leave its call to whoever
    /// runs the execution ([`RawOutcome`]).
    ///
    /// An error if the signature is of another engine, or if the host has no memory for it.
    pub fn new_raw<T: 'static>(
        store: impl AsContextMut<Data = T>,
        signature: &Signature,
        func: impl RawFunction<T>,
    ) -> Result<Self, Error> {
        RawFunctions::new(func).func(store, signature, 0)
    }

    /// The function for calls with the bits of numbers; an error if its type has references.
    pub fn raw(&self, store: impl AsContext) -> Result<RawFunc, Error> {
        let inner = store.as_context().inner();
        let addr = self.addr(inner)?;
        let record = inner.func(addr).ok_or_else(Error::wrong_store)?;
        let ty = inner.func_type_here(record.type_id).ok_or_else(|| Error::misuse("a function of an unknown type"))?;
        only_numbers(ty)?;
        let results = u16::try_from(ty.result_slots()).map_err(|_| Error::limit("results of a raw function"))?;
        Ok(RawFunc { store: inner.id(), addr, params: record.number_params, results })
    }
}

/// The common form of a closure over the slots themselves; the type must be of numbers only.
pub(crate) fn over_slots<T: 'static>(
    ty: FuncType,
    closure: impl Fn(&mut T, &mut [u64]) -> Result<(), Error> + Send + Sync + 'static,
) -> Result<HostDefinition<T>, Error> {
    only_numbers(&ty)?;
    let count = ty.param_slots().max(ty.result_slots()) as usize;
    let function = move |store: &mut Store<T>, call: HostCall| {
        // The data and the guest's stack are different memory; there is no way from `T` to the store.
        closure(store.data_mut(), slots(&call, count))?;
        Ok(Called::GoesOn)
    };
    Ok(HostDefinition { ty, function: Arc::new(function) })
}

/// Raw host functions in the common form.
struct OverCopy<F>(F);

impl<T: 'static, F: RawFunction<T>> HostFunction<T> for OverCopy<F> {
    fn call(&self, store: &mut Store<T>, call: HostCall, site: Site) -> Result<Called<T>, Error> {
        over_copy(store, call, site, &|caller, slots| self.0.call(site.number, caller, slots))
    }

    fn returned(&self, store: &mut Store<T>, call: HostCall, site: Site, result: u64) -> Result<Called<T>, Error> {
        over_copy(store, call, site, &|caller, slots| self.0.returned(site.number, caller, slots, result))
    }
}

/// A half of a raw function. Layers above make hundreds of them: what calls one is here once.
type Half<'f, T> = dyn Fn(Caller<'_, T>, &mut [u64]) -> Result<RawOutcome<T>, Error> + 'f;

/// Calls a half of a raw function over a copy of its slots.
fn over_copy<T: 'static>(
    store: &mut Store<T>,
    call: HostCall,
    site: Site,
    half: &Half<'_, T>,
) -> Result<Called<T>, Error> {
    let (params, results) = (usize::from(site.params), usize::from(site.results));
    let count = params.max(results);
    let (mut short, mut long);
    let copy: &mut [u64] = if count <= RawFunc::MIN_SLOTS {
        short = [0; RawFunc::MIN_SLOTS];
        &mut short
    } else {
        long = Vec::new();
        long.try_reserve_exact(count)?;
        long.resize(count, 0);
        &mut long
    };
    copy[..params].copy_from_slice(slots(&call, params));
    match half(Caller::new(store, call.caller()), copy)? {
        RawOutcome::Return => slots(&call, results).copy_from_slice(&copy[..results]),
        RawOutcome::Wait(poll) => return Ok(Called::Pending(PendingFuture::raw(results, poll))),
        RawOutcome::Suspend(number) => return Ok(Called::Suspended(number)),
        RawOutcome::Call(callee) => {
            let addr = callee.addr(store.inner(), callee.params())?;
            let arguments = copy.get(..callee.params()).ok_or_else(|| wrong_count(callee.params(), copy.len()))?;
            exec::call_from_host(store.inner_ptr(), call.execution(), addr, arguments, callee.results())?;
        }
    }
    Ok(Called::GoesOn)
}

/// Writes the results of a raw call.
pub(crate) fn finish(call: &HostCall, results: &[u64]) {
    slots(call, results.len()).copy_from_slice(results);
}

/// A forged reference could name another store's function; numbers can be anything.
pub(crate) fn only_numbers(ty: &FuncType) -> Result<(), Error> {
    if ty.params().iter().chain(ty.results()).any(|ty| ty.is_ref()) {
        return Err(Error::misuse("a raw function cannot take or return references"));
    }
    Ok(())
}
