//! Blocks, labels and branches.
//!
//! A label's values have definite places, the temps above the height of its block, so that every branch and the fall-through agree. Branches to
//! labels not yet bound form a list through their own target fields.

use alloc::boxed::Box;
use alloc::collections::TryReserveError;
use alloc::vec::Vec;

use wasmparser::{BlockType, Operator, ValType};

use super::frame::Retry;
use super::fuse::Condition;
use super::operands::{Entry, Kind, Place};
use super::repeat::{Header, OpenHeader};
use super::{Translator, func_type, kinds};
use crate::code::function::{Handler, HandlerKind};
use crate::code::op;
use crate::code::shape::*;

/// Number of a label in the function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Label(u32);

/// What is known of a label.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LabelState {
    /// Where it is bound.
    bound: Option<usize>,
    /// The newest target field that waits for it; each such field holds the next one.
    waiting: Option<usize>,
    /// Whether a branch table waits for it.
    in_table: bool,
}

/// An open block.
#[derive(Debug)]
pub(crate) struct Control {
    kind: ControlKind,
    ty: BlockType,
    /// Where branches to this block go.
    label: Label,
    /// Entries below the block's parameters, and the temps they use.
    depth: usize,
    numbers: u32,
    references: u32,
    /// Branches that wait for a place where values have to be moved first, and exception handlers that wait for the label.
    handlers: Vec<usize>,
    /// Of a loop: its header, if branches to the loop write it again.
    header: Option<Header>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ControlKind {
    Function,
    Block,
    Loop,
    /// The first arm of an `if`, with the label of the second.
    If(Label),
    Else,
    /// `try_table`: what it protects begins here; its rows are already written, from this index on, but for their end.
    TryTable {
        start: usize,
        catches: usize,
    },
    /// Legacy `try`, in its body.
    Try {
        start: usize,
        number: u32,
    },
    /// Legacy `try`, in a handler. The exception is in the entry at `Control::depth`.
    Catch,
}

impl<R: super::Resources> Translator<'_, R> {
    // ---- labels

    fn new_label(&mut self) -> Result<Label, TryReserveError> {
        self.labels.try_reserve(1)?;
        self.labels.push(LabelState { bound: None, waiting: None, in_table: false });
        Ok(Label(self.labels.len() as u32 - 1))
    }

    /// The target field at `field` leads to `label`.
    pub(super) fn target(&mut self, label: Label, field: usize) {
        let state = &mut self.labels[label.0 as usize];
        match state.bound {
            Some(position) => self.code.write_i32(field, relative(field, position)),
            None => {
                // Position 0 is the `enter` op: no target field stands there, so 0 ends the list.
                self.code.write_i32(field, state.waiting.unwrap_or(0) as i32);
                state.waiting = Some(field);
            }
        }
    }

    /// `label` is here.
    fn bind(&mut self, label: Label) {
        let position = self.code.position();
        let state = &mut self.labels[label.0 as usize];
        state.bound = Some(position);
        let mut waiting = state.waiting.take();
        while let Some(field) = waiting {
            let next = self.code.read_i32(field) as usize;
            self.code.write_i32(field, relative(field, position));
            waiting = (next != 0).then_some(next);
        }
        self.straight_line_ends();
    }

    fn is_used(&self, label: Label) -> bool {
        let state = &self.labels[label.0 as usize];
        state.waiting.is_some() || state.in_table
    }

    /// Nothing is known here of what ran before.
    fn straight_line_ends(&mut self) {
        self.registers.forget();
        self.forget_last();
        self.open_header = None;
    }

    // ---- block types

    fn params(&self, ty: BlockType) -> &[ValType] {
        match ty {
            BlockType::Empty | BlockType::Type(_) => &[],
            BlockType::FuncType(index) => func_type(self.resources, index).params(),
        }
    }

    fn results<'t>(&'t self, ty: &'t BlockType) -> &'t [ValType] {
        match ty {
            BlockType::Empty => &[],
            BlockType::Type(ty) => core::slice::from_ref(ty),
            BlockType::FuncType(index) => func_type(self.resources, *index).results(),
        }
    }

