//! The programs of the WASI 0.1 suite as components of WASI 0.2, run by the program as a user would run them.
//!
//! WASI 0.2 has no suite of its own. Here the adapter that toolchains put between a program of 0.1 and the interfaces of 0.2 makes each program
//! a component, so that what the suite asks of 0.1 is asked of 0.2.

mod wasi;

use std::fs;
use std::path::Path;

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME as NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER as COMMAND,
};
use wit_component::ComponentEncoder;

/// A program that the adapter keeps from passing: as the same component it ends with the same status in Wasmtime.
struct Known {
    program: &'static str,
    /// The status it ends with, in whit and in Wasmtime 50.0.1 (package `wasmtime` of PyPI, as in `cases/expect.py`).
    status: i32,
    /// What the adapter does.
    why: &'static str,
}

/// All of the suite's folder for AssemblyScript. The adapter is that of Wasmtime 50.0.1.
const KNOWN: &[Known] = &[
    Known {
        program: "args_get-multiple-arguments",
        status: TRAPPED,
        why: "the adapter keeps its state in memory that the program's allocator takes for its own, and fails its own assertion on it",
    },
    Known {
        program: "environ_get-multiple-variables",
        status: TRAPPED,
        why: "the adapter keeps its state in memory that the program's allocator takes for its own, and fails its own assertion on it",
    },
    Known {
        program: "fd_write-to-invalid-fd",
        status: 1,
        why: "the adapter does not look at the descriptor of a `fd_write` of no buffers",
    },
    Known {
        program: "proc_exit-failure",
        status: 1,
        why: "the adapter passes on to WASI 0.2 whether a program failed, and not its status",
    },
];

const TRAPPED: i32 = if cfg!(windows) { 3 } else { 134 };

/// The component that the adapter makes of the program at `wasm`, written to `path`.
fn adapt(wasm: &Path, path: &Path) {
    let module = fs::read(wasm).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder.module(&module).unwrap().adapter(NAME, COMMAND).unwrap();
    let component = encoder.encode().unwrap_or_else(|error| panic!("{}: {error:#}", wasm.display()));
    fs::write(path, component).unwrap();
}

#[test]
fn the_wasi_0_1_suite_passes_as_components() {
    let scratch = tempfile::tempdir().unwrap();
    let (mut passed, mut known, mut failures) = (0, 0, Vec::new());
    for (number, suite) in wasi::suites().iter().enumerate() {
        let scratch = wasi::scratch_for(scratch.path(), number);
        for program in &suite.programs {
            let component = scratch.join(program.wasm.file_name().unwrap());
            adapt(&program.wasm, &component);
            let verdict = suite.run(program, &scratch, &|invocation| wasi::whit(invocation, &component));
            let entry =
                KNOWN.iter().find(|known| suite.name.contains("AssemblyScript") && known.program == program.name());
            match (verdict, entry) {
                (Ok(()), None) => passed += 1,
                (Err(why), Some(entry)) if why.starts_with(&format!("status {},", entry.status)) => known += 1,
                (Err(why), _) => failures.push(format!("{} {}: {why}", suite.name, program.name())),
                (Ok(()), Some(entry)) => {
                    failures.push(format!("{} {}: passes, although {}", suite.name, program.name(), entry.why));
                }
            }
        }
    }
    let total = passed + known + failures.len();
    wasi::tell(&format!("WASI 0.1 suite as components: {passed} of {total} programs, {known} known not to"));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
