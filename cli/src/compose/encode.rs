//! Parts and their connections → the bytes of a component that holds them.
//!
//! What is left to import is written down anew, because parts may want different functions of one interface: the new import has them all, and the types of other
//! interfaces that it mentions are those of the new component's imports, so that a resource which two parts pass to each other is one type.
//! Assumes that every import has a source, and that the sources of a part are imports or parts behind it.

use std::collections::{HashMap, HashSet};

use wasm_encoder::{
    Alias, ComponentBuilder, ComponentExportKind, ComponentExternName, ComponentOuterAliasKind, ComponentTypeEncoder,
    ComponentTypeRef, ComponentValType as Encoded, InstanceType, PrimitiveValType, TypeBounds,
};
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType, ComponentFuncTypeId,
    ComponentInstanceTypeId, ComponentItem, ComponentValType,
};

use super::module::module_type;
use super::{Import, Owner, Part, Source, TypeName};
use crate::report::Failure;
use crate::terminal::printable;

/// The component that holds the parts.
pub fn encode(parts: &[Part], imports: Vec<Import>) -> Result<Vec<u8>, Failure> {
    let mut encoder = Encoder {
        parts,
        imports: &imports,
        states: imports.iter().map(|_| State::ToDo).collect(),
        instances: HashMap::new(),
        exported: HashMap::new(),
        aliases: HashMap::new(),
        builder: ComponentBuilder::default(),
    };
    for import in 0..imports.len() {
        encoder.import(import)?;
    }
    // Each part wants only what stands behind it.
    for part in (0..parts.len()).rev() {
        encoder.instantiate(part)?;
    }
    encoder.exports()?;
    Ok(encoder.builder.finish())
}

/// What kind of thing is passed on.
fn kind(part: &Part, name: &str, item: &ComponentItem) -> Result<ComponentExportKind, Failure> {
    Ok(match item.ty {
        ComponentEntityType::Func(_) => ComponentExportKind::Func,
        ComponentEntityType::Instance(_) => ComponentExportKind::Instance,
        ComponentEntityType::Type { .. } => ComponentExportKind::Type,
        ComponentEntityType::Module(_) => ComponentExportKind::Module,
        ComponentEntityType::Component(_) => ComponentExportKind::Component,
        ComponentEntityType::Value(_) => return Err(unsupported(part, name, "a value")),
    })
}

fn extern_name<'n>(name: &'n str, item: &'n ComponentItem) -> ComponentExternName<'n> {
    ComponentExternName {
        name: name.into(),
        implements: item.implements.as_deref().map(Into::into),
        version_suffix: item.version_suffix.as_deref().map(Into::into),
        external_id: item.external_id.as_deref().map(Into::into),
    }
}

fn unsupported(part: &Part, name: &str, what: &str) -> Failure {
    Failure::new(format!("{}: `{}` is {what}, which cannot be joined yet", part.name, printable(name)))
}

/// How far an import of the new component is.
#[derive(Clone, Copy)]
enum State {
    ToDo,
    /// It is being written, and something asks for it meanwhile.
    Begun,
    /// Its index among its kind.
    Done(u32),
}

struct Encoder<'p> {
    parts: &'p [Part],
    imports: &'p [Import],
    states: Vec<State>,
    /// The parts that are instantiated.
    instances: HashMap<usize, u32>,
    /// What is exported already, of which part: its index, by which the types in it have names.
    exported: HashMap<(usize, String), u32>,
    /// Types of imported and exported instances that have an index in the new component.
    aliases: HashMap<(Place, String), u32>,
    builder: ComponentBuilder,
}

/// What has types, in the new component.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Place {
    /// One of its imports.
    Import(usize),
    /// What a part exports, and the new component with it.
    Export(usize, String),
}

/// Where types are defined: the new component itself, or the type of an instance that it imports or exports.
#[derive(Default)]
struct Space {
    /// The import or export whose type it is.
    within: Option<(Place, InstanceType)>,
    /// The types that the instance exports.
    names: HashMap<String, u32>,
    /// Its functions.
    functions: HashSet<String>,
    /// Types without a name, of each part.
    nameless: HashMap<(usize, ComponentDefinedTypeId), u32>,
    /// Types from elsewhere.
    used: HashMap<(Place, Option<String>), u32>,
}

