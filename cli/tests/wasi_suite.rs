//! The WASI test suite, run by the program as a user would run it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use whit_spec_tests::wasi::{Invocation, Suite};

/// Where the suite's WASI 0.1 programs lie, and how many there are.
const FOLDERS: &[(&str, usize)] = &[
    ("rust/testsuite/wasm32-wasip1", 46),
    ("c/testsuite/wasm32-wasip1", 14),
    ("assemblyscript/testsuite/wasm32-wasip1", 12),
];

/// Says past the test harness, which swallows what a passing test prints.
fn tell(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

fn whit(invocation: &Invocation<'_>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whit"));
    command.arg("run");
    for (name, value) in invocation.env {
        command.arg("--env").arg(format!("{name}={value}"));
    }
    if let Some(root) = invocation.root {
        command.arg("--dir").arg(format!("{}::/", root.display()));
    }
    command.arg(invocation.wasm).args(invocation.args);
    command
}

#[test]
fn the_wasi_0_1_suite_passes() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/wasi-testsuite");
    if !shared.is_dir() {
        tell("ABSENT: ../shared/wasi-testsuite: no registry carries the programs of the WASI test suite");
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let (mut passed, mut failures) = (0, Vec::new());
    for (number, (folder, count)) in FOLDERS.iter().enumerate() {
        let suite = Suite::open(&shared.join(folder)).unwrap();
        assert_eq!(suite.programs.len(), *count, "{folder}");
        let scratch = scratch.path().join(number.to_string());
        fs::create_dir(&scratch).unwrap();
        for program in &suite.programs {
            match suite.run(program, &scratch, &whit) {
                Ok(()) => passed += 1,
                Err(why) => failures.push(format!("{} {}: {why}", suite.name, program.name())),
            }
        }
    }
    tell(&format!("WASI 0.1 suite: {passed} of {} programs", passed + failures.len()));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
