//! `whit` as it is handed out: one small file.

use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, shell};

/// What the file should weigh.
const BUDGET: u64 = 5 * 1000 * 1000;

/// A linker script that leaves out the tables for unwinding. In the profile `dist` a panic ends the program; the compiler makes them all the same, for
/// backtraces of the program itself, and no setting of a profile changes that where the standard library is part of the optimised whole.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/dist.ld");

/// What the linker and the optimiser of the whole program are told.
///
/// What is hot in the interpreter is inlined because its attribute says so; elsewhere a copy of a function in its caller is mostly weight. The limit is in
/// LLVM's units of cost, and is the one that it has for code that is built for size; functions marked `#[inline]` keep their own. docs/performance.md has
/// what that costs.
fn flags() -> String {
    [
        "-C link-arg=-Wl,--no-eh-frame-hdr",
        &format!("-C link-arg=-Wl,-T,{SCRIPT}"),
        "-C link-arg=-Wl,--icf=all",
        "-C llvm-args=-inline-threshold=5",
    ]
    .join(" ")
}

pub fn run(_: &[String]) -> Outcome {
    let whit = build()?;
    let handed_out = whit.with_extension("stripped");
    // The tool may be missing; what it makes smaller is then counted in full, which errs on the safe side.
    let stripped = shell::succeeds(Command::new("strip").arg("-o").arg(&handed_out).arg(&whit));
    let measured = if stripped { handed_out } else { whit };
    let size = measured.metadata().map_err(|e| format!("{}: {e}", measured.display()))?.len();
    println!("{}: {size} bytes", measured.display());
    if size <= BUDGET { Ok(()) } else { Err(format!("{} bytes over its budget of {BUDGET}", size - BUDGET)) }
}

/// Builds it, with its symbols, in a folder of its own: other builds have other flags.
pub fn build() -> Result<PathBuf, String> {
    let folder = shell::target_dir().join("dist");
    let mut build = shell::cargo(["build", "--quiet", "--profile", "dist", "--package", "whit-cli"]);
    if cfg!(target_os = "linux") {
        build.env("RUSTFLAGS", flags());
    }
    shell::run(build.env("CARGO_TARGET_DIR", &folder))?;
    Ok(folder.join("dist").join(format!("whit{}", std::env::consts::EXE_SUFFIX)))
}
