//! Functions of a store: [`Func`] for calls with values, [`TypedFunc`] for calls with Rust types.
//!
//! A handle is a store's number and an address in it, so it can be copied freely and outlives nothing. Calls with [`Val`]s compare each
//! value with the function's type; a [`TypedFunc`] was compared once, so that a call through it only writes slots.

use alloc::boxed::Box;
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;

use crate::error::Error;
use crate::execution::{CallFuture, Execution, Running};
use crate::host::{self, Caller, HostDefinition, IntoFunc, WasmRet};
use crate::runtime::context::FuncAddr;
use crate::runtime::store::{StoreId, StoreInner};
use crate::store::{AsContext, AsContextMut, Store, StoreContextMut};
use crate::typed::{WasmParams, WasmResults, WasmTyList};
use crate::types::{FuncType, HeapType, RefType, TypeId, Types, ValType};
use crate::value::{Val, load_vals, store_vals, wrong_count};

/// A function, of a guest or of the host.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Func {
    store: StoreId,
    addr: FuncAddr,
}

impl Func {
    /// A host function of the given type over [`Val`]s.
    ///
    /// The closure finds defaults in the results and overwrites them; wrong types there are an error of the call.
    ///
    /// # Panics
    /// If the host has no memory for it, or the type is of another engine; [`Func::try_new`] gives an error instead.
    pub fn new<T: 'static>(
        store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Self {
        made(Self::try_new(store, ty, func))
    }

