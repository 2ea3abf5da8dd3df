//! Waiting and notifying on shared memories.
//!
//! A wait never blocks here: it joins the queue of its memory and returns a step; executed again it finds out whether it was notified,
//! whether its time is over, or whether to wait on. Without `std` there is no clock, so a wait that has a timeout is over
//! when it is resumed without a notification.

use core::sync::atomic::{AtomicU32, Ordering};

use super::super::executions::{Deadline, Waiting};
use super::super::step::{self, Step};
use super::{Driver, Go, Outcome, Stop};
use crate::code::shape::{AtomicRmw, AtomicWait, Slot};
use crate::error::TrapFacts;
use crate::runtime::memory::MemoryObject;
use crate::trap::TrapCode;

/// What a wait returns.
const NOTIFIED: u64 = 0;
const NOT_EQUAL: u64 = 1;
const TIMED_OUT: u64 = 2;

/// `memory.atomic.notify`: how many were woken.
pub(super) unsafe fn memory_atomic_notify(d: &mut Driver, op: AtomicRmw) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let memory = d.memory(op.memory.into());
        let address = aligned(d, memory, op.addr, op.offset, 4)?;
        let address = inside(memory, address, 4)?;
        let count = d.get_u32(op.value);
        let woken = (*memory).shared().map_or(0, |block| block.notify(address, count));
        d.put(op.dst, woken.into());
        Ok(Go::Next)
    }
}

/// `memory.atomic.wait32`.
pub(super) unsafe fn memory_atomic_wait32(d: &mut Driver, op: AtomicWait) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe { wait(d, op, 4) }
}

/// `memory.atomic.wait64`.
pub(super) unsafe fn memory_atomic_wait64(d: &mut Driver, op: AtomicWait) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe { wait(d, op, 8) }
}

unsafe fn wait(d: &mut Driver, op: AtomicWait, size: u64) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        if let Some(waiting) = d.execution()?.wait.take() {
            return go_on(d, op.dst, waiting);
        }
        let memory = d.memory(op.memory.into());
        let address = aligned(d, memory, op.addr, op.offset, size)?;
        let Some(block) = (*memory).shared() else { return Err(TrapCode::ExpectedSharedMemory.into()) };
        let address = inside(memory, address, size)?;
        let expected = d.get_index(op.expected, size == 8);
        let place = (*memory).base().add(address as usize);
        let ticket = block.wait(address, || load(place, size) == expected);
        let Some(ticket) = ticket.map_err(|_| TrapCode::OutOfMemory)? else {
            d.put(op.dst, NOT_EQUAL);
            return Ok(Go::Next);
        };
        let timeout = u64::try_from(d.get_index(op.timeout, true) as i64).ok();
        let waiting = Waiting { block: block.clone(), ticket, deadline: deadline(timeout) };
        if timeout == Some(0) {
            // Dropping it leaves the queue.
            d.put(op.dst, TIMED_OUT);
            return Ok(Go::Next);
        }
        d.execution()?.wait = Some(waiting);
        Err(Stop::Step(Step::AtomicWait(step::AtomicWait { timeout })))
    }
}

/// A wait that had been left.
unsafe fn go_on(d: &mut Driver, dst: Slot, waiting: Waiting) -> Outcome {
    // SAFETY: I2, I4
    unsafe {
        let result = if !waiting.block.is_waiting(waiting.ticket) {
            NOTIFIED
        } else {
            match remaining(waiting.deadline) {
                // A notification may have come just now.
                Some(0) if !waiting.block.cancel(waiting.ticket) => NOTIFIED,
                Some(0) => TIMED_OUT,
                timeout => {
                    d.execution()?.wait = Some(waiting);
                    return Err(Stop::Step(Step::AtomicWait(step::AtomicWait { timeout })));
                }
            }
        };
        d.put(dst, result);
        Ok(Go::Next)
    }
}

#[cfg(feature = "std")]
fn deadline(timeout: Option<u64>) -> Deadline {
    let end = timeout
        .and_then(|nanoseconds| std::time::Instant::now().checked_add(core::time::Duration::from_nanos(nanoseconds)));
    end.map_or(Deadline::Never, Deadline::At)
}

#[cfg(not(feature = "std"))]
fn deadline(timeout: Option<u64>) -> Deadline {
    if timeout.is_some() { Deadline::Resumed } else { Deadline::Never }
}

/// Nanoseconds until the deadline; `None` if there is none.
fn remaining(deadline: Deadline) -> Option<u64> {
    match deadline {
        Deadline::Never => None,
        #[cfg(feature = "std")]
        Deadline::At(end) => {
            let left = end.saturating_duration_since(std::time::Instant::now());
            Some(u64::try_from(left.as_nanos()).unwrap_or(u64::MAX))
        }
        #[cfg(not(feature = "std"))]
        Deadline::Resumed => Some(0),
    }
}

/// The effective address, if it is aligned; `None` inside if it is beyond 64 bits.
unsafe fn aligned(
    d: &Driver,
    memory: *mut MemoryObject,
    addr: Slot,
    offset: u64,
    size: u64,
) -> Result<Option<u64>, Stop> {
    // SAFETY: I2, I4
    let addr = unsafe { d.get_index(addr, (*memory).is_64()) };
    if addr.wrapping_add(offset) % size != 0 {
        return Err(TrapCode::UnalignedAtomic.into());
    }
    Ok(addr.checked_add(offset))
}

/// The effective address, if `size` bytes there are inside.
unsafe fn inside(memory: *mut MemoryObject, address: Option<u64>, size: u64) -> Result<u64, Stop> {
    // SAFETY: I4
    let length = unsafe { (*memory).byte_len() };
    match address {
        Some(address) if address.checked_add(size).is_some_and(|end| end <= length) => Ok(address),
        address => {
            let facts = TrapFacts::Memory { address: address.unwrap_or(u64::MAX), length: size, size: length };
            Err(Stop::Facts(TrapCode::MemoryOutOfBounds, facts))
        }
    }
}

/// The number at an aligned place of a shared memory.
unsafe fn load(place: *mut u8, size: u64) -> u64 {
    // SAFETY: the caller has checked bounds and alignment.
    unsafe {
        if size == 4 {
            return u32::from_le(AtomicU32::from_ptr(place.cast()).load(Ordering::SeqCst)).into();
        }
        #[cfg(target_has_atomic = "64")]
        let bits = core::sync::atomic::AtomicU64::from_ptr(place.cast()).load(Ordering::SeqCst);
        // Such targets run one thread.
        #[cfg(not(target_has_atomic = "64"))]
        let bits = place.cast::<u64>().read_unaligned();
        u64::from_le(bits)
    }
}
