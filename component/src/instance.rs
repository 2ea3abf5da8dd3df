//! Instantiation: a plan's steps, carried out in a store; and [`Instance`], what has come of it.
//!
//! Everything that could be decided was decided when the component was loaded ([`crate::plan`]) and linked ([`crate::linker`]). Here core
//! modules are instantiated, core functions made for what they import, and start functions run, in the plan's order. A step that fails leaves
//! the instance unusable and the store as usable as before.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::task::{Context, Waker};

use whit_core::{AsContext, AsContextMut, Error, Extern, RawFunc, RawFunctions, StoreContextMut, StoreId};

use crate::abi::flat::flatten_functype;
use crate::canon::host::HostFunctions;
use crate::canon::{builtin, lower};
use crate::component::Component;
use crate::func::{Func, TypedFunc};
use crate::linker::Definitions;
use crate::plan::{
    Builtin, CanonFunc, CanonFuncIdx, CoreItem, ExportItem, Func as PlanFunc, ImportIdx, LiftIdx, Module as PlanModule,
    Options as PlanOptions, OptionsIdx, Resource, Step,
};
use crate::runtime::Runtime;
use crate::runtime::instance::{ComponentInstance, InstanceId, Lift, LiftedFunc, Options, Root, RootId, Supplied};
use crate::runtime::resource::ResourceType;
use crate::runtime::scheduler::{self, Ran};
use crate::runtime::task::{Callee, Caller, Delivery, Task, TaskId, ThreadExecution};
use crate::typed::ComponentNamedList;
use crate::types::{Name, ResourceIdx};

/// An instance of a component, in a store.
///
/// If one of its functions traps it cannot be used any more: every later call is an error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instance {
    store: StoreId,
    root: RootId,
}

/// What an instance exports.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Export {
    /// A function.
    Func(Func),
    /// A core module.
    Module(whit_core::Module),
    /// An instance: the names of what it exports are found by [`Instance::get_export`] with a longer path.
    Instance,
    /// A type or a component.
    Other,
}

impl Instance {
    /// An export, by its name, or by the names of an exported instance and of what that exports, and so on. Where there is no such name, one
    /// of an interface that differs in a compatible version is taken.
    pub fn get_export(&self, mut store: impl AsContextMut, path: &[&str]) -> Option<Export> {
        let mut store = store.as_context_mut();
        let component = self.component(&mut store).ok()?;
        let plan = component.plan();
        let mut exports: &[(Name, ExportItem)] = &plan.exports;
        let (last, outer) = path.split_last()?;
        for name in outer {
            let ExportItem::Instance(inner) = find(exports, name)? else { return None };
            exports = inner;
        }
        Some(match find(exports, last)? {
            ExportItem::Func(PlanFunc::Lift(lift), ty) => {
                Export::Func(Func::new(self.store, LiftedFunc { root: self.root, lift: *lift }, *ty))
            }
            ExportItem::Func(PlanFunc::Import(import), _) => match self.supplied(&mut store, *import)? {
                Supplied::Lifted(func) => {
                    let lift = Runtime::of(&mut store).ok()?.root(func.root).lift(func.lift).ok()?;
                    Export::Func(Func::new(self.store, func, lift.ty))
                }
                // A function of the host that is only passed through: the host has it already.
                _ => Export::Other,
            },
            ExportItem::Module(PlanModule::Embedded(module)) => Export::Module(component.module(*module).clone()),
            ExportItem::Module(PlanModule::Import(import)) => match self.supplied(&mut store, *import)? {
                Supplied::Module(module) => Export::Module(module),
                _ => return None,
            },
            ExportItem::Instance(_) => Export::Instance,
            ExportItem::Type(_) | ExportItem::Component => Export::Other,
        })
    }

    /// An exported function, by its path.
    pub fn get_func(&self, store: impl AsContextMut, path: &[&str]) -> Option<Func> {
        match self.get_export(store, path)? {
            Export::Func(func) => Some(func),
            _ => None,
        }
    }

    /// An exported function, by its path, with its type fixed to Rust types.
    ///
    /// # Errors
    /// There is none, or its type is another.
    pub fn get_typed_func<Params: ComponentNamedList, Results: ComponentNamedList>(
        &self,
        mut store: impl AsContextMut,
        path: &[&str],
    ) -> Result<TypedFunc<Params, Results>, Error> {
        let Some(func) = self.get_func(&mut store, path) else {
            return Err(Error::msg(alloc::format!("the component exports no function `{}`", path.join("` · `"))));
        };
        let typed = func.typed(store);
        typed.map_err(|error| Error::msg(alloc::format!("the exported function `{}`: {error}", path.join("` · `"))))
    }

