//! The loop engine under Miri: no undefined behaviour on the listed scripts.

use std::process::Command;

use crate::{Outcome, shell};

pub fn run(arguments: &[String]) -> Outcome {
    let has_miri = || shell::succeeds(&mut shell::cargo(["+nightly", "miri", "--version"]));
    if !has_miri() {
        shell::succeeds(Command::new("rustup").args([
            "toolchain",
            "install",
            "nightly",
            "--profile",
            "minimal",
            "-c",
            "miri",
        ]));
        if !has_miri() {
            println!("miri: not available");
            return Ok(());
        }
    }
    let mut command = shell::cargo([
        "+nightly",
        "miri",
        "test",
        "--package",
        "whit-spec-tests",
        "--test",
        "subset",
        // Miri interprets the handlers whatever the profile says, and tail calls would grow its stack.
        "--features",
        "whit-core/force-loop-engine",
    ]);
    if arguments.iter().any(|word| word == "big-endian") {
        command.args(["--target", "s390x-unknown-linux-gnu"]);
    }
    // The scripts are read from disk. Integers become pointers in frame headers, which hold return addresses and instances.
    command.env("MIRIFLAGS", "-Zmiri-disable-isolation");
    shell::run(&mut command)
}
