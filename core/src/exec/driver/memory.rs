//! Memory rows: growing, and the bulk instructions. Bounds are checked before any effect.
//!
//! Long operations are done piece by piece and keep their progress in their operand slots, so that the execution can be left in
//! between: executing the op again then does the rest.

use super::super::step::{Grown, Growth, Step};
use super::{Driver, Go, Outcome, Stop};
use crate::code::shape::{Bulk, Grow, IndexOnly, Slot};
use crate::error::TrapFacts;
use crate::runtime::memory::MemoryObject;
use crate::trap::TrapCode;

/// `memory.grow`: the size before in pages, or -1.
pub(super) unsafe fn memory_grow(d: &mut Driver, op: Grow) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let memory = d.memory(op.index);
        let is_64 = (*memory).is_64();
        let delta = d.get_index(op.delta, is_64);
        let ty = (*memory).ty();
        let allowed = match (*memory).grown_size(delta) {
            Err(_) => false,
            Ok(_) if delta == 0 => true,
            Ok(desired) => {
                let maximum = ty.maximum().map(|pages| pages.saturating_mul(ty.page_size()));
                let what = Grown::Memory;
                d.ask(Growth { what, current: (*memory).byte_len(), desired: desired as u64, maximum })?
            }
        };
        let before = if allowed { (*memory).grow(delta).ok() } else { None };
        d.put(op.dst, grown(before, is_64));
        Ok(Go::Next)
    }
}

/// What a grow instruction returns.
pub(super) fn grown(before: Option<u64>, is_64: bool) -> u64 {
    let failed = if is_64 { u64::MAX } else { u32::MAX.into() };
    before.unwrap_or(failed)
}

/// `memory.copy`; `first` is the destination.
pub(super) unsafe fn memory_copy(d: &mut Driver, op: Bulk) -> Outcome {
    // SAFETY: I1, I2, I4 — two objects are borrowed together only if they are two.
    unsafe {
        let (to, from) = (d.memory(op.first), d.memory(op.second));
        let (to_64, from_64) = ((*to).is_64(), (*from).is_64());
        let (mut dst, mut src) = (d.get_index(op.dst, to_64), d.get_index(op.src, from_64));
        let mut rest = d.get_index(op.len, to_64 && from_64);
        inside(from, src, rest)?;
        inside(to, dst, rest)?;
        // Two objects may be one memory, if it is shared.
        let backwards = core::ptr::eq((*to).base(), (*from).base()) && src < dst;
        let mut first = true;
        while let Some(piece) = d.piece(rest, first)? {
            first = false;
            rest -= piece;
            let (dst_at, src_at) = if backwards { (dst + rest, src + rest) } else { (dst, src) };
            if core::ptr::eq(to, from) {
                (*to).copy_within(dst_at, src_at, piece)?;
            } else {
                (*to).copy_from(dst_at, &*from, src_at, piece)?;
            }
            if !backwards {
                (dst, src) = (dst + piece, src + piece);
            }
            d.keep_progress(rest, &[(op.dst, dst), (op.src, src), (op.len, rest)]);
        }
        Ok(Go::Next)
    }
}

/// `memory.fill`; `src` is the value.
pub(super) unsafe fn memory_fill(d: &mut Driver, op: Bulk) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let memory = d.memory(op.first);
        let is_64 = (*memory).is_64();
        let (mut dst, value) = (d.get_index(op.dst, is_64), d.get_u32(op.src) as u8);
        let mut rest = d.get_index(op.len, is_64);
        inside(memory, dst, rest)?;
        let mut first = true;
        while let Some(piece) = d.piece(rest, first)? {
            first = false;
            (*memory).fill(dst, piece, value)?;
            (dst, rest) = (dst + piece, rest - piece);
            d.keep_progress(rest, &[(op.dst, dst), (op.len, rest)]);
        }
        Ok(Go::Next)
    }
}

/// `memory.init`; `first` is the memory, `second` the data segment.
pub(super) unsafe fn memory_init(d: &mut Driver, op: Bulk) -> Outcome {
    // SAFETY: I1, I2, I4
    unsafe {
        let memory = d.memory(op.first);
        let mut dst = d.get_index(op.dst, (*memory).is_64());
        let (mut src, mut rest) = (u64::from(d.get_u32(op.src)), u64::from(d.get_u32(op.len)));
        let data = (*d.object()).data(op.second);
        if src + rest > data.len() as u64 {
            let facts = TrapFacts::Memory { address: src, length: rest, size: data.len() as u64 };
            return Err(Stop::Facts(TrapCode::MemoryOutOfBounds, facts));
        }
        inside(memory, dst, rest)?;
        let mut first = true;
        while let Some(piece) = d.piece(rest, first)? {
            first = false;
            // Inside: checked above for the whole.
            (*memory).write(dst, data.get(src as usize..(src + piece) as usize).unwrap_or_default())?;
            (dst, src, rest) = (dst + piece, src + piece, rest - piece);
            d.keep_progress(rest, &[(op.dst, dst), (op.src, src), (op.len, rest)]);
        }
        Ok(Go::Next)
    }
}

/// `data.drop`.
pub(super) unsafe fn data_drop(d: &mut Driver, op: IndexOnly) -> Outcome {
    // SAFETY: I4
    unsafe { (*d.object()).drop_data(op.index) };
    Ok(Go::Next)
}

/// Whether `len` bytes from `start` are inside a memory.
unsafe fn inside(memory: *mut MemoryObject, start: u64, len: u64) -> Result<(), Stop> {
    // SAFETY: I4
    let size = unsafe { (*memory).byte_len() };
    match start.checked_add(len) {
        Some(end) if end <= size => Ok(()),
        _ => Err(Stop::Facts(TrapCode::MemoryOutOfBounds, TrapFacts::Memory { address: start, length: len, size })),
    }
}

impl Driver {
    /// Memory `index` of the running instance.
    pub(super) unsafe fn memory(&self, index: u32) -> *mut MemoryObject {
        // SAFETY: I1, I4
        unsafe { *(*self.instance()).memories.add(index as usize) }
    }

    /// Whether something may grow: what the embedder's limiter answers, or else what the store's own limits allow.
    pub(super) unsafe fn ask(&mut self, growth: Growth) -> Result<bool, Stop> {
        // SAFETY: I4
        unsafe {
            let store = &*self.store;
            if store.ask_limiter {
                return match self.execution()?.growth.take() {
                    Some(answer) => Ok(answer),
                    None => Err(Stop::Step(Step::Growth(growth))),
                };
            }
            let limit = match growth.what {
                Grown::Memory => store.limits.memory_size,
                Grown::Table => store.limits.table_elements,
            };
            Ok(growth.desired <= limit as u64)
        }
    }

    /// Writes back the operands of an operation that is not finished.
    pub(super) unsafe fn keep_progress(&mut self, rest: u64, operands: &[(Slot, u64)]) {
        if rest > 0 {
            for (slot, value) in operands {
                // SAFETY: I2 — operands of bulk operations are temps, which nothing reads after the op.
                unsafe { *self.slot(slot.0) = *value };
            }
        }
    }
}
