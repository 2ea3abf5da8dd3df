//! Linear memories: where their bytes are and how they grow.
//!
//! A memory is a block with a [header](Header) that says where accesses may begin, then the bytes. Running code keeps only the address of
//! the first byte and finds the header before it (I5). *How* the block is held is the memory's policy: nothing at all
//! (no pages), a block of its own that is reallocated, a slice that the embedder gave and that never moves, or a reserved
//! block that other threads may share and that never moves either. A [paged] memory has no block: it looks empty to
//! whoever finds bytes by address. Promises that every byte a guest has not written is zero, that growth beyond a limit or
//! beyond what the host has is an error without effect, and that no reference to the bytes of a shared memory is ever made.

#![allow(unsafe_code, reason = "running code reaches the bytes by raw pointer; I5 in docs/invariants.md")]

use alloc::collections::VecDeque;
use core::ops::Range;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use crate::runtime::table::GrowError;
use crate::shared::Shared;
use crate::sync::Lock;
use crate::trap::TrapCode;
use crate::types::{Limits, MemoryType};

mod block;
#[cfg(feature = "paged")]
mod paged;
#[cfg(not(feature = "paged"))]
#[path = "memory/unpaged.rs"]
mod paged;

pub(crate) use paged::PagedMemory;

/// What stands before the first byte of a memory: for accesses of 1, 2, 4 and 8 bytes, below which address they begin inside it. The first is the
/// memory's length. One comparison with the right one is the whole check of an access.
#[repr(C, align(16))]
struct Header([u64; 4]);

/// Bytes between the start of a block and the first byte of its memory.
pub(crate) const HEADER_SIZE: usize = size_of::<Header>();

/// The alignment of a block. More than an allocator gives by itself would keep it from handing out zeroed memory as it comes.
const ALIGNMENT: usize = align_of::<Header>();

impl Header {
    fn of(length: u64) -> Self {
        Header([1, 2, 4, 8].map(|size: u64| (length + 1).saturating_sub(size)))
    }
}

/// The limit for accesses of `size` bytes in the memory with this base, and what is to be added to an address before it is compared: there is
/// none for more than 8 bytes, of which the last 8 are looked at.
///
/// # Safety
/// I5: it is the base of a memory.
#[inline(always)]
pub(crate) unsafe fn access_limit(base: *const u8, size: usize) -> (u64, u64) {
    debug_assert!(size.is_power_of_two());
    let (limit, ahead) = if size > 8 { (3, size - 8) } else { (size.trailing_zeros() as usize, 0) };
    // SAFETY: the caller's promise.
    (unsafe { base.sub(HEADER_SIZE).cast::<u64>().add(limit).read() }, ahead as u64)
}

/// What memories without bytes point behind. Never written: a write would need a length above 0.
static EMPTY: Header = Header([0; 4]);

/// A linear memory of a store.
pub(crate) struct MemoryObject {
    /// The first byte, behind the header.
    base: NonNull<u8>,
    policy: Policy,
    ty: MemoryType,
    /// 2^`page_size_log2` bytes make a page; copied from `ty` to be near.
    page_size_log2: u32,
}

/// How a block is held.
enum Policy {
    /// There is no block; `base` is behind [`EMPTY`].
    Empty,
    /// A block of `HEADER_SIZE + capacity` bytes that belongs to this memory and moves when it grows.
    Owned { capacity: usize },
    /// Part of a slice that the embedder gave for good, with room for `capacity` bytes.
    Slice { capacity: usize },
    /// A block that other stores may share.
    Shared(Shared<SharedBlock>),
    /// There is no block but chunks; `base` is behind [`EMPTY`].
    Paged(PagedMemory),
}

// SAFETY: I5 — a memory owns its block, or shares one that is made to be shared.
unsafe impl Send for MemoryObject {}
// SAFETY: I5 — through `&MemoryObject` the bytes are only read, or changed atomically.
unsafe impl Sync for MemoryObject {}

impl MemoryObject {
    /// A memory without pages that cannot grow: memory 0 of instances that have none.
    pub(crate) fn none() -> Self {
        Self::without_block(MemoryType::new(0, Some(0)))
    }

