//! Rows about calls: translation on first call, crossing to the host, the end, and indirect calls of a subtype.

use super::super::control::{
    call_record, frame_depth, frame_function, set_advance, set_frame_depth, set_frame_function, tail_call_record,
};
use super::super::executions::{Execution, State};
use super::super::frame::caller;
use super::super::machine::{Flow, HEADER, Machine, instance_of};
use super::super::step::{ExecutionAddr, HostCall, Step};
use super::{Driver, Go, Outcome, Stop, stub};
use crate::code::shape::{Advance, CallIndirect, Nullary, Reg, Slot, TailCallIndirect, Translate};
use crate::error::{Error, Trap};
use crate::runtime::context::{FuncAddr, FuncRecord};
use crate::runtime::store::StoreInner;
use crate::trap::TrapCode;
use crate::types::Types;
use core::ptr::NonNull;

/// The function is called for the first time.
pub(super) unsafe fn translate(d: &mut Driver, op: Translate) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let module = &*(*d.instance()).module;
        super::super::control::set_frame_function(d.fp, module.imported.functions + op.function);
        match crate::parse::func::translate(module, op.function) {
            Ok(entry) => Ok(Go::At(entry)),
            Err(error) => Err(Trap::invalid_function(error).into()),
        }
    }
}

/// The outermost call has returned.
pub(super) unsafe fn leave(d: &mut Driver, _op: Nullary) -> Outcome {
    // SAFETY: I4
    unsafe { d.execution()?.state = State::Done };
    Err(Stop::Step(Step::Done))
}

/// A host function has been called.
pub(super) unsafe fn enter_host(d: &mut Driver, _op: Nullary) -> Outcome {
    // SAFETY: I2, I4
    unsafe {
        let execution: *mut Execution = d.execution()?;
        let (host, call) = cross(d.store, d.address, execution, d.fp);
        (d.ip, d.fp) = ((*execution).ip, (*execution).fp);
        Err(Stop::Step(Step::HostCall { host, call }))
    }
}

/// A host function has been called whose results take more room than its arguments and a header.
pub(super) unsafe fn enter_host_wide(d: &mut Driver, op: Nullary) -> Outcome {
    // SAFETY: I2, I4 — the caller wrote the header; the record's index is the function's address.
    unsafe {
        let store = &*d.store;
        let record = *store.functions.as_ptr().add(frame_function(d.fp) as usize);
        let params = usize::from(record.number_params) + usize::from(record.reference_params);
        let ty = store.types().defined(record.type_id).and_then(|ty| ty.sub_type().as_func());
        let results = ty.map_or(0, |ty| ty.result_slots() as usize);
        // Counted from the arguments on.
        if let Err(stop) = d.reserve(results.saturating_sub(params + HEADER)) {
            // The caller traps: this frame is not complete.
            (d.ip, d.fp) = caller(d.fp);
            d.at_op = false;
            return Err(stop);
        }
        enter_host(d, op)
    }
}

/// What a host function has called has returned.
pub(super) unsafe fn return_to_host(d: &mut Driver, _op: Nullary) -> Outcome {
    // SAFETY: I2, I4
    unsafe {
        let execution: *mut Execution = d.execution()?;
        let step = cross_back(d.store, d.address, execution, d.fp);
        (d.ip, d.fp) = ((*execution).ip, (*execution).fp);
        Err(Stop::Step(step))
    }
}

/// Leaves the guest for the host function whose frame is at `fp`, where the result stands of what it has called.
#[inline(always)]
pub(super) unsafe fn cross_back(
    store: *mut StoreInner,
    address: ExecutionAddr,
    execution: *mut Execution,
    fp: *mut u64,
) -> Step {
    // SAFETY: I2 — the slots of the arguments that `call_from_host` wrote, or of a result.
    unsafe {
        let result = *fp;
        let (host, call) = cross(store, address, execution, fp);
        Step::HostReturn { host, call, result }
    }
}

