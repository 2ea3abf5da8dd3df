//! The module `spectest`, which every script may import: the reference interpreter's, to the letter.
//!
//! Promises its exact entries: four globals, a table of each address type, a memory, the printing functions, and a shared memory where threads are
//! on. The functions print what the reference interpreter prints, to a sink that the runner chooses.

use std::sync::Arc;

use whit_core::{
    Caller, Error, FuncType, Global, GlobalType, Linker, Memory, MemoryType, Mutability, Ref, RefType, SharedMemory,
    Store, Table, TableType, Val, ValType,
};

use crate::features::{Feature, Features};

/// Where the printing functions print: one call for each value, which is a line.
pub type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// Defines the module in `linker`.
///
/// # Errors
/// The store has no room for it.
pub fn define(linker: &mut Linker<()>, store: &mut Store<()>, features: Features, sink: &Sink) -> Result<(), Error> {
    use ValType::{F32, F64, I32, I64};

    for parameters in [&[][..], &[I32], &[I64], &[F32], &[F64], &[I32, F32], &[F64, F64]] {
        let types: Vec<String> = parameters.iter().map(ToString::to_string).collect();
        let name = std::iter::once("print").chain(types.iter().map(String::as_str)).collect::<Vec<_>>().join("_");
        let ty = FuncType::new(parameters.iter().copied(), []);
        let sink = sink.clone();
        linker.func_new("spectest", &name, ty, move |_: Caller<'_, ()>, values: &[Val], _: &mut [Val]| {
            values.iter().for_each(|value| sink(&print(value)));
            Ok(())
        })?;
    }

    let globals = [
        ("global_i32", I32, Val::I32(666)),
        ("global_i64", I64, Val::I64(666)),
        ("global_f32", F32, Val::F32(666.6_f32.to_bits())),
        ("global_f64", F64, Val::F64(666.6_f64.to_bits())),
    ];
    for (name, ty, value) in globals {
        let global = Global::new(&mut *store, GlobalType::new(ty, Mutability::Const), value)?;
        linker.define(&mut *store, "spectest", name, global)?;
    }

    let table = Table::new(&mut *store, TableType::new(RefType::FUNCREF, 10, Some(20)), Ref::Func(None))?;
    linker.define(&mut *store, "spectest", "table", table)?;
    if features.has(Feature::Memory64) {
        let table = Table::new(&mut *store, TableType::new64(RefType::FUNCREF, 10, Some(20)), Ref::Func(None))?;
        linker.define(&mut *store, "spectest", "table64", table)?;
    }
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(2)))?;
    linker.define(&mut *store, "spectest", "memory", memory)?;
    if features.has(Feature::Threads) {
        let memory = SharedMemory::new(store.engine(), MemoryType::new(1, Some(2)).with_shared(true))?;
        linker.define(&mut *store, "spectest", "shared_memory", memory)?;
    }
    Ok(())
}

/// A value as the reference interpreter prints it.
fn print(value: &Val) -> String {
    match value {
        Val::I32(value) => format!("{value} : i32"),
        Val::I64(value) => format!("{value} : i64"),
        Val::F32(bits) => format!("{} : f32", f32::from_bits(*bits)),
        Val::F64(bits) => format!("{} : f64", f64::from_bits(*bits)),
        other => format!("{other:?}"),
    }
}
