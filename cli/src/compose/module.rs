//! The type of a core module that is imported, written down anew.

use std::collections::HashMap;

use wasm_encoder::{EntityType as Encoded, ModuleType, TagKind, TagType, ValType};
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
const OTHER_TYPES: &str = "a type that mentions other types";

impl Writer<'_> {
    fn entity(&mut self, item: &EntityType) -> Result<Encoded, &'static str> {
        Ok(match item {
            EntityType::Func(ty) => Encoded::Function(self.func(*ty)?),
            EntityType::FuncExact(ty) => Encoded::FunctionExact(self.func(*ty)?),
            EntityType::Tag(ty) => Encoded::Tag(TagType { kind: TagKind::Exception, func_type_idx: self.func(*ty)? }),
            EntityType::Table(ty) => Encoded::Table((*ty).try_into().map_err(|_| OTHER_TYPES)?),
            EntityType::Global(ty) => Encoded::Global((*ty).try_into().map_err(|_| OTHER_TYPES)?),
            EntityType::Memory(ty) => Encoded::Memory((*ty).into()),
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
        let values = |types: &[wasmparser::ValType]| {
            types.iter().map(|ty| ValType::try_from(*ty).map_err(|_| OTHER_TYPES)).collect::<Result<Vec<_>, _>>()
        };
        let (params, results) = (values(func.params())?, values(func.results())?);
        let index = self.ty.type_count();
        self.ty.ty().function(params, results);
        self.known.insert(id, index);
        Ok(index)
    }
}
