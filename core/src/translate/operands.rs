//! Where each Wasm operand lives while a body is translated.
//!
//! The Wasm stack exists only here: an [`Entry`] is a temp, a local, or a constant not yet placed, and [`lower`](super::lower) asks for
//! operands in the form its op accepts. Each entry has a temp of its own by its height, where it goes when it must be somewhere definite. For each
//! register the [`Registers`] remember the slot it mirrors. Assumes a valid body; promises that every slot is inside the frame (I2).

use alloc::vec::Vec;

use super::Translator;
use super::frame::{NO_ENTRY, Retry};
use super::spare::Producer;
use crate::code::op;
use crate::code::shape::*;

/// Value types as far as translation distinguishes them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    I32,
    I64,
    F32,
    F64,
    V128,
    Ref,
}

impl Kind {
    /// Slots of a value.
    pub(crate) fn slots(self) -> u32 {
        if self == Kind::V128 { 2 } else { 1 }
    }

    /// The register that mirrors values of this kind.
    pub(super) fn register(self) -> Option<Register> {
        match self {
            Kind::I32 | Kind::I64 => Some(Register::Integer),
            Kind::F32 => Some(Register::F32),
            Kind::F64 => Some(Register::F64),
            Kind::V128 | Kind::Ref => None,
        }
    }
}

/// The registers that mirror slots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Register {
    Integer,
    F32,
    F64,
}

/// Which slot each register mirrors.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Registers {
    mirrored: [Option<i32>; 3],
    /// The op that loaded one of them last.
    pub producer: Option<Producer>,
}

impl Registers {
    /// No register mirrors anything: behind labels, calls out, and ops of the driver.
    pub(super) fn forget(&mut self) {
        *self = Registers::default();
    }

    /// `slot` has been written by an op that also loaded `register`.
    pub(super) fn wrote(&mut self, slot: i32, slots: u32, register: Option<Register>) {
        for mirrored in &mut self.mirrored {
            if mirrored.is_some_and(|mirrored| (slot..slot + slots as i32).contains(&mirrored)) {
                *mirrored = None;
            }
        }
        if let Some(register) = register {
            self.mirrored[register as usize] = Some(slot);
        }
    }

    /// `register` mirrors nothing any more.
    fn lose(&mut self, register: Register) {
        self.mirrored[register as usize] = None;
    }

    fn mirrors(&self, register: Register, slot: i32) -> bool {
        SPECIALIZED_OPS && self.mirrored[register as usize] == Some(slot)
    }

    /// Whether the register of `kind` mirrors `slot`.
    pub(super) fn mirror(&self, kind: Kind, slot: i32) -> bool {
        kind.register().is_some_and(|register| self.mirrors(register, slot))
    }
}

/// Where an operand is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In its own temp.
    Temp,
    /// Still in the local it was read from; `previous` is the next entry down that stands for the same local.
    Local { local: u32, previous: u32 },
    /// Nowhere yet: a constant, by its slot bits. (References: null, 0.)
    Const(u64),
}

/// One operand of the Wasm stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub kind: Kind,
    pub place: Place,
    /// Height of its temp among the temps of its half.
    pub base: u32,
}

/// A number operand as ops take it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operand {
    Slot(Slot),
    Reg,
    Const(u64),
}

/// A constant as an op holds it.
pub(super) trait Immediate: FieldType {
    fn from_bits(bits: u64) -> Self;
}

impl Immediate for i32 {
    fn from_bits(bits: u64) -> Self {
        bits as i32
    }
}
impl Immediate for i64 {
    fn from_bits(bits: u64) -> Self {
        bits as i64
    }
}
impl Immediate for F32Bits {
    fn from_bits(bits: u64) -> Self {
        F32Bits(bits as u32)
    }
}
impl Immediate for F64Bits {
    fn from_bits(bits: u64) -> Self {
        F64Bits(bits)
    }
}

/// Where an op shall write, and where the value belongs if that is too far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Destination {
    pub near: i16,
    slot: i32,
    kind: Kind,
}

/// The symbolic stack.
#[derive(Default, Debug)]
pub(super) struct Stack {
    pub entries: Vec<Entry>,
    /// Temps in use.
    pub numbers: u32,
    pub references: u32,
    /// Entries below this index are not `Place::Local`.
    pub settled: usize,
}

