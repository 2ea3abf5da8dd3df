//! The driver: runs an engine until it leaves an op, does what that op needs in ordinary Rust, and goes on.
//!
//! Rows of the `driver` and `gc` sections of the op table have one function each here, named as the row, in the file of their
//! subject. A function gets the decoded op and the [`Driver`], whose methods read and write the frame, and says how to go on: [`Go`]
//! behind the op or elsewhere, or [`Stop`]. The engine's registers are dead at all these ops (they are safepoints).
//! Assumes a frame in which the op may run; promises that an op that stops with a step or runs out of fuel can be executed
//! again from the beginning, and that no reference into the store lives while an engine runs.

#[cfg(feature = "threads")]
mod atomic;
mod backtrace;
mod calls;
mod exception;
#[cfg(feature = "std")]
mod facts;
#[cfg(feature = "gc")]
mod gc;
mod memory;
pub(crate) mod stub;
mod table;

pub(super) use calls::call_from_host;

use super::control::{load_registers, memory0};
use super::dispatch::{Left, Status, looped};
use super::executions::{Execution, State};
use super::machine::{Exit, HEADER, Machine, instance_of};
use super::step::{ExecutionAddr, Step};
use crate::code::OpCode;
use crate::code::decode::read;
use crate::code::op::for_each_op;
use crate::code::shape::*;
use crate::error::{Error, Trap, TrapFacts};
use crate::runtime::context::{FuncAddr, InstanceContext};
use crate::runtime::heap::{Handle, Heap, HeapError};
use crate::runtime::store::{InstanceObject, StoreInner};
use crate::trap::TrapCode;
use crate::types::TypeTable;
use core::ptr::NonNull;

/// How an op that has been done goes on.
enum Go {
    /// Behind the op.
    Next,
    /// At this op; the frame has been set.
    At(*const u16),
}

/// Why an op does not go on.
enum Stop {
    /// It traps.
    Trap(TrapCode),
    /// It traps, for a known reason.
    Facts(TrapCode, TrapFacts),
    /// The execution ends with an error.
    Error(Error),
    /// It throws this exception.
    Throw(Handle),
    /// It needs something done first; the op will be executed again, or its results are written meanwhile.
    Step(Step),
}

type Outcome = Result<Go, Stop>;

impl From<TrapCode> for Stop {
    fn from(code: TrapCode) -> Self {
        Stop::Trap(code)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Error(error)
    }
}

/// One execution while it is being driven.
struct Driver {
    store: *mut StoreInner,
    address: ExecutionAddr,
    /// The op at hand.
    ip: *const u16,
    /// Behind the op at hand.
    next: *const u16,
    /// The running frame.
    fp: *mut u64,
    /// Whether `ip` is an op at hand; else a host function, called just before `ip`, has not returned.
    at_op: bool,
    /// What all registers hold when the engine goes on: the number that the op, or the host function, has just produced.
    registers: u64,
}

/// See [`exec::start`](super::start).
///
/// # Safety
/// I4: `store` is a live store that the caller holds exclusively.
#[inline]
pub(super) unsafe fn start(store: *mut StoreInner, func: FuncAddr, results: usize) -> Result<ExecutionAddr, Error> {
    // SAFETY: the caller's promise; the reference ends before anything runs.
    let store = unsafe { &mut *store };
    if store.executions.len() >= store.limits.executions {
        return Err(Error::limit("executions of a store"));
    }
    let host = store.host_instance().ok_or_else(Error::out_of_memory)?;
    let record = store.func(func).ok_or_else(Error::wrong_store)?;
    let (numbers, references) = (usize::from(record.number_params), usize::from(record.reference_params));
    let slots = HEADER + (numbers + references).max(results) + HEADER;
    if slots > stack_limit(store) {
        return Err(TrapCode::StackOverflow.into());
    }
    let address = store.executions.add(func, slots, host)?;
    if references > 0
        && let Some(execution) = store.executions.get(address)
    {
        // A collector may look at them before they are written.
        // SAFETY: I9 — the slots of the arguments.
        unsafe { execution.arguments().add(numbers).write_bytes(0, references) };
    }
    Ok(address)
}

