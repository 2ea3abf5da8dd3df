//! The core function types of `canon` definitions, which an engine is told once for each component.

use whit_core::{Engine, Error, FuncType, Signature, ValType as Core};

use crate::abi::flat::{Context, FlatFuncType, flatten_functype, flatten_task_return};
use crate::canon::builtin::later;
use crate::plan::{Builtin, CanonFunc, Plan};
use crate::types::FlatType;

/// What is known of the core function of a definition before there is an instance: the same for all of them.
pub(crate) struct CanonType {
    /// Its type.
    pub signature: Signature,
    /// The arguments are in memory, and the first core parameter points there.
    pub params_in_memory: bool,
    /// The last core parameter says where in memory the result is to go.
    pub result_in_memory: bool,
}

impl CanonType {
    /// That of a definition of `plan`.
    pub(crate) fn of(engine: &Engine, plan: &Plan, func: &CanonFunc) -> Result<Self, Error> {
        match func {
            CanonFunc::Lower { ty, options, .. } => {
                let is_async = plan.options[options.index()].is_async;
                let flat = flatten_functype(&plan.types, plan.types.func(*ty), is_async, Context::Lower);
                let signature = Signature::new(engine, core_type(&flat))?;
                let FlatFuncType { params_in_memory, result_in_memory, .. } = flat;
                Ok(Self { signature, params_in_memory, result_in_memory })
            }
            CanonFunc::Builtin { builtin, .. } => {
                let signature = Signature::new(engine, of_builtin(plan, builtin))?;
                Ok(Self { signature, params_in_memory: false, result_in_memory: false })
            }
        }
    }
}

fn of_builtin(plan: &Plan, builtin: &Builtin) -> FuncType {
    use Builtin as B;
    const I32: Core = Core::I32;
    match builtin {
        B::ResourceNew(_) | B::ResourceRep(_) => FuncType::new([I32], [I32]),
        B::ResourceDrop(_) | B::ContextSet { .. } => FuncType::new([I32], []),
        B::ContextGet { .. } => FuncType::new([], [I32]),
        B::BackpressureInc | B::BackpressureDec => FuncType::new([], []),
        B::TaskReturn { result, .. } => core_type(&flatten_task_return(&plan.types, *result)),
        other => {
            let (_, params, results) = later(other);
            FuncType::new(params.iter().copied(), results.iter().copied())
        }
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