    /// What was supplied for an import.
    fn supplied<T: 'static>(&self, store: &mut StoreContextMut<'_, T>, import: ImportIdx) -> Option<Supplied> {
        Runtime::of(store).ok()?.root(self.root).imports.get(import.index()).cloned()
    }

    /// What it is an instance of; an error for an instance of another store.
    pub(crate) fn component<T: 'static>(&self, store: &mut StoreContextMut<'_, T>) -> Result<Component, Error> {
        if self.store != store.id() {
            return Err(Error::msg("the component instance belongs to another store"));
        }
        Ok(Runtime::of(store)?.root(self.root).component.clone())
    }

    /// Its number in the store.
    pub(crate) fn root(&self) -> RootId {
        self.root
    }

    /// The store it is in.
    pub(crate) fn store(&self) -> StoreId {
        self.store
    }
}

/// An export by name; a compatible version of an interface will do.
pub(crate) fn find<'e>(exports: &'e [(Name, ExportItem)], name: &str) -> Option<&'e ExportItem> {
    let exact = exports.iter().find(|(export, _)| **export == *name);
    let found = exact.or_else(|| exports.iter().find(|(export, _)| crate::names::are_compatible(export, name)));
    found.map(|(_, item)| item)
}

/// Carries out a component's plan.
pub(crate) struct Instantiation<'s, 'a, T: 'static> {
    store: &'s mut StoreContextMut<'a, T>,
    component: Component,
    host_functions: RawFunctions<T>,
    root: RootId,
}