    /// Values that a branch to the block carries.
    fn label_kinds(&self, control: &Control) -> Result<Box<[Kind]>, TryReserveError> {
        let types = match control.kind {
            ControlKind::Loop => self.params(control.ty),
            _ => self.results(&control.ty),
        };
        kinds(types)
    }

    fn label_arity(&self, control: &Control) -> usize {
        match control.kind {
            ControlKind::Loop => self.params(control.ty).len(),
            _ => self.results(&control.ty).len(),
        }
    }

    fn control(&self, depth: u32) -> usize {
        self.controls.len() - 1 - depth as usize
    }

    // ---- opening blocks

    /// The block of the function itself, whose label is its return.
    pub(super) fn push_function_control(&mut self) -> Result<(), TryReserveError> {
        let label = self.new_label()?;
        let ty = BlockType::FuncType(self.function.type_index);
        self.controls.try_reserve(1)?;
        self.controls.push(Control {
            kind: ControlKind::Function,
            ty,
            label,
            depth: 0,
            numbers: 0,
            references: 0,
            handlers: Vec::new(),
            header: None,
        });
        Ok(())
    }

    /// Opens a block; its parameters are on the stack, in their temps, and no entry stands for a local.
    fn push_control(&mut self, kind: ControlKind, ty: BlockType) -> Result<Label, TryReserveError> {
        let label = self.new_label()?;
        let depth = self.stack.entries.len() - self.params(ty).len();
        let (numbers, references) = self.heights_at(depth);
        self.controls.try_reserve(1)?;
        self.controls.push(Control { kind, ty, label, depth, numbers, references, handlers: Vec::new(), header: None });
        Ok(label)
    }

    /// Temps in use below the entry at `depth`.
    fn heights_at(&self, depth: usize) -> (u32, u32) {
        let (mut numbers, mut references) = (self.stack.numbers, self.stack.references);
        for entry in self.stack.entries[depth..].iter().rev() {
            if entry.kind == Kind::Ref {
                references = entry.base;
            } else {
                numbers = entry.base;
            }
        }
        (numbers, references)
    }

    fn settle_for_block(&mut self, ty: BlockType) -> Result<(), Retry> {
        self.settle_locals()?;
        let params = self.params(ty).len();
        self.settle_top(params)
    }

    pub(super) fn block(&mut self, ty: BlockType) -> Result<(), Retry> {
        self.settle_for_block(ty)?;
        self.push_control(ControlKind::Block, ty)?;
        Ok(())
    }

    pub(super) fn loop_(&mut self, ty: BlockType) -> Result<(), Retry> {
        self.settle_for_block(ty)?;
        self.end_block();
        let label = self.push_control(ControlKind::Loop, ty)?;
        self.bind(label);
        // A branch back that moves values is more than a jump.
        if self.params(ty).is_empty() {
            self.open_header = Some(OpenHeader { control: self.controls.len() - 1, start: self.code.position() });
        }
        if self.environment.epoch {
            self.code.emit(op::poll, Nullary {});
        }
        self.begin_block();
        Ok(())
    }

    /// The header of the loop at this index of the open blocks is known.
    pub(super) fn set_header(&mut self, control: usize, header: Header) {
        self.controls[control].header = Some(header);
    }

    pub(super) fn if_(&mut self, ty: BlockType) -> Result<(), Retry> {
        let condition = self.pop_condition()?;
        self.settle_for_block(ty)?;
        let otherwise = self.new_label()?;
        if let Condition::Const(holds) = condition {
            if !holds {
                self.branch_on(condition, true);
                self.target(otherwise, self.code.position() - size_of::<Target>());
            }
        } else {
            let before = (self.code.position(), self.registers);
            let field = self.branch_on(condition, false);
            self.target(otherwise, field);
            self.header_ends_in_test(before, (condition, false), otherwise, self.code.position());
        }
        self.push_control(ControlKind::If(otherwise), ty)?;
        self.last_result = None;
        self.begin_block();
        Ok(())
    }

