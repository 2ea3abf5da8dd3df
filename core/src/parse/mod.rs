//! From bytes to types and ranges, through wasmparser, whose types and errors stay in here and in `types::convert`.
//!
//! - [`module`] reads the sections, which makes a module
//! - [`names`] reads the `name` section when somebody asks

pub(crate) mod module;
pub(crate) mod names;
