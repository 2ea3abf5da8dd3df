//! Everything that instances share: the specification's store, without the embedder's data.
//!
//! [`StoreInner`] holds every entity under its typed address, the collected heap, and the few fields that running code reads
//! and writes through its raw pointer. It knows nothing about the embedder's `T`: host functions are numbers here.
//! Assumes that no running code uses the raw pointer while a reference to the store lives (I4); promises that entities keep
//! their place until the store is dropped, and that what cannot be allocated is an error.

#![allow(
    unsafe_code,
    reason = "running code reaches the store and its entities by raw pointers; I4 in docs/invariants.md"
)]

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::num::NonZeroU64;
use core::ops::Deref;
use core::ptr::NonNull;
use core::sync::atomic::AtomicU32;
use core::task::Waker;
use core::time::Duration;

use crate::alarm::Alarm;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::exec::machine::HEADER;
use crate::exec::step::ExecutionAddr;
use crate::exec::{self, Executions};
use crate::limits::{ResourceLimiter, StoreLimits};
use crate::module::ModuleInner;
use crate::runtime::arena::Arena;
use crate::runtime::context::{
    EntryCell, ExternAddr, FuncAddr, FuncRecord, GlobalAddr, InstanceAddr, InstanceContext, MemoryAddr, TableAddr,
    TagAddr,
};
use crate::runtime::func::ArgumentSlots;
use crate::runtime::global::GlobalCell;
use crate::runtime::handles::Handles;
use crate::runtime::heap::{Handle, Heap, HeapError, Referent};
use crate::runtime::memory::MemoryObject;
use crate::runtime::table::{GrowError, TableObject};
use crate::runtime::tag::TagObject;
use crate::runtime::try_box;
use crate::shared::Shared;
use crate::signature::Signature;
use crate::sync::Lock;
use crate::trap::TrapCode;
use crate::types::{
    DefinedType, EntityType, FuncType, GlobalType, HeapType, MemoryType, RefType, RegisteredTypes, TableType, TypeId,
    TypeTable, Types,
};

/// Tells stores apart, among all stores of the process.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StoreId(NonZeroU64);

impl StoreId {
    /// An id that no other store has. A lock, because not every target has 64-bit atomics.
    pub(crate) fn new() -> Self {
        static NEXT: Lock<NonZeroU64> = Lock::new(NonZeroU64::MIN);
        NEXT.with(|next| {
            let id = *next;
            // So many stores are never made.
            *next = id.saturating_add(1);
            Self(id)
        })
    }
}

/// Why running code has to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Due {
    /// Its time, which was this long, is over.
    Timeout(Duration),
    /// The epoch has ticked as often as it may.
    Epoch,
}

/// A store without the embedder's data. The first fields are those that running code touches.
#[repr(C)]
pub(crate) struct StoreInner {
    /// End of the value stack of the execution that runs.
    pub stack_limit: *mut u64,
    /// Where the execution left for the driver.
    pub saved_ip: *const u16,
    /// The frame in which it left.
    pub saved_fp: *mut u64,
    /// The integer register when it left.
    pub saved_r0: u64,
    /// What is left to pay blocks with.
    pub fuel: u64,
    /// The engine's epoch, kept alive by `engine`.
    pub epoch: *const AtomicU32,
    /// The epoch at which running code stops and its driver asks [`StoreInner::due`].
    pub epoch_deadline: u32,
    /// The deepest frame that may be entered.
    pub max_depth: u32,
    /// All functions by address.
    pub functions: Vec<FuncRecord>,

    /// The pointer by which this store is owned; instances hold copies of it.
    pointer: NonNull<StoreInner>,
    id: StoreId,
    engine: Engine,
    /// The types that instances and host functions here have brought.
    types: TypeTable,
    pub instances: Arena<InstanceObject>,
    pub tables: Arena<TableObject>,
    pub memories: Arena<MemoryObject>,
    pub globals: Arena<GlobalCell>,
    pub tags: Arena<TagObject>,
    pub heap: Heap,
    /// Calls in progress.
    pub executions: Executions,
    handles: Shared<Handles>,
    /// The tick at which guests are interrupted; none until the embedder has named one.
    tick_deadline: Option<u32>,
    /// When their time is over.
    alarm: Option<Alarm>,
    /// The limits that hold unless the embedder has a limiter of its own.
    pub limits: StoreLimits,
    /// Whether growth must be put to the embedder's limiter, which only the driver can reach.
    pub ask_limiter: bool,
    /// Where the next memories will lie, by the embedder's wish.
    pub slices: Vec<GivenSlice>,
    /// What contexts of instances without a memory point to; one element.
    no_memory: Arena<MemoryObject>,
    /// The entries that host functions share: the usual one, and that of functions with many results.
    host_entry: Arena<EntryCell>,
    /// The instance that host functions belong to; one element.
    host_instance: Arena<InstanceObject>,
}

