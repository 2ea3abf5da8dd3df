//! The executions of a store: calls in progress, each with its stack and where it stands.
//!
//! An execution is plain data. What it refers to (instances, code) its store keeps; dropping it anywhere is fine, and only a pending
//! atomic wait has to be taken back. Assumes that only the driver runs executions; promises that a removed one leaves
//! nothing behind but, at most, a spare stack for the next call.

use core::ops::Range;
use core::ptr::{self, NonNull};

use super::frame::Frames;
use super::machine::HEADER;
use super::stack::ValueStack;
use super::step::ExecutionAddr;
use crate::error::Error;
use crate::runtime::context::{FuncAddr, FuncRecord, InstanceContext};
use crate::runtime::memory::{SharedBlock, Ticket};
use crate::runtime::slab::Slab;
use crate::shared::Shared;

/// A call in progress.
pub(crate) struct Execution {
    /// The frames. The first three slots are the header of a frame that belongs to no function.
    pub stack: ValueStack,
    /// The function called.
    pub func: FuncAddr,
    /// How far it has come.
    pub state: State,
    /// The op to execute next.
    pub ip: *const u16,
    /// Its frame.
    pub fp: *mut u64,
    /// The error that the next resume unwinds with.
    pub failure: Option<Error>,
    /// The limiter's answer for the op at `ip`.
    pub growth: Option<bool>,
    /// The wait that the op at `ip` has begun.
    pub wait: Option<Waiting>,
    /// Slots that hold references only now: operands of the op at hand.
    pub staged: Range<usize>,
}

/// How far an execution has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Not resumed yet: there are arguments and no frames.
    Fresh,
    /// It stands before the op at `ip`.
    AtOp,
    /// It waits for the results of a host function, whose arguments begin at slot number `slots`. `ip` and `fp` are the caller's.
    InHost {
        /// The host function.
        func: FuncAddr,
        /// Where arguments and results stand.
        slots: usize,
    },
    /// The function has returned.
    Done,
    /// It has failed, or was resumed after its end.
    Ended,
}

/// A place in the queue of a shared memory, given back when dropped.
pub(crate) struct Waiting {
    /// The memory whose queue it is.
    pub block: Shared<SharedBlock>,
    /// The place.
    pub ticket: Ticket,
    /// When the wait is over, if it ends by itself.
    pub deadline: Deadline,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.block.cancel(self.ticket);
    }
}

/// When a wait is over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deadline {
    /// It lasts until a notification.
    Never,
    /// At this time.
    #[cfg(feature = "std")]
    At(std::time::Instant),
    /// When it is resumed: without a clock whoever resumes says that the time is over.
    #[cfg(not(feature = "std"))]
    Resumed,
}

impl Execution {
    /// The slots of the outermost call's arguments, and later results.
    #[inline]
    pub(crate) fn arguments(&self) -> NonNull<u64> {
        // SAFETY: every stack has more slots than a header.
        unsafe { NonNull::new_unchecked(self.stack.base().add(HEADER)) }
    }

    /// It is over: nothing of it is left but the stack.
    #[inline]
    fn rest(&mut self) {
        self.state = State::Ended;
        self.failure = None;
        self.growth = None;
        self.wait = None;
        self.staged = 0..0;
    }

    /// The host function it waits for, and the slots of the arguments and results.
    pub(crate) fn host_call(&self) -> Option<(FuncAddr, NonNull<u64>)> {
        let State::InHost { func, slots } = self.state else { return None };
        // SAFETY: I2 — `enter_host` found the slots in this stack.
        Some((func, unsafe { NonNull::new_unchecked(self.stack.base().add(slots)) }))
    }

    /// The frames, the innermost first; none before the first resume and after the end.
    ///
    /// # Safety
    /// I2, I4: the execution is not running meanwhile.
    pub(crate) unsafe fn frames(&self) -> Frames {
        let (ip, fp, at_op) = match self.state {
            State::AtOp => (self.ip, self.fp, true),
            State::InHost { .. } => (self.ip, self.fp, false),
            // The outermost frame belongs to no function: nothing follows.
            State::Fresh | State::Done | State::Ended => (ptr::null(), self.arguments().as_ptr(), false),
        };
        // SAFETY: the caller's promise; `fp` is a frame in every state.
        unsafe { Frames::new(ip, fp, at_op) }
    }

