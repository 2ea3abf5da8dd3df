//! Patterns: comparisons fused into what consumes them.
//!
//! A comparison is written as a value first; when its consumer turns out to be a branch or an `eqz`, the op is taken back and the fused form is
//! written instead. Before and after, for `(br_if 0 (i32.lt_s (local.get 0) (i32.const 10)))`:
//! ```text
//! s0 <- i32_lt_s_si s-4, 10          br_i32_lt_s_si s-4, 10, @40
//! br_if_r reg, @40
//! ```

use super::Translator;
use super::forms::{self, Branches, Compare};
use super::frame::Retry;
use super::operands::{Entry, Immediate, Kind, Operand, Place, Registers};
use crate::code::op;
use crate::code::shape::*;

/// A comparison whose op is the last one written, for a consumer that can do better.
#[derive(Clone, Copy)]
pub(super) struct LastCompare {
    comparison: Comparison,
    lhs: Source,
    rhs: Source,
    /// Where its op stands and where it ends.
    position: usize,
    end: usize,
    /// What the registers mirrored before it.
    registers: Registers,
    /// Height of the symbolic stack with its result on top.
    depth: usize,
    /// Whether an `eqz` has been written behind it.
    inverted: bool,
}

/// An operand that can be named again: a near slot or a constant.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Slot(Kind, i16),
    Const(u64),
}

