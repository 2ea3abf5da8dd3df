//! Writing code: ops into a growing buffer of two-byte units.
//!
//! The buffer never holds a half-written op. Positions are byte offsets from the start of the body.

use alloc::collections::TryReserveError;
use alloc::vec::Vec;

use super::chain;
use super::op::{Code, OpCode};
use super::shape::{Shape, Target, exists};

/// A function body being written.
#[derive(Default, Debug)]
pub(crate) struct CodeBuffer {
    units: Vec<u16>,
    /// Units that have stood since [`mark`](Self::mark).
    untouched: usize,
}

/// Byte offset in a [`CodeBuffer`].
pub(crate) type Position = usize;

impl CodeBuffer {
    /// Makes room for `units` more two-byte units, so that writing them allocates nothing.
    pub(crate) fn reserve(&mut self, units: usize) -> Result<(), TryReserveError> {
        self.units.try_reserve(units)
    }

    /// Where the next op will stand.
    pub(crate) fn position(&self) -> Position {
        self.units.len() * 2
    }

    /// Appends an op and returns its position.
    pub(crate) fn emit<S: Shape>(&mut self, code: Code<S>, shape: S) -> Position {
        let position = self.position();
        // Nobody asks for an op that this build does not have; knowing it takes the code that would out of the build.
        #[cfg(any(test, debug_assertions, feature = "checked"))]
        assert!(exists::<S>(), "{} is not in this build", code.opcode.name());
        if exists::<S>() {
            self.units.push(code.opcode as u16);
            self.append(&shape);
        }
        position
    }

    /// Appends bare data: the targets behind a branch table.
    pub(crate) fn emit_target(&mut self, target: Target) -> Position {
        let position = self.position();
        self.append(&target);
        position
    }

    /// Appends what stands from `start` to `end` once more.
    pub(crate) fn repeat(&mut self, start: Position, end: Position) {
        self.units.extend_from_within(start / 2..end / 2);
    }

    /// Forgets everything from `position` on.
    pub(crate) fn truncate(&mut self, position: Position) {
        self.units.truncate(position / 2);
        self.untouched = self.untouched.min(position / 2);
    }

    /// From here on, note how far back ops are taken back.
    pub(crate) fn mark(&mut self) {
        self.untouched = self.units.len();
    }

    /// Where what has been written since [`mark`](Self::mark) begins.
    pub(crate) fn marked(&self) -> Position {
        self.untouched * 2
    }

    /// Overwrites the destination (the first field) of the op at `position`.
    pub(crate) fn set_destination(&mut self, position: Position, slot: i16) {
        self.units[position / 2 + 1] = slot as u16;
    }

    /// The op that stands from `position` to the end of what has been written, and its first field; `None` if none does.
    pub(crate) fn last_op(&self, position: Position) -> Option<(OpCode, u16)> {
        let opcode = OpCode::from_u16(*self.units.get(position / 2)?)?;
        let whole = position + size_of::<u16>() + opcode.shape_len() == self.position();
        whole.then_some((opcode, *self.units.get(position / 2 + 1)?))
    }

    /// Puts another op of the same shape in place of the one at `position`.
    pub(crate) fn set_opcode(&mut self, position: Position, opcode: OpCode) {
        self.units[position / 2] = opcode as u16;
    }

    /// Reads the 32-bit field at `position`.
    pub(crate) fn read_i32(&self, position: Position) -> i32 {
        let (first, second) = (self.units[position / 2], self.units[position / 2 + 1]);
        let [a, b] = first.to_ne_bytes();
        let [c, d] = second.to_ne_bytes();
        i32::from_ne_bytes([a, b, c, d])
    }

    /// Overwrites the 32-bit field at `position`.
    pub(crate) fn write_i32(&mut self, position: Position, value: i32) {
        let [a, b, c, d] = value.to_ne_bytes();
        self.units[position / 2] = u16::from_ne_bytes([a, b]);
        self.units[position / 2 + 1] = u16::from_ne_bytes([c, d]);
    }

    /// Puts chains in place of the ops that are the first of one, when all is written.
    pub(crate) fn join(&mut self) {
        chain::join(&mut self.units);
    }

    /// Appends units that are whole ops.
    #[cfg(test)]
    pub(crate) fn append_units(&mut self, units: &[u16]) {
        self.units.extend_from_slice(units);
    }

    /// Puts any number in place of that of the op at `position`.
    #[cfg(all(test, tail))]
    pub(crate) fn set_number(&mut self, position: Position, number: u16) {
        self.units[position / 2] = number;
    }

    /// Empties the buffer, keeping its room.
    pub(crate) fn clear(&mut self) {
        self.units.clear();
    }

    /// The finished code.
    pub(crate) fn units(&self) -> &[u16] {
        &self.units
    }

    /// Appends the bytes of `value`, whose type must be a packed(2) struct (or a 32-bit word).
    fn append<T: Copy>(&mut self, value: &T) {
        const { assert!(size_of::<T>().is_multiple_of(2), "shapes consist of two-byte units") };
        let count = size_of::<T>() / 2;
        let start = core::ptr::from_ref(value).cast::<u16>();
        // SAFETY: I1 — shapes are packed structs of integers without padding, so every byte is initialised; the length is a
        // multiple of two and `u16` reads are unaligned.
        self.units.extend((0..count).map(|unit| unsafe { start.add(unit).read_unaligned() }));
    }
}