    fn without_block(ty: MemoryType) -> Self {
        let header = NonNull::from(&EMPTY).cast::<u8>();
        // SAFETY: one past the end of `EMPTY`, which is as long as a header.
        let base = unsafe { header.add(HEADER_SIZE) };
        Self { base, policy: Policy::Empty, ty, page_size_log2: ty.page_size_log2().into() }
    }

    /// A memory of the type's minimum size. A shared one reserves its maximum, but at most `reserve` bytes, and fits in
    /// that for ever.
    pub(crate) fn new(ty: MemoryType, reserve: usize) -> Result<Self, GrowError> {
        if ty.is_shared() {
            return Ok(Self::of_shared(SharedBlock::shared(ty, reserve)?));
        }
        let mut memory = Self::without_block(ty);
        memory.resize(byte_size(ty, ty.minimum())?)?;
        Ok(memory)
    }

    /// A memory in chunks that are made when they are first written. Shared ones cannot be: they must never move.
    pub(crate) fn new_paged(ty: MemoryType) -> Result<Self, GrowError> {
        let mut memory = Self { policy: Policy::Paged(PagedMemory::new()?), ..Self::without_block(ty) };
        memory.resize(byte_size(ty, ty.minimum())?)?;
        Ok(memory)
    }

    /// A memory inside `slice`, which it never leaves. The first bytes (up to 47) are its header's.
    pub(crate) fn in_slice(ty: MemoryType, slice: &'static mut [u8]) -> Result<Self, GrowError> {
        let offset = slice.as_ptr().align_offset(ALIGNMENT);
        let available = slice.len().checked_sub(offset).and_then(|len| len.checked_sub(HEADER_SIZE));
        let capacity = available.ok_or(GrowError::Limit)?;
        let size = byte_size(ty, ty.minimum())?;
        if ty.is_shared() || size > capacity {
            return Err(GrowError::Limit);
        }
        slice[offset..offset + HEADER_SIZE + size].fill(0);
        let start = NonNull::from(slice).cast::<u8>();
        // SAFETY: inside the slice, as computed above; the slice was given for good.
        let base = unsafe { start.add(offset + HEADER_SIZE) };
        let mut memory =
            Self { base, policy: Policy::Slice { capacity }, ty, page_size_log2: ty.page_size_log2().into() };
        memory.set_length(size);
        Ok(memory)
    }

    /// A store's view of a memory that others have too.
    pub(crate) fn of_shared(block: Shared<SharedBlock>) -> Self {
        let ty = block.ty;
        Self { base: block.base, policy: Policy::Shared(block), ty, page_size_log2: ty.page_size_log2().into() }
    }