impl<'s, 'a, T: 'static> Instantiation<'s, 'a, T> {
    /// Instantiates a component with what has been found for its imports.
    pub(crate) fn run(
        store: &'s mut StoreContextMut<'a, T>,
        component: &Component,
        definitions: &Arc<Definitions<T>>,
    ) -> Result<Instance, Error> {
        let root = Self::register(store, component, definitions)?;
        let (guests, hosts) = component.functions();
        store.reserve_functions(guests, hosts)?;
        let host_functions = HostFunctions { component: component.clone(), root, definitions: definitions.clone() };
        let host_functions = RawFunctions::new(host_functions);
        let mut this = Self { store, component: component.clone(), host_functions, root };
        let component = component.clone();
        for step in &component.plan().steps {
            this.step(step)?;
        }
        this.find_exported_lifts()?;
        let store = this.store.id();
        Ok(Instance { store, root })
    }

    /// Makes the places of the root and its instances.
    fn register(
        store: &mut StoreContextMut<'a, T>,
        component: &Component,
        definitions: &Definitions<T>,
    ) -> Result<RootId, Error> {
        let plan = component.plan();
        let imports = definitions.supplied(store, component)?;
        let runtime = Runtime::of(store)?;
        let id = RootId(runtime.roots.len() as u32);
        let first_instance = runtime.instances.len() as u32;
        runtime.instances.try_reserve(plan.instances.len())?;
        for _ in &plan.instances {
            runtime.instances.push(ComponentInstance {
                root: id,
                handles: Default::default(),
                may_leave: true,
                backpressure: 0,
                in_realloc: false,
            });
        }
        let mut resources = Vec::new();
        resources.try_reserve_exact(plan.resources.len())?;
        for resource in &plan.resources {
            resources.push(match resource {
                Resource::Defined { instance } => runtime.add_resource(ResourceType {
                    implementer: Some(InstanceId(first_instance + instance.0)),
                    destructor: None,
                })?,
                Resource::Imported(import) => match imports.get(import.index()) {
                    Some(Supplied::Resource(ty)) => *ty,
                    _ => return Err(Error::msg("a resource type was not supplied")),
                },
            });
        }
        runtime.roots.try_reserve(1)?;
        runtime.roots.push(Root {
            component: component.clone(),
            first_instance,
            imports,
            resources,
            core_instances: Vec::new(),
            options: alloc::vec![None; plan.options.len()],
            canon_funcs: alloc::vec![None; plan.canon_funcs.len()],
            lifts: alloc::vec![None; plan.lifts.len()],
            poisoned: false,
        });
        Ok(id)
    }

    fn runtime(&mut self) -> Result<&mut Runtime, Error> {
        Runtime::of(self.store)
    }

    fn step(&mut self, step: &Step) -> Result<(), Error> {
        match step {
            Step::DefineResource { resource, destructor } => self.define_resource(*resource, destructor.as_ref()),
            Step::MakeCanonFunc(index) => {
                let func = self.make_canon_func(*index)?;
                let root = self.root;
                self.runtime()?.root(root).canon_funcs[index.index()] = Some(func);
                Ok(())
            }
            Step::InstantiateModule { module, instance, imports } => {
                let externs = match module {
                    // In the module's order.
                    PlanModule::Embedded(_) => {
                        imports.iter().map(|(_, _, item)| self.core_item(item)).collect::<Result<Vec<_>, _>>()?
                    }
                    PlanModule::Import(_) => {
                        let module = self.module(*module)?;
                        self.externs(&module, imports)?
                    }
                };
                let module = self.module(*module)?;
                self.instantiate_module(*instance, &module, &externs)
            }
        }
    }

    fn define_resource(&mut self, resource: ResourceIdx, destructor: Option<&CoreItem>) -> Result<(), Error> {
        let destructor = destructor.map(|item| self.core_func(item)).transpose()?;
        let root = self.root;
        let runtime = self.runtime()?;
        let ty = runtime.root(root).resource(resource);
        runtime.resources[ty.0 as usize].destructor = destructor;
        Ok(())
    }

    fn make_canon_func(&mut self, index: CanonFuncIdx) -> Result<whit_core::Func, Error> {
        let component = self.component.clone();
        let signature = &component.canon_type(index).signature;
        match &component.plan().canon_funcs[index.index()] {
            CanonFunc::Lower { func, ty, options } => {
                let options = self.options(*options)?;
                let callee = match func {
                    PlanFunc::Lift(lift) => {
                        self.find_lift(*lift)?;
                        LiftedFunc { root: self.root, lift: *lift }
                    }
                    PlanFunc::Import(import) => {
                        let root = self.root;
                        match &self.runtime()?.root(root).imports[import.index()] {
                            Supplied::Lifted(func) => *func,
                            _ => {
                                return self.host_functions.func(self.store.as_context_mut(), signature, index.0);
                            }
                        }
                    }
                };
                lower::make(self.store, signature, self.root, callee, *ty, options)
            }
            CanonFunc::Builtin { instance, builtin } => {
                let options = options_of(builtin).map(|index| self.options(index)).transpose()?;
                let root = self.root;
                let instance = self.runtime()?.root(root).instance(*instance);
                builtin::make(self.store, signature, root, instance, builtin, options)
            }
        }
    }

    fn instantiate_module(
        &mut self,
        instance: crate::plan::InstanceIdx,
        module: &whit_core::Module,
        externs: &[Extern],
    ) -> Result<(), Error> {
        let (core, start) = whit_core::Instance::new_paused(self.store.as_context_mut(), module, externs)?;
        let root = self.root;
        let runtime = self.runtime()?;
        let instance = runtime.root(root).instance(instance);
        let root = runtime.root(root);
        root.core_instances.try_reserve(1)?;
        root.core_instances.push(core);
        let Some(start) = start else { return Ok(()) };
        let task = Task {
            instance,
            callee: Callee::Start,
            borrows: 0,
            is_resolved: true,
            caller: Caller::Host(Delivery::Nothing),
        };
        let task = TaskId(runtime.tasks.insert(task)?);
        let thread = lower::start_thread(self.store, task, ThreadExecution::Start(start))?;
        match scheduler::run(self.store, thread, &mut Context::from_waker(Waker::noop()))? {
            Ran::Done(_) => {
                let runtime = self.runtime()?;
                runtime.threads.remove(thread.0);
                runtime.tasks.remove(task.0);
                Ok(())
            }
            Ran::Pending => {
                scheduler::abandon(self.store, thread)?;
                Err(crate::canon::lift::cannot_suspend())
            }
        }
    }

    fn module(&mut self, module: PlanModule) -> Result<whit_core::Module, Error> {
        match module {
            PlanModule::Embedded(index) => Ok(self.component.module(index).clone()),
            PlanModule::Import(import) => {
                let root = self.root;
                match &self.runtime()?.root(root).imports[import.index()] {
                    Supplied::Module(module) => Ok(module.clone()),
                    _ => Err(Error::msg("a core module was not supplied")),
                }
            }
        }
    }

    /// What is supplied for the imports of a module that was supplied itself, in its order.
    fn externs(
        &mut self,
        module: &whit_core::Module,
        imports: &[(Name, Name, CoreItem)],
    ) -> Result<Vec<Extern>, Error> {
        let mut externs = Vec::new();
        externs.try_reserve_exact(module.imports().len())?;
        for import in module.imports() {
            let is_it =
                |(from, name, _): &&(Name, Name, CoreItem)| **from == *import.module() && **name == *import.name();
            let supplied = imports.iter().find(is_it);
            let Some((_, _, item)) = supplied else {
                return Err(Error::msg(alloc::format!(
                    "nothing is supplied for the import `{}` of `{}`",
                    import.name(),
                    import.module()
                )));
            };
            externs.push(self.core_item(item)?);
        }
        Ok(externs)
    }

    fn core_item(&mut self, item: &CoreItem) -> Result<Extern, Error> {
        let root = self.root;
        let root = self.runtime()?.root(root);
        let found = match item {
            CoreItem::Canon(index) => root.canon_funcs[index.index()].map(Extern::Func),
            CoreItem::Export(instance, name, position) => {
                match (root.core_instances.get(instance.index()).copied(), position) {
                    (Some(instance), Some(position)) => instance.export_at(self.store.as_context(), *position),
                    (Some(instance), None) => instance.get_export(self.store.as_context(), name),
                    (None, _) => None,
                }
            }
        };
        found.ok_or_else(|| Error::msg("a component's plan names something before it exists"))
    }

    fn core_func(&mut self, item: &CoreItem) -> Result<RawFunc, Error> {
        let func = self.core_item(item)?.into_func();
        func.ok_or_else(|| Error::msg("a component's plan takes something for a function"))?
            .raw(self.store.as_context())
    }

    fn options(&mut self, index: OptionsIdx) -> Result<Options, Error> {
        let root = self.root;
        if let Some(options) = self.runtime()?.root(root).options[index.index()] {
            return Ok(options);
        }
        let component = self.component.clone();
        let options = self.find_options(&component.plan().options[index.index()])?;
        self.runtime()?.root(root).options[index.index()] = Some(options);
        Ok(options)
    }

    fn find_options(&mut self, options: &PlanOptions) -> Result<Options, Error> {
        let memory = options.memory.as_ref().map(|item| self.core_item(item)).transpose()?;
        let mut func = |item: &Option<CoreItem>| item.as_ref().map(|item| self.core_func(item)).transpose();
        let (realloc, post_return, callback) =
            (func(&options.realloc)?, func(&options.post_return)?, func(&options.callback)?);
        let root = self.root;
        Ok(Options {
            instance: self.runtime()?.root(root).instance(options.instance),
            string_encoding: options.string_encoding,
            memory: memory.and_then(Extern::into_memory),
            realloc,
            post_return,
            is_async: options.is_async,
            callback,
        })
    }

    /// Makes a lifted function one that can be called.
    fn find_lift(&mut self, index: LiftIdx) -> Result<(), Error> {
        let root = self.root;
        if self.runtime()?.root(root).lifts[index.index()].is_some() {
            return Ok(());
        }
        let component = self.component.clone();
        let lift = &component.plan().lifts[index.index()];
        let core = self.core_func(&lift.core)?;
        let options = self.options(lift.options)?;
        let mut found = Lift { core, params_in_memory: false, ty: lift.ty, options };
        let types = &component.plan().types;
        found.params_in_memory =
            flatten_functype(types, types.func(lift.ty), options.is_async, found.context()).params_in_memory;
        self.runtime()?.root(root).lifts[index.index()] = Some(found);
        Ok(())
    }

    /// The same for all that are exported.
    fn find_exported_lifts(&mut self) -> Result<(), Error> {
        for index in 0..self.component.plan().lifts.len() {
            self.find_lift(LiftIdx(index as u32))?;
        }
        Ok(())
    }
}

/// The canonical options that a built-in names.
fn options_of(builtin: &Builtin) -> Option<OptionsIdx> {
    match builtin {
        Builtin::TaskReturn { options, .. } => Some(*options),
        _ => None,
    }
}
