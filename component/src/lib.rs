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

extern crate alloc;

mod abi;
mod plan;
mod types;
