//! What running code hands back to its driver: the whole interface between `exec/` (blind to the embedder's `T`) and the
//! `T`-generic loop in `execution.rs`.
//!
//! [`resume`](super::resume) runs one execution of a store until it can go no further by itself and says why as a [`Step`]. The
//! driver does what the step asks (calls a closure, asks a limiter, gives up the thread), reports the outcome through the
//! function of [`exec`](super) that each step names, and resumes. No step borrows the store; every pointer in one is valid until the execution
//! is resumed, failed or removed, and is derived from the execution's stack allocation, never from a reference to it.

use core::ptr::NonNull;

use crate::error::Error;
use crate::runtime::context::InstanceAddr;

/// Number of an execution in `StoreInner::executions`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub(crate) struct ExecutionAddr(pub u32);

/// Why an execution returned to its driver.
#[derive(Debug)]
pub(crate) enum Step {
    /// The called function has returned: its results stand where the execution's arguments stood ([`super::arguments`]).
    Done,
    /// The guest calls a host function. Answer: write the results over the arguments and resume, or
    /// [`super::fail`] with the error (an exception among errors is caught by guest handlers as if thrown by the callee).
    HostCall {
        /// Its index among the store's host functions (`FuncRecord::host`).
        host: u32,
        /// The call.
        call: HostCall,
    },
    /// What a host function has called with [`super::call_from_host`] has returned. Answer: as to [`Step::HostCall`].
    HostReturn {
        /// As in [`Step::HostCall`].
        host: u32,
        /// The call of the host function.
        call: HostCall,
        /// The bits of the first result.
        result: u64,
    },
    /// The next block cannot be paid. Answer: add fuel and resume (the block is then entered), or [`super::fail`].
    OutOfFuel,
    /// The epoch has reached the deadline. Answer: move the deadline and resume, or [`super::fail`].
    Interrupted,
    /// A memory or a table wants to grow and the store has a limiter that only the driver can ask.
    /// Answer: [`super::answer_growth`], then resume.
    Growth(Growth),
    /// `memory.atomic.wait` has not been notified yet. Answer: resume when the deadline has passed or a notification may have come;
    /// the execution finds out by itself which, and yields the same step again if neither.
    AtomicWait(AtomicWait),
    /// The execution has ended with a trap, an uncaught exception, or an error it was failed with. Only removal is left.
    Failed(Error),
}

/// A call from guest code to a host function. It passes in two registers, and is written and read as two words: a word that was written in halves
/// is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HostCall {
    /// The execution in the lower half, the caller in the upper one.
    parties: u64,
    /// The arguments: numbers, then references, each in declaration order; results are written over them from the same start.
    /// At least as many slots as the larger of both; initialised, whatever the results need beyond the arguments.
    pub slots: NonNull<u64>,
}

impl HostCall {
    /// A call by `caller` in `execution`, with the slots of its arguments.
    #[inline(always)]
    pub(crate) fn new(execution: ExecutionAddr, caller: InstanceAddr, slots: NonNull<u64>) -> Self {
        Self { parties: u64::from(execution.0) | u64::from(caller.0) << u32::BITS, slots }
    }

    /// The execution that waits for it.
    #[inline]
    pub(crate) fn execution(&self) -> ExecutionAddr {
        ExecutionAddr(self.parties as u32)
    }

    /// The instance whose code calls; [`InstanceAddr::HOST`] if the host called its own function directly.
    #[inline]
    pub(crate) fn caller(&self) -> InstanceAddr {
        InstanceAddr((self.parties >> u32::BITS) as u32)
    }
}

// SAFETY: I4 — the pointer leads into the stack of an execution that does not run while the call is kept, and it is used
// by whoever holds the store exclusively.
#[allow(unsafe_code, reason = "a pending call moves between threads with its store")]
unsafe impl Send for HostCall {}

/// What a limiter is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    /// What grows.
    pub what: Grown,
    /// Size now: bytes of a memory, elements of a table.
    pub current: u64,
    /// Size wished for, in the same unit.
    pub desired: u64,
    /// The type's maximum, in the same unit.
    pub maximum: Option<u64>,
}

/// The kinds of things a limiter limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Grown {
    /// A linear memory.
    Memory,
    /// A table.
    Table,
}

/// How long an atomic wait may last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AtomicWait {
    /// Nanoseconds the guest allows, counted from the instruction; `None` for no limit.
    pub timeout: Option<u64>,
}
