//! Calls: arguments already stand where the callee's parameters will be, or are copied there.

use super::frame::Retry;
use super::operands::{Kind, Place};
use super::{Translator, func_type, kind, kinds};
use crate::code::op;
use crate::code::shape::*;
use crate::exec::machine::HEADER;

/// Whom a call calls.
pub(super) enum Callee {
    Function(u32),
    Table { table: u32, type_index: u32 },
    Reference,
}

/// The parameters of a callee in slots, and where they stand.
struct Arguments {
    base: i32,
    slots: u32,
}

impl<R: super::Resources> Translator<'_, R> {
    pub(super) fn call(&mut self, type_index: u32, callee: Callee) -> Result<(), Retry> {
        let ty = func_type(self.resources, type_index);
        let results = kinds(ty.results())?;
        let params = ty.params().len();
        // The callee operand is above the arguments; it is read by the call op, behind all copies.
        let selector = match callee {
            Callee::Function(_) => None,
            Callee::Table { .. } | Callee::Reference => Some(self.pop()),
        };
        let selector_slot = match selector {
            Some(entry) => Some(self.slot(entry)?),
            None => None,
        };
        // References are copied to where the selector's temp may be: it moves out of their way.
        let arguments = self.arguments(params, selector.is_some())?;
        let Arguments { base, slots } = arguments;
        let advance = base + slots as i32 + HEADER as i32;
        self.frame.cover(advance as u32);
        let result_slots: u32 = results.iter().map(|kind| kind.slots()).sum();
        self.frame.cover(base as u32 + result_slots);
        let advance = Advance::slots(advance);
        match callee {
            Callee::Function(function) if function >= self.environment.imported_functions => {
                let function = function - self.environment.imported_functions;
                self.emit_unit(op::call_local, CallLocal { function, advance });
            }
            Callee::Function(function) => self.emit_unit(op::call_import, CallImport { function, advance }),
            Callee::Table { table, type_index } => {
                let table = table as u16; // limited by parsing
                let index = selector_slot.unwrap_or(Slot(0));
                let index = self.table_index(table.into(), index)?;
                if self.mirrored(Kind::I32, index.0.into()) {
                    self.spare(index.0.into());
                    self.emit_unit(op::call_indirect_r, CallIndirect { index: Reg, table, type_index, advance });
                } else {
                    self.emit_unit(op::call_indirect_s, CallIndirect { index, table, type_index, advance });
                }
            }
            Callee::Reference => {
                let callee = RefSlot(selector_slot.unwrap_or(Slot(0)).0);
                self.emit_unit(op::call_ref, CallRef { callee, advance });
            }
        }
        self.emit_unit(op::reload_memory, ReloadMemory {});
        let len = self.stack.entries.len() - params;
        self.truncate(len);
        self.push_results(&results, base)
    }

    /// A table index in the form call and table ops take: 64-bit indices saturate, which is out of bounds of every table.
    pub(super) fn table_index(&mut self, table: u32, index: Slot) -> Result<Slot, Retry> {
        if !self.resources.table_at(table).is_some_and(|ty| ty.table64) {
            return Ok(index);
        }
        let entry = super::operands::Entry { kind: Kind::I64, place: Place::Temp, base: self.stack.numbers + 1 };
        let slot = self.temp_slot(entry)?;
        self.frame.cover(slot as u32 + 1);
        let near = i16::try_from(slot).or_else(|_| self.frame.scratch(Kind::I64, 6))?;
        self.emit_unit(op::u32_saturate_i64, Unary { dst: Slot(near), src: index });
        self.registers.wrote(near.into(), 1, Some(super::operands::Register::Integer));
        Ok(Slot(near))
    }

    /// Puts the top `count` operands side by side, numbers then references.
    fn arguments(&mut self, count: usize, selector: bool) -> Result<Arguments, Retry> {
        let first = self.stack.entries.len() - count;
        let slots: u32 = self.stack.entries[first..].iter().map(|entry| entry.kind.slots()).sum();
        let has_references = self.stack.entries[first..].iter().any(|entry| entry.kind == Kind::Ref);
        if !has_references {
            // Header and callee lie above the arguments; a selector there has been read by then.
            self.settle_top(count)?;
            let numbers: u32 = slots;
            let base = (self.frame.number_temps + self.stack.numbers - numbers) as i32;
            return Ok(Arguments { base, slots });
        }
        // All arguments are staged above the selector's temp.
        self.settle_top(count)?;
        let base = (self.frame.number_temps + self.stack.numbers + if selector { 2 } else { 0 }) as i32;
        let numbers: u32 = self.stack.entries[first..]
            .iter()
            .filter(|entry| entry.kind != Kind::Ref)
            .map(|entry| entry.kind.slots())
            .sum();
        if !selector {
            // Numbers are in place; references follow them.
            let base = base - numbers as i32;
            self.frame.cover(base as u32 + slots);
            self.reference_arguments(first, base + numbers as i32)?;
            return Ok(Arguments { base, slots });
        }
        self.frame.cover(base as u32 + slots);
        let mut next = base;
        for index in first..self.stack.entries.len() {
            let entry = self.stack.entries[index];
            if entry.kind != Kind::Ref {
                self.room()?;
                self.copy_to(entry, next)?;
                next += entry.kind.slots() as i32;
            }
        }
        self.reference_arguments(first, next)?;
        Ok(Arguments { base, slots })
    }

    fn reference_arguments(&mut self, first: usize, mut next: i32) -> Result<(), Retry> {
        for index in first..self.stack.entries.len() {
            let entry = self.stack.entries[index];
            if entry.kind == Kind::Ref {
                self.room()?;
                let used = self.scratch_used;
                self.reference_to_slot(entry, next)?;
                self.scratch_used = used;
                next += 1;
            }
        }
        Ok(())
    }

    /// A call has returned to slot `base`: its results become operands.
    fn push_results(&mut self, results: &[Kind], base: i32) -> Result<(), Retry> {
        self.registers.forget();
        self.last_result = None;
        let numbers: u32 = results.iter().filter(|kind| **kind != Kind::Ref).map(|kind| kind.slots()).sum();
        let mut number = base;
        let mut reference = base + numbers as i32;
        let mut mirrors = results.iter().any(|kind| *kind != Kind::Ref);
        for &kind in results {
            self.room()?;
            let used = self.scratch_used;
            self.push(kind, Place::Temp);
            let entry = self.stack.entries[self.stack.entries.len() - 1];
            let to = self.temp_slot(entry)?;
            if kind == Kind::Ref {
                self.slot_to_reference(reference, to)?;
                reference += 1;
            } else {
                if core::mem::take(&mut mirrors) && number == to {
                    self.registers.wrote(to, kind.slots(), kind.register());
                }
                self.move_slots(kind, number, to)?;
                number += kind.slots() as i32;
            }
            self.scratch_used = used;
        }
        Ok(())
    }

    /// A result reference leaves the number half.
    fn slot_to_reference(&mut self, from: i32, to: i32) -> Result<(), Retry> {
        let near = i16::try_from(to).or_else(|_| self.frame.scratch(Kind::Ref, 7))?;
        match i16::try_from(from) {
            Ok(src) => self.emit_unit(op::slot_to_ref, Unary { dst: RefSlot(near), src: Slot(src) }),
            Err(_) => self.emit_unit(op::copy_ref_far_in, CopyFarIn { dst: RefSlot(near), far: FarSlot(from) }),
        }
        if i32::from(near) != to {
            self.emit_unit(op::copy_ref_far_out, CopyFarOut { src: RefSlot(near), far: FarSlot(to) });
        }
        Ok(())
    }

    /// Moves a number between slots of the temps.
    fn move_slots(&mut self, kind: Kind, from: i32, to: i32) -> Result<(), Retry> {
        if from == to {
            return Ok(());
        }
        let far = (FarSlot(from), FarSlot(to));
        match (i16::try_from(from), i16::try_from(to)) {
            (Ok(src), Ok(dst)) if kind == Kind::V128 => {
                self.emit_unit(op::copy_wide, Unary { dst: Wide(dst), src: Wide(src) })
            }
            (Ok(src), Ok(dst)) => self.emit_unit(op::copy, Unary { dst: Slot(dst), src: Slot(src) }),
            _ => {
                let scratch = self.frame.scratch(Kind::V128, 7)?;
                if kind == Kind::V128 {
                    self.emit_unit(op::copy_wide_far_in, CopyFarIn { dst: Wide(scratch), far: far.0 });
                    self.emit_unit(op::copy_wide_far_out, CopyFarOut { src: Wide(scratch), far: far.1 });
                } else {
                    self.emit_unit(op::copy_far_in, CopyFarIn { dst: Slot(scratch), far: far.0 });
                    self.emit_unit(op::copy_far_out, CopyFarOut { src: Slot(scratch), far: far.1 });
                }
            }
        }
        self.registers.forget();
        Ok(())
    }

    /// `return_call*`: the arguments are moved over this function's own parameters.
    pub(super) fn tail_call(&mut self, type_index: u32, callee: Callee) -> Result<(), Retry> {
        let params = func_type(self.resources, type_index).params().len();
        let selector = match callee {
            Callee::Function(_) => None,
            Callee::Table { .. } | Callee::Reference => Some(self.pop()),
        };
        let selector_slot = match selector {
            Some(entry) => Some(self.slot(entry)?),
            None => None,
        };
        let Arguments { base, slots } = self.arguments(params, selector.is_some())?;
        // The new frame begins at this frame's parameters; this frame's size must cover it until `enter` has checked.
        self.frame.cover(slots + HEADER as u32);
        self.frame.cover(base as u32 + slots);
        let results: u32 = func_type(self.resources, type_index).results().iter().map(|ty| kind(*ty).slots()).sum();
        self.frame.cover(results);
        let own = self.frame.params_and_header();
        let (moved, from) = (slots as u16, FarSlot(base));
        match callee {
            Callee::Function(function) => match function.checked_sub(self.environment.imported_functions) {
                Some(function) => self.emit_unit(op::tail_call_local, TailCall { function, params: own, moved, from }),
                None => self.emit_unit(op::tail_call_import, TailCall { function, params: own, moved, from }),
            },
            Callee::Table { table, type_index } => {
                let index = self.table_index(table, selector_slot.unwrap_or(Slot(0)))?;
                let table = table as u16;
                self.emit_unit(
                    op::tail_call_indirect,
                    TailCallIndirect { index, table, type_index, params: own, moved, from },
                );
            }
            Callee::Reference => {
                let callee = RefSlot(selector_slot.unwrap_or(Slot(0)).0);
                self.emit_unit(op::tail_call_ref, TailCallRef { callee, params: own, moved, from });
            }
        }
        self.set_unreachable();
        Ok(())
    }
}
