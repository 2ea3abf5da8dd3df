//! The type of a core module that is imported, written down anew.

use std::collections::HashMap;

use wasm_encoder::{
    EntityType as Encoded, GlobalType, MemoryType, ModuleType, RefType, TableType, TagKind, TagType, ValType,
};
use wasmparser::component_types::ComponentCoreModuleTypeId;
use wasmparser::types::{CoreTypeId, EntityType, TypesRef};

/// The type `module` of `types`; what it has that cannot be written, if there is such a thing.
pub fn module_type(types: TypesRef<'_>, module: ComponentCoreModuleTypeId) -> Result<ModuleType, &'static str> {
    let module = &types[module];
    let mut writer = Writer { types, ty: ModuleType::new(), known: HashMap::new() };
    for ((from, name), item) in &module.imports {
        let item = writer.entity(item)?;
        writer.ty.import(from, name, item);
    }
    for (name, item) in &module.exports {
        let item = writer.entity(item)?;
        writer.ty.export(name, item);
    }
    Ok(writer.ty)
}

struct Writer<'t> {
    types: TypesRef<'t>,
    ty: ModuleType,
    /// Function types that are written already.
    known: HashMap<CoreTypeId, u32>,
}

/// Types that mention each other would have to be written as the groups that they were defined in.
const OTHER_TYPES: &str = "a type other than of numbers, vectors, `funcref` and `externref`";

impl Writer<'_> {
    fn entity(&mut self, item: &EntityType) -> Result<Encoded, &'static str> {
        Ok(match item {
            EntityType::Func(ty) => Encoded::Function(self.func(*ty)?),
            EntityType::FuncExact(ty) => Encoded::FunctionExact(self.func(*ty)?),
            EntityType::Tag(ty) => Encoded::Tag(TagType { kind: TagKind::Exception, func_type_idx: self.func(*ty)? }),
            EntityType::Table(ty) => Encoded::Table(TableType {
                element_type: reference(ty.element_type)?,
                table64: ty.table64,
                minimum: ty.initial,
                maximum: ty.maximum,
                shared: ty.shared,
            }),
            EntityType::Global(ty) => Encoded::Global(GlobalType {
                val_type: value(ty.content_type)?,
                mutable: ty.mutable,
                shared: ty.shared,
            }),
            EntityType::Memory(ty) => Encoded::Memory(MemoryType {
                minimum: ty.initial,
                maximum: ty.maximum,
                memory64: ty.memory64,
                shared: ty.shared,
                page_size_log2: ty.page_size_log2,
            }),
        })
    }

    /// The index of a function type.
    fn func(&mut self, id: CoreTypeId) -> Result<u32, &'static str> {
        if let Some(index) = self.known.get(&id) {
            return Ok(*index);
        }
        let ty = &self.types[id];
        if !ty.is_final || !ty.supertype_idxs.is_empty() {
            return Err(OTHER_TYPES);
        }
        let func = ty.unwrap_func();
        let values = |types: &[wasmparser::ValType]| types.iter().copied().map(value).collect::<Result<Vec<_>, _>>();
        let (params, results) = (values(func.params())?, values(func.results())?);
        let index = self.ty.type_count();
        self.ty.ty().function(params, results);
        self.known.insert(id, index);
        Ok(index)
    }
}

fn value(ty: wasmparser::ValType) -> Result<ValType, &'static str> {
    Ok(match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(ty) => ValType::Ref(reference(ty)?),
    })
}

fn reference(ty: wasmparser::RefType) -> Result<RefType, &'static str> {
    match ty {
        wasmparser::RefType::FUNCREF => Ok(RefType::FUNCREF),
        wasmparser::RefType::EXTERNREF => Ok(RefType::EXTERNREF),
        _ => Err(OTHER_TYPES),
    }
}
