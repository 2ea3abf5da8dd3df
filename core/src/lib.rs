//! WebAssembly as a library: a fast interpreter that needs no operating system.
//!
//! ```text
//! bytes ──parse (wasmparser)──▶ types + validated ops ──translate──▶ register code = Module ──(image)──▶ flash
//! Module + imports ──linker/instance──▶ Instance in a Store ──exec──▶ results | Trap | host call (suspended) ──▶ host
//! ```

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(unsafe_code)]
// The interpreter and the embedding API, which use most of this, are being built beside it; remove when they join.
#![allow(dead_code)]

extern crate alloc;
#[cfg(all(test, not(feature = "std")))]
extern crate std;

mod backtrace;
mod bytes;
/// The register code; `translate/` and `exec/` bring the rest of it into the build.
mod code {
    pub(crate) mod function;
    pub(crate) use function::FunctionCode;
}
mod config;
mod engine;
mod error;
/// What the interpreter hands to its driver; the interpreter itself joins the build with `code/`.
mod exec {
    pub(crate) mod step;
}
mod instance;
mod limits;
mod module;
mod numeric;
mod once;
mod parse;
mod runtime;
mod sync;
mod trap;
mod types;

pub use backtrace::{FrameInfo, WasmBacktrace};
pub use bytes::Bytes;
pub use config::{CompilationMode, Config, ExecutionEngine};
pub use engine::Engine;
pub use error::{
    Error, ErrorKind, ImportProblem, LimitExceeded, LinkError, Misuse, ParseError, Result, Section, Trap, TrapFacts,
    UncaughtException, ValidationError,
};
pub use limits::{ModuleLimits, ResourceLimiter, StoreLimits, StoreLimitsBuilder};
pub use module::{ExportType, ImportType, Module};
pub use trap::TrapCode;
pub use types::{
    ArrayType, CompositeType, ExternType, FieldType, FuncType, GlobalType, HeapType, Limits, MemoryType, Mutability,
    RefType, StorageType, StructType, SubType, TableType, TagType, TypeError, TypeId, ValType,
};