    pub(super) fn else_(&mut self) -> Result<(), Retry> {
        let Some(control) = self.controls.last() else { return Ok(()) };
        let (label, kind) = (control.label, control.kind);
        if self.unreachable.is_none() {
            self.fall_through()?;
            let field = self.code.emit(op::br, Jump { target: Target(0) }) + size_of::<u16>();
            self.target(label, field);
        }
        self.end_block();
        self.reset_to_params()?;
        if let ControlKind::If(otherwise) = kind {
            self.bind(otherwise);
        }
        if let Some(control) = self.controls.last_mut() {
            control.kind = ControlKind::Else;
        }
        self.unreachable = None;
        self.begin_block();
        Ok(())
    }

    /// The stack as it was when the innermost block began.
    fn reset_to_params(&mut self) -> Result<(), TryReserveError> {
        let Some(control) = self.controls.last() else { return Ok(()) };
        let params = kinds(self.params(control.ty))?;
        self.reset_to(self.controls.len() - 1, &params)
    }

    /// Cuts the stack to the base of a block and pushes values standing in their temps.
    fn reset_to(&mut self, control: usize, kinds: &[Kind]) -> Result<(), TryReserveError> {
        let (depth, numbers, references) = {
            let control = &self.controls[control];
            (control.depth, control.numbers, control.references)
        };
        self.truncate(depth);
        (self.stack.numbers, self.stack.references) = (numbers, references);
        for kind in kinds {
            self.room()?;
            self.push(*kind, Place::Temp);
        }
        Ok(())
    }

    // ---- closing blocks

    pub(super) fn end(&mut self) -> Result<(), Retry> {
        self.open_header = None;
        let Some(control) = self.controls.last() else { return Ok(()) };
        let (label, kind) = (control.label, control.kind);
        let mut reachable = self.unreachable.is_none();
        if reachable {
            if kind == ControlKind::Function && !self.is_used(label) && self.controls[0].handlers.is_empty() {
                // The usual end of a function: return from where the results are.
                self.return_()?;
                self.controls.pop();
                self.end_block();
                return Ok(());
            }
            self.fall_through()?;
        }
        self.end_block();
        let results = kinds(self.results(&self.controls[self.controls.len() - 1].ty))?;
        match kind {
            ControlKind::If(otherwise) => {
                // Without an else the parameters are the results and stand where they must.
                reachable = true;
                self.bind(otherwise);
            }
            ControlKind::TryTable { start, catches } => self.end_try_table(start, catches)?,
            ControlKind::Catch => {
                self.legacy_ranges.pop();
            }
            // Without a handler exceptions go on outwards; the row is there for those delegated to this `try`.
            ControlKind::Try { start, number } => self.push_delegate(start, number, self.controls.len() - 1)?,
            ControlKind::Function | ControlKind::Block | ControlKind::Loop | ControlKind::Else => {}
        }
        let handled = !self.controls[self.controls.len() - 1].handlers.is_empty();
        if kind != ControlKind::Loop && (self.is_used(label) || handled) {
            reachable = true;
            self.bind(label);
            let position = self.code.position() as u32;
            let handlers = core::mem::take(&mut self.controls.last_mut().expect("just seen").handlers);
            for handler in handlers {
                self.handlers[handler].target = position;
            }
        }
        self.reset_to(self.controls.len() - 1, &results)?;
        self.forget_last();
        if reachable {
            self.unreachable = None;
            if kind == ControlKind::Function {
                self.begin_block();
                self.return_()?;
                self.controls.pop();
                self.end_block();
                return Ok(());
            }
            self.controls.pop();
            if kind != ControlKind::Loop || self.environment.fuel {
                self.begin_block();
            }
        } else {
            self.controls.pop();
            self.unreachable = Some(0);
        }
        Ok(())
    }

    /// The values on top go where the innermost block's label wants its results.
    fn fall_through(&mut self) -> Result<(), Retry> {
        let control = self.controls.len() - 1;
        let count = self.results(&self.controls[control].ty).len();
        self.move_to_base(count, self.controls[control].numbers, self.controls[control].references)
    }

