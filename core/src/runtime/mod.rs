//! What exists while modules run: the chapter "Runtime Structure" of the specification.
//!
//! - [`heap`] structs, arrays, exceptions and host values behind handles, and the collector that frees them

#[allow(dead_code)] // The store and the GC instructions, its users, are being built beside it.
pub(crate) mod heap;