// SAFETY: I4 — the raw pointers lead to what the store itself owns, or its engine.
unsafe impl Send for StoreInner {}
// SAFETY: I4 — through `&StoreInner` nothing is changed but what is behind locks or atomic.
unsafe impl Sync for StoreInner {}

/// RAM of the embedder's for a memory to come.
pub(crate) struct GivenSlice {
    pub slice: &'static mut [u8],
    /// How the memory is made: a pointer, so that programs which give no slices hold no code for them.
    pub make: fn(MemoryType, &'static mut [u8]) -> core::result::Result<MemoryObject, GrowError>,
}

/// An instance: what running code reads, and what keeps it alive.
///
/// The vectors are never changed once `context` points into them. (They are not boxed slices, because moving a box claims
/// exclusive access to its contents, which would cut off those pointers.)
#[repr(C)]
pub(crate) struct InstanceObject {
    /// First, so that a pointer to the object is one to its context.
    pub context: InstanceContext,
    /// `None` for the instance of the host's functions.
    pub module: Option<Arc<ModuleInner>>,
    /// The functions that it imports.
    pub imported_functions: Vec<FuncAddr>,
    /// The first of those that it defines and that have an address, which stand side by side in the store.
    pub first_function: FuncAddr,
    pub tables: Vec<TableAddr>,
    pub memories: Vec<MemoryAddr>,
    pub globals: Vec<GlobalAddr>,
    pub tags: Vec<TagAddr>,
    /// References of each element segment; empty once dropped.
    pub elements: Vec<ElementInstance>,
    /// Which data segments have been dropped.
    pub dropped_data: Vec<bool>,
    table_pointers: Vec<*mut TableObject>,
    memory_pointers: Vec<*mut MemoryObject>,
    global_pointers: Vec<*mut GlobalCell>,
}

// SAFETY: I4 — the raw pointers lead to entities of the same store, which moves between threads as a whole.
unsafe impl Send for InstanceObject {}
// SAFETY: I4 — through `&InstanceObject` nothing is changed.
unsafe impl Sync for InstanceObject {}

/// The references of an element segment.
#[derive(Debug, Default)]
pub(crate) struct ElementInstance {
    /// The references; none once the segment has been dropped.
    pub references: Vec<u32>,
    /// Whether they belong to the collected heap.
    pub traced: bool,
}

/// The index spaces of a new instance, but for its functions.
#[derive(Default)]
pub(crate) struct InstanceParts {
    pub tables: Vec<TableAddr>,
    pub memories: Vec<MemoryAddr>,
    pub globals: Vec<GlobalAddr>,
    pub tags: Vec<TagAddr>,
}

impl InstanceObject {
    /// The module; an error for the host's own instance.
    pub(crate) fn module(&self) -> Result<&Arc<ModuleInner>> {
        self.module.as_ref().ok_or_else(|| Error::misuse("host functions have no module"))
    }

    /// Address of the function with this index, if it has one.
    pub(crate) fn function(&self, index: u32) -> Option<FuncAddr> {
        if let Some(imported) = self.imported_functions.get(index as usize) {
            return Some(*imported);
        }
        let defined = index - self.imported_functions.len() as u32;
        let position = self.module.as_ref()?.addressed.position(defined)?;
        Some(FuncAddr(self.first_function.0 + position))
    }

    /// Address of the entity with this kind and index.
    pub(crate) fn entity(&self, index: crate::module::EntityIndex) -> Option<ExternAddr> {
        use crate::module::EntityIndex as Index;
        Some(match index {
            Index::Func(index) => ExternAddr::Func(self.function(index)?),
            Index::Table(index) => ExternAddr::Table(*self.tables.get(index as usize)?),
            Index::Memory(index) => ExternAddr::Memory(*self.memories.get(index as usize)?),
            Index::Global(index) => ExternAddr::Global(*self.globals.get(index as usize)?),
            Index::Tag(index) => ExternAddr::Tag(*self.tags.get(index as usize)?),
        })
    }

