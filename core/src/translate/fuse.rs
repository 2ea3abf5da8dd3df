//! Patterns: comparisons fused into what consumes them.
//!
//! A comparison is written as a value first; when its consumer turns out to be a branch or an `eqz`, the op is taken back and the fused form is
//! written instead. Before and after, for `(br_if 0 (i32.lt_s (local.get 0) (i32.const 10)))`:
//! ```text
//! s0 <- i32_lt_s_si s-4, 10          br_i32_lt_s_si s-4, 10, @40
//! br_if_r reg, @40
//! ```

use super::Translator;
use super::forms::{self, AddForms, Branches, Commutative, Compare, LoadForms, ShiftForms};
use super::frame::Retry;
use super::operands::{Entry, Immediate, Kind, Operand, Place, Register, Registers};
use crate::code::op::{self, Code};
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
        self.spare_source(lhs);
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

    /// The op that is written next takes this operand from the register, if it is there.
    fn spare_source(&mut self, source: Source) {
        if let (true, Source::Slot(_, slot)) = (self.in_register(source), source) {
            self.spare(slot.into());
        }
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
        // Something else may have taken its place without a word: a dropped result and a local read.
        let is_it = last && self.peek(0).is_some_and(|entry| entry.place == Place::Temp);
        (is_it && accept(&compare)).then_some(compare)
    }

    /// Takes the comparison's op back. Its result is still on the symbolic stack.
    fn undo(&mut self, compare: &LastCompare) {
        self.take_back(compare.position);
        self.registers = compare.registers;
        self.last_result = None;
    }

    /// Pops a condition for a branch; a comparison just written is taken back and returned as such.
    pub(super) fn pop_condition(&mut self) -> Result<Condition, Retry> {
        let specializes = self.specializes();
        if let Some(compare) = self.take_compare(&|_| specializes) {
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

    // ---- two operations in one

    /// An operand that can be named again, without writing anything.
    fn source_of(&self, depth: usize) -> Option<Source> {
        let entry = self.peek(depth)?;
        match entry.place {
            Place::Const(bits) => Some(Source::Const(bits)),
            _ => Some(Source::Slot(entry.kind, i16::try_from(self.slot_of(entry).ok()??).ok()?)),
        }
    }

    /// Runs `emit` for a binary operation on the top two entries and remembers it for its consumer.
    pub(super) fn remembered(
        &mut self,
        operation: Operation,
        emit: impl FnOnce(&mut Self) -> Result<(), Retry>,
    ) -> Result<(), Retry> {
        let (lhs, rhs) = (self.source_of(1), self.source_of(0));
        let (position, registers) = (self.code.position(), self.registers);
        emit(self)?;
        self.last_operation = match (lhs, rhs, self.last_result) {
            (Some(lhs), Some(rhs), Some(last)) if last.position == position => {
                let (lhs, rhs) = if matches!(lhs, Source::Const(_)) { (rhs, lhs) } else { (lhs, rhs) };
                let (end, depth) = (self.code.position(), self.stack.entries.len());
                Some(LastOperation { operation, lhs, rhs, third: Source::Const(0), position, end, registers, depth })
            }
            _ => None,
        };
        Ok(())
    }

    /// The operation whose result is the entry at `depth` from the top, if nothing has been written since.
    fn take_operation(&mut self, depth: usize) -> Option<LastOperation> {
        let last = self.last_operation.take().filter(|_| self.specializes())?;
        let is_it = last.end == self.code.position() && last.depth + depth == self.stack.entries.len();
        // Something else may have taken its place without a word: a dropped result and a local read.
        (is_it && self.peek(depth).is_some_and(|entry| entry.place == Place::Temp)).then_some(last)
    }

    /// Takes the operation's op back.
    fn undo_operation(&mut self, last: &LastOperation) {
        self.take_back(last.position);
        self.registers = last.registers;
        self.forget_last();
    }

    /// An addition, perhaps of a product or of a shifted index just made.
    /// ```text
    /// s5 <- f64_mul_ss s1, s2            s5 <- f64_mul_add_sss s1, s2, s0
    /// s5 <- f64_add_rs reg, s0
    /// ```
    pub(super) fn add<I: Immediate>(
        &mut self,
        kind: Kind,
        rows: &Commutative<I>,
        fused: &AddForms,
    ) -> Result<(), Retry> {
        // The product may be either operand; a local or constant above it has written nothing.
        let (last, other) = match self.peek(0).map(|entry| entry.place) {
            Some(Place::Temp) => (self.take_operation(0), 1),
            _ => (self.take_operation(1), 0),
        };
        let (Some(last), Some(other)) = (last, self.source_of(other)) else { return self.plain_add(kind, rows) };
        match (last.operation, last.rhs, &fused.shl_add, other) {
            (Operation::Mul, Source::Slot(_, factor), _, Source::Slot(_, addend)) => {
                self.undo_operation(&last);
                self.pop();
                self.pop();
                let (mut first, mut second) = (last.lhs, factor);
                if let (true, false, Source::Slot(_, slot)) =
                    (self.in_register(last.rhs), self.in_register(first), first)
                {
                    (first, second) = (last.rhs, slot);
                }
                self.spare_source(first);
                let position = self.code.position();
                let dst = self.push_temp(kind)?;
                let (to, second, third) = (Slot(dst.near), Slot(second), Slot(addend));
                match self.as_operand(first) {
                    Operand::Slot(first) => self.code.emit(fused.mul_add_s, Fused { dst: to, first, second, third }),
                    _ => self.code.emit(fused.mul_add_r, Fused { dst: to, first: Reg, second, third }),
                };
                self.defined(dst, position);
                Ok(())
            }
            (Operation::Shl, Source::Const(shift), Some(rows), base) => {
                self.undo_operation(&last);
                self.pop();
                self.pop();
                self.spare_source(last.lhs);
                let (registers, position) = (self.registers, self.code.position());
                let dst = self.push_temp(kind)?;
                let (to, second) = (Slot(dst.near), shift as i32);
                match (self.as_operand(last.lhs), self.without_register(base)) {
                    (Operand::Slot(first), Operand::Slot(third)) => {
                        self.code.emit(rows.sis, Fused { dst: to, first, second, third })
                    }
                    (Operand::Slot(first), third) => {
                        self.code.emit(rows.sii, Fused { dst: to, first, second, third: constant(third) })
                    }
                    (_, Operand::Slot(third)) => self.code.emit(rows.ris, Fused { dst: to, first: Reg, second, third }),
                    (_, third) => {
                        self.code.emit(rows.rii, Fused { dst: to, first: Reg, second, third: constant(third) })
                    }
                };
                self.defined(dst, position);
                let (end, depth) = (self.code.position(), self.stack.entries.len());
                let operation = Operation::ShlAdd;
                self.last_operation =
                    Some(LastOperation { operation, third: base, position, end, registers, depth, ..last });
                Ok(())
            }
            _ => self.plain_add(kind, rows),
        }
    }

    /// An addition whose sum may become an address or a step.
    fn plain_add<I: Immediate>(&mut self, kind: Kind, rows: &Commutative<I>) -> Result<(), Retry> {
        self.remembered(Operation::Add, |this| this.commutative(kind, rows))
    }

    /// `and`, perhaps of a shifted value just made.
    /// ```text
    /// s3 <- i32_shr_u_si s0, 4           s3 <- i32_shr_u_and_sii s0, 4, 15
    /// s3 <- i32_and_ri reg, 15
    /// ```
    pub(super) fn i32_and(&mut self) -> Result<(), Retry> {
        if let Some(Entry { place: Place::Const(mask), .. }) = self.peek(0)
            && let Some(last) = self.take_operation(1)
            && let (Operation::ShrU(Kind::I32), Source::Const(shift)) = (last.operation, last.rhs)
        {
            self.undo_operation(&last);
            self.pop();
            self.pop();
            self.spare_source(last.lhs);
            let position = self.code.position();
            let dst = self.push_temp(Kind::I32)?;
            let (to, second, third) = (Slot(dst.near), shift as i32, mask as i32);
            match self.as_operand(last.lhs) {
                Operand::Slot(first) => self.code.emit(op::i32_shr_u_and_sii, Fused { dst: to, first, second, third }),
                _ => self.code.emit(op::i32_shr_u_and_rii, Fused { dst: to, first: Reg, second, third }),
            };
            self.defined(dst, position);
            return Ok(());
        }
        self.and(AND.0)
    }

    /// `xor`, perhaps with a value just shifted down.
    /// ```text
    /// s3 <- i32_shr_u_si s0, 8           s3 <- i32_shr_u_xor_sis s0, 8, s1
    /// s3 <- i32_xor_rs reg, s1
    /// ```
    pub(super) fn xor<I: Immediate>(
        &mut self,
        kind: Kind,
        rows: &Commutative<I>,
        shifted: &ShiftForms,
    ) -> Result<(), Retry> {
        // The shifted value may be either operand; a local above it has written nothing.
        let (last, other) = match self.peek(0).map(|entry| entry.place) {
            Some(Place::Temp) => (self.take_operation(0), 1),
            _ => (self.take_operation(1), 0),
        };
        let (Some(last), Some(other @ Source::Slot(_, slot))) = (last, self.source_of(other)) else {
            return self.commutative(kind, rows);
        };
        let (Operation::ShrU(of), Source::Const(shift)) = (last.operation, last.rhs) else {
            return self.commutative(kind, rows);
        };
        if of != kind {
            return self.commutative(kind, rows);
        }
        self.undo_operation(&last);
        self.pop();
        self.pop();
        self.spare_source(last.lhs);
        self.spare_source(other);
        let position = self.code.position();
        let (first, other) = (self.as_operand(last.lhs), self.as_operand(other));
        let dst = self.push_temp(kind)?;
        let (to, second, third) = (Slot(dst.near), shift as i32, Slot(slot));
        match (first, other) {
            (Operand::Slot(first), Operand::Reg) => {
                self.code.emit(shifted.sir, Fused { dst: to, first, second, third: Reg })
            }
            (Operand::Slot(first), _) => self.code.emit(shifted.sis, Fused { dst: to, first, second, third }),
            (_, Operand::Reg) => self.code.emit(shifted.rir, Fused { dst: to, first: Reg, second, third: Reg }),
            (_, _) => self.code.emit(shifted.ris, Fused { dst: to, first: Reg, second, third }),
        };
        self.defined(dst, position);
        Ok(())
    }

    /// A `select` on the comparison just made; `false` if there is no row for it.
    /// ```text
    /// s3 <- i32_lt_u_ss s0, s1           s3 <- select_i32_lt_u_s s0, s1, s0, s2
    /// s3 <- select_r reg, s0, s2
    /// ```
    pub(super) fn select_compare(&mut self) -> Result<bool, Retry> {
        if !self.specializes() || self.peek(1).is_none_or(|arm| matches!(arm.kind, Kind::V128 | Kind::Ref)) {
            return Ok(false);
        }
        let Some(compare) = self.last_compare else { return Ok(false) };
        let Some((rows, lhs, rhs, holds)) = select_rows(&compare) else { return Ok(false) };
        if self.take_compare(&|_| true).is_none() {
            return Ok(false);
        }
        self.undo(&compare);
        let (_, second, first) = (self.pop(), self.pop(), self.pop());
        let kind = first.kind;
        let (mut first, mut second) = (self.slot(first)?, self.slot(second)?);
        if !holds {
            (first, second) = (second, first);
        }
        let dst = self.push_temp(kind)?;
        let (to, lhs) = (Slot(dst.near), Slot(lhs));
        let position = match (rows, rhs) {
            (SelectRows::Slot(code), Source::Slot(_, rhs)) => {
                self.code.emit(code, SelectCompare { dst: to, lhs, rhs: Slot(rhs), first, second })
            }
            (SelectRows::Const(code), rhs) => {
                let rhs = constant(self.without_register(rhs));
                self.code.emit(code, SelectCompare { dst: to, lhs, rhs, first, second })
            }
            (SelectRows::Slot(_), Source::Const(_)) => return Ok(false), // `select_rows` goes by the operand
        };
        self.selected(dst, position);
        Ok(true)
    }

    /// A load behind the step of a local, from the local or from elsewhere; `false` if there is no step or no row for both.
    /// ```text
    /// s0 <- i32_add_si s0, 4             s1 <- i64_load32_u_step_ri s0 <- s0, 4, reg, offset=8
    /// s1 <- i64_load32_u_r reg, offset=8
    /// ```
    pub(super) fn load_after_step(&mut self, kind: Kind, rows: &LoadForms, offset: u32) -> Result<bool, Retry> {
        let Some(step) = self.last_step.filter(|step| step.end == self.code.position() && !step.in_register) else {
            return Ok(false);
        };
        let (Some(rows), Some(Source::Slot(_, addr))) = (&rows.step, self.source_of(0)) else { return Ok(false) };
        let of_sum = addr == step.local;
        if let (Source::Slot(..), false) = (step.addend, of_sum) {
            return Ok(false);
        }
        self.take_step_back(&step);
        self.pop();
        let position = self.code.position();
        let dst = self.push_temp(kind)?;
        let (to, sum, src) = (Slot(dst.near), Slot(step.local), Slot(step.src));
        match (self.without_register(step.addend), of_sum) {
            (Operand::Slot(step), _) => {
                self.code.emit(rows.rs, LoadStep { dst: to, sum, src, step, addr: Reg, offset })
            }
            (addend, true) => {
                let step = constant(addend);
                self.code.emit(rows.ri, LoadStep { dst: to, sum, src, step, addr: Reg, offset })
            }
            (addend, false) => {
                let (step, addr) = (constant(addend), Slot(addr));
                self.code.emit(rows.si, LoadStep { dst: to, sum, src, step, addr, offset })
            }
        };
        self.registers.wrote(step.local.into(), 1, Some(Register::Integer));
        self.defined(dst, position);
        Ok(true)
    }

    /// A load whose address is the sum just made; `false` if it is not.
    /// ```text
    /// s3 <- i32_add_ss s0, s1            s3 <- i64_load32_u_sum_ss s0, s1, offset=8
    /// s3 <- i64_load32_u_r reg, offset=8
    /// ```
    pub(super) fn load_of_sum(&mut self, kind: Kind, rows: &LoadForms, offset: u32) -> Result<bool, Retry> {
        let Some(last) = self.take_operation(0) else { return Ok(false) };
        match (last.operation, &rows.scaled) {
            (Operation::Add, _) => {
                // Two constants have been folded by nobody: leave them be.
                if matches!((last.lhs, last.rhs), (Source::Const(_), _)) {
                    return Ok(false);
                }
                self.undo_operation(&last);
                self.pop();
                let (mut lhs, mut rhs) = (last.lhs, last.rhs);
                if self.in_register(rhs) && !self.in_register(lhs) {
                    (lhs, rhs) = (rhs, lhs);
                }
                self.spare_source(lhs);
                let position = self.code.position();
                let dst = self.push_temp(kind)?;
                let to = Slot(dst.near);
                let rows = &rows.sum;
                match (self.as_operand(lhs), self.without_register(rhs)) {
                    (Operand::Slot(lhs), Operand::Slot(rhs)) => {
                        self.code.emit(rows.ss, LoadSum { dst: to, lhs, rhs, offset })
                    }
                    (Operand::Slot(lhs), rhs) => {
                        self.code.emit(rows.si, LoadSum { dst: to, lhs, rhs: constant(rhs), offset })
                    }
                    (_, Operand::Slot(rhs)) => self.code.emit(rows.rs, LoadSum { dst: to, lhs: Reg, rhs, offset }),
                    (_, rhs) => self.code.emit(rows.ri, LoadSum { dst: to, lhs: Reg, rhs: constant(rhs), offset }),
                };
                self.defined(dst, position);
                Ok(true)
            }
            (Operation::ShlAdd, Some(rows)) => {
                let Source::Const(shift) = last.rhs else { return Ok(false) };
                self.undo_operation(&last);
                self.pop();
                self.spare_source(last.lhs);
                let position = self.code.position();
                let dst = self.push_temp(kind)?;
                let (to, shift) = (Slot(dst.near), (shift & 31) as u16);
                match (self.as_operand(last.lhs), self.without_register(last.third)) {
                    (Operand::Slot(index), Operand::Slot(base)) => {
                        self.code.emit(rows.ss, LoadScaled { dst: to, index, base, shift, offset })
                    }
                    (Operand::Slot(index), base) => {
                        self.code.emit(rows.si, LoadScaled { dst: to, index, base: constant(base), shift, offset })
                    }
                    (_, Operand::Slot(base)) => {
                        self.code.emit(rows.rs, LoadScaled { dst: to, index: Reg, base, shift, offset })
                    }
                    (_, base) => {
                        self.code.emit(rows.ri, LoadScaled { dst: to, index: Reg, base: constant(base), shift, offset })
                    }
                };
                self.defined(dst, position);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// The op at `position` writes a local: if it is an addition, a branch, a load or another step may take it in.
    /// ```text
    /// s0 <- i32_add_si s0, 8             i32_step2 s1 <- s1, 1, s0 <- s0, 8
    /// s1 <- i32_add_si s1, 1
    /// ```
    pub(super) fn note_step(&mut self, position: usize, local: i16) {
        let last = self.last_operation.take().filter(|last| self.specializes() && last.position == position);
        let before = self.last_step.take().filter(|step| step.end == position && !step.in_register);
        let Some(LastOperation {
            operation: Operation::Add, lhs: Source::Slot(Kind::I32, src), rhs, registers, ..
        }) = last
        else {
            return;
        };
        let mirrored = |source| matches!(source, Source::Slot(kind, slot) if registers.mirror(kind, slot.into()));
        let in_register = mirrored(Source::Slot(Kind::I32, src)) || mirrored(rhs);
        let end = self.code.position();
        let mut step = LastStep { local, src, addend: rhs, in_register, first: None, position, end };
        if let (Some(before), Source::Const(amount)) = (before, rhs)
            && let (None, false, Source::Const(first_amount)) = (before.first, in_register, before.addend)
        {
            let first = FirstStep { local: before.local, src: before.src, step: first_amount as i32 };
            self.take_back(before.position);
            self.code.emit(
                op::i32_step2,
                StepTwice {
                    dst: Slot(local),
                    src: Slot(src),
                    step: amount as i32,
                    first_dst: Slot(first.local),
                    first_src: Slot(first.src),
                    first_step: first.step,
                },
            );
            step = LastStep { first: Some(first), position: before.position, end: self.code.position(), ..step };
        }
        self.last_step = Some(step);
    }

    /// Takes a step's op back, but not the step before it.
    fn take_step_back(&mut self, step: &LastStep) {
        self.take_back(step.position);
        if let Some(FirstStep { local, src, step }) = step.first {
            self.code.emit(op::i32_add_si, Binary { dst: Slot(local), lhs: Slot(src), rhs: step });
        }
        self.forget_last();
    }

    /// Writes a branch together with the step before it; `None` if there is none or no row for both.
    /// ```text
    /// s0 <- i32_add_si s0, 1             step_br_ne_s s0 <- s0, step=1, s-4, @20
    /// br_i32_ne_rs reg, s-4, @20
    /// ```
    fn branch_on_step(&mut self, condition: &Condition, when: bool) -> Option<()> {
        let taken = self.last_step.take().filter(|step| self.specializes() && step.end == self.code.position())?;
        let LastStep { local, src, addend: Source::Const(amount), position, first, .. } = taken else { return None };
        let (dst, src, step, target) = (Slot(local), Slot(src), amount as i32, Target(0));
        match *condition {
            Condition::Slot(slot) if slot == local => {
                if let (Some(FirstStep { local, src: first_src, step: first_step }), true) = (first, when) {
                    let (first_dst, first_src) = (Slot(local), Slot(first_src));
                    self.take_back(position);
                    let shape = StepTwiceBranch { dst, src, step, first_dst, first_src, first_step, target };
                    self.code.emit(op::step2_br_if, shape);
                    return Some(());
                }
                let code = if when { op::step_br_if } else { op::step_br_unless };
                self.take_step_back(&taken);
                self.code.emit(code, StepBranch { dst, src, step, target });
            }
            Condition::Compare(LastCompare { comparison: Comparison::I32(compare), lhs, rhs, inverted, .. }) => {
                let mut compare = if when != inverted { compare } else { compare.negated? };
                let (mut lhs, mut rhs) = (lhs, rhs);
                if matches!(rhs, Source::Slot(_, slot) if slot == local) {
                    (lhs, rhs) = (rhs, lhs);
                    compare = compare.swapped;
                }
                if !matches!(lhs, Source::Slot(_, slot) if slot == local)
                    || matches!(rhs, Source::Slot(_, slot) if slot == local)
                {
                    return None;
                }
                if let (true, Source::Const(0)) = (core::ptr::eq(compare, &forms::I32_EQ), rhs) {
                    self.take_step_back(&taken);
                    self.code.emit(op::step_br_unless, StepBranch { dst, src, step, target });
                    return Some(());
                }
                if let (true, Some(FirstStep { local, src: first_src, step: first_step })) =
                    (core::ptr::eq(compare, &forms::I32_NE), first)
                {
                    let (first_dst, first_src) = (Slot(local), Slot(first_src));
                    self.take_back(position);
                    match self.without_register(rhs) {
                        Operand::Slot(rhs) => self.code.emit(
                            op::step2_br_ne_s,
                            StepTwiceCompare { dst, src, step, first_dst, first_src, first_step, rhs, target },
                        ),
                        rhs => {
                            let rhs = constant(rhs);
                            self.code.emit(
                                op::step2_br_ne_i,
                                StepTwiceCompare { dst, src, step, first_dst, first_src, first_step, rhs, target },
                            )
                        }
                    };
                    return Some(());
                }
                let (with_slot, with_const) = if core::ptr::eq(compare, &forms::I32_NE) {
                    (op::step_br_ne_s, op::step_br_ne_i)
                } else if core::ptr::eq(compare, &forms::I32_LT_S) {
                    (op::step_br_lt_s_s, op::step_br_lt_s_i)
                } else if core::ptr::eq(compare, &forms::I32_LT_U) {
                    (op::step_br_lt_u_s, op::step_br_lt_u_i)
                } else {
                    return None;
                };
                self.take_step_back(&taken);
                match self.without_register(rhs) {
                    Operand::Slot(rhs) => self.code.emit(with_slot, StepCompare { dst, src, step, rhs, target }),
                    rhs => {
                        let rhs = constant(rhs);
                        self.code.emit(with_const, StepCompare { dst, src, step, rhs, target })
                    }
                };
            }
            _ => return None,
        }
        Some(())
    }

    /// A copy between near slots; two in a row become one op.
    pub(super) fn emit_copy(&mut self, dst: Slot, src: Slot) {
        let position = self.code.position();
        if self.specializes()
            && let Some(last) = self.last_copy.take()
            && last.end == position
        {
            self.take_back(last.position);
            self.code.emit(op::copy2, Copy2 { dst: last.dst, src: last.src, second_dst: dst, second_src: src });
            return;
        }
        self.code.emit(op::copy, Unary { dst, src });
        self.last_copy = Some(LastCopy { dst, src, position, end: self.code.position() });
    }

    /// Writes a branch that is taken if the condition holds (or, unless `when`, if it does not); returns where its target stands.
    /// A constant condition must have been dealt with.
    pub(super) fn branch_on(&mut self, condition: Condition, when: bool) -> usize {
        if self.branch_on_step(&condition, when).is_some() {
            return self.code.position() - size_of::<Target>();
        }
        match condition {
            Condition::Const(_) => {
                self.code.emit(op::br, Jump { target: Target(0) });
            }
            Condition::Slot(slot) => {
                let target = Target(0);
                let in_register = self.mirrored(Kind::I32, slot.into());
                if in_register {
                    self.spare(slot.into());
                }
                match (in_register, when) {
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
        self.spare_source(lhs);
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

/// What an op computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operation {
    Add,
    Mul,
    /// Left by a constant (or by anything: `rhs` tells).
    Shl,
    /// Of this kind, down by a constant.
    ShrU(Kind),
    /// `lhs << rhs`, plus `third`.
    ShlAdd,
}

/// An operation whose op is the last one written, for a consumer that can take it in.
#[derive(Clone, Copy)]
pub(super) struct LastOperation {
    operation: Operation,
    lhs: Source,
    rhs: Source,
    third: Source,
    position: usize,
    end: usize,
    /// What the registers mirrored before it.
    registers: Registers,
    depth: usize,
}

/// An addition to an i32 slot, into a local.
#[derive(Clone, Copy)]
pub(super) struct LastStep {
    local: i16,
    src: i16,
    addend: Source,
    /// Whether it reads the register, which whoever takes it in would have to read from its slot.
    in_register: bool,
    /// The step just before it that shares its op.
    first: Option<FirstStep>,
    position: usize,
    end: usize,
}

/// The addition of a constant.
#[derive(Clone, Copy)]
struct FirstStep {
    local: i16,
    src: i16,
    step: i32,
}

/// The rows of a `select` on a comparison, by the class of its right operand.
enum SelectRows {
    Slot(Code<SelectCompare<Slot>>),
    Const(Code<SelectCompare<i32>>),
}

/// The row for a `select` on this comparison, its operands, and whether the first arm is the one for when it holds.
fn select_rows(compare: &LastCompare) -> Option<(SelectRows, i16, Source, bool)> {
    use SelectRows::{Const, Slot};
    let (Comparison::I32(rows), Source::Slot(_, lhs)) = (compare.comparison, compare.lhs) else { return None };
    let is = |form: &'static Compare<i32>| core::ptr::eq(rows, form);
    let rhs = compare.rhs;
    let (code, lhs, rhs, holds) = match rhs {
        Source::Const(_) if is(&forms::I32_EQ) => (Const(op::select_i32_eq_i), lhs, rhs, true),
        Source::Const(_) if is(&forms::I32_NE) => (Const(op::select_i32_eq_i), lhs, rhs, false),
        Source::Const(_) if is(&forms::I32_LT_S) => (Const(op::select_i32_lt_s_i), lhs, rhs, true),
        Source::Const(_) if is(&forms::I32_GE_S) => (Const(op::select_i32_lt_s_i), lhs, rhs, false),
        Source::Const(_) if is(&forms::I32_LT_U) => (Const(op::select_i32_lt_u_i), lhs, rhs, true),
        Source::Const(_) if is(&forms::I32_GE_U) => (Const(op::select_i32_lt_u_i), lhs, rhs, false),
        Source::Const(_) if is(&forms::I32_GT_S) => (Const(op::select_i32_gt_s_i), lhs, rhs, true),
        Source::Const(_) if is(&forms::I32_LE_S) => (Const(op::select_i32_gt_s_i), lhs, rhs, false),
        Source::Const(_) if is(&forms::I32_GT_U) => (Const(op::select_i32_gt_u_i), lhs, rhs, true),
        Source::Const(_) if is(&forms::I32_LE_U) => (Const(op::select_i32_gt_u_i), lhs, rhs, false),
        Source::Const(_) => return None,
        Source::Slot(_, other) => {
            let swapped = Source::Slot(Kind::I32, lhs);
            if is(&forms::I32_EQ) {
                (Slot(op::select_i32_eq_s), lhs, rhs, true)
            } else if is(&forms::I32_NE) {
                (Slot(op::select_i32_eq_s), lhs, rhs, false)
            } else if is(&forms::I32_LT_S) {
                (Slot(op::select_i32_lt_s_s), lhs, rhs, true)
            } else if is(&forms::I32_GE_S) {
                (Slot(op::select_i32_lt_s_s), lhs, rhs, false)
            } else if is(&forms::I32_LT_U) {
                (Slot(op::select_i32_lt_u_s), lhs, rhs, true)
            } else if is(&forms::I32_GE_U) {
                (Slot(op::select_i32_lt_u_s), lhs, rhs, false)
            } else if is(&forms::I32_GT_S) {
                (Slot(op::select_i32_lt_s_s), other, swapped, true)
            } else if is(&forms::I32_LE_S) {
                (Slot(op::select_i32_lt_s_s), other, swapped, false)
            } else if is(&forms::I32_GT_U) {
                (Slot(op::select_i32_lt_u_s), other, swapped, true)
            } else if is(&forms::I32_LE_U) {
                (Slot(op::select_i32_lt_u_s), other, swapped, false)
            } else {
                return None;
            }
        }
    };
    Some((code, lhs, rhs, holds != compare.inverted))
}

/// A copy that a second one may join.
#[derive(Clone, Copy)]
pub(super) struct LastCopy {
    dst: Slot,
    src: Slot,
    position: usize,
    end: usize,
}

/// A constant operand as an i32 immediate.
fn constant(operand: Operand) -> i32 {
    match operand {
        Operand::Const(bits) => bits as i32,
        Operand::Slot(_) | Operand::Reg => 0, // callers have dealt with slots
    }
}

/// The condition of a branch.
#[derive(Clone, Copy, Debug)]
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
