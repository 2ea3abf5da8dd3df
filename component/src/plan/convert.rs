//! The validator's types become ours: value and function types with the resources of an instance put in, core types as data.
//!
//! The validator has one name for a resource in each component that mentions it; which resource of the plan it is depends on the
//! instance. Promises that a walk is no deeper than [`MAX_TYPE_DEPTH`], whatever the validator allowed.

use alloc::boxed::Box;

use hashbrown::HashMap;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentCoreModuleTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentFuncTypeId,
    ComponentValType, ResourceId,
};
use wasmparser::names::KebabString;
use wasmparser::types::{CoreTypeId, EntityType, TypesRef};
use wasmparser::{AbstractHeapType, CompositeInnerType, PrimitiveValType};
use whit_core::{ExternType, GlobalType, HeapType, MemoryType, Mutability, RefType, TableType, TagType};

use crate::plan::inline::{Names, Stop};
use crate::plan::{ModuleType, TypeItem};
use crate::types::{
    Case, DefinedIdx, DefinedType, Field, FuncType, FuncTypeIdx, MAX_TYPE_DEPTH, ResourceIdx, TypeError, Types, ValType,
};

/// What the validator's names of types stand for in one component instance.
#[derive(Default)]
pub struct Scope {
    resources: HashMap<ResourceId, ResourceIdx>,
    /// Types that have been looked up before.
    defined: HashMap<ComponentDefinedTypeId, ValType>,
}

impl Scope {
    /// From here on a resource type stands for a resource.
    pub fn bind(&mut self, id: ResourceId, resource: ResourceIdx) {
        self.resources.insert(id, resource);
    }

    /// What a resource type stands for, if that is known yet.
    pub fn resource(&self, id: ResourceId) -> Option<ResourceIdx> {
        self.resources.get(&id).copied()
    }
}

/// Turns types over, in one instance.
pub struct Converter<'c, 'p> {
    /// What the validator knows.
    pub known: TypesRef<'p>,
    /// Where types are kept.
    pub types: &'c mut Types,
    /// Where names are kept.
    pub names: &'c mut Names,
    /// What names of types stand for.
    pub scope: &'c mut Scope,
    /// How many more fields, cases and parameters may be looked at.
    pub budget: &'c mut u32,
}

impl Converter<'_, '_> {
    /// A type of any kind, as it is imported or exported.
    pub fn item(&mut self, id: ComponentAnyTypeId) -> Result<TypeItem, Stop> {
        Ok(match id {
            ComponentAnyTypeId::Resource(id) => TypeItem::Resource(self.resource(id.resource())?),
            ComponentAnyTypeId::Defined(id) => TypeItem::Value(self.defined(id, 0)?),
            ComponentAnyTypeId::Func(id) => TypeItem::Func(self.func(id)?),
            ComponentAnyTypeId::Instance(_) | ComponentAnyTypeId::Component(_) => TypeItem::Other,
        })
    }

    /// A resource.
    pub fn resource(&self, id: ResourceId) -> Result<ResourceIdx, Stop> {
        self.scope.resource(id).ok_or(Stop::Unexpected("a resource type that stands for nothing"))
    }

    /// A function type.
    pub fn func(&mut self, id: ComponentFuncTypeId) -> Result<FuncTypeIdx, Stop> {
        let ty = self.known.get(id).ok_or(Stop::Unexpected("a function type"))?;
        self.charge(ty.params.len())?;
        let params = ty.params.iter().map(|(name, ty)| self.field(name, *ty, 0)).collect::<Result<_, _>>()?;
        let result = self.optional(ty.result, 0)?;
        Ok(self.types.intern_func(FuncType { is_async: ty.async_, params, result })?)
    }

    /// A value type.
    pub fn value(&mut self, ty: ComponentValType) -> Result<ValType, Stop> {
        self.part(ty, 0)
    }

    /// A value type that is a stream or a future, among others.
    pub fn stream_or_future(&mut self, id: ComponentAnyTypeId) -> Result<DefinedIdx, Stop> {
        match self.item(id)? {
            TypeItem::Value(ValType::Defined(index)) => Ok(index),
            _ => Err(Stop::Unexpected("the type of a stream or a future")),
        }
    }

    fn part(&mut self, ty: ComponentValType, depth: u32) -> Result<ValType, Stop> {
        match ty {
            ComponentValType::Primitive(ty) => Ok(primitive(ty)),
            ComponentValType::Type(id) => self.defined(id, depth),
        }
    }

    fn optional(&mut self, ty: Option<ComponentValType>, depth: u32) -> Result<Option<ValType>, Stop> {
        ty.map(|ty| self.part(ty, depth)).transpose()
    }

