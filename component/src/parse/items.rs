//! Sections become [`Item`]s, one list for each component in the binary, and ranges of bytes, one for each module.
//!
//! wasmparser validates each section before its items are taken, all function bodies excepted: these are the modules' own business.
//! Promises that indices in an item refer to items before it, and that no component is nested deeper than the limit.

use alloc::vec::Vec;
use core::ops::Range;

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentCoreModuleTypeId, ComponentEntityType, ComponentInstanceTypeId,
};
use wasmparser::types::{Types, TypesRef};
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExport, ComponentExternName, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, ComponentType, Encoding, ExternalKind, Instance, Parser, Payload, Validator, WasmFeatures,
};
use whit_core::{Error, ParseError, Section, ValidationError};

use crate::limits::ComponentLimits;
use crate::parse::diagnose::{Failure, beyond, section_of};
use crate::plan::ModuleIdx;

/// All that a binary holds.
pub struct Binary<'a> {
    /// What each component defines; nested ones before the one that they stand in, so the root is the last.
    pub definitions: Vec<Definition<'a>>,
    /// The embedded modules, numbered by [`ModuleIdx`].
    pub modules: Vec<EmbeddedModule>,
    /// What the validator knows about every type that the definitions name.
    pub types: Types,
}

/// A core module in the binary.
pub struct EmbeddedModule {
    /// Its bytes.
    pub range: Range<usize>,
    /// Its type.
    pub ty: ComponentCoreModuleTypeId,
}

/// What a component defines, in order.
#[derive(Default)]
pub struct Definition<'a> {
    /// What adds to its index spaces (but for those of types), or its exports.
    pub items: Vec<(Place, Item<'a>)>,
    /// Its index space of types.
    pub types: Vec<ComponentAnyTypeId>,
    /// What it takes from the components around it, seen from the one in which it is defined.
    pub captures: Vec<(Captured, Source)>,
}

/// Where in the binary an item stands.
#[derive(Clone, Copy)]
pub struct Place {
    /// Where it begins; where a component ends.
    pub offset: u64,
    /// The section it is in.
    pub section: Section,
}

/// One definition of a component.
pub enum Item<'a> {
    /// Adds to the index space of its kind.
    Import {
        /// What it is called.
        name: ComponentExternName<'a>,
        /// What it must be.
        ty: ComponentEntityType,
    },
    /// Adds a core module.
    Module(ModuleIdx),
    /// Adds a component: its position among the definitions.
    Component(usize),
    /// Adds a core instance.
    CoreInstance(Instance<'a>),
    /// Adds an instance, of a type.
    Instance(ComponentInstance<'a>, ComponentInstanceTypeId),
    /// Adds what an instance exports.
    AliasExport {
        /// The instance.
        instance: u32,
        /// The name of the export.
        name: &'a str,
    },
    /// Adds what a core instance exports.
    AliasCoreExport {
        /// What it is.
        kind: ExternalKind,
        /// The core instance.
        instance: u32,
        /// The name of the export.
        name: &'a str,
    },
    /// Adds a core module or a component that is there already, or in a component around this one.
    AliasOuter(Captured, Source),
    /// Makes a resource type.
    Resource {
        /// Its index among the types.
        index: u32,
        /// The core function that destroys one.
        destructor: Option<u32>,
    },
    /// Adds a function, or a core function.
    Canon(CanonicalFunction),
    /// Adds to the exports, and to the index space of its kind.
    Export {
        /// What it is called.
        name: ComponentExternName<'a>,
        /// What it is.
        kind: ComponentExternalKind,
        /// Its index among what is of its kind.
        index: u32,
        /// As what it is exported.
        ty: ComponentEntityType,
    },
}

/// What a component can take from the components around it. (Types too, but these the validator has followed already.)
#[derive(Clone, Copy)]
pub enum Captured {
    /// A core module.
    Module,
    /// A component.
    Component,
}

/// Where something is found, in a component.
#[derive(Clone, Copy)]
pub enum Source {
    /// In its index space.
    Own(u32),
    /// Among what it has captured.
    Captured(usize),
}

/// Reads and validates a component; the bodies of its functions are not validated.
pub fn read<'a>(bytes: &'a [u8], features: WasmFeatures, limits: &ComponentLimits) -> Result<Binary<'a>, Error> {
    if bytes.len() as u64 > u64::from(limits.component_size) {
        return Err(beyond("component size", limits.component_size, 0, Section::Header).into());
    }
    let mut reader = Reader {
        limits,
        validator: Validator::new_with_features(features),
        section: Section::Header,
        open: Vec::new(),
        in_module: None,
        definitions: Vec::new(),
        modules: Vec::new(),
    };
    match reader.sections(bytes, features) {
        Ok(types) => Ok(Binary { definitions: reader.definitions, modules: reader.modules, types }),
        Err(failure) => Err(failure.diagnose(bytes, features, reader.section)),
    }
}