    /// Moves the top `count` values to the temps from these heights on.
    fn move_to_base(&mut self, count: usize, mut numbers: u32, mut references: u32) -> Result<(), Retry> {
        let len = self.stack.entries.len();
        for index in len.saturating_sub(count)..len {
            self.room()?;
            let entry = self.stack.entries[index];
            let height = if entry.kind == Kind::Ref { &mut references } else { &mut numbers };
            // Temps only move down, in order, so that none is overwritten before it has moved.
            let slot = self.temp_slot(Entry { base: *height, ..entry })?;
            *height += entry.kind.slots();
            if entry.kind != Kind::Ref {
                self.frame.cover(slot as u32 + entry.kind.slots());
            }
            self.scratch_used = 0;
            self.copy_to(entry, slot)?;
        }
        Ok(())
    }

    /// Code behind this point is not reached.
    pub(super) fn set_unreachable(&mut self) {
        self.end_block();
        self.unreachable = Some(0);
        self.open_header = None;
        self.forget_last();
    }

    /// Whether the instruction is in unreachable code and makes nothing; keeps count of its blocks.
    pub(super) fn skips(&mut self, operator: &Operator<'_>) -> bool {
        let Some(depth) = &mut self.unreachable else { return false };
        match operator {
            Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::TryTable { .. }
            | Operator::Try { .. } => {
                *depth += 1;
                true
            }
            Operator::End | Operator::Delegate { .. } if *depth > 0 => {
                *depth -= 1;
                true
            }
            Operator::End | Operator::Delegate { .. } => false,
            Operator::Else | Operator::Catch { .. } | Operator::CatchAll => *depth > 0,
            _ => true,
        }
    }

    // ---- branches

    pub(super) fn br(&mut self, depth: u32) -> Result<(), Retry> {
        self.jump_to(depth)?;
        self.set_unreachable();
        Ok(())
    }

    /// Values to their places, and a jump (or a return, where nothing else has to reach the function's label).
    fn jump_to(&mut self, depth: u32) -> Result<(), Retry> {
        let control = self.control(depth);
        if self.controls[control].kind == ControlKind::Function {
            return self.return_values();
        }
        if let Some(header) = self.controls[control].header {
            self.repeat(header)?;
            return Ok(());
        }
        let arity = self.label_arity(&self.controls[control]);
        self.move_to_base(arity, self.controls[control].numbers, self.controls[control].references)?;
        let field = self.code.emit(op::br, Jump { target: Target(0) }) + size_of::<u16>();
        self.target(self.controls[control].label, field);
        Ok(())
    }

    /// Whether a branch to this label can go there at once: its values, settled, are where it wants them.
    fn is_direct(&self, depth: u32) -> bool {
        let control = &self.controls[self.control(depth)];
        if control.kind == ControlKind::Function {
            return false;
        }
        let arity = self.label_arity(control);
        let first = self.stack.entries.len().saturating_sub(arity);
        arity == 0 || self.heights_at(first) == (control.numbers, control.references)
    }

    pub(super) fn br_if(&mut self, depth: u32) -> Result<(), Retry> {
        let condition = self.pop_condition()?;
        if let Condition::Const(holds) = condition {
            if holds {
                self.settle_branch_values(depth)?;
                self.jump_to(depth)?;
            }
            // The code behind stays reachable for validation, and is dead.
            self.begin_block_behind_branch();
            return Ok(());
        }
        self.settle_branch_values(depth)?;
        let label = self.is_direct(depth).then_some(self.controls[self.control(depth)].label);
        self.conditional(depth, |this, when| {
            let before = (this.code.position(), this.registers);
            let field = this.branch_on(condition, when);
            if let Some(label) = label {
                this.header_ends_in_test(before, (condition, when), label, this.code.position());
            }
            Ok(field)
        })
    }

    /// The values that a branch carries go to their own temps: both ways find them there.
    pub(super) fn settle_branch_values(&mut self, depth: u32) -> Result<(), Retry> {
        let arity = self.label_arity(&self.controls[self.control(depth)]);
        self.settle_top(arity)
    }

    /// A branch to `depth` by the op that `emit` writes: taken when it holds, or when it does not.
    pub(super) fn conditional(
        &mut self,
        depth: u32,
        emit: impl FnOnce(&mut Self, bool) -> Result<usize, Retry>,
    ) -> Result<(), Retry> {
        if self.is_direct(depth) {
            let field = emit(self, true)?;
            let label = self.controls[self.control(depth)].label;
            self.target(label, field);
        } else {
            let over = self.new_label()?;
            let field = emit(self, false)?;
            self.target(over, field);
            let registers = self.registers;
            self.jump_to(depth)?;
            self.bind(over);
            self.registers = registers;
        }
        self.begin_block_behind_branch();
        Ok(())
    }

