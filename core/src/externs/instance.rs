//! Instances, by handle.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::{Extern, Global, Memory, SharedMemory, Table, Tag};
use crate::error::Error;
use crate::execution::{CallFuture, Execution, Running};
use crate::func::{Func, TypedFunc};
use crate::instance;
use crate::module::{Module, ModuleInner};
use crate::runtime::context::{FuncAddr, InstanceAddr};
use crate::runtime::store::{InstanceObject, StoreId, StoreInner};
use crate::store::{AsContext, AsContextMut, Store, StoreContext, StoreContextMut};
use crate::typed::{WasmParams, WasmResults};
use crate::types::ExternType;

/// An instance of a module.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Instance {
    store: StoreId,
    addr: InstanceAddr,
}

impl Instance {
    /// Makes an instance with these imports, in the order of the module's, and runs its start function.
    ///
    /// If that fails, what the instance had done to imported memories and tables stays done.
    pub fn new(mut store: impl AsContextMut, module: &Module, imports: &[Extern]) -> Result<Self, Error> {
        Self::create(store.as_context_mut().0, module, imports)
    }

    /// The same as a future, for start functions that wait.
    pub async fn new_async<T: 'static>(
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
        imports: &[Extern],
    ) -> Result<Self, Error> {
        Self::create_async(store.as_context_mut().0, module, imports).await
    }

    /// Makes an instance and leaves its start function, if it has one, to the caller: as an execution that has to be run to its end
    /// before the instance is used.
    pub fn new_paused(
        mut store: impl AsContextMut,
        module: &Module,
        imports: &[Extern],
    ) -> Result<(Self, Option<Execution<()>>), Error> {
        let store = store.as_context_mut().0;
        let (instance, start) = Self::without_start(store, module, imports)?;
        let start = start.map(|start| Execution::start(store, start, (0, 0), |_, _| Ok(())));
        Ok((instance, start.transpose()?))
    }

    pub(crate) fn create<T: 'static>(store: &mut Store<T>, module: &Module, imports: &[Extern]) -> Result<Self, Error> {
        let (instance, start) = Self::without_start(store, module, imports)?;
        if let Some(start) = start {
            Running::start(store, start, 0)?.finish()?;
        }
        Ok(instance)
    }

    pub(crate) async fn create_async<T: 'static>(
        store: &mut Store<T>,
        module: &Module,
        imports: &[Extern],
    ) -> Result<Self, Error> {
        let (instance, start) = Self::without_start(store, module, imports)?;
        if let Some(start) = start {
            let execution = Execution::<()>::start(store, start, (0, 0), |_, _| Ok(()));
            CallFuture::new(StoreContextMut(store), execution).await?;
        }
        Ok(instance)
    }

    /// Everything but the call of the start function, whose address is given.
    fn without_start<T: 'static>(
        store: &mut Store<T>,
        module: &Module,
        imports: &[Extern],
    ) -> Result<(Self, Option<FuncAddr>), Error> {
        let (limiter, inner) = store.limiter_and_inner();
        let mut addresses = Vec::new();
        addresses.try_reserve_exact(imports.len())?;
        for import in imports {
            addresses.push(import.addr(inner)?);
        }
        let (addr, start) = instance::instantiate(inner, module, &addresses, limiter)?;
        Ok((Self { store: inner.id(), addr }, start))
    }

    fn object<'a>(&self, inner: &'a StoreInner) -> Result<&'a InstanceObject, Error> {
        if self.store == inner.id() { inner.instance(self.addr) } else { Err(Error::wrong_store()) }
    }

    fn module_inner<'a>(&self, inner: &'a StoreInner) -> Result<&'a Arc<ModuleInner>, Error> {
        self.object(inner)?.module()
    }

    /// The module; an error for an instance of another store.
    pub fn module(&self, store: impl AsContext) -> Result<Module, Error> {
        self.module_inner(store.as_context().inner()).cloned().map(Module::from_inner)
    }

    /// All exports, in the module's order; none of an instance of another store.
    pub fn exports<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> impl Iterator<Item = Export<'a>> + 'a {
        let inner = store.into().inner();
        let object = self.object(inner).ok();
        let module = object.and_then(|object| object.module.as_ref());
        let exports = module.map_or(&[][..], |module| &module.exports);
        exports.iter().filter_map(move |export| {
            let (object, module) = (object?, module?);
            let item = Extern::from_addr(inner, object.entity(export.index)?);
            Some(Export { name: module.text(export.name), item })
        })
    }

    /// The export with this name.
    pub fn get_export(&self, store: impl AsContext, name: &str) -> Option<Extern> {
        let inner = store.as_context().inner();
        let addr = self.object(inner).ok()?.export(name)?;
        Some(Extern::from_addr(inner, addr))
    }

    /// The export at this place in its module's order ([`Module::export_position`](crate::Module::export_position)): a look-up that was done before.
    pub fn export_at(&self, store: impl AsContext, position: u32) -> Option<Extern> {
        let inner = store.as_context().inner();
        let addr = self.object(inner).ok()?.export_at(position)?;
        Some(Extern::from_addr(inner, addr))
    }

    /// The exported function with this name.
    pub fn get_func(&self, store: impl AsContext, name: &str) -> Option<Func> {
        self.get_export(store, name)?.into_func()
    }

    /// The exported function with this name, as one of Rust types; an error if there is none or its type differs.
    pub fn get_typed_func<Params: WasmParams, Results: WasmResults>(
        &self,
        store: impl AsContext,
        name: &str,
    ) -> Result<TypedFunc<Params, Results>, Error> {
        let store = store.as_context();
        match self.get_func(store, name) {
            Some(func) => func.typed(store),
            None => {
                self.object(store.inner())?;
                Err(Error::misuse(alloc::format!("no function `{name}` is exported")))
            }
        }
    }

    /// The exported table with this name.
    pub fn get_table(&self, store: impl AsContext, name: &str) -> Option<Table> {
        self.get_export(store, name)?.into_table()
    }

    /// The exported memory with this name, unless it is shared.
    pub fn get_memory(&self, store: impl AsContext, name: &str) -> Option<Memory> {
        self.get_export(store, name)?.into_memory()
    }

    /// The exported shared memory with this name.
    pub fn get_shared_memory(&self, store: impl AsContext, name: &str) -> Option<SharedMemory> {
        self.get_export(store, name)?.into_shared_memory()
    }

    /// The exported global with this name.
    pub fn get_global(&self, store: impl AsContext, name: &str) -> Option<Global> {
        self.get_export(store, name)?.into_global()
    }

    /// The exported tag with this name.
    pub fn get_tag(&self, store: impl AsContext, name: &str) -> Option<Tag> {
        self.get_export(store, name)?.into_tag()
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instance({})", self.addr.0)
    }
}

/// Something an instance exports, with its name.
#[derive(Clone, Debug)]
pub struct Export<'a> {
    name: &'a str,
    item: Extern,
}

impl<'a> Export<'a> {
    /// The name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The type.
    pub fn ty(&self, store: impl AsContext) -> ExternType {
        self.item.ty(store)
    }

    /// What is exported.
    pub fn into_extern(self) -> Extern {
        self.item
    }

    /// The function, if it is one.
    pub fn into_func(self) -> Option<Func> {
        self.item.into_func()
    }

    /// The table, if it is one.
    pub fn into_table(self) -> Option<Table> {
        self.item.into_table()
    }

    /// The memory, if it is one that is not shared.
    pub fn into_memory(self) -> Option<Memory> {
        self.item.into_memory()
    }

    /// The global, if it is one.
    pub fn into_global(self) -> Option<Global> {
        self.item.into_global()
    }
}
