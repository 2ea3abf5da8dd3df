//! Component functions of a store: [`Func`] for calls with [`Val`]s, [`TypedFunc`] for calls with Rust types.

use core::marker::PhantomData;

use whit_core::{AsContextMut, Error, StoreContextMut, StoreId};

use crate::abi::context::LowerContext;
use crate::abi::lift::Lifting;
use crate::abi::lower::Lowering;
use crate::abi::place::Fields;
use crate::canon::call::{Call, CallFuture};
use crate::canon::lift::{CallResult, HostCall};
use crate::component::Component;
use crate::mismatch::TypeMismatch;
use crate::runtime::Runtime;
use crate::runtime::instance::{Lift as RuntimeLift, LiftedFunc};
use crate::typed::{ComponentNamedList, LiftNamedList, LowerNamedList, typecheck_params, typecheck_result};
use crate::types::{FuncType, FuncTypeIdx, Types, ValType};
use crate::value::{Val, lower_vals};

/// A function of a component instance.
///
/// A handle is a store's number and a place in it: it can be copied, and is refused with an error by any other store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Func {
    store: StoreId,
    func: LiftedFunc,
    ty: FuncTypeIdx,
}

impl Func {
    pub(crate) fn new(store: StoreId, func: LiftedFunc, ty: FuncTypeIdx) -> Self {
        Self { store, func, ty }
    }

    /// The function as another component of the store can call it; an error for another store.
    pub(crate) fn lifted(&self, store: StoreId) -> Result<LiftedFunc, Error> {
        match self.store == store {
            true => Ok(self.func),
            false => Err(Error::msg("the component function belongs to another store")),
        }
    }

    /// The component whose function it is.
    fn component<T: 'static>(&self, store: &mut StoreContextMut<'_, T>) -> Result<Component, Error> {
        let func = self.lifted(store.id())?;
        Ok(Runtime::of(store)?.root(func.root).component.clone())
    }

    /// Its type, and the types that that is made of.
    pub fn with_type<R>(
        &self,
        mut store: impl AsContextMut,
        body: impl FnOnce(&FuncType, &Types) -> R,
    ) -> Result<R, Error> {
        let component = self.component(&mut store.as_context_mut())?;
        let types = &component.plan().types;
        Ok(body(types.func(self.ty), types))
    }

    /// Calls the function and waits for its result. A host function that has to wait ends the call with a trap here;
    /// [`call_async`](Self::call_async) can wait instead.
    ///
    /// # Errors
    /// The parameters do not fit its type, the guest trapped, or a host function failed.
    pub fn call(&self, mut store: impl AsContextMut, params: &[Val]) -> Result<Option<Val>, Error> {
        let mut store = store.as_context_mut();
        let call = self.begin(&mut store, params)?;
        call.finish_now(&mut store).map(|Dynamic(result)| result)
    }

    /// The same as a future, which waits where host functions do. Dropping it before it is ready ends the call, and with it the use of the
    /// component.
    pub async fn call_async<T: 'static>(
        &self,
        mut store: impl AsContextMut<Data = T>,
        params: &[Val],
    ) -> Result<Option<Val>, Error> {
        let mut store = store.as_context_mut();
        let call = self.begin(&mut store, params)?;
        CallFuture::new(store, call).await.map(|Dynamic(result)| result)
    }

    /// Begins a call with values that must fit the parameters.
    fn begin<T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        params: &[Val],
    ) -> Result<HostCall<Dynamic>, Error> {
        let func = self.lifted(store.id())?;
        HostCall::begin(store, func, &mut |side, component, lift, arguments| {
            let types = &component.plan().types;
            let declared = &types.func(lift.ty).params;
            if declared.len() != params.len() {
                let message = alloc::format!("the function takes {} parameters, not {}", declared.len(), params.len());
                return Err(TypeMismatch::message(message).into());
            }
            let mut to = Lowering::new(side, types, lift.options.string_encoding, arguments);
            let fields = to.params(declared, lift.params_in_memory)?;
            lower_vals(&mut to, params, fields)
        })
    }

    /// The function with its type fixed to Rust types; an error if they do not fit.
    pub fn typed<Params: ComponentNamedList, Results: ComponentNamedList>(
        &self,
        store: impl AsContextMut,
    ) -> Result<TypedFunc<Params, Results>, Error> {
        self.with_type(store, |ty, types| {
            typecheck_params(Params::TYPES, &ty.params, types)?;
            typecheck_result(Results::TYPES, ty.result, types)
        })??;
        Ok(TypedFunc { func: *self, signature: PhantomData })
    }
}

/// A [`Func`] whose parameters and results are tuples of Rust types.
///
/// What it is called with may live shorter than what its type says: a function of `(&'static str,)` takes any `&str`.
pub struct TypedFunc<Params, Results> {
    func: Func,
    // Covariant in both, for the sake of the above: which lifetimes references have is nothing that was checked.
    signature: PhantomData<fn() -> (Params, Results)>,
}

impl<Params: LowerNamedList, Results: LiftNamedList + Send + Sync + 'static> TypedFunc<Params, Results> {
    /// The function without its Rust types.
    pub fn func(&self) -> &Func {
        &self.func
    }

    /// Calls the function and waits for its result; see [`Func::call`].
    ///
    /// # Errors
    /// The guest trapped, or a host function failed.
    pub fn call(&self, mut store: impl AsContextMut, params: Params) -> Result<Results, Error> {
        let mut store = store.as_context_mut();
        let call = self.begin(&mut store, &params)?;
        call.finish_now(&mut store).map(|Typed(results)| results)
    }

    /// The same as a future; see [`Func::call_async`].
    ///
    /// # Errors
    /// As for [`call`](Self::call).
    pub async fn call_async<T: 'static>(
        &self,
        mut store: impl AsContextMut<Data = T>,
        params: Params,
    ) -> Result<Results, Error> {
        let mut store = store.as_context_mut();
        let call = self.begin(&mut store, &params)?;
        CallFuture::new(store, call).await.map(|Typed(results)| results)
    }

    fn begin<T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        params: &Params,
    ) -> Result<HostCall<Typed<Results>>, Error> {
        let func = self.func.lifted(store.id())?;
        HostCall::begin(store, func, &mut |side, component, lift, arguments| {
            lower_params(side, component, lift, arguments, params)
        })
    }
}

impl<Params, Results> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Params, Results> Copy for TypedFunc<Params, Results> {}

fn lower_params<Params: LowerNamedList>(
    side: &mut dyn LowerContext,
    component: &Component,
    lift: RuntimeLift,
    arguments: &mut [u64],
    params: &Params,
) -> Result<(), Error> {
    let types = &component.plan().types;
    let mut to = Lowering::new(side, types, lift.options.string_encoding, arguments);
    let mut fields = to.params(&types.func(lift.ty).params, lift.params_in_memory)?;
    params.lower_fields(&mut to, &mut fields)
}

/// The result of a call with [`Val`]s.
struct Dynamic(Option<Val>);

impl CallResult for Dynamic {
    fn lift(from: &mut Lifting<'_>, fields: &mut Fields<'_>, ty: Option<ValType>) -> Result<Self, Error> {
        Ok(Self(ty.map(|_| from.field(fields)).transpose()?))
    }
}

/// The result of a call with Rust types.
struct Typed<Results>(Results);

impl<Results: LiftNamedList + Send + Sync + 'static> CallResult for Typed<Results> {
    fn lift(from: &mut Lifting<'_>, fields: &mut Fields<'_>, _: Option<ValType>) -> Result<Self, Error> {
        Results::lift_fields(from, fields).map(Self)
    }
}