    fn begin_block_behind_branch(&mut self) {
        self.forget_last();
        self.begin_block();
    }

    pub(super) fn br_table(&mut self, table: &wasmparser::BrTable<'_>) -> Result<(), Retry> {
        let index = self.pop();
        let arity = self.label_arity(&self.controls[self.control(table.default())]);
        // Settle first: placing values must not disturb the register that may hold the index.
        let index_slot = self.slot(index)?;
        self.settle_top(arity)?;
        let count = table.len() + 1;
        self.header_ends_in_table(self.code.position(), self.mirrored(Kind::I32, index_slot.0.into()));
        if self.mirrored(Kind::I32, index_slot.0.into()) {
            self.spare(index_slot.0.into());
            self.code.emit(op::br_table_r, BranchTable { index: Reg, count });
        } else {
            self.code.emit(op::br_table_s, BranchTable { index: index_slot, count });
        }
        let first = self.code.position();
        for _ in 0..count {
            self.room()?;
            self.code.emit_target(Target(0));
        }
        // Targets are relative to the end of the table. Labels that need values moved (and returns) get a stub behind it, one for each depth.
        let end = self.code.position();
        let depths = table.targets().map_while(Result::ok).chain(core::iter::once(table.default()));
        let mut stubs: Vec<(u32, Label)> = Vec::new();
        for (number, depth) in depths.enumerate() {
            let field = first + number * size_of::<Target>();
            let label = if self.is_direct(depth) {
                self.controls[self.control(depth)].label
            } else {
                match stubs.binary_search_by_key(&depth, |(depth, _)| *depth) {
                    Ok(found) => stubs[found].1,
                    Err(place) => {
                        let label = self.new_label()?;
                        stubs.try_reserve(1)?;
                        stubs.insert(place, (depth, label));
                        label
                    }
                }
            };
            self.table_target(label, field, end)?;
        }
        for (depth, label) in stubs {
            self.room()?;
            self.bind(label);
            self.scratch_used = 0;
            self.jump_to(depth)?;
        }
        self.set_unreachable();
        Ok(())
    }

    /// Like [`target`](Self::target) for an entry of a branch table: the offset is relative to the table's end, not the field's.
    fn table_target(&mut self, label: Label, field: usize, end: usize) -> Result<(), TryReserveError> {
        let state = self.labels[label.0 as usize];
        match state.bound {
            Some(position) => self.code.write_i32(field, (position as i64 - end as i64) as i32),
            None => {
                self.labels[label.0 as usize].in_table = true;
                self.table_fields.try_reserve(1)?;
                self.table_fields.push((field, end, label));
            }
        }
        Ok(())
    }

    /// Fills in the branch tables once all labels are bound.
    pub(super) fn fill_tables(&mut self) {
        for (field, end, label) in core::mem::take(&mut self.table_fields) {
            let position = self.labels[label.0 as usize].bound.unwrap_or(end);
            self.code.write_i32(field, (position as i64 - end as i64) as i32);
        }
    }

    // ---- returns

    pub(super) fn return_(&mut self) -> Result<(), Retry> {
        self.return_values()?;
        self.set_unreachable();
        Ok(())
    }

