//! Names → what is supplied for them: the host's functions and resources, core modules, other instances' exports.
//!
//! [`Linker::instantiate_pre`] walks the tree of a component's imports once, finds for every leaf what the linker has under its path, and
//! compares types; all that is missing or does not fit is reported together. Interfaces match by name and *compatible version*: of several,
//! the greatest is taken. A function that the component imports and never uses need not be there, nor a resource type that no used function
//! of its interface can be about.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::TypeId;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicU32, Ordering};
use core::task::{Context, Poll};

use whit_core::{AsContextMut, Engine, Error, Module, StoreContextMut};

use crate::abi::lift::Lifting;
use crate::abi::lower::Lowering;
use crate::abi::place::Fields;
use crate::canon::host::{Going, HostBody, OverValues};
use crate::canon::resource::{Destructor, HostDestructors};
use crate::component::Component;
use crate::error::{ImportProblem, LinkError, Problem};
use crate::func::Func;
use crate::instance::{Export, Instance, Instantiation};
use crate::matching;
use crate::mismatch::TypeMismatch;
use crate::names;
use crate::plan::{ExportItem, ImportIdx, ImportKind, ImportLeaf, TypeItem};
use crate::runtime::Runtime;
use crate::runtime::instance::Supplied;
use crate::runtime::resource::{ResourceType as RuntimeResource, ResourceTypeId};
use crate::typed::{LiftNamedList, LowerNamedList, Typecheck, typecheck_params, typecheck_result};
use crate::types::{FuncType, Name, Types};
use crate::value::{Val, lift_vals};

/// What components can import, by name.
pub struct Linker<T: 'static> {
    engine: Engine,
    scope: Scope<T>,
    allow_shadowing: bool,
}

type Scope<T> = BTreeMap<Name, Item<T>>;

/// Something with a name.
enum Item<T: 'static> {
    Func(Arc<HostFunc<T>>),
    Lifted(Func),
    Module(Module),
    Resource(Resource<T>),
    Instance(Scope<T>),
}

impl<T: 'static> Clone for Item<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Func(func) => Self::Func(func.clone()),
            Self::Lifted(func) => Self::Lifted(*func),
            Self::Module(module) => Self::Module(module.clone()),
            Self::Resource(resource) => Self::Resource(resource.clone()),
            Self::Instance(scope) => Self::Instance(scope.clone()),
        }
    }
}

/// A resource type with a name.
enum Resource<T: 'static> {
    Host(ResourceType, Arc<Destructor<T>>),
    Guest(whit_core::StoreId, ResourceTypeId),
}

impl<T: 'static> Resource<T> {
    /// A type that nobody makes resources of.
    fn without_resources() -> Self {
        Self::Host(ResourceType::new(), Arc::new(|_, _| Ok(())))
    }
}

impl<T: 'static> Clone for Resource<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Host(ty, destructor) => Self::Host(*ty, destructor.clone()),
            Self::Guest(store, ty) => Self::Guest(*store, *ty),
        }
    }
}

/// A resource type of the host. The same value is the same type, under whatever name and in whatever linker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResourceType(Identity);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Identity {
    Number(u32),
    Rust(TypeId),
}

impl ResourceType {
    /// A type that differs from all others of the process.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self(Identity::Number(NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    /// The type that stands for a type of Rust: the same at each call.
    pub fn of<R: 'static>() -> Self {
        Self(Identity::Rust(TypeId::of::<R>()))
    }
}

impl Default for ResourceType {
    fn default() -> Self {
        Self::new()
    }
}

/// A function of the host, ready to be lowered for any component whose type of it fits.
struct HostFunc<T: 'static> {
    /// What its parameters and its result can stand for, if that is known beforehand.
    types: Option<[&'static [Typecheck]; 2]>,
    body: Arc<dyn HostBody<T>>,
}

