//! The `canon` definitions: component functions from core functions and the other way round, and the built-ins.
//!
//! Each makes a core function that a component's modules import, or drives a task. Their checks are in the order of the Canonical ABI
//! document.

pub(crate) mod builtin;
pub(crate) mod call;
pub(crate) mod context;
pub(crate) mod host;
pub(crate) mod lift;
pub(crate) mod lower;
pub(crate) mod nested;
pub(crate) mod resource;
pub(crate) mod signature;
pub(crate) mod task;

/// What an `async` lowered function returns when the callee has returned already ("Subtask.State.RETURNED").
pub(crate) const RETURNED: u64 = 2;
