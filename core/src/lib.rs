//! WebAssembly as a library: a fast interpreter that needs no operating system.
//!
//! ```text
//! bytes ──parse (wasmparser)──▶ types + validated ops ──translate──▶ register code = Module ──(image)──▶ flash
//! Module + imports ──linker/instance──▶ Instance in a Store ──exec──▶ results | Trap | host call (suspended) ──▶ host
//! ```

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(unsafe_code)]
// What only one proposal uses stands beside what it is like, not behind a condition of its own; dead code shows in a full build.
#![cfg_attr(
    not(all(feature = "std", feature = "specialized-ops", feature = "simd", feature = "gc", feature = "threads")),
    allow(dead_code, unused_imports)
)]
// The table of ops hands its rows on as tokens, with their parentheses (see `for_each_op!`).
#![allow(unused_parens)]

extern crate alloc;
#[cfg(all(test, not(feature = "std")))]
extern crate std;

mod alarm;
mod backtrace;
mod bytes;
mod code;
mod config;
mod engine;
mod error;
#[allow(unsafe_code, reason = "handlers work on raw frames and memories (I1 to I6)")]
mod exec;
mod execution;
mod externs;
mod func;
mod host;
mod instance;
mod limits;
mod linker;
mod local;
mod module;
mod numeric;
mod once;
mod parse;
mod pending;
mod raw;
mod reference;
mod runtime;
mod shared;
mod signature;
mod store;
mod sync;
mod translate;
mod trap;
mod typed;
mod types;
mod value;

pub use backtrace::{FrameInfo, WasmBacktrace};
pub use bytes::Bytes;
pub use config::{CompilationMode, Config, ExecutionEngine, MemoryPolicy};
pub use engine::Engine;
pub use error::{
    Error, ErrorKind, ImportProblem, LimitExceeded, LinkError, Misuse, ParseError, Result, Section, Trap, TrapFacts,
    UncaughtException, ValidationError,
};
#[cfg(feature = "profile")]
pub use exec::profile::{OpPlace, OpProfile, op_profile};
pub use execution::{Execution, ExecutionResults, Progress, RawResult};
pub use externs::{Export, Extern, Global, Instance, Memory, MemoryAccessError, SharedMemory, Table, Tag};
pub use func::{Func, TypedFunc};
pub use host::{Caller, IntoFunc, WasmRet};
pub use limits::{ModuleLimits, ResourceLimiter, StoreLimits, StoreLimitsBuilder};
pub use linker::{InstancePre, Linker};
pub use local::LocalFutures;
pub use module::{ExportType, ImportType, Module, Translated};
pub use pending::Accessor;
pub use raw::{RawFunc, RawFunction, RawFunctions, RawOutcome, RawPoll};
pub use reference::{AnyRef, ArrayRef, ArrayRefPre, EqRef, ExnRef, ExternRef, I31, StructRef, StructRefPre};
pub use runtime::store::StoreId;
pub use signature::Signature;
pub use store::{AsContext, AsContextMut, Store, StoreContext, StoreContextMut, UpdateDeadline};
pub use trap::TrapCode;
pub use typed::{WasmParams, WasmResults, WasmTy, WasmTyList};
pub use types::{
    ArrayType, CompositeType, ExternType, FieldType, FuncType, GlobalType, HeapType, Limits, MemoryType, Mutability,
    RefType, StorageType, StructType, SubType, TableType, TagType, TypeError, TypeId, ValType,
};
pub use value::{Ref, V128, Val};