    /// Calls `visit` with every reference on the stack, functions included.
    ///
    /// # Safety
    /// As for [`frames`](Self::frames).
    unsafe fn visit_references(&self, functions: &[FuncRecord], visit: &mut impl FnMut(u32)) {
        let arguments_of = |func: FuncAddr, slots: usize| match functions.get(func.0 as usize) {
            Some(record) => {
                let first = slots + usize::from(record.number_params);
                first..first + usize::from(record.reference_params)
            }
            None => 0..0,
        };
        let arguments = match self.state {
            State::Fresh => arguments_of(self.func, HEADER),
            State::InHost { func, slots } => arguments_of(func, slots),
            State::AtOp | State::Done | State::Ended => 0..0,
        };
        for slot in arguments.chain(self.staged.clone()) {
            // SAFETY: I2 — arguments and staged operands lie in the stack.
            visit(unsafe { *self.stack.base().add(slot) } as u32);
        }
        // SAFETY: the caller's promise.
        for frame in unsafe { self.frames() } {
            frame.visit_references(visit);
        }
    }
}

/// All executions of a store.
pub(crate) struct Executions {
    slab: Slab<Execution>,
    /// An execution that was removed and stays in its place with its stack, for the next call to take up.
    spare: Option<ExecutionAddr>,
}

/// A spare stack is not kept beyond this many slots: one deep recursion should not hold its memory for ever.
const MAX_SPARE_SLOTS: usize = 64 * 1024;

impl Executions {
    /// No executions.
    pub(crate) const fn new() -> Self {
        Self { slab: Slab::new(), spare: None }
    }

    /// How many there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.slab.len() - usize::from(self.spare.is_some())
    }

    /// Adds an execution that will call `func`, with at least `slots` slots, whose contents are left over from earlier ones, or zero.
    /// `host` is the instance that the frame below all others belongs to, the same for all executions here.
    #[inline]
    pub(crate) fn add(
        &mut self,
        func: FuncAddr,
        slots: usize,
        host: NonNull<InstanceContext>,
    ) -> Result<ExecutionAddr, Error> {
        if let Some(address) = self.spare
            && let Some(execution) = self.slab.get_mut(address.0)
        {
            execution.stack.grow(slots)?;
            execution.func = func;
            execution.state = State::Fresh;
            self.spare = None;
            return Ok(address);
        }
        self.insert(func, slots, host)
    }

    #[cold]
    fn insert(&mut self, func: FuncAddr, slots: usize, host: NonNull<InstanceContext>) -> Result<ExecutionAddr, Error> {
        let stack = ValueStack::new(slots.max(super::stack::INITIAL_SLOTS))?;
        // SAFETY: every stack has more slots than a header; a depth of zero, which it is made with, says that no frame is below.
        unsafe { stack.base().add(HEADER - 1).write(host.as_ptr().expose_provenance() as u64) };
        let execution = Execution {
            stack,
            func,
            state: State::Fresh,
            ip: ptr::null(),
            fp: ptr::null_mut(),
            failure: None,
            growth: None,
            wait: None,
            staged: 0..0,
        };
        Ok(ExecutionAddr(self.slab.insert(execution)?))
    }

    /// An execution.
    #[inline]
    pub(crate) fn get(&self, address: ExecutionAddr) -> Option<&Execution> {
        self.slab.get(address.0)
    }

    /// An execution, to be changed.
    #[inline]
    pub(crate) fn get_mut(&mut self, address: ExecutionAddr) -> Option<&mut Execution> {
        self.slab.get_mut(address.0)
    }

    /// Removes an execution; it, or its stack if that is the larger one, may become the spare.
    #[inline]
    pub(crate) fn remove(&mut self, address: ExecutionAddr) {
        if self.spare.is_none()
            && let Some(execution) = self.slab.get_mut(address.0)
            && execution.stack.slots() <= MAX_SPARE_SLOTS
        {
            execution.rest();
            self.spare = Some(address);
        } else {
            self.remove_place(address);
        }
    }

    #[cold]
    fn remove_place(&mut self, address: ExecutionAddr) {
        if self.spare == Some(address) {
            return;
        }
        let Some(mut execution) = self.slab.remove(address.0) else { return };
        if let Some(spare) = self.spare.and_then(|spare| self.slab.get_mut(spare.0))
            && (spare.stack.slots() + 1..=MAX_SPARE_SLOTS).contains(&execution.stack.slots())
        {
            core::mem::swap(&mut spare.stack, &mut execution.stack);
        }
    }

    /// Calls `visit` with every reference on a stack: roots of the collector. References to functions are visited too, as harmless
    /// numbers. The store's functions must be `functions`.
    pub(crate) fn visit_references(&self, functions: &[FuncRecord], mut visit: impl FnMut(u32)) {
        for (_, execution) in self.slab.iter() {
            // SAFETY: I2, I4 — the collector runs while no engine does, and executions belong to the store that holds them.
            unsafe { execution.visit_references(functions, &mut visit) };
        }
    }
}