impl Encoder<'_> {
    fn instantiate(&mut self, at: usize) -> Result<(), Failure> {
        let part = &self.parts[at];
        let component = self.builder.component_raw(None, &part.bytes);
        let mut arguments = Vec::new();
        for ((name, item), source) in part.outside.imports.iter().zip(&part.sources) {
            let kind = kind(part, name, item)?;
            let index = match source {
                Source::Plug(plug, export) => self.export_of(*plug, export, kind)?,
                Source::TypeOfPlug(plug, export, ty) => {
                    let instance = self.export_of(*plug, export, ComponentExportKind::Instance)?;
                    self.builder.alias_export(instance, ty, kind)
                }
                Source::Import(import) => self.import(*import)?,
            };
            arguments.push((name.as_str(), kind, index));
        }
        let instance = self.builder.instantiate(None, component, arguments);
        self.instances.insert(at, instance);
        Ok(())
    }

    /// The index of what a part exports.
    fn export_of(&mut self, part: usize, name: &str, kind: ComponentExportKind) -> Result<u32, Failure> {
        let instance = self.instances.get(&part).copied();
        let instance = instance.ok_or_else(|| Failure::new("a part wants what is made of it"))?;
        Ok(self.builder.alias_export(instance, name, kind))
    }

    /// Exports what the first part exports.
    fn exports(&mut self) -> Result<(), Failure> {
        let app = &self.parts[0];
        for (at, (name, item)) in app.outside.exports.iter().enumerate() {
            let kind = kind(app, name, item)?;
            let ty = match item.ty {
                _ if !self.borrows_types(at, &item.ty) => None,
                ComponentEntityType::Instance(instance) => {
                    let within = (Place::Export(0, name.clone()), InstanceType::new());
                    let mut space = Space { within: Some(within), ..Space::default() };
                    self.wanted(&mut space, 0, Owner::Export(at), instance)?;
                    let ty = space.within.map(|(_, ty)| ty).unwrap_or_default();
                    Some(ComponentTypeRef::Instance(self.builder.type_instance(None, &ty)))
                }
                ComponentEntityType::Func(func) => {
                    Some(ComponentTypeRef::Func(self.func(&mut Space::default(), 0, func)?))
                }
                _ => None,
            };
            let index = self.export_of(0, name, kind)?;
            let index = self.builder.export(extern_name(name, item), kind, index, ty);
            self.exported.insert((0, name.clone()), index);
        }
        Ok(())
    }

    /// Whether an export mentions types of an interface that a plug has, without giving them names of its own. Those have to be exported with it, and it
    /// has to be written down in terms of them.
    fn borrows_types(&self, export: usize, item: &ComponentEntityType) -> bool {
        let app = &self.parts[0];
        let mut waiting: Vec<ComponentAnyTypeId> = Vec::new();
        let mut look_at = |item: &ComponentEntityType| match item {
            ComponentEntityType::Func(func) => waiting.push(ComponentAnyTypeId::Func(*func)),
            ComponentEntityType::Type { referenced, .. } => waiting.extend(inner(app, *referenced)),
            _ => {}
        };
        match item {
            ComponentEntityType::Instance(instance) => {
                app.outside.types[*instance].exports.values().for_each(|item| look_at(&item.ty));
            }
            item => look_at(item),
        }
        let mut seen = HashSet::new();
        while let Some(ty) = waiting.pop() {
            if !seen.insert(ty) {
                continue;
            }
            match app.types.find(&app.outside.types, ty) {
                Some(TypeName { owner: Owner::Export(owner), .. }) if *owner == export => {}
                Some(TypeName { owner: Owner::Import(import), .. })
                    if !matches!(app.sources[*import], Source::Import(_)) =>
                {
                    return true;
                }
                _ => waiting.extend(inner(app, ty)),
            }
        }
        false
    }

    /// The index of an import, which is written if it is not there yet.
    fn import(&mut self, at: usize) -> Result<u32, Failure> {
        match self.states[at] {
            State::Done(index) => return Ok(index),
            State::Begun => {
                let name = printable(&self.imports[at].name);
                return Err(Failure::new(format!("the types of the import `{name}` depend on each other in a circle")));
            }
            State::ToDo => self.states[at] = State::Begun,
        }
        let import = &self.imports[at];
        let (first, index) = import.wants[0];
        let (name, item) = &self.parts[first].outside.imports[index];
        let part = &self.parts[first];
        let ty = match item.ty {
            ComponentEntityType::Instance(_) => ComponentTypeRef::Instance(self.instance(at)?),
            ComponentEntityType::Func(func) => ComponentTypeRef::Func(self.func(&mut Space::default(), first, func)?),
            ComponentEntityType::Type { referenced, created } => {
                let own = TypeName { owner: Owner::Import(index), name: None };
                ComponentTypeRef::Type(self.bounds(&mut Space::default(), first, &own, referenced, created)?)
            }
            ComponentEntityType::Module(module) => {
                let ty = module_type(part.outside.types.as_ref(), module)
                    .map_err(|what| unsupported(part, name, &format!("an imported core module with {what}")))?;
                let (index, encoder) = self.builder.core_type(None);
                encoder.module(&ty);
                ComponentTypeRef::Module(index)
            }
            ComponentEntityType::Component(_) => return Err(unsupported(part, name, "an imported component")),
            ComponentEntityType::Value(_) => return Err(unsupported(part, name, "a value")),
        };
        let name = ComponentExternName { name: import.name.as_str().into(), ..extern_name(name, item) };
        let index = self.builder.import(name, ty);
        self.states[at] = State::Done(index);
        Ok(index)
    }

    /// The type of an instance with everything that is wanted of it.
    fn instance(&mut self, at: usize) -> Result<u32, Failure> {
        let mut space = Space { within: Some((Place::Import(at), InstanceType::new())), ..Space::default() };
        let imports = self.imports;
        for (part, import) in &imports[at].wants {
            let ComponentEntityType::Instance(instance) = self.parts[*part].outside.imports[*import].1.ty else {
                let name = printable(&imports[at].name);
                let part = &self.parts[*part].name;
                return Err(Failure::new(format!("{part}: `{name}` is no instance there, and one elsewhere")));
            };
            self.wanted(&mut space, *part, Owner::Import(*import), instance)?;
        }
        let ty = space.within.map(|(_, ty)| ty).unwrap_or_default();
        Ok(self.builder.type_instance(None, &ty))
    }

    /// Adds what one part wants of an instance.
    fn wanted(
        &mut self,
        space: &mut Space,
        part: usize,
        owner: Owner,
        instance: ComponentInstanceTypeId,
    ) -> Result<(), Failure> {
        let parts = self.parts;
        for (name, item) in &parts[part].outside.types[instance].exports {
            if space.names.contains_key(name) || space.functions.contains(name) {
                // Somebody else wants it too. That both mean the same is seen when the whole is validated.
                continue;
            }
            let ty = match item.ty {
                ComponentEntityType::Func(func) => {
                    space.functions.insert(name.clone());
                    ComponentTypeRef::Func(self.func(space, part, func)?)
                }
                ComponentEntityType::Type { referenced, created } => {
                    let own = TypeName { owner, name: Some(name.clone()) };
                    ComponentTypeRef::Type(self.bounds(space, part, &own, referenced, created)?)
                }
                _ => return Err(unsupported(&parts[part], name, "neither a function nor a type of an interface")),
            };
            let Some((_, instance)) = &mut space.within else { continue };
            if matches!(ty, ComponentTypeRef::Type(_)) {
                space.names.insert(name.clone(), instance.type_count());
            }
            instance.export(extern_name(name, item), ty);
        }
        Ok(())
    }

    /// What a type that is imported, or exported by an import, must be.
    fn bounds(
        &mut self,
        space: &mut Space,
        part: usize,
        own: &TypeName,
        referenced: ComponentAnyTypeId,
        created: ComponentAnyTypeId,
    ) -> Result<TypeBounds, Failure> {
        if self.parts[part].other_name(referenced, own).is_some()
            && let Some(index) = self.named(space, part, referenced)?
        {
            return Ok(TypeBounds::Eq(index));
        }
        match created {
            ComponentAnyTypeId::Resource(_) => Ok(TypeBounds::SubResource),
            ComponentAnyTypeId::Defined(ty) => Ok(TypeBounds::Eq(self.defined(space, part, ty)?)),
            _ => {
                let name = own.name.as_deref().unwrap_or("a type");
                Err(unsupported(&self.parts[part], name, "a type of functions, instances or components"))
            }
        }
    }

    /// The index in `space` of a type that has a name.
    fn named(&mut self, space: &mut Space, part: usize, ty: ComponentAnyTypeId) -> Result<Option<u32>, Failure> {
        let from = &self.parts[part];
        let Some(TypeName { owner, name }) = from.types.find(&from.outside.types, ty).cloned() else {
            return Ok(None);
        };
        let (place, name) = match owner {
            Owner::Export(export) => (Place::Export(part, from.outside.exports[export].0.clone()), name),
            Owner::Import(import) => match &from.sources[import] {
                Source::Import(import) => (Place::Import(*import), name),
                Source::Plug(plug, export) => (Place::Export(*plug, export.clone()), name),
                Source::TypeOfPlug(plug, export, ty) => (Place::Export(*plug, export.clone()), Some(ty.clone())),
            },
        };
        if space.within.as_ref().is_some_and(|(within, _)| *within == place) {
            return Ok(name.and_then(|name| space.names.get(&name).copied()));
        }
        let outer = match &name {
            None => self.place(part, &place)?,
            Some(name) => match self.aliases.get(&(place.clone(), name.clone())) {
                Some(index) => *index,
                None => {
                    let instance = self.place(part, &place)?;
                    let index = self.builder.alias_export(instance, name, ComponentExportKind::Type);
                    self.aliases.insert((place.clone(), name.clone()), index);
                    index
                }
            },
        };
        let Some((_, instance)) = &mut space.within else { return Ok(Some(outer)) };
        let index = *space.used.entry((place, name)).or_insert_with(|| {
            let index = instance.type_count();
            instance.alias(Alias::Outer { kind: ComponentOuterAliasKind::Type, count: 1, index: outer });
            index
        });
        Ok(Some(index))
    }

    /// The index of what has types that `part` mentions.
    fn place(&mut self, part: usize, place: &Place) -> Result<u32, Failure> {
        let (from, name) = match place {
            Place::Import(import) => return self.import(*import),
            Place::Export(from, name) => (*from, name),
        };
        if let Some(index) = self.exported.get(&(from, name.clone())) {
            return Ok(*index);
        }
        let owner = &self.parts[from];
        let export = owner.outside.exports.iter().find(|(export, _)| export == name);
        // Until the parts are instantiated it is imports that are written.
        let Some((_, item)) = export.filter(|_| !self.instances.is_empty()) else {
            return Err(Failure::new(format!(
                "{}: an import that is left uses types of `{}`, which {} provides: no import can depend on that",
                self.parts[part].name,
                printable(name),
                owner.name
            )));
        };
        if self.parts[0].outside.exports.iter().any(|(export, _)| export == name) {
            return Err(Failure::new(format!(
                "{} exports `{}`, and something else that mentions types of {}'s",
                self.parts[0].name,
                printable(name),
                owner.name
            )));
        }
        let kind = kind(owner, name, item)?;
        let index = self.export_of(from, name, kind)?;
        let index = self.builder.export(extern_name(name, item), kind, index, None);
        self.exported.insert((from, name.clone()), index);
        Ok(index)
    }

    fn func(&mut self, space: &mut Space, part: usize, func: ComponentFuncTypeId) -> Result<u32, Failure> {
        let parts = self.parts;
        let ty = &parts[part].outside.types[func];
        let mut params = Vec::with_capacity(ty.params.len());
        for (name, ty) in &ty.params {
            params.push((name.as_str(), self.value(space, part, *ty)?));
        }
        let result = ty.result.map(|ty| self.value(space, part, ty)).transpose()?;
        Ok(self.define(space, |encoder| {
            encoder.function().async_(ty.async_).params(params).result(result);
        }))
    }

    fn value(&mut self, space: &mut Space, part: usize, ty: ComponentValType) -> Result<Encoded, Failure> {
        match ty {
            ComponentValType::Primitive(ty) => Ok(Encoded::Primitive(primitive(ty))),
            ComponentValType::Type(ty) => match self.named(space, part, ComponentAnyTypeId::Defined(ty))? {
                Some(index) => Ok(Encoded::Type(index)),
                None => self.defined(space, part, ty).map(Encoded::Type),
            },
        }
    }

    fn optional(
        &mut self,
        space: &mut Space,
        part: usize,
        ty: Option<ComponentValType>,
    ) -> Result<Option<Encoded>, Failure> {
        ty.map(|ty| self.value(space, part, ty)).transpose()
    }

    /// The index of a type without a name.
    fn defined(&mut self, space: &mut Space, part: usize, ty: ComponentDefinedTypeId) -> Result<u32, Failure> {
        if let Some(index) = space.nameless.get(&(part, ty)) {
            return Ok(*index);
        }
        let parts = self.parts;
        let index = match &parts[part].outside.types[ty] {
            ComponentDefinedType::Primitive(ty) => {
                let ty = primitive(*ty);
                self.define(space, |encoder| encoder.defined_type().primitive(ty))
            }
            ComponentDefinedType::Record(record) => {
                let mut fields = Vec::new();
                for (name, ty) in &record.fields {
                    fields.push((name.as_str(), self.value(space, part, *ty)?));
                }
                self.define(space, |encoder| encoder.defined_type().record(fields))
            }
            ComponentDefinedType::Variant(variant) => {
                let mut cases = Vec::new();
                for (name, case) in &variant.cases {
                    cases.push((name.as_str(), self.optional(space, part, case.ty)?));
                }
                self.define(space, |encoder| encoder.defined_type().variant(cases))
            }
            ComponentDefinedType::List { element, .. } => {
                let element = self.value(space, part, *element)?;
                self.define(space, |encoder| encoder.defined_type().list(element))
            }
            ComponentDefinedType::FixedLengthList { element, length, .. } => {
                let element = self.value(space, part, *element)?;
                self.define(space, |encoder| encoder.defined_type().fixed_length_list(element, *length))
            }
            ComponentDefinedType::Map { key, value, .. } => {
                let (key, value) = (self.value(space, part, *key)?, self.value(space, part, *value)?);
                self.define(space, |encoder| encoder.defined_type().map(key, value))
            }
            ComponentDefinedType::Tuple(tuple) => {
                let mut types = Vec::new();
                for ty in &tuple.types {
                    types.push(self.value(space, part, *ty)?);
                }
                self.define(space, |encoder| encoder.defined_type().tuple(types))
            }
            ComponentDefinedType::Flags(names) => {
                let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
                self.define(space, |encoder| encoder.defined_type().flags(names))
            }
            ComponentDefinedType::Enum(names) => {
                let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
                self.define(space, |encoder| encoder.defined_type().enum_type(names))
            }
            ComponentDefinedType::Option { ty, .. } => {
                let ty = self.value(space, part, *ty)?;
                self.define(space, |encoder| encoder.defined_type().option(ty))
            }
            ComponentDefinedType::Result { ok, err, .. } => {
                let (ok, error) = (self.optional(space, part, *ok)?, self.optional(space, part, *err)?);
                self.define(space, |encoder| encoder.defined_type().result(ok, error))
            }
            ComponentDefinedType::Own(resource) => {
                let resource = self.resource(space, part, ComponentAnyTypeId::Resource(*resource))?;
                self.define(space, |encoder| encoder.defined_type().own(resource))
            }
            ComponentDefinedType::Borrow(resource) => {
                let resource = self.resource(space, part, ComponentAnyTypeId::Resource(*resource))?;
                self.define(space, |encoder| encoder.defined_type().borrow(resource))
            }
            ComponentDefinedType::Future { ty, .. } => {
                let ty = self.optional(space, part, *ty)?;
                self.define(space, |encoder| encoder.defined_type().future(ty))
            }
            ComponentDefinedType::Stream { ty, .. } => {
                let ty = self.optional(space, part, *ty)?;
                self.define(space, |encoder| encoder.defined_type().stream(ty))
            }
        };
        space.nameless.insert((part, ty), index);
        Ok(index)
    }

    fn resource(&mut self, space: &mut Space, part: usize, ty: ComponentAnyTypeId) -> Result<u32, Failure> {
        self.named(space, part, ty)?.ok_or_else(|| {
            Failure::new(format!("{}: an import mentions a resource before it is defined", self.parts[part].name))
        })
    }

    /// Defines a type in `space`; its index there.
    fn define(&mut self, space: &mut Space, write: impl FnOnce(ComponentTypeEncoder<'_>)) -> u32 {
        match &mut space.within {
            Some((_, instance)) => {
                let index = instance.type_count();
                write(instance.ty());
                index
            }
            None => {
                let (index, encoder) = self.builder.ty(None);
                write(encoder);
                index
            }
        }
    }
}