    fn field(&mut self, name: &KebabString, ty: ComponentValType, depth: u32) -> Result<Field, Stop> {
        Ok(Field { name: self.names.get(name.as_str()), ty: self.part(ty, depth)? })
    }

    /// A defined type that stands inside `depth` others.
    fn defined(&mut self, id: ComponentDefinedTypeId, depth: u32) -> Result<ValType, Stop> {
        if let Some(ty) = self.scope.defined.get(&id) {
            return Ok(*ty);
        }
        if depth >= MAX_TYPE_DEPTH {
            return Err(TypeError::TooDeep.into());
        }
        let depth = depth + 1;
        let parsed = self.known.get(id).ok_or(Stop::Unexpected("a defined type"))?;
        self.charge(match parsed {
            ComponentDefinedType::Record(ty) => ty.fields.len(),
            ComponentDefinedType::Variant(ty) => ty.cases.len(),
            ComponentDefinedType::Tuple(ty) => ty.types.len(),
            ComponentDefinedType::Flags(labels) | ComponentDefinedType::Enum(labels) => labels.len(),
            _ => 1,
        })?;
        let ty = match parsed {
            ComponentDefinedType::Primitive(ty) => return Ok(primitive(*ty)),
            ComponentDefinedType::Record(ty) => DefinedType::Record(
                ty.fields.iter().map(|(name, ty)| self.field(name, *ty, depth)).collect::<Result<_, _>>()?,
            ),
            ComponentDefinedType::Variant(ty) => {
                let case = |(name, case): (&KebabString, &wasmparser::component_types::VariantCase)| {
                    Ok::<_, Stop>(Case { name: self.names.get(name.as_str()), ty: self.optional(case.ty, depth)? })
                };
                DefinedType::Variant(ty.cases.iter().map(case).collect::<Result<_, _>>()?)
            }
            ComponentDefinedType::List { element, .. } => DefinedType::List(self.part(*element, depth)?),
            ComponentDefinedType::Map { key, value, .. } => {
                DefinedType::Map(self.part(*key, depth)?, self.part(*value, depth)?)
            }
            ComponentDefinedType::FixedLengthList { element, length, .. } => {
                DefinedType::FixedList(self.part(*element, depth)?, *length)
            }
            ComponentDefinedType::Tuple(ty) => {
                DefinedType::Tuple(ty.types.iter().map(|ty| self.part(*ty, depth)).collect::<Result<_, _>>()?)
            }
            ComponentDefinedType::Flags(labels) => DefinedType::Flags(self.labels(labels.iter())),
            ComponentDefinedType::Enum(labels) => DefinedType::Enum(self.labels(labels.iter())),
            ComponentDefinedType::Option { ty, .. } => DefinedType::Option(self.part(*ty, depth)?),
            ComponentDefinedType::Result { ok, err, .. } => {
                DefinedType::Result(self.optional(*ok, depth)?, self.optional(*err, depth)?)
            }
            ComponentDefinedType::Own(id) => DefinedType::Own(self.resource(id.resource())?),
            ComponentDefinedType::Borrow(id) => DefinedType::Borrow(self.resource(id.resource())?),
            ComponentDefinedType::Future { ty, .. } => DefinedType::Future(self.optional(*ty, depth)?),
            ComponentDefinedType::Stream { ty, .. } => DefinedType::Stream(self.optional(*ty, depth)?),
        };
        let ty = ValType::Defined(self.types.intern(ty)?);
        self.scope.defined.insert(id, ty);
        Ok(ty)
    }

