//! What exists while modules run: the chapter "Runtime Structure" of the specification.
//!
//! - [`heap`] structs, arrays, exceptions and host values behind handles, and the collector that frees them

pub(crate) mod heap;
