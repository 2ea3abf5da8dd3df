//! Closures as functions: [`Caller`], and the adapters that turn typed, dynamic and asynchronous closures into one form.
//!
//! A host call reaches a closure with its arguments standing in slots of the caller's stack. Every adapter copies them out *before*
//! a [`Caller`] exists, so that whatever the closure does with the store cannot touch what it reads; results are written when the
//! `Caller` is gone. Assumes that the slots are as many as the larger of parameters and results of the type the adapter was
//! registered with (I9); promises that the typed and raw forms allocate nothing.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::future::Future;

use crate::engine::Engine;
use crate::error::Error;
use crate::exec::step::HostCall;
use crate::externs::Extern;
use crate::local::{LocalCall, Place};
use crate::pending::{Accessor, Mailbox, PendingFuture};
use crate::reference::ExnRef;
use crate::runtime::context::InstanceAddr;
use crate::store::{AsContext, AsContextMut, Store, StoreContext, StoreContextMut};
use crate::typed::{Inner, WasmTy, WasmTyList, for_each_arity};
use crate::types::FuncType;
use crate::value::{Val, load_vals, store_vals};

/// The one form of every host function.
pub(crate) trait HostFunction<T: 'static>: Send + Sync {
    /// A guest calls it, or the host.
    fn call(&self, store: &mut Store<T>, call: HostCall, site: Site) -> Result<Called<T>, Error>;

    /// What it has called ([`exec::call_from_host`](crate::exec::call_from_host)) has returned, with `result` as the bits of its first result.
    fn returned(&self, _: &mut Store<T>, _: HostCall, _: Site, _result: u64) -> Result<Called<T>, Error> {
        Err(Error::misuse("a host function that calls nothing was returned to"))
    }
}

impl<T: 'static, F> HostFunction<T> for F
where
    F: Fn(&mut Store<T>, HostCall) -> Result<Called<T>, Error> + Send + Sync,
{
    fn call(&self, store: &mut Store<T>, call: HostCall, _: Site) -> Result<Called<T>, Error> {
        self(store, call)
    }
}

/// What a raw function of a store is: several may have one closure.
#[derive(Clone, Copy, Default)]
pub(crate) struct Site {
    /// Which of them it is.
    pub number: u32,
    /// Slots of its parameters (I9).
    pub params: u16,
    /// Slots of its results (I9).
    pub results: u16,
}

/// The rest of a host call that has not finished.
pub(crate) type PendingCall<T> = Box<PendingFuture<T>>;

/// How a host function came back.
pub(crate) enum Called<T: 'static> {
    /// Its caller goes on, with its results in the slots; or a function that it has called does, on the stack of its caller.
    GoesOn,
    /// It has to be polled.
    Pending(PendingCall<T>),
    /// Whoever resumes the execution writes the results; the number says which call it is.
    Suspended(u64),
}

/// The store as a host function sees it, with the instance that called.
pub struct Caller<'a, T: 'static> {
    pub(crate) store: StoreContextMut<'a, T>,
    instance: InstanceAddr,
    mailbox: Option<&'a Arc<Mailbox<T>>>,
}

impl<'a, T: 'static> Caller<'a, T> {
    #[inline]
    pub(crate) fn new(store: &'a mut Store<T>, instance: InstanceAddr) -> Self {
        Self { store: StoreContextMut(store), instance, mailbox: None }
    }

    /// What the calling instance exports as `name`; `None` if it exports no such thing, or if the host called.
    ///
    /// Looks among the exports of the instance whose code calls, also where it got the function from another instance.
    pub fn get_export(&mut self, name: &str) -> Option<Extern> {
        Extern::exported(self.store.inner(), self.instance, name)
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        self.store.0.data()
    }

    /// The embedder's data, to change.
    pub fn data_mut(&mut self) -> &mut T {
        self.store.0.data_mut()
    }

    /// The engine of the store.
    pub fn engine(&self) -> &Engine {
        self.store.0.engine()
    }

    /// See [`Store::get_fuel`].
    pub fn get_fuel(&self) -> Result<u64, Error> {
        self.store.0.get_fuel()
    }

    /// See [`Store::set_fuel`].
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        self.store.0.set_fuel(fuel)
    }

    /// See [`Store::set_epoch_deadline`].
    pub fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        self.store.0.set_epoch_deadline(ticks_beyond_current);
    }

    /// See [`Store::gc`].
    pub fn gc(&mut self) -> Result<(), Error> {
        self.store.0.gc()
    }

    /// See [`Store::throw`].
    pub fn throw<R>(&mut self, exception: ExnRef) -> Result<R, Error> {
        self.store.0.throw(exception)
    }

    /// A way to the store for the future that an asynchronous host function returns; `None` in any other function.
    pub fn accessor(&self) -> Option<Accessor<T>> {
        self.mailbox.map(Accessor::new)
    }
}

