//! From bytes to types and ranges, through wasmparser, whose types and errors stay in here and in `types::convert`.
//!
//! - [`bodies`] goes through all bodies, on several threads if there is enough to do
//! - [`func`] drives the validator and the translator over a body
//! - [`module`] reads the sections, which makes a module
//! - [`operator`] takes one instruction to the validator
//! - [`names`] reads the `name` section when somebody asks

mod bodies;
pub(crate) mod func;
pub(crate) mod module;
pub(crate) mod names;
mod operator;