    /// Returns the top values.
    fn return_values(&mut self) -> Result<(), Retry> {
        let params = self.frame.params_and_header();
        let count = self.results(&self.controls[0].ty).len();
        let first = self.stack.entries.len().saturating_sub(count);
        match count {
            0 => {
                self.code.emit(op::return_none, Return {});
            }
            1 => {
                let entry = self.stack.entries[first];
                match entry.kind {
                    Kind::V128 => {
                        let src = self.wide(entry)?;
                        self.code.emit(op::return_wide, ReturnSlot { src, params });
                    }
                    Kind::Ref => {
                        let src = self.reference(entry)?;
                        self.code.emit(op::return_ref, ReturnSlot { src, params });
                    }
                    Kind::F32 => match self.slot_or_reg(entry)? {
                        super::operands::Operand::Slot(src) => {
                            self.emit_unit(op::return_f32_s, ReturnOne { src, params })
                        }
                        _ => self.emit_unit(op::return_f32_r, ReturnOne { src: Reg, params }),
                    },
                    Kind::F64 => match self.slot_or_reg(entry)? {
                        super::operands::Operand::Slot(src) => {
                            self.emit_unit(op::return_f64_s, ReturnOne { src, params })
                        }
                        _ => self.emit_unit(op::return_f64_r, ReturnOne { src: Reg, params }),
                    },
                    Kind::I32 | Kind::I64 => match self.operand(entry)? {
                        super::operands::Operand::Slot(src) => {
                            self.emit_unit(op::return_int_s, ReturnOne { src, params })
                        }
                        super::operands::Operand::Reg => {
                            self.spare_dead(self.temp_slot(entry)?);
                            self.emit_unit(op::return_int_r, ReturnOne { src: Reg, params })
                        }
                        super::operands::Operand::Const(bits) => {
                            self.emit_unit(op::return_int_i, ReturnOne { src: bits as i64, params });
                        }
                    },
                }
            }
            _ => {
                let (from, slots) = self.stage(count)?;
                self.code.emit(op::return_many, ReturnMany { params, count: slots, from: FarSlot(from) });
                // The caller's side: results may reach beyond the parameters and the header.
                self.frame.cover(slots);
            }
        }
        Ok(())
    }

    /// Emits an op whose position nobody needs.
    pub(super) fn emit_unit<S: Shape>(&mut self, code: crate::code::op::Code<S>, shape: S) {
        self.code.emit(code, shape);
    }

    /// Places the top `count` values side by side, numbers then references, and returns where, and how many slots.
    pub(super) fn stage(&mut self, count: usize) -> Result<(i32, u32), Retry> {
        self.settle_top(count)?;
        let first = self.stack.entries.len() - count;
        let (numbers, _) = self.heights_at(first);
        let from = (self.frame.number_temps + numbers) as i32;
        let mut next = (self.frame.number_temps + self.stack.numbers) as i32;
        for index in first..self.stack.entries.len() {
            let entry = self.stack.entries[index];
            if entry.kind == Kind::Ref {
                self.room()?;
                self.scratch_used = 0;
                self.reference_to_slot(entry, next)?;
                next += 1;
            }
        }
        self.frame.cover(next as u32);
        Ok((from, (next - from) as u32))
    }

    /// Copies a reference to a number slot, as an argument or staged operand.
    pub(super) fn reference_to_slot(&mut self, entry: Entry, slot: i32) -> Result<(), Retry> {
        let src = self.reference(entry)?;
        match i16::try_from(slot) {
            Ok(near) => self.emit_unit(op::ref_to_slot, Unary { dst: Slot(near), src }),
            Err(_) => self.emit_unit(op::copy_ref_far_out, CopyFarOut { src, far: FarSlot(slot) }),
        }
        self.registers.wrote(slot, 1, None);
        Ok(())
    }

    // ---- exceptions

    pub(super) fn try_table(&mut self, ty: BlockType, catches: &[wasmparser::Catch]) -> Result<(), Retry> {
        self.settle_for_block(ty)?;
        // Labels count from outside the new block.
        let first = self.pending_catches.len();
        for catch in catches {
            let (kind, label, with_reference) = match *catch {
                wasmparser::Catch::One { tag, label } => (HandlerKind::Catch { tag }, label, false),
                wasmparser::Catch::OneRef { tag, label } => (HandlerKind::Catch { tag }, label, true),
                wasmparser::Catch::All { label } => (HandlerKind::CatchAll, label, false),
                wasmparser::Catch::AllRef { label } => (HandlerKind::CatchAll, label, true),
            };
            let control = self.control(label);
            self.pending_catches.try_reserve(1)?;
            self.pending_catches.push(PendingCatch { kind, control, with_reference });
        }
        let start = self.range_start();
        self.push_control(ControlKind::TryTable { start, catches: first }, ty)?;
        self.straight_line_ends();
        Ok(())
    }