impl<T: 'static> AsContext for Caller<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext(self.store.0)
    }
}

impl<T: 'static> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut(self.store.0)
    }
}

/// What a closure may return: nothing, a value, a list of values, or any of these with an [`Error`].
///
/// The error ends the guest's execution and comes out of the call that started it as it is; made by
/// [`Store::throw`](crate::Store::throw), it is an exception that the guest can catch.
pub trait WasmRet: Sized {
    /// The results.
    #[doc(hidden)]
    type List: WasmTyList;

    /// The results, or the error.
    #[doc(hidden)]
    fn into_list(self) -> Result<Self::List, Error>;
}

impl<L: WasmTyList> WasmRet for L {
    type List = L;

    #[inline(always)]
    fn into_list(self) -> Result<L, Error> {
        Ok(self)
    }
}

impl<L: WasmTyList> WasmRet for Result<L, Error> {
    type List = L;

    #[inline(always)]
    fn into_list(self) -> Result<L, Error> {
        self
    }
}

/// The slots of a call.
///
/// The slice must be gone before the store is lent to anyone: its memory is the guest's stack.
#[inline(always)]
pub(crate) fn slots<'a>(call: &HostCall, count: usize) -> &'a mut [u64] {
    // SAFETY: I9 — the call has as many slots as the larger of the parameters and results of the type that the closure was
    // registered with, from which every caller computes `count`; they are initialised and nothing else refers to them now.
    #[allow(unsafe_code, reason = "arguments stand in the caller's frame")]
    unsafe {
        core::slice::from_raw_parts_mut(call.slots.as_ptr(), count)
    }
}

/// Copies the arguments out.
#[inline(always)]
pub(crate) fn load<T: 'static, P: WasmTyList>(store: &mut Store<T>, call: &HostCall) -> Result<P, Error> {
    P::load(&mut Inner(store.inner_mut()), slots(call, P::SLOTS))
}

/// Writes the results.
#[inline(always)]
pub(crate) fn finish<T: 'static, R: WasmRet>(store: &mut Store<T>, call: &HostCall, results: R) -> Result<(), Error> {
    let results = results.into_list()?;
    results.store(&mut Inner(store.inner_mut()), slots(call, R::List::SLOTS))
}

/// The type of functions from `P` to `R`.
pub(crate) fn func_type<P: WasmTyList, R: WasmTyList>() -> FuncType {
    FuncType::new(P::val_types(), R::val_types())
}

/// A closure that can be a function: up to sixteen parameters, optionally after a [`Caller`].
///
/// `Params` and `Results` only tell the closure's forms apart.
pub trait IntoFunc<T: 'static, Params, Results>: Send + Sync + 'static {
    /// The type and the common form.
    #[doc(hidden)]
    fn into_host(self) -> HostDefinition<T>;
}

/// A closure in its common form, with its type.
#[doc(hidden)]
pub struct HostDefinition<T: 'static> {
    pub(crate) ty: FuncType,
    pub(crate) function: Arc<dyn HostFunction<T>>,
}

macro_rules! into_func {
    ($($name:ident)*) => {
        #[allow(non_snake_case, reason = "a value has the name of its type")]
        impl<T: 'static, F, R: WasmRet, $($name: WasmTy),*> IntoFunc<T, ($($name,)*), R> for F
        where
            F: Fn($($name),*) -> R + Send + Sync + 'static,
        {
            fn into_host(self) -> HostDefinition<T> {
                let function = move |store: &mut Store<T>, call: HostCall| {
                    let ($($name,)*) = load::<T, ($($name,)*)>(store, &call)?;
                    let results = self($($name),*);
                    finish(store, &call, results)?;
                    Ok(Called::GoesOn)
                };
                HostDefinition { ty: func_type::<($($name,)*), R::List>(), function: Arc::new(function) }
            }
        }

        #[allow(non_snake_case, reason = "a value has the name of its type")]
        impl<T: 'static, F, R: WasmRet, $($name: WasmTy),*> IntoFunc<T, (Caller<'_, T>, $($name,)*), R> for F
        where
            F: Fn(Caller<'_, T>, $($name),*) -> R + Send + Sync + 'static,
        {
            fn into_host(self) -> HostDefinition<T> {
                let function = move |store: &mut Store<T>, call: HostCall| {
                    let ($($name,)*) = load::<T, ($($name,)*)>(store, &call)?;
                    let results = self(Caller::new(store, call.caller()), $($name),*);
                    finish(store, &call, results)?;
                    Ok(Called::GoesOn)
                };
                HostDefinition { ty: func_type::<($($name,)*), R::List>(), function: Arc::new(function) }
            }
        }
    };
}

