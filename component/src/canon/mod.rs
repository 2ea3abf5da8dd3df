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
pub(crate) mod resource;
pub(crate) mod task;

use whit_core::{FuncType, ValType};

use crate::abi::flat::FlatFuncType;
use crate::types::FlatType;

/// What an `async` lowered function returns when the callee has returned already ("Subtask.State.RETURNED").
pub(crate) const RETURNED: u64 = 2;

/// A flat function type as one of the core.
pub(crate) fn core_type(ty: &FlatFuncType) -> FuncType {
    let core = |ty: &FlatType| match ty {
        FlatType::I32 => ValType::I32,
        FlatType::I64 => ValType::I64,
        FlatType::F32 => ValType::F32,
        FlatType::F64 => ValType::F64,
    };
    FuncType::new(ty.params.iter().map(core), ty.results.iter().map(core))
}
