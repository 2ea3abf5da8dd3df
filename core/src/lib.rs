//! WebAssembly as a library: a fast interpreter that needs no operating system.
//!
//! ```text
//! bytes ──parse (wasmparser)──▶ types + validated ops ──translate──▶ register code = Module ──(image)──▶ flash
//! Module + imports ──linker/instance──▶ Instance in a Store ──exec──▶ results | Trap | host call (suspended) ──▶ host
//! ```

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(all(test, not(feature = "std")))]
extern crate std;

#[allow(dead_code)] // The handlers that use it are being built beside it.
mod numeric;
mod runtime;
#[allow(dead_code)] // Modules and stores, its users, are being built beside it.
mod sync;
mod trap;
#[allow(dead_code)] // Modules and stores, its users, are being built beside it.
mod types;

pub use trap::TrapCode;
pub use types::{
    ArrayType, CompositeType, ExternType, FieldType, FuncType, GlobalType, HeapType, Limits, MemoryType, Mutability,
    RefType, StorageType, StructType, SubType, TableType, TagType, TypeError, TypeId, ValType,
};
