//! [`Linker<T>`]: names to externs, so that modules can be instantiated by what they import.
//!
//! Host functions are defined once per engine and put into each store when something there first imports them; what lives in one
//! store is defined with that store. All imports that cannot be satisfied are reported in one [`LinkError`].

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;

use crate::engine::Engine;
use crate::error::{Error, ImportProblem, LinkError};
use crate::externs::{Extern, Global, Instance, Memory, SharedMemory, Table, Tag};
use crate::func::Func;
use crate::host::{self, Caller, HostDefinition, IntoFunc, WasmRet};
use crate::local::LocalFutures;
use crate::module::{ImportType, Module};
use crate::raw;
use crate::store::{AsContext, AsContextMut, Store, StoreContextMut};
use crate::typed::WasmTyList;
use crate::types::{EntityType, ExternType, FuncType, TypeId, ValType};
use crate::value::{Ref, Val};

/// Names of what modules import, with what they get.
///
/// Names have two levels, a module and a name in it. A linker is cheap to clone and can be shared by threads; it is for stores of
/// one engine with data of one type.
pub struct Linker<T: 'static> {
    engine: Engine,
    definitions: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Definition<T>>>,
    allow_shadowing: bool,
    allow_unknown_exports: bool,
}

/// What a name stands for.
enum Definition<T: 'static> {
    /// Something that lives in a store already.
    Extern(Extern),
    /// A host function, for any store.
    Host(Arc<HostDefinition<T>>),
}

impl<T: 'static> Clone for Definition<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Extern(item) => Self::Extern(item.clone()),
            Self::Host(definition) => Self::Host(definition.clone()),
        }
    }
}

impl<T: 'static> Definition<T> {
    /// The extern in a store, where a host function is put if it is not there yet; see [`Func::place`].
    fn place(&self, store: &mut Store<T>, declared: Option<TypeId>) -> Result<Extern, Error> {
        match self {
            Self::Extern(item) => Ok(item.clone()),
            Self::Host(definition) => Func::place(store, definition, declared).map(Extern::Func),
        }
    }
}

