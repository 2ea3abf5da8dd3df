//! The definitions of a binary become a [`Plan`]: instantiation is run once, on definitions instead of things.
//!
//! A component is like a function whose arguments are its imports; here it is called, wherever it is instantiated, and what an index
//! of it denotes in that call is known at once: a lifted function, an export of the fifth core instance, something that the root
//! imports. Only what has an effect at run time is left, as a [`Step`]. The calls are frames on a list, not on the native stack, and
//! everything that is done or kept is paid for from a budget, so that no component takes more than the limits allow.

use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;

use hashbrown::HashMap;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentCoreModuleTypeId, ComponentEntityType, ComponentInstanceTypeId,
};
use wasmparser::types::TypesRef;
use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentExternName, ComponentExternalKind, ComponentInstance, ExternalKind,
    Instance,
};
use whit_core::{Error, Section, ValidationError};

use crate::limits::ComponentLimits;
use crate::parse::diagnose::beyond;
use crate::parse::items::{Binary, Captured, Definition, Item, Place, Source};
use crate::plan::convert::{Converter, Scope};
use crate::plan::{
    Builtin, CanonFunc, CanonFuncIdx, CoreInstanceIdx, CoreItem, ExportItem, Func, ImportIdx, ImportItem, ImportKind,
    ImportLeaf, Imports, InstanceIdx, Lift, LiftIdx, Module, Options, OptionsIdx, Plan, Resource, Step, StringEncoding,
    TypeItem,
};
use crate::types::{FuncTypeIdx, MAX_TYPE_DEPTH, Name, ResourceIdx, TypeError, Types};

/// Plans a component.
///
/// # Errors
/// Beyond a limit, or something that cannot be planned.
pub fn plan(binary: &Binary<'_>, limits: &ComponentLimits) -> Result<Plan, Error> {
    let mut planner = Planner::new(binary, limits);
    let outcome = planner.run();
    outcome.map_err(|stop| stop.at(planner.place, limits))?;
    Ok(planner.plan)
}

