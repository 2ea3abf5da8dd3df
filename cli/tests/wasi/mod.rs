//! What the runs of the WASI test suite share: where its programs lie, and the command line that starts one.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use whit_spec_tests::wasi::{Invocation, Suite};

/// Where the suite's WASI 0.1 programs lie, and how many there are.
const FOLDERS: &[(&str, usize)] = &[
    ("rust/testsuite/wasm32-wasip1", 46),
    ("c/testsuite/wasm32-wasip1", 14),
    ("assemblyscript/testsuite/wasm32-wasip1", 12),
];

/// The suite's folders of WASI 0.1 programs; none if they are absent, which is then said by name.
pub fn suites() -> Vec<Suite> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/wasi-testsuite");
    if !shared.is_dir() {
        tell("ABSENT: ../shared/wasi-testsuite: no registry carries the programs of the WASI test suite");
        return Vec::new();
    }
    let open = |&(folder, count): &(&str, usize)| {
        let suite = Suite::open(&shared.join(folder)).expect("the folder is one of the suite's");
        assert_eq!(suite.programs.len(), count, "{folder}");
        suite
    };
    FOLDERS.iter().map(open).collect()
}

/// Says past the test harness, which swallows what a passing test prints.
pub fn tell(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

/// `whit run` with what the suite asks for, and `wasm` to run.
pub fn whit(invocation: &Invocation<'_>, wasm: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whit"));
    command.arg("run");
    for (name, value) in invocation.env {
        command.arg("--env").arg(format!("{name}={value}"));
    }
    if let Some(root) = invocation.root {
        command.arg("--dir").arg(format!("{}::/", root.display()));
    }
    command.arg(wasm).args(invocation.args);
    command
}

/// A folder below `scratch` for the suite of this number.
pub fn scratch_for(scratch: &Path, number: usize) -> PathBuf {
    let folder = scratch.join(number.to_string());
    std::fs::create_dir(&folder).expect("the scratch folder can be written");
    folder
}