    /// The first byte; moves when an unshared memory grows.
    #[inline(always)]
    pub(crate) fn base(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// The length in bytes.
    #[inline(always)]
    pub(crate) fn byte_len(&self) -> u64 {
        match &self.policy {
            Policy::Shared(block) => block.length.load(Ordering::Acquire) as u64,
            Policy::Paged(paged) => paged.byte_len(),
            // SAFETY: I5 — the header is always there.
            _ => unsafe { self.base.sub(HEADER_SIZE).cast::<u64>().read() },
        }
    }

    /// The length in pages.
    #[inline(always)]
    pub(crate) fn pages(&self) -> u64 {
        self.byte_len() >> self.page_size_log2
    }

    /// Whether addresses have 64 bits.
    #[inline(always)]
    pub(crate) fn is_64(&self) -> bool {
        self.ty.is_64
    }

    /// Whether other threads may use it.
    #[inline(always)]
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.policy, Policy::Shared(_))
    }

    /// Whether its bytes are in chunks, and only reached through [`paged_mut`](Self::paged_mut) and the methods here.
    #[inline(always)]
    pub(crate) fn is_paged(&self) -> bool {
        matches!(self.policy, Policy::Paged(_))
    }

    /// Its chunks, if it has such.
    #[inline(always)]
    pub(crate) fn paged_mut(&mut self) -> Option<&mut PagedMemory> {
        match &mut self.policy {
            Policy::Paged(paged) => Some(paged),
            _ => None,
        }
    }

    /// Its type as declared.
    pub(crate) fn ty(&self) -> MemoryType {
        self.ty
    }

    /// Its type with the present size as minimum: what importing compares.
    pub(crate) fn current_type(&self) -> MemoryType {
        let limits = Limits { min: self.pages(), max: self.ty.maximum() };
        MemoryType { limits, ..self.ty }
    }

    /// What it shares with other stores, if it is shared.
    pub(crate) fn shared(&self) -> Option<&Shared<SharedBlock>> {
        match &self.policy {
            Policy::Shared(block) => Some(block),
            _ => None,
        }
    }

    /// The size in bytes after growing by `delta` pages, unless that is beyond the type's maximum or the address space.
    pub(crate) fn grown_size(&self, delta: u64) -> Result<usize, GrowError> {
        grown_size(self.ty, self.pages(), delta)
    }

    /// Adds `delta` pages of zeros and returns the size before, in pages. Limits of the store have been asked.
    pub(crate) fn grow(&mut self, delta: u64) -> Result<u64, GrowError> {
        if let Policy::Shared(block) = &self.policy {
            return block.grow(delta);
        }
        let before = self.pages();
        let size = self.grown_size(delta)?;
        self.resize(size)?;
        Ok(before)
    }

    /// Makes an unshared memory `size` bytes long, which is not less than now.
    fn resize(&mut self, size: usize) -> Result<(), GrowError> {
        let before = self.byte_len() as usize;
        match &mut self.policy {
            Policy::Paged(paged) => return paged.resize(size),
            Policy::Empty if size == 0 => return Ok(()),
            Policy::Empty => {
                let header = block::allocate(size)?;
                // SAFETY: the block has a header and `size` bytes behind it.
                self.base = unsafe { header.add(HEADER_SIZE) };
                self.policy = Policy::Owned { capacity: size };
            }
            Policy::Owned { capacity } if size > *capacity => {
                // SAFETY: I5 — `base` is `HEADER_SIZE` into a block for `capacity` bytes, of which no more than `before` were ever written: a
                // memory does not shrink.
                let header = unsafe { block::grow(self.base.sub(HEADER_SIZE), *capacity, size, before)? };
                *capacity = size;
                // SAFETY: the block now has `size` bytes behind its header.
                self.base = unsafe { header.add(HEADER_SIZE) };
            }
            Policy::Slice { capacity } if size > *capacity => return Err(GrowError::OutOfMemory),
            // SAFETY: I5 — there is room for `size` bytes, and those from `before` on are nobody's yet.
            Policy::Owned { .. } | Policy::Slice { .. } => unsafe {
                self.base.add(before).write_bytes(0, size - before);
            },
            Policy::Shared(_) => return Err(GrowError::Limit),
        }
        self.set_length(size);
        Ok(())
    }

    fn set_length(&mut self, length: usize) {
        // SAFETY: I5 — called with a block of this memory's own, whose header nobody else writes.
        unsafe { self.base.sub(HEADER_SIZE).cast::<Header>().write(Header::of(length as u64)) };
    }

    /// The bytes; `None` if it is shared, since another thread could change them meanwhile, or paged, since they are not in one place.
    #[inline]
    pub(crate) fn data(&self) -> Option<&[u8]> {
        match self.policy {
            Policy::Shared(_) | Policy::Paged(_) => None,
            // SAFETY: I5 — this many bytes are initialised, and while the memory is borrowed nobody changes them.
            _ => Some(unsafe { core::slice::from_raw_parts(self.base.as_ptr(), self.byte_len() as usize) }),
        }
    }

    /// The bytes, to be changed; `None` if it is shared or paged.
    #[inline]
    pub(crate) fn data_mut(&mut self) -> Option<&mut [u8]> {
        match self.policy {
            Policy::Shared(_) | Policy::Paged(_) => None,
            // SAFETY: I5 — this many bytes are initialised, and while the memory is borrowed nobody else reaches them.
            _ => Some(unsafe { core::slice::from_raw_parts_mut(self.base.as_ptr(), self.byte_len() as usize) }),
        }
    }

    /// The part of `len` bytes from `start`, if it is inside.
    fn range(&self, start: u64, len: u64) -> Result<Range<usize>, TrapCode> {
        range(start, len, self.byte_len())
    }

    /// Copies bytes out.
    pub(crate) fn read(&self, start: u64, buffer: &mut [u8]) -> Result<(), TrapCode> {
        let range = self.range(start, buffer.len() as u64)?;
        if let Policy::Paged(paged) = &self.policy {
            paged.read(range.start, buffer);
            return Ok(());
        }
        match self.data() {
            Some(data) => buffer.copy_from_slice(&data[range]),
            None => {
                for (byte, at) in buffer.iter_mut().zip(range) {
                    *byte = self.atomic(at).load(Ordering::Relaxed);
                }
            }
        }
        Ok(())
    }

    /// Copies bytes in: `memory.init`.
    pub(crate) fn write(&mut self, start: u64, bytes: &[u8]) -> Result<(), TrapCode> {
        let range = self.range(start, bytes.len() as u64)?;
        if let Policy::Paged(paged) = &mut self.policy {
            return paged.write(range.start, bytes);
        }
        match self.data_mut() {
            Some(data) => data[range].copy_from_slice(bytes),
            None => {
                for (byte, at) in bytes.iter().zip(range) {
                    self.atomic(at).store(*byte, Ordering::Relaxed);
                }
            }
        }
        Ok(())
    }

    /// An active data segment: like [`write`](Self::write), except that bytes which live for ever may stay where they are.
    pub(crate) fn initialise(
        &mut self,
        start: u64,
        bytes: &[u8],
        for_ever: Option<&'static [u8]>,
    ) -> Result<(), TrapCode> {
        let size = self.byte_len();
        match (&mut self.policy, for_ever) {
            (Policy::Paged(paged), Some(bytes)) => {
                paged.lay_under(range(start, bytes.len() as u64, size)?.start, bytes)
            }
            _ => self.write(start, bytes),
        }
    }

    /// `memory.fill`.
    pub(crate) fn fill(&mut self, start: u64, len: u64, value: u8) -> Result<(), TrapCode> {
        let range = self.range(start, len)?;
        if let Policy::Paged(paged) = &mut self.policy {
            return paged.fill(range, value);
        }
        match self.data_mut() {
            Some(data) => data[range].fill(value),
            None => range.for_each(|at| self.atomic(at).store(value, Ordering::Relaxed)),
        }
        Ok(())
    }

    /// `memory.copy` within one memory.
    pub(crate) fn copy_within(&mut self, start: u64, source: u64, len: u64) -> Result<(), TrapCode> {
        let from = self.range(source, len)?;
        let to = self.range(start, len)?;
        if self.is_paged() {
            return self.copy_in_pieces(start, None, source, len);
        }
        match self.data_mut() {
            Some(data) => data.copy_within(from, to.start),
            None => self.copy_atomically(to.start, self, from, source < start),
        }
        Ok(())
    }

    /// `memory.copy` from another memory.
    pub(crate) fn copy_from(&mut self, start: u64, source: &Self, source_start: u64, len: u64) -> Result<(), TrapCode> {
        let from = source.range(source_start, len)?;
        let to = self.range(start, len)?;
        if self.is_paged() || source.is_paged() {
            return self.copy_in_pieces(start, Some(source), source_start, len);
        }
        // Two stores may share one block under two objects, so even this copy may overlap.
        match (source.data(), self.is_shared()) {
            (Some(data), false) => match self.data_mut() {
                Some(own) => own[to].copy_from_slice(&data[from]),
                None => return Err(TrapCode::MemoryOutOfBounds),
            },
            _ => self.copy_atomically(to.start, source, from, source_start < start),
        }
        Ok(())
    }

    /// Copies through a buffer, at least one of the two being paged; `None` is this memory itself. From the end if the source may reach into
    /// the target.
    fn copy_in_pieces(&mut self, to: u64, source: Option<&Self>, from: u64, len: u64) -> Result<(), TrapCode> {
        let mut buffer = [0; 64];
        let backwards = source.is_none() && from < to;
        let mut done = 0;
        while done < len {
            let piece = &mut buffer[..(len - done).min(64) as usize];
            let at = if backwards { len - done - piece.len() as u64 } else { done };
            source.unwrap_or(self).read(from + at, piece)?;
            self.write(to + at, piece)?;
            done += piece.len() as u64;
        }
        Ok(())
    }

    /// Copies byte by byte, at least one of the two being shared; from the end if the source may reach into the target.
    fn copy_atomically(&self, to: usize, source: &Self, from: Range<usize>, backwards: bool) {
        let copy = |at: usize| {
            let byte = source.atomic(from.start + at).load(Ordering::Relaxed);
            self.atomic(to + at).store(byte, Ordering::Relaxed);
        };
        if backwards { (0..from.len()).rev().for_each(copy) } else { (0..from.len()).for_each(copy) }
    }

    /// A byte that is inside, as an atomic.
    fn atomic(&self, at: usize) -> &AtomicU8 {
        // SAFETY: I5 — callers have checked the bounds. Bytes of a shared memory are only ever accessed atomically; those
        // of another are reached by this object alone, whose borrow the result keeps.
        unsafe { AtomicU8::from_ptr(self.base.as_ptr().add(at)) }
    }
}