impl<T: 'static> Linker<T> {
    /// A linker without definitions.
    pub fn new(engine: &Engine) -> Self {
        Self {
            engine: engine.clone(),
            definitions: BTreeMap::new(),
            allow_shadowing: false,
            allow_unknown_exports: false,
        }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether a name may be defined again; if not, which is the default, that is an error.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allow_shadowing = allow;
        self
    }

    /// Whether [`module`](Self::module) accepts a command that exports more than functions and a memory.
    pub fn allow_unknown_exports(&mut self, allow: bool) -> &mut Self {
        self.allow_unknown_exports = allow;
        self
    }

    /// Defines a name as something that lives in `store`.
    pub fn define(
        &mut self,
        store: impl AsContext<Data = T>,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self, Error> {
        let item = item.into();
        item.check_store(store.as_context().inner())?;
        self.insert(module, name, Definition::Extern(item))
    }

    /// Defines a host function over [`Val`]s; see [`Func::new`].
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<&mut Self, Error> {
        self.insert_host(module, name, host::dynamic(ty, func))
    }

    /// Defines a host function whose type is that of the closure; see [`IntoFunc`].
    pub fn func_wrap<Params, Results>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Results>,
    ) -> Result<&mut Self, Error> {
        self.insert_host(module, name, func.into_host())
    }

    /// Defines a host function over the argument slots themselves, for the last nanosecond: numbers only, in order, two slots for a
    /// vector. Results are written over them from the start. The closure gets the embedder's data but no store.
    pub fn func_raw(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(&mut T, &mut [u64]) -> Result<(), Error> + Send + Sync + 'static,
    ) -> Result<&mut Self, Error> {
        self.insert_host(module, name, raw::over_slots(ty, func)?)
    }

    /// Defines a host function that is finished by a future.
    ///
    /// The guest is suspended until then: [`Execution::resume`](crate::Execution::resume) gives `Pending`, the `call_async` forms wait, and a
    /// plain `call` fails with the trap `CannotSuspend` unless the future is ready at once. The closure may use the store
    /// before it returns the future; the future itself reaches the store through [`Caller::accessor`].
    pub fn func_wrap_async<P: WasmTyList, R: WasmRet + 'static>(
        &mut self,
        module: &str,
        name: &str,
        func: impl Fn(Caller<'_, T>, P) -> Box<dyn Future<Output = R> + Send> + Send + Sync + 'static,
    ) -> Result<&mut Self, Error> {
        self.insert_host(module, name, host::asynchronous(func))
    }

    /// The same for futures that are not `Send`: each waits in the embedder's data, where `place` says, on the thread of the store.
    ///
    /// The closure belongs to the linker and is `Send` all the same; what its futures share with the embedder's thread, it finds in
    /// the data:
    ///
    /// ```
    /// use std::{cell::Cell, rc::Rc};
    /// use whit_core::{Caller, Engine, Linker, LocalFutures};
    ///
    /// #[derive(Default)]
    /// struct Data {
    ///     total: Rc<Cell<i32>>,
    ///     waiting: LocalFutures,
    /// }
    ///
    /// let mut linker = Linker::new(&Engine::default());
    /// linker.func_wrap_async_local("host", "add", |data: &mut Data| &mut data.waiting, |caller: Caller<'_, Data>, (n,): (i32,)| {
    ///     let total = caller.data().total.clone();
    ///     Box::new(async move { total.set(total.get() + n) })
    /// })?;
    /// # Ok::<(), whit_core::Error>(())
    /// ```
    pub fn func_wrap_async_local<P: WasmTyList, R: WasmRet + 'static>(
        &mut self,
        module: &str,
        name: &str,
        place: impl Fn(&mut T) -> &mut LocalFutures + Send + Sync + 'static,
        func: impl Fn(Caller<'_, T>, P) -> Box<dyn Future<Output = R>> + Send + Sync + 'static,
    ) -> Result<&mut Self, Error> {
        self.insert_host(module, name, host::asynchronous_local(Arc::new(place), func))
    }

    /// [`func_wrap_async`](Self::func_wrap_async) over [`Val`]s: the future gives the results.
    pub fn func_new_async(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val]) -> Box<dyn Future<Output = Result<Vec<Val>, Error>> + Send>
        + Send
        + Sync
        + 'static,
    ) -> Result<&mut Self, Error> {
        self.insert_host(module, name, host::dynamic_asynchronous(ty, func))
    }

    /// Defines every export of an instance under `module_name`.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        instance: Instance,
    ) -> Result<&mut Self, Error> {
        let store = store.as_context_mut();
        instance.module(&store)?;
        for export in instance.exports(&store) {
            self.insert(module_name, export.name(), Definition::Extern(export.into_extern()))?;
        }
        Ok(self)
    }

    /// Instantiates a module and defines its exports under `module_name`.
    ///
    /// A command (a module that exports `_start`) becomes functions that run in a fresh instance each time they are called; of
    /// any other module one instance is made at once, and its `_initialize` is called if it exports one.
    pub fn module(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        module: &Module,
    ) -> Result<&mut Self, Error> {
        let mut store = store.as_context_mut();
        let is_function = |name: &str| matches!(module.get_export(name), Some(ExternType::Func(_)));
        if is_function("_start") {
            return self.command(module_name, module);
        }
        let instance = self.instantiate(&mut store, module)?;
        if is_function("_initialize") {
            instance.get_typed_func::<(), ()>(&mut store, "_initialize")?.call(&mut store, ())?;
        }
        self.instance(store, module_name, instance)
    }

    fn command(&mut self, module_name: &str, module: &Module) -> Result<&mut Self, Error> {
        let pre = self.instantiate_pre(module)?;
        for export in module.exports() {
            let (name, ty) = match export.ty() {
                ExternType::Func(ty) => (String::from(export.name()), ty),
                // What every command exports for its own start-up code, useless once that has run.
                ExternType::Memory(_) if export.name() == "memory" => continue,
                _ if matches!(
                    export.name(),
                    "__heap_base" | "__data_end" | "__rtti_base" | "__indirect_function_table"
                ) =>
                {
                    continue;
                }
                _ if self.allow_unknown_exports => continue,
                _ => {
                    let name = export.name();
                    return Err(Error::misuse(alloc::format!("a command exports `{name}`, which is not a function")));
                }
            };
            let (pre, export) = (pre.clone(), name.clone());
            self.func_new(module_name, &name, ty, move |mut caller, params, results| {
                let instance = pre.instantiate(&mut caller)?;
                let func = instance.get_func(&mut caller, &export);
                func.ok_or_else(|| Error::misuse("an export is gone"))?.call(&mut caller, params, results)
            })?;
        }
        Ok(self)
    }

    /// Defines a second name for what one name stands for.
    pub fn alias(&mut self, module: &str, name: &str, as_module: &str, as_name: &str) -> Result<&mut Self, Error> {
        let Some(definition) = self.definition(module, name).cloned() else {
            return Err(Error::misuse(alloc::format!("`{module}::{name}` is not defined")));
        };
        self.insert(as_module, as_name, definition)
    }

    /// Defines everything in one module under another module's name as well.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<&mut Self, Error> {
        let Some(definitions) = self.definitions.get(module).cloned() else {
            return Err(Error::misuse(alloc::format!("nothing in `{module}` is defined")));
        };
        for (name, definition) in definitions {
            self.insert(as_module, &name, definition)?;
        }
        Ok(self)
    }

    /// Defines each function that `module` imports and nobody has defined as one that fails when it is called, with an error that
    /// names the import. Imports of other kinds stay undefined.
    pub fn define_unknown_imports_as_traps(&mut self, module: &Module) -> Result<(), Error> {
        for import in module.imports() {
            if let (ExternType::Func(ty), None) = (import.ty(), self.definition(import.module(), import.name())) {
                let name = alloc::format!("{}::{}", import.module(), import.name());
                self.func_new(import.module(), import.name(), ty, move |_, _, _| {
                    Err(Error::msg(alloc::format!("unknown import: `{name}` has not been defined")))
                })?;
            }
        }
        Ok(())
    }

    /// Defines everything that `module` imports and nobody has defined as something empty: functions that return zeros and nulls,
    /// memories and tables of the least size. An import that has no such default (a reference that is never null) is an error.
    pub fn define_unknown_imports_as_default_values(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<(), Error> {
        let mut store = store.as_context_mut();
        for import in module.imports() {
            if self.definition(import.module(), import.name()).is_none() {
                let item = default_extern(&mut store, &import)?;
                self.insert(import.module(), import.name(), Definition::Extern(item))?;
            }
        }
        Ok(())
    }

    /// Instantiates a module with what its imports' names stand for, and runs its start function.
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>, module: &Module) -> Result<Instance, Error> {
        self.instantiate_pre(module)?.instantiate(store.as_context_mut())
    }

    /// The same as a future, for start functions that wait.
    pub async fn instantiate_async(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance, Error> {
        self.instantiate_pre(module)?.instantiate_async(store.as_context_mut()).await
    }

    /// Looks a module's imports up once, for any number of instances.
    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre<T>, Error> {
        if !Engine::same(&self.engine, module.engine()) {
            return Err(Error::misuse("a module was used with a linker of another engine"));
        }
        let mut imports = Vec::new();
        imports.try_reserve_exact(module.imports().len())?;
        let mut problems = Vec::new();
        for import in module.imports() {
            match self.definition(import.module(), import.name()) {
                Some(definition) => imports.push(definition.clone()),
                None => {
                    problems.try_reserve(1)?;
                    problems.push(ImportProblem::new(import.module(), import.name(), import.ty(), None));
                }
            }
        }
        if !problems.is_empty() {
            // What instantiation would say next, as far as it shows without a store: so that one error tells everything.
            for import in module.imports() {
                let (Some(Definition::Host(definition)), ExternType::Func(wanted)) =
                    (self.definition(import.module(), import.name()), import.ty())
                else {
                    continue;
                };
                if differ(&definition.ty, &wanted) {
                    problems.try_reserve(1)?;
                    let actual = Some(ExternType::Func(definition.ty.clone()));
                    problems.push(ImportProblem::new(import.module(), import.name(), ExternType::Func(wanted), actual));
                }
            }
            return Err(LinkError::new(problems).into());
        }
        Ok(InstancePre { module: module.clone(), imports: imports.into() })
    }

    /// What a name stands for, in `store`; `None` if it is not defined.
    pub fn get(&self, mut store: impl AsContextMut<Data = T>, module: &str, name: &str) -> Option<Extern> {
        self.definition(module, name)?.place(store.as_context_mut().0, None).ok()
    }

    /// What an import would get, in `store`; `None` if it is not defined.
    pub fn get_by_import(&self, store: impl AsContextMut<Data = T>, import: &ImportType<'_>) -> Option<Extern> {
        self.get(store, import.module(), import.name())
    }

    /// The function to run for a module that [`module`](Self::module) has defined: its `_start`, or its function without a name, or
    /// one that does nothing.
    pub fn get_default(&self, mut store: impl AsContextMut<Data = T>, module: &str) -> Result<Func, Error> {
        let mut store = store.as_context_mut();
        for name in ["", "_start"] {
            if let Some(item) = self.get(&mut store, module, name) {
                let func = item.into_func();
                return func.ok_or_else(|| Error::misuse(alloc::format!("`{module}::{name}` is not a function")));
            }
        }
        Func::try_wrap(store, || {})
    }

    /// All definitions as they are in `store`: module, name and item, in alphabetical order.
    pub fn iter<'a>(
        &'a self,
        mut store: impl AsContextMut<Data = T> + 'a,
    ) -> impl Iterator<Item = (&'a str, &'a str, Extern)> {
        self.definitions
            .iter()
            .flat_map(|(module, names)| names.iter().map(move |(name, item)| (module, name, item)))
            .filter_map(move |(module, name, item)| {
                Some((&**module, &**name, item.place(store.as_context_mut().0, None).ok()?))
            })
    }

    fn definition(&self, module: &str, name: &str) -> Option<&Definition<T>> {
        self.definitions.get(module)?.get(name)
    }

    fn insert_host(&mut self, module: &str, name: &str, function: HostDefinition<T>) -> Result<&mut Self, Error> {
        self.insert(module, name, Definition::Host(Arc::new(function)))
    }

    fn insert(&mut self, module: &str, name: &str, definition: Definition<T>) -> Result<&mut Self, Error> {
        let names = match self.definitions.get_mut(module) {
            Some(names) => names,
            None => self.definitions.entry(module.into()).or_default(),
        };
        if !self.allow_shadowing && names.contains_key(name) {
            return Err(Error::misuse(alloc::format!("`{module}::{name}` is defined already")));
        }
        names.insert(name.into(), definition);
        Ok(self)
    }
}

