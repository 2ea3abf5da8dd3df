//! The libraries compile for the other platforms.

use crate::{Outcome, shell};

/// What is checked, and for which platforms: by one command, so that none waits for the other.
struct Check {
    arguments: &'static [&'static str],
    targets: &'static [&'static str],
}

const BOARDS: &[&str] = &["thumbv7em-none-eabihf", "riscv32imac-unknown-none-elf"];
const DESKTOPS: &[&str] = &["x86_64-pc-windows-gnu", "aarch64-apple-darwin", "aarch64-unknown-linux-gnu"];

const CHECKS: &[Check] = &[
    Check { targets: BOARDS, arguments: &["--package", "whit-core", "--no-default-features"] },
    Check {
        targets: BOARDS,
        arguments: &[
            "--package",
            "whit-core",
            "--no-default-features",
            "--features",
            "specialized-ops,simd,gc,threads",
        ],
    },
    Check {
        targets: &["wasm32-unknown-unknown"],
        arguments: &["--package", "whit-core", "--package", "whit-component"],
    },
    // The command line and with it all libraries. What is compiled from C, TLS, needs a compiler for the platform, which is not here.
    Check { targets: DESKTOPS, arguments: &["--package", "whit-cli", "--no-default-features"] },
];

pub fn run(_: &[String]) -> Outcome {
    let mut absent = Vec::new();
    for Check { arguments, targets } in CHECKS {
        let (present, missing): (Vec<&str>, Vec<&str>) = targets.iter().partition(|target| shell::has_target(target));
        absent.extend(missing);
        if present.is_empty() {
            continue;
        }
        let targets = present.into_iter().flat_map(|target| ["--target", target]);
        shell::run(shell::cargo(["check", "--quiet"]).args(targets).args(*arguments))?;
    }
    absent.sort_unstable();
    absent.dedup();
    for target in absent {
        println!("{target}: not available (no standard library for it here)");
    }
    Ok(())
}
