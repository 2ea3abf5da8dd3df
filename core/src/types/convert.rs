//! The way in: wasmparser's types become ours.
//!
//! The only file of `types` that knows the parser. A type index of a module becomes the [`TypeId`] it was registered
//! under; in a recursion group that is still being read, an index into the group itself becomes a relative id. Types of
//! proposals that Whit does not have (continuations, shared references) are [`TypeError::Unsupported`], an index that is
//! not in the module is [`TypeError::UnknownType`]: never a panic, though validation has excluded both.

use alloc::vec::Vec;

use super::{
    ArrayType, CompositeType, EntityType, FieldType, FuncType, GlobalType, HeapType, Limits, MemoryType, Mutability,
    RefType, RegisteredTypes, StorageType, StructType, SubType, TableType, TypeError, TypeId, ValType,
};

/// Reads wasmparser's types, given what the type indices of the module stand for.
#[derive(Clone, Copy)]
pub(crate) struct Converter<'a> {
    /// The types registered so far.
    ids: &'a [TypeId],
    /// How many types the recursion group being read adds after them.
    group_len: usize,
}

impl<'a> Converter<'a> {
    /// A converter for a module whose type section has become `ids`.
    pub(crate) fn new(ids: &'a [TypeId]) -> Self {
        Self { ids, group_len: 0 }
    }

    /// The defined type at an index of the module's type section.
    pub(crate) fn type_id(self, index: u32) -> Result<TypeId, TypeError> {
        let index = index as usize;
        match self.ids.get(index) {
            Some(id) => Ok(*id),
            None if index - self.ids.len() < self.group_len => Ok(TypeId::relative((index - self.ids.len()) as u32)),
            None => Err(TypeError::UnknownType),
        }
    }

    fn packed_index(self, index: wasmparser::PackedIndex) -> Result<TypeId, TypeError> {
        self.unpacked_index(index.unpack())
    }

    fn unpacked_index(self, index: wasmparser::UnpackedIndex) -> Result<TypeId, TypeError> {
        match index {
            wasmparser::UnpackedIndex::Module(index) => self.type_id(index),
            wasmparser::UnpackedIndex::RecGroup(position) if (position as usize) < self.group_len => {
                Ok(TypeId::relative(position))
            }
            // The validator's own names do not occur in what its readers return.
            _ => Err(TypeError::UnknownType),
        }
    }

    /// A heap type.
    pub(crate) fn heap_type(self, ty: wasmparser::HeapType) -> Result<HeapType, TypeError> {
        use wasmparser::AbstractHeapType as Abstract;
        Ok(match ty {
            wasmparser::HeapType::Concrete(index) => HeapType::Concrete(self.unpacked_index(index)?),
            wasmparser::HeapType::Exact(index) => HeapType::Exact(self.unpacked_index(index)?),
            wasmparser::HeapType::Abstract { shared: true, .. } => return Err(TypeError::Unsupported),
            wasmparser::HeapType::Abstract { shared: false, ty } => match ty {
                Abstract::Func => HeapType::Func,
                Abstract::NoFunc => HeapType::NoFunc,
                Abstract::Extern => HeapType::Extern,
                Abstract::NoExtern => HeapType::NoExtern,
                Abstract::Any => HeapType::Any,
                Abstract::None => HeapType::None,
                Abstract::Eq => HeapType::Eq,
                Abstract::I31 => HeapType::I31,
                Abstract::Struct => HeapType::Struct,
                Abstract::Array => HeapType::Array,
                Abstract::Exn => HeapType::Exn,
                Abstract::NoExn => HeapType::NoExn,
                Abstract::Cont | Abstract::NoCont => return Err(TypeError::Unsupported),
            },
        })
    }

    /// A reference type.
    pub(crate) fn ref_type(self, ty: wasmparser::RefType) -> Result<RefType, TypeError> {
        Ok(RefType::new(ty.is_nullable(), self.heap_type(ty.heap_type())?))
    }

    /// A value type.
    pub(crate) fn val_type(self, ty: wasmparser::ValType) -> Result<ValType, TypeError> {
        Ok(match ty {
            wasmparser::ValType::I32 => ValType::I32,
            wasmparser::ValType::I64 => ValType::I64,
            wasmparser::ValType::F32 => ValType::F32,
            wasmparser::ValType::F64 => ValType::F64,
            wasmparser::ValType::V128 => ValType::V128,
            wasmparser::ValType::Ref(ty) => ValType::Ref(self.ref_type(ty)?),
        })
    }

    fn field_type(self, ty: &wasmparser::FieldType) -> Result<FieldType, TypeError> {
        let element = match ty.element_type {
            wasmparser::StorageType::I8 => StorageType::I8,
            wasmparser::StorageType::I16 => StorageType::I16,
            wasmparser::StorageType::Val(ty) => StorageType::Val(self.val_type(ty)?),
        };
        Ok(FieldType::new(mutability(ty.mutable), element))
    }