/// The types that a type is made of.
fn inner(part: &Part, ty: ComponentAnyTypeId) -> Vec<ComponentAnyTypeId> {
    let types = &part.outside.types;
    let of = |ty: &ComponentValType| match ty {
        ComponentValType::Type(ty) => Some(ComponentAnyTypeId::Defined(*ty)),
        ComponentValType::Primitive(_) => None,
    };
    let all = |types: &mut dyn Iterator<Item = &ComponentValType>| types.filter_map(of).collect();
    match ty {
        ComponentAnyTypeId::Func(func) => {
            all(&mut types[func].params.iter().map(|(_, ty)| ty).chain(&types[func].result))
        }
        ComponentAnyTypeId::Defined(ty) => match &types[ty] {
            ComponentDefinedType::Record(record) => all(&mut record.fields.values()),
            ComponentDefinedType::Variant(variant) => {
                all(&mut variant.cases.values().filter_map(|case| case.ty.as_ref()))
            }
            ComponentDefinedType::Tuple(tuple) => all(&mut tuple.types.iter()),
            ComponentDefinedType::List { element: ty, .. }
            | ComponentDefinedType::FixedLengthList { element: ty, .. }
            | ComponentDefinedType::Option { ty, .. } => of(ty).into_iter().collect(),
            ComponentDefinedType::Map { key, value, .. } => all(&mut [key, value].into_iter()),
            ComponentDefinedType::Result { ok, err, .. } => all(&mut ok.iter().chain(err)),
            ComponentDefinedType::Future { ty, .. } | ComponentDefinedType::Stream { ty, .. } => all(&mut ty.iter()),
            ComponentDefinedType::Own(resource) | ComponentDefinedType::Borrow(resource) => {
                vec![ComponentAnyTypeId::Resource(*resource)]
            }
            ComponentDefinedType::Primitive(_) | ComponentDefinedType::Flags(_) | ComponentDefinedType::Enum(_) => {
                Vec::new()
            }
        },
        _ => Vec::new(),
    }
}

fn primitive(ty: wasmparser::PrimitiveValType) -> PrimitiveValType {
    use wasmparser::PrimitiveValType as P;
    match ty {
        P::Bool => PrimitiveValType::Bool,
        P::S8 => PrimitiveValType::S8,
        P::U8 => PrimitiveValType::U8,
        P::S16 => PrimitiveValType::S16,
        P::U16 => PrimitiveValType::U16,
        P::S32 => PrimitiveValType::S32,
        P::U32 => PrimitiveValType::U32,
        P::S64 => PrimitiveValType::S64,
        P::U64 => PrimitiveValType::U64,
        P::F32 => PrimitiveValType::F32,
        P::F64 => PrimitiveValType::F64,
        P::Char => PrimitiveValType::Char,
        P::String => PrimitiveValType::String,
        P::ErrorContext => PrimitiveValType::ErrorContext,
    }
}
