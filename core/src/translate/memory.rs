//! Memory and table instructions.

use wasmparser::MemArg;

use super::Translator;
use super::forms::{FloatStoreForms, LoadForms, StoreForms};
use super::frame::Retry;
use super::operands::{Entry, Immediate, Kind, Operand, Place};
use crate::code::op::{self, Code};
use crate::code::shape::*;

impl<R: super::Resources> Translator<'_, R> {
    /// The memory index and offset of an access.
    fn memory_of(memarg: MemArg) -> (u16, u64) {
        // Array targets belong to a proposal that is not accepted; memory indices are limited by parsing.
        match memarg.target {
            wasmparser::MemArgTarget::Memory(memory) => (memory as u16, memarg.offset),
            wasmparser::MemArgTarget::Array(_) => (0, memarg.offset),
        }
    }

    /// Whether the access is to memory 0 in its simple form: 32-bit, not shared, and in one piece.
    fn is_flat(&self, memarg: MemArg) -> bool {
        let (memory, _) = Self::memory_of(memarg);
        memory == 0
            && !self.environment.paged
            && self.resources.memory_at(0).is_some_and(|ty| !ty.memory64 && !ty.shared)
    }

    pub(super) fn load(&mut self, memarg: MemArg, kind: Kind, rows: &LoadForms) -> Result<(), Retry> {
        let (memory, offset) = Self::memory_of(memarg);
        if self.is_flat(memarg)
            && (self.load_of_sum(kind, rows, offset as u32)? || self.load_after_step(kind, rows, offset as u32)?)
        {
            return Ok(());
        }
        let addr = self.pop();
        if !self.is_flat(memarg) {
            let addr = self.slot(addr)?;
            let dst = self.push_temp(kind)?;
            let position = self.code.emit(rows.x, LoadX { dst: Slot(dst.near), addr, memory, offset });
            self.defined(dst, position);
            return Ok(());
        }
        let offset = offset as u32;
        let entry = addr;
        let addr = self.flat_address(entry, offset)?;
        self.spare_operand(addr, entry);
        let dst = self.push_temp(kind)?;
        let to = Slot(dst.near);
        let position = match addr {
            Operand::Slot(addr) => self.code.emit(rows.s, Load { dst: to, addr, offset }),
            Operand::Reg => self.code.emit(rows.r, Load { dst: to, addr: Reg, offset }),
            Operand::Const(absolute) => self.code.emit(rows.a, Load { dst: to, addr: Zero, offset: absolute as u32 }),
        };
        self.defined(dst, position);
        Ok(())
    }

    /// The address operand; a constant one becomes absolute, offset included, unless that exceeds 32 bits.
    fn flat_address(&mut self, addr: Entry, offset: u32) -> Result<Operand, Retry> {
        if self.specializes()
            && let Place::Const(bits) = addr.place
        {
            let absolute = u64::from(bits as u32) + u64::from(offset);
            if u32::try_from(absolute).is_ok() {
                return Ok(Operand::Const(absolute));
            }
        }
        self.slot_or_reg(addr)
    }

    pub(super) fn store<I: Immediate>(&mut self, memarg: MemArg, rows: &StoreForms<I>) -> Result<(), Retry> {
        let (value, addr) = (self.pop(), self.pop());
        self.store_entries(memarg, rows, addr, value, None)
    }

    /// A float store: by the integer rows of its size, except from its register.
    pub(super) fn store_float<I: Immediate>(
        &mut self,
        memarg: MemArg,
        rows: &StoreForms<I>,
        float: &FloatStoreForms,
    ) -> Result<(), Retry> {
        let (value, addr) = (self.pop(), self.pop());
        self.store_entries(memarg, rows, addr, value, Some(float))
    }

    fn store_entries<I: Immediate>(
        &mut self,
        memarg: MemArg,
        rows: &StoreForms<I>,
        addr: Entry,
        value: Entry,
        float: Option<&FloatStoreForms>,
    ) -> Result<(), Retry> {
        let (memory, offset) = Self::memory_of(memarg);
        if !self.is_flat(memarg) {
            let (addr, value) = (self.slot(addr)?, self.slot(value)?);
            self.emit_unit(rows.x, StoreX { addr, value, memory, offset });
            return Ok(());
        }
        let offset = offset as u32;
        let entry = addr;
        let addr = self.flat_address(entry, offset)?;
        // A constant that stays an immediate needs no slot; settling one could take the register from the address.
        let mut operand = self.operand(value)?;
        if self.specializes() && addr != operand {
            self.spare_operand(addr, entry);
            self.spare_operand(operand, value);
        }
        if let (Some(float), Operand::Reg) = (float, operand) {
            match addr {
                Operand::Slot(addr) => self.emit_unit(float.sr, Store { addr, value: Reg, offset }),
                Operand::Reg => self.emit_unit(float.rr, Store { addr: Reg, value: Reg, offset }),
                Operand::Const(at) => self.emit_unit(float.ar, Store { addr: Zero, value: Reg, offset: at as u32 }),
            }
            return Ok(());
        }
        if let (Operand::Reg, Operand::Reg) = (addr, operand) {
            operand = Operand::Slot(self.slot(value)?);
        }
        match (addr, operand) {
            (Operand::Slot(addr), Operand::Slot(value)) => self.emit_unit(rows.ss, Store { addr, value, offset }),
            (Operand::Slot(addr), Operand::Reg) => self.emit_unit(rows.sr, Store { addr, value: Reg, offset }),
            (Operand::Slot(addr), Operand::Const(bits)) => {
                self.emit_unit(rows.si, Store { addr, value: I::from_bits(bits), offset });
            }
            (Operand::Reg, Operand::Slot(value)) => self.emit_unit(rows.rs, Store { addr: Reg, value, offset }),
            (Operand::Reg, Operand::Const(bits)) => {
                self.emit_unit(rows.ri, Store { addr: Reg, value: I::from_bits(bits), offset });
            }
            (Operand::Const(at), Operand::Slot(value)) => {
                self.emit_unit(rows.as_, Store { addr: Zero, value, offset: at as u32 });
            }
            (Operand::Const(at), Operand::Reg) => {
                self.emit_unit(rows.ar, Store { addr: Zero, value: Reg, offset: at as u32 })
            }
            (Operand::Const(at), Operand::Const(bits)) => {
                self.emit_unit(rows.ai, Store { addr: Zero, value: I::from_bits(bits), offset: at as u32 });
            }
            (Operand::Reg, Operand::Reg) => {} // excluded above
        }
        Ok(())
    }

    pub(super) fn load_wide(
        &mut self,
        memarg: MemArg,
        s: Code<Load<Slot, Wide>>,
        r: Code<Load<Reg, Wide>>,
        x: Code<LoadX<Wide>>,
    ) -> Result<(), Retry> {
        let entry = self.pop();
        let (memory, offset) = Self::memory_of(memarg);
        let flat = self.is_flat(memarg);
        let addr = if flat { self.slot_or_reg(entry)? } else { Operand::Slot(self.slot(entry)?) };
        self.spare_operand(addr, entry);
        let dst = self.push_temp(Kind::V128)?;
        let to = Wide(dst.near);
        let position = match addr {
            Operand::Slot(addr) if flat => self.code.emit(s, Load { dst: to, addr, offset: offset as u32 }),
            Operand::Slot(addr) => self.code.emit(x, LoadX { dst: to, addr, memory, offset }),
            Operand::Reg | Operand::Const(_) => self.code.emit(r, Load { dst: to, addr: Reg, offset: offset as u32 }),
        };
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn store_wide(&mut self, memarg: MemArg) -> Result<(), Retry> {
        let (value, addr) = (self.pop(), self.pop());
        let (memory, offset) = Self::memory_of(memarg);
        let value = self.wide(value)?;
        if !self.is_flat(memarg) {
            let addr = self.slot(addr)?;
            self.emit_unit(op::v128_store_x, StoreX { addr, value, memory, offset });
            return Ok(());
        }
        let offset = offset as u32;
        let operand = self.slot_or_reg(addr)?;
        self.spare_operand(operand, addr);
        match operand {
            Operand::Slot(addr) => self.emit_unit(op::v128_store_s, Store { addr, value, offset }),
            _ => self.emit_unit(op::v128_store_r, Store { addr: Reg, value, offset }),
        }
        Ok(())
    }

    pub(super) fn load_lane(&mut self, memarg: MemArg, lane: u8, code: Code<LoadLane>) -> Result<(), Retry> {
        let (src, addr) = (self.pop(), self.pop());
        let (memory, offset) = Self::memory_of(memarg);
        let (src, addr) = (self.wide(src)?, self.slot(addr)?);
        let dst = self.push_temp(Kind::V128)?;
        let position =
            self.code.emit(code, LoadLane { dst: Wide(dst.near), addr, src, memory, lane: lane.into(), offset });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn store_lane(&mut self, memarg: MemArg, lane: u8, code: Code<StoreLane>) -> Result<(), Retry> {
        let (src, addr) = (self.pop(), self.pop());
        let (memory, offset) = Self::memory_of(memarg);
        let (src, addr) = (self.wide(src)?, self.slot(addr)?);
        self.emit_unit(code, StoreLane { addr, src, memory, lane: lane.into(), offset });
        Ok(())
    }

    // ---- atomics

    pub(super) fn atomic_load(&mut self, memarg: MemArg, kind: Kind, code: Code<LoadX<Slot>>) -> Result<(), Retry> {
        let addr = self.pop();
        let (memory, offset) = Self::memory_of(memarg);
        let addr = self.slot(addr)?;
        let dst = self.push_temp(kind)?;
        let position = self.code.emit(code, LoadX { dst: Slot(dst.near), addr, memory, offset });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn atomic_store(&mut self, memarg: MemArg, code: Code<StoreX<Slot>>) -> Result<(), Retry> {
        let (value, addr) = (self.pop(), self.pop());
        let (memory, offset) = Self::memory_of(memarg);
        let (value, addr) = (self.slot(value)?, self.slot(addr)?);
        self.emit_unit(code, StoreX { addr, value, memory, offset });
        Ok(())
    }

    pub(super) fn atomic_rmw(&mut self, memarg: MemArg, kind: Kind, code: Code<AtomicRmw>) -> Result<(), Retry> {
        let (value, addr) = (self.pop(), self.pop());
        let (memory, offset) = Self::memory_of(memarg);
        let (value, addr) = (self.slot(value)?, self.slot(addr)?);
        let dst = self.push_temp(kind)?;
        let position = self.code.emit(code, AtomicRmw { dst: Slot(dst.near), addr, value, memory, offset });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn atomic_notify(&mut self, memarg: MemArg) -> Result<(), Retry> {
        self.settle_top(2)?;
        let (value, addr) = (self.pop(), self.pop());
        let (memory, offset) = Self::memory_of(memarg);
        let (value, addr) = (self.slot(value)?, self.slot(addr)?);
        let dst = self.push_temp(Kind::I32)?;
        self.emit_unit(op::memory_atomic_notify, AtomicRmw { dst: Slot(dst.near), addr, value, memory, offset });
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn atomic_cmpxchg(
        &mut self,
        memarg: MemArg,
        kind: Kind,
        code: Code<AtomicCmpxchg>,
    ) -> Result<(), Retry> {
        let (value, expected, addr) = (self.pop(), self.pop(), self.pop());
        let (memory, offset) = Self::memory_of(memarg);
        let (value, expected, addr) = (self.slot(value)?, self.slot(expected)?, self.slot(addr)?);
        let dst = self.push_temp(kind)?;
        let shape = AtomicCmpxchg { dst: Slot(dst.near), addr, expected, value, memory, offset };
        let position = self.code.emit(code, shape);
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn atomic_wait(&mut self, memarg: MemArg, code: Code<AtomicWait>) -> Result<(), Retry> {
        self.settle_top(3)?;
        let (timeout, expected, addr) = (self.pop(), self.pop(), self.pop());
        let (memory, offset) = Self::memory_of(memarg);
        let (timeout, expected, addr) = (self.slot(timeout)?, self.slot(expected)?, self.slot(addr)?);
        let dst = self.push_temp(Kind::I32)?;
        self.emit_unit(code, AtomicWait { dst: Slot(dst.near), addr, expected, timeout, memory, offset });
        self.defined_by_driver(dst);
        Ok(())
    }

    // ---- whole memories and tables

    pub(super) fn memory_size(&mut self, memory: u32) -> Result<(), Retry> {
        let kind = self.memory_kind(memory);
        let dst = self.push_temp(kind)?;
        let position = self.code.emit(op::memory_size, Indexed { dst: Slot(dst.near), index: memory });
        self.defined(dst, position);
        Ok(())
    }

    fn memory_kind(&self, memory: u32) -> Kind {
        if self.resources.memory_at(memory).is_some_and(|ty| ty.memory64) { Kind::I64 } else { Kind::I32 }
    }

    fn table_kind(&self, table: u32) -> Kind {
        if self.resources.table_at(table).is_some_and(|ty| ty.table64) { Kind::I64 } else { Kind::I32 }
    }

    pub(super) fn memory_grow(&mut self, memory: u32) -> Result<(), Retry> {
        self.settle_top(1)?;
        let delta = self.pop();
        let delta = self.slot(delta)?;
        let kind = self.memory_kind(memory);
        let dst = self.push_temp(kind)?;
        self.emit_unit(op::memory_grow, Grow { dst: Slot(dst.near), delta, index: memory });
        self.defined_by_driver(dst);
        Ok(())
    }

    /// Bulk operations keep their progress in their operands: these must be temps of their own.
    pub(super) fn bulk(&mut self, code: Code<Bulk>, first: u32, second: u32) -> Result<(), Retry> {
        self.settle_top(3)?;
        let (len, src, dst) = (self.pop(), self.pop(), self.pop());
        let (len, src, dst) = (self.slot(len)?, self.slot(src)?, self.slot(dst)?);
        self.emit_unit(code, Bulk { dst, src, len, first, second });
        self.registers.forget();
        Ok(())
    }

    pub(super) fn table_fill(&mut self, table: u32) -> Result<(), Retry> {
        self.settle_top(3)?;
        let (len, value, dst) = (self.pop(), self.pop(), self.pop());
        let (len, value, dst) = (self.slot(len)?, self.reference(value)?, self.slot(dst)?);
        self.emit_unit(op::table_fill, TableFill { dst, value, len, table });
        self.registers.forget();
        Ok(())
    }

    pub(super) fn table_grow(&mut self, table: u32) -> Result<(), Retry> {
        let (delta, value) = (self.pop(), self.pop());
        let (delta, value) = (self.slot(delta)?, self.reference(value)?);
        let kind = self.table_kind(table);
        let dst = self.push_temp(kind)?;
        self.emit_unit(op::table_grow, TableGrow { dst: Slot(dst.near), delta, value, index: table });
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn table_size(&mut self, table: u32) -> Result<(), Retry> {
        let kind = self.table_kind(table);
        let dst = self.push_temp(kind)?;
        let position = self.code.emit(op::table_size, Indexed { dst: Slot(dst.near), index: table });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn table_get(&mut self, table: u32) -> Result<(), Retry> {
        let index = self.pop();
        let index = self.slot(index)?;
        let index = self.table_index(table, index)?;
        let dst = self.push_temp(Kind::Ref)?;
        let position = self.code.emit(op::table_get, TableGet { dst: RefSlot(dst.near), index, table });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn table_set(&mut self, table: u32) -> Result<(), Retry> {
        let (value, index) = (self.pop(), self.pop());
        let (value, index) = (self.reference(value)?, self.slot(index)?);
        let index = self.table_index(table, index)?;
        self.emit_unit(op::table_set, TableSet { index, value, table });
        Ok(())
    }
}