    /// Where what a `try` protects begins. A charge just before it belongs to it: should the block turn out to cost nothing, the charge goes, and
    /// the range would begin behind its end.
    fn range_start(&self) -> usize {
        match self.charge {
            Some(charge) if self.code.position() == charge.end() => charge.position,
            _ => self.code.position(),
        }
    }

    fn end_try_table(&mut self, start: usize, first: usize) -> Result<(), TryReserveError> {
        let number = self.tries;
        self.tries += 1;
        for index in first..self.pending_catches.len() {
            let PendingCatch { kind, control, with_reference } = self.pending_catches[index];
            let label_kinds = self.label_kinds(&self.controls[control])?;
            let (numbers, references) = (self.controls[control].numbers, self.controls[control].references);
            let payload_references =
                label_kinds.iter().filter(|kind| **kind == Kind::Ref).count() as u32 - u32::from(with_reference);
            let slots: u32 = label_kinds.iter().filter(|kind| **kind != Kind::Ref).map(|kind| kind.slots()).sum();
            self.frame.cover(self.frame.number_temps + numbers + slots);
            let exception = with_reference.then_some(references + payload_references);
            self.push_handler(start, number, kind, control, numbers, references, payload_references > 0, exception)?;
        }
        self.pending_catches.truncate(first);
        Ok(())
    }

    /// Adds a row that goes on at a block's label.
    #[allow(clippy::too_many_arguments)] // one row, field by field
    fn push_handler(
        &mut self,
        start: usize,
        try_number: u32,
        kind: HandlerKind,
        control: usize,
        numbers: u32,
        references: u32,
        has_references: bool,
        exception: Option<u32>,
    ) -> Result<(), TryReserveError> {
        let target = self.labels[self.controls[control].label.0 as usize].bound;
        let index = self.handlers.len();
        let references = self.reference_slot_if(has_references, references);
        let exception = exception.map(|height| self.reference_slot(height));
        self.handlers.try_reserve(1)?;
        self.handlers.push(Handler {
            start: self.covered_from(start),
            end: self.code.position() as u32,
            try_number,
            kind,
            target: target.unwrap_or(0) as u32,
            numbers: (self.frame.number_temps + numbers) as i32,
            references,
            exception,
        });
        if target.is_none() {
            let waiting = &mut self.controls[control].handlers;
            waiting.try_reserve(1)?;
            waiting.push(index);
        }
        Ok(())
    }

    /// Where the range of a handler begins that was to begin at `start`: not behind what is written by now, since a charge of nothing at the
    /// beginning of an empty body has been taken back.
    fn covered_from(&self, start: usize) -> u32 {
        start.min(self.code.position()) as u32
    }

    /// The slot of a reference temp, noting if the frame must be roomier.
    fn reference_slot(&mut self, height: u32) -> i32 {
        match self.frame.reference_temp(height) {
            Ok(slot) => slot,
            Err(retry) => {
                self.retry.get_or_insert(retry);
                0
            }
        }
    }

    /// The slot of a reference temp that is only named if there is one.
    fn reference_slot_if(&mut self, exists: bool, height: u32) -> i32 {
        if exists { self.reference_slot(height) } else { 0 }
    }

    pub(super) fn throw(&mut self, tag: u32) -> Result<(), Retry> {
        let params = self.resources.tag_at(tag).map_or(0, |ty| ty.params().len());
        let (from, _) = self.stage(params)?;
        self.code.emit(op::throw, Throw { tag, from: FarSlot(from) });
        self.set_unreachable();
        Ok(())
    }

    pub(super) fn throw_ref(&mut self) -> Result<(), Retry> {
        let entry = self.pop();
        let exception = self.reference(entry)?;
        self.code.emit(op::throw_ref, ThrowRef { exception });
        self.set_unreachable();
        Ok(())
    }

    // ---- legacy exceptions

    pub(super) fn legacy_try(&mut self, ty: BlockType) -> Result<(), Retry> {
        self.settle_for_block(ty)?;
        let number = self.tries;
        self.tries += 1;
        let start = self.range_start();
        self.push_control(ControlKind::Try { start, number }, ty)?;
        self.straight_line_ends();
        Ok(())
    }