/// Why planning stopped.
#[derive(Clone, Copy, Debug)]
pub enum Stop {
    /// There are no steps left.
    Steps,
    /// Too many component instances.
    Instances,
    /// Too many core instances.
    CoreInstances,
    /// Instances in instances in instances.
    Nesting,
    /// A type that we refuse.
    Type(TypeError),
    /// Something that Whit does not have.
    Unsupported(&'static str),
    /// Something that validation has excluded.
    Unexpected(&'static str),
}

impl From<TypeError> for Stop {
    fn from(error: TypeError) -> Self {
        Self::Type(error)
    }
}

impl Stop {
    fn at(self, Place { offset, section }: Place, limits: &ComponentLimits) -> Error {
        let beyond = |what, limit| beyond(what, limit, offset, section).into();
        let invalid = |message| ValidationError::new(message, offset, section).into();
        match self {
            Self::Steps => beyond("steps of loading", limits.steps),
            Self::Instances => beyond("component instances", limits.instances),
            Self::CoreInstances => beyond("core instances", limits.core_instances),
            Self::Nesting => beyond("component nesting", limits.nesting),
            Self::Type(TypeError::TooMany) => beyond("types", limits.types),
            Self::Type(TypeError::TooDeep) => beyond("type nesting", MAX_TYPE_DEPTH),
            Self::Type(TypeError::ValueTooLarge) => invalid(alloc::string::String::from("value type too large")),
            Self::Unsupported(what) => invalid(alloc::format!("{what} is not supported")),
            Self::Unexpected(what) => invalid(alloc::format!("unexpected: {what}")),
        }
    }
}

/// Takes steps from a budget.
pub fn charge(budget: &mut u32, steps: usize) -> Result<(), Stop> {
    let left = u32::try_from(steps).ok().and_then(|steps| budget.checked_sub(steps));
    *budget = left.ok_or(Stop::Steps)?;
    Ok(())
}

/// Names, each kept once.
#[derive(Default)]
pub struct Names(HashMap<Name, ()>);

impl Names {
    /// A name.
    pub fn get(&mut self, name: &str) -> Name {
        if let Some((name, ())) = self.0.get_key_value(name) {
            return name.clone();
        }
        let name = Name::from(name);
        self.0.insert(name.clone(), ());
        name
    }
}

/// What an index of a component denotes.
#[derive(Clone)]
enum Def {
    Func(Func, FuncTypeIdx),
    Module(ModuleDef),
    Component(ComponentDef),
    Instance(Rc<InstanceDef>),
    Type(TypeItem),
}

#[derive(Clone, Copy)]
struct ModuleDef {
    module: Module,
    ty: ComponentCoreModuleTypeId,
}

/// A component, and what it has taken from around it.
#[derive(Clone)]
enum ComponentDef {
    Defined {
        definition: usize,
        captured: Rc<[Def]>,
    },
    /// Imported by the root, under this name.
    Imported(Name),
}

struct InstanceDef {
    exports: HashMap<Name, Def>,
    /// How deep instances are in this one; what drops it is as deep.
    depth: u32,
}

impl InstanceDef {
    fn export(&self, name: &str) -> Result<Def, Stop> {
        self.exports.get(name).cloned().ok_or(Stop::Unexpected("an instance without this export"))
    }
}

/// A core instance.
#[derive(Clone)]
enum CoreInstanceDef {
    /// Of a module.
    Instantiated(CoreInstanceIdx),
    /// Some items under names.
    Exports(Rc<HashMap<Name, CoreItem>>),
}

/// A component that is being instantiated.
struct Frame<'b, 'a> {
    definition: &'b Definition<'a>,
    /// How many of its items have been done.
    done: usize,
    index: InstanceIdx,
    captured: Rc<[Def]>,
    /// What its imports are; the root has none, for nobody knows yet.
    arguments: HashMap<Name, Def>,
    scope: Scope,
    exports: HashMap<Name, Def>,
    /// Type that the instance has where it is instantiated.
    ty: Option<ComponentInstanceTypeId>,
    funcs: Vec<(Func, FuncTypeIdx)>,
    modules: Vec<ModuleDef>,
    components: Vec<ComponentDef>,
    instances: Vec<Rc<InstanceDef>>,
    core_funcs: Vec<CoreItem>,
    core_tables: Vec<CoreItem>,
    core_memories: Vec<CoreItem>,
    core_globals: Vec<CoreItem>,
    core_tags: Vec<CoreItem>,
    core_instances: Vec<CoreInstanceDef>,
}

impl<'b, 'a> Frame<'b, 'a> {
    fn new(
        definition: &'b Definition<'a>,
        index: InstanceIdx,
        captured: Rc<[Def]>,
        arguments: HashMap<Name, Def>,
        ty: Option<ComponentInstanceTypeId>,
    ) -> Self {
        Self {
            definition,
            done: 0,
            index,
            captured,
            arguments,
            scope: Scope::default(),
            exports: HashMap::new(),
            ty,
            funcs: Vec::new(),
            modules: Vec::new(),
            components: Vec::new(),
            instances: Vec::new(),
            core_funcs: Vec::new(),
            core_tables: Vec::new(),
            core_memories: Vec::new(),
            core_globals: Vec::new(),
            core_tags: Vec::new(),
            core_instances: Vec::new(),
        }
    }

    fn ty(&self, index: u32) -> Result<ComponentAnyTypeId, Stop> {
        at(&self.definition.types, index)
    }

    fn core_items(&mut self, kind: ExternalKind) -> &mut Vec<CoreItem> {
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => &mut self.core_funcs,
            ExternalKind::Table => &mut self.core_tables,
            ExternalKind::Memory => &mut self.core_memories,
            ExternalKind::Global => &mut self.core_globals,
            ExternalKind::Tag => &mut self.core_tags,
        }
    }

    /// Gives something the next index of its kind. Types have theirs already.
    fn push(&mut self, def: Def) {
        match def {
            Def::Func(func, ty) => self.funcs.push((func, ty)),
            Def::Module(module) => self.modules.push(module),
            Def::Component(component) => self.components.push(component),
            Def::Instance(instance) => self.instances.push(instance),
            Def::Type(_) => {}
        }
    }

    fn source(&self, what: Captured, source: Source) -> Result<Def, Stop> {
        Ok(match (what, source) {
            (Captured::Module, Source::Own(index)) => Def::Module(at(&self.modules, index)?),
            (Captured::Component, Source::Own(index)) => Def::Component(at(&self.components, index)?),
            (_, Source::Captured(slot)) => self.captured.get(slot).cloned().ok_or(Stop::Unexpected("a capture"))?,
        })
    }
}

/// What has an index.
fn at<T: Clone>(space: &[T], index: u32) -> Result<T, Stop> {
    space.get(index as usize).cloned().ok_or(Stop::Unexpected("an index"))
}

struct Planner<'b, 'a> {
    binary: &'b Binary<'a>,
    known: TypesRef<'b>,
    limits: ComponentLimits,
    /// Steps left.
    budget: u32,
    /// The item that is being done.
    place: Place,
    names: Names,
    options: HashMap<Options, OptionsIdx>,
    plan: Plan,
}

impl<'b, 'a> Planner<'b, 'a> {
    fn new(binary: &'b Binary<'a>, limits: &ComponentLimits) -> Self {
        let plan = Plan {
            types: Types::new(limits.types),
            imports: Vec::new(),
            import_interfaces: Vec::new(),
            import_leaves: Vec::new(),
            modules: binary.modules.iter().map(|module| module.range.clone()).collect(),
            instances: Vec::new(),
            resources: Vec::new(),
            options: Vec::new(),
            canon_funcs: Vec::new(),
            lifts: Vec::new(),
            core_instances: 0,
            steps: Vec::new(),
            exports: Vec::new(),
            export_interfaces: Vec::new(),
        };
        Self {
            binary,
            known: binary.types.as_ref(),
            limits: *limits,
            budget: limits.steps,
            place: Place { offset: 0, section: Section::Header },
            names: Names::default(),
            options: HashMap::new(),
            plan,
        }
    }