    /// Address of the export with this name.
    pub(crate) fn export(&self, name: &str) -> Option<ExternAddr> {
        self.entity(self.module.as_ref()?.export(name)?)
    }

    /// Address of the export at this place in the module's order.
    pub(crate) fn export_at(&self, position: u32) -> Option<ExternAddr> {
        self.entity(self.module.as_ref()?.exports.get(position as usize)?.index)
    }

    /// The bytes of a data segment, none once it has been dropped.
    pub(crate) fn data(&self, segment: u32) -> &[u8] {
        match (self.dropped_data.get(segment as usize), &self.module) {
            (Some(false), Some(module)) => module.data_bytes(segment),
            _ => &[],
        }
    }

    /// The references of an element segment, none once it has been dropped.
    pub(crate) fn element(&self, segment: u32) -> &[u32] {
        self.elements.get(segment as usize).map_or(&[], |segment| &segment.references)
    }

    /// `data.drop`.
    pub(crate) fn drop_data(&mut self, segment: u32) {
        if let Some(dropped) = self.dropped_data.get_mut(segment as usize) {
            *dropped = true;
        }
    }

    /// `elem.drop`.
    pub(crate) fn drop_element(&mut self, segment: u32) {
        if let Some(segment) = self.elements.get_mut(segment as usize) {
            segment.references = Vec::new();
        }
    }
}

/// A function type together with what keeps it alive.
#[derive(Clone, Debug)]
pub(crate) struct FuncTypeRef(Arc<DefinedType>);

impl Deref for FuncTypeRef {
    type Target = FuncType;

    fn deref(&self) -> &FuncType {
        match self.0.sub_type().as_func() {
            Some(ty) => ty,
            // Checked where it is made.
            None => unreachable!("a function has a function type"),
        }
    }
}

impl StoreInner {
    /// An empty store. The result owns it as `Box::into_raw` does; every later access must come from this pointer, since
    /// instances hold copies of it.
    pub(crate) fn new(engine: &Engine) -> Result<NonNull<Self>> {
        let config = engine.config();
        let limits = config.store_limits;
        let id = StoreId::new();
        let store = Self {
            stack_limit: core::ptr::null_mut(),
            saved_ip: core::ptr::null(),
            saved_fp: core::ptr::null_mut(),
            saved_r0: 0,
            fuel: 0,
            epoch: &raw const engine.inner().epoch,
            epoch_deadline: engine.inner().epoch_and_ticks().0,
            max_depth: config.max_call_depth,
            functions: Vec::new(),
            pointer: NonNull::dangling(),
            id,
            engine: engine.clone(),
            types: TypeTable::default(),
            instances: Arena::new(),
            tables: Arena::new(),
            memories: Arena::new(),
            globals: Arena::new(),
            tags: Arena::new(),
            heap: Heap::new(limits.heap_size),
            executions: Executions::new(),
            handles: Shared::try_new(Handles::default())?,
            tick_deadline: None,
            alarm: None,
            limits,
            ask_limiter: false,
            slices: Vec::new(),
            no_memory: Arena::new(),
            host_entry: Arena::new(),
            host_instance: Arena::new(),
        };
        let mut store = try_box(store)?;
        store.no_memory.push(MemoryObject::none())?;
        for code in exec::host_entries() {
            store.host_entry.push(EntryCell::new(code))?;
        }
        let pointer = NonNull::from(Box::leak(store));
        // SAFETY: leaked just now; nobody else has the pointer. On an error it is taken back.
        let finished = unsafe {
            (*pointer.as_ptr()).pointer = pointer;
            (*pointer.as_ptr()).add_host_instance()
        };
        match finished {
            Ok(()) => Ok(pointer),
            Err(error) => {
                // SAFETY: as above.
                drop(unsafe { Box::from_raw(pointer.as_ptr()) });
                Err(error)
            }
        }
    }

    fn add_host_instance(&mut self) -> Result<()> {
        let mut object = self.new_object(None);
        if let Some(entry) = self.host_entry.pointer(0) {
            object.context.entries = entry.as_ptr();
        }
        self.host_instance.push(object)?;
        Ok(())
    }

    /// What tells this store from others.
    pub(crate) fn id(&self) -> StoreId {
        self.id
    }

    /// The engine.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The types known here.
    pub(crate) fn types(&self) -> &TypeTable {
        &self.types
    }