    fn labels<'k>(&mut self, labels: impl Iterator<Item = &'k KebabString>) -> Box<[crate::types::Name]> {
        labels.map(|label| self.names.get(label.as_str())).collect()
    }

    /// The type of a core module.
    pub fn module(&mut self, id: ComponentCoreModuleTypeId) -> Result<ModuleType, Stop> {
        let ty = self.known.get(id).ok_or(Stop::Unexpected("a module type"))?;
        self.charge(ty.imports.len() + ty.exports.len())?;
        let mut module = ModuleType::default();
        for ((from, name), ty) in &ty.imports {
            module.imports.push((self.names.get(from), self.names.get(name), self.entity(ty)?));
        }
        for (name, ty) in &ty.exports {
            module.exports.push((self.names.get(name), self.entity(ty)?));
        }
        Ok(module)
    }

    fn entity(&self, ty: &EntityType) -> Result<ExternType, Stop> {
        Ok(match ty {
            EntityType::Func(id) => ExternType::Func(self.core_func(*id)?),
            EntityType::FuncExact(_) => {
                return Err(Stop::Unsupported("an exact function in the type of an imported module"));
            }
            EntityType::Table(ty) => {
                let (element, min, max) = (ref_type(ty.element_type)?, ty.initial, ty.maximum);
                ExternType::Table(match ty.table64 {
                    true => TableType::new64(element, min, max),
                    // The limits of a 32-bit table are 32-bit numbers.
                    false => TableType::new(element, min as u32, max.map(|max| max as u32)),
                })
            }
            EntityType::Memory(ty) => {
                let memory = match ty.memory64 {
                    true => MemoryType::new64(ty.initial, ty.maximum),
                    false => MemoryType::new(ty.initial as u32, ty.maximum.map(|max| max as u32)),
                };
                let log2 = ty.page_size_log2.map_or(MemoryType::DEFAULT_PAGE_SIZE_LOG2, |log2| log2 as u8);
                ExternType::Memory(memory.with_shared(ty.shared).with_page_size_log2(log2))
            }
            EntityType::Global(ty) => {
                let mutability = if ty.mutable { Mutability::Var } else { Mutability::Const };
                ExternType::Global(GlobalType::new(core_value(ty.content_type)?, mutability))
            }
            EntityType::Tag(id) => ExternType::Tag(TagType::new(self.core_func(*id)?)),
        })
    }

    fn core_func(&self, id: CoreTypeId) -> Result<whit_core::FuncType, Stop> {
        let ty = self.known.get(id).ok_or(Stop::Unexpected("a core type"))?;
        let CompositeInnerType::Func(ty) = &ty.composite_type.inner else {
            return Err(Stop::Unexpected("a core type that is no function"));
        };
        let values = |types: &[wasmparser::ValType]| {
            types.iter().map(|ty| core_value(*ty)).collect::<Result<alloc::vec::Vec<_>, _>>()
        };
        Ok(whit_core::FuncType::new(values(ty.params())?, values(ty.results())?))
    }

    fn charge(&mut self, steps: usize) -> Result<(), Stop> {
        super::inline::charge(self.budget, steps)
    }
}

fn primitive(ty: PrimitiveValType) -> ValType {
    match ty {
        PrimitiveValType::Bool => ValType::Bool,
        PrimitiveValType::S8 => ValType::S8,
        PrimitiveValType::U8 => ValType::U8,
        PrimitiveValType::S16 => ValType::S16,
        PrimitiveValType::U16 => ValType::U16,
        PrimitiveValType::S32 => ValType::S32,
        PrimitiveValType::U32 => ValType::U32,
        PrimitiveValType::S64 => ValType::S64,
        PrimitiveValType::U64 => ValType::U64,
        PrimitiveValType::F32 => ValType::F32,
        PrimitiveValType::F64 => ValType::F64,
        PrimitiveValType::Char => ValType::Char,
        PrimitiveValType::String => ValType::String,
        PrimitiveValType::ErrorContext => ValType::ErrorContext,
    }
}

fn core_value(ty: wasmparser::ValType) -> Result<whit_core::ValType, Stop> {
    Ok(match ty {
        wasmparser::ValType::I32 => whit_core::ValType::I32,
        wasmparser::ValType::I64 => whit_core::ValType::I64,
        wasmparser::ValType::F32 => whit_core::ValType::F32,
        wasmparser::ValType::F64 => whit_core::ValType::F64,
        wasmparser::ValType::V128 => whit_core::ValType::V128,
        wasmparser::ValType::Ref(ty) => whit_core::ValType::Ref(ref_type(ty)?),
    })
}

fn ref_type(ty: wasmparser::RefType) -> Result<RefType, Stop> {
    let heap_type = match ty.heap_type() {
        wasmparser::HeapType::Abstract { shared: false, ty } => match ty {
            AbstractHeapType::Func => HeapType::Func,
            AbstractHeapType::NoFunc => HeapType::NoFunc,
            AbstractHeapType::Extern => HeapType::Extern,
            AbstractHeapType::NoExtern => HeapType::NoExtern,
            AbstractHeapType::Any => HeapType::Any,
            AbstractHeapType::None => HeapType::None,
            AbstractHeapType::Eq => HeapType::Eq,
            AbstractHeapType::I31 => HeapType::I31,
            AbstractHeapType::Struct => HeapType::Struct,
            AbstractHeapType::Array => HeapType::Array,
            AbstractHeapType::Exn => HeapType::Exn,
            AbstractHeapType::NoExn => HeapType::NoExn,
            AbstractHeapType::Cont | AbstractHeapType::NoCont => return Err(Stop::Unsupported(CONTINUATION)),
        },
        // These name types of an engine, which a plan must not.
        _ => {
            return Err(Stop::Unsupported("a reference to a defined or shared type in the type of an imported module"));
        }
    };
    Ok(RefType::new(ty.is_nullable(), heap_type))
}

const CONTINUATION: &str = "a continuation in the type of an imported module";
