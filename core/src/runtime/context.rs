//! What running code reaches through raw pointers: the per-instance [`InstanceContext`] and the entities behind it.
//!
//! Handlers get `*mut InstanceContext` from the frame header and everything else from there. All of these are boxed once, keep their
//! address until the store is dropped, and are only touched by handlers while the driver runs (I4 in docs/invariants.md).

use core::ptr::NonNull;
use core::sync::atomic::AtomicPtr;

use crate::module::ModuleInner;
use crate::runtime::global::GlobalCell;
use crate::runtime::memory::MemoryObject;
use crate::runtime::store::StoreInner;
use crate::runtime::table::TableObject;
use crate::types::TypeId;

/// Start of a function's code: a `translate` stub until the function has been translated.
///
/// Belongs to the module, shared by all its instances and threads; published with release, read with acquire.
pub(crate) type EntryCell = AtomicPtr<u8>;

/// The part of an instance that running code reads. Index spaces are the module's, imports first.
#[repr(C)]
pub(crate) struct InstanceContext {
    /// The store that owns everything here.
    pub store: NonNull<StoreInner>,
    /// Memory 0, or the store's memory without pages.
    pub memory0: *mut MemoryObject,
    /// Entries of the module's *defined* functions (index `func_idx - imported functions`).
    pub entries: *const EntryCell,
    /// Store-wide address of each imported function.
    pub functions: *const FuncAddr,
    /// One cell for each global of the index space.
    pub globals: *const *mut GlobalCell,
    /// One object for each table of the index space.
    pub tables: *const *mut TableObject,
    /// One object for each memory of the index space.
    pub memories: *const *mut MemoryObject,
    /// Canonical id of each type of the module's type index space.
    pub types: *const TypeId,
    /// The module, kept alive by the store.
    pub module: *const ModuleInner,
    /// Number of this instance in its store.
    pub address: InstanceAddr,
}

/// Address of a function in its store: an index into `StoreInner::functions`. A function reference is this plus one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub(crate) struct FuncAddr(pub u32);

/// Address of an instance in its store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub(crate) struct InstanceAddr(pub u32);

impl InstanceAddr {
    /// Stands for the instance of the host's functions, which is in no index space: no instance has this address.
    pub(crate) const HOST: Self = Self(u32::MAX);
}

/// Address of a table in its store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub(crate) struct TableAddr(pub u32);

/// Address of a memory in its store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub(crate) struct MemoryAddr(pub u32);

/// Address of a global in its store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub(crate) struct GlobalAddr(pub u32);

/// Address of a tag in its store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub(crate) struct TagAddr(pub u32);

/// Address of something that can be imported and exported.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum ExternAddr {
    /// A function.
    Func(FuncAddr),
    /// A table.
    Table(TableAddr),
    /// A linear memory.
    Memory(MemoryAddr),
    /// A global variable.
    Global(GlobalAddr),
    /// An exception tag.
    Tag(TagAddr),
}

/// One function of a store, wasm or host, in the form calls need it.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct FuncRecord {
    /// Canonical function type: what `call_indirect` compares.
    pub type_id: TypeId,
    /// Slots of the number parameters then of the reference parameters (v128 counts two).
    pub number_params: u16,
    /// Slots of the reference parameters.
    pub reference_params: u16,
    /// Where the code starts. For a host function: a cell holding one of the `enter_host` stubs.
    pub entry: NonNull<EntryCell>,
    /// The defining instance; for a host function the store's host instance, whose `memory0` is empty.
    pub instance: NonNull<InstanceContext>,
    /// For a host function: its index into `StoreInner::host_functions`; else `u32::MAX`.
    pub host: u32,
    /// Function index in its module (wasm) or its own address (host).
    pub index: u32,
}