    /// Makes types known and keeps them.
    pub(crate) fn add_types(&mut self, types: &Arc<RegisteredTypes>) -> Result<()> {
        Ok(self.types.add(types)?)
    }

    /// What the embedder's handles share with this store: the objects they keep, the executions they have let go.
    pub(crate) fn handles(&self) -> &Shared<Handles> {
        &self.handles
    }

    /// The instance that host functions belong to.
    pub(crate) fn host_instance(&self) -> Option<NonNull<InstanceContext>> {
        self.host_instance.pointer(0).map(NonNull::cast)
    }

    /// The heap to be changed, and the types it needs for that.
    pub(crate) fn heap_and_types(&mut self) -> (&mut Heap, &TypeTable) {
        (&mut self.heap, &self.types)
    }

    // Metering.

    /// The fuel left; an error unless it is counted.
    pub(crate) fn fuel(&self) -> Result<u64> {
        match self.engine.config().consume_fuel {
            true => Ok(self.fuel),
            false => Err(Error::misuse("fuel is not counted: see Config::consume_fuel")),
        }
    }

    /// Sets the fuel left; an error unless it is counted.
    pub(crate) fn set_fuel(&mut self, fuel: u64) -> Result<()> {
        self.fuel()?;
        self.fuel = fuel;
        Ok(())
    }

    /// Lets code run for this many ticks of the epoch, at most half a turn of its counter.
    pub(crate) fn set_epoch_deadline(&mut self, ticks_beyond_current: u64) {
        let ticks = u32::try_from(ticks_beyond_current).unwrap_or(u32::MAX).min(i32::MAX as u32);
        self.tick_deadline = Some(self.engine.inner().epoch_and_ticks().1.wrapping_add(ticks));
        self.due();
    }

    /// Lets code run until the alarm goes off, in place of an earlier alarm.
    pub(crate) fn set_alarm(&mut self, alarm: Option<Alarm>) {
        self.alarm = alarm;
        self.due();
    }

    /// Why running code has to stop now, if it has to. If not, it will leave for its driver when that may have changed.
    pub(crate) fn due(&mut self) -> Option<Due> {
        // The epoch comes first: an alarm that goes off after this line leaves it behind.
        let (epoch, ticks) = self.engine.inner().epoch_and_ticks();
        // While something is due every look at the epoch finds it.
        self.epoch_deadline = epoch;
        if let Some(limit) = self.time_over() {
            return Some(Due::Timeout(limit));
        }
        let left = match (self.tick_deadline, &self.alarm) {
            // Wrap-safe, as where running code looks.
            (Some(deadline), _) => deadline.wrapping_sub(ticks) as i32,
            (None, Some(_)) => i32::MAX,
            (None, None) => 0,
        };
        if left <= 0 {
            return Some(Due::Epoch);
        }
        // Whatever moves the epoch next may be the alarm.
        self.epoch_deadline = epoch.wrapping_add(if self.alarm.is_some() { 1 } else { left as u32 });
        None
    }

    /// The time that guests were given, if it is over.
    pub(crate) fn time_over(&self) -> Option<Duration> {
        self.alarm.as_ref().filter(|alarm| alarm.is_over()).map(Alarm::timeout)
    }

    /// Wakes the task that polls a waiting execution when its time is over, if it has a limited time.
    pub(crate) fn wake_in_time(&self, execution: ExecutionAddr, waker: &Waker) {
        if let Some(alarm) = &self.alarm {
            alarm.wake(execution, waker);
        }
    }

    // Functions.

    /// The record of a function.
    pub(crate) fn func(&self, addr: FuncAddr) -> Option<&FuncRecord> {
        self.functions.get(addr.0 as usize)
    }

    /// The type of a function.
    pub(crate) fn func_type(&self, addr: FuncAddr) -> Result<FuncTypeRef> {
        let record = self.func(addr).ok_or_else(Error::wrong_store)?;
        self.func_type_of(record.type_id).ok_or_else(|| Error::misuse("a function of an unknown type"))
    }

    /// The function type with this id, to be looked at and not kept.
    pub(crate) fn func_type_here(&self, id: TypeId) -> Option<&FuncType> {
        self.types.defined(id)?.sub_type().as_func()
    }

    /// The function type with this id.
    pub(crate) fn func_type_of(&self, id: TypeId) -> Option<FuncTypeRef> {
        self.types.defined_arc(id).filter(|ty| ty.sub_type().as_func().is_some()).map(FuncTypeRef)
    }

