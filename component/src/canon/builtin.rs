//! The built-ins as core functions: what each does.

use alloc::boxed::Box;

use whit_core::{
    AsContextMut, Caller, Error, Func, RawFunction, RawOutcome, Signature, StoreContextMut, ValType as Core,
};

use crate::canon::nested::ResourceDrop;
use crate::canon::{resource, task};
use crate::plan::Builtin;
use crate::runtime::Runtime;
use crate::runtime::instance::{InstanceId, Options, RootId};
use crate::runtime::trap::RuntimeTrap;

/// The core function of a built-in that works for an instance; `options` are those that it names, if it names any.
pub(crate) fn make<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    signature: &Signature,
    root: RootId,
    instance: InstanceId,
    builtin: &Builtin,
    options: Option<Options>,
) -> Result<Func, Error> {
    use Builtin as B;
    let runtime = Runtime::of(store)?;
    match *builtin {
        B::ResourceNew(index) => {
            let ty = runtime.root(root).resource(index);
            at_once(store, signature, move |runtime, slots| {
                slots[0] = resource::new(runtime, instance, ty, slots[0] as u32)?.into();
                Ok(())
            })
        }
        B::ResourceRep(index) => {
            let ty = runtime.root(root).resource(index);
            at_once(store, signature, move |runtime, slots| {
                slots[0] = resource::rep(runtime, instance, ty, slots[0] as u32)?.into();
                Ok(())
            })
        }
        B::ResourceDrop(index) => {
            let ty = runtime.root(root).resource(index);
            Func::new_raw(store.as_context_mut(), signature, ResourceDrop { instance, ty })
        }
        B::ContextGet { slot } => at_once(store, signature, move |runtime, slots| {
            slots[0] = task::context_get(runtime, instance, slot)?.into();
            Ok(())
        }),
        B::ContextSet { slot } => {
            at_once(store, signature, move |runtime, slots| task::context_set(runtime, instance, slot, slots[0] as u32))
        }
        B::BackpressureInc => at_once(store, signature, move |runtime, _| task::backpressure(runtime, instance, true)),
        B::BackpressureDec => at_once(store, signature, move |runtime, _| task::backpressure(runtime, instance, false)),
        B::TaskReturn { result, .. } => {
            let options = options.ok_or_else(|| Error::msg("`task.return` without canonical options"))?;
            let count = signature.ty().params().len();
            Func::new_raw(store.as_context_mut(), signature, move |caller: Caller<'_, T>, slots: &mut [u64]| {
                task::return_(caller, options, result, &slots[..count])?;
                Ok(RawOutcome::Return)
            })
        }
        _ => {
            let (name, ..) = later(builtin);
            at_once(store, signature, move |runtime, _| {
                runtime.check_may_leave(instance)?;
                Err(RuntimeTrap::NotYet(name).into())
            })
        }
    }
}

/// A built-in that never leaves its caller's code. What it does depends on no data of the embedder's, so there is one copy of it and not one for
/// each type of them.
struct AtOnce(Box<OverRuntime>);

/// What a built-in does to the runtime, with its arguments, and later its result, in the slots.
type OverRuntime = dyn Fn(&mut Runtime, &mut [u64]) -> Result<(), Error> + Send + Sync;

impl<T: 'static> RawFunction<T> for AtOnce {
    fn call(&self, _: u32, mut caller: Caller<'_, T>, slots: &mut [u64]) -> Result<RawOutcome<T>, Error> {
        (self.0)(Runtime::of(&mut caller.as_context_mut())?, slots)?;
        Ok(RawOutcome::Return)
    }
}

fn at_once<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    signature: &Signature,
    body: impl Fn(&mut Runtime, &mut [u64]) -> Result<(), Error> + Send + Sync + 'static,
) -> Result<Func, Error> {
    Func::new_raw(store.as_context_mut(), signature, AtOnce(Box::new(body)))
}

/// Name and core type of the built-ins that need the asynchronous half of the runtime.
pub(crate) fn later(builtin: &Builtin) -> (&'static str, &'static [Core], &'static [Core]) {
    use Builtin as B;
    const NONE: &[Core] = &[];
    const ONE: &[Core] = &[Core::I32];
    const TWO: &[Core] = &[Core::I32, Core::I32];
    const THREE: &[Core] = &[Core::I32, Core::I32, Core::I32];
    const PAIR: &[Core] = &[Core::I64];
    match builtin {
        B::TaskCancel => ("task.cancel", NONE, NONE),
        B::ThreadYield => ("thread.yield", NONE, ONE),
        B::SubtaskCancel { .. } => ("subtask.cancel", ONE, ONE),
        B::SubtaskDrop => ("subtask.drop", ONE, NONE),
        B::StreamNew(_) => ("stream.new", NONE, PAIR),
        B::StreamRead { .. } => ("stream.read", THREE, ONE),
        B::StreamWrite { .. } => ("stream.write", THREE, ONE),
        B::StreamForward(_) => ("stream.forward", TWO, NONE),
        B::StreamCancelRead { .. } => ("stream.cancel-read", ONE, ONE),
        B::StreamCancelWrite { .. } => ("stream.cancel-write", ONE, ONE),
        B::StreamDropReadable(_) => ("stream.drop-readable", ONE, NONE),
        B::StreamDropWritable(_) => ("stream.drop-writable", ONE, NONE),
        B::FutureNew(_) => ("future.new", NONE, PAIR),
        B::FutureRead { .. } => ("future.read", TWO, ONE),
        B::FutureWrite { .. } => ("future.write", TWO, ONE),
        B::FutureForward(_) => ("future.forward", TWO, NONE),
        B::FutureCancelRead { .. } => ("future.cancel-read", ONE, ONE),
        B::FutureCancelWrite { .. } => ("future.cancel-write", ONE, ONE),
        B::FutureDropReadable(_) => ("future.drop-readable", ONE, NONE),
        B::FutureDropWritable(_) => ("future.drop-writable", ONE, NONE),
        B::ErrorContextNew { .. } => ("error-context.new", TWO, ONE),
        B::ErrorContextDebugMessage { .. } => ("error-context.debug-message", TWO, NONE),
        B::ErrorContextDrop => ("error-context.drop", ONE, NONE),
        B::WaitableSetNew => ("waitable-set.new", NONE, ONE),
        B::WaitableSetWait { .. } => ("waitable-set.wait", TWO, ONE),
        B::WaitableSetPoll { .. } => ("waitable-set.poll", TWO, ONE),
        B::WaitableSetDrop => ("waitable-set.drop", ONE, NONE),
        B::WaitableJoin => ("waitable.join", TWO, NONE),
        B::ThreadIndex => ("thread.index", NONE, ONE),
        B::ThreadNewIndirect { .. } => ("thread.new-indirect", TWO, ONE),
        B::ThreadResumeLater => ("thread.resume-later", ONE, NONE),
        B::ThreadSuspend => ("thread.suspend", NONE, ONE),
        B::ThreadSuspendThenResume => ("thread.suspend-then-resume", ONE, ONE),
        B::ThreadYieldThenResume => ("thread.yield-then-resume", ONE, ONE),
        B::ThreadSuspendThenPromote => ("thread.suspend-then-promote", ONE, ONE),
        B::ThreadYieldThenPromote => ("thread.yield-then-promote", ONE, ONE),
        // The rest are made above.
        _ => ("a built-in", NONE, NONE),
    }
}