/// A comparison by the type of its immediate.
#[derive(Clone, Copy)]
pub(super) enum Comparison {
    I32(&'static Compare<i32>),
    I64(&'static Compare<i64>),
    F32(&'static Compare<F32Bits>),
    F64(&'static Compare<F64Bits>),
}

/// Ties a [`Compare`] to its [`Comparison`] and the kind of its operands.
pub(super) trait Comparable: Immediate {
    const KIND: Kind;
    fn comparison(compare: &'static Compare<Self>) -> Comparison;
}

macro_rules! comparables {
    ($($type:ty => $variant:ident),*) => { $(
        impl Comparable for $type {
            const KIND: Kind = Kind::$variant;
            fn comparison(compare: &'static Compare<Self>) -> Comparison { Comparison::$variant(compare) }
        }
    )* };
}
comparables!(i32 => I32, i64 => I64, F32Bits => F32, F64Bits => F64);

impl<R: super::Resources> Translator<'_, R> {
    /// A comparison: pops two operands and pushes an i32.
    pub(super) fn compare<I: Comparable>(&mut self, compare: &'static Compare<I>) -> Result<(), Retry> {
        let (rhs, lhs) = (self.pop(), self.pop());
        self.compare_entries(compare, lhs, rhs, Kind::I32)
    }

    /// `and`, whose result may only be tested.
    pub(super) fn and<I: Comparable>(&mut self, compare: &'static Compare<I>) -> Result<(), Retry> {
        let (rhs, lhs) = (self.pop(), self.pop());
        self.compare_entries(compare, lhs, rhs, I::KIND)
    }

    /// `eqz`: the opposite of a comparison just written, or a comparison with zero.
    pub(super) fn eqz<I: Comparable>(
        &mut self,
        compare: &'static Compare<I>,
        last: impl Fn(&LastCompare) -> bool,
    ) -> Result<(), Retry> {
        let mut original = None;
        if let Some(compare) = self.take_compare(&|compare| last(compare) && !compare.inverted) {
            let negated = match compare.comparison {
                Comparison::I32(inner) => inner.negated.map(Comparison::I32),
                Comparison::I64(inner) => inner.negated.map(Comparison::I64),
                Comparison::F32(_) | Comparison::F64(_) => None,
            };
            match negated {
                Some(comparison) => {
                    self.undo(&compare);
                    self.pop();
                    return match comparison {
                        Comparison::I32(inner) => self.compare_sources(inner, compare.lhs, compare.rhs, Kind::I32),
                        Comparison::I64(inner) => self.compare_sources(inner, compare.lhs, compare.rhs, Kind::I32),
                        Comparison::F32(_) | Comparison::F64(_) => Ok(()),
                    };
                }
                None => original = Some(compare),
            }
        }
        let operand = self.pop();
        let zero = Entry { kind: I::KIND, place: Place::Const(0), base: operand.base + operand.kind.slots() };
        self.compare_entries(compare, operand, zero, Kind::I32)?;
        if let (Some(original), Some(eqz)) = (original, self.last_compare) {
            // A branch will take both back.
            self.last_compare = Some(LastCompare { end: eqz.end, inverted: true, ..original });
        }
        Ok(())
    }

    fn compare_entries<I: Comparable>(
        &mut self,
        compare: &'static Compare<I>,
        lhs: Entry,
        rhs: Entry,
        result: Kind,
    ) -> Result<(), Retry> {
        let lhs = self.source(lhs)?;
        let rhs = self.source(rhs)?;
        self.compare_sources(compare, lhs, rhs, result)
    }

    /// The entry as an operand that stays valid when the op is taken back: near, and not only in a register.
    fn source(&mut self, entry: Entry) -> Result<Source, Retry> {
        if let Place::Const(bits) = entry.place {
            return Ok(Source::Const(bits));
        }
        self.slot(entry).map(|slot| Source::Slot(entry.kind, slot.0))
    }

    fn compare_sources<I: Comparable>(
        &mut self,
        mut compare: &'static Compare<I>,
        mut lhs: Source,
        mut rhs: Source,
        result: Kind,
    ) -> Result<(), Retry> {
        // Immediates and the register go left or right as the rows have them: register and slot left, immediate right.
        if let Source::Const(bits) = lhs {
            if let Source::Const(_) = rhs {
                // Both constant: place the left one.
                lhs = self.place_const(I::KIND, bits)?;
            } else {
                (lhs, rhs) = (rhs, lhs);
                compare = compare.swapped;
            }
        }
        if self.in_register(rhs) && !self.in_register(lhs) {
            (lhs, rhs) = (rhs, lhs);
            compare = compare.swapped;
        }
        let registers = self.registers;
        let dst = self.push_temp(result)?;
        let to = Slot(dst.near);
        let rows = &compare.value;
        let position = match (self.as_operand(lhs), self.without_register(rhs)) {
            (Operand::Slot(lhs), Operand::Slot(rhs)) => self.code.emit(rows.ss, Binary { dst: to, lhs, rhs }),
            (Operand::Slot(lhs), Operand::Const(bits)) => {
                self.code.emit(rows.si, Binary { dst: to, lhs, rhs: I::from_bits(bits) })
            }
            (_, Operand::Slot(rhs)) => self.code.emit(rows.rs, Binary { dst: to, lhs: Reg, rhs }),
            (_, Operand::Const(bits)) => self.code.emit(rows.ri, Binary { dst: to, lhs: Reg, rhs: I::from_bits(bits) }),
            (_, Operand::Reg) => return Ok(()), // `without_register` has no registers
        };
        let end = self.code.position();
        self.defined(dst, position);
        if self.code.position() == end {
            let depth = self.stack.entries.len();
            let comparison = I::comparison(compare);
            self.last_compare =
                Some(LastCompare { comparison, lhs, rhs, position, end, registers, depth, inverted: false });
        }
        Ok(())
    }

    /// A constant in a scratch temp above the stack.
    fn place_const(&mut self, kind: Kind, bits: u64) -> Result<Source, Retry> {
        let entry = Entry { kind, place: Place::Const(bits), base: self.stack.numbers };
        self.slot(entry).map(|slot| Source::Slot(kind, slot.0))
    }

    fn in_register(&self, source: Source) -> bool {
        matches!(self.as_operand(source), Operand::Reg)
    }

    fn as_operand(&self, source: Source) -> Operand {
        match source {
            Source::Const(bits) => Operand::Const(bits),
            Source::Slot(kind, slot) if self.mirrored(kind, slot.into()) => Operand::Reg,
            Source::Slot(_, slot) => Operand::Slot(Slot(slot)),
        }
    }

    fn without_register(&self, source: Source) -> Operand {
        match source {
            Source::Const(bits) => Operand::Const(bits),
            Source::Slot(_, slot) => Operand::Slot(Slot(slot)),
        }
    }

    /// The comparison that made the top entry, if its op is still the last one.
    fn take_compare(&mut self, accept: &impl Fn(&LastCompare) -> bool) -> Option<LastCompare> {
        let compare = self.last_compare.take()?;
        let last = compare.end == self.code.position() && compare.depth == self.stack.entries.len();
        (last && accept(&compare)).then_some(compare)
    }

    /// Takes the comparison's op back. Its result is still on the symbolic stack.
    fn undo(&mut self, compare: &LastCompare) {
        self.code.truncate(compare.position);
        self.registers = compare.registers;
        self.last_result = None;
    }

    /// Pops a condition for a branch; a comparison just written is taken back and returned as such.
    pub(super) fn pop_condition(&mut self) -> Result<Condition, Retry> {
        if let Some(compare) = self.take_compare(&|_| true) {
            self.undo(&compare);
            self.pop();
            return Ok(Condition::Compare(compare));
        }
        let entry = self.pop();
        if let Place::Const(bits) = entry.place {
            return Ok(Condition::Const(bits as u32 != 0));
        }
        self.slot(entry).map(|slot| Condition::Slot(slot.0))
    }

    /// Writes a branch that is taken if the condition holds (or, unless `when`, if it does not); returns where its target stands.
    /// A constant condition must have been dealt with.
    pub(super) fn branch_on(&mut self, condition: Condition, when: bool) -> usize {
        match condition {
            Condition::Const(_) => {
                self.code.emit(op::br, Jump { target: Target(0) });
            }
            Condition::Slot(slot) => {
                let target = Target(0);
                match (self.mirrored(Kind::I32, slot.into()), when) {
                    (true, true) => self.code.emit(op::br_if_r, BranchIf { src: Reg, target }),
                    (true, false) => self.code.emit(op::br_unless_r, BranchIf { src: Reg, target }),
                    (false, true) => self.code.emit(op::br_if_s, BranchIf { src: Slot(slot), target }),
                    (false, false) => self.code.emit(op::br_unless_s, BranchIf { src: Slot(slot), target }),
                };
            }
            Condition::Compare(LastCompare { comparison, lhs, rhs, inverted, .. }) => {
                let when = when != inverted;
                match comparison {
                    Comparison::I32(compare) => self.branch_compare(compare, lhs, rhs, when),
                    Comparison::I64(compare) => self.branch_compare(compare, lhs, rhs, when),
                    Comparison::F32(compare) => self.branch_compare(compare, lhs, rhs, when),
                    Comparison::F64(compare) => self.branch_compare(compare, lhs, rhs, when),
                }
            }
        }
        self.code.position() - size_of::<Target>()
    }

    fn branch_compare<I: Comparable>(
        &mut self,
        mut compare: &'static Compare<I>,
        mut lhs: Source,
        mut rhs: Source,
        when: bool,
    ) {
        if self.in_register(rhs) && !self.in_register(lhs) {
            (lhs, rhs) = (rhs, lhs);
            compare = compare.swapped;
        }
        let rows: &Branches<I> = if when { &compare.taken } else { &compare.not_taken };
        let target = Target(0);
        match (self.as_operand(lhs), self.without_register(rhs)) {
            (Operand::Slot(lhs), Operand::Slot(rhs)) => self.code.emit(rows.ss, BranchCompare { lhs, rhs, target }),
            (Operand::Slot(lhs), Operand::Const(bits)) => {
                self.code.emit(rows.si, BranchCompare { lhs, rhs: I::from_bits(bits), target })
            }
            (_, Operand::Const(bits)) => {
                self.code.emit(rows.ri, BranchCompare { lhs: Reg, rhs: I::from_bits(bits), target })
            }
            (_, Operand::Slot(rhs)) => self.code.emit(rows.rs, BranchCompare { lhs: Reg, rhs, target }),
            (_, Operand::Reg) => return, // `without_register` has no registers
        };
    }
}

/// The condition of a branch.
#[derive(Clone, Copy)]
pub(super) enum Condition {
    Const(bool),
    Slot(i16),
    Compare(LastCompare),
}

/// `and` as a comparison whose value is the conjunction.
pub(super) static AND: (&Compare<i32>, &Compare<i64>) = (&forms::I32_TEST, &forms::I64_TEST);

impl LastCompare {
    /// Whether the op made an i32 truth value or an i32 whose truth is tested (not an i64 `and`, which `i32` consumers cannot see).
    pub(super) fn is_i32(&self) -> bool {
        self.inverted || !matches!(self.comparison, Comparison::I64(compare) if core::ptr::eq(compare, AND.1))
    }

    /// Whether the op is an i64 `and`.
    pub(super) fn is_i64_and(&self) -> bool {
        !self.is_i32()
    }
}

impl core::fmt::Debug for LastCompare {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "comparison at {}", self.position)
    }
}
