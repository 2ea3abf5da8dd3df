//! A linear memory in chunks, each of which is made when it is first written.
//!
//! ```text
//! address ──▶ directory: one entry for 16 KiB ──▶ leaf: 32 chunks ──▶ chunk: 512 bytes, or nothing yet
//! ```
//! Where nothing has been written there is nothing. Such bytes read as zeros, or as the data segment that lies there in bytes that live for
//! ever (a module in flash); a write that changes one of them makes its chunk, and a write that changes none makes nothing. Growing
//! makes the directory longer and moves no byte. Assumes that callers have compared with the length; promises that what cannot be
//! allocated is an error, after which every byte is what it was or what it should have become.

#![forbid(unsafe_code)]

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use crate::runtime::table::GrowError;
use crate::runtime::try_box;
use crate::trap::TrapCode;

/// Bytes that are made together. Fewer would cost more in directory and allocator, more would cost more where little is touched.
const CHUNK: usize = 512;

/// Chunks of a leaf.
const LEAF: usize = 32;

/// Bytes that fills and comparisons look at together.
const PIECE: usize = 32;

/// Aligned for every atomic access.
#[repr(align(16))]
struct Chunk([u8; CHUNK]);

type Leaf = [Option<Box<Chunk>>; LEAF];

/// A data segment that is read where it lies.
struct Segment {
    start: usize,
    bytes: &'static [u8],
}

impl Segment {
    fn end(&self) -> usize {
        self.start + self.bytes.len()
    }
}

/// The bytes of a paged memory.
pub(crate) struct PagedMemory {
    length: usize,
    directory: Vec<Option<Box<Leaf>>>,
    /// What is read where there is no chunk: ascending, none over another. Between them are zeros.
    background: Vec<Segment>,
}

impl PagedMemory {
    /// A memory without bytes.
    pub(super) fn new() -> Result<Self, GrowError> {
        Ok(Self { length: 0, directory: Vec::new(), background: Vec::new() })
    }

    /// The length in bytes.
    pub(super) fn byte_len(&self) -> u64 {
        self.length as u64
    }

    /// Makes it `length` bytes long, which is not less than now.
    pub(super) fn resize(&mut self, length: usize) -> Result<(), GrowError> {
        let leaves = length.div_ceil(CHUNK * LEAF);
        let more = leaves.saturating_sub(self.directory.len());
        self.directory.try_reserve(more).map_err(|_| GrowError::OutOfMemory)?;
        self.directory.resize_with(leaves, || None);
        self.length = length;
        Ok(())
    }

    /// The chunk of a byte, if there is one.
    fn chunk(&self, at: usize) -> Option<&[u8; CHUNK]> {
        let leaf = self.directory.get(at / (CHUNK * LEAF))?.as_ref()?;
        leaf[at / CHUNK % LEAF].as_ref().map(|chunk| &chunk.0)
    }

    /// The same, to be changed.
    fn chunk_mut(&mut self, at: usize) -> Option<&mut [u8; CHUNK]> {
        let leaf = self.directory.get_mut(at / (CHUNK * LEAF))?.as_mut()?;
        leaf[at / CHUNK % LEAF].as_mut().map(|chunk| &mut chunk.0)
    }

    /// The chunk of a byte, made if need be.
    fn commit(&mut self, at: usize) -> Result<&mut [u8; CHUNK], TrapCode> {
        let leaf = self.directory.get_mut(at / (CHUNK * LEAF)).ok_or(TrapCode::MemoryOutOfBounds)?;
        let leaf = match leaf {
            Some(leaf) => leaf,
            None => leaf.insert(try_box([const { None }; LEAF]).map_err(|_| TrapCode::OutOfMemory)?),
        };
        let chunk = &mut leaf[at / CHUNK % LEAF];
        let chunk = match chunk {
            Some(chunk) => chunk,
            None => {
                let made = chunk.insert(try_box(Chunk([0; CHUNK])).map_err(|_| TrapCode::OutOfMemory)?);
                lay_over(&self.background, at - at % CHUNK, &mut made.0);
                made
            }
        };
        Ok(&mut chunk.0)
    }

    /// What is read where there is no chunk.
    fn unwritten(&self, at: usize, buffer: &mut [u8]) {
        buffer.fill(0);
        lay_over(&self.background, at, buffer);
    }

    /// Whether bytes without a chunk read as `bytes` already.
    fn is_unchanged_by(&self, at: usize, bytes: &[u8]) -> bool {
        let mut held = [0; PIECE];
        bytes.chunks(PIECE).enumerate().all(|(number, bytes)| {
            let held = &mut held[..bytes.len()];
            self.unwritten(at + number * PIECE, held);
            held == bytes
        })
    }