    /// A function type.
    pub(crate) fn func_type(self, ty: &wasmparser::FuncType) -> Result<FuncType, TypeError> {
        let mut types = Vec::new();
        types.try_reserve_exact(ty.params().len() + ty.results().len())?;
        for ty in ty.params().iter().chain(ty.results()) {
            types.push(self.val_type(*ty)?);
        }
        Ok(FuncType { types: types.into_boxed_slice(), param_count: ty.params().len() as u32 })
    }

    fn sub_type(self, ty: &wasmparser::SubType) -> Result<SubType, TypeError> {
        let option = |index: Option<wasmparser::PackedIndex>| index.map(|index| self.packed_index(index)).transpose();
        if ty.composite_type.shared || ty.supertype_idxs.len() > 1 {
            return Err(TypeError::Unsupported);
        }
        let composite = match &ty.composite_type.inner {
            wasmparser::CompositeInnerType::Func(ty) => CompositeType::Func(self.func_type(ty)?),
            wasmparser::CompositeInnerType::Array(ty) => CompositeType::Array(ArrayType::new(self.field_type(&ty.0)?)),
            wasmparser::CompositeInnerType::Struct(ty) => {
                let mut fields = Vec::new();
                fields.try_reserve_exact(ty.fields.len())?;
                for field in &ty.fields {
                    fields.push(self.field_type(field)?);
                }
                CompositeType::Struct(StructType { fields: fields.into_boxed_slice() })
            }
            wasmparser::CompositeInnerType::Cont(_) => return Err(TypeError::Unsupported),
        };
        Ok(SubType {
            is_final: ty.is_final,
            supertype: option(ty.supertype_idxs.first().copied())?,
            descriptor: option(ty.composite_type.descriptor_idx)?,
            describes: option(ty.composite_type.describes_idx)?,
            composite,
        })
    }

    /// A memory type.
    pub(crate) fn memory_type(self, ty: wasmparser::MemoryType) -> Result<MemoryType, TypeError> {
        let page_size_log2 = match ty.page_size_log2 {
            None => MemoryType::DEFAULT_PAGE_SIZE_LOG2,
            Some(log2) => u8::try_from(log2).ok().filter(|log2| *log2 <= 16).ok_or(TypeError::Unsupported)?,
        };
        let limits = Limits { min: ty.initial, max: ty.maximum };
        Ok(MemoryType { limits, is_64: ty.memory64, shared: ty.shared, page_size_log2 })
    }

    /// A table type.
    pub(crate) fn table_type(self, ty: wasmparser::TableType) -> Result<TableType, TypeError> {
        if ty.shared {
            return Err(TypeError::Unsupported);
        }
        let limits = Limits { min: ty.initial, max: ty.maximum };
        Ok(TableType { element: self.ref_type(ty.element_type)?, limits, is_64: ty.table64 })
    }

    /// A global type.
    pub(crate) fn global_type(self, ty: wasmparser::GlobalType) -> Result<GlobalType, TypeError> {
        if ty.shared {
            return Err(TypeError::Unsupported);
        }
        Ok(GlobalType::new(self.val_type(ty.content_type)?, mutability(ty.mutable)))
    }

    /// The type an import declares.
    pub(crate) fn entity_type(self, ty: wasmparser::TypeRef) -> Result<EntityType, TypeError> {
        Ok(match ty {
            wasmparser::TypeRef::Func(index) => EntityType::Func { ty: self.type_id(index)?, exact: false },
            wasmparser::TypeRef::FuncExact(index) => EntityType::Func { ty: self.type_id(index)?, exact: true },
            wasmparser::TypeRef::Table(ty) => EntityType::Table(self.table_type(ty)?),
            wasmparser::TypeRef::Memory(ty) => EntityType::Memory(self.memory_type(ty)?),
            wasmparser::TypeRef::Global(ty) => EntityType::Global(self.global_type(ty)?),
            wasmparser::TypeRef::Tag(ty) => EntityType::Tag(self.type_id(ty.func_type_idx)?),
        })
    }
}

impl RegisteredTypes {
    /// Adds the next recursion group of the module's type section.
    pub(crate) fn register_parsed(&mut self, group: &wasmparser::RecGroup) -> Result<(), TypeError> {
        let converter = Converter { ids: self.ids(), group_len: group.types().len() };
        let mut types = Vec::new();
        types.try_reserve_exact(group.types().len())?;
        for ty in group.types() {
            types.push(converter.sub_type(ty)?);
        }
        self.register_group(types).map(drop)
    }
}

fn mutability(mutable: bool) -> Mutability {
    if mutable { Mutability::Var } else { Mutability::Const }
}
