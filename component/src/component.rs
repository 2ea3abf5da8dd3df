//! [`Component`]: what a component's bytes become. Immutable, shared by all its instances and threads.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::fmt;

use wasmparser::WasmFeatures;
use whit_core::{Bytes, Engine, Error, ParseError, Result, ValidationError};

use crate::canon::signature::CanonType;
use crate::extern_type::{ExportType, ExternType, ImportType};
use crate::limits::ComponentLimits;
use crate::parse::items;
use crate::plan::{CanonFuncIdx, Module, ModuleIdx, Plan, Step, inline};

/// A WebAssembly component, validated; the bodies of its modules' functions as
/// [`Config::compilation_mode`](whit_core::Config::compilation_mode) says. Cheap to clone, usable from any thread.
#[derive(Clone)]
pub struct Component(Arc<Inner>);

struct Inner {
    engine: Engine,
    bytes: Bytes,
    plan: Plan,
    /// Those of [`Plan::modules`].
    modules: Box<[whit_core::Module]>,
    /// Those of [`Plan::canon_funcs`].
    canon_types: Box<[CanonType]>,
}

/// What of the component model Whit has, beyond what is standard. (Not: nested package names, 64-bit canonical ABI, start functions and
/// values, garbage-collected values, error contexts.)
const FEATURES: WasmFeatures = WasmFeatures::COMPONENT_MODEL
    .union(WasmFeatures::CM_ASYNC)
    .union(WasmFeatures::CM_ASYNC_STACKFUL)
    .union(WasmFeatures::CM_MORE_ASYNC_BUILTINS)
    .union(WasmFeatures::CM_THREADING)
    .union(WasmFeatures::CM_IMPLEMENTS)
    .union(WasmFeatures::CM_FIXED_LENGTH_LISTS)
    .union(WasmFeatures::CM_MAP)
    .union(WasmFeatures::CM_FORWARD);

impl Component {
    /// Parses and validates a component, and plans its instantiation, within the default [`ComponentLimits`].
    ///
    /// Bytes that live in flash (`&'static [u8]`), in an `Arc<[u8]>` or in a `Vec` stay where they are; so do those of the modules.
    ///
    /// # Errors
    /// [`ParseError`] if the binary is malformed or goes beyond a limit,
    /// [`ValidationError`] if it breaks a rule or needs what Whit does not have.
    pub fn new(engine: &Engine, bytes: impl Into<Bytes>) -> Result<Self> {
        Self::new_with_limits(engine, bytes, &ComponentLimits::default())
    }

    /// The same as [`Component::new`] within other limits.
    ///
    /// # Errors
    /// The same.
    pub fn new_with_limits(engine: &Engine, bytes: impl Into<Bytes>, limits: &ComponentLimits) -> Result<Self> {
        let bytes = bytes.into();
        let mut plan = load(engine, &bytes, limits)?;
        let module = |range: &core::ops::Range<usize>| {
            let part = bytes.slice(range.clone()).ok_or_else(|| out_of_range(range.start))?;
            whit_core::Module::new(engine, part).map_err(|error| moved(error, range.start))
        };
        let modules = plan.modules.iter().map(module).collect::<Result<Box<[whit_core::Module]>>>()?;
        plan.find_exports(|module, name| modules[module.index()].export_position(name));
        let canon_type = |func| CanonType::of(engine, &plan, func);
        let canon_types = plan.canon_funcs.iter().map(canon_type).collect::<Result<_>>()?;
        Ok(Self(Arc::new(Inner { engine: engine.clone(), bytes, plan, modules, canon_types })))
    }

    /// Whether the bytes are a valid component, all function bodies included, whatever the engine's compilation mode.
    ///
    /// # Errors
    /// As [`Component::new`].
    pub fn validate(engine: &Engine, bytes: &[u8]) -> Result<()> {
        let plan = load(engine, bytes, &ComponentLimits::default())?;
        plan.modules.iter().try_for_each(|range| {
            let part = bytes.get(range.clone()).ok_or_else(|| out_of_range(range.start))?;
            whit_core::Module::validate(engine, part).map_err(|error| moved(error, range.start))
        })
    }

    /// The engine the component was made with.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// The component's bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.0.bytes
    }

    /// What the component wants from outside, in order.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        let plan = &self.0.plan;
        plan.imports.iter().map(|(name, item)| ImportType::new(plan, name, item))
    }

    /// What the component offers, in order.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        let plan = &self.0.plan;
        plan.exports.iter().map(|(name, item)| ExportType::new(self, name, item))
    }

    /// The type of the export with this name.
    pub fn get_export(&self, name: &str) -> Option<ExternType<'_>> {
        self.exports().find(|export| export.name() == name).map(|export| export.ty())
    }

    /// What instantiating the component does, as text, for people: its form is no promise.
    pub fn disassemble(&self) -> String {
        self.0.plan.to_string()
    }

    /// What instantiating the component does.
    pub(crate) fn plan(&self) -> &Plan {
        &self.0.plan
    }

    /// How many core functions an instance puts into its store: those of its embedded modules that have an address, and those that
    /// the component model makes.
    pub(crate) fn functions(&self) -> (usize, usize) {
        let plan = self.plan();
        let defined = |step: &Step| match step {
            Step::InstantiateModule { module: Module::Embedded(module), .. } => {
                self.module(*module).addressed_functions()
            }
            _ => 0,
        };
        (plan.steps.iter().map(defined).fold(0, usize::saturating_add), plan.canon_funcs.len())
    }

    /// The core type of a function that the component model gives to core modules.
    pub(crate) fn canon_type(&self, index: CanonFuncIdx) -> &CanonType {
        &self.0.canon_types[index.index()]
    }

    /// An embedded module.
    pub(crate) fn module(&self, index: ModuleIdx) -> &whit_core::Module {
        &self.0.modules[index.index()]
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component").field("bytes", &self.0.bytes).finish_non_exhaustive()
    }
}

fn load(engine: &Engine, bytes: &[u8], limits: &ComponentLimits) -> Result<Plan> {
    let binary = items::read(bytes, engine.config().features().union(FEATURES), limits)?;
    inline::plan(&binary, limits)
}

/// An error about a module, as one about the component that it begins in at a byte.
fn moved(error: Error, start: usize) -> Error {
    let start = start as u64;
    if let Some(error) = error.downcast_ref::<ParseError>() {
        ParseError::new(error.message(), start + error.offset(), error.section()).into()
    } else if let Some(error) = error.downcast_ref::<ValidationError>() {
        ValidationError::new(error.message(), start + error.offset(), error.section()).into()
    } else {
        error
    }
}

/// The parser has read a module to its end, so its bytes are there; if they were not, this would say so.
fn out_of_range(start: usize) -> Error {
    ParseError::new("unexpected end", start as u64, whit_core::Section::Module).into()
}