/// Slots that a stack may have.
fn stack_limit(store: &StoreInner) -> usize {
    store.engine().config().max_wasm_stack / size_of::<u64>()
}

/// See [`exec::resume`](super::resume).
///
/// What most resumptions are, the begin of a call or the return from a host function up to the next host function or the end, is done
/// here with nothing in memory but what others may look at; all else is the [`Driver`]'s.
///
/// # Safety
/// I4: `store` is a live store that the caller holds exclusively, without references into it.
pub(super) unsafe fn resume(store: *mut StoreInner, address: ExecutionAddr) -> Step {
    // SAFETY: the caller's promise; the execution is one of the store's, so I1 to I3 hold for what it points to, and it stays where it is
    // while an engine runs.
    unsafe {
        let Some(execution) = (*store).executions.get_mut(address) else {
            return Step::Failed(Error::misuse("there is no such execution"));
        };
        if execution.failure.is_some() {
            return Driver::fail(store, address);
        }
        let (ip, registers) = if let State::InHost { slots, .. } = execution.state {
            (execution.ip, execution.stack.base().add(slots).read())
        } else {
            match execution.state {
                State::Fresh => (enter_outermost(store, execution), 0),
                State::AtOp | State::InHost { .. } => (execution.ip, 0),
                State::Done | State::Ended => return Step::Failed(Error::misuse("the execution has ended")),
            }
        };
        let execution: *mut Execution = execution;
        (*execution).state = State::AtOp;
        let (fp, limit) = ((*execution).fp, (*execution).stack.end());
        let status = run(store, limit, ip, fp, registers);
        if status == Exit::Driver as Status {
            match OpCode::at((*store).saved_ip) {
                OpCode::enter_host => {
                    let (host, call) = calls::cross(store, address, execution, (*store).saved_fp);
                    return Step::HostCall { host, call };
                }
                OpCode::return_to_host => return calls::cross_back(store, address, execution, (*store).saved_fp),
                OpCode::leave => {
                    (*execution).state = State::Done;
                    return Step::Done;
                }
                _ => {}
            }
        }
        Driver::go_on_from(store, address, status)
    }
}

/// Begins a call with the bits of numbers, as many as its parameters have slots, and runs it to its first step. If that is its end, the first result is
/// there and the execution is not any more.
///
/// # Safety
/// As for [`resume`].
pub(super) unsafe fn call(
    store: *mut StoreInner,
    func: FuncAddr,
    arguments: &[u64],
    results: usize,
) -> Result<Result<u64, (ExecutionAddr, Step)>, Error> {
    // SAFETY: the caller's promise, and what is said in `resume`; the slots of the arguments are at least as many as these (I9).
    unsafe {
        let address = start(store, func, results)?;
        let execution =
            (*store).executions.get_mut(address).ok_or_else(|| Error::misuse("there is no such execution"))?;
        let slots = execution.arguments().as_ptr();
        slots.copy_from_nonoverlapping(arguments.as_ptr(), arguments.len());
        match resume(store, address) {
            Step::Done => {
                let result =
                    (*store).executions.get(address).map_or(0, |execution| execution.arguments().as_ptr().read());
                (*store).executions.remove(address);
                Ok(Ok(result))
            }
            step => Ok(Err((address, step))),
        }
    }
}

/// The call that the execution was started for: where it begins.
unsafe fn enter_outermost(store: *mut StoreInner, execution: &mut Execution) -> *const u16 {
    // SAFETY: I2, I4 — `start` has checked the function, which is never removed, and left room for the header.
    unsafe {
        let record = (*store).functions.as_ptr().add(execution.func.0 as usize);
        let params = usize::from((*record).number_params) + usize::from((*record).reference_params);
        let fp = execution.arguments().as_ptr().add(params + HEADER);
        fp.sub(3).write(stub::outermost_return().expose_provenance() as u64);
        super::control::set_advance(fp, Advance::slots((params + HEADER) as i32));
        super::control::set_frame_function(fp, (*record).index);
        super::control::set_frame_depth(fp, 1);
        fp.sub(1).write((*record).instance.as_ptr().expose_provenance() as u64);
        execution.fp = fp;
        (*record).entry.as_ref().load(core::sync::atomic::Ordering::Acquire).cast()
    }
}

