//! Which words of the heap are free: a region to cut from in order, and lists of free blocks by size.
//!
//! A free block holds its own size and the index of the next block of its list in its first word, so the lists take no
//! memory. The collector rebuilds them from the gaps between the survivors, which merges neighbours. Word 0 is never
//! handed out: 0 ends a list.

use alloc::vec::Vec;
use core::ops::Range;

/// Blocks below this size have a list for each size, larger ones a list for each power of two.
const SMALL: u32 = 32;

/// How many blocks of the right power of two are tried before the next power, in a search that need not be thorough.
const TRIES: u32 = 8;

#[derive(Debug, Default)]
pub(super) struct Space {
    /// The heap itself; objects and free blocks.
    pub(super) words: Vec<u64>,
    /// Where the next small objects are cut from.
    current: Range<u32>,
    /// First block of each size below `SMALL`.
    small: [u32; SMALL as usize],
    /// First block of each power of two.
    large: [u32; 32],
    /// Bit n: `small[n]` is not empty.
    small_occupied: u32,
    /// Bit n: `large[n]` is not empty.
    large_occupied: u32,
}

impl Space {
    /// Takes `size` > 0 words, unless the free ones are too scattered. A thorough search misses nothing that fits.
    pub(super) fn take(&mut self, size: u32, thorough: bool) -> Option<u32> {
        if self.current.end - self.current.start >= size {
            return Some(self.cut(size));
        }
        if size < SMALL && self.small_occupied & (1 << size) != 0 {
            return Some(self.pop_small(size as usize));
        }
        let block = self.larger(size, thorough)?;
        let rest = core::mem::replace(&mut self.current, block);
        self.give(rest);
        Some(self.cut(size))
    }

    /// Takes the front of the current region, which is large enough.
    fn cut(&mut self, size: u32) -> u32 {
        let start = self.current.start;
        self.current.start += size;
        start
    }

    /// Unlinks some block of at least `size` words.
    fn larger(&mut self, size: u32, thorough: bool) -> Option<Range<u32>> {
        if size < SMALL {
            let fitting = self.small_occupied & (u32::MAX << size);
            // Large blocks first: what is left of a small one is seldom of use.
            if self.large_occupied == 0 && fitting != 0 {
                let class = fitting.trailing_zeros();
                let start = self.pop_small(class as usize);
                return Some(start..start + class);
            }
        }
        let class = size.max(SMALL).ilog2();
        let mut previous = 0;
        let mut block = self.large[class as usize];
        let mut tries = 0;
        while block != 0 && (thorough || tries < TRIES) {
            let (length, next) = self.block(block);
            if length >= size {
                match previous {
                    0 => self.set_large(class as usize, next),
                    _ => {
                        let (length, _) = self.block(previous);
                        self.set_block(previous, length, next);
                    }
                }
                return Some(block..block + length);
            }
            (previous, block) = (block, next);
            tries += 1;
        }
        let class = (self.large_occupied & (u32::MAX << class << 1)).trailing_zeros();
        let block = *self.large.get(class as usize)?;
        let (length, next) = self.block(block);
        self.set_large(class as usize, next);
        Some(block..block + length)
    }

    /// Adds a free block to its list; an empty one is nothing.
    pub(super) fn give(&mut self, block: Range<u32>) {
        let length = block.end - block.start;
        if length == 0 {
            return;
        }
        if length < SMALL {
            self.set_block(block.start, length, self.small[length as usize]);
            self.small[length as usize] = block.start;
            self.small_occupied |= 1 << length;
        } else {
            let class = length.ilog2() as usize;
            self.set_block(block.start, length, self.large[class]);
            self.set_large(class, block.start);
        }
    }

    /// How many words [`extend`](Self::extend) must add for an object of `size`, counting free ones at the end.
    pub(super) fn shortage(&self, size: u32) -> u32 {
        let at_end = self.current.end as usize == self.words.len();
        let first = u32::from(self.words.is_empty());
        first + size - if at_end { (self.current.end - self.current.start).min(size) } else { 0 }
    }

    /// Lets new words at the end, for which there is room in `words`, become the current region.
    pub(super) fn extend(&mut self, words: u32) {
        // The first word belongs to nobody.
        let end = (self.words.len() as u32).max(1);
        self.words.resize(self.words.len() + words as usize, 0);
        let len = self.words.len() as u32;
        if self.current.end == end && !self.current.is_empty() {
            self.current.end = len;
        } else {
            let rest = core::mem::replace(&mut self.current, end.min(len)..len);
            self.give(rest);
        }
    }

    /// Forgets all free blocks but the one at the end, before the collector gives them anew.
    pub(super) fn restart(&mut self, end: Range<u32>) {
        (self.small, self.large) = ([0; SMALL as usize], [0; 32]);
        (self.small_occupied, self.large_occupied) = (0, 0);
        self.current = end;
    }

    fn block(&self, start: u32) -> (u32, u32) {
        let word = self.words[start as usize];
        (word as u32, (word >> 32) as u32)
    }

    fn set_block(&mut self, start: u32, length: u32, next: u32) {
        self.words[start as usize] = u64::from(length) | u64::from(next) << 32;
    }

    fn pop_small(&mut self, size: usize) -> u32 {
        let start = self.small[size];
        let (_, next) = self.block(start);
        self.small[size] = next;
        if next == 0 {
            self.small_occupied &= !(1 << size);
        }
        start
    }

    fn set_large(&mut self, class: usize, first: u32) {
        self.large[class] = first;
        if first == 0 {
            self.large_occupied &= !(1 << class);
        } else {
            self.large_occupied |= 1 << class;
        }
    }
}
