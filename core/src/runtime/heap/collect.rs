//! The collector: marks what the roots reach, then makes everything else free.
//!
//! Precise (roots and fields are known to be references), non-moving, not incremental, and never recursive. Objects that
//! are marked but not yet scanned wait on a stack whose room, a fixed share of the heap, was reserved when the heap grew;
//! collecting allocates nothing. When the stack is full an object stays off it, and the marked objects are scanned anew
//! in address order once the stack is empty. Each such pass has filled the stack at least once, so there are at most as
//! many passes as the heap is larger than its stack, a constant.

use core::ops::Range;

use super::{Extern, Handle, Header, Heap, Kind, bit};
use crate::types::layout::is_traced;
use crate::types::{CompositeType, StorageType, Types};

impl Heap {
    /// Frees every object that neither `visit_roots` nor the host's roots lead to. `visit_roots` calls its argument with
    /// each reference held outside the heap; values that are no objects do no harm. Host values whose objects go are
    /// dropped last, when the heap is in order again, since their destructors may panic.
    pub(crate) fn collect(&mut self, types: &impl Types, visit_roots: impl FnOnce(&mut dyn FnMut(Handle))) {
        self.marks.fill(0);
        self.gray.clear();
        self.overflowed = false;
        visit_roots(&mut |handle| self.mark_root(handle, types));
        let roots = core::mem::take(&mut self.roots);
        roots.for_each(|handle| self.mark_root(handle, types));
        self.roots = roots;
        self.scan_gray(types);
        while core::mem::take(&mut self.overflowed) {
            for group in 0..self.marks.len() {
                let mut seen = 0;
                // Scanning may mark more objects of the group, before or behind.
                while let Some(place) = next_bit(self.marks[group] & !seen) {
                    seen |= 1 << place;
                    self.scan(group * 64 + place, types);
                    self.scan_gray(types);
                }
            }
        }
        self.sweep();
        self.drop_externs();
    }

    fn mark_root(&mut self, handle: Handle, types: &impl Types) {
        self.mark(handle);
        if self.gray.len() == self.gray.capacity() {
            self.scan_gray(types);
        }
    }

    fn mark(&mut self, handle: Handle) {
        let Some(index) = self.object_index(handle) else { return };
        let (group, mask) = bit(index);
        if self.marks[group] & mask != 0 {
            return;
        }
        self.marks[group] |= mask;
        if Header(self.space.words[index]).is_traced() {
            // `push` never grows the stack: collecting must not allocate.
            if self.gray.len() < self.gray.capacity() {
                self.gray.push(index as u32);
            } else {
                self.overflowed = true;
            }
        }
    }

    fn scan_gray(&mut self, types: &impl Types) {
        while let Some(index) = self.gray.pop() {
            self.scan(index as usize, types);
        }
    }

    /// Marks what the object at a word refers to.
    fn scan(&mut self, index: usize, types: &impl Types) {
        let header = Header(self.space.words[index]);
        if !header.is_traced() {
            return;
        }
        let payload = index + 1;
        match (header.kind(), types.defined(header.type_id())) {
            (Kind::Struct, Some(ty)) => {
                for offset in &ty.layout().traced {
                    self.mark_half(payload, *offset as usize / 4);
                }
                if header.has_descriptor() {
                    self.mark_half(payload, (header.payload_words() - 1) * 2);
                }
            }
            (Kind::Exception, Some(ty)) => {
                if let CompositeType::Func(func) = &ty.sub_type().composite {
                    let is_func = |id| types.defined(id).is_some_and(|ty| ty.sub_type().as_func().is_some());
                    let mut slot = super::EXCEPTION_SLOTS;
                    for param in func.params() {
                        if is_traced(StorageType::Val(*param), is_func) {
                            self.mark_half(payload, slot * 2);
                        }
                        slot += param.slots() as usize;
                    }
                }
            }
            // Elements that are traced are handles throughout. The same reading of an object whose type nobody knows,
            // which does not happen, keeps too much alive rather than too little.
            _ => (0..header.payload_words() * 2).for_each(|half| self.mark_half(payload, half)),
        }
    }

    fn mark_half(&mut self, payload: usize, half: usize) {
        if let Some(word) = self.space.words.get(payload + half / 2) {
            self.mark(Handle::from_bits((word >> (half % 2 * 32)) as u32));
        }
    }

    /// Turns the gaps between marked objects into free blocks: from the end, so that each list runs upwards.
    fn sweep(&mut self) {
        let mut free_end = self.space.words.len() as u32;
        let mut at_end = true;
        self.object_words = 0;
        for group in (0..self.starts.len()).rev() {
            // Marks are set at starts only.
            let mut objects = self.marks[group];
            self.starts[group] = objects;
            while objects != 0 {
                let place = 63 - objects.leading_zeros();
                objects &= !(1 << place);
                let start = group as u32 * 64 + place;
                let size = Header(self.space.words[start as usize]).object_words() as u32;
                self.free((start + size).min(free_end)..free_end, &mut at_end);
                free_end = start;
                self.object_words += u64::from(size);
            }
        }
        self.free(1.min(free_end)..free_end, &mut at_end);
        self.set_threshold();
    }

    /// The last gap is where the heap can grow, so objects are cut from it first.
    fn free(&mut self, gap: Range<u32>, at_end: &mut bool) {
        if core::mem::take(at_end) {
            self.space.restart(gap);
        } else {
            self.space.give(gap);
        }
    }

    /// Drops the host values whose objects are gone.
    fn drop_externs(&mut self) {
        for index in 0..self.externs.len() {
            let Extern::Live { handle, .. } = self.externs[index] else { continue };
            // After a destructor's panic an entry can outlive its object, so the object is asked for its entry too.
            let alive = self.object_index(handle).is_some_and(|at| {
                let header = Header(self.space.words[at]);
                header.kind() == Kind::Extern && header.high() as usize == index
            });
            if !alive {
                let next = self.free_extern.replace(index as u32);
                let gone = core::mem::replace(&mut self.externs[index], Extern::Free { next });
                if let Extern::Live { value, .. } = gone {
                    self.extern_bytes -= size_of_val(&*value);
                    drop(value);
                }
            }
        }
    }
}

fn next_bit(bits: u64) -> Option<usize> {
    (bits != 0).then(|| bits.trailing_zeros() as usize)
}