/// Runs an engine from `ip` until it leaves; where, the store says. All its registers begin as `registers`.
///
/// # Safety
/// I1, I2, I4: `ip` is an op of the body whose frame is at `fp`, in the stack of the store that ends at `limit`.
#[inline(always)]
unsafe fn run(store: *mut StoreInner, limit: *mut u64, ip: *const u16, fp: *mut u64, registers: u64) -> Status {
    // SAFETY: the caller's promise.
    unsafe {
        (*store).stack_limit = limit;
        let mem = memory0(NonNull::new_unchecked(instance_of(fp)));
        let mut machine = Machine { ip, fp, mem, r0: 0, f0: 0.0, d0: 0.0 };
        load_registers(&mut machine, registers);
        #[cfg(tail)]
        if (*store).engine().inner().tail {
            return super::dispatch::tail::execute(machine);
        }
        looped::execute(machine)
    }
}

impl Driver {
    /// Unwinds with the failure that the execution was given.
    #[cold]
    unsafe fn fail(store: *mut StoreInner, address: ExecutionAddr) -> Step {
        // SAFETY: I2, I4
        unsafe {
            let Some(execution) = (*store).executions.get_mut(address) else {
                return Step::Failed(Error::misuse("there is no such execution"));
            };
            let state = core::mem::replace(&mut execution.state, State::AtOp);
            // What the op had begun is over.
            execution.growth = None;
            execution.wait = None;
            let at_op = !matches!(state, State::InHost { .. });
            let (ip, fp) = (execution.ip, execution.fp);
            let Some(error) = execution.failure.take() else {
                return Step::Failed(Error::misuse("the execution has not failed"));
            };
            let mut driver = Driver { store, address, ip, next: ip, fp, at_op, registers: 0 };
            let outcome = match exception::of(&error) {
                Some(exception) if state != State::Fresh => driver.throw(exception),
                _ => Err(Stop::Error(error)),
            };
            driver.go_on(outcome)
        }
    }

    /// Does what an engine has left, and goes on.
    #[inline(never)]
    unsafe fn go_on_from(store: *mut StoreInner, address: ExecutionAddr, status: Status) -> Step {
        // SAFETY: I2, I4
        unsafe {
            let (ip, fp, registers) = ((*store).saved_ip, (*store).saved_fp, (*store).saved_r0);
            let mut driver = Driver { store, address, ip, next: ip, fp, at_op: true, registers };
            let outcome = driver.attend(Left::from_status(status));
            driver.go_on(outcome)
        }
    }

    /// Goes on until the next step.
    unsafe fn go_on(&mut self, mut outcome: Outcome) -> Step {
        // SAFETY: I1, I2, I4
        unsafe {
            loop {
                outcome = match outcome {
                    Ok(go) => {
                        self.ip = match go {
                            Go::Next => self.next,
                            Go::At(ip) => ip,
                        };
                        let left = self.run();
                        self.attend(left)
                    }
                    Err(Stop::Throw(exception)) => self.throw(exception),
                    Err(Stop::Step(step)) => {
                        self.park();
                        return step;
                    }
                    Err(stop) => {
                        let error = self.error_of(stop);
                        return self.end(error);
                    }
                };
            }
        }
    }