impl Drop for MemoryObject {
    fn drop(&mut self) {
        if let Policy::Owned { capacity } = self.policy {
            // SAFETY: I5 — the block was allocated for so many bytes, and nobody has its address any more.
            unsafe { block::free(self.base.sub(HEADER_SIZE), capacity) };
        }
    }
}

/// The block of a shared memory: it never moves, only its length grows.
pub(crate) struct SharedBlock {
    base: NonNull<u8>,
    /// The length in bytes. Not in the header: it must be atomic, and a target may have no 64-bit atomics.
    length: AtomicUsize,
    capacity: usize,
    ty: MemoryType,
    waiters: Lock<Waiters>,
}

// SAFETY: I5 — the bytes are accessed atomically only, the length is atomic, the rest is behind a lock or never changes.
unsafe impl Send for SharedBlock {}
// SAFETY: as for `Send`.
unsafe impl Sync for SharedBlock {}

impl SharedBlock {
    /// The same as [`new`](Self::new), ready to be shared.
    pub(crate) fn shared(ty: MemoryType, reserve: usize) -> Result<Shared<Self>, GrowError> {
        Shared::try_new(Self::new(ty, reserve)?).map_err(|_| GrowError::OutOfMemory)
    }

    /// A block of the type's minimum size that reserves its maximum, but at most `reserve` bytes.
    pub(crate) fn new(ty: MemoryType, reserve: usize) -> Result<Self, GrowError> {
        let length = byte_size(ty, ty.minimum())?;
        let maximum = byte_size(ty, ty.maximum().ok_or(GrowError::Limit)?).unwrap_or(usize::MAX);
        let capacity = maximum.min(reserve).max(length);
        // SAFETY: the block has a header.
        let base = unsafe { block::allocate(capacity)?.add(HEADER_SIZE) };
        Ok(Self { base, length: AtomicUsize::new(length), capacity, ty, waiters: Lock::new(Waiters::default()) })
    }

