//! Branches back to a loop: where its header is a few ops and a branch, they are written again in place of the jump to them.
//!
//! A jump costs as much as any op and does nothing. With the header in its place the branch that ends it is turned round, so that it leads
//! behind the first header as long as the loop goes on; a branch table is not copied but gone through again:
//! ```text
//! @10 s1 <- i64_load8_u_s s0             @10 s1 <- i64_load8_u_s s0
//! @20 br_i32_eq_ri reg, 0, @60           @20 br_i32_eq_ri reg, 0, @60
//! @30 …                                  @30 …
//! @50 br @10                             @50 s1 <- i64_load8_u_s s0
//!                                        @60 br_i32_ne_ri reg, 0, @30
//!                                        @70 br @80
//! ```
//! Charges and polls of the header are among the copied ops, so that counts and interruptions are those of the jump. Assumes that the header
//! is reached from its start alone; promises to copy no op whose meaning depends on where it stands: no branch, and no call, since what a
//! call throws is caught by ranges of code.

use alloc::collections::TryReserveError;

use super::Translator;
use super::control::{Label, relative};
use super::fuse::Condition;
use super::operands::Registers;
use crate::code::decode::DecodedOp;
use crate::code::op;
use crate::code::shape::*;

/// Bytes of ops that are written again for each branch back: three or four ops.
const LONGEST: usize = 48;

/// The header of a loop: its ops up to the first branch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    start: usize,
    end: usize,
    branch: Branch,
}

/// The branch that ends a header.
#[derive(Clone, Copy, Debug)]
enum Branch {
    /// To `taken` if `condition` is `when`, else to what stands at `behind`.
    Test { condition: Condition, when: bool, registers: Registers, taken: Label, behind: usize },
    /// A branch table, whose index is in the register or in a slot.
    Table { in_register: bool },
}

/// A loop whose ops so far are its header.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenHeader {
    /// Index of the loop among the open blocks.
    pub control: usize,
    pub start: usize,
}

/// Ops that have been written again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeated {
    from: usize,
    end: usize,
    to: usize,
}

impl<R: super::Resources> Translator<'_, R> {
    /// A header ends in the branch on `condition` that stands from `end` to `behind` and is taken if it is `when`.
    pub(super) fn header_ends_in_test(
        &mut self,
        (end, registers): (usize, Registers),
        (condition, when): (Condition, bool),
        taken: Label,
        behind: usize,
    ) {
        self.header_ends(end, Branch::Test { condition, when, registers, taken, behind });
    }

    /// A header ends in the branch table at `end`.
    pub(super) fn header_ends_in_table(&mut self, end: usize, in_register: bool) {
        self.header_ends(end, Branch::Table { in_register });
    }

    fn header_ends(&mut self, end: usize, branch: Branch) {
        // Small builds have neither this nor the table by which ops are looked into.
        if !self.specializes() {
            return;
        }
        let Some(OpenHeader { control, start }) = self.open_header.take() else { return };
        if end - start <= LONGEST && self.can_be_repeated(start, end) {
            self.set_header(control, Header { start, end, branch });
        }
    }

    /// Whether the ops from `start` to `end` mean the same elsewhere. A step at their end that the branch has taken in is a branch.
    fn can_be_repeated(&self, start: usize, end: usize) -> bool {
        let units = &self.code.units()[..end / 2];
        let mut position = start;
        while position < end {
            let Some(op) = DecodedOp::at(units, position) else { return false };
            let mut fixed = false;
            op.visit(&mut |_, _, field| fixed |= matches!(field, Field::Target(_) | Field::Advance(_)));
            if fixed {
                return false;
            }
            position = op.end;
        }
        true
    }

    /// A branch back to the loop with this header.
    pub(super) fn repeat(&mut self, header: Header) -> Result<(), TryReserveError> {
        let Header { start, end, branch } = header;
        self.room()?;
        self.repeated = Some(Repeated { from: start, end, to: self.code.position() });
        self.code.repeat(start, end);
        self.forget_last();
        match branch {
            Branch::Test { condition, when, registers, taken, behind } => {
                // What registers mirror here is as good as what they mirrored there, where nothing was written between.
                if start < end {
                    self.registers = registers;
                }
                let field = self.branch_on(condition, !when);
                self.code.write_i32(field, relative(field, behind));
                let field = self.code.emit(op::br, Jump { target: Target(0) }) + size_of::<u16>();
                self.target(taken, field);
            }
            Branch::Table { in_register } => {
                let code = if in_register { op::br_table_again_r } else { op::br_table_again_s };
                let field = self.code.emit(code, Jump { target: Target(0) }) + size_of::<u16>();
                self.code.write_i32(field, relative(field, end));
            }
        }
        Ok(())
    }

    /// Notes of ops written again what instructions they belong to.
    pub(super) fn repeat_offsets(&mut self) -> Result<(), TryReserveError> {
        let (Some(Repeated { from, end, to }), Some(offsets)) = (self.repeated.take(), &mut self.offsets) else {
            return Ok(());
        };
        let first = offsets.partition_point(|(position, _)| (*position as usize) < from);
        let last = offsets.partition_point(|(position, _)| (*position as usize) < end);
        offsets.try_reserve(last.saturating_sub(first))?;
        for index in first..last {
            let (position, offset) = offsets[index];
            offsets.push((position + (to - from) as u32, offset));
        }
        Ok(())
    }
}
