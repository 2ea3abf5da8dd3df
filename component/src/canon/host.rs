//! `canon lower` of functions of the host: from core arguments to values, and from values to core results.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::task::{Context as TaskContext, Poll};

use whit_core::{AsContextMut, Error, Func, RawOutcome, Signature, StoreContextMut};

use crate::abi::context::Handle;
use crate::abi::flat::{Context, FlatFuncType, flatten_functype};
use crate::abi::lift::Lifting;
use crate::abi::lower::Lowering;
use crate::abi::place::Fields;
use crate::canon::RETURNED;
use crate::canon::context::{LiftingSide, LoweringSide, end_lending};
use crate::component::Component;
use crate::runtime::Runtime;
use crate::runtime::instance::{Options, RootId};
use crate::types::FuncTypeIdx;

/// One lowering of a function of the host: for an instance, with a type and options.
pub(crate) struct HostLowering {
    root: RootId,
    component: Component,
    ty: FuncTypeIdx,
    options: Options,
    flat: FlatFuncType,
    signature: Signature,
}

/// What a guest has lent for a call of the host.
struct Lent {
    /// By its own handles.
    lenders: Vec<u32>,
    /// The resources of guests among it, as the host knows them.
    borrowed: Vec<Handle>,
}

impl Lent {
    fn end<T: 'static>(&self, store: &mut StoreContextMut<'_, T>, options: &Options) -> Result<(), Error> {
        let runtime = Runtime::of(store)?;
        runtime.held.end_borrows(&self.borrowed);
        end_lending(runtime, options, &self.lenders);
        Ok(())
    }
}

/// How a function of the host goes on, once its parameters are there.
pub(crate) enum Going<T: 'static, R> {
    /// It has returned.
    Returned(R),
    /// It has to be polled.
    Waiting(Box<Polled<T, R>>),
}

/// Asks a function of the host that waits whether it is ready.
pub(crate) type Polled<T, R> = dyn FnMut(StoreContextMut<'_, T>, &mut TaskContext<'_>) -> Poll<Result<R, Error>> + Send;

impl HostLowering {
    pub(crate) fn new(
        root: RootId,
        component: &Component,
        signature: &Signature,
        ty: FuncTypeIdx,
        options: Options,
    ) -> Self {
        let types = &component.plan().types;
        let flat = flatten_functype(types, types.func(ty), options.is_async, Context::Lower);
        Self { root, component: component.clone(), ty, options, flat, signature: signature.clone() }
    }

    /// The core function that calls `body` with what `lift` makes of the core arguments, and gives what `lower` makes of its result.
    pub(crate) fn into_func<T: 'static, P: 'static, R: Send + 'static>(
        self,
        store: &mut StoreContextMut<'_, T>,
        lift: fn(&mut Lifting<'_>, &mut Fields<'_>) -> Result<P, Error>,
        body: impl Fn(StoreContextMut<'_, T>, P) -> Result<Going<T, R>, Error> + Send + Sync + 'static,
        lower: fn(&R, &mut Lowering<'_>, &mut Fields<'_>) -> Result<(), Error>,
    ) -> Result<Func, Error> {
        let signature = self.signature.clone();
        let this = Arc::new(self);
        Func::new_raw(store.as_context_mut(), &signature, move |mut caller, slots| {
            let mut store = caller.as_context_mut();
            Runtime::of(&mut store)?.check_may_leave(this.options.instance)?;
            let (params, lent) = this.lift(&mut store, slots, lift)?;
            let address = this.result_address(slots);
            let result = match body(store.as_context_mut(), params) {
                Ok(Going::Waiting(mut poll)) => {
                    let this = this.clone();
                    return Ok(RawOutcome::Wait(Box::new(move |mut store, slots, context| {
                        poll(store.as_context_mut(), context)
                            .map(|result| this.finish(&mut store, &lent, result, address, slots, lower))
                    })));
                }
                Ok(Going::Returned(result)) => Ok(result),
                Err(error) => Err(error),
            };
            this.finish(&mut store, &lent, result, address, slots, lower)?;
            Ok(RawOutcome::Return)
        })
    }

    /// The parameters, and what is lent with them.
    fn lift<T: 'static, P>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        slots: &[u64],
        lift: fn(&mut Lifting<'_>, &mut Fields<'_>) -> Result<P, Error>,
    ) -> Result<(P, Lent), Error> {
        let types = &self.component.plan().types;
        let (options, root) = (self.options, self.root);
        let mut side = LiftingSide::new(store, options, root);
        let mut from = Lifting::new(&mut side, types, options.string_encoding, slots);
        let mut fields = from.params(&types.func(self.ty).params, self.flat.params_in_memory)?;
        let params = lift(&mut from, &mut fields);
        let lent = Lent { lenders: side.lenders, borrowed: side.borrowed };
        if params.is_err() {
            lent.end(store, &self.options)?;
        }
        Ok((params?, lent))
    }

    /// Where the caller wants the result, if it wants it in memory: the last core parameter.
    fn result_address(&self, slots: &[u64]) -> Option<u32> {
        self.flat.result_in_memory.then(|| slots[self.flat.params.len() - 1] as u32)
    }

    /// Gives back what was lent, and the result if there is one.
    fn finish<T: 'static, R>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        lent: &Lent,
        result: Result<R, Error>,
        address: Option<u32>,
        slots: &mut [u64],
        lower: fn(&R, &mut Lowering<'_>, &mut Fields<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        lent.end(store, &self.options)?;
        let result = result?;
        let types = &self.component.plan().types;
        let (options, root) = (self.options, self.root);
        let mut flat = [0; 1];
        // Results have no borrows.
        let mut lent = Vec::new();
        let mut side = LoweringSide { store, options, root, scope: None, lent: &mut lent };
        let mut to = Lowering::new(&mut side, types, options.string_encoding, &mut flat);
        let mut fields = to.result(types.func(self.ty).result, address)?;
        lower(&result, &mut to, &mut fields)?;
        if let Some(slot) = slots.first_mut() {
            *slot = if options.is_async { RETURNED } else { flat[0] };
        }
        Ok(())
    }
}