    /// Copies bytes out.
    pub(super) fn read(&self, mut at: usize, mut buffer: &mut [u8]) {
        while !buffer.is_empty() {
            let within = at % CHUNK;
            let len = buffer.len().min(CHUNK - within);
            let (piece, rest) = buffer.split_at_mut(len);
            match self.chunk(at) {
                Some(chunk) => piece.copy_from_slice(&chunk[within..within + len]),
                None => self.unwritten(at, piece),
            }
            (at, buffer) = (at + len, rest);
        }
    }

    /// Copies bytes in.
    pub(super) fn write(&mut self, mut at: usize, mut bytes: &[u8]) -> Result<(), TrapCode> {
        while !bytes.is_empty() {
            let within = at % CHUNK;
            let len = bytes.len().min(CHUNK - within);
            let (piece, rest) = bytes.split_at(len);
            if self.chunk(at).is_some() || !self.is_unchanged_by(at, piece) {
                self.commit(at)?[within..within + len].copy_from_slice(piece);
            }
            (at, bytes) = (at + len, rest);
        }
        Ok(())
    }

    /// Sets all bytes of a range.
    pub(super) fn fill(&mut self, range: Range<usize>, value: u8) -> Result<(), TrapCode> {
        let piece = [value; PIECE];
        for at in range.clone().step_by(PIECE) {
            self.write(at, &piece[..PIECE.min(range.end - at)])?;
        }
        Ok(())
    }

    /// An active data segment, read where it lies until its chunks are written. One that comes before an earlier one, which no
    /// linker writes, is copied: the background stays in order.
    pub(super) fn lay_under(&mut self, start: usize, bytes: &'static [u8]) -> Result<(), TrapCode> {
        let segment = Segment { start, bytes };
        if bytes.is_empty() || self.background.last().is_some_and(|last| start < last.end()) {
            return self.write(start, bytes);
        }
        self.background.try_reserve(1).map_err(|_| TrapCode::OutOfMemory)?;
        let mut at = start;
        while at < segment.end() {
            let end = (at - at % CHUNK + CHUNK).min(segment.end());
            if let Some(chunk) = self.chunk_mut(at) {
                chunk[at % CHUNK..][..end - at].copy_from_slice(&bytes[at - start..end - start]);
            }
            at = end;
        }
        self.background.push(segment);
        Ok(())
    }

    /// The little-endian number of `size` bytes, at most eight.
    ///
    /// One function for all widths, and its result in registers: what handlers call keeps nothing of theirs on the native stack.
    #[inline(never)]
    pub(crate) fn load(&self, at: usize, size: usize) -> u64 {
        if let Some(bytes) = self.chunk(at).and_then(|chunk| chunk[at % CHUNK..].first_chunk()) {
            return u64::from_le_bytes(*bytes) & low(size);
        }
        let mut bytes = [0; 8];
        self.read(at, &mut bytes[..size.min(8)]);
        u64::from_le_bytes(bytes)
    }

    /// Writes the low `size` bytes of `value`, at most eight.
    #[inline(never)]
    pub(crate) fn store(&mut self, at: usize, size: usize, value: u64) -> Result<(), TrapCode> {
        if let Some(bytes) = self.chunk_mut(at).and_then(|chunk| chunk[at % CHUNK..].first_chunk_mut()) {
            *bytes = (u64::from_le_bytes(*bytes) & !low(size) | value & low(size)).to_le_bytes();
            return Ok(());
        }
        self.write(at, &value.to_le_bytes()[..size.min(8)])
    }

    /// The address of an aligned byte, for an atomic access: no chunk's end is inside one.
    #[inline(never)]
    pub(crate) fn address(&mut self, at: usize) -> Result<*mut u8, TrapCode> {
        Ok(self.commit(at)?[at % CHUNK..].as_mut_ptr())
    }
}

/// A mask of the low `size` bytes, one to eight.
fn low(size: usize) -> u64 {
    u64::MAX >> (64 - 8 * size)
}

