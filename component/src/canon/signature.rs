//! The core function types of `canon` definitions, which an engine is told once for each component.

use whit_core::{FuncType, ValType as Core};

use crate::abi::flat::{Context, FlatFuncType, flatten_functype, flatten_task_return};
use crate::canon::builtin::later;
use crate::plan::{Builtin, CanonFunc, Plan};
use crate::types::FlatType;

/// The type of the core function that a definition makes.
pub(crate) fn of(plan: &Plan, func: &CanonFunc) -> FuncType {
    use Builtin as B;
    const I32: Core = Core::I32;
    match func {
        CanonFunc::Lower { ty, options, .. } => {
            let is_async = plan.options[options.index()].is_async;
            core_type(&flatten_functype(&plan.types, plan.types.func(*ty), is_async, Context::Lower))
        }
        CanonFunc::Builtin { builtin, .. } => match builtin {
            B::ResourceNew(_) | B::ResourceRep(_) => FuncType::new([I32], [I32]),
            B::ResourceDrop(_) | B::ContextSet { .. } => FuncType::new([I32], []),
            B::ContextGet { .. } => FuncType::new([], [I32]),
            B::BackpressureInc | B::BackpressureDec => FuncType::new([], []),
            B::TaskReturn { result, .. } => core_type(&flatten_task_return(&plan.types, *result)),
            other => {
                let (_, params, results) = later(other);
                FuncType::new(params.iter().copied(), results.iter().copied())
            }
        },
    }
}

/// A flat function type as one of the core.
fn core_type(ty: &FlatFuncType) -> FuncType {
    let core = |ty: &FlatType| match ty {
        FlatType::I32 => Core::I32,
        FlatType::I64 => Core::I64,
        FlatType::F32 => Core::F32,
        FlatType::F64 => Core::F64,
    };
    FuncType::new(ty.params.iter().map(core), ty.results.iter().map(core))
}
