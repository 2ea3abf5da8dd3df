//! One program in four languages does what it does in Wasmtime, each as the toolchain of its language makes it a component of WASI 0.2.
//!
//! `guests/README.md` says what the program does, `languages/cases.json` what it is given and what it did in Wasmtime (by `cases/expect.py`). What Rust and
//! C become is checked in; what Python and JavaScript become is large, and built by `cargo xtask languages`.

mod cases;

use std::io::Write;
use std::path::Path;

/// Guests that have to be there.
const CHECKED_IN: &[&str] = &["language_rust", "language_c"];

/// Runs the cases of the guest `name`; where it has not been built, says so past the test harness, which swallows what a passing test prints.
fn run(name: &str) {
    let folder = match CHECKED_IN.contains(&name) {
        true => Path::new(env!("CARGO_MANIFEST_DIR")).join("../guests/wasm"),
        // Beside the folder for tests in the one that Cargo builds to.
        false => Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("languages"),
    };
    let guest = folder.join(format!("{name}.wasm"));
    if !CHECKED_IN.contains(&name) && !guest.exists() {
        let _ = writeln!(std::io::stderr(), "ABSENT: target/languages/{name}.wasm: `cargo xtask languages` builds it");
        return;
    }
    let cases = cases::read(include_str!("languages/cases.json"));
    let cases: Vec<_> = cases.iter().filter(|case| case["guest"].as_str() == Some(name)).collect();
    let differences: Vec<String> =
        cases.iter().filter_map(|case| cases::difference(case, &guest, "engine=auto")).collect();
    assert_eq!(cases.len(), 5, "cases of {name}");
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

#[test]
fn rust() {
    run("language_rust");
}

#[test]
fn c() {
    run("language_c");
}

#[test]
fn python() {
    run("language_python");
}

#[test]
fn javascript() {
    run("language_javascript");
}
