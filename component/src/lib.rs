//! The component model over [`whit_core`]: its types, the canonical ABI, linking and tasks.
//!
//! ```text
//! component bytes ──parse (wasmparser)──▶ types ──plan──▶ Component
//! Component + imports ──linker/instance──▶ component instance ──canon (lift/lower, over abi)──▶ wasi p1 | p2 | p3 ──▶ host
//! ```
//!
//! The crate uses the core through its public API only, and has no unsafe code.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

// Bindings name their collections through it, whatever the crate they are in has.
#[doc(hidden)]
pub extern crate alloc;

mod abi;
mod canon;
mod component;
mod declare;
mod error;
mod extern_type;
mod func;
mod instance;
mod limits;
mod linker;
mod matching;
mod mismatch;
pub mod names;
mod parse;
mod plan;
mod resource;
mod resource_any;
mod runtime;
mod trap;
pub mod typed;
mod types;
mod value;

pub use component::Component;
pub use error::{ImportProblem, LinkError, Problem};
pub use extern_type::{
    ExportType, ExternType, FuncType, ImportType, InstanceType, ModuleType, ResourceId, Type, TypeKind,
};
pub use func::{Func, TypedFunc};
pub use instance::{Export, Instance};
pub use limits::{ComponentLimits, limit_handles};
pub use linker::{InstancePre, Linker, LinkerInstance, ResourceType};
pub use mismatch::TypeMismatch;
pub use resource::{Resource, ResourceTable, ResourceTableError};
pub use resource_any::{ResourceAny, ResourceError};
pub use runtime::trap::{ResourceKind, RuntimeTrap};
pub use trap::TrapCode;
pub use value::Val;
#[cfg(feature = "bindgen")]
pub use whit_bindgen::bindgen;
pub use whit_core;