    /// Adds the embedder's function number `host`.
    pub(crate) fn add_host_func(&mut self, ty: &FuncType, host: u32) -> Result<FuncAddr> {
        let types = RegisteredTypes::of_func(Arc::clone(self.engine.types()), ty.clone())?;
        let type_id = *types.ids().first().ok_or_else(Error::out_of_memory)?;
        self.add_types(&Arc::new(types))?;
        self.add_host_func_of(type_id, host)
    }

    /// Adds the embedder's function number `host`, of a type that the engine knows.
    pub(crate) fn add_host_func_of_signature(&mut self, signature: &Signature, host: u32) -> Result<FuncAddr> {
        let types = signature.types();
        if !types.is_of(self.engine.types()) {
            return Err(Error::misuse("the signature belongs to another engine"));
        }
        self.add_types(types)?;
        let type_id = *types.ids().first().ok_or_else(Error::out_of_memory)?;
        let (numbers, results) = signature.slots();
        self.add_host_record(type_id, ArgumentSlots { numbers, references: 0 }, results.into(), host)
    }

    /// Adds the embedder's function number `host`, of a type known here.
    pub(crate) fn add_host_func_of(&mut self, type_id: TypeId, host: u32) -> Result<FuncAddr> {
        let ty = self.func_type_of(type_id).ok_or_else(|| Error::misuse("not a function type of this store"))?;
        let slots = ArgumentSlots::of_params(&ty)?;
        let results = ty.result_slots() as usize;
        self.add_host_record(type_id, slots, results, host)
    }

    fn add_host_record(
        &mut self,
        type_id: TypeId,
        slots: ArgumentSlots,
        results: usize,
        host: u32,
    ) -> Result<FuncAddr> {
        // Where a call writes no more than its arguments and the header of its frame, there is room for the results.
        let usual = usize::from(slots.numbers) + usize::from(slots.references) + HEADER;
        let wide = results > usual;
        let (Some(entry), Some(instance)) = (self.host_entry.pointer(wide.into()), self.host_instance.pointer(0))
        else {
            return Err(Error::out_of_memory());
        };
        self.add_func(FuncRecord {
            type_id,
            number_params: slots.numbers,
            reference_params: slots.references,
            entry,
            instance: instance.cast(),
            host,
            // `enter_host` finds the record by the index in the frame's header.
            index: self.functions.len() as u32,
        })
    }

    fn add_func(&mut self, record: FuncRecord) -> Result<FuncAddr> {
        let addr = self.next_funcs(1)?;
        self.functions.push(record);
        Ok(addr)
    }

    /// The address of the next function, with room for `count`. Addresses plus one must fit 32 bits, so that they can be references.
    fn next_funcs(&mut self, count: usize) -> Result<FuncAddr> {
        let first = self.functions.len();
        if first.saturating_add(count) >= u32::MAX as usize {
            return Err(Error::limit("functions in one store"));
        }
        self.functions.try_reserve(count)?;
        Ok(FuncAddr(first as u32))
    }

    /// Adds the functions that a module defines and that need an address, belonging to the instance at `owner`; returns the
    /// first address.
    fn add_defined_funcs(&mut self, module: &ModuleInner, owner: NonNull<InstanceContext>) -> Result<FuncAddr> {
        let first = self.next_funcs(module.addressed.count() as usize)?;
        for defined in module.addressed.iter() {
            let index = module.imported.functions + defined;
            let (Some(entry), Some(function), Some(slots)) = (
                module.entries.get(defined as usize),
                module.functions.get(index as usize),
                module.argument_slots(index),
            ) else {
                return Err(Error::misuse("a function that its module does not have"));
            };
            self.functions.push(FuncRecord {
                type_id: function.type_id,
                number_params: slots.numbers,
                reference_params: slots.references,
                entry: NonNull::from(entry),
                instance: owner,
                host: FuncRecord::NOT_HOST,
                index,
            });
        }
        Ok(first)
    }

    // Instances.