    /// Does what an engine has left.
    unsafe fn attend(&mut self, left: Left) -> Outcome {
        // SAFETY: I1, I2, I4
        unsafe {
            match left {
                Left::Exit(Exit::Driver) => row(self),
                Left::Exit(Exit::StackLimit) => self.extend_stack(),
                Left::Exit(Exit::OutOfFuel) => Err(Stop::Step(Step::OutOfFuel)),
                Left::Exit(Exit::Interrupted) => Err(Stop::Step(Step::Interrupted)),
                Left::Trap(code) => Err(self.explain(code)),
            }
        }
    }

    /// Runs an engine from `ip` until it leaves.
    unsafe fn run(&mut self) -> Left {
        // SAFETY: I1, I2, I4
        unsafe {
            let store = self.store;
            let limit = match (*store).executions.get(self.address) {
                Some(execution) => execution.stack.end(),
                None => core::ptr::null_mut(),
            };
            let status = run(store, limit, self.ip, self.fp, self.registers);
            self.ip = (*store).saved_ip;
            self.fp = (*store).saved_fp;
            self.registers = (*store).saved_r0;
            self.at_op = true;
            Left::from_status(status)
        }
    }

    /// Remembers where the execution stands, in the store.
    unsafe fn park(&mut self) {
        // SAFETY: I4
        unsafe {
            if let Some(execution) = (*self.store).executions.get_mut(self.address) {
                execution.ip = self.ip;
                execution.fp = self.fp;
            }
        }
    }

    /// Ends the execution.
    unsafe fn end(&mut self, error: Error) -> Step {
        // SAFETY: I4
        unsafe {
            if let Some(execution) = (*self.store).executions.get_mut(self.address) {
                execution.state = State::Ended;
                execution.staged = 0..0;
                execution.wait = None;
            }
        }
        Step::Failed(error)
    }

    /// The execution being driven.
    unsafe fn execution(&mut self) -> Result<&mut Execution, Stop> {
        // SAFETY: I4 — the borrow of `self` keeps engines from running meanwhile.
        let store = unsafe { &mut *self.store };
        store.executions.get_mut(self.address).ok_or(Stop::Trap(TrapCode::OutOfMemory))
    }

    /// The instance whose code runs.
    unsafe fn instance(&self) -> *mut InstanceContext {
        // SAFETY: I2
        unsafe { instance_of(self.fp) }
    }

    /// The same with all that belongs to it.
    unsafe fn object(&self) -> *mut InstanceObject {
        // SAFETY: the context is the first field of the object.
        unsafe { instance_of(self.fp).cast() }
    }

    /// A slot's place.
    unsafe fn slot(&self, slot: i16) -> *mut u64 {
        // SAFETY: I2
        unsafe { self.fp.offset(isize::from(slot)) }
    }

    /// The 32-bit number in a slot.
    unsafe fn get_u32(&self, slot: Slot) -> u32 {
        // SAFETY: I2
        unsafe { *self.slot(slot.0) as u32 }
    }

    /// The number in a slot, which has 64 bits if `is_64`.
    unsafe fn get_index(&self, slot: Slot, is_64: bool) -> u64 {
        // SAFETY: I2
        let bits = unsafe { *self.slot(slot.0) };
        if is_64 { bits } else { u64::from(bits as u32) }
    }

    /// The reference in a slot.
    unsafe fn get_reference(&self, slot: RefSlot) -> u32 {
        // SAFETY: I2
        unsafe { *self.slot(slot.0) as u32 }
    }

    /// Writes a number, to the slot and to all registers.
    unsafe fn put(&mut self, slot: Slot, bits: u64) {
        // SAFETY: I2
        unsafe { *self.slot(slot.0) = bits };
        self.registers = bits;
    }

    /// Writes a reference.
    unsafe fn put_reference(&mut self, slot: RefSlot, reference: u32) {
        // SAFETY: I2
        unsafe { *self.slot(slot.0) = reference.into() };
    }

    /// Behind the op at hand by a branch offset.
    unsafe fn branch(&self, target: Target) -> Outcome {
        // SAFETY: I1 — targets are op boundaries of the same body.
        Ok(Go::At(unsafe { self.next.byte_offset(target.0 as isize) }))
    }

