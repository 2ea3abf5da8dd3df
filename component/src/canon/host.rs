//! `canon lower` of functions of the host: from core arguments to values, and from values to core results.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::task::{Context as TaskContext, Poll};

use whit_core::{AsContextMut, Caller, Error, RawFunction, RawOutcome, StoreContextMut};

use crate::abi::context::Handle;
use crate::abi::lift::Lifting;
use crate::abi::lower::Lowering;
use crate::abi::place::Fields;
use crate::canon::RETURNED;
use crate::canon::context::{LiftingSide, LoweringSide, end_lending};
use crate::component::Component;
use crate::linker::Definitions;
use crate::plan::{CanonFunc, CanonFuncIdx, Func as PlanFunc, OptionsIdx};
use crate::runtime::Runtime;
use crate::runtime::instance::{Options, RootId};
use crate::types::FuncType;

/// One lowering of a function of the host: a definition of a component's plan, in an instance. Instances have hundreds, so it only says where to find
/// what it needs.
#[derive(Clone, Copy)]
pub(crate) struct HostLowering<'c> {
    /// Whose definition it is.
    pub component: &'c Component,
    /// The instance.
    pub root: RootId,
    /// Which definition.
    pub func: CanonFuncIdx,
}

/// What a call of the host keeps until its result is there.
struct HostCall {
    /// The handles that the guest has lent.
    lenders: Vec<u32>,
    /// The resources of guests among them, as the host knows them.
    borrowed: Vec<Handle>,
    /// Where the caller wants the result, if it wants it in memory.
    address: Option<u32>,
    /// How values pass.
    options: Options,
}

impl HostCall {
    /// Gives back what was lent.
    fn end_lending<T: 'static>(&self, store: &mut StoreContextMut<'_, T>) -> Result<(), Error> {
        let runtime = Runtime::of(store)?;
        runtime.held.end_borrows(&self.borrowed);
        end_lending(runtime, &self.options, &self.lenders);
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

/// What a function of the host does, whatever it is lowered for.
pub(crate) trait HostBody<T: 'static>: Send + Sync {
    /// Calls it by way of `lowering`, with the core arguments in `slots`.
    fn call(
        &self,
        lowering: HostLowering<'_>,
        store: StoreContextMut<'_, T>,
        slots: &mut [u64],
    ) -> Result<RawOutcome<T>, Error>;
}

/// A body over values: `lift` makes them of the core arguments, and `lower` passes the result back. There is a `call` of this for each
/// signature in Rust, a hundred and more; so what does not depend on it is the lowering's.
pub(crate) struct OverValues<P, R, F> {
    pub(crate) lift: fn(&mut Lifting<'_>, &mut Fields<'_>) -> Result<P, Error>,
    pub(crate) body: F,
    pub(crate) lower: fn(&R, &mut Lowering<'_>, &mut Fields<'_>) -> Result<(), Error>,
}

impl<T: 'static, P: 'static, R: Send + 'static, F> HostBody<T> for OverValues<P, R, F>
where
    F: Fn(StoreContextMut<'_, T>, P) -> Result<Going<T, R>, Error> + Send + Sync,
{
    fn call(
        &self,
        lowering: HostLowering<'_>,
        mut store: StoreContextMut<'_, T>,
        slots: &mut [u64],
    ) -> Result<RawOutcome<T>, Error> {
        let (lift, lower) = (self.lift, self.lower);
        let mut params = None;
        let call = lowering.enter(&mut store, slots, &mut |from, fields| {
            params = Some(lift(from, fields)?);
            Ok(())
        })?;
        let params = params.ok_or_else(|| Error::msg("the parameters of a host function were not lifted"))?;
        match (self.body)(store.as_context_mut(), params) {
            Ok(Going::Returned(result)) => {
                lowering.leave(&mut store, &call, slots, Ok(&|to, fields| lower(&result, to, fields)))?;
            }
            Ok(Going::Waiting(mut poll)) => {
                let (component, root, func) = (lowering.component.clone(), lowering.root, lowering.func);
                return Ok(RawOutcome::Wait(Box::new(move |mut store, slots, context| {
                    let lowering = HostLowering { component: &component, root, func };
                    poll(store.as_context_mut(), context).map(|result| match result {
                        Ok(result) => {
                            lowering.leave(&mut store, &call, slots, Ok(&|to, fields| lower(&result, to, fields)))
                        }
                        Err(error) => lowering.leave(&mut store, &call, slots, Err(error)),
                    })
                })));
            }
            Err(error) => lowering.leave(&mut store, &call, slots, Err(error))?,
        }
        Ok(RawOutcome::Return)
    }
}

/// All functions of the host that an instance has lowered, by the number of the definition.
pub(crate) struct HostFunctions<T: 'static> {
    /// Whose definitions they are.
    pub component: Component,
    /// The instance.
    pub root: RootId,
    /// What its imports are.
    pub definitions: Arc<Definitions<T>>,
}