    /// Its type as declared.
    pub(crate) fn ty(&self) -> MemoryType {
        self.ty
    }

    /// The length in bytes.
    pub(crate) fn byte_len(&self) -> usize {
        self.length.load(Ordering::Acquire)
    }

    /// Adds `delta` pages and returns the size before, in pages.
    pub(crate) fn grow(&self, delta: u64) -> Result<u64, GrowError> {
        let mut length = self.length.load(Ordering::Acquire);
        loop {
            let pages = length as u64 >> self.ty.page_size_log2;
            let size = grown_size(self.ty, pages, delta)?;
            if size > self.capacity {
                return Err(GrowError::OutOfMemory);
            }
            // The bytes behind the length have been zero since the block was allocated.
            match self.length.compare_exchange_weak(length, size, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(pages),
                Err(now) => length = now,
            }
        }
    }

    /// Joins the queue of those who wait at `address`, if `compare` still finds what was expected; notifications stand
    /// still meanwhile. Returns the ticket to ask with.
    pub(crate) fn wait(&self, address: u64, compare: impl FnOnce() -> bool) -> Result<Option<Ticket>, GrowError> {
        self.waiters.with(|waiters| {
            if !compare() {
                return Ok(None);
            }
            waiters.queue.try_reserve(1).map_err(|_| GrowError::OutOfMemory)?;
            waiters.next_ticket += 1;
            let ticket = Ticket(waiters.next_ticket);
            waiters.queue.push_back((address, ticket));
            Ok(Some(ticket))
        })
    }

