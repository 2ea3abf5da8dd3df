//! A component's bytes → what it imports and exports, in the validator's types.
//!
//! The types that [`whit_component`] shows are those that matter when a component runs. Whoever writes a component's types down again needs to know besides
//! which of them have names, and whose: in the validator's types a type that is imported or exported under a name is another one than what it names.

use std::collections::HashMap;

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentItem, ResourceId};
use wasmparser::types::Types;
use wasmparser::{BinaryReaderError, Parser, Payload, ValidPayload, Validator, WasmFeatures};

use crate::terminal::printable;

/// How many names a component may import and export, those within interfaces included: names are compared with each other. The largest worlds
/// there are have some hundreds.
const MAX_NAMES: usize = 10_000;

/// What a component imports and exports, by name and in order.
pub struct Outside {
    /// What it imports.
    pub imports: Vec<(String, ComponentItem)>,
    /// What it exports.
    pub exports: Vec<(String, ComponentItem)>,
    /// All types.
    pub types: Types,
}

impl Outside {
    /// Reads and validates a component, except for the bodies of its functions.
    ///
    /// # Errors
    /// The bytes are not a valid component, or it has too many names; why, for a person.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut validator = Validator::new_with_features(WasmFeatures::all().difference(WasmFeatures::CM_NESTED_NAMES));
        let (mut imports, mut exports, mut types) = (Vec::new(), Vec::new(), None);
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.map_err(refused)?;
            match &payload {
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 1 => {
                    for import in section.clone() {
                        imports.push(import.map_err(refused)?.name.name.to_string());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 1 => {
                    for export in section.clone() {
                        exports.push(export.map_err(refused)?.name.name.to_string());
                    }
                }
                _ => {}
            }
            if let ValidPayload::End(all) = validator.payload(&payload).map_err(refused)? {
                types = Some(all);
            }
        }
        // The last to end is the component itself.
        let types = types.ok_or("it ends too early")?;
        let import = |name: String| types.component_item_for_import(&name).cloned().map(|item| (name, item));
        let imports: Vec<_> = imports.into_iter().filter_map(import).collect();
        let export = |name: String| types.component_item_for_export(&name).cloned().map(|item| (name, item));
        let exports: Vec<_> = exports.into_iter().filter_map(export).collect();
        let names = imports.iter().chain(&exports).map(|(_, item)| match item.ty {
            ComponentEntityType::Instance(instance) => 1 + types[instance].exports.len(),
            _ => 1,
        });
        if names.sum::<usize>() > MAX_NAMES {
            return Err(format!("it imports and exports more than {MAX_NAMES} names"));
        }
        Ok(Self { imports, exports, types })
    }
}

/// Why the validator refuses a component.
pub fn refused(error: BinaryReaderError) -> String {
    printable(&format!("{} (at {:#x})", error.message(), error.offset()))
}

/// Names for types: the first that each was given.
pub struct TypeNames<N> {
    known: HashMap<ComponentAnyTypeId, N>,
    resources: HashMap<ResourceId, N>,
}

impl<N> Default for TypeNames<N> {
    fn default() -> Self {
        Self { known: HashMap::new(), resources: HashMap::new() }
    }
}

impl<N: Clone> TypeNames<N> {
    /// Names a type that was created by an import or export.
    pub fn insert(&mut self, created: ComponentAnyTypeId, name: N) {
        if let ComponentAnyTypeId::Resource(resource) = created {
            self.resources.entry(resource.resource()).or_insert_with(|| name.clone());
        }
        self.known.entry(created).or_insert(name);
    }

    /// The name of a type, or of the one that it stands for.
    pub fn find(&self, types: &Types, ty: ComponentAnyTypeId) -> Option<&N> {
        let mut next = Some(ty);
        while let Some(ty) = next {
            if let Some(name) = self.known.get(&ty) {
                return Some(name);
            }
            next = types.peel_alias(ty);
        }
        match ty {
            ComponentAnyTypeId::Resource(resource) => self.resources.get(&resource.resource()),
            _ => None,
        }
    }
}
