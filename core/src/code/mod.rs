//! The register code that bodies are translated to: one table of ops, its encoding, and its readers.
//!
//! Code is a stream of two-byte units: an [`OpCode`] and then the op's [`shape`], a packed struct of slots, immediates and relative
//! branch offsets. Nothing in it is an address or belongs to an engine, so it may be shared, moved and stored. Next: [`op`].

pub(crate) mod chain;
#[allow(unsafe_code, reason = "ops are read out of code as the packed structs they are (I1)")]
pub(crate) mod decode;
pub(crate) mod display;
#[allow(unsafe_code, reason = "ops are written into code as the packed structs they are (I1)")]
pub(crate) mod encode;
pub(crate) mod function;
pub(crate) mod op;
pub(crate) mod reftype;
pub(crate) mod shape;
pub(crate) mod stub;
#[cfg(any(test, debug_assertions, feature = "checked"))]
pub(crate) mod verify;

pub(crate) use function::FunctionCode;
pub(crate) use op::OpCode;
