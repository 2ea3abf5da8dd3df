//! Instantiated components ("Component Instances"), and what their plans' numbers mean in a store.

use alloc::vec::Vec;

use whit_core::{Error, Func, Instance, Memory, Module, RawFunc};

use super::handle::HandleTable;
use super::resource::ResourceTypeId;
use crate::abi::copy::Side;
use crate::abi::flat::Context;
use crate::component::Component;
use crate::plan::{InstanceIdx, LiftIdx, OptionsIdx, StringEncoding};
use crate::types::{FuncTypeIdx, ResourceIdx};

/// An instantiated component of a store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct RootId(pub u32);

/// A component instance of a store, nested or not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct InstanceId(pub u32);

/// A component instance ("ComponentInstance").
pub(crate) struct ComponentInstance {
    /// The instantiated component that it is part of.
    pub root: RootId,
    /// What its code knows by index.
    pub handles: HandleTable,
    /// False while `realloc` or `post-return` runs.
    pub may_leave: bool,
    /// New tasks wait while this is above zero.
    pub backpressure: u16,
    /// True while `realloc` runs, which is a thread of its own: it has fresh context slots.
    pub in_realloc: bool,
}

/// A component function that something can be linked to: one lifted by an instance in the same store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LiftedFunc {
    /// Whose.
    pub root: RootId,
    /// Which.
    pub lift: LiftIdx,
}

/// Something supplied for a leaf of the tree of imports.
#[derive(Clone)]
pub(crate) enum Supplied {
    /// A function of the host: a core function for each way it is lowered is made from it, so nothing has to be remembered.
    HostFunc,
    /// A function of another instance.
    Lifted(LiftedFunc),
    /// A core module.
    Module(Module),
    /// A resource type.
    Resource(ResourceTypeId),
    /// Nothing, and nothing uses it.
    Nothing,
}

/// Canonical options whose core items have been found ("CanonicalOptions", "LiftLowerOptions").
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// The instance whose function it is.
    pub instance: InstanceId,
    /// How strings are encoded.
    pub string_encoding: StringEncoding,
    /// The memory that pointers lead into.
    pub memory: Option<Memory>,
    /// What allocates in it.
    pub realloc: Option<RawFunc>,
    /// What is called when the results have been taken.
    pub post_return: Option<RawFunc>,
    /// The `async` ABI.
    pub is_async: bool,
    /// What a task of the `async` ABI is continued by.
    pub callback: Option<RawFunc>,
}

impl Options {
    /// What of them says how values pass.
    pub(crate) fn side(&self) -> Side {
        Side { string_encoding: self.string_encoding, is_async: self.is_async }
    }
}

/// A lifted function that can be called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lift {
    /// The core function.
    pub core: RawFunc,
    /// The arguments are in memory, and the one core parameter points there.
    pub params_in_memory: bool,
    /// Its component-level type, in its own component's types.
    pub ty: FuncTypeIdx,
    /// How values pass.
    pub options: Options,
}

impl Lift {
    /// How its core function is called.
    pub(crate) fn context(&self) -> Context {
        Context::Lift { callback: self.options.callback.is_some() }
    }
}

/// An instantiated component.
pub(crate) struct Root {
    /// What it is an instance of.
    pub component: Component,
    /// Its first component instance; the others follow, in the plan's order.
    pub first_instance: u32,
    /// What was supplied for each leaf of the tree of imports.
    pub imports: Vec<Supplied>,
    /// Its resource types, by [`ResourceIdx`].
    pub resources: Vec<ResourceTypeId>,
    /// The core instances that exist so far.
    pub core_instances: Vec<Instance>,
    /// The canonical options that functions made so far have, by [`OptionsIdx`]: most functions of a component have the same few.
    pub options: Vec<Option<Options>>,
    /// The core functions made so far, by `CanonFuncIdx`; places are filled in the order of the steps.
    pub canon_funcs: Vec<Option<Func>>,
    /// The lifted functions that something can call, by [`LiftIdx`]; places are filled when a caller is made.
    pub lifts: Vec<Option<Lift>>,
    /// A trap in any of its instances ends it: from then on it cannot be entered.
    pub poisoned: bool,
}

impl Root {
    /// A component instance of the plan.
    pub(crate) fn instance(&self, index: InstanceIdx) -> InstanceId {
        InstanceId(self.first_instance + index.0)
    }

    /// A resource type of the plan.
    pub(crate) fn resource(&self, index: ResourceIdx) -> ResourceTypeId {
        self.resources[index.index()]
    }

    /// Canonical options of a function that something has been made of.
    pub(crate) fn options(&self, index: OptionsIdx) -> Result<Options, Error> {
        let options = self.options.get(index.index()).copied().flatten();
        options.ok_or_else(|| Error::msg("canonical options were used before what they name was instantiated"))
    }

    /// A lifted function that something can call.
    pub(crate) fn lift(&self, index: LiftIdx) -> Result<Lift, Error> {
        let lift = self.lifts.get(index.index()).copied().flatten();
        lift.ok_or_else(|| Error::msg("a component function was called before what it needs was instantiated"))
    }
}