/// Copies what the segments have for the bytes of `buffer`, which are those of the memory from `at` on.
fn lay_over(background: &[Segment], at: usize, buffer: &mut [u8]) {
    let end = at + buffer.len();
    let first = background.partition_point(|segment| segment.end() <= at);
    for segment in background[first..].iter().take_while(|segment| segment.start < end) {
        let (from, to) = (segment.start.max(at), segment.end().min(end));
        buffer[from - at..to - at].copy_from_slice(&segment.bytes[from - segment.start..to - segment.start]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// Three leaves and a bit, so that everything has an end inside.
    const LENGTH: usize = 3 * CHUNK * LEAF + 100;

    fn memory() -> PagedMemory {
        let mut memory = PagedMemory::new().expect("no bytes");
        memory.resize(LENGTH).expect("memory");
        memory
    }

    fn chunks(memory: &PagedMemory) -> usize {
        memory.directory.iter().flatten().map(|leaf| leaf.iter().flatten().count()).sum()
    }

    fn contents(memory: &PagedMemory) -> Vec<u8> {
        let mut bytes = vec![0xee; LENGTH];
        memory.read(0, &mut bytes);
        bytes
    }

    #[test]
    fn every_width_is_read_and_written_at_every_place_of_two_chunks() {
        let mut memory = memory();
        let mut model = vec![0; LENGTH];
        let mut value = 0x0123_4567_89ab_cdef_u64;
        for size in [1, 2, 4, 8] {
            for at in CHUNK - 20..2 * CHUNK + 20 {
                value = value.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17) | 1;
                memory.store(at, size, value).expect("memory");
                model[at..at + size].copy_from_slice(&value.to_le_bytes()[..size]);
                for look in at.saturating_sub(8)..at + 9 {
                    let mut bytes = [0; 8];
                    bytes[..size].copy_from_slice(&model[look..look + size]);
                    assert_eq!(memory.load(look, size), u64::from_le_bytes(bytes), "{size} bytes at {look}");
                }
            }
        }
        assert_eq!(contents(&memory), model);
    }

    #[test]
    fn only_what_is_changed_is_made() {
        let mut memory = memory();
        memory.fill(0..LENGTH, 0).expect("nothing to make");
        memory.store(5, 8, 0).expect("nothing to make");
        assert_eq!((memory.load(CHUNK - 3, 8), chunks(&memory)), (0, 0));
        memory.store(CHUNK - 1, 1, 7).expect("memory");
        assert_eq!(chunks(&memory), 1);
        memory.store(5 * CHUNK - 3, 4, 0x0100_0000).expect("memory");
        assert_eq!((chunks(&memory), memory.load(5 * CHUNK, 1)), (2, 1), "of the two chunks one stays as it was");
        memory.fill(LENGTH - 100 - CHUNK..LENGTH, 9).expect("memory");
        assert_eq!(chunks(&memory), 4);
        assert_eq!(contents(&memory)[LENGTH - 101 - CHUNK..LENGTH - 99 - CHUNK], [0, 9]);
    }

    #[test]
    fn segments_are_read_where_they_lie_until_something_else_is_written() {
        static FLASH: [u8; 3 * CHUNK] = [0x55; 3 * CHUNK];
        let mut memory = memory();
        let mut model = vec![0; LENGTH];
        memory.store(CHUNK + 90, 2, 0x0202).expect("memory");
        // Over a chunk that is there, side by side, and before an earlier one.
        let segments: [(usize, &'static [u8]); 4] =
            [(100, &FLASH), (100 + FLASH.len(), b"beside"), (LENGTH - 3, b"end"), (4000, b"late")];
        for (start, bytes) in segments {
            memory.lay_under(start, bytes).expect("memory");
            model[start..start + bytes.len()].copy_from_slice(bytes);
        }
        assert_eq!((memory.background.len(), chunks(&memory)), (3, 2));
        assert_eq!(contents(&memory), model);
        // The same bytes again change nothing; one other byte copies a chunk.
        memory.write(150, &[0x55; 300]).expect("nothing to make");
        assert_eq!(chunks(&memory), 2);
        for at in [120, 100 + FLASH.len() + 2, LENGTH - 1] {
            memory.store(at, 1, 0xaa).expect("memory");
            model[at] = 0xaa;
        }
        assert_eq!((chunks(&memory), contents(&memory)), (5, model));
    }

    #[test]
    fn growing_moves_nothing_and_shows_zeros() {
        let mut memory = memory();
        memory.fill(LENGTH - 5..LENGTH, 3).expect("memory");
        let place = memory.address(LENGTH - 8).expect("memory");
        memory.resize(LENGTH * 9).expect("memory");
        assert_eq!(memory.address(LENGTH - 8), Ok(place));
        assert_eq!((memory.byte_len(), memory.load(LENGTH - 4, 8)), (LENGTH as u64 * 9, 0x0303_0303));
        memory.store(9 * LENGTH - 8, 8, u64::MAX).expect("memory");
        assert_eq!(memory.load(9 * LENGTH - 4, 4), u32::MAX.into());
    }

    #[test]
    fn addresses_are_aligned_for_atomics() {
        let mut memory = memory();
        for at in (0..2 * CHUNK).step_by(8) {
            let place = memory.address(at).expect("memory");
            assert!(place.cast::<u64>().is_aligned());
            memory.store(at, 8, at as u64).expect("memory");
            assert_eq!(memory.address(at), Ok(place));
        }
    }
}