/// Something empty that an import can get.
fn default_extern<T: 'static>(store: &mut StoreContextMut<'_, T>, import: &ImportType<'_>) -> Result<Extern, Error> {
    let none = || Error::misuse(alloc::format!("`{}::{}` has no default value", import.module(), import.name()));
    Ok(match import.ty() {
        ExternType::Func(ty) => {
            let defaults: Option<Vec<Val>> = ty.results().iter().map(Val::default_for_ty).collect();
            let defaults = defaults.ok_or_else(none)?;
            Func::try_new(store, ty, move |_, _, results| {
                results.clone_from_slice(&defaults);
                Ok(())
            })?
            .into()
        }
        ExternType::Global(ty) => {
            let value = Val::default_for_ty(&ty.content()).ok_or_else(none)?;
            Global::new(store, ty, value)?.into()
        }
        ExternType::Table(ty) => {
            if !ty.element().is_nullable() {
                return Err(none());
            }
            Table::new(store, ty, Ref::null(&ty.element().heap_type()))?.into()
        }
        ExternType::Memory(ty) if ty.is_shared() => SharedMemory::new(store.engine(), ty)?.into(),
        ExternType::Memory(ty) => Memory::new(store, ty)?.into(),
        ExternType::Tag(ty) => Tag::new(store, &ty)?.into(),
    })
}