impl<T: 'static> HostFunc<T> {
    /// Whether a component's type of it fits.
    fn check(&self, ty: &FuncType, types: &Types) -> Result<(), TypeMismatch> {
        let Some([params, result]) = self.types else { return Ok(()) };
        typecheck_params(params, &ty.params, types)?;
        typecheck_result(result, ty.result, types)
    }

    /// Of Rust types, from a body that tells how to go on.
    fn typed<P: LiftNamedList + 'static, R: LowerNamedList + Send + 'static>(
        body: impl Fn(StoreContextMut<'_, T>, P) -> Result<Going<T, R>, Error> + Send + Sync + 'static,
    ) -> Self {
        let body = OverValues { lift: P::lift_fields, body, lower: R::lower_fields };
        Self { types: Some([P::TYPES, R::TYPES]), body: Arc::new(body) }
    }

    /// Of values whose types are known at run time.
    fn dynamic(
        body: impl Fn(StoreContextMut<'_, T>, Vec<Val>) -> Result<Going<T, Option<Val>>, Error> + Send + Sync + 'static,
    ) -> Self {
        fn lower(result: &Option<Val>, to: &mut Lowering<'_>, fields: &mut Fields<'_>) -> Result<(), Error> {
            match result {
                Some(result) => to.field(fields, result),
                None if fields.clone().next().is_none() => Ok(()),
                None => Err(TypeMismatch::message("the host function returned nothing").into()),
            }
        }
        let lift = |from: &mut Lifting<'_>, fields: &mut Fields<'_>| lift_vals(from, fields.clone());
        Self { types: None, body: Arc::new(OverValues { lift, body, lower }) }
    }
}

/// The names of one instance, or those at the top, to be added to.
pub struct LinkerInstance<'l, T: 'static> {
    scope: &'l mut Scope<T>,
    allow_shadowing: bool,
}

impl<T: 'static> Linker<T> {
    /// A linker without any names.
    pub fn new(engine: &Engine) -> Self {
        Self { engine: engine.clone(), scope: Scope::new(), allow_shadowing: false }
    }

    /// The engine whose components it links.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether a name may be defined again, the later definition taking the place of the earlier.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allow_shadowing = allow;
        self
    }

    /// The names that components import directly.
    pub fn root(&mut self) -> LinkerInstance<'_, T> {
        LinkerInstance { scope: &mut self.scope, allow_shadowing: self.allow_shadowing }
    }

    /// The names of an imported instance, such as an interface: `wasi:cli/stdin@0.2.0`.
    ///
    /// # Errors
    /// The name is that of something else.
    pub fn instance(&mut self, name: &str) -> Result<LinkerInstance<'_, T>, Error> {
        self.root().into_instance(name)
    }

    /// Supplies all that an instance exports under the name of an imported instance, so that components of the same store can be linked.
    ///
    /// # Errors
    /// The name is taken, or the instance belongs to another store.
    pub fn define_instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        name: &str,
        instance: &Instance,
    ) -> Result<&mut Self, Error> {
        let mut store = store.as_context_mut();
        let component = instance.component(&mut store)?;
        let scope = exports_of(&mut store, instance, &component.plan().exports, &mut Vec::new())?;
        self.root().insert(name, Item::Instance(scope))?;
        Ok(self)
    }

    /// Supplies one export of an instance, found by its path ([`Instance::get_export`]), for a direct import of the name.
    ///
    /// # Errors
    /// There is no such export, the name is taken, or the instance belongs to another store.
    pub fn define_export(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        name: &str,
        instance: &Instance,
        path: &[&str],
    ) -> Result<&mut Self, Error> {
        let item = match instance.get_export(store.as_context_mut(), path) {
            Some(Export::Func(func)) => Item::Lifted(func),
            Some(Export::Module(module)) => Item::Module(module),
            _ => {
                return Err(Error::msg(alloc::format!(
                    "the instance exports no function or module `{}`",
                    path.join("/")
                )));
            }
        };
        self.root().insert(name, item)?;
        Ok(self)
    }

    /// Makes every function that `component` imports and this linker does not have a trap when it is called, and every resource type one
    /// that has no resources.
    ///
    /// # Errors
    /// A name is that of something else.
    pub fn define_unknown_imports_as_traps(&mut self, component: &Component) -> Result<(), Error> {
        for leaf in &component.plan().import_leaves {
            if matches!(leaf.kind, ImportKind::Module(_)) || lookup(&self.scope, &leaf.path).is_some() {
                continue;
            }
            let Some((name, path)) = leaf.path.split_last() else { continue };
            let mut at = self.root();
            for instance in path {
                at = at.into_instance(instance)?;
            }
            if let ImportKind::Resource = leaf.kind {
                at.insert(name, Item::Resource(Resource::without_resources()))?;
                continue;
            }
            let message = alloc::format!("the import `{}` is not supplied", leaf.path.join("` · `"));
            at.func_new(name, move |_, _| Err(Error::msg(&message)))?;
        }
        Ok(())
    }

    /// Finds what `component` imports and compares types, so that it can be instantiated any number of times.
    ///
    /// # Errors
    /// A [`LinkError`] with everything that is missing or does not fit.
    pub fn instantiate_pre(&self, component: &Component) -> Result<InstancePre<T>, Error> {
        let plan = component.plan();
        let used = used_imports(component);
        let mut found = Vec::new();
        let mut problems = Vec::new();
        for (index, leaf) in plan.import_leaves.iter().enumerate() {
            let mut item = lookup(&self.scope, &leaf.path).cloned();
            let problem = match (&leaf.kind, &item) {
                (ImportKind::Func(ty), Some(Item::Func(func))) => func
                    .check(plan.types.func(*ty), &plan.types)
                    .err()
                    .map(|error| Problem::Mismatch(error.to_string())),
                (ImportKind::Func(_), Some(Item::Lifted(_))) | (ImportKind::Resource, Some(Item::Resource(_))) => None,
                (ImportKind::Module(ty), Some(Item::Module(module))) => {
                    matching::module(ty, module).err().map(Problem::Mismatch)
                }
                (ImportKind::Func(_), None) if !used[index] => None,
                (ImportKind::Resource, None) if !is_sibling_used(&plan.import_leaves, &used, &leaf.path) => {
                    item = Some(Item::Resource(Resource::without_resources()));
                    None
                }
                (_, None) => Some(Problem::Missing { nearest: self.nearest(&leaf.path) }),
                (kind, Some(_)) => Some(Problem::Mismatch(alloc::format!("it has to be {}", kind.describe()))),
            };
            if let Some(problem) = problem {
                problems.push(ImportProblem::new(&leaf.path, problem));
            }
            found.push(item);
        }
        if !problems.is_empty() {
            return Err(LinkError::new(problems).into());
        }
        Ok(InstancePre { component: component.clone(), definitions: Arc::new(Definitions { found }) })
    }

    /// Instantiates a component with what this linker has for its imports.
    ///
    /// # Errors
    /// Those of [`instantiate_pre`](Self::instantiate_pre), and traps of start functions.
    pub fn instantiate(&self, store: impl AsContextMut<Data = T>, component: &Component) -> Result<Instance, Error> {
        self.instantiate_pre(component)?.instantiate(store)
    }

    /// The defined name that is most like a missing one.
    fn nearest(&self, path: &[Name]) -> Option<String> {
        let mut scope = &self.scope;
        for name in path {
            match lookup_name(scope, name) {
                Some(Item::Instance(inner)) => scope = inner,
                Some(_) => return None,
                None => return crate::error::nearest(name, scope.keys().map(|name| &**name)),
            }
        }
        None
    }
}

