//! The command line stays one small file.

use std::process::Command;

use crate::{Outcome, shell};

/// What `whit`, release and stripped, may weigh.
const LIMIT: u64 = 5 * 1000 * 1000;

pub fn run(_: &[String]) -> Outcome {
    shell::run(&mut shell::cargo(["build", "--quiet", "--release", "--package", "whit-cli"]))?;
    let whit = shell::target_dir().join("release").join(format!("whit{}", std::env::consts::EXE_SUFFIX));
    let stripped = whit.with_extension("stripped");
    // The tool may be missing; what it makes smaller is then counted in full, which errs on the safe side.
    let measured =
        if shell::succeeds(Command::new("strip").arg("-o").arg(&stripped).arg(&whit)) { stripped } else { whit };
    let size = measured.metadata().map_err(|e| format!("{}: {e}", measured.display()))?.len();
    println!("{}: {size} bytes", measured.display());
    if size <= LIMIT { Ok(()) } else { Err(format!("{size} bytes, more than {LIMIT}")) }
}
