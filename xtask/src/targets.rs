//! The libraries compile for the other platforms.

use crate::{Outcome, shell};

/// A platform, and what is checked for it.
struct Platform {
    target: &'static str,
    arguments: &'static [&'static str],
}

const NO_STD: &[&str] = &["--package", "whit-core", "--no-default-features"];
const NO_STD_FULL: &[&str] =
    &["--package", "whit-core", "--no-default-features", "--features", "specialized-ops,simd,gc,threads"];
const LIBRARIES: &[&str] = &["--package", "whit-core", "--package", "whit-component"];
/// What is compiled from C, TLS, needs a compiler for the platform, which is not here.
const ALL: &[&str] = &["--workspace", "--exclude", "whit-benches", "--exclude", "xtask", "--exclude", "whit-cli"];
const CLI: &[&str] = &["--package", "whit-cli", "--no-default-features"];

const PLATFORMS: &[Platform] = &[
    Platform { target: "thumbv7em-none-eabihf", arguments: NO_STD },
    Platform { target: "thumbv7em-none-eabihf", arguments: NO_STD_FULL },
    Platform { target: "riscv32imac-unknown-none-elf", arguments: NO_STD },
    Platform { target: "riscv32imac-unknown-none-elf", arguments: NO_STD_FULL },
    Platform { target: "wasm32-unknown-unknown", arguments: LIBRARIES },
    Platform { target: "x86_64-pc-windows-gnu", arguments: ALL },
    Platform { target: "x86_64-pc-windows-gnu", arguments: CLI },
    Platform { target: "aarch64-apple-darwin", arguments: ALL },
    Platform { target: "aarch64-apple-darwin", arguments: CLI },
    Platform { target: "aarch64-unknown-linux-gnu", arguments: ALL },
    Platform { target: "aarch64-unknown-linux-gnu", arguments: CLI },
];

pub fn run(_: &[String]) -> Outcome {
    let mut absent = Vec::new();
    for Platform { target, arguments } in PLATFORMS {
        if !shell::has_target(target) {
            absent.push(*target);
            continue;
        }
        let words = ["check", "--quiet", "--target", target];
        shell::run(&mut shell::cargo(words.into_iter().chain(arguments.iter().copied())))?;
    }
    absent.dedup();
    for target in absent {
        println!("{target}: not available (no standard library for it here)");
    }
    Ok(())
}