/// See [`exec::call_from_host`](super::super::call_from_host).
///
/// The frame of the host function, only a header, is still where its caller wrote it: nothing has been written over the arguments. The
/// callee's stands on it and returns to a stub, which leads back here ([`cross_back`]).
///
/// # Safety
/// I4: `store` is a live store that the caller holds exclusively, without references into it.
pub(in super::super) unsafe fn call_from_host(
    store: *mut StoreInner,
    address: ExecutionAddr,
    func: FuncAddr,
    arguments: &[u64],
    results: usize,
) -> Result<(), Error> {
    // SAFETY: I2, I4 — the execution is in the call of a host function, so the header of that function's frame stands behind its
    // arguments, and room for the callee's is made.
    unsafe {
        let limit = super::stack_limit(&*store);
        let callee = *(*store).func(func).ok_or_else(Error::wrong_store)?;
        let execution =
            (*store).executions.get_mut(address).ok_or_else(|| Error::misuse("there is no such execution"))?;
        let State::InHost { func: host, slots } = execution.state else {
            return Err(Error::misuse("the execution is not in a host call"));
        };
        let host = *(*store).functions.as_ptr().add(host.0 as usize);
        let at = slots + usize::from(host.number_params) + usize::from(host.reference_params) + HEADER;
        super::make_room(execution, at + arguments.len().max(results) + HEADER, limit)?;
        let host_fp = execution.stack.base().add(at);
        host_fp.copy_from_nonoverlapping(arguments.as_ptr(), arguments.len());
        let fp = host_fp.add(arguments.len() + HEADER);
        fp.sub(3).write(stub::host_return().expose_provenance() as u64);
        set_advance(fp, Advance::slots((arguments.len() + HEADER) as i32));
        set_frame_function(fp, callee.index);
        set_frame_depth(fp, frame_depth(host_fp) + 1);
        fp.sub(1).write(callee.instance.as_ptr().expose_provenance() as u64);
        execution.fp = fp;
        execution.ip = callee.entry.as_ref().load(core::sync::atomic::Ordering::Acquire).cast();
        execution.state = State::AtOp;
        Ok(())
    }
}

/// Leaves the guest for the host function whose frame is at `fp`. That frame is only a header, which goes at once, so that results may cover
/// it: what they need beyond is the matter of `enter_host_wide`.
#[inline(always)]
pub(super) unsafe fn cross(
    store: *mut StoreInner,
    address: ExecutionAddr,
    execution: *mut Execution,
    fp: *mut u64,
) -> (u32, HostCall) {
    // SAFETY: I2, I4, I9 — the caller wrote the header; the record's index is the function's address.
    unsafe {
        let func = FuncAddr(frame_function(fp));
        let record = (*store).functions.as_ptr().add(func.0 as usize);
        let params = usize::from((*record).number_params) + usize::from((*record).reference_params);
        let arguments = fp.sub(HEADER + params);
        let (return_ip, caller_fp) = caller(fp);
        let slots = (*execution).stack.index_of(arguments);
        (*execution).ip = return_ip;
        (*execution).fp = caller_fp;
        (*execution).state = State::InHost { func, slots };
        let caller = (*instance_of(caller_fp)).address;
        ((*record).host, HostCall::new(address, caller, NonNull::new_unchecked(arguments)))
    }
}

/// The table element is a function of another type: perhaps of a subtype.
pub(super) unsafe fn call_indirect_s(d: &mut Driver, op: CallIndirect<Slot>) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let index = d.get_u32(op.index);
        let record = callee(d, index, op.table, op.type_index)?;
        d.call(|m| call_record(m, record, op.advance))
    }
}

/// The same with the index in a register.
pub(super) unsafe fn call_indirect_r(d: &mut Driver, op: CallIndirect<Reg>) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let record = callee(d, d.registers as u32, op.table, op.type_index)?;
        d.call(|m| call_record(m, record, op.advance))
    }
}

/// The same as a tail call.
pub(super) unsafe fn tail_call_indirect(d: &mut Driver, op: TailCallIndirect) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let index = d.get_u32(op.index);
        let record = callee(d, index, op.table, op.type_index)?;
        d.call(|m| tail_call_record(m, record, op.params, op.moved, op.from))
    }
}

/// The function at a table index, if its type is a subtype of the one called.
unsafe fn callee(d: &mut Driver, index: u32, table: u16, type_index: u32) -> Result<*const FuncRecord, Stop> {
    // SAFETY: I1, I4
    unsafe {
        let instance = d.instance();
        let table = *(*instance).tables.add(usize::from(table));
        let handle = (*table).get(index).ok_or(TrapCode::UndefinedElement)?;
        let store = &*d.store;
        let func = handle.checked_sub(1).ok_or(TrapCode::UninitializedElement)?;
        let record = store.func(FuncAddr(func)).ok_or(TrapCode::UninitializedElement)?;
        let wanted = *(*instance).types.add(type_index as usize);
        if store.types().is_subtype(record.type_id, wanted) {
            Ok(core::ptr::from_ref(record))
        } else {
            Err(d.type_mismatch(wanted, record.type_id))
        }
    }
}

impl Driver {
    /// Does what a hot call row does.
    unsafe fn call(&mut self, call: impl FnOnce(&mut Machine) -> Flow) -> Outcome {
        let mem = core::ptr::null_mut(); // found anew when the engine goes on
        let mut machine = Machine { ip: self.next, fp: self.fp, mem, r0: 0, f0: 0.0, d0: 0.0 };
        // Calls through a record do not leave.
        let _ = call(&mut machine);
        self.fp = machine.fp;
        Ok(Go::At(machine.ip))
    }
}