    /// [`Func::new`] with an error where that panics.
    pub fn try_new<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Self::place(store.as_context_mut().0, &host::dynamic(ty, func), None)
    }

    /// A host function whose type is that of the closure.
    ///
    /// # Panics
    /// If the host has no memory for it; [`Func::try_wrap`] gives an error instead.
    pub fn wrap<T: 'static, Params, Results>(
        store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Self {
        made(Self::try_wrap(store, func))
    }

    /// [`Func::wrap`] with an error where that panics.
    pub fn try_wrap<T: 'static, Params, Results>(
        mut store: impl AsContextMut<Data = T>,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Result<Self, Error> {
        Self::place(store.as_context_mut().0, &func.into_host(), None)
    }

    /// A host function that is finished by a future; see [`Linker::func_wrap_async`](crate::Linker::func_wrap_async).
    ///
    /// # Panics
    /// If the host has no memory for it.
    pub fn wrap_async<T: 'static, P: WasmTyList, R: WasmRet + 'static>(
        mut store: impl AsContextMut<Data = T>,
        func: impl Fn(Caller<'_, T>, P) -> Box<dyn Future<Output = R> + Send> + Send + Sync + 'static,
    ) -> Self {
        made(Self::place(store.as_context_mut().0, &host::asynchronous(func), None))
    }

    /// Puts a closure into a store, once. Its type may well be `declared`, if that is given: the one that an import has, known to the store.
    pub(crate) fn place<T: 'static>(
        store: &mut Store<T>,
        definition: &HostDefinition<T>,
        declared: Option<TypeId>,
    ) -> Result<Self, Error> {
        let addr = match store.placed(&definition.function) {
            Some(addr) => addr,
            None => {
                let host = store.add_host_function(definition.function.clone(), host::Site::default())?;
                let inner = store.inner_mut();
                let is_ours = |id: &TypeId| inner.types().defined(*id).is_some_and(|ty| ty.is_plain(&definition.ty));
                let addr = match declared.filter(is_ours) {
                    Some(id) => inner.add_host_func_of(id, host)?,
                    None => inner.add_host_func(&definition.ty, host)?,
                };
                store.note_placed(&definition.function, addr)?;
                addr
            }
        };
        Ok(Self { store: store.inner().id(), addr })
    }

    /// The handle of a function of `inner`.
    pub(crate) fn from_addr(inner: &StoreInner, addr: FuncAddr) -> Self {
        Self { store: inner.id(), addr }
    }

    /// The address, if the function is one of `inner`'s.
    pub(crate) fn addr(&self, inner: &StoreInner) -> Result<FuncAddr, Error> {
        if self.store == inner.id() { Ok(self.addr) } else { Err(Error::wrong_store()) }
    }

    /// The function reference: the address plus one.
    pub(crate) fn to_slot(self, inner: &StoreInner) -> Result<u32, Error> {
        Ok(self.addr(inner)?.0 + 1)
    }

    /// The function behind a function reference; 0 is null.
    pub(crate) fn from_slot(inner: &StoreInner, slot: u32) -> Result<Option<Self>, Error> {
        Ok(slot.checked_sub(1).map(|addr| Self::from_addr(inner, FuncAddr(addr))))
    }

    /// The type of the function. A handle of another store reads as a function from nothing to nothing.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        let inner = store.as_context().inner();
        match self.addr(inner).and_then(|addr| inner.func_type(addr)) {
            Ok(ty) => FuncType::clone(&ty),
            Err(_) => FuncType::new([], []),
        }
    }

    /// Calls the function and waits for its results.
    ///
    /// `params` and `results` must be as many as the type says. Fuel, epochs and pending host functions end the call with a trap here;
    /// [`start`](Self::start) and [`call_async`](Self::call_async) can wait instead.
    pub fn call(&self, mut store: impl AsContextMut, params: &[Val], results: &mut [Val]) -> Result<(), Error> {
        let store = store.as_context_mut().0;
        let addr = self.addr(store.inner())?;
        let ty = store.inner().func_type(addr)?;
        check_counts(&ty, params, results.len())?;
        let mut running = Running::start(store, addr, ty.result_slots() as usize)?;
        let (inner, slots) = running.slots(ty.param_slots() as usize);
        store_vals(inner.0, ty.params(), params, slots)?;
        running.finish()?;
        let (inner, slots) = running.slots(ty.result_slots() as usize);
        load_vals(inner.0, ty.results(), slots, results)
    }

    /// A call that has not begun: see [`Execution`].
    pub fn start(&self, mut store: impl AsContextMut, params: &[Val]) -> Result<Execution, Error> {
        self.begin(store.as_context_mut().0, params)
    }

    fn begin<T: 'static>(&self, store: &mut Store<T>, params: &[Val]) -> Result<Execution, Error> {
        let addr = self.addr(store.inner())?;
        let ty = store.inner().func_type(addr)?;
        check_counts(&ty, params, ty.results().len())?;
        let slots = (ty.param_slots() as usize, ty.result_slots() as usize);
        Execution::start(store, addr, slots, |inner, slots| store_vals(inner.0, ty.params(), params, slots))
    }

    /// Calls the function as a future, which waits where host functions do.
    ///
    /// The future can be dropped at any point.
    pub async fn call_async<T: 'static>(
        &self,
        mut store: impl AsContextMut<Data = T>,
        params: &[Val],
        results: &mut [Val],
    ) -> Result<(), Error> {
        let store = store.as_context_mut();
        let addr = self.addr(store.inner())?;
        let ty = store.inner().func_type(addr)?;
        check_counts(&ty, params, results.len())?;
        drop(ty);
        let execution = self.begin(store.0, params);
        let values = CallFuture::new(store, execution).await?;
        results.iter_mut().zip(values).for_each(|(to, from)| *to = from);
        Ok(())
    }

    /// The function with its type fixed to Rust types; an error if they do not fit.
    pub fn typed<Params: WasmParams, Results: WasmResults>(
        &self,
        store: impl AsContext,
    ) -> Result<TypedFunc<Params, Results>, Error> {
        let inner = store.as_context().inner();
        let ty = inner.func_type(self.addr(inner)?)?;
        let types = inner.types();
        // Without allocating: host functions do this while a guest runs.
        let fits = Results::with_val_types(|results| {
            results.len() == ty.results().len()
                && ty.results().iter().zip(results).all(|(given, wanted)| given.matches(*wanted, types))
        });
        let exact = Params::with_val_types(|params| {
            let pairs = || params.iter().zip(ty.params());
            let fits = params.len() == ty.params().len()
                && fits
                && pairs().all(|(given, wanted)| can_pass(*given, *wanted, types));
            fits.then(|| pairs().all(|(given, wanted)| given.matches(*wanted, types)))
        });
        let Some(exact) = exact else {
            let wanted = FuncType::new(Params::val_types(), Results::val_types());
            return Err(Error::misuse(alloc::format!("type mismatch: the function has type {}, not {wanted}", *ty)));
        };
        Ok(TypedFunc { func: *self, exact, signature: PhantomData })
    }
}