    /// Instantiates the root, and whatever that instantiates.
    fn run(&mut self) -> Result<(), Stop> {
        let Some(root) = self.binary.definitions.last() else { return Err(Stop::Unexpected("no component")) };
        let index = self.add_instance(None)?;
        let mut frames = Vec::from([Frame::new(root, index, Rc::from([]), HashMap::new(), None)]);
        while let Some(frame) = frames.last_mut() {
            let Some((place, item)) = frame.definition.items.get(frame.done) else {
                let Some(done) = frames.pop() else { break };
                if let Some(around) = frames.last_mut() {
                    self.return_to(around, done)?;
                }
                continue;
            };
            frame.done += 1;
            self.place = *place;
            charge(&mut self.budget, 1)?;
            let is_root = frame.index == index;
            if let Some(nested) = self.item(frame, item, is_root)? {
                if frames.len() as u64 >= u64::from(self.limits.nesting) {
                    return Err(Stop::Nesting);
                }
                frames.push(nested);
            }
        }
        Ok(())
    }

    /// A nested component is complete: it becomes an instance of the one that instantiates it.
    fn return_to(&mut self, around: &mut Frame<'b, 'a>, done: Frame<'b, 'a>) -> Result<(), Stop> {
        let instance = self.instance(done.exports)?;
        if let Some(ty) = done.ty {
            self.bind(&mut around.scope, &ComponentEntityType::Instance(ty), &instance)?;
        }
        around.push(instance);
        Ok(())
    }

    /// Does one item. If it instantiates a component, that is to be done next.
    fn item(
        &mut self,
        frame: &mut Frame<'b, 'a>,
        item: &'b Item<'a>,
        is_root: bool,
    ) -> Result<Option<Frame<'b, 'a>>, Stop> {
        match item {
            Item::Import { name, ty } if is_root => self.import(frame, name, ty)?,
            Item::Import { name, ty } => {
                let argument = frame.arguments.get(name.name).cloned();
                let argument = argument.ok_or(Stop::Unexpected("an argument that is not there"))?;
                self.bind(&mut frame.scope, ty, &argument)?;
                frame.push(argument);
            }
            Item::Module(index) => {
                let embedded = &self.binary.modules[index.index()];
                frame.modules.push(ModuleDef { module: Module::Embedded(*index), ty: embedded.ty });
            }
            Item::Component(definition) => {
                let captures = &self.binary.definitions[*definition].captures;
                charge(&mut self.budget, captures.len())?;
                let captured = captures.iter().map(|(what, source)| frame.source(*what, *source));
                let captured = captured.collect::<Result<_, _>>()?;
                frame.components.push(ComponentDef::Defined { definition: *definition, captured });
            }
            Item::CoreInstance(instance) => {
                let instance = self.core_instance(frame, instance)?;
                frame.core_instances.push(instance);
            }
            Item::Instance(ComponentInstance::Instantiate { component_index, args }, ty) => {
                charge(&mut self.budget, args.len())?;
                let mut arguments = HashMap::with_capacity(args.len());
                for arg in args {
                    let argument = self.def(frame, arg.kind, arg.index)?;
                    arguments.insert(self.names.get(arg.name), argument);
                }
                return self.instantiate(frame, *component_index, arguments, *ty);
            }
            Item::Instance(ComponentInstance::FromExports(exports), _) => {
                charge(&mut self.budget, exports.len())?;
                let mut items = HashMap::with_capacity(exports.len());
                for export in exports {
                    let def = self.def(frame, export.kind, export.index)?;
                    items.insert(self.names.get(export.name.name), def);
                }
                let instance = self.instance(items)?;
                frame.push(instance);
            }
            Item::AliasExport { instance, name } => {
                let def = at(&frame.instances, *instance)?.export(name)?;
                frame.push(def);
            }
            Item::AliasCoreExport { kind, instance, name } => {
                let item = self.core_export(&at(&frame.core_instances, *instance)?, name)?;
                frame.core_items(*kind).push(item);
            }
            Item::AliasOuter(what, source) => {
                let def = frame.source(*what, *source)?;
                frame.push(def);
            }
            Item::Resource { index, destructor } => self.define_resource(frame, *index, *destructor)?,
            Item::Canon(function) => self.canon(frame, function)?,
            Item::Export { name, kind, index, ty } => {
                let def = self.def(frame, *kind, *index)?;
                self.bind(&mut frame.scope, ty, &def)?;
                let exported = self.names.get(name.name);
                if is_root {
                    let item = self.export_item(&mut frame.scope, ty, &def)?;
                    let interface = self.interface(name);
                    self.plan.export_interfaces.extend(interface);
                    self.plan.exports.push((exported.clone(), item));
                }
                frame.exports.insert(exported, def.clone());
                frame.push(def);
            }
        }
        Ok(None)
    }