    fn new_object(&self, module: Option<Arc<ModuleInner>>) -> InstanceObject {
        let no_memory = self.no_memory.pointer(0).map_or(core::ptr::null_mut(), NonNull::as_ptr);
        InstanceObject {
            context: InstanceContext {
                store: self.pointer,
                memory0: no_memory,
                entries: core::ptr::null(),
                functions: core::ptr::null(),
                globals: core::ptr::null(),
                tables: core::ptr::null(),
                memories: core::ptr::null(),
                types: core::ptr::null(),
                module: module.as_ref().map_or(core::ptr::null(), Arc::as_ptr),
                address: InstanceAddr::HOST,
            },
            module,
            imported_functions: Vec::new(),
            first_function: FuncAddr(0),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            elements: Vec::new(),
            dropped_data: Vec::new(),
            table_pointers: Vec::new(),
            memory_pointers: Vec::new(),
            global_pointers: Vec::new(),
        }
    }

    /// Adds an instance with its functions, of which these are imported. Its other index spaces are filled in by
    /// [`set_instance_parts`](Self::set_instance_parts).
    pub(crate) fn add_instance(
        &mut self,
        module: &Arc<ModuleInner>,
        imported_functions: Vec<FuncAddr>,
    ) -> Result<InstanceAddr> {
        let mut object = self.new_object(Some(Arc::clone(module)));
        let address = InstanceAddr(self.instances.len() as u32);
        object.context.address = address;
        object.context.functions = imported_functions.as_ptr();
        object.imported_functions = imported_functions;
        self.instances.push(object)?;
        let owner = self.instances.pointer(address.0).ok_or_else(Error::out_of_memory)?;
        let first = self.add_defined_funcs(module, owner.cast())?;
        self.instance_mut(address)?.first_function = first;
        Ok(address)
    }

    /// Gives an instance its other index spaces, and its context the pointers to them. No code of it has run yet.
    pub(crate) fn set_instance_parts(&mut self, addr: InstanceAddr, parts: InstanceParts) -> Result<()> {
        fn pointers<A: Copy, T>(addresses: &[A], pointer: impl Fn(A) -> Option<NonNull<T>>) -> Result<Vec<*mut T>> {
            let mut pointers = crate::runtime::try_with_capacity(addresses.len())?;
            for addr in addresses {
                pointers.push(pointer(*addr).ok_or_else(Error::wrong_store)?.as_ptr());
            }
            Ok(pointers)
        }
        let table_pointers = pointers(&parts.tables, |addr| self.tables.pointer(addr.0))?;
        let memory_pointers = pointers(&parts.memories, |addr| self.memories.pointer(addr.0))?;
        let global_pointers = pointers(&parts.globals, |addr| self.globals.pointer(addr.0))?;
        let object = self.instances.get_mut(addr.0).ok_or_else(Error::wrong_store)?;
        let InstanceParts { tables, memories, globals, tags } = parts;
        object.tables = tables;
        object.memories = memories;
        object.globals = globals;
        object.tags = tags;
        object.table_pointers = table_pointers;
        object.memory_pointers = memory_pointers;
        object.global_pointers = global_pointers;
        let context = &mut object.context;
        if let Some(memory0) = object.memory_pointers.first() {
            context.memory0 = *memory0;
        }
        context.tables = object.table_pointers.as_ptr();
        context.memories = object.memory_pointers.as_ptr();
        context.globals = object.global_pointers.as_ptr();
        if let Some(module) = &object.module {
            context.entries = module.entries.as_ptr();
            context.types = module.types.ids().as_ptr();
        }
        Ok(())
    }

    /// An instance.
    pub(crate) fn instance(&self, addr: InstanceAddr) -> Result<&InstanceObject> {
        self.instances.get(addr.0).ok_or_else(Error::wrong_store)
    }

    /// An instance, to drop its segments.
    pub(crate) fn instance_mut(&mut self, addr: InstanceAddr) -> Result<&mut InstanceObject> {
        self.instances.get_mut(addr.0).ok_or_else(Error::wrong_store)
    }

    // Tables, memories, globals, tags.

    /// Adds a table of the type's minimum size, each element `init`. `limiter` is the embedder's, if it has one.
    pub(crate) fn add_table(
        &mut self,
        ty: TableType,
        init: u32,
        limiter: Option<&mut dyn ResourceLimiter>,
    ) -> Result<TableAddr> {
        let mut own = self.limits;
        let limiter = limiter.unwrap_or(&mut own);
        if self.tables.len() >= limiter.tables() {
            return Err(Error::limit("tables in one store"));
        }
        let size = clamp(ty.minimum());
        if !limiter.table_growing(0, size, ty.maximum().map(clamp))? {
            return Err(Error::limit("elements of a table"));
        }
        let table = TableObject::new(ty, init, &self.types).map_err(|error| error.making("elements of a table"))?;
        Ok(TableAddr(self.tables.push(table)?))
    }