impl<T: 'static> RawFunction<T> for HostFunctions<T> {
    fn call(&self, number: u32, mut caller: Caller<'_, T>, slots: &mut [u64]) -> Result<RawOutcome<T>, Error> {
        let func = CanonFuncIdx(number);
        let Some(CanonFunc::Lower { func: PlanFunc::Import(import), .. }) =
            self.component.plan().canon_funcs.get(func.index())
        else {
            return Err(Error::msg("something else was taken for a function of the host"));
        };
        let lowering = HostLowering { component: &self.component, root: self.root, func };
        self.definitions.host_func(*import)?.call(lowering, caller.as_context_mut(), slots)
    }
}

impl HostLowering<'_> {
    /// The type at which the function is called, and the number of the canonical options.
    fn definition(&self) -> Result<(&FuncType, OptionsIdx), Error> {
        let plan = self.component.plan();
        match &plan.canon_funcs[self.func.index()] {
            CanonFunc::Lower { ty, options, .. } => Ok((plan.types.func(*ty), *options)),
            CanonFunc::Builtin { .. } => Err(Error::msg("a built-in was taken for a function of the host")),
        }
    }

    /// Begins a call: lifts the parameters, and notes what is lent with them.
    #[inline(never)]
    fn enter<T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        slots: &[u64],
        lift: &mut dyn FnMut(&mut Lifting<'_>, &mut Fields<'_>) -> Result<(), Error>,
    ) -> Result<HostCall, Error> {
        let (ty, options) = self.definition()?;
        let runtime = Runtime::of(store)?;
        let options = runtime.root(self.root).options(options)?;
        runtime.check_may_leave(options.instance)?;
        let canon = self.component.canon_type(self.func);
        let slots = &slots[..canon.signature.ty().params().len()];
        let mut side = LiftingSide::new(store, &options, self.root);
        let mut from = Lifting::new(&mut side, &self.component.plan().types, options.string_encoding, slots);
        let mut fields = from.params(&ty.params, canon.params_in_memory)?;
        let lifted = lift(&mut from, &mut fields);
        let address = match (canon.result_in_memory, slots) {
            // The last core parameter.
            (true, [.., address]) => Some(*address as u32),
            _ => None,
        };
        let LiftingSide { lenders, borrowed, .. } = side;
        let call = HostCall { lenders, borrowed, address, options };
        if lifted.is_err() {
            call.end_lending(store)?;
        }
        lifted.map(|()| call)
    }

    /// Ends a call: gives back what was lent, and lowers the result if there is one.
    #[inline(never)]
    fn leave<T: 'static>(
        &self,
        store: &mut StoreContextMut<'_, T>,
        call: &HostCall,
        slots: &mut [u64],
        lower: Result<&LowerResult<'_>, Error>,
    ) -> Result<(), Error> {
        call.end_lending(store)?;
        let lower = lower?;
        let (ty, _) = self.definition()?;
        let (options, root) = (&call.options, self.root);
        let mut flat = [0; 1];
        // Results have no borrows.
        let mut none = Vec::new();
        let mut side = LoweringSide { store, options, root, scope: None, lent: &mut none };
        let mut to = Lowering::new(&mut side, &self.component.plan().types, options.string_encoding, &mut flat);
        let mut fields = to.result(ty.result, call.address)?;
        lower(&mut to, &mut fields)?;
        if let Some(slot) = slots.first_mut() {
            *slot = if options.is_async { RETURNED } else { flat[0] };
        }
        Ok(())
    }
}

/// Lowers a result that it holds.
type LowerResult<'r> = dyn Fn(&mut Lowering<'_>, &mut Fields<'_>) -> Result<(), Error> + 'r;