    fn converter<'c>(&'c mut self, scope: &'c mut Scope) -> Converter<'c, 'b> {
        Converter {
            known: self.known,
            types: &mut self.plan.types,
            names: &mut self.names,
            scope,
            budget: &mut self.budget,
        }
    }

    /// What has an index in a frame.
    fn def(&mut self, frame: &mut Frame<'b, 'a>, kind: ComponentExternalKind, index: u32) -> Result<Def, Stop> {
        Ok(match kind {
            ComponentExternalKind::Func => {
                let (func, ty) = at(&frame.funcs, index)?;
                Def::Func(func, ty)
            }
            ComponentExternalKind::Module => Def::Module(at(&frame.modules, index)?),
            ComponentExternalKind::Component => Def::Component(at(&frame.components, index)?),
            ComponentExternalKind::Instance => Def::Instance(at(&frame.instances, index)?),
            ComponentExternalKind::Type => {
                let ty = frame.ty(index)?;
                Def::Type(self.converter(&mut frame.scope).item(ty)?)
            }
            ComponentExternalKind::Value => return Err(Stop::Unsupported("a value")),
        })
    }

    /// An instance that exports these.
    fn instance(&self, exports: HashMap<Name, Def>) -> Result<Def, Stop> {
        let depth = |def: &Def| match def {
            Def::Instance(instance) => instance.depth + 1,
            _ => 0,
        };
        let depth = exports.values().map(depth).max().unwrap_or(0);
        match depth <= self.limits.nesting {
            true => Ok(Def::Instance(Rc::new(InstanceDef { exports, depth }))),
            false => Err(Stop::Nesting),
        }
    }

