//! What instantiating a component does, as plain data: nested components flattened into one list of steps.
//!
//! A component definition is a little program over index spaces: it instantiates components within components, passes instances as
//! arguments, aliases what they export, and lifts and lowers functions. All of that is known when the component is loaded, so it is run
//! once, then: [`inline`] follows every definition to the thing it denotes, and what is left are the [`Step`]s that have an
//! effect, in order. At run time there are no names, no index spaces and no nested components, only the numbers below. A plan holds
//! no pointers into the engine, and can be written to a device image.

mod convert;
mod display;
pub mod inline;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use crate::types::{DefinedIdx, FuncTypeIdx, Name, ResourceIdx, Types, ValType, index};

index! {
    /// A component instance at run time: the root is 0, every nested instantiation has its own. It owns a handle table.
    InstanceIdx;
    /// A core module embedded in the component's binary.
    ModuleIdx;
    /// An import of the root component, or something exported (transitively) by an instance that the root imports.
    ImportIdx;
    /// A core instance, in order of instantiation.
    CoreInstanceIdx;
    /// A core function that the component model makes: a lowered function or a built-in ([`CanonFunc`]).
    CanonFuncIdx;
    /// A set of canonical options.
    OptionsIdx;
    /// A lifted function.
    LiftIdx;
}

/// A component, ready to be linked and instantiated.
#[derive(Debug)]
pub struct Plan {
    /// Every type that anything below names.
    pub types: Types,
    /// What the root component imports, in order, as a tree of names.
    pub imports: Vec<(Name, ImportItem)>,
    /// Which imports are an interface under a name of their own (`implements`): that name, the interface's.
    pub import_interfaces: Vec<(Name, Name)>,
    /// What the leaves of that tree are: functions, modules and resources, numbered by [`ImportIdx`]. What instances of an imported
    /// component would export hangs below that component's name.
    pub import_leaves: Vec<ImportLeaf>,
    /// The embedded modules, as ranges of bytes of the component's binary.
    pub modules: Vec<Range<usize>>,
    /// The component instance that encloses each component instance; `None` for the root.
    pub instances: Vec<Option<InstanceIdx>>,
    /// All resource types.
    pub resources: Vec<Resource>,
    /// All sets of canonical options.
    pub options: Vec<Options>,
    /// All functions that the component model gives to core modules.
    pub canon_funcs: Vec<CanonFunc>,
    /// All lifted functions.
    pub lifts: Vec<Lift>,
    /// How many core instances there will be.
    pub core_instances: u32,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What the root component exports, in order.
    pub exports: Vec<(Name, ExportItem)>,
    /// Which exports are an interface under a name of their own.
    pub export_interfaces: Vec<(Name, Name)>,
}

/// What an import must be.
#[derive(Clone, Debug)]
pub enum ImportItem {
    /// A function, of a type.
    Func(ImportIdx, FuncTypeIdx),
    /// A core module.
    Module(ImportIdx),
    /// An instance that exports at least these.
    Instance(Vec<(Name, ImportItem)>),
    /// A resource type, whichever it is.
    Resource(ResourceIdx),
    /// A type equal to one that is known: nothing has to be supplied.
    Type(TypeItem),
    /// A component: only components that define nothing of their own but types can be supplied, and none is at present.
    Component,
}

/// A leaf of the tree of imports.
#[derive(Clone, Debug)]
pub struct ImportLeaf {
    /// Where it hangs: the import's name, then names of exports of instances.
    pub path: Box<[Name]>,
    /// What it is.
    pub kind: ImportKind,
}

/// The kinds of imports that something has to be supplied for.
#[derive(Clone, Debug)]
pub enum ImportKind {
    /// A function.
    Func(FuncTypeIdx),
    /// A core module; its type is checked against the module supplied.
    Module(ModuleType),
    /// A resource type.
    Resource,
}

impl ImportKind {
    /// What it is, with its article.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Func(_) => "a function",
            Self::Module(_) => "a core module",
            Self::Resource => "a resource type",
        }
    }
}

