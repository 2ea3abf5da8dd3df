//! Reading code: the ops of a body one after another, for the disassembler, the verifier and the driver.

use super::chain::{self, Chain};
use super::op::{OpCode, for_each_op};
use super::shape::*;

/// Reads the shape that stands at `at`.
///
/// # Safety
/// `at` points to a shape of this type in code (I1: only `CodeBuffer::emit` writes code, and opcodes determine shapes).
#[inline(always)]
pub(crate) unsafe fn read<S: Copy>(at: *const u16) -> S {
    // SAFETY: the caller's promise; the read is unaligned.
    unsafe { at.cast::<S>().read_unaligned() }
}

/// Calls `visitor` with each field of the shape that `units` hold.
///
/// # Safety
/// I1: `units` are a shape of this type, all of plain integers.
unsafe fn visit_as<S: Shape>(units: &[u16], visitor: &mut dyn FnMut(Role, &'static str, Field)) {
    debug_assert_eq!(units.len() * 2, size_of::<S>());
    // SAFETY: the caller's promise.
    unsafe { read::<S>(units.as_ptr()) }.visit(visitor);
}

/// One op found in code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DecodedOp<'a> {
    /// Which op.
    pub opcode: OpCode,
    /// The chain that it begins: then it runs the ops behind it too.
    pub chain: Option<Chain>,
    /// Byte offset of the op.
    pub position: usize,
    /// Byte offset behind the op and, for a branch table, behind its targets.
    pub end: usize,
    shape: &'a [u16],
    /// The targets behind a branch table, as 16-bit halves.
    table: &'a [u16],
}

impl<'a> DecodedOp<'a> {
    /// Decodes the op at byte offset `position`; `None` where no whole op stands.
    pub(crate) fn at(units: &'a [u16], position: usize) -> Option<DecodedOp<'a>> {
        let start = position / 2;
        let number = *units.get(start)?;
        let (opcode, chain) = match OpCode::from_u16(number) {
            Some(opcode) => (opcode, None),
            None => (chain::first(number)?, chain::of(number)),
        };
        let shape_units = opcode.shape_len() / 2;
        let shape = units.get(start + 1..start + 1 + shape_units)?;
        let mut op = DecodedOp { opcode, chain, position, end: position + 2 + opcode.shape_len(), shape, table: &[] };
        if matches!(opcode, OpCode::br_table_s | OpCode::br_table_r) {
            let mut count = 0;
            op.visit(&mut |_, _, field| {
                if let Field::Index32(value) = field {
                    count = value as usize;
                }
            });
            op.table = units.get(op.end / 2..(op.end / 2).checked_add(count.checked_mul(2)?)?)?;
            op.end += count * 4;
        }
        Some(op)
    }

    /// Calls `visitor` with each field.
    pub(crate) fn visit(&self, visitor: &mut dyn FnMut(Role, &'static str, Field)) {
        macro_rules! visit_fields {
            ($($section:ident { $($name:ident $shape:tt = $family:ident $(($($semantics:tt)*))?;)* })*) => {
                match self.opcode {
                    // SAFETY: I1 — `self.shape` is exactly as long as the opcode's shape.
                    $($(OpCode::$name => unsafe { visit_as::<$shape>(self.shape, visitor) },)*)*
                }
            };
        }
        for_each_op!(visit_fields);
    }

    /// The branch table's targets, relative to the end of the op.
    pub(crate) fn table_targets(&self) -> impl Iterator<Item = i32> + 'a {
        self.table.chunks_exact(2).map(|halves| {
            let [a, b] = halves[0].to_ne_bytes();
            let [c, d] = halves[1].to_ne_bytes();
            i32::from_ne_bytes([a, b, c, d])
        })
    }
}

/// The ops of a body in order.
pub(crate) fn ops(units: &[u16]) -> impl Iterator<Item = DecodedOp<'_>> {
    let mut position = 0;
    core::iter::from_fn(move || {
        let op = DecodedOp::at(units, position)?;
        position = op.end;
        Some(op)
    })
}