    /// Whether nobody has notified the holder of this ticket yet.
    pub(crate) fn is_waiting(&self, ticket: Ticket) -> bool {
        self.waiters.with(|waiters| waiters.queue.iter().any(|(_, other)| *other == ticket))
    }

    /// Leaves the queue; false if a notification came first.
    pub(crate) fn cancel(&self, ticket: Ticket) -> bool {
        self.waiters.with(|waiters| {
            let place = waiters.queue.iter().position(|(_, other)| *other == ticket);
            place.and_then(|place| waiters.queue.remove(place)).is_some()
        })
    }

    /// Notifies those who wait at `address`, at most `count`, the longest waiting first; returns how many there were.
    pub(crate) fn notify(&self, address: u64, count: u32) -> u32 {
        self.waiters.with(|waiters| {
            let mut notified = 0;
            waiters.queue.retain(|(place, _)| {
                let leaves = *place == address && notified < count;
                notified += u32::from(leaves);
                !leaves
            });
            notified
        })
    }
}

impl Drop for SharedBlock {
    fn drop(&mut self) {
        // SAFETY: I5 — the block was allocated for so many bytes, and nobody has its address any more.
        unsafe { block::free(self.base.sub(HEADER_SIZE), self.capacity) };
    }
}

/// Those who wait for a notification at some address of a shared memory, in the order they came.
#[derive(Default)]
struct Waiters {
    queue: VecDeque<(u64, Ticket)>,
    next_ticket: u64,
}

/// One wait of one execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// Bytes of `pages` pages, if the host can address them.
fn byte_size(ty: MemoryType, pages: u64) -> Result<usize, GrowError> {
    let bytes = pages.checked_mul(ty.page_size()).and_then(|bytes| usize::try_from(bytes).ok());
    bytes.filter(|bytes| *bytes <= isize::MAX as usize - HEADER_SIZE).ok_or(GrowError::Limit)
}

/// The size in bytes of a memory of `pages` pages after growing by `delta`.
fn grown_size(ty: MemoryType, pages: u64, delta: u64) -> Result<usize, GrowError> {
    // Memories with 32-bit addresses end at 4 GiB; with one-byte pages one page earlier, so that sizes are 32-bit numbers.
    let bound = if ty.is_64() { u64::MAX } else { ((1 << 32) / ty.page_size()).min(u32::MAX.into()) };
    let bound = ty.maximum().map_or(bound, |max| max.min(bound));
    byte_size(ty, pages.checked_add(delta).filter(|pages| *pages <= bound).ok_or(GrowError::Limit)?)
}

