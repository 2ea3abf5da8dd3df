//! Control instructions: branches, calls, returns, and the entry of a body.
//!
//! A call writes the header of the new frame and goes to the callee's `enter`, which checks the limits. See "Frames" in ARCHITECTURE.md.

use core::ptr::NonNull;
use core::sync::atomic::Ordering;

use super::machine::{Destination, Exit, Flow, HEADER, Machine, Source, Value};
use crate::code::OpCode;
use crate::code::shape::*;
use crate::runtime::context::{FuncRecord, InstanceContext};
use crate::runtime::memory::MemoryObject;
use crate::trap::TrapCode;

/// `br_if` on an i32.
#[inline(always)]
pub(crate) fn is_true(condition: i32) -> bool {
    condition != 0
}

/// The branch of `if` over its body.
#[inline(always)]
pub(crate) fn is_false(condition: i32) -> bool {
    condition == 0
}

/// Whether the operands share a bit.
#[inline(always)]
pub(crate) fn i32_test(lhs: i32, rhs: i32) -> bool {
    lhs & rhs != 0
}

/// Whether the operands share a bit.
#[inline(always)]
pub(crate) fn i64_test(lhs: i64, rhs: i64) -> bool {
    lhs & rhs != 0
}

#[inline(always)]
pub(crate) unsafe fn jump(m: &mut Machine, target: Target) -> Flow {
    // SAFETY: I1 — targets are op boundaries of the same body.
    m.ip = unsafe { m.ip.byte_offset(target.0 as isize) };
    Flow::Jump
}

/// Branch if `f(lhs, rhs)`.
#[inline(always)]
pub(crate) unsafe fn branch<L: Source<A>, S: Source<B>, A, B>(
    m: &mut Machine,
    op: &BranchCompare<L, S>,
    f: impl Fn(A, B) -> bool,
) -> Flow {
    // SAFETY: I1, I2
    unsafe { if f(op.lhs.get(m), op.rhs.get(m)) { jump(m, op.target) } else { Flow::Next } }
}

/// Branch if not `f(lhs, rhs)`: for comparisons that have no negation (NaN).
#[inline(always)]
pub(crate) unsafe fn branch_not<L: Source<A>, S: Source<B>, A, B>(
    m: &mut Machine,
    op: &BranchCompare<L, S>,
    f: impl Fn(A, B) -> bool,
) -> Flow {
    // SAFETY: I1, I2
    unsafe { if f(op.lhs.get(m), op.rhs.get(m)) { Flow::Next } else { jump(m, op.target) } }
}

/// Branch if `f(src)`.
#[inline(always)]
pub(crate) unsafe fn branch_if<S: Source<i32>>(m: &mut Machine, op: &BranchIf<S>, f: impl Fn(i32) -> bool) -> Flow {
    // SAFETY: I1, I2
    unsafe { if f(op.src.get(m)) { jump(m, op.target) } else { Flow::Next } }
}

#[inline(always)]
pub(crate) unsafe fn br(m: &mut Machine, op: &Jump) -> Flow {
    // SAFETY: I1
    unsafe { jump(m, op.target) }
}

#[inline(always)]
pub(crate) unsafe fn br_table<S: Source<u32>>(m: &mut Machine, op: &BranchTable<S>) -> Flow {
    // SAFETY: I1, I2 — `count` targets follow the op, at least the default.
    unsafe {
        let index = op.index.get(m).min(op.count - 1) as usize;
        let offset = m.ip.cast::<i32>().add(index).read_unaligned();
        m.ip = m.ip.byte_add(op.count as usize * 4).byte_offset(offset as isize);
    }
    Flow::Jump
}