impl<R: super::Resources> Translator<'_, R> {
    // ---- the stack itself

    /// Pushes a value that its op writes into its temp.
    pub(super) fn push_temp(&mut self, kind: Kind) -> Result<Destination, Retry> {
        self.push(kind, Place::Temp);
        let entry = self.stack.entries[self.stack.entries.len() - 1];
        let slot = self.temp_slot(entry)?;
        let near = match i16::try_from(slot) {
            Ok(near) => near,
            Err(_) => self.scratch(kind)?,
        };
        Ok(Destination { near, slot, kind })
    }

    /// Pushes an operand.
    pub(super) fn push(&mut self, kind: Kind, place: Place) {
        let height = if kind == Kind::Ref { &mut self.stack.references } else { &mut self.stack.numbers };
        let base = *height;
        *height += kind.slots();
        if kind != Kind::Ref {
            self.frame.cover(self.frame.number_temps + *height);
        }
        self.stack.entries.push(Entry { kind, place, base });
    }

    /// Pushes a local without reading it.
    pub(super) fn push_local(&mut self, local: u32) {
        let entry = self.stack.entries.len() as u32;
        let pending = &mut self.frame.locals[local as usize];
        let (kind, previous) = (pending.kind, pending.pending);
        pending.pending = entry;
        self.push(kind, Place::Local { local, previous });
    }

    /// Pops the top operand.
    pub(super) fn pop(&mut self) -> Entry {
        // A validated body never pops from an empty stack; a lying one gets a constant and is refused by its validator.
        let Some(entry) = self.stack.entries.pop() else {
            return Entry { kind: Kind::I32, place: Place::Const(0), base: 0 };
        };
        self.unlink(entry);
        if entry.kind == Kind::Ref {
            self.stack.references = entry.base;
        } else {
            self.stack.numbers = entry.base;
        }
        self.stack.settled = self.stack.settled.min(self.stack.entries.len());
        entry
    }

    /// The operand `depth` below the top.
    pub(super) fn peek(&self, depth: usize) -> Option<Entry> {
        self.stack.entries.len().checked_sub(depth + 1).map(|index| self.stack.entries[index])
    }

    /// Drops all entries from index `len` on.
    pub(super) fn truncate(&mut self, len: usize) {
        while self.stack.entries.len() > len {
            self.pop();
        }
    }

    fn unlink(&mut self, entry: Entry) {
        if let Place::Local { local, previous } = entry.place {
            self.frame.locals[local as usize].pending = previous;
        }
    }

    /// The slot of the entry's own temp.
    pub(super) fn temp_slot(&self, entry: Entry) -> Result<i32, Retry> {
        if entry.kind == Kind::Ref {
            self.frame.reference_temp(entry.base)
        } else {
            Ok((self.frame.number_temps + entry.base) as i32)
        }
    }

    /// The slot where the entry's value is now, unless it is a constant.
    pub(super) fn slot_of(&self, entry: Entry) -> Result<Option<i32>, Retry> {
        match entry.place {
            Place::Temp => self.temp_slot(entry).map(Some),
            Place::Local { local, .. } => Ok(Some(self.frame.locals[local as usize].slot)),
            Place::Const(_) => Ok(None),
        }
    }

    // ---- operands for ops

    /// A scratch slot of the current op.
    fn scratch(&mut self, kind: Kind) -> Result<i16, Retry> {
        let number = self.scratch_used;
        self.scratch_used += 1;
        self.frame.scratch(kind, number)
    }

    /// `slot` within reach, copied to scratch if it is far.
    fn near(&mut self, kind: Kind, slot: i32) -> Result<i16, Retry> {
        if let Ok(near) = i16::try_from(slot) {
            return Ok(near);
        }
        let near = self.scratch(kind)?;
        self.copy_in(kind, near, slot);
        Ok(near)
    }

    fn copy_in(&mut self, kind: Kind, near: i16, far: i32) {
        let far = FarSlot(far);
        match kind {
            Kind::V128 => self.code.emit(op::copy_wide_far_in, CopyFarIn { dst: Wide(near), far }),
            Kind::Ref => self.code.emit(op::copy_ref_far_in, CopyFarIn { dst: RefSlot(near), far }),
            _ => self.code.emit(op::copy_far_in, CopyFarIn { dst: Slot(near), far }),
        };
        self.registers.wrote(near.into(), kind.slots(), None);
    }

    fn copy_out(&mut self, kind: Kind, near: i16, far: i32) {
        let far_slot = FarSlot(far);
        match kind {
            Kind::V128 => self.code.emit(op::copy_wide_far_out, CopyFarOut { src: Wide(near), far: far_slot }),
            Kind::Ref => self.code.emit(op::copy_ref_far_out, CopyFarOut { src: RefSlot(near), far: far_slot }),
            _ => self.code.emit(op::copy_far_out, CopyFarOut { src: Slot(near), far: far_slot }),
        };
        self.registers.wrote(far, kind.slots(), None);
    }

    /// The operand in any class.
    pub(super) fn operand(&mut self, entry: Entry) -> Result<Operand, Retry> {
        let Some(slot) = self.slot_of(entry)? else {
            let Place::Const(bits) = entry.place else { unreachable!("only constants have no slot") };
            return Ok(Operand::Const(bits));
        };
        if let Some(register) = entry.kind.register()
            && self.specializes()
            && self.registers.mirrors(register, slot)
        {
            return Ok(Operand::Reg);
        }
        self.near(entry.kind, slot).map(|slot| Operand::Slot(Slot(slot)))
    }

    /// The operand as a slot or its register.
    pub(super) fn slot_or_reg(&mut self, entry: Entry) -> Result<Operand, Retry> {
        match self.operand(entry)? {
            Operand::Const(_) => self.slot(entry).map(Operand::Slot),
            operand => Ok(operand),
        }
    }

    /// The operand as a slot.
    pub(super) fn slot(&mut self, entry: Entry) -> Result<Slot, Retry> {
        let slot = match self.slot_of(entry)? {
            Some(slot) => slot,
            None => {
                self.settle_value(entry)?;
                self.temp_slot(entry)?
            }
        };
        self.near(entry.kind, slot).map(Slot)
    }

    /// The operand as a pair of slots.
    pub(super) fn wide(&mut self, entry: Entry) -> Result<Wide, Retry> {
        self.slot(entry).map(|slot| Wide(slot.0))
    }

    /// The operand as a reference slot.
    pub(super) fn reference(&mut self, entry: Entry) -> Result<RefSlot, Retry> {
        self.slot(entry).map(|slot| RefSlot(slot.0))
    }

    /// Whether the register of `kind` mirrors `slot`.
    pub(super) fn mirrored(&self, kind: Kind, slot: i32) -> bool {
        self.specializes() && self.registers.mirror(kind, slot)
    }

    // ---- results

    /// The op at `position` has written `destination` and the register of `kind`.
    pub(super) fn defined(&mut self, destination: Destination, position: usize) {
        let Destination { near, slot, kind } = destination;
        self.registers.wrote(near.into(), kind.slots(), kind.register());
        if i32::from(near) == slot {
            let end = self.code.position();
            if self.specializes() {
                self.registers.producer = Some(Producer { position: position as u32, end: end as u32, slot });
            }
            self.last_result = Some(LastResult { position, end, depth: self.stack.entries.len() });
        } else {
            self.copy_out(kind, near, slot);
            self.last_result = None;
        }
    }

    /// [`defined`](Self::defined) by a `select` of numbers, which goes through the register of integers whatever they are.
    pub(super) fn selected(&mut self, destination: Destination, position: usize) {
        self.registers.lose(Register::Integer);
        self.defined(destination, position);
        if destination.kind.register() != Some(Register::Integer) {
            self.registers.forget();
        }
    }

    /// Like [`defined`](Self::defined) for ops that leave no register in a known state, or whose destination may not be moved.
    pub(super) fn defined_by_driver(&mut self, destination: Destination) {
        self.registers.forget();
        let Destination { near, slot, kind } = destination;
        if i32::from(near) != slot {
            self.copy_out(kind, near, slot);
        }
        self.last_result = None;
    }

    /// Emits `value → slot` for an entry.
    pub(super) fn copy_to(&mut self, entry: Entry, slot: i32) -> Result<(), Retry> {
        if self.slot_of(entry)? == Some(slot) {
            return Ok(());
        }
        let near = match i16::try_from(slot) {
            Ok(near) => near,
            Err(_) if matches!(entry.place, Place::Const(_)) => self.scratch(entry.kind)?,
            Err(_) => {
                // A far destination takes a near source directly.
                let Some(from) = self.slot_of(entry)? else { return Ok(()) };
                let from = self.near(entry.kind, from)?;
                self.copy_out(entry.kind, from, slot);
                return Ok(());
            }
        };
        let dst = Slot(near);
        let register = match (entry.kind, self.operand(entry)?) {
            (Kind::Ref, Operand::Const(_)) => {
                self.code.emit(op::ref_null, Indexed { dst: RefSlot(near), index: 0 });
                None
            }
            (Kind::I32, Operand::Const(bits)) => {
                self.code.emit(op::i32_const, Unary { dst, src: bits as i32 });
                Some(Register::Integer)
            }
            (Kind::F32, Operand::Const(bits)) => {
                self.code.emit(op::f32_const, Unary { dst, src: F32Bits(bits as u32) });
                Some(Register::F32)
            }
            (Kind::F64, Operand::Const(bits)) => {
                self.code.emit(op::f64_const, Unary { dst, src: F64Bits(bits) });
                Some(Register::F64)
            }
            (Kind::I64 | Kind::V128, Operand::Const(bits)) => {
                self.code.emit(op::i64_const, Unary { dst, src: bits as i64 });
                Some(Register::Integer)
            }
            (Kind::F32, Operand::Reg) => {
                self.code.emit(op::copy_f32_r, Unary { dst, src: Reg });
                Some(Register::F32)
            }
            (Kind::F64, Operand::Reg) => {
                self.code.emit(op::copy_f64_r, Unary { dst, src: Reg });
                Some(Register::F64)
            }
            (_, Operand::Reg) => {
                self.code.emit(op::copy_int_r, Unary { dst, src: Reg });
                Some(Register::Integer)
            }
            (Kind::V128, Operand::Slot(src)) => {
                self.code.emit(op::copy_wide, Unary { dst: Wide(near), src: Wide(src.0) });
                None
            }
            (Kind::Ref, Operand::Slot(src)) => {
                self.code.emit(op::copy_ref, Unary { dst: RefSlot(near), src: RefSlot(src.0) });
                None
            }
            (_, Operand::Slot(src)) => {
                self.emit_copy(dst, src);
                Some(Register::Integer)
            }
        };
        self.registers.wrote(near.into(), entry.kind.slots(), register);
        if i32::from(near) != slot {
            self.copy_out(entry.kind, near, slot);
        }
        Ok(())
    }

    /// Puts the value of a popped or live entry into its own temp.
    pub(super) fn settle_value(&mut self, entry: Entry) -> Result<(), Retry> {
        let slot = self.temp_slot(entry)?;
        if entry.kind != Kind::Ref {
            self.frame.cover(slot as u32 + entry.kind.slots());
        }
        self.copy_to(entry, slot)
    }

    /// Puts the live entry at `index` into its own temp.
    pub(super) fn settle(&mut self, index: usize) -> Result<(), Retry> {
        let entry = self.stack.entries[index];
        if entry.place != Place::Temp {
            self.room()?;
            let used = self.scratch_used;
            self.settle_value(entry)?;
            self.scratch_used = used;
            self.forget_local(index);
            self.stack.entries[index].place = Place::Temp;
        }
        Ok(())
    }

    /// Takes the entry at `index` out of its local's chain.
    fn forget_local(&mut self, index: usize) {
        let Place::Local { local, previous } = self.stack.entries[index].place else { return };
        let head = self.frame.locals[local as usize].pending;
        if head == index as u32 {
            self.frame.locals[local as usize].pending = previous;
            return;
        }
        let mut at = head;
        while at != NO_ENTRY {
            let Place::Local { previous: next, .. } = &mut self.stack.entries[at as usize].place else { return };
            if *next == index as u32 {
                *next = previous;
                return;
            }
            at = *next;
        }
    }

    /// Puts the top `count` entries into their temps.
    pub(super) fn settle_top(&mut self, count: usize) -> Result<(), Retry> {
        let len = self.stack.entries.len();
        for index in len.saturating_sub(count)..len {
            self.settle(index)?;
        }
        Ok(())
    }

    /// No entry stands for a local any more: before blocks, whose body may or may not run.
    pub(super) fn settle_locals(&mut self) -> Result<(), Retry> {
        for index in self.stack.settled..self.stack.entries.len() {
            if matches!(self.stack.entries[index].place, Place::Local { .. }) {
                self.settle(index)?;
            }
        }
        self.stack.settled = self.stack.entries.len();
        Ok(())
    }

    /// No entry stands for `local` any more: before it is written.
    pub(super) fn settle_local(&mut self, local: u32) -> Result<(), Retry> {
        loop {
            let index = self.frame.locals[local as usize].pending;
            if index == NO_ENTRY {
                return Ok(());
            }
            self.settle(index as usize)?;
        }
    }

    /// `local.set` (or, with `keep`, `local.tee`): the op that made the value writes the local instead, where it can.
    pub(super) fn set_local(&mut self, local: u32, keep: bool) -> Result<(), Retry> {
        let depth = self.stack.entries.len();
        let entry = self.pop();
        let Some(&super::frame::Local { slot, pending, .. }) = self.frame.locals.get(local as usize) else {
            return Ok(());
        };
        let redirect = match (self.last_result, i16::try_from(slot)) {
            (Some(last), Ok(near))
                if entry.place == Place::Temp
                    && pending == NO_ENTRY
                    && last.depth == depth
                    && last.end == self.code.position() =>
            {
                Some((last.position, near))
            }
            _ => None,
        };
        match redirect {
            Some((position, near)) => {
                self.code.set_destination(position, near);
                self.note_step(position, near);
                // The temp has never been written: what mirrors it mirrors the local.
                self.registers.wrote(slot, entry.kind.slots(), entry.kind.register());
                self.last_compare = None;
            }
            None => {
                self.settle_local(local)?;
                self.copy_to(entry, slot)?;
            }
        }
        self.last_result = None;
        if keep {
            self.push_local(local);
        }
        Ok(())
    }
}

/// The op that ends the code and wrote the top entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastResult {
    pub position: usize,
    end: usize,
    depth: usize,
}