/// The part of `len` bytes from `start` in a memory of `size` bytes, if it is inside.
fn range(start: u64, len: u64, size: u64) -> Result<Range<usize>, TrapCode> {
    match start.checked_add(len) {
        // Both fit: they are at most the size of something in memory.
        Some(end) if end <= size => Ok(start as usize..end as usize),
        _ => Err(TrapCode::MemoryOutOfBounds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::boxed::Box;
    use alloc::vec;

    const PAGE: usize = 1 << 16;

    fn header_length(memory: &MemoryObject) -> u64 {
        // SAFETY: I5.
        unsafe { memory.base().sub(HEADER_SIZE).cast::<u64>().read() }
    }

    #[test]
    fn a_memory_grows_by_zeros_and_keeps_what_it_has() {
        let mut memory = MemoryObject::new(MemoryType::new(1, Some(4)), usize::MAX).expect("memory");
        memory.write(PAGE as u64 - 3, &[1, 2, 3]).expect("in bounds");
        assert_eq!(memory.grow(2), Ok(1));
        assert_eq!((memory.pages(), header_length(&memory)), (3, 3 * PAGE as u64));
        let data = memory.data().expect("not shared");
        assert_eq!(&data[PAGE - 3..PAGE + 1], [1, 2, 3, 0]);
        assert!(data[PAGE..].iter().all(|byte| *byte == 0));
        assert_eq!(memory.grow(2), Err(GrowError::Limit));
        assert_eq!(memory.grow(u64::MAX), Err(GrowError::Limit));
        assert_eq!((memory.grow(1), memory.grow(0)), (Ok(3), Ok(4)));
    }

    #[test]
    fn limits_are_where_accesses_of_each_size_still_fit() {
        for length in 0..40 {
            let ty = MemoryType::new(length, None).with_page_size_log2(0);
            let memory = MemoryObject::new(ty, usize::MAX).expect("memory");
            for size in [1, 2, 4, 8, 16] {
                // SAFETY: I5.
                let (limit, ahead) = unsafe { access_limit(memory.base(), size) };
                for at in 0..50 {
                    assert_eq!(
                        at + ahead < limit,
                        at + size as u64 <= length.into(),
                        "{size} bytes at {at} of {length}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_memory_without_pages_needs_no_block() {
        let mut memory = MemoryObject::new(MemoryType::new(0, None), usize::MAX).expect("memory");
        assert_eq!((memory.byte_len(), header_length(&memory)), (0, 0));
        assert_eq!(memory.write(0, &[]), Ok(()));
        assert_eq!(memory.write(0, &[1]), Err(TrapCode::MemoryOutOfBounds));
        assert_eq!(memory.grow(0), Ok(0));
        assert_eq!(memory.grow(1), Ok(0));
        assert_eq!(memory.data().map(<[u8]>::len), Some(PAGE));
        assert_eq!(MemoryObject::none().grow(1), Err(GrowError::Limit));
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri ends where an allocator would refuse")]
    fn what_cannot_be_allocated_is_an_error_without_effect() {
        assert!(MemoryObject::new(MemoryType::new64(1 << 48, None), usize::MAX).is_err());
        let mut memory = MemoryObject::new(MemoryType::new64(1, None), usize::MAX).expect("memory");
        assert!(memory.grow(1 << 40).is_err());
        assert!(memory.grow((1 << 46) - 1).is_err());
        assert_eq!(memory.pages(), 1);
    }

    #[test]
    fn pages_may_be_single_bytes() {
        let ty = MemoryType::new(3, None).with_page_size_log2(0);
        let mut memory = MemoryObject::new(ty, usize::MAX).expect("memory");
        assert_eq!((memory.pages(), memory.grow(5), memory.byte_len()), (3, Ok(3), 8));
        assert_eq!(memory.grow(u32::MAX.into()), Err(GrowError::Limit));
    }

    #[test]
    fn a_memory_stays_in_the_slice_it_was_given() {
        let given = Box::into_raw(vec![7; 40 + HEADER_SIZE + ALIGNMENT - 1].into_boxed_slice());
        // SAFETY: given back only below, when the memory is gone.
        let slice: &'static mut [u8] = unsafe { &mut *given };
        let place = slice.as_ptr_range();
        let ty = MemoryType::new(8, None).with_page_size_log2(0);
        let mut memory = MemoryObject::in_slice(ty, slice).expect("room");
        let base = memory.base();
        assert!(place.contains(&base.cast_const()) && base.addr().is_multiple_of(ALIGNMENT));
        assert_eq!(memory.data(), Some(&[0; 8][..]));
        assert_eq!(memory.grow(32), Ok(8));
        assert_eq!((memory.base(), memory.data()), (base, Some(&[0; 40][..])));
        assert_eq!(memory.grow(32), Err(GrowError::OutOfMemory));
        drop(memory);
        // SAFETY: it came from a box, and nothing refers to it any more.
        let mut given = unsafe { Box::from_raw(given) };
        // SAFETY: the memory that would keep it is refused.
        let small: &'static mut [u8] = unsafe { core::slice::from_raw_parts_mut(given.as_mut_ptr(), 20) };
        assert!(MemoryObject::in_slice(ty, small).is_err());
        assert!(MemoryObject::in_slice(ty, &mut []).is_err());
    }

    #[test]
    fn bulk_operations_check_bounds_before_any_effect() {
        let mut memory =
            MemoryObject::new(MemoryType::new(8, None).with_page_size_log2(0), usize::MAX).expect("memory");
        let other = MemoryObject::new(MemoryType::new(4, None).with_page_size_log2(0), usize::MAX).expect("memory");
        let out = Err(TrapCode::MemoryOutOfBounds);
        assert_eq!(memory.fill(7, 2, 1), out);
        assert_eq!(memory.fill(u64::MAX, 2, 1), out);
        assert_eq!(memory.copy_within(0, 7, 2), out);
        assert_eq!(memory.copy_from(0, &other, 3, 2), out);
        assert_eq!(memory.read(8, &mut [0]), out);
        assert_eq!(memory.data(), Some(&[0; 8][..]));
        assert_eq!((memory.fill(8, 0, 1), memory.copy_from(8, &other, 4, 0)), (Ok(()), Ok(())));
    }

    #[test]
    fn copies_may_overlap_in_both_kinds_of_memory() {
        let plain = MemoryType::new(6, Some(6)).with_page_size_log2(0);
        for ty in [plain, plain.with_shared(true)] {
            let mut memory = MemoryObject::new(ty, usize::MAX).expect("memory");
            memory.write(0, &[1, 2, 3, 4, 5, 6]).expect("in bounds");
            memory.copy_within(1, 0, 5).expect("in bounds");
            let mut bytes = [0; 6];
            memory.read(0, &mut bytes).expect("in bounds");
            assert_eq!(bytes, [1, 1, 2, 3, 4, 5]);
            memory.copy_within(0, 1, 5).expect("in bounds");
            memory.fill(5, 1, 9).expect("in bounds");
            memory.read(0, &mut bytes).expect("in bounds");
            assert_eq!(bytes, [1, 2, 3, 4, 5, 9]);
        }
    }

    #[test]
    fn a_shared_memory_never_moves_and_gives_no_reference() {
        let ty = MemoryType::new(1, Some(3)).with_shared(true);
        let mut memory = MemoryObject::new(ty, usize::MAX).expect("memory");
        let mut twin = MemoryObject::of_shared(Shared::clone(memory.shared().expect("shared")));
        let base = memory.base();
        assert_eq!((memory.grow(2), twin.pages(), twin.grow(1)), (Ok(1), 3, Err(GrowError::Limit)));
        assert_eq!((memory.base(), twin.base()), (base, base));
        assert!(memory.data().is_none() && twin.data_mut().is_none());
        let tight = MemoryObject::new(ty, 2 * PAGE).expect("memory");
        assert_eq!(tight.shared().expect("shared").grow(2), Err(GrowError::OutOfMemory));
    }

    #[test]
    fn notifications_go_to_the_longest_waiting() {
        let block = SharedBlock::new(MemoryType::new(1, Some(1)).with_shared(true), usize::MAX).expect("memory");
        let wait = |address| block.wait(address, || true).expect("memory").expect("equal");
        let tickets = [wait(0), wait(8), wait(0), wait(0)];
        assert_eq!(block.wait(0, || false), Ok(None));
        assert_eq!(block.notify(0, 1), 1);
        assert_eq!(tickets.map(|ticket| block.is_waiting(ticket)), [false, true, true, true]);
        assert!(block.cancel(tickets[2]) && !block.cancel(tickets[2]));
        assert_eq!((block.notify(0, u32::MAX), block.notify(0, 1)), (1, 0));
        assert!(block.is_waiting(tickets[1]));
    }
}