for_each_arity!(into_func);

/// The common form of a dynamically typed closure.
pub(crate) fn dynamic<T: 'static>(
    ty: FuncType,
    closure: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
) -> HostDefinition<T> {
    let signature = ty.clone();
    let function = move |store: &mut Store<T>, call: HostCall| {
        let (params, results) = (signature.params(), signature.results());
        // A closure that calls another dynamic one finds no buffer and makes its own; the outer one keeps this.
        let mut values = store.take_scratch();
        values.try_reserve(params.len() + results.len())?;
        values.resize(params.len(), Val::I32(0));
        load_vals(store.inner_mut(), params, slots(&call, signature.param_slots() as usize), &mut values)?;
        values.extend(results.iter().map(|ty| Val::default_for_ty(ty).unwrap_or(Val::null_any_ref())));
        let (arguments, returned) = values.split_at_mut(params.len());
        closure(Caller::new(store, call.caller()), arguments, returned)?;
        store_vals(store.inner(), results, returned, slots(&call, signature.result_slots() as usize))?;
        store.put_scratch(values);
        Ok(Called::GoesOn)
    };
    HostDefinition { ty, function: Arc::new(function) }
}

/// The common form of a closure that returns a future.
pub(crate) fn asynchronous<T: 'static, P: WasmTyList, R: WasmRet + 'static>(
    closure: impl Fn(Caller<'_, T>, P) -> Box<dyn Future<Output = R> + Send> + Send + Sync + 'static,
) -> HostDefinition<T> {
    let function = move |store: &mut Store<T>, call: HostCall| {
        let params = load::<T, P>(store, &call)?;
        let mailbox = Arc::new(Mailbox::default());
        let caller = Caller { store: StoreContextMut(store), instance: call.caller(), mailbox: Some(&mailbox) };
        let future = Box::into_pin(closure(caller, params));
        Ok(Called::Pending(PendingFuture::new(mailbox, async move { future.await.into_list() })))
    };
    HostDefinition { ty: func_type::<P, R::List>(), function: Arc::new(function) }
}

/// The common form of a closure that returns a future which stays on the store's thread, in the embedder's data.
pub(crate) fn asynchronous_local<T: 'static, P: WasmTyList, R: WasmRet + 'static>(
    place: Arc<Place<T>>,
    closure: impl Fn(Caller<'_, T>, P) -> Box<dyn Future<Output = R>> + Send + Sync + 'static,
) -> HostDefinition<T> {
    let function = move |store: &mut Store<T>, call: HostCall| {
        let params = load::<T, P>(store, &call)?;
        let mailbox = Arc::new(Mailbox::default());
        let caller = Caller { store: StoreContextMut(store), instance: call.caller(), mailbox: Some(&mailbox) };
        let future = Box::into_pin(closure(caller, params));
        let local = LocalCall::new(store.data_mut(), &place, async move { future.await.into_list() });
        Ok(Called::Pending(PendingFuture::local(mailbox, local)))
    };
    HostDefinition { ty: func_type::<P, R::List>(), function: Arc::new(function) }
}

/// The common form of a dynamically typed closure that returns a future of its results.
pub(crate) fn dynamic_asynchronous<T: 'static>(
    ty: FuncType,
    closure: impl Fn(Caller<'_, T>, &[Val]) -> Box<dyn Future<Output = Result<alloc::vec::Vec<Val>, Error>> + Send>
    + Send
    + Sync
    + 'static,
) -> HostDefinition<T> {
    let signature = Arc::new(ty.clone());
    let function = move |store: &mut Store<T>, call: HostCall| {
        let mut arguments = store.take_scratch();
        arguments.try_reserve(signature.params().len())?;
        arguments.resize(signature.params().len(), Val::I32(0));
        let from = slots(&call, signature.param_slots() as usize);
        load_vals(store.inner_mut(), signature.params(), from, &mut arguments)?;
        let mailbox = Arc::new(Mailbox::default());
        let caller = Caller { store: StoreContextMut(store), instance: call.caller(), mailbox: Some(&mailbox) };
        let future = Box::into_pin(closure(caller, &arguments));
        store.put_scratch(arguments);
        Ok(Called::Pending(PendingFuture::dynamic(mailbox, signature.clone(), future)))
    };
    HostDefinition { ty, function: Arc::new(function) }
}

/// Writes the results of a dynamically typed call.
pub(crate) fn finish_vals<T: 'static>(
    store: &mut Store<T>,
    call: &HostCall,
    ty: &FuncType,
    results: &[Val],
) -> Result<(), Error> {
    if results.len() != ty.results().len() {
        return Err(crate::value::wrong_count(ty.results().len(), results.len()));
    }
    store_vals(store.inner(), ty.results(), results, slots(call, ty.result_slots() as usize))
}
