//! What a runtime must offer to be timed, and the list of those that do.
//!
//! One file per runtime, each behind a cargo feature of its own: an adapter says in that runtime's vocabulary what
//! [`Runtime`] and [`Instance`] say here, by the fastest typed interface it has, and adds nothing. Whit is always there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Result;

#[cfg(feature = "peer-pulley")]
mod pulley;
#[cfg(feature = "peer-silverfir")]
mod silverfir;
#[cfg(feature = "peer-stitch")]
mod stitch;
#[cfg(feature = "peer-tinywasm")]
mod tinywasm;
#[cfg(feature = "peer-wamr")]
mod wamr;
#[cfg(feature = "peer-wasm3")]
mod wasm3;
#[cfg(feature = "peer-wasmi")]
mod wasmi;
mod whit;

/// When a runtime turns a body into what it executes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All of it on loading.
    Eager,
    /// Validated on loading, translated at the first call.
    ValidateThenLazy,
    /// Validated and translated at the first call.
    Lazy,
}

/// A number type of WebAssembly: all that imports of timed programs use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
}

/// A function that a module imports.
#[derive(Clone)]
pub struct Import {
    /// First half of its name.
    pub module: String,
    /// Second half of its name.
    pub name: String,
    /// Parameters.
    pub params: Vec<NumType>,
    /// Results.
    pub results: Vec<NumType>,
    /// What stands behind it.
    pub host: Host,
}

/// What stands behind an import.
#[derive(Clone)]
pub enum Host {
    /// Never called: there only so that the module links.
    Stub,
    /// `(i64) -> i64`, adds one.
    Increment,
    /// `() -> i32`, a clock in milliseconds.
    Clock(Arc<Clock>),
}

/// The clock that CoreMark reads.
pub enum Clock {
    /// The real one.
    Real(std::time::Instant),
    /// Answers from a list, then its last entry: the guest's own calibration then always chooses the same work.
    Scripted {
        /// The answers in order.
        answers: Vec<i32>,
        /// How many were given.
        given: AtomicU32,
    },
}

impl Clock {
    /// The time as the guest sees it.
    pub fn now(&self) -> i32 {
        match self {
            Self::Real(start) => start.elapsed().as_millis() as i32,
            Self::Scripted { answers, given } => {
                let index = given.fetch_add(1, Ordering::Relaxed) as usize;
                answers.get(index).or(answers.last()).copied().unwrap_or(0)
            }
        }
    }

    /// A scripted clock begins again.
    pub fn rewind(&self) {
        if let Self::Scripted { given, .. } = self {
            given.store(0, Ordering::Relaxed);
        }
    }
}

/// One runtime in one configuration.
pub trait Runtime {
    /// Column heading.
    fn name(&self) -> &'static str;

    /// When bodies are compiled.
    fn mode(&self) -> Mode;

    /// Everything from nothing to a module that can be called: engine, loading, store, linking, instantiation.
    fn instantiate(&self, wasm: &[u8], imports: &[Import]) -> Result<Box<dyn Instance>>;
}

/// A module ready to be called, with all that it lives in.
pub trait Instance {
    /// Whether a function is exported under this name: the look-up that ends a start-up.
    fn has_function(&mut self, name: &str) -> bool;

    /// Calls export `name: (i32) -> i64`.
    fn run(&mut self, name: &str, n: i32) -> Result<i64>;

    /// Calls export `name: () -> f32`.
    fn score(&mut self, name: &str) -> Result<f32>;

    /// Looks export `name: (i64) -> i64` up once and calls it `times` times, each on the result of the last.
    fn iterate(&mut self, name: &str, seed: i64, times: u32) -> Result<i64>;
}

/// A runtime that is named in every table and cannot be run in this build.
pub struct Absent {
    /// Column heading.
    pub name: &'static str,
    /// Why not.
    pub reason: &'static str,
}

/// A runtime, or the reason why it is missing.
pub type Entry = Result<Box<dyn Runtime>, Absent>;

/// The runtime that geometric means are taken against.
pub const BASELINE: &str = "wasmi";

macro_rules! peer {
    ($feature:literal, $name:literal, $runtime:expr) => {{
        #[cfg(feature = $feature)]
        let entry: Entry = Ok(Box::new($runtime));
        #[cfg(not(feature = $feature))]
        let entry: Entry = Err(Absent { name: $name, reason: concat!("built without the feature `", $feature, "`") });
        entry
    }};
}

/// The runtimes that tests and criterion benches use: Whit, and the baseline where it is built in.
pub fn whit_and_baseline(entries: Vec<Entry>) -> Vec<Box<dyn Runtime>> {
    let wanted = |runtime: &dyn Runtime| runtime.name().starts_with("whit") || runtime.name().starts_with(BASELINE);
    entries.into_iter().flatten().filter(|runtime| wanted(&**runtime)).collect()
}

/// One configuration of each runtime, for execution times: bodies are compiled before the clock starts.
pub fn for_execution() -> Vec<Entry> {
    vec![
        Ok(Box::new(whit::Whit::new("whit", Mode::Eager))),
        Ok(Box::new(whit::Whit::with_fuel("whit fuel", Mode::Eager))),
        Ok(Box::new(whit::Whit::on_the_loop_engine("whit loop", Mode::Eager))),
        peer!("peer-wasmi", "wasmi", wasmi::Wasmi::new("wasmi", Mode::Eager)),
        peer!("peer-silverfir", "silverfir", silverfir::Silverfir),
        peer!("peer-wasm3", "wasm3", wasm3::Wasm3::new("wasm3", Mode::Eager)),
        peer!("peer-wamr", "wamr", wamr::Wamr),
        peer!("peer-stitch", "stitch", stitch::Stitch),
        peer!("peer-tinywasm", "tinywasm", tinywasm::TinyWasm),
        peer!("peer-pulley", "pulley", pulley::Pulley),
    ]
}

/// Every mode that matters for start-up times.
pub fn for_startup() -> Vec<Entry> {
    vec![
        Ok(Box::new(whit::Whit::new("whit lazy", Mode::Lazy))),
        Ok(Box::new(whit::Whit::new("whit validated", Mode::ValidateThenLazy))),
        Ok(Box::new(whit::Whit::new("whit eager", Mode::Eager))),
        peer!("peer-wasmi", "wasmi lazy", wasmi::Wasmi::new("wasmi lazy", Mode::Lazy)),
        peer!("peer-wasmi", "wasmi validated", wasmi::Wasmi::new("wasmi validated", Mode::ValidateThenLazy)),
        peer!("peer-wasmi", "wasmi eager", wasmi::Wasmi::new("wasmi eager", Mode::Eager)),
        peer!("peer-silverfir", "silverfir", silverfir::Silverfir),
        peer!("peer-wasm3", "wasm3 lazy", wasm3::Wasm3::new("wasm3 lazy", Mode::Lazy)),
        peer!("peer-wasm3", "wasm3 eager", wasm3::Wasm3::new("wasm3 eager", Mode::Eager)),
        peer!("peer-wamr", "wamr", wamr::Wamr),
        peer!("peer-stitch", "stitch", stitch::Stitch),
        peer!("peer-tinywasm", "tinywasm", tinywasm::TinyWasm),
        peer!("peer-pulley", "pulley", pulley::Pulley),
    ]
}
