//! Modules that fuzzing has found: one `.wat` of `findings/` each, with the reason in its first line.
//!
//! Every exported function without parameters ends in the same way in every combination of engine, mode and metering, for the same fuel. (That the code
//! verifies is looked at by the unit tests of `translate`, where the verifier runs.)

use std::fs;
use std::path::Path;

use whit_core::{CompilationMode, Config, Engine, ExecutionEngine, ExternType, Linker, Module, Progress, Store, Val};

const FUEL: u64 = 100_000;

const ENGINES: &[ExecutionEngine] = &[ExecutionEngine::Loop, ExecutionEngine::Auto];

/// What each function came to, and the fuel each took if that was counted.
fn run(wasm: &[u8], execution: ExecutionEngine, mode: CompilationMode, slice: Option<u64>) -> (Vec<String>, Vec<u64>) {
    let mut config = Config::new();
    config.execution(execution).compilation_mode(mode).consume_fuel(slice.is_some());
    let engine = Engine::new(&config).expect("the settings make sense");
    let module = Module::new(&engine, wasm.to_vec()).expect("the module is valid");
    let mut store = Store::new(&engine, ());
    if slice.is_some() {
        store.set_fuel(FUEL).expect("fuel is counted");
    }
    let instance = Linker::new(&engine).instantiate(&mut store, &module).expect("an instance");
    let (mut endings, mut spent) = (Vec::new(), Vec::new());
    for export in module.exports() {
        let ExternType::Func(ty) = export.ty() else { continue };
        if !ty.params().is_empty() {
            continue;
        }
        let func = instance.get_func(&store, export.name()).expect("exported");
        let mut execution = func.start(&mut store, &[]).expect("room");
        let mut given = slice.unwrap_or(0);
        if slice.is_some() {
            store.set_fuel(given).expect("fuel is counted");
        }
        let ending = loop {
            match execution.resume(&mut store) {
                Ok(Progress::Done(results)) => break results.iter().map(shown).collect::<Vec<_>>().join(" "),
                Ok(Progress::OutOfFuel) if given < FUEL => {
                    let more = slice.unwrap_or(0);
                    given += more;
                    let rest = store.get_fuel().expect("fuel is counted");
                    store.set_fuel(rest + more).expect("fuel is counted");
                }
                Ok(progress) => break format!("{progress:?}"),
                Err(error) => break format!("{:?} {:?}", error.kind(), error.as_trap().map(|trap| trap.code())),
            }
        };
        endings.push(format!("{}: {ending}", export.name()));
        if slice.is_some() {
            spent.push(given - store.get_fuel().expect("fuel is counted"));
        }
    }
    (endings, spent)
}

/// References differ from store to store.
fn shown(value: &Val) -> String {
    match value {
        Val::I32(_) | Val::I64(_) | Val::F32(_) | Val::F64(_) | Val::V128(_) => format!("{value:?}"),
        _ => "reference".to_string(),
    }
}

#[test]
fn findings_run_alike_everywhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings");
    // Under Miri there is one engine.
    let executions = if cfg!(miri) { &ENGINES[..1] } else { ENGINES };
    let mut seen = 0;
    for entry in fs::read_dir(&folder).expect("the findings are there") {
        let path = entry.expect("readable").path();
        let wasm = wat::parse_file(&path).expect("valid text");
        let (expected, _) = run(&wasm, ExecutionEngine::Loop, CompilationMode::Eager, None);
        let (_, fuel) = run(&wasm, ExecutionEngine::Loop, CompilationMode::Eager, Some(FUEL));
        for execution in executions.iter().copied() {
            for mode in [CompilationMode::Eager, CompilationMode::Lazy] {
                for slice in [None, Some(FUEL), Some(1), Some(7)] {
                    let (found, spent) = run(&wasm, execution, mode, slice);
                    let how = format!("{}: {execution:?}, {mode:?}, slices of {slice:?}", path.display());
                    assert_eq!(expected, found, "{how}");
                    assert!(slice.is_none() || spent == fuel, "{how}: fuel {spent:?}, not {fuel:?}");
                }
            }
        }
        seen += 1;
    }
    assert!(seen > 0, "no findings in {}", folder.display());
}
