//! References, structs, arrays and casts.

use wasmparser::{CompositeInnerType, HeapType, RefType, StorageType};

use super::frame::Retry;
use super::operands::{Kind, Place};
use super::{Translator, kind};
use crate::code::op::{self, Code};
use crate::code::reftype;
use crate::code::shape::*;

impl<R: super::Resources> Translator<'_, R> {
    // ---- references

    pub(super) fn ref_null(&mut self) -> Result<(), Retry> {
        self.push(Kind::Ref, Place::Const(0));
        Ok(())
    }

    pub(super) fn ref_func(&mut self, function: u32) -> Result<(), Retry> {
        let dst = self.push_temp(Kind::Ref)?;
        let position = self.code.emit(op::ref_func, Indexed { dst: RefSlot(dst.near), index: function });
        self.defined(dst, position);
        Ok(())
    }

    /// `dst: number ← f(src: reference)`, in a handler.
    pub(super) fn number_of_reference(&mut self, code: Code<Unary<RefSlot, Slot>>) -> Result<(), Retry> {
        let src = self.pop();
        let src = self.reference(src)?;
        let dst = self.push_temp(Kind::I32)?;
        let position = self.code.emit(code, Unary { dst: Slot(dst.near), src });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn ref_as_non_null(&mut self) -> Result<(), Retry> {
        let src = self.pop();
        let src = self.reference(src)?;
        let dst = self.push_temp(Kind::Ref)?;
        let position = self.code.emit(op::ref_as_non_null, Unary { dst: RefSlot(dst.near), src });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn ref_eq(&mut self) -> Result<(), Retry> {
        let (rhs, lhs) = (self.pop(), self.pop());
        let (lhs, rhs) = (self.reference(lhs)?, self.reference(rhs)?);
        let dst = self.push_temp(Kind::I32)?;
        let position = self.code.emit(op::ref_eq, Binary { dst: Slot(dst.near), lhs, rhs });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn ref_i31(&mut self) -> Result<(), Retry> {
        let src = self.pop();
        let src = self.slot(src)?;
        let dst = self.push_temp(Kind::Ref)?;
        let position = self.code.emit(op::ref_i31, Unary { dst: RefSlot(dst.near), src });
        self.defined(dst, position);
        Ok(())
    }

    pub(super) fn br_on_null(&mut self, depth: u32) -> Result<(), Retry> {
        self.settle_top(1)?;
        let entry = self.pop();
        let src = self.reference(entry)?;
        self.settle_branch_values(depth)?;
        self.conditional(depth, |this, when| {
            let code = if when { op::br_on_null } else { op::br_on_non_null };
            this.emit_unit(code, BranchRef { src, target: Target(0) });
            Ok(this.code.position() - size_of::<Target>())
        })?;
        // The reference goes on, where it was.
        self.push(Kind::Ref, Place::Temp);
        Ok(())
    }

    pub(super) fn br_on_non_null(&mut self, depth: u32) -> Result<(), Retry> {
        self.settle_branch_values(depth)?;
        self.settle_top(1)?;
        let Some(entry) = self.peek(0) else { return Ok(()) };
        let src = self.reference(entry)?;
        self.conditional(depth, |this, when| {
            let code = if when { op::br_on_non_null } else { op::br_on_null };
            this.emit_unit(code, BranchRef { src, target: Target(0) });
            Ok(this.code.position() - size_of::<Target>())
        })?;
        self.pop();
        Ok(())
    }

    // ---- casts

    pub(super) fn ref_test(&mut self, heap: HeapType, nullable: bool) -> Result<(), Retry> {
        let src = self.pop();
        let src = self.reference(src)?;
        let dst = self.push_temp(Kind::I32)?;
        self.emit_unit(op::ref_test, Cast { dst: Slot(dst.near), src, ty: encode(heap, nullable) });
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn ref_cast(&mut self, heap: HeapType, nullable: bool) -> Result<(), Retry> {
        let src = self.pop();
        let src = self.reference(src)?;
        let dst = self.push_temp(Kind::Ref)?;
        self.emit_unit(op::ref_cast, Cast { dst: RefSlot(dst.near), src, ty: encode(heap, nullable) });
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn ref_cast_desc_eq(&mut self, heap: HeapType, nullable: bool) -> Result<(), Retry> {
        let (desc, src) = (self.pop(), self.pop());
        let (desc, src) = (self.reference(desc)?, self.reference(src)?);
        let dst = self.push_temp(Kind::Ref)?;
        self.emit_unit(
            op::ref_cast_desc_eq,
            CastDesc { dst: RefSlot(dst.near), src, desc, ty: encode(heap, nullable) },
        );
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn ref_get_desc(&mut self, type_index: u32) -> Result<(), Retry> {
        let src = self.pop();
        let src = self.reference(src)?;
        let dst = self.push_temp(Kind::Ref)?;
        self.emit_unit(op::ref_get_desc, Cast { dst: RefSlot(dst.near), src, ty: type_index.into() });
        self.defined_by_driver(dst);
        Ok(())
    }

    /// `br_on_cast` and `br_on_cast_fail`: the reference stays on the stack either way.
    pub(super) fn br_on_cast(&mut self, depth: u32, to: RefType, on_success: bool) -> Result<(), Retry> {
        self.settle_branch_values(depth)?;
        self.settle_top(1)?;
        let Some(entry) = self.peek(0) else { return Ok(()) };
        let src = self.reference(entry)?;
        let ty = reftype::encode(to);
        self.registers.forget();
        self.conditional(depth, |this, when| {
            let code = if when == on_success { op::br_on_cast } else { op::br_on_cast_fail };
            this.emit_unit(code, BranchCast { src, ty, target: Target(0) });
            Ok(this.code.position() - size_of::<Target>())
        })
    }

    /// `br_on_cast_desc_eq` and its opposite: the descriptor is consumed.
    pub(super) fn br_on_cast_desc_eq(&mut self, depth: u32, to: RefType, on_success: bool) -> Result<(), Retry> {
        let desc = self.pop();
        let desc = self.reference(desc)?;
        self.settle_branch_values(depth)?;
        self.settle_top(1)?;
        let Some(entry) = self.peek(0) else { return Ok(()) };
        let src = self.reference(entry)?;
        let ty = reftype::encode(to);
        self.registers.forget();
        self.conditional(depth, |this, when| {
            let code = if when == on_success { op::br_on_cast_desc_eq } else { op::br_on_cast_desc_eq_fail };
            this.emit_unit(code, BranchCastDesc { src, desc, ty, target: Target(0) });
            Ok(this.code.position() - size_of::<Target>())
        })
    }

    // ---- structs

    /// Kinds of the fields of a struct type, or of the element of an array type.
    fn field_kind(&self, type_index: u32, field: u32) -> Kind {
        let storage = match self.resources.sub_type_at(type_index).map(|ty| &ty.composite_type.inner) {
            Some(CompositeInnerType::Struct(ty)) => ty.fields.get(field as usize).map(|field| field.element_type),
            Some(CompositeInnerType::Array(ty)) => Some(ty.0.element_type),
            _ => None,
        };
        match storage {
            Some(StorageType::Val(ty)) => kind(ty),
            _ => Kind::I32,
        }
    }

    fn field_count(&self, type_index: u32) -> usize {
        match self.resources.sub_type_at(type_index).map(|ty| &ty.composite_type.inner) {
            Some(CompositeInnerType::Struct(ty)) => ty.fields.len(),
            _ => 0,
        }
    }

    fn drop_staged(&mut self, count: usize) {
        let len = self.stack.entries.len() - count;
        self.truncate(len);
    }

    pub(super) fn struct_new(&mut self, type_index: u32) -> Result<(), Retry> {
        let count = self.field_count(type_index);
        let (from, _) = self.stage(count)?;
        self.drop_staged(count);
        let dst = self.push_temp(Kind::Ref)?;
        let shape = NewStaged { dst: RefSlot(dst.near), type_index, count: count as u32, from: FarSlot(from) };
        self.emit_unit(op::struct_new, shape);
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn struct_new_desc(&mut self, type_index: u32) -> Result<(), Retry> {
        self.settle_top(1)?;
        let desc = self.pop();
        let desc = self.reference(desc)?;
        // The descriptor's temp is above the fields' and stays as it is while they are staged.
        let count = self.field_count(type_index);
        let (from, _) = self.stage(count)?;
        self.drop_staged(count);
        let dst = self.push_temp(Kind::Ref)?;
        self.emit_unit(
            op::struct_new_desc,
            NewStagedDesc { dst: RefSlot(dst.near), desc, type_index, from: FarSlot(from) },
        );
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn struct_new_default(&mut self, type_index: u32) -> Result<(), Retry> {
        let dst = self.push_temp(Kind::Ref)?;
        self.emit_unit(op::struct_new_default, NewDefault { dst: RefSlot(dst.near), type_index });
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn struct_new_default_desc(&mut self, type_index: u32) -> Result<(), Retry> {
        let desc = self.pop();
        let desc = self.reference(desc)?;
        let dst = self.push_temp(Kind::Ref)?;
        self.emit_unit(op::struct_new_default_desc, NewDefaultDesc { dst: RefSlot(dst.near), desc, type_index });
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn struct_get(&mut self, type_index: u32, field: u32, signed: bool) -> Result<(), Retry> {
        let object = self.pop();
        let object = self.reference(object)?;
        let kind = self.field_kind(type_index, field);
        let dst = self.push_temp(kind)?;
        let (field, signed) = (field as u16, u16::from(signed)); // a struct has at most 10,000 fields
        match kind {
            Kind::V128 => self
                .emit_unit(op::struct_get_wide, StructGet { dst: Wide(dst.near), object, type_index, field, signed }),
            Kind::Ref => self
                .emit_unit(op::struct_get_ref, StructGet { dst: RefSlot(dst.near), object, type_index, field, signed }),
            _ => self.emit_unit(op::struct_get, StructGet { dst: Slot(dst.near), object, type_index, field, signed }),
        }
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn struct_set(&mut self, type_index: u32, field: u32) -> Result<(), Retry> {
        let (value, object) = (self.pop(), self.pop());
        let object = self.reference(object)?;
        let field = field as u16;
        match value.kind {
            Kind::V128 => {
                let value = self.wide(value)?;
                self.emit_unit(op::struct_set_wide, StructSet { object, value, type_index, field });
            }
            Kind::Ref => {
                let value = self.reference(value)?;
                self.emit_unit(op::struct_set_ref, StructSet { object, value, type_index, field });
            }
            _ => {
                let value = self.slot(value)?;
                self.emit_unit(op::struct_set, StructSet { object, value, type_index, field });
            }
        }
        self.registers.forget();
        Ok(())
    }

    // ---- arrays

    pub(super) fn array_new(&mut self, type_index: u32) -> Result<(), Retry> {
        let (len, value) = (self.pop(), self.pop());
        let len = self.slot(len)?;
        match value.kind {
            Kind::V128 => {
                let value = self.wide(value)?;
                let dst = self.push_temp(Kind::Ref)?;
                self.emit_unit(op::array_new_wide, ArrayNew { dst: RefSlot(dst.near), value, len, type_index });
                self.defined_by_driver(dst);
            }
            Kind::Ref => {
                let value = self.reference(value)?;
                let dst = self.push_temp(Kind::Ref)?;
                self.emit_unit(op::array_new_ref, ArrayNew { dst: RefSlot(dst.near), value, len, type_index });
                self.defined_by_driver(dst);
            }
            _ => {
                let value = self.slot(value)?;
                let dst = self.push_temp(Kind::Ref)?;
                self.emit_unit(op::array_new, ArrayNew { dst: RefSlot(dst.near), value, len, type_index });
                self.defined_by_driver(dst);
            }
        }
        Ok(())
    }

    pub(super) fn array_new_default(&mut self, type_index: u32) -> Result<(), Retry> {
        let len = self.pop();
        let len = self.slot(len)?;
        let dst = self.push_temp(Kind::Ref)?;
        self.emit_unit(op::array_new_default, ArrayNewDefault { dst: RefSlot(dst.near), len, type_index });
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn array_new_fixed(&mut self, type_index: u32, count: u32) -> Result<(), Retry> {
        let (from, _) = self.stage(count as usize)?;
        self.drop_staged(count as usize);
        let dst = self.push_temp(Kind::Ref)?;
        self.emit_unit(
            op::array_new_fixed,
            NewStaged { dst: RefSlot(dst.near), type_index, count, from: FarSlot(from) },
        );
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn array_new_segment(
        &mut self,
        code: Code<ArrayNewSegment>,
        type_index: u32,
        segment: u32,
    ) -> Result<(), Retry> {
        let (len, offset) = (self.pop(), self.pop());
        let (len, offset) = (self.slot(len)?, self.slot(offset)?);
        let dst = self.push_temp(Kind::Ref)?;
        self.emit_unit(code, ArrayNewSegment { dst: RefSlot(dst.near), offset, len, type_index, segment });
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn array_get(&mut self, type_index: u32, signed: bool) -> Result<(), Retry> {
        let (index, object) = (self.pop(), self.pop());
        let (index, object) = (self.slot(index)?, self.reference(object)?);
        let kind = self.field_kind(type_index, 0);
        let dst = self.push_temp(kind)?;
        let signed = u16::from(signed);
        match kind {
            Kind::V128 => {
                self.emit_unit(op::array_get_wide, ArrayGet { dst: Wide(dst.near), object, index, type_index, signed })
            }
            Kind::Ref => self
                .emit_unit(op::array_get_ref, ArrayGet { dst: RefSlot(dst.near), object, index, type_index, signed }),
            _ => self.emit_unit(op::array_get, ArrayGet { dst: Slot(dst.near), object, index, type_index, signed }),
        }
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn array_set(&mut self, type_index: u32) -> Result<(), Retry> {
        let (value, index, object) = (self.pop(), self.pop(), self.pop());
        let (index, object) = (self.slot(index)?, self.reference(object)?);
        match value.kind {
            Kind::V128 => {
                let value = self.wide(value)?;
                self.emit_unit(op::array_set_wide, ArraySet { object, index, value, type_index });
            }
            Kind::Ref => {
                let value = self.reference(value)?;
                self.emit_unit(op::array_set_ref, ArraySet { object, index, value, type_index });
            }
            _ => {
                let value = self.slot(value)?;
                self.emit_unit(op::array_set, ArraySet { object, index, value, type_index });
            }
        }
        self.registers.forget();
        Ok(())
    }

    pub(super) fn array_len(&mut self) -> Result<(), Retry> {
        let src = self.pop();
        let src = self.reference(src)?;
        let dst = self.push_temp(Kind::I32)?;
        self.emit_unit(op::array_len, Unary { dst: Slot(dst.near), src });
        self.defined_by_driver(dst);
        Ok(())
    }

    pub(super) fn array_fill(&mut self, type_index: u32) -> Result<(), Retry> {
        self.settle_top(4)?;
        let (len, value, index, object) = (self.pop(), self.pop(), self.pop(), self.pop());
        let (len, index, object) = (self.slot(len)?, self.slot(index)?, self.reference(object)?);
        match value.kind {
            Kind::V128 => {
                let value = self.wide(value)?;
                self.emit_unit(op::array_fill_wide, ArrayFill { object, index, value, len, type_index });
            }
            Kind::Ref => {
                let value = self.reference(value)?;
                self.emit_unit(op::array_fill_ref, ArrayFill { object, index, value, len, type_index });
            }
            _ => {
                let value = self.slot(value)?;
                self.emit_unit(op::array_fill, ArrayFill { object, index, value, len, type_index });
            }
        }
        self.registers.forget();
        Ok(())
    }

    pub(super) fn array_copy(&mut self) -> Result<(), Retry> {
        self.settle_top(5)?;
        let (len, src_index, src, dst_index, dst) = (self.pop(), self.pop(), self.pop(), self.pop(), self.pop());
        let (len, src_index, dst_index) = (self.slot(len)?, self.slot(src_index)?, self.slot(dst_index)?);
        let (src, dst) = (self.reference(src)?, self.reference(dst)?);
        self.emit_unit(op::array_copy, ArrayCopy { dst, dst_index, src, src_index, len });
        self.registers.forget();
        Ok(())
    }

    pub(super) fn array_init(&mut self, code: Code<ArrayInit>, type_index: u32, segment: u32) -> Result<(), Retry> {
        self.settle_top(4)?;
        let (len, offset, index, object) = (self.pop(), self.pop(), self.pop(), self.pop());
        let (len, offset, index, object) =
            (self.slot(len)?, self.slot(offset)?, self.slot(index)?, self.reference(object)?);
        self.emit_unit(code, ArrayInit { object, index, offset, len, type_index, segment });
        self.registers.forget();
        Ok(())
    }
}

fn encode(heap: HeapType, nullable: bool) -> u64 {
    // `None` only for indices beyond any module's limit.
    RefType::new(nullable, heap).map_or(0, reftype::encode)
}