    /// `catch` and `catch_all`: the body (or the handler before) ends, a handler begins with the payload on the stack.
    pub(super) fn legacy_catch(&mut self, tag: Option<u32>) -> Result<(), Retry> {
        let Some(control) = self.controls.last() else { return Ok(()) };
        let (label, kind) = (control.label, control.kind);
        if self.unreachable.is_none() {
            self.fall_through()?;
            let field = self.code.emit(op::br, Jump { target: Target(0) }) + size_of::<u16>();
            self.target(label, field);
        }
        self.end_block();
        let control = self.controls.len() - 1;
        let (start, end, number) = match kind {
            ControlKind::Try { start, number } => (start, self.code.position(), number),
            _ => self.legacy_ranges.last().copied().unwrap_or_default(),
        };
        if let ControlKind::Try { .. } = kind {
            self.legacy_ranges.try_reserve(1)?;
            self.legacy_ranges.push((start, end, number));
        }
        self.controls[control].kind = ControlKind::Catch;
        self.reset_to(control, &[])?;
        let (numbers, references) = (self.controls[control].numbers, self.controls[control].references);
        let payload = kinds(tag.and_then(|tag| self.resources.tag_at(tag)).map_or(&[], |ty| ty.params()))?;
        // The exception itself stays below the payload, for `rethrow`.
        self.push(Kind::Ref, Place::Temp);
        for kind in payload {
            self.room()?;
            self.push(kind, Place::Temp);
        }
        let exception = self.reference_slot(references);
        let handler = Handler {
            start: start.min(end) as u32,
            end: end as u32,
            try_number: number,
            kind: tag.map_or(HandlerKind::CatchAll, |tag| HandlerKind::Catch { tag }),
            target: self.code.position() as u32,
            numbers: (self.frame.number_temps + numbers) as i32,
            references: self.reference_slot_if(self.stack.references > references + 1, references + 1),
            exception: Some(exception),
        };
        self.handlers.try_reserve(1)?;
        self.handlers.push(handler);
        self.straight_line_ends();
        self.unreachable = None;
        self.begin_block();
        Ok(())
    }

    pub(super) fn rethrow(&mut self, depth: u32) -> Result<(), Retry> {
        let control = &self.controls[self.control(depth)];
        let entry = self.stack.entries[control.depth];
        let exception = self.reference(entry)?;
        self.code.emit(op::throw_ref, ThrowRef { exception });
        self.set_unreachable();
        Ok(())
    }

    /// `delegate`: the `try` ends, and its exceptions are those of an outer one.
    pub(super) fn delegate(&mut self, depth: u32) -> Result<(), Retry> {
        let Some(&Control { kind: ControlKind::Try { start, number }, .. }) = self.controls.last() else {
            return Ok(());
        };
        // The label counts from outside this `try`; the first `try` from there on that is still in its body takes over.
        let outside = self.controls.len().saturating_sub(1 + depth as usize);
        self.push_delegate(start, number, outside)?;
        if let Some(control) = self.controls.last_mut() {
            control.kind = ControlKind::Block;
        }
        self.end()
    }

    /// The row of a `try` that hands its exceptions on: to the innermost of the first `outside` blocks that is a `try` in its body.
    fn push_delegate(&mut self, start: usize, try_number: u32, outside: usize) -> Result<(), TryReserveError> {
        let outer = self.controls[..outside].iter().rev().find_map(|control| match control.kind {
            ControlKind::Try { number, .. } => Some(number),
            _ => None,
        });
        self.handlers.try_reserve(1)?;
        self.handlers.push(Handler {
            start: self.covered_from(start),
            end: self.code.position() as u32,
            try_number,
            kind: HandlerKind::Delegate { outer },
            target: 0,
            numbers: 0,
            references: 0,
            exception: None,
        });
        Ok(())
    }
}

/// A catch clause of an open `try_table`: where it goes is known, the end of what it covers is not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PendingCatch {
    kind: HandlerKind,
    /// Index of the block whose label it goes to.
    control: usize,
    with_reference: bool,
}

pub(super) fn relative(field: usize, position: usize) -> i32 {
    // Plain target fields end their op.
    (position as i64 - (field + size_of::<Target>()) as i64) as i32
}