    /// Learns which resources the types stand for that something brings along.
    fn bind(&mut self, scope: &mut Scope, ty: &ComponentEntityType, def: &Def) -> Result<(), Stop> {
        match (ty, def) {
            (ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(id), .. }, Def::Type(item)) => {
                let TypeItem::Resource(resource) = item else {
                    return Err(Stop::Unexpected("a resource that is none"));
                };
                scope.bind(id.resource(), *resource);
            }
            (ComponentEntityType::Instance(ty), Def::Instance(instance)) => {
                let known = self.known;
                let exports = &known.get(*ty).ok_or(Stop::Unexpected("an instance type"))?.exports;
                charge(&mut self.budget, exports.len())?;
                for (name, item) in exports {
                    if matches!(item.ty, ComponentEntityType::Type { .. } | ComponentEntityType::Instance(_)) {
                        self.bind(scope, &item.ty, &instance.export(name)?)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// An import of the root.
    fn import(
        &mut self,
        frame: &mut Frame<'b, 'a>,
        name: &ComponentExternName<'a>,
        ty: &ComponentEntityType,
    ) -> Result<(), Stop> {
        let interface = self.interface(name);
        self.plan.import_interfaces.extend(interface);
        let name = self.names.get(name.name);
        let (item, def) = self.import_item(&mut frame.scope, &mut Vec::from([name.clone()]), ty)?;
        self.plan.imports.push((name, item));
        frame.push(def);
        Ok(())
    }

    /// The interface that something is under a name of its own, if it is one: both names.
    fn interface(&mut self, name: &ComponentExternName<'a>) -> Option<(Name, Name)> {
        let interface = name.implements?;
        Some((self.names.get(name.name), self.names.get(interface)))
    }

    /// What the root imports at a place, and what that denotes. Resources that no one has mentioned before are new.
    fn import_item(
        &mut self,
        scope: &mut Scope,
        path: &mut Vec<Name>,
        ty: &ComponentEntityType,
    ) -> Result<(ImportItem, Def), Stop> {
        Ok(match *ty {
            ComponentEntityType::Func(ty) => {
                let ty = self.converter(scope).func(ty)?;
                let import = self.import_leaf(path, ImportKind::Func(ty))?;
                (ImportItem::Func(import, ty), Def::Func(Func::Import(import), ty))
            }
            ComponentEntityType::Module(ty) => {
                let module = self.converter(scope).module(ty)?;
                let import = self.import_leaf(path, ImportKind::Module(module))?;
                (ImportItem::Module(import), Def::Module(ModuleDef { module: Module::Import(import), ty }))
            }
            ComponentEntityType::Type { created: ComponentAnyTypeId::Resource(id), .. }
                if scope.resource(id.resource()).is_none() =>
            {
                let resource = ResourceIdx(self.plan.resources.len() as u32);
                let import = self.import_leaf(path, ImportKind::Resource)?;
                self.plan.resources.push(Resource::Imported(import));
                scope.bind(id.resource(), resource);
                (ImportItem::Resource(resource), Def::Type(TypeItem::Resource(resource)))
            }
            ComponentEntityType::Type { created, .. } => {
                let item = self.converter(scope).item(created)?;
                (ImportItem::Type(item), Def::Type(item))
            }
            ComponentEntityType::Instance(ty) => {
                let known = self.known;
                let exports = &known.get(ty).ok_or(Stop::Unexpected("an instance type"))?.exports;
                charge(&mut self.budget, exports.len())?;
                let (mut items, mut defs) = (Vec::new(), HashMap::new());
                for (name, export) in exports {
                    let name = self.names.get(name);
                    path.push(name.clone());
                    let (item, def) = self.import_item(scope, path, &export.ty)?;
                    path.pop();
                    items.push((name.clone(), item));
                    defs.insert(name, def);
                }
                (ImportItem::Instance(items), self.instance(defs)?)
            }
            ComponentEntityType::Component(_) => {
                let name = path.last().cloned().ok_or(Stop::Unexpected("an import without a name"))?;
                (ImportItem::Component, Def::Component(ComponentDef::Imported(name)))
            }
            ComponentEntityType::Value(_) => return Err(Stop::Unsupported("a value")),
        })
    }

    fn import_leaf(&mut self, path: &[Name], kind: ImportKind) -> Result<ImportIdx, Stop> {
        charge(&mut self.budget, path.len())?;
        let index = ImportIdx(self.plan.import_leaves.len() as u32);
        self.plan.import_leaves.push(ImportLeaf { path: path.into(), kind });
        Ok(index)
    }

    /// Something as the root exports it: of an instance, only what its type mentions.
    fn export_item(&mut self, scope: &mut Scope, ty: &ComponentEntityType, def: &Def) -> Result<ExportItem, Stop> {
        Ok(match (ty, def) {
            (ComponentEntityType::Func(ty), Def::Func(func, _)) => {
                ExportItem::Func(*func, self.converter(scope).func(*ty)?)
            }
            (ComponentEntityType::Module(_), Def::Module(module)) => ExportItem::Module(module.module),
            (ComponentEntityType::Type { .. }, Def::Type(item)) => ExportItem::Type(*item),
            (ComponentEntityType::Component(_), Def::Component(_)) => ExportItem::Component,
            (ComponentEntityType::Instance(ty), Def::Instance(instance)) => {
                let known = self.known;
                let exports = &known.get(*ty).ok_or(Stop::Unexpected("an instance type"))?.exports;
                charge(&mut self.budget, exports.len())?;
                let mut items = Vec::with_capacity(exports.len());
                for (name, export) in exports {
                    let item = self.export_item(scope, &export.ty, &instance.export(name)?)?;
                    items.push((self.names.get(name), item));
                }
                ExportItem::Instance(Arc::from(items))
            }
            _ => return Err(Stop::Unexpected("an export of another kind")),
        })
    }

    fn add_instance(&mut self, around: Option<InstanceIdx>) -> Result<InstanceIdx, Stop> {
        if self.plan.instances.len() as u64 >= u64::from(self.limits.instances) {
            return Err(Stop::Instances);
        }
        self.plan.instances.push(around);
        Ok(InstanceIdx(self.plan.instances.len() as u32 - 1))
    }

    /// Instantiates a component: gives the frame in which that is to be done. One that is imported is not there to look into; since
    /// none can be supplied, it does no harm to let what it exports be imported one by one, below its name.
    fn instantiate(
        &mut self,
        frame: &mut Frame<'b, 'a>,
        component: u32,
        arguments: HashMap<Name, Def>,
        ty: ComponentInstanceTypeId,
    ) -> Result<Option<Frame<'b, 'a>>, Stop> {
        match at(&frame.components, component)? {
            ComponentDef::Defined { definition, captured } => {
                let index = self.add_instance(Some(frame.index))?;
                let definition = &self.binary.definitions[definition];
                Ok(Some(Frame::new(definition, index, captured, arguments, Some(ty))))
            }
            ComponentDef::Imported(name) => {
                let ty = ComponentEntityType::Instance(ty);
                let (_, instance) = self.import_item(&mut frame.scope, &mut Vec::from([name]), &ty)?;
                frame.push(instance);
                Ok(None)
            }
        }
    }

    fn core_instance(&mut self, frame: &mut Frame<'b, 'a>, instance: &Instance<'a>) -> Result<CoreInstanceDef, Stop> {
        match instance {
            Instance::Instantiate { module_index, args } => {
                let ModuleDef { module, ty } = at(&frame.modules, *module_index)?;
                charge(&mut self.budget, args.len())?;
                let mut arguments = HashMap::with_capacity(args.len());
                for arg in args {
                    arguments.insert(arg.name, at(&frame.core_instances, arg.index)?);
                }
                let imports = self.imports(ty, &arguments)?;
                if self.plan.core_instances >= self.limits.core_instances {
                    return Err(Stop::CoreInstances);
                }
                self.plan.core_instances += 1;
                self.plan.steps.push(Step::InstantiateModule { module, instance: frame.index, imports });
                Ok(CoreInstanceDef::Instantiated(CoreInstanceIdx(self.plan.core_instances - 1)))
            }
            Instance::FromExports(exports) => {
                charge(&mut self.budget, exports.len())?;
                let mut items = HashMap::with_capacity(exports.len());
                for export in exports {
                    items.insert(self.names.get(export.name), at(frame.core_items(export.kind), export.index)?);
                }
                Ok(CoreInstanceDef::Exports(Rc::new(items)))
            }
        }
    }

    /// What is supplied for each import of a module, in its order.
    fn imports(
        &mut self,
        ty: ComponentCoreModuleTypeId,
        arguments: &HashMap<&str, CoreInstanceDef>,
    ) -> Result<Imports, Stop> {
        let known = self.known;
        let imports = &known.get(ty).ok_or(Stop::Unexpected("a module type"))?.imports;
        charge(&mut self.budget, imports.len())?;
        let mut supplied = Vec::with_capacity(imports.len());
        for (module, name) in imports.keys() {
            let instance = arguments.get(module.as_str()).ok_or(Stop::Unexpected("an argument that is not there"))?;
            let item = self.core_export(instance, name)?;
            supplied.push((self.names.get(module), self.names.get(name), item));
        }
        Ok(supplied.into())
    }

    fn core_export(&mut self, instance: &CoreInstanceDef, name: &str) -> Result<CoreItem, Stop> {
        match instance {
            CoreInstanceDef::Instantiated(index) => Ok(CoreItem::Export(*index, self.names.get(name), None)),
            CoreInstanceDef::Exports(items) => {
                items.get(name).cloned().ok_or(Stop::Unexpected("a core instance without this export"))
            }
        }
    }

    /// A resource type of its own for each instance that defines it.
    fn define_resource(&mut self, frame: &mut Frame<'b, 'a>, index: u32, destructor: Option<u32>) -> Result<(), Stop> {
        let ComponentAnyTypeId::Resource(id) = frame.ty(index)? else {
            return Err(Stop::Unexpected("a resource that is none"));
        };
        let resource = ResourceIdx(self.plan.resources.len() as u32);
        self.plan.resources.push(Resource::Defined { instance: frame.index });
        frame.scope.bind(id.resource(), resource);
        let destructor = destructor.map(|index| at(&frame.core_funcs, index)).transpose()?;
        self.plan.steps.push(Step::DefineResource { resource, destructor });
        Ok(())
    }

    /// A lifted function, or a core function that the component model makes.
    fn canon(&mut self, frame: &mut Frame<'b, 'a>, function: &CanonicalFunction) -> Result<(), Stop> {
        let canon = match function {
            CanonicalFunction::Lift { core_func_index, type_index, options } => {
                let core = at(&frame.core_funcs, *core_func_index)?;
                let ComponentAnyTypeId::Func(ty) = frame.ty(*type_index)? else {
                    return Err(Stop::Unexpected("a function type that is none"));
                };
                let ty = self.converter(&mut frame.scope).func(ty)?;
                let options = self.options(frame, options)?;
                let lift = LiftIdx(self.plan.lifts.len() as u32);
                self.plan.lifts.push(Lift { core, ty, options });
                frame.funcs.push((Func::Lift(lift), ty));
                return Ok(());
            }
            CanonicalFunction::Lower { func_index, options } => {
                let (func, ty) = at(&frame.funcs, *func_index)?;
                CanonFunc::Lower { func, ty, options: self.options(frame, options)? }
            }
            builtin => CanonFunc::Builtin { instance: frame.index, builtin: self.builtin(frame, builtin)? },
        };
        let index = CanonFuncIdx(self.plan.canon_funcs.len() as u32);
        self.plan.canon_funcs.push(canon);
        self.plan.steps.push(Step::MakeCanonFunc(index));
        frame.core_funcs.push(CoreItem::Canon(index));
        Ok(())
    }

    fn builtin(&mut self, frame: &mut Frame<'b, 'a>, builtin: &CanonicalFunction) -> Result<Builtin, Stop> {
        use CanonicalFunction as Canon;
        let resource = |frame: &Frame<'b, 'a>, index: u32| match frame.ty(index)? {
            ComponentAnyTypeId::Resource(id) => {
                frame.scope.resource(id.resource()).ok_or(Stop::Unexpected("a resource type that stands for nothing"))
            }
            _ => Err(Stop::Unexpected("a resource that is none")),
        };
        Ok(match *builtin {
            Canon::ResourceNew { resource: index } => Builtin::ResourceNew(resource(frame, index)?),
            Canon::ResourceDrop { resource: index } => Builtin::ResourceDrop(resource(frame, index)?),
            Canon::ResourceRep { resource: index } => Builtin::ResourceRep(resource(frame, index)?),
            Canon::BackpressureInc => Builtin::BackpressureInc,
            Canon::BackpressureDec => Builtin::BackpressureDec,
            Canon::TaskReturn { result, ref options } => {
                let result = result.map(|ty| self.value_type(frame, ty)).transpose()?;
                Builtin::TaskReturn { result, options: self.options(frame, options)? }
            }
            Canon::TaskCancel => Builtin::TaskCancel,
            Canon::ContextGet { slot, .. } => Builtin::ContextGet { slot },
            Canon::ContextSet { slot, .. } => Builtin::ContextSet { slot },
            Canon::ThreadYield => Builtin::ThreadYield,
            Canon::SubtaskCancel { async_ } => Builtin::SubtaskCancel { is_async: async_ },
            Canon::SubtaskDrop => Builtin::SubtaskDrop,
            Canon::StreamNew { ty } => Builtin::StreamNew(self.stream_type(frame, ty)?),
            Canon::StreamRead { ty, ref options } => {
                Builtin::StreamRead { ty: self.stream_type(frame, ty)?, options: self.options(frame, options)? }
            }
            Canon::StreamWrite { ty, ref options } => {
                Builtin::StreamWrite { ty: self.stream_type(frame, ty)?, options: self.options(frame, options)? }
            }
            Canon::StreamForward { ty } => Builtin::StreamForward(self.stream_type(frame, ty)?),
            Canon::StreamCancelRead { ty, async_ } => {
                Builtin::StreamCancelRead { ty: self.stream_type(frame, ty)?, is_async: async_ }
            }
            Canon::StreamCancelWrite { ty, async_ } => {
                Builtin::StreamCancelWrite { ty: self.stream_type(frame, ty)?, is_async: async_ }
            }
            Canon::StreamDropReadable { ty } => Builtin::StreamDropReadable(self.stream_type(frame, ty)?),
            Canon::StreamDropWritable { ty } => Builtin::StreamDropWritable(self.stream_type(frame, ty)?),
            Canon::FutureNew { ty } => Builtin::FutureNew(self.stream_type(frame, ty)?),
            Canon::FutureRead { ty, ref options } => {
                Builtin::FutureRead { ty: self.stream_type(frame, ty)?, options: self.options(frame, options)? }
            }
            Canon::FutureWrite { ty, ref options } => {
                Builtin::FutureWrite { ty: self.stream_type(frame, ty)?, options: self.options(frame, options)? }
            }
            Canon::FutureForward { ty } => Builtin::FutureForward(self.stream_type(frame, ty)?),
            Canon::FutureCancelRead { ty, async_ } => {
                Builtin::FutureCancelRead { ty: self.stream_type(frame, ty)?, is_async: async_ }
            }
            Canon::FutureCancelWrite { ty, async_ } => {
                Builtin::FutureCancelWrite { ty: self.stream_type(frame, ty)?, is_async: async_ }
            }
            Canon::FutureDropReadable { ty } => Builtin::FutureDropReadable(self.stream_type(frame, ty)?),
            Canon::FutureDropWritable { ty } => Builtin::FutureDropWritable(self.stream_type(frame, ty)?),
            Canon::ErrorContextNew { ref options } => {
                Builtin::ErrorContextNew { options: self.options(frame, options)? }
            }
            Canon::ErrorContextDebugMessage { ref options } => {
                Builtin::ErrorContextDebugMessage { options: self.options(frame, options)? }
            }
            Canon::ErrorContextDrop => Builtin::ErrorContextDrop,
            Canon::WaitableSetNew => Builtin::WaitableSetNew,
            Canon::WaitableSetWait { memory } => {
                Builtin::WaitableSetWait { options: self.options(frame, &[CanonicalOption::Memory(memory)])? }
            }
            Canon::WaitableSetPoll { memory } => {
                Builtin::WaitableSetPoll { options: self.options(frame, &[CanonicalOption::Memory(memory)])? }
            }
            Canon::WaitableSetDrop => Builtin::WaitableSetDrop,
            Canon::WaitableJoin => Builtin::WaitableJoin,
            Canon::ThreadIndex => Builtin::ThreadIndex,
            Canon::ThreadNewIndirect { table_index, .. } => {
                Builtin::ThreadNewIndirect { table: at(&frame.core_tables, table_index)? }
            }
            Canon::ThreadResumeLater => Builtin::ThreadResumeLater,
            Canon::ThreadSuspend => Builtin::ThreadSuspend,
            Canon::ThreadSuspendThenResume => Builtin::ThreadSuspendThenResume,
            Canon::ThreadYieldThenResume => Builtin::ThreadYieldThenResume,
            Canon::ThreadSuspendThenPromote => Builtin::ThreadSuspendThenPromote,
            Canon::ThreadYieldThenPromote => Builtin::ThreadYieldThenPromote,
            Canon::ThreadSpawnRef { .. } | Canon::ThreadSpawnIndirect { .. } | Canon::ThreadAvailableParallelism => {
                return Err(Stop::Unsupported("a built-in of the proposal shared-everything-threads"));
            }
            Canon::Lift { .. } | Canon::Lower { .. } => return Err(Stop::Unexpected("not a built-in")),
        })
    }

    fn value_type(
        &mut self,
        frame: &mut Frame<'b, 'a>,
        ty: wasmparser::ComponentValType,
    ) -> Result<crate::types::ValType, Stop> {
        use wasmparser::component_types::ComponentValType as Known;
        let ty = match ty {
            wasmparser::ComponentValType::Primitive(ty) => Known::Primitive(ty),
            wasmparser::ComponentValType::Type(index) => match frame.ty(index)? {
                ComponentAnyTypeId::Defined(id) => Known::Type(id),
                _ => return Err(Stop::Unexpected("a value type that is none")),
            },
        };
        self.converter(&mut frame.scope).value(ty)
    }

    /// The type of a stream or a future.
    fn stream_type(&mut self, frame: &mut Frame<'b, 'a>, index: u32) -> Result<crate::types::DefinedIdx, Stop> {
        let id = frame.ty(index)?;
        self.converter(&mut frame.scope).stream_or_future(id)
    }

    fn options(&mut self, frame: &Frame<'b, 'a>, list: &[CanonicalOption]) -> Result<OptionsIdx, Stop> {
        let mut options = Options {
            instance: frame.index,
            string_encoding: StringEncoding::Utf8,
            memory: None,
            realloc: None,
            post_return: None,
            is_async: false,
            callback: None,
        };
        for option in list {
            match *option {
                CanonicalOption::UTF8 => options.string_encoding = StringEncoding::Utf8,
                CanonicalOption::UTF16 => options.string_encoding = StringEncoding::Utf16,
                CanonicalOption::CompactUTF16 => options.string_encoding = StringEncoding::Latin1Utf16,
                CanonicalOption::Memory(index) => options.memory = Some(at(&frame.core_memories, index)?),
                CanonicalOption::Realloc(index) => options.realloc = Some(at(&frame.core_funcs, index)?),
                CanonicalOption::PostReturn(index) => options.post_return = Some(at(&frame.core_funcs, index)?),
                CanonicalOption::Async => options.is_async = true,
                CanonicalOption::Callback(index) => options.callback = Some(at(&frame.core_funcs, index)?),
                CanonicalOption::CoreType(_) | CanonicalOption::Gc => {
                    return Err(Stop::Unsupported("the canonical ABI for garbage-collected values"));
                }
            }
        }
        if let Some(index) = self.options.get(&options) {
            return Ok(*index);
        }
        let index = OptionsIdx(self.plan.options.len() as u32);
        self.plan.options.push(options.clone());
        self.options.insert(options, index);
        Ok(index)
    }
}