/// For the constructors that the field knows without an error.
#[track_caller]
fn made(func: Result<Func, Error>) -> Func {
    match func {
        Ok(func) => func,
        Err(error) => panic!("cannot make a function: {error}"),
    }
}

/// Whether some values of type `given` can be passed as `wanted`: which ones is seen at the call.
fn can_pass(given: ValType, wanted: ValType, types: &impl Types) -> bool {
    match (given, wanted) {
        (ValType::Ref(given), ValType::Ref(wanted)) => {
            let top = |ty: RefType| -> Option<HeapType> { ty.heap_type().top(types) };
            given.matches(wanted, types)
                || (wanted.heap_type().type_id().is_some() && top(given).is_some() && top(given) == top(wanted))
        }
        _ => given == wanted,
    }
}

fn check_counts(ty: &FuncType, params: &[Val], results: usize) -> Result<(), Error> {
    if params.len() != ty.params().len() {
        return Err(wrong_count(ty.params().len(), params.len()));
    }
    if results != ty.results().len() {
        return Err(wrong_count(ty.results().len(), results));
    }
    Ok(())
}

impl fmt::Debug for Func {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Func({})", self.addr.0)
    }
}

/// A function whose type is known to the compiler: calls look nothing up and allocate nothing.
pub struct TypedFunc<Params, Results> {
    func: Func,
    /// Whether the Rust types say all; else references are compared with the function's type at each call.
    exact: bool,
    signature: PhantomData<fn(Params) -> Results>,
}

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    /// The function without its Rust types.
    pub fn func(&self) -> &Func {
        &self.func
    }

    /// Calls the function and waits for its results; see [`Func::call`].
    pub fn call(&self, mut store: impl AsContextMut, params: Params) -> Result<Results, Error> {
        let store = store.as_context_mut().0;
        let addr = self.func.addr(store.inner())?;
        let mut running = Running::start(store, addr, Results::SLOTS)?;
        let (mut inner, slots) = running.slots(Params::SLOTS);
        params.store(&mut inner, slots)?;
        if !self.exact {
            check_references(inner.0, addr, slots)?;
        }
        running.finish()?;
        let (mut inner, slots) = running.slots(Results::SLOTS);
        Results::load(&mut inner, slots)
    }

    /// A call that has not begun: see [`Execution`].
    pub fn start(&self, mut store: impl AsContextMut, params: Params) -> Result<Execution<Results>, Error> {
        self.begin(store.as_context_mut().0, params)
    }

    fn begin<T: 'static>(&self, store: &mut Store<T>, params: Params) -> Result<Execution<Results>, Error> {
        let addr = self.func.addr(store.inner())?;
        Execution::start(store, addr, (Params::SLOTS, Results::SLOTS), |inner, slots| {
            params.store(inner, slots)?;
            if self.exact { Ok(()) } else { check_references(inner.0, addr, slots) }
        })
    }

    /// Calls the function as a future; see [`Func::call_async`].
    pub async fn call_async<T: 'static>(
        &self,
        mut store: impl AsContextMut<Data = T>,
        params: Params,
    ) -> Result<Results, Error> {
        let store: StoreContextMut<'_, T> = store.as_context_mut();
        let execution = self.begin(store.0, params);
        CallFuture::new(store, execution).await
    }
}

/// Compares references in argument slots with the types that the function wants.
#[cold]
fn check_references(inner: &StoreInner, func: FuncAddr, slots: &[u64]) -> Result<(), Error> {
    let ty = inner.func_type(func)?;
    crate::value::for_each_slot(ty.params(), |_, ty, range| match ty {
        ValType::Ref(ty) if !slots[range.clone()].iter().all(|slot| inner.slot_matches(*slot as u32, ty)) => {
            Err(Error::misuse(alloc::format!("type mismatch: expected {ty}")))
        }
        _ => Ok(()),
    })
}

impl<Params, Results> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Params, Results> Copy for TypedFunc<Params, Results> {}

impl<Params, Results> fmt::Debug for TypedFunc<Params, Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.func.fmt(f)
    }
}