/// Collects definitions while sections go by.
struct Reader<'a, 'l> {
    limits: &'l ComponentLimits,
    validator: Validator,
    /// The section that is being read.
    section: Section,
    /// The components that have begun and not ended, the root first.
    open: Vec<Definition<'a>>,
    /// The module that has begun and not ended.
    in_module: Option<Range<usize>>,
    definitions: Vec<Definition<'a>>,
    modules: Vec<EmbeddedModule>,
}

impl<'a> Reader<'a, '_> {
    /// Reads all sections.
    fn sections(&mut self, bytes: &'a [u8], features: WasmFeatures) -> Result<Types, Failure> {
        let mut parser = Parser::new(0);
        parser.set_features(features);
        let mut types = None;
        for payload in parser.parse_all(bytes) {
            let payload = payload?;
            self.section = section_of(&payload).unwrap_or(self.section);
            types = self.payload(payload)?;
        }
        types.ok_or_else(|| ParseError::new("unexpected end", bytes.len() as u64, Section::Header).into())
    }

    /// Takes what comes next; the types, if it is the end of something.
    fn payload(&mut self, payload: Payload<'a>) -> Result<Option<Types>, Failure> {
        match payload {
            Payload::Version { num, encoding, range } => {
                if self.in_module.is_none() {
                    if encoding == Encoding::Module {
                        let message = "unknown binary version: this is a module, not a component";
                        return Err(ParseError::new(message, range.start, Section::Header).into());
                    }
                    if self.open.len() as u64 >= u64::from(self.limits.nesting) {
                        return Err(
                            beyond("component nesting", self.limits.nesting, range.start, Section::Header).into()
                        );
                    }
                    self.open.push(Definition::default());
                }
                self.validator.version(num, encoding, &range)?;
            }
            Payload::ModuleSection { unchecked_range: range, .. } => {
                self.validator.module_section(&range)?;
                self.in_module = Some(range.start as usize..range.end as usize);
            }
            Payload::ComponentSection { unchecked_range: range, .. } => self.validator.component_section(&range)?,
            Payload::InstanceSection(reader) => {
                self.validator.instance_section(&reader)?;
                self.each(reader, |_, instance| Some(Item::CoreInstance(instance)))?;
            }
            Payload::ComponentInstanceSection(reader) => {
                let mut index = self.types().map_or(0, |types| types.component_instance_count());
                self.validator.component_instance_section(&reader)?;
                self.each(reader, |types, instance| {
                    index += 1;
                    Some(Item::Instance(instance, types.component_instance_at(index - 1)))
                })?;
            }
            Payload::ComponentAliasSection(reader) => {
                self.validator.component_alias_section(&reader)?;
                for alias in reader.into_iter_with_offsets() {
                    let (offset, alias) = alias?;
                    if let Some(item) = self.alias(alias) {
                        self.push(Place { offset, section: Section::Alias }, item);
                    }
                }
                self.note_types();
            }
            Payload::ComponentTypeSection(reader) => {
                let mut index = self.types().map_or(0, |types| types.component_type_count());
                self.validator.component_type_section(&reader)?;
                self.each(reader, |_, ty| {
                    index += 1;
                    match ty {
                        ComponentType::Resource { dtor, .. } => {
                            Some(Item::Resource { index: index - 1, destructor: dtor })
                        }
                        _ => None,
                    }
                })?;
            }
            Payload::ComponentCanonicalSection(reader) => {
                self.validator.component_canonical_section(&reader)?;
                self.each(reader, |_, function| Some(Item::Canon(function)))?;
            }
            Payload::ComponentStartSection { range, .. } => {
                let message = "start functions of components are not supported";
                return Err(ValidationError::new(message, range.start, Section::Start).into());
            }
            Payload::ComponentImportSection(reader) => {
                self.validator.component_import_section(&reader)?;
                self.each(reader, |types, import| {
                    let ty = types.component_item_for_import(import.name.name)?.ty;
                    Some(Item::Import { name: import.name, ty })
                })?;
            }
            Payload::ComponentExportSection(reader) => {
                self.validator.component_export_section(&reader)?;
                self.each(reader, |types, ComponentExport { name, kind, index, .. }| {
                    let ty = types.component_item_for_export(name.name)?.ty;
                    Some(Item::Export { name, kind, index, ty })
                })?;
            }
            Payload::End(offset) => return Ok(Some(self.end(offset)?)),
            payload => {
                // A section of a module, or one that both have. What the validator has to say about a body is said later.
                self.validator.payload(&payload)?;
            }
        }
        Ok(None)
    }

    /// A module or a component is complete.
    fn end(&mut self, offset: u64) -> Result<Types, Failure> {
        let types = self.validator.end(offset)?;
        if let Some(range) = self.in_module.take() {
            let ty = self.types().map(|around| around.module_at(around.module_count() - 1));
            if let Some(ty) = ty {
                let index = ModuleIdx(self.modules.len() as u32);
                let place = Place { offset: range.start as u64, section: Section::Module };
                self.modules.push(EmbeddedModule { range, ty });
                self.push(place, Item::Module(index));
            }
        } else if let Some(definition) = self.open.pop() {
            let index = self.definitions.len();
            self.definitions.push(definition);
            self.push(Place { offset, section: Section::Component }, Item::Component(index));
        }
        Ok(types)
    }

    /// What the validator knows about the component that is being read.
    fn types(&self) -> Option<TypesRef<'_>> {
        self.validator.types(0)
    }

    /// Adds an item to the component that is being read; the root itself is added to nothing.
    fn push(&mut self, place: Place, item: Item<'a>) {
        if let Some(definition) = self.open.last_mut() {
            definition.items.push((place, item));
        }
    }

    /// Adds what `item` makes of each item of a section that has been validated.
    fn each<T: wasmparser::FromReader<'a>>(
        &mut self,
        section: wasmparser::SectionLimited<'a, T>,
        mut item: impl FnMut(TypesRef<'_>, T) -> Option<Item<'a>>,
    ) -> Result<(), Failure> {
        if let (Some(types), Some(definition)) = (self.validator.types(0), self.open.last_mut()) {
            for parsed in section.into_iter_with_offsets() {
                let (offset, parsed) = parsed?;
                let place = Place { offset, section: self.section };
                definition.items.extend(item(types, parsed).map(|item| (place, item)));
            }
        }
        self.note_types();
        Ok(())
    }

    /// Keeps the index space of types up to date.
    fn note_types(&mut self) {
        if let (Some(types), Some(definition)) = (self.validator.types(0), self.open.last_mut()) {
            let known = definition.types.len() as u32;
            definition
                .types
                .extend((known..types.component_type_count()).map(|index| types.component_any_type_at(index)));
        }
    }

    /// An alias, unless it is one of a type, which the validator has followed already.
    fn alias(&mut self, alias: ComponentAlias<'a>) -> Option<Item<'a>> {
        Some(match alias {
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Type, .. } => return None,
            ComponentAlias::InstanceExport { instance_index: instance, name, .. } => {
                Item::AliasExport { instance, name }
            }
            ComponentAlias::CoreInstanceExport { kind, instance_index: instance, name } => {
                Item::AliasCoreExport { kind, instance, name }
            }
            ComponentAlias::Outer { kind, count, index } => {
                let what = match kind {
                    ComponentOuterAliasKind::CoreModule => Captured::Module,
                    ComponentOuterAliasKind::Component => Captured::Component,
                    ComponentOuterAliasKind::Type | ComponentOuterAliasKind::CoreType => return None,
                };
                Item::AliasOuter(what, self.capture(what, count, index))
            }
        })
    }

    /// Where the component that is being read finds what has an index in the component `count` around it: each component on the way
    /// takes it from the one around itself.
    fn capture(&mut self, what: Captured, count: u32, index: u32) -> Source {
        let inner = self.open.iter_mut().rev().take(count as usize).rev();
        inner.fold(Source::Own(index), |outside, definition| {
            definition.captures.push((what, outside));
            Source::Captured(definition.captures.len() - 1)
        })
    }
}