/// The type of a core module: what may be supplied for it must import no more and export no less.
#[derive(Clone, Debug, Default)]
pub struct ModuleType {
    /// Module name, field name, type.
    pub imports: Vec<(Name, Name, whit_core::ExternType)>,
    /// Name, type.
    pub exports: Vec<(Name, whit_core::ExternType)>,
}

/// A type as something that is imported or exported.
#[derive(Clone, Copy, Debug)]
pub enum TypeItem {
    /// A value type.
    Value(ValType),
    /// A function type.
    Func(FuncTypeIdx),
    /// A resource type.
    Resource(ResourceIdx),
    /// The type of an instance, a component or a module: of no use at run time.
    Other,
}

/// A resource type.
#[derive(Clone, Debug)]
pub enum Resource {
    /// Supplied at link time; its representation is the host's business or another component's.
    Imported(ImportIdx),
    /// Defined by a component instance, which alone may ask for representations; they are `i32`.
    Defined {
        /// The instance that defines it.
        instance: InstanceIdx,
    },
}

impl Plan {
    /// Notes which export of an embedded module each item of the core is. `position` finds it by name.
    pub(crate) fn find_exports(&mut self, position: impl Fn(ModuleIdx, &str) -> Option<u32>) {
        // Core instances are numbered in the order in which they are made.
        let modules: Vec<Option<ModuleIdx>> = self
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::InstantiateModule { module: Module::Embedded(module), .. } => Some(Some(*module)),
                Step::InstantiateModule { module: Module::Import(_), .. } => Some(None),
                Step::DefineResource { .. } | Step::MakeCanonFunc(_) => None,
            })
            .collect();
        let find = |item: &mut CoreItem| {
            if let CoreItem::Export(instance, name, found) = item {
                let module = modules.get(instance.index()).copied().flatten();
                *found = module.and_then(|module| position(module, name));
            }
        };
        for step in &mut self.steps {
            match step {
                Step::InstantiateModule { imports, .. } => imports.iter_mut().for_each(|(_, _, item)| find(item)),
                Step::DefineResource { destructor, .. } => destructor.iter_mut().for_each(find),
                Step::MakeCanonFunc(_) => {}
            }
        }
        for options in &mut self.options {
            let Options { memory, realloc, post_return, callback, .. } = options;
            [memory, realloc, post_return, callback].into_iter().flatten().for_each(find);
        }
        self.lifts.iter_mut().for_each(|lift| find(&mut lift.core));
    }
}

/// Something of the core: exported by a core instance, or made by the component model.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum CoreItem {
    /// An export of a core instance, and which one in the module's order: known where the module is embedded, once that has been parsed.
    Export(CoreInstanceIdx, Name, Option<u32>),
    /// A function of [`Plan::canon_funcs`]; its step comes before any use.
    Canon(CanonFuncIdx),
}

/// String encodings.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum StringEncoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16, little-endian.
    Utf16,
    /// Latin-1, or UTF-16 where the length is tagged.
    Latin1Utf16,
}

/// Canonical options ("canonopt").
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Options {
    /// The component instance whose function it is: its handle table, its `may_leave`.
    pub instance: InstanceIdx,
    /// How strings are encoded.
    pub string_encoding: StringEncoding,
    /// The memory that pointers lead into.
    pub memory: Option<CoreItem>,
    /// What allocates in it.
    pub realloc: Option<CoreItem>,
    /// What a lifted function's caller calls when it has taken the results.
    pub post_return: Option<CoreItem>,
    /// The `async` ABI.
    pub is_async: bool,
    /// What an async lifted function is continued by.
    pub callback: Option<CoreItem>,
}

/// A component function: one that is supplied, or one that is lifted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Func {
    /// Supplied at link time.
    Import(ImportIdx),
    /// Lifted from a core function.
    Lift(LiftIdx),
}

/// A function lifted from a core function (`canon lift`).
#[derive(Clone, Debug)]
pub struct Lift {
    /// The core function.
    pub core: CoreItem,
    /// Its component-level type.
    pub ty: FuncTypeIdx,
    /// How values pass.
    pub options: OptionsIdx,
}

