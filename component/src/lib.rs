//! The component model over [`whit_core`]: its types, the canonical ABI, linking and tasks.
//!
//! ```text
//! component bytes ──parse (wasmparser)──▶ types ──plan──▶ Component
//! Component + imports ──linker/instance──▶ component instance ──canon (lift/lower, over abi)──▶ wasi p1 | p2 | p3 ──▶ host
//! ```
//!
//! Nothing of it exists yet: `whit_core::Module` refuses a component by name, and so does the command line. What this crate
//! promises before its first line: it uses the core through its public API only, and has no unsafe code.

#![forbid(unsafe_code)]
