//! Running the tools that chores are made of.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Outcome;

/// The top of the repository.
pub fn top() -> &'static Path {
    // This package lies one level below it.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where Cargo builds the workspace.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| top().join("target"), PathBuf::from)
}

/// `cargo` with these arguments, at the top of the repository.
pub fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    // Not the CARGO of the environment: that one is pinned to the toolchain that runs this, and `+nightly` would not work.
    let mut command = Command::new("cargo");
    command.current_dir(top()).args(arguments).env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    command
}

/// Runs `command`, showing it and its output.
pub fn run(command: &mut Command) -> Outcome {
    println!("$ {}", line(command));
    let status = command.status().map_err(|e| format!("{}: {e}", line(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{status}: {}", line(command))) }
}

/// Whether `command` succeeds; its output is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Whether the standard library of `target` is installed, after trying to install it.
pub fn has_target(target: &str) -> bool {
    // `rustup target add` succeeds at once for one that is there. Without rustup, the compiler knows where it would lie.
    succeeds(Command::new("rustup").args(["target", "add", target]).current_dir(top())) || {
        let output = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output();
        output.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
    }
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