impl<'l, T: 'static> LinkerInstance<'l, T> {
    fn insert(&mut self, name: &str, item: Item<T>) -> Result<(), Error> {
        if !self.allow_shadowing && self.scope.contains_key(name) {
            return Err(Error::msg(alloc::format!("`{name}` is defined already")));
        }
        self.scope.insert(name.into(), item);
        Ok(())
    }

    /// The names of an instance within this one.
    ///
    /// # Errors
    /// The name is that of something else.
    pub fn instance(&mut self, name: &str) -> Result<LinkerInstance<'_, T>, Error> {
        LinkerInstance { scope: &mut *self.scope, allow_shadowing: self.allow_shadowing }.into_instance(name)
    }

    /// The same, in place of this one.
    ///
    /// # Errors
    /// The name is that of something else.
    pub fn into_instance(self, name: &str) -> Result<LinkerInstance<'l, T>, Error> {
        match self.scope.entry(name.into()).or_insert_with(|| Item::Instance(Scope::new())) {
            Item::Instance(scope) => Ok(LinkerInstance { scope, allow_shadowing: self.allow_shadowing }),
            _ => Err(Error::msg(alloc::format!("`{name}` is defined, and is no instance"))),
        }
    }

    /// A function: a closure from the store and a tuple of parameters to a tuple of results.
    ///
    /// # Errors
    /// The name is taken.
    pub fn func_wrap<P: LiftNamedList + 'static, R: LowerNamedList + Send + 'static>(
        &mut self,
        name: &str,
        func: impl Fn(StoreContextMut<'_, T>, P) -> Result<R, Error> + Send + Sync + 'static,
    ) -> Result<(), Error> {
        self.insert(
            name,
            Item::Func(Arc::new(HostFunc::typed(move |store, params| func(store, params).map(Going::Returned)))),
        )
    }

    /// A function that may wait: the closure gives another, which is called with the store whenever the guest's execution is polled, until
    /// it is ready. It may be dropped instead at any time.
    ///
    /// # Errors
    /// The name is taken.
    pub fn func_wrap_poll<P, R, F>(
        &mut self,
        name: &str,
        func: impl Fn(StoreContextMut<'_, T>, P) -> Result<F, Error> + Send + Sync + 'static,
    ) -> Result<(), Error>
    where
        P: LiftNamedList + 'static,
        R: LowerNamedList + Send + 'static,
        F: FnMut(StoreContextMut<'_, T>, &mut Context<'_>) -> Poll<Result<R, Error>> + Send + 'static,
    {
        let body = move |store: StoreContextMut<'_, T>, params| Ok(Going::Waiting(Box::new(func(store, params)?) as _));
        self.insert(name, Item::Func(Arc::new(HostFunc::typed(body))))
    }

    /// A function that is finished by a future, during which the store is free for others.
    ///
    /// # Errors
    /// The name is taken.
    pub fn func_wrap_async<P: LiftNamedList + 'static, R: LowerNamedList + Send + 'static>(
        &mut self,
        name: &str,
        func: impl Fn(StoreContextMut<'_, T>, P) -> Pin<Box<dyn Future<Output = Result<R, Error>> + Send>>
        + Send
        + Sync
        + 'static,
    ) -> Result<(), Error> {
        self.func_wrap_poll(name, move |store, params| {
            let mut future = func(store, params);
            Ok(move |_: StoreContextMut<'_, T>, context: &mut Context<'_>| future.as_mut().poll(context))
        })
    }

    /// A function over [`Val`]s of whatever type the component imports it at.
    ///
    /// # Errors
    /// The name is taken.
    pub fn func_new(
        &mut self,
        name: &str,
        func: impl Fn(StoreContextMut<'_, T>, &[Val]) -> Result<Option<Val>, Error> + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let body = move |store: StoreContextMut<'_, T>, params: Vec<Val>| func(store, &params).map(Going::Returned);
        self.insert(name, Item::Func(Arc::new(HostFunc::dynamic(body))))
    }

    /// A core module.
    ///
    /// # Errors
    /// The name is taken.
    pub fn module(&mut self, name: &str, module: &Module) -> Result<(), Error> {
        self.insert(name, Item::Module(module.clone()))
    }

    /// A resource type of the host. `destructor` is called with the representation of a resource when its last handle is dropped.
    ///
    /// # Errors
    /// The name is taken.
    pub fn resource(
        &mut self,
        name: &str,
        ty: ResourceType,
        destructor: impl Fn(StoreContextMut<'_, T>, u32) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<(), Error> {
        self.insert(name, Item::Resource(Resource::Host(ty, Arc::new(destructor))))
    }
}

/// What is under a path.
fn lookup<'s, T: 'static>(scope: &'s Scope<T>, path: &[Name]) -> Option<&'s Item<T>> {
    let (last, outer) = path.split_last()?;
    let mut scope = scope;
    for name in outer {
        let Item::Instance(inner) = lookup_name(scope, name)? else { return None };
        scope = inner;
    }
    lookup_name(scope, last)
}

/// What has a name, or the greatest compatible version of it.
fn lookup_name<'s, T: 'static>(scope: &'s Scope<T>, name: &str) -> Option<&'s Item<T>> {
    let compatible = || {
        let candidates = scope.iter().filter(|(candidate, _)| names::are_compatible(candidate, name));
        candidates.max_by_key(|(candidate, _)| names::version(candidate)).map(|(_, item)| item)
    };
    scope.get(name).or_else(compatible)
}

/// Which leaves of the tree of imports are used.
fn used_imports(component: &Component) -> Vec<bool> {
    let plan = component.plan();
    let mut used = alloc::vec![false; plan.import_leaves.len()];
    let mut mark = |import: ImportIdx| used[import.index()] = true;
    for func in &plan.canon_funcs {
        if let crate::plan::CanonFunc::Lower { func: crate::plan::Func::Import(import), .. } = func {
            mark(*import);
        }
    }
    fn exported(exports: &[(Name, ExportItem)], mark: &mut impl FnMut(ImportIdx)) {
        for (_, item) in exports {
            match item {
                ExportItem::Func(crate::plan::Func::Import(import), _) => mark(*import),
                ExportItem::Instance(inner) => exported(inner, mark),
                _ => {}
            }
        }
    }
    exported(&plan.exports, &mut mark);
    used
}

/// Whether a function is used that is imported from the same instance as the type with this path.
fn is_sibling_used(leaves: &[ImportLeaf], used: &[bool], path: &[Name]) -> bool {
    fn outer(path: &[Name]) -> Option<&[Name]> {
        path.split_last().map(|(_, outer)| outer)
    }
    leaves.iter().zip(used).any(|(leaf, used)| *used && outer(&leaf.path) == outer(path))
}

/// The exports of an instance as items of a linker.
fn exports_of<'e, T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    instance: &Instance,
    exports: &'e [(Name, ExportItem)],
    path: &mut Vec<&'e str>,
) -> Result<Scope<T>, Error> {
    let mut scope = Scope::new();
    for (name, item) in exports {
        path.push(name);
        let item = match item {
            ExportItem::Instance(inner) => Some(Item::Instance(exports_of(store, instance, inner, path)?)),
            ExportItem::Type(TypeItem::Resource(resource)) => {
                let ty = Runtime::of(store)?.root(instance.root()).resource(*resource);
                Some(Item::Resource(Resource::Guest(instance.store(), ty)))
            }
            _ => match instance.get_export(store.as_context_mut(), path) {
                Some(Export::Func(func)) => Some(Item::Lifted(func)),
                Some(Export::Module(module)) => Some(Item::Module(module)),
                _ => None,
            },
        };
        path.pop();
        if let Some(item) = item {
            scope.insert(name.clone(), item);
        }
    }
    Ok(scope)
}

/// A component with everything that it imports: ready to be instantiated, in stores of the linker's kind.
pub struct InstancePre<T: 'static> {
    component: Component,
    definitions: Arc<Definitions<T>>,
}

impl<T: 'static> Clone for InstancePre<T> {
    fn clone(&self) -> Self {
        Self { component: self.component.clone(), definitions: self.definitions.clone() }
    }
}

impl<T: 'static> InstancePre<T> {
    /// The component.
    pub fn component(&self) -> &Component {
        &self.component
    }

    /// Makes an instance.
    ///
    /// # Errors
    /// A start function trapped, something supplied belongs to another store, or a limit was reached.
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance, Error> {
        Instantiation::run(&mut store.as_context_mut(), &self.component, &self.definitions)
    }
}

/// What was found for the leaves of a component's imports, in their order.
pub(crate) struct Definitions<T: 'static> {
    found: Vec<Option<Item<T>>>,
}

impl<T: 'static> Definitions<T> {
    /// What it all is in a store.
    pub(crate) fn supplied(
        &self,
        store: &mut StoreContextMut<'_, T>,
        component: &Component,
    ) -> Result<Vec<Supplied>, Error> {
        let mut supplied = Vec::new();
        supplied.try_reserve_exact(self.found.len())?;
        for item in &self.found {
            supplied.push(match item {
                Some(Item::Func(_)) => Supplied::HostFunc,
                Some(Item::Lifted(func)) => Supplied::Lifted(func.lifted(store.id())?),
                Some(Item::Module(module)) => Supplied::Module(module.clone()),
                Some(Item::Resource(resource)) => Supplied::Resource(resource_in(store, resource)?),
                Some(Item::Instance(_)) | None => Supplied::Nothing,
            });
        }
        self.check_lifted(store, component, &supplied)?;
        Ok(supplied)
    }

    /// Compares the types of functions of other components, which name resources of this store.
    fn check_lifted(
        &self,
        store: &mut StoreContextMut<'_, T>,
        component: &Component,
        supplied: &[Supplied],
    ) -> Result<(), Error> {
        let plan = component.plan();
        let mut problems = Vec::new();
        for (leaf, supplied_func) in plan.import_leaves.iter().zip(supplied) {
            let (ImportKind::Func(ty), Supplied::Lifted(func)) = (&leaf.kind, supplied_func) else { continue };
            let runtime = Runtime::of(store)?;
            let lift = runtime.root(func.root).lift(func.lift)?;
            let root = runtime.root(func.root);
            let exporter = root.component.clone();
            let given = matching::Side { types: &exporter.plan().types, resource: &|index| Some(root.resource(index)) };
            let resource = |index: crate::types::ResourceIdx| match plan.resources.get(index.index())? {
                crate::plan::Resource::Imported(import) => match supplied.get(import.index())? {
                    Supplied::Resource(ty) => Some(*ty),
                    _ => None,
                },
                crate::plan::Resource::Defined { .. } => None,
            };
            let wanted = matching::Side { types: &plan.types, resource: &resource };
            if !matching::func(&wanted, *ty, &given, lift.ty) {
                let problem = Problem::Mismatch("the function supplied has another type".into());
                problems.push(ImportProblem::new(&leaf.path, problem));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(LinkError::new(problems).into()) }
    }

    /// A function of the host.
    pub(crate) fn host_func(&self, import: ImportIdx) -> Result<&dyn HostBody<T>, Error> {
        match self.found.get(import.index()) {
            Some(Some(Item::Func(func))) => Ok(&*func.body),
            _ => Err(Error::msg("an imported function was not supplied")),
        }
    }
}

/// A resource type in a store; one of the host is made there when first used.
fn resource_in<T: 'static>(
    store: &mut StoreContextMut<'_, T>,
    resource: &Resource<T>,
) -> Result<ResourceTypeId, Error> {
    let (ty, destructor) = match resource {
        Resource::Guest(of, ty) if *of == store.id() => return Ok(*ty),
        Resource::Guest(..) => return Err(Error::msg("the resource type belongs to another store")),
        Resource::Host(ty, destructor) => (*ty, destructor.clone()),
    };
    let known = Runtime::of(store)?.host_resources.iter().find(|(known, _)| *known == ty).map(|(_, id)| *id);
    if let Some(id) = known {
        return Ok(id);
    }
    let runtime = Runtime::of(store)?;
    let id = runtime.add_resource(RuntimeResource { implementer: None, destructor: None })?;
    // Known only when it has all that it needs.
    HostDestructors::of(store)?.add(id, destructor)?;
    let runtime = Runtime::of(store)?;
    runtime.host_resources.try_reserve(1)?;
    runtime.host_resources.push((ty, id));
    Ok(id)
}
