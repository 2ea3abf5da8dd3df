//! What the fuzz targets share.
//!
//! ```text
//! bytes ──generate──▶ module + values ──guest (Whit, in some way)──▶ trace ─┐
//!                                     └──reference (Wasmtime)─────▶ trace ─┴─▶ equal, or a panic that says where
//! ```
//! A target is one property in one file of `fuzz_targets/`. Assumes nothing of its input; promises that the same bytes always do the same.

pub mod component;
#[cfg(feature = "oracle")]
pub mod component_reference;
pub mod generate;
pub mod guest;
#[cfg(feature = "oracle")]
pub mod reference;
pub mod trace;