/// The branch table that stands at the target, with the index it names.
#[inline(always)]
pub(crate) unsafe fn br_table_again<S: Source<u32>>(m: &mut Machine, op: &Jump) -> Flow {
    // SAFETY: I1 — a branch table with this class of index stands there.
    unsafe {
        let table = m.ip.byte_offset(op.target.0 as isize).add(1).cast::<BranchTable<S>>();
        m.ip = table.add(1).cast();
        br_table(m, &*table)
    }
}

#[inline(always)]
pub(crate) unsafe fn unreachable(_m: &mut Machine, _op: &Nullary) -> Flow {
    Flow::Trap(TrapCode::Unreachable)
}

/// Of numbers of any type: the register of integers mirrors the result, whatever it is.
#[inline(always)]
pub(crate) unsafe fn select<C: Source<i32>, D: Destination<u64>>(m: &mut Machine, op: &Select<Slot, C, D>) -> Flow {
    // SAFETY: I2
    unsafe {
        let (first, second): (u64, u64) = (op.first.get(m), op.second.get(m));
        let value = if op.condition.get(m) != 0 { first } else { second };
        op.dst.put(m, value);
    }
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn select_wide(m: &mut Machine, op: &Select<Wide, Slot>) -> Flow {
    // SAFETY: I2
    unsafe {
        let condition: i32 = op.condition.get(m);
        op.dst.put(m, if condition != 0 { op.first.get(m) } else { op.second.get(m) });
    }
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn select_ref(m: &mut Machine, op: &Select<RefSlot, Slot>) -> Flow {
    // SAFETY: I2
    unsafe {
        let condition: i32 = op.condition.get(m);
        op.dst.put(m, if condition != 0 { op.first.get(m) } else { op.second.get(m) });
    }
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn copy2(m: &mut Machine, op: &Copy2) -> Flow {
    // SAFETY: I2
    unsafe {
        let first: u64 = op.src.get(m);
        op.dst.put(m, first);
        let second: u64 = op.second_src.get(m);
        op.second_dst.put(m, second);
    }
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn v128_const(m: &mut Machine, op: &Const128) -> Flow {
    // SAFETY: I2
    unsafe { op.dst.put(m, op.value.into()) };
    Flow::Next
}

macro_rules! far_copies {
    ($($into:ident $out:ident $slot:ident: $type:ty;)*) => { $(
        #[inline(always)]
        pub(crate) unsafe fn $into(m: &mut Machine, op: &CopyFarIn<$slot>) -> Flow {
            // SAFETY: I2 — far slots lie in the frame too.
            unsafe {
                let value = m.fp.offset(op.far.0 as isize).cast::<$type>().read_unaligned();
                m.slot(op.dst.0).cast::<$type>().write_unaligned(value);
            }
            Flow::Next
        }

        #[inline(always)]
        pub(crate) unsafe fn $out(m: &mut Machine, op: &CopyFarOut<$slot>) -> Flow {
            // SAFETY: I2 — far slots lie in the frame too.
            unsafe {
                let value = m.slot(op.src.0).cast::<$type>().read_unaligned();
                m.fp.offset(op.far.0 as isize).cast::<$type>().write_unaligned(value);
            }
            Flow::Next
        }
    )* };
}

far_copies! {
    copy_far_in copy_far_out Slot: u64;
    copy_wide_far_in copy_wide_far_out Wide: [u64; 2];
    copy_ref_far_in copy_ref_far_out RefSlot: u64;
}

/// Bytes of the `reload_memory` op behind every call.
const RELOAD_LEN: usize = size_of::<u16>() + size_of::<ReloadMemory>();

/// The `[function, depth]` pair of a frame's header.
#[inline(always)]
unsafe fn function_and_depth(fp: *mut u64) -> *mut u32 {
    // SAFETY: I2 — the header is three words below `fp`.
    unsafe { fp.sub(2).cast::<u32>() }
}

/// The function index of the frame at `fp`, completed by `enter`.
#[inline(always)]
pub(crate) unsafe fn frame_function(fp: *mut u64) -> u32 {
    // SAFETY: I2
    unsafe { *function_and_depth(fp) }
}

/// Sets the function index of the frame at `fp`.
#[inline(always)]
pub(crate) unsafe fn set_frame_function(fp: *mut u64, function: u32) {
    // SAFETY: I2
    unsafe { *function_and_depth(fp) = function };
}

/// The depth of the frame at `fp`.
pub(crate) unsafe fn frame_depth(fp: *mut u64) -> u32 {
    // SAFETY: I2
    unsafe { *function_and_depth(fp).add(1) }
}

/// How far the caller of the frame at `fp` is below.
#[inline(always)]
pub(crate) unsafe fn advance(fp: *mut u64) -> Advance {
    // SAFETY: I2
    Advance(unsafe { *fp.sub(4) } as i32)
}

/// Notes how far the caller of the frame at `fp` is below.
#[inline(always)]
pub(crate) unsafe fn set_advance(fp: *mut u64, advance: Advance) {
    // SAFETY: I2
    unsafe { *fp.sub(4) = advance.0 as u64 };
}

/// Sets the depth of the frame at `fp`.
#[inline(always)]
pub(crate) unsafe fn set_frame_depth(fp: *mut u64, depth: u32) {
    // SAFETY: I2
    unsafe { *function_and_depth(fp).add(1) = depth };
}

/// Whether `slots` from `fp` on, which is not above `limit`, end there or before.
#[inline(always)]
fn fits(fp: *mut u64, slots: u32, limit: *mut u64) -> bool {
    if cfg!(target_pointer_width = "64") {
        // No address is so high that this would wrap.
        fp.addr() + slots as usize * size_of::<u64>() <= limit.addr()
    } else {
        limit.addr().wrapping_sub(fp.addr()) / size_of::<u64>() >= slots as usize
    }
}

/// First op of a body: the frame fits, the header is completed, references and locals are zero.
#[inline(always)]
pub(crate) unsafe fn enter(m: &mut Machine, op: &Enter) -> Flow {
    // SAFETY: I2, I4 — the caller wrote the header, for which its own frame had room.
    unsafe {
        let store = m.store();
        if !fits(m.fp, op.frame, (*store).stack_limit) || frame_depth(m.fp) > (*store).max_depth {
            return Flow::Leave(Exit::StackLimit);
        }
        set_frame_function(m.fp, op.function);
        let mut slot = m.fp;
        let end = m.fp.add(op.zero as usize);
        while slot < end {
            slot.write_volatile(0); // volatile: a loop of stores, not a call of memset, for the few locals there are
            slot = slot.add(1);
        }
    }
    Flow::Next
}

#[inline(always)]
pub(crate) unsafe fn enter_far(m: &mut Machine, op: &EnterFar) -> Flow {
    // SAFETY: I2
    unsafe {
        let flow = enter(m, &Enter { function: op.function, frame: op.frame, zero: op.zero });
        if let Flow::Next = flow {
            let mut slot = m.fp.add(op.far as usize);
            let end = slot.add(op.far_count as usize);
            while slot < end {
                slot.write_volatile(0);
                slot = slot.add(1);
            }
        }
        flow
    }
}

#[inline(always)]
pub(crate) unsafe fn call_local(m: &mut Machine, op: &CallLocal) -> Flow {
    // SAFETY: I1, I2, I4 — the function index is in range and the frame has room for the callee's header.
    unsafe {
        // One thing after the other, so that few registers are busy at a time.
        let fp = m.fp.byte_offset(op.advance.0 as isize);
        set_advance(fp, op.advance);
        set_frame_depth(fp, frame_depth(m.fp) + 1);
        *fp.sub(3) = m.ip.byte_add(RELOAD_LEN).expose_provenance() as u64;
        let instance = *m.fp.sub(1);
        *fp.sub(1) = instance;
        m.fp = fp;
        let instance: *mut InstanceContext = core::ptr::with_exposed_provenance_mut(instance as usize);
        m.ip = (*(*instance).entries.add(op.function as usize)).load(Ordering::Acquire).cast();
    }
    Flow::Jump
}

/// The rest of every call that goes through a [`FuncRecord`].
#[inline(always)]
pub(crate) unsafe fn call_record(m: &mut Machine, record: *const FuncRecord, advance: Advance) -> Flow {
    // SAFETY: I2, I4
    unsafe {
        // One thing after the other, so that few registers are busy at a time. None lives across a call: that of the integers is free.
        let callee = (*record).instance;
        m.r0 = m.ip.expose_provenance() as u64;
        if core::ptr::eq(callee.as_ptr(), m.instance()) {
            m.r0 += RELOAD_LEN as u64;
        } else {
            m.mem = memory0(callee);
        }
        let fp = m.fp.byte_offset(advance.0 as isize);
        set_advance(fp, advance);
        *fp.sub(3) = m.r0;
        *fp.sub(1) = callee.as_ptr().expose_provenance() as u64;
        set_frame_depth(fp, frame_depth(m.fp) + 1);
        set_frame_function(fp, (*record).index);
        m.fp = fp;
        m.ip = (*record).entry.as_ref().load(Ordering::Acquire).cast();
    }
    Flow::Jump
}

/// The base of an instance's memory 0 as it is now.
#[inline(always)]
pub(crate) unsafe fn memory0(instance: NonNull<InstanceContext>) -> *mut u8 {
    // SAFETY: I4
    unsafe {
        let memory: *mut MemoryObject = (*instance.as_ptr()).memory0;
        (*memory).base()
    }
}

#[inline(always)]
pub(crate) unsafe fn call_import(m: &mut Machine, op: &CallImport) -> Flow {
    // SAFETY: I1, I4
    unsafe {
        let address = *(*m.instance()).functions.add(op.function as usize);
        let record = (*m.store()).functions.as_ptr().add(address.0 as usize);
        call_record(m, record, op.advance)
    }
}

/// What a table index leads to, type-checked; a flow to return otherwise.
#[inline(always)]
unsafe fn table_callee(m: &Machine, index: u32, table: u16, type_index: u32) -> Result<*const FuncRecord, Flow> {
    // SAFETY: I1, I4
    unsafe {
        let instance = m.instance();
        // First, because the two registers that lead there are then free again: behind the table they are one too many.
        let expected = *(*instance).types.add(type_index as usize);
        let table = *(*instance).tables.add(usize::from(table));
        let Some(handle) = (*table).get(index) else { return Err(Flow::Trap(TrapCode::UndefinedElement)) };
        if handle == 0 {
            return Err(Flow::Trap(TrapCode::UninitializedElement));
        }
        let record = (*m.store()).functions.as_ptr().add(handle as usize - 1);
        if (*record).type_id != expected {
            return Err(Flow::Leave(Exit::Driver)); // perhaps a subtype: the driver knows
        }
        Ok(record)
    }
}

#[inline(always)]
pub(crate) unsafe fn call_indirect<I: Source<u32>>(m: &mut Machine, op: &CallIndirect<I>) -> Flow {
    // SAFETY: I1, I2, I4
    unsafe {
        match table_callee(m, op.index.get(m), op.table, op.type_index) {
            Ok(record) => call_record(m, record, op.advance),
            Err(flow) => flow,
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn call_ref(m: &mut Machine, op: &CallRef) -> Flow {
    // SAFETY: I1, I2, I4 — a function handle is an address plus one (I6).
    unsafe {
        let handle: u32 = op.callee.get(m);
        if handle == 0 {
            return Flow::Trap(TrapCode::NullFunctionReference);
        }
        call_record(m, (*m.store()).functions.as_ptr().add(handle as usize - 1), op.advance)
    }
}

/// How far the caller of the frame at `fp`, of `params` slots of parameters and header, is below one that replaces it and has `moved` slots of
/// parameters.
#[inline(always)]
unsafe fn tail_advance(fp: *mut u64, params: u16, moved: u16) -> Advance {
    let more = i32::from(moved) + HEADER as i32 - i32::from(params);
    // SAFETY: I2
    unsafe { Advance(advance(fp).0 + Advance::slots(more).0) }
}

/// Replaces the frame by one for the callee.
#[inline(always)]
pub(crate) unsafe fn tail_call_record(
    m: &mut Machine,
    record: *const FuncRecord,
    params: u16,
    moved: u16,
    from: FarSlot,
) -> Flow {
    // SAFETY: I1, I2, I4 — the frame's size covers `moved` slots and a header from its parameters on.
    unsafe {
        let caller = m.instance();
        let callee = (*record).instance;
        let mut return_ip: *const u16 = core::ptr::with_exposed_provenance(*m.fp.sub(3) as usize);
        let (depth, advance) = (frame_depth(m.fp), tail_advance(m.fp, params, moved));
        let start = m.fp.sub(usize::from(params));
        core::ptr::copy(m.fp.offset(from.0 as isize), start, usize::from(moved));
        let fp = start.add(usize::from(moved) + HEADER);
        set_advance(fp, advance);
        if !core::ptr::eq(callee.as_ptr(), caller) {
            // Whoever called this frame may believe that memory 0 stays: let it reload.
            if *return_ip != OpCode::reload_memory as u16 {
                return_ip = return_ip.byte_sub(RELOAD_LEN);
            }
            m.mem = memory0(callee);
        }
        *fp.sub(3) = return_ip.expose_provenance() as u64;
        set_frame_function(fp, (*record).index);
        set_frame_depth(fp, depth);
        *fp.sub(1) = callee.as_ptr().expose_provenance() as u64;
        m.fp = fp;
        m.ip = (*record).entry.as_ref().load(Ordering::Acquire).cast();
    }
    Flow::Jump
}

#[inline(always)]
pub(crate) unsafe fn tail_call_import(m: &mut Machine, op: &TailCall) -> Flow {
    // SAFETY: I1, I4
    unsafe {
        let address = *(*m.instance()).functions.add(op.function as usize);
        let record = (*m.store()).functions.as_ptr().add(address.0 as usize);
        tail_call_record(m, record, op.params, op.moved, op.from)
    }
}

/// `enter` notes which function it is, as with `call_local`.
#[inline(always)]
pub(crate) unsafe fn tail_call_local(m: &mut Machine, op: &TailCall) -> Flow {
    // SAFETY: I1, I2, I4 — as in `tail_call_record`; the instance and so the memory stay.
    unsafe {
        let (return_ip, instance) = (*m.fp.sub(3), *m.fp.sub(1));
        let (depth, advance) = (frame_depth(m.fp), tail_advance(m.fp, op.params, op.moved));
        let start = m.fp.sub(usize::from(op.params));
        core::ptr::copy(m.fp.offset(op.from.0 as isize), start, usize::from(op.moved));
        m.fp = start.add(usize::from(op.moved) + HEADER);
        set_advance(m.fp, advance);
        *m.fp.sub(3) = return_ip;
        set_frame_depth(m.fp, depth);
        *m.fp.sub(1) = instance;
        let instance: *mut InstanceContext = core::ptr::with_exposed_provenance_mut(instance as usize);
        m.ip = (*(*instance).entries.add(op.function as usize)).load(Ordering::Acquire).cast();
    }
    Flow::Jump
}

#[inline(always)]
pub(crate) unsafe fn tail_call_indirect(m: &mut Machine, op: &TailCallIndirect) -> Flow {
    // SAFETY: I1, I2, I4
    unsafe {
        match table_callee(m, op.index.get(m), op.table, op.type_index) {
            Ok(record) => tail_call_record(m, record, op.params, op.moved, op.from),
            Err(flow) => flow,
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn tail_call_ref(m: &mut Machine, op: &TailCallRef) -> Flow {
    // SAFETY: I1, I2, I4
    unsafe {
        let handle: u32 = op.callee.get(m);
        if handle == 0 {
            return Flow::Trap(TrapCode::NullFunctionReference);
        }
        let record = (*m.store()).functions.as_ptr().add(handle as usize - 1);
        tail_call_record(m, record, op.params, op.moved, op.from)
    }
}

#[inline(always)]
pub(crate) unsafe fn reload_memory(m: &mut Machine, _op: &ReloadMemory) -> Flow {
    // SAFETY: I4
    m.mem = unsafe { memory0(NonNull::new_unchecked(m.instance())) };
    Flow::Next
}

/// Where a frame returns to. To be read before its results are written, which may cover the header.
struct Caller {
    ip: *const u16,
    fp: *mut u64,
}

impl Caller {
    /// That of the frame at `fp`.
    #[inline(always)]
    unsafe fn of(fp: *mut u64) -> Caller {
        // SAFETY: I2, I3
        unsafe {
            let ip = core::ptr::with_exposed_provenance(*fp.sub(3) as usize);
            Caller { ip, fp: fp.byte_offset(-(advance(fp).0 as isize)) }
        }
    }

    /// Goes back to it.
    #[inline(always)]
    fn go_on(self, m: &mut Machine) -> Flow {
        (m.ip, m.fp) = (self.ip, self.fp);
        Flow::Jump
    }
}

#[inline(always)]
pub(crate) unsafe fn return_none(m: &mut Machine, _op: &Return) -> Flow {
    // SAFETY: I2
    unsafe { Caller::of(m.fp).go_on(m) }
}

/// Return of one number, which the caller finds in its slot and in its register.
#[inline(always)]
pub(crate) unsafe fn return_one<S: Source<T>, T: Value>(
    m: &mut Machine,
    op: &ReturnOne<S>,
    _f: impl Fn(T) -> T,
) -> Flow {
    // SAFETY: I2
    unsafe {
        let value = op.src.get(m);
        let caller = Caller::of(m.fp);
        *m.fp.sub(usize::from(op.params)) = value.into_bits();
        value.into_register(m);
        caller.go_on(m)
    }
}

#[inline(always)]
pub(crate) unsafe fn return_wide(m: &mut Machine, op: &ReturnSlot<Wide>) -> Flow {
    // SAFETY: I2
    unsafe {
        let value = op.src.get(m);
        let caller = Caller::of(m.fp);
        m.fp.sub(usize::from(op.params)).cast::<crate::numeric::vector::V128>().write_unaligned(value);
        caller.go_on(m)
    }
}

#[inline(always)]
pub(crate) unsafe fn return_ref(m: &mut Machine, op: &ReturnSlot<RefSlot>) -> Flow {
    // SAFETY: I2
    unsafe {
        let value: u32 = op.src.get(m);
        let caller = Caller::of(m.fp);
        *m.fp.sub(usize::from(op.params)) = u64::from(value);
        caller.go_on(m)
    }
}

/// Return of any number of slots; all registers mirror the first.
#[inline(always)]
pub(crate) unsafe fn return_many(m: &mut Machine, op: &ReturnMany) -> Flow {
    // SAFETY: I2
    unsafe {
        let caller = Caller::of(m.fp);
        let results = m.fp.sub(usize::from(op.params));
        core::ptr::copy(m.fp.offset(op.from.0 as isize), results, op.count as usize);
        load_registers(m, *results);
        caller.go_on(m)
    }
}

/// All registers mirror `bits`.
#[inline(always)]
pub(crate) fn load_registers(m: &mut Machine, bits: u64) {
    m.r0 = bits;
    m.f0 = f32::from_bits(bits as u32);
    m.d0 = f64::from_bits(bits);
}
