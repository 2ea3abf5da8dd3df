//! Constant expressions that make objects: structs and arrays.
//!
//! Part of the [`Evaluator`] of constant expressions; what is made is rooted until the end of the expression.

use alloc::sync::Arc;

use super::{Evaluator, number, stack_underflow};
use crate::error::{Error, Result};
use crate::module::ConstOp;
use crate::runtime::heap::{AccessError, Handle};
use crate::trap::TrapCode;
use crate::types::{CompositeType, DefinedType, StorageType, ValType};

impl Evaluator<'_> {
    /// A step that makes an object.
    pub(super) fn object(&mut self, op: ConstOp) -> Result<[u64; 2]> {
        Ok(match op {
            ConstOp::StructNew(index) => self.new_struct(index, Handle::NULL, false)?,
            ConstOp::StructNewDefault(index) => self.new_struct(index, Handle::NULL, true)?,
            ConstOp::StructNewDesc(index) => {
                let descriptor = self.pop_descriptor()?;
                self.new_struct(index, descriptor, false)?
            }
            ConstOp::StructNewDefaultDesc(index) => {
                let descriptor = self.pop_descriptor()?;
                self.new_struct(index, descriptor, true)?
            }
            ConstOp::ArrayNew(index) => {
                let (len, value) = (self.pop()?[0] as u32, self.pop()?);
                let (array, element) = self.new_array(index, len)?;
                self.store.heap.array_fill(array, 0, bits(value, element), len).map_err(access)?;
                number(array.bits().into())
            }
            ConstOp::ArrayNewDefault(index) => {
                let len = self.pop()?[0] as u32;
                number(self.new_array(index, len)?.0.bits().into())
            }
            ConstOp::ArrayNewFixed { type_index, len } => {
                let (array, element) = self.new_array(type_index, len)?;
                for index in (0..len).rev() {
                    let value = self.pop()?;
                    self.store.heap.set_array_value(array, index, bits(value, element)).map_err(access)?;
                }
                number(array.bits().into())
            }
            // All others are steps that make none.
            _ => return Err(stack_underflow()),
        })
    }

    fn pop_descriptor(&mut self) -> Result<Handle> {
        match Handle::from_bits(self.pop()?[0] as u32) {
            Handle::NULL => Err(Error::trap(TrapCode::NullDescriptorReference)),
            descriptor => Ok(descriptor),
        }
    }

    fn defined_type(&self, type_index: u32) -> Result<Arc<DefinedType>> {
        let id = self.module.types.ids().get(type_index as usize);
        id.and_then(|id| self.store.types().defined_arc(*id)).ok_or_else(Error::wrong_store)
    }

    /// A struct whose fields are on the stack, unless they are to have their default values. Kept alive until the end of
    /// the expression.
    fn new_struct(&mut self, type_index: u32, descriptor: Handle, default: bool) -> Result<[u64; 2]> {
        let ty = self.defined_type(type_index)?;
        self.keep(descriptor)?;
        let object = self.store.allocate(|heap, _| heap.alloc_struct(&ty, descriptor))?;
        self.keep(object)?;
        if !default && let CompositeType::Struct(fields) = ty.sub_type().composite() {
            for (field, offset) in fields.fields().iter().zip(&ty.layout().offsets).rev() {
                let value = bits(self.pop()?, field.element_type());
                self.store.heap.set_field_value(object, *offset, field.element_type(), value).map_err(access)?;
            }
        }
        Ok(number(object.bits().into()))
    }

    /// An array of default values, and the type of its elements. Kept alive until the end of the expression.
    fn new_array(&mut self, type_index: u32, len: u32) -> Result<(Handle, StorageType)> {
        let ty = self.defined_type(type_index)?;
        let CompositeType::Array(array) = ty.sub_type().composite() else { return Err(Error::wrong_store()) };
        let object = self.store.allocate(|heap, _| heap.alloc_array(&ty, len))?;
        self.keep(object)?;
        Ok((object, array.field_type().element_type()))
    }

    /// Roots an object until the end of the expression.
    fn keep(&mut self, object: Handle) -> Result<()> {
        self.store.heap.root_scoped(object)?;
        Ok(())
    }
}

/// A value in the form the heap takes it: its bits, a vector's first byte lowest.
fn bits(slots: [u64; 2], ty: StorageType) -> u128 {
    match ty {
        StorageType::Val(ValType::V128) => {
            let [low, high] = slots.map(u64::to_ne_bytes).map(u64::from_le_bytes);
            u128::from(high) << 64 | u128::from(low)
        }
        _ => slots[0].into(),
    }
}

fn access(error: AccessError) -> Error {
    match error {
        AccessError::OutOfBounds => Error::trap(TrapCode::ArrayOutOfBounds),
        AccessError::Null | AccessError::Invalid => Error::misuse("a constant expression met a wrong object"),
    }
}