/// A core function that the component model makes.
#[derive(Clone, Debug)]
pub enum CanonFunc {
    /// `canon lower`: calls a component function.
    Lower {
        /// What is called.
        func: Func,
        /// The type at which it is called.
        ty: FuncTypeIdx,
        /// How values pass.
        options: OptionsIdx,
    },
    /// A built-in, called by an instance.
    Builtin {
        /// The instance that it works for.
        instance: InstanceIdx,
        /// Which, with its immediates.
        builtin: Builtin,
    },
}

/// The built-ins of the canonical ABI, with their immediates. `ty` is the type of the stream or future itself.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each is named as its `canon` definition in the Canonical ABI document")]
pub enum Builtin {
    ResourceNew(ResourceIdx),
    ResourceDrop(ResourceIdx),
    ResourceRep(ResourceIdx),
    BackpressureInc,
    BackpressureDec,
    TaskReturn { result: Option<ValType>, options: OptionsIdx },
    TaskCancel,
    ContextGet { slot: u32 },
    ContextSet { slot: u32 },
    ThreadYield,
    SubtaskCancel { is_async: bool },
    SubtaskDrop,
    StreamNew(DefinedIdx),
    StreamRead { ty: DefinedIdx, options: OptionsIdx },
    StreamWrite { ty: DefinedIdx, options: OptionsIdx },
    StreamForward(DefinedIdx),
    StreamCancelRead { ty: DefinedIdx, is_async: bool },
    StreamCancelWrite { ty: DefinedIdx, is_async: bool },
    StreamDropReadable(DefinedIdx),
    StreamDropWritable(DefinedIdx),
    FutureNew(DefinedIdx),
    FutureRead { ty: DefinedIdx, options: OptionsIdx },
    FutureWrite { ty: DefinedIdx, options: OptionsIdx },
    FutureForward(DefinedIdx),
    FutureCancelRead { ty: DefinedIdx, is_async: bool },
    FutureCancelWrite { ty: DefinedIdx, is_async: bool },
    FutureDropReadable(DefinedIdx),
    FutureDropWritable(DefinedIdx),
    ErrorContextNew { options: OptionsIdx },
    ErrorContextDebugMessage { options: OptionsIdx },
    ErrorContextDrop,
    WaitableSetNew,
    WaitableSetWait { options: OptionsIdx },
    WaitableSetPoll { options: OptionsIdx },
    WaitableSetDrop,
    WaitableJoin,
    ThreadIndex,
    ThreadNewIndirect { table: CoreItem },
    ThreadResumeLater,
    ThreadSuspend,
    ThreadSuspendThenResume,
    ThreadYieldThenResume,
    ThreadSuspendThenPromote,
    ThreadYieldThenPromote,
}

/// One thing that instantiation does.
#[derive(Clone, Debug)]
pub enum Step {
    /// A component instance defines a resource; from here on it has a destructor.
    DefineResource {
        /// The resource.
        resource: ResourceIdx,
        /// What is called with the representation of a resource that is dropped.
        destructor: Option<CoreItem>,
    },
    /// Makes a core function. What its options name exists already.
    MakeCanonFunc(CanonFuncIdx),
    /// Instantiates a core module as the next core instance, running its start function.
    InstantiateModule {
        /// The module.
        module: Module,
        /// The component instance it belongs to.
        instance: InstanceIdx,
        /// What is supplied for each import, in the module's order where the module is embedded and by name where it is supplied.
        imports: Imports,
    },
}

/// A core module.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Module {
    /// Embedded in the binary.
    Embedded(ModuleIdx),
    /// Supplied at link time.
    Import(ImportIdx),
}

/// What is supplied for the imports of a core module: by module name and field name.
pub type Imports = Box<[(Name, Name, CoreItem)]>;

/// What a component exports.
#[derive(Clone, Debug)]
pub enum ExportItem {
    /// A function, of a type.
    Func(Func, FuncTypeIdx),
    /// A core module.
    Module(Module),
    /// An instance.
    Instance(Arc<[(Name, ExportItem)]>),
    /// A type.
    Type(TypeItem),
    /// A component: it can be told that there is one, nothing more.
    Component,
}
