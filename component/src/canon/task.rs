//! The built-ins about the current task: `task.return`, `context.get`, `context.set`, `backpressure.inc`, `backpressure.dec`.

use whit_core::{AsContextMut, Caller, Error};

use crate::canon::lower::pass_result;
use crate::runtime::Runtime;
use crate::runtime::instance::{InstanceId, Options};
use crate::runtime::task::Callee;
use crate::runtime::trap::RuntimeTrap;
use crate::types::{MAX_FLAT_PARAMS, ValType};

/// `task.return`: passes the value of the current task to whoever waits for it.
pub(crate) fn return_<T: 'static>(
    mut caller: Caller<'_, T>,
    options: Options,
    result: Option<ValType>,
    values: &[u64],
) -> Result<(), Error> {
    let mut store = caller.as_context_mut();
    let runtime = Runtime::of(&mut store)?;
    runtime.check_may_leave(options.instance)?;
    let task = runtime.current()?.1.task;
    let Callee::Lifted(func) = runtime.task(task)?.callee else { return Err(RuntimeTrap::InvalidTaskReturn.into()) };
    let root = runtime.root(func.root);
    let lift = root.lift(func.lift)?;
    let declared = root.component.plan().types.func(lift.ty).result;
    let agrees = lift.options.is_async
        && lift.options.instance == options.instance
        && declared == result
        && lift.options.string_encoding == options.string_encoding
        && (options.memory.is_none() || lift.options.memory == options.memory);
    if !agrees {
        return Err(RuntimeTrap::InvalidTaskReturn.into());
    }
    pass_result(&mut store, task, options, MAX_FLAT_PARAMS, values)
}

/// `context.get`: what the current thread has stored in a slot. `realloc` runs on a thread of its own, whose slots are zero.
pub(crate) fn context_get(runtime: &mut Runtime, instance: InstanceId, slot: u32) -> Result<u32, Error> {
    if runtime.instance(instance).in_realloc {
        return Ok(0);
    }
    Ok(runtime.current()?.1.context[slot as usize])
}

/// `context.set`: the same, to be changed.
pub(crate) fn context_set(runtime: &mut Runtime, instance: InstanceId, slot: u32, value: u32) -> Result<(), Error> {
    if !runtime.instance(instance).in_realloc {
        runtime.current()?.1.context[slot as usize] = value;
    }
    Ok(())
}

/// `backpressure.inc` and `backpressure.dec`: makes new tasks of the instance wait, or wait no longer.
pub(crate) fn backpressure(runtime: &mut Runtime, instance: InstanceId, is_more: bool) -> Result<(), Error> {
    let counter = &mut runtime.instance(instance).backpressure;
    let changed = if is_more { counter.checked_add(1) } else { counter.checked_sub(1) };
    *counter = changed.ok_or(RuntimeTrap::Backpressure)?;
    Ok(())
}