impl<T: 'static> Clone for Linker<T> {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            definitions: self.definitions.clone(),
            allow_shadowing: self.allow_shadowing,
            allow_unknown_exports: self.allow_unknown_exports,
        }
    }
}

impl<T: 'static> fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (module, names) in &self.definitions {
            map.entry(module, &names.keys().collect::<Vec<_>>());
        }
        map.finish()
    }
}

/// A module whose imports have been looked up: instances come from it without a search.
pub struct InstancePre<T: 'static> {
    module: Module,
    imports: Arc<[Definition<T>]>,
}

impl<T: 'static> InstancePre<T> {
    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Makes an instance in `store` and runs its start function.
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance, Error> {
        let store = store.as_context_mut().0;
        let imports = self.place(store)?;
        Instance::create(store, &self.module, &imports)
    }

    /// The same as a future, for start functions that wait.
    pub async fn instantiate_async(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance, Error> {
        let store = store.as_context_mut().0;
        let imports = self.place(store)?;
        Instance::create_async(store, &self.module, &imports).await
    }

    fn place(&self, store: &mut Store<T>) -> Result<Vec<Extern>, Error> {
        let mut imports = Vec::new();
        imports.try_reserve_exact(self.imports.len())?;
        self.module.check_engine(store.engine())?;
        let module = self.module.inner();
        store.inner_mut().add_types(&module.types)?;
        for (definition, import) in self.imports.iter().zip(&module.imports) {
            let declared = match import.ty {
                EntityType::Func { ty, .. } => Some(ty),
                _ => None,
            };
            imports.push(definition.place(store, declared)?);
        }
        Ok(imports)
    }
}

/// Whether two function types differ already in shape and numbers, whatever their references are subtypes of.
fn differ(one: &FuncType, other: &FuncType) -> bool {
    let differ = |one: &[ValType], other: &[ValType]| {
        let pairs = one.iter().zip(other);
        one.len() != other.len()
            || pairs.filter(|pair| !matches!(pair, (ValType::Ref(_), ValType::Ref(_)))).any(|(one, other)| one != other)
    };
    differ(one.params(), other.params()) || differ(one.results(), other.results())
}

impl<T: 'static> Clone for InstancePre<T> {
    fn clone(&self) -> Self {
        Self { module: self.module.clone(), imports: self.imports.clone() }
    }
}

impl<T: 'static> fmt::Debug for InstancePre<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstancePre").field("module", &self.module.name()).finish_non_exhaustive()
    }
}