    /// Adds a memory of the type's minimum size. `limiter` is the embedder's, if it has one.
    pub(crate) fn add_memory(
        &mut self,
        ty: MemoryType,
        limiter: Option<&mut dyn ResourceLimiter>,
    ) -> Result<MemoryAddr> {
        let mut own = self.limits;
        let limiter = limiter.unwrap_or(&mut own);
        if self.memories.len() >= limiter.memories() {
            return Err(Error::limit("memories in one store"));
        }
        let bytes = |pages: u64| clamp(pages.saturating_mul(ty.page_size()));
        if !limiter.memory_growing(0, bytes(ty.minimum()), ty.maximum().map(bytes))? {
            return Err(Error::limit("bytes of a memory"));
        }
        // A shared memory must never move and others may have it: it owns itself.
        let memory = if !ty.is_shared() && !self.slices.is_empty() {
            let GivenSlice { slice, make } = self.slices.remove(0);
            make(ty, slice)
        } else if !ty.is_shared() && self.engine.config().is_paged() {
            MemoryObject::new_paged(ty)
        } else {
            MemoryObject::new(ty, self.limits.memory_size)
        };
        self.add_memory_object(memory.map_err(|error| error.making("bytes of a memory"))?)
    }

    /// Adds a memory that exists already: one in the embedder's slice, or a shared one.
    pub(crate) fn add_memory_object(&mut self, memory: MemoryObject) -> Result<MemoryAddr> {
        Ok(MemoryAddr(self.memories.push(memory)?))
    }

    /// Adds a global that holds `slots`.
    pub(crate) fn add_global(&mut self, ty: GlobalType, slots: [u64; 2]) -> Result<GlobalAddr> {
        let global = GlobalCell::new(ty, slots, &self.types);
        Ok(GlobalAddr(self.globals.push(global)?))
    }

    /// Adds a tag of a function type known here.
    pub(crate) fn add_tag(&mut self, type_id: TypeId) -> Result<TagAddr> {
        Ok(TagAddr(self.tags.push(TagObject { type_id })?))
    }

    /// A table.
    pub(crate) fn table(&self, addr: TableAddr) -> Result<&TableObject> {
        self.tables.get(addr.0).ok_or_else(Error::wrong_store)
    }

    /// A table, to change.
    pub(crate) fn table_mut(&mut self, addr: TableAddr) -> Result<&mut TableObject> {
        self.tables.get_mut(addr.0).ok_or_else(Error::wrong_store)
    }

    /// A memory.
    #[inline]
    pub(crate) fn memory(&self, addr: MemoryAddr) -> Result<&MemoryObject> {
        self.memories.get(addr.0).ok_or_else(Error::wrong_store)
    }

    /// A memory, to change.
    #[inline]
    pub(crate) fn memory_mut(&mut self, addr: MemoryAddr) -> Result<&mut MemoryObject> {
        self.memories.get_mut(addr.0).ok_or_else(Error::wrong_store)
    }

    /// Copies bytes from a place in a memory, the second, to one in the same or another memory.
    pub(crate) fn copy_memory(
        &mut self,
        (to, to_at): (MemoryAddr, u64),
        (from, from_at): (MemoryAddr, u64),
        len: u64,
    ) -> core::result::Result<(), TrapCode> {
        if let Some((to, from)) = self.memories.get_mut_and_other(to.0, from.0) {
            return to.copy_from(to_at, from, from_at, len);
        }
        let memory = self.memories.get_mut(to.0).ok_or(TrapCode::MemoryOutOfBounds)?;
        memory.copy_within(to_at, from_at, len)
    }

    /// A global.
    pub(crate) fn global(&self, addr: GlobalAddr) -> Result<&GlobalCell> {
        self.globals.get(addr.0).ok_or_else(Error::wrong_store)
    }

    /// A global, to change.
    pub(crate) fn global_mut(&mut self, addr: GlobalAddr) -> Result<&mut GlobalCell> {
        self.globals.get_mut(addr.0).ok_or_else(Error::wrong_store)
    }

    /// A tag.
    pub(crate) fn tag(&self, addr: TagAddr) -> Result<TagObject> {
        self.tags.get(addr.0).copied().ok_or_else(Error::wrong_store)
    }