    /// Pays for `size` units of a bulk operation: one for each 64, where fuel is counted (docs/fuel.md).
    unsafe fn pay(&mut self, size: u64) -> Result<(), Stop> {
        // SAFETY: I4
        let store = unsafe { &mut *self.store };
        if store.engine().config().consume_fuel {
            store.fuel = store.fuel.checked_sub(size / 64).ok_or(Stop::Step(Step::OutOfFuel))?;
        }
        Ok(())
    }

    /// How much of the `rest` of a long operation is done at once, after paying for it; `None` at its end. Between two pieces the
    /// execution can be left: the caller keeps the progress in its operands.
    unsafe fn piece(&mut self, rest: u64, first: bool) -> Result<Option<u64>, Stop> {
        // SAFETY: I4
        unsafe {
            if rest == 0 {
                return Ok(None);
            }
            if !first && (*self.store).engine().config().epoch_interruption {
                let now = (*(*self.store).epoch).load(core::sync::atomic::Ordering::Relaxed);
                if now.wrapping_sub((*self.store).epoch_deadline) as i32 >= 0 {
                    return Err(Stop::Step(Step::Interrupted));
                }
            }
            let piece = rest.min(PIECE);
            self.pay(piece)?;
            Ok(Some(piece))
        }
    }

    /// `enter` found too little stack, or a frame too deep.
    unsafe fn extend_stack(&mut self) -> Outcome {
        // SAFETY: I1, I2 — the op is `enter` or `enter_far`, which begin alike.
        unsafe {
            let op: Enter = read(self.ip.add(1));
            super::control::set_frame_function(self.fp, op.function);
            if super::control::frame_depth(self.fp) > (*self.store).max_depth {
                return Err(TrapCode::StackOverflow.into());
            }
            self.reserve(op.frame as usize)?;
            Ok(Go::At(self.ip))
        }
    }

    /// Makes room for `slots` slots above `fp`, moving the stack and `fp` if need be.
    unsafe fn reserve(&mut self, slots: usize) -> Result<(), Stop> {
        // SAFETY: I2, I4
        unsafe {
            let limit = stack_limit(&*self.store);
            let fp = self.fp;
            let execution = self.execution()?;
            let at = execution.stack.index_of(fp);
            make_room(execution, at.saturating_add(slots), limit)?;
            self.fp = execution.stack.base().add(at);
            Ok(())
        }
    }

    /// Allocates an object, collecting garbage first if need be. The `count` slots from `staged` on hold references too.
    unsafe fn allocate(
        &mut self,
        staged: *const u64,
        count: usize,
        allocate: impl FnMut(&mut Heap, &TypeTable) -> Result<Handle, HeapError>,
    ) -> Result<Handle, Stop> {
        // SAFETY: I2, I4
        unsafe {
            self.park();
            let execution = self.execution()?;
            let first = execution.stack.index_of(staged);
            execution.staged = first..first + count;
            let object = (*self.store).allocate(allocate);
            self.execution()?.staged = 0..0;
            object.map_err(Stop::Error)
        }
    }

    /// The error that ends the execution.
    unsafe fn error_of(&mut self, stop: Stop) -> Error {
        let mut error = match stop {
            Stop::Trap(code) => Trap::from(code).into(),
            Stop::Facts(code, facts) => Trap::from(code).with_facts(facts).into(),
            Stop::Error(error) => error,
            // Handled by the caller.
            Stop::Throw(_) | Stop::Step(_) => Trap::from(TrapCode::UncaughtException).into(),
        };
        if error.as_trap_mut().is_some() || error.as_exception().is_some() {
            // SAFETY: I2, I4
            let backtrace = unsafe { self.backtrace() };
            match (error.as_trap_mut(), backtrace) {
                (_, None) => {}
                (Some(trap), Some(backtrace)) => trap.set_backtrace(backtrace),
                (None, Some(backtrace)) => {
                    if let Some(exception) = error.as_exception_mut() {
                        exception.set_backtrace(backtrace);
                    }
                }
            }
        }
        error
    }
}

/// Makes the stack of an execution at least `needed` slots long, perhaps moving it, but never longer than `limit`.
fn make_room(execution: &mut Execution, needed: usize, limit: usize) -> Result<(), TrapCode> {
    if needed > limit {
        return Err(TrapCode::StackOverflow);
    }
    if needed > execution.stack.slots() {
        let wanted = needed.max(execution.stack.slots() * 2).min(limit);
        // Where twice as much is not to be had, what is needed may be.
        let grown = execution.stack.grow(wanted).or_else(|_| execution.stack.grow(needed));
        grown.map_err(|_| TrapCode::OutOfMemory)?;
    }
    Ok(())
}

/// Bulk operations are done in pieces of so many bytes or elements.
const PIECE: u64 = 64 * 1024;

macro_rules! define_rows {
    (
        hot { $($hot:ident $hot_shape:tt = $hot_family:ident $hot_semantics:tt;)* }
        driver { $($driver:ident $driver_shape:tt = $driver_method:ident;)* }
        gc { $($gc:ident $gc_shape:tt = $gc_method:ident;)* }
        vector { $($vector:ident $vector_shape:tt = $vector_family:ident $vector_semantics:tt;)* }
        atomic { $($atomic:ident $atomic_shape:tt = $atomic_family:ident $atomic_semantics:tt;)* }
        specialized { $($specialized:ident $specialized_shape:tt = $specialized_family:ident $specialized_semantics:tt;)* }
    ) => {
        /// Executes the op at hand: a driver row, or a hot row that found the rare case.
        unsafe fn row(driver: &mut Driver) -> Outcome {
            // SAFETY: I1 — an op stands at `ip`, and the opcode determines the shape.
            unsafe {
                let op = driver.ip;
                let opcode = OpCode::at(op);
                driver.next = op.byte_add(size_of::<u16>() + opcode.shape_len());
                match opcode {
                    $(OpCode::$driver => rows::$driver_method(driver, read::<$driver_shape>(op.add(1))),)*
                    $(#[cfg(feature = "gc")]
                    OpCode::$gc => rows::$gc_method(driver, read::<$gc_shape>(op.add(1))),)*
                    OpCode::call_indirect_s => rows::call_indirect_s(driver, read(op.add(1))),
                    OpCode::call_indirect_r => rows::call_indirect_r(driver, read(op.add(1))),
                    OpCode::tail_call_indirect => rows::tail_call_indirect(driver, read(op.add(1))),
                    // No other row leaves, and code without a feature has none of its ops.
                    _ => Err(TrapCode::Unreachable.into()),
                }
            }
        }
    };
}

for_each_op!(define_rows);

/// The functions of the rows.
mod rows {
    #[cfg(feature = "threads")]
    pub(super) use super::atomic::*;
    pub(super) use super::calls::*;
    pub(super) use super::exception::*;
    #[cfg(feature = "gc")]
    pub(super) use super::gc::*;
    pub(super) use super::memory::*;
    pub(super) use super::table::*;

    #[cfg(not(feature = "threads"))]
    pub(super) use no_threads::*;

    /// Rows of the `driver` section that code without threads does not have.
    #[cfg(not(feature = "threads"))]
    mod no_threads {
        use super::super::{Driver, Outcome};
        use crate::code::shape::{AtomicRmw, AtomicWait};
        use crate::trap::TrapCode;

        pub(crate) unsafe fn memory_atomic_notify(_: &mut Driver, _: AtomicRmw) -> Outcome {
            Err(TrapCode::Unreachable.into())
        }

        pub(crate) unsafe fn memory_atomic_wait32(_: &mut Driver, _: AtomicWait) -> Outcome {
            Err(TrapCode::Unreachable.into())
        }

        pub(crate) unsafe fn memory_atomic_wait64(_: &mut Driver, _: AtomicWait) -> Outcome {
            Err(TrapCode::Unreachable.into())
        }
    }
}