    /// The type of an external as it is now: what importing compares.
    pub(crate) fn entity_type(&self, addr: ExternAddr) -> Result<EntityType> {
        Ok(match addr {
            ExternAddr::Func(addr) => {
                let record = self.func(addr).ok_or_else(Error::wrong_store)?;
                EntityType::Func { ty: record.type_id, exact: true }
            }
            ExternAddr::Table(addr) => EntityType::Table(self.table(addr)?.current_type()),
            ExternAddr::Memory(addr) => EntityType::Memory(self.memory(addr)?.current_type()),
            ExternAddr::Global(addr) => EntityType::Global(self.global(addr)?.ty()),
            ExternAddr::Tag(addr) => EntityType::Tag(self.tag(addr)?.type_id),
        })
    }

    // References.

    /// The most precise type of the reference `slot`, not null, of the hierarchy that has `bottom` or any other member.
    pub(crate) fn heap_type_of(&self, bottom: HeapType, slot: u32) -> HeapType {
        match bottom.top(&self.types) {
            Some(HeapType::Func) => self
                .func(FuncAddr(slot.wrapping_sub(1)))
                .map_or(HeapType::Func, |func| HeapType::Concrete(func.type_id)),
            Some(HeapType::Extern) => HeapType::Extern,
            Some(HeapType::Exn) => HeapType::Exn,
            _ => match self.heap.referent(Handle::from_bits(slot)).ok().and_then(Referent::heap_type) {
                Some(HeapType::Exact(id)) => HeapType::Concrete(id),
                Some(ty) => ty,
                None => HeapType::Any,
            },
        }
    }

    /// Whether the reference `slot` of `ty`'s hierarchy is a value of `ty`.
    pub(crate) fn slot_matches(&self, slot: u32, ty: RefType) -> bool {
        if slot == 0 {
            return ty.is_nullable();
        }
        match ty.heap_type().top(&self.types) {
            Some(HeapType::Func) => self.func(FuncAddr(slot - 1)).is_some_and(|func| {
                // A function is exactly of its type.
                HeapType::Exact(func.type_id).matches(ty.heap_type(), &self.types)
            }),
            Some(_) => self.heap.matches(Handle::from_bits(slot), ty, &self.types).unwrap_or(false),
            None => false,
        }
    }

    // The heap.

    /// Allocates by `allocate`, collecting garbage first where that helps. References that only the caller holds must be
    /// rooted in the heap before.
    pub(crate) fn allocate(
        &mut self,
        mut allocate: impl FnMut(&mut Heap, &TypeTable) -> core::result::Result<Handle, HeapError>,
    ) -> Result<Handle> {
        let result = match allocate(&mut self.heap, &self.types) {
            // Whatever the reason: since the last collection, frames and handles may have let go of much.
            Err(_) => {
                self.collect_garbage()?;
                allocate(&mut self.heap, &self.types)
            }
            result => result,
        };
        Ok(result?)
    }

    /// Frees what neither instances nor the embedder nor suspended executions can reach.
    pub(crate) fn collect_garbage(&mut self) -> Result<()> {
        let Self { heap, types, tables, globals, instances, handles, executions, functions, .. } = self;
        heap.collect(types, |visit| {
            let mut visit = |reference: u32| visit(Handle::from_bits(reference));
            globals.iter().filter_map(GlobalCell::root).for_each(&mut visit);
            tables.iter().flat_map(|table| table.roots()).copied().for_each(&mut visit);
            let segments = instances.iter().flat_map(|instance| &instance.elements);
            segments
                .filter(|segment| segment.traced)
                .flat_map(|segment| &segment.references)
                .copied()
                .for_each(&mut visit);
            handles.for_each_root(&mut visit);
            executions.visit_references(functions, &mut visit);
        });
        Ok(())
    }
}

/// The host's lack of memory is one thing, a limit of the embedder's, which is a trap of the guest, another.
impl From<HeapError> for Error {
    fn from(error: HeapError) -> Self {
        match error {
            HeapError::OutOfMemory => Self::out_of_memory(),
            HeapError::LimitReached | HeapError::CollectFirst => Self::trap(TrapCode::OutOfMemory),
        }
    }
}

impl GrowError {
    /// The error for something that could not be made at all.
    pub(crate) fn making(self, what: &'static str) -> Error {
        match self {
            Self::Limit => Error::limit(what),
            Self::OutOfMemory => Error::out_of_memory(),
        }
    }
}

/// A size as limiters see it.
fn clamp(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}
