//! The project's chores that are more than one command: `cargo xtask NAME`.
//!
//! Each is one file with a `run` function. A chore prints what it does and what it finds, says by name what it cannot do on this machine
//! (a missing target is not a pass), and fails with one line. `.ci/run` is a list of them.

#![forbid(unsafe_code)]

mod asm;
mod chains;
mod dispatches;
mod dist;
mod examples;
mod firmware;
mod fuzz;
mod languages;
mod miri;
mod powerset;
mod shell;
mod targets;

use std::process::ExitCode;

/// What can go wrong with a chore, for a person.
type Outcome = Result<(), String>;

/// Name, what it does, and the function.
type Chore = (&'static str, &'static str, fn(&[String]) -> Outcome);

const CHORES: &[Chore] = &[
    (
        "asm",
        "disassemble the handlers of what `dist` builds: dispatch is jumps, and hot handlers use no stack",
        asm::run,
    ),
    ("chains", "choose COUNT chains by what programs have run: FILE[=WEIGHT]… of `op_profile … places`", chains::run),
    ("dispatches", "count the ops that each kernel runs: as many as were accepted", dispatches::run),
    ("dist", "build `whit` as it is handed out, and look at its size", dist::run),
    ("embedded-check", "check whit-core for both microcontroller targets with each feature set", firmware::check),
    ("examples", "run every example and compare nothing but its exit status", examples::run),
    ("firmware", "build, run and measure the bare-metal programs in QEMU; BOARD… chooses some", firmware::run),
    ("fuzz", "fuzz every target for SECONDS (default 60) and require executions enough of each", fuzz::run),
    (
        "languages",
        "build the guests in Python and JavaScript; or those named of rust, c, python, javascript",
        languages::run,
    ),
    ("miri", "run the listed scripts on the loop engine under Miri; `big-endian` runs them as s390x", miri::run),
    ("powerset", "check whit-core without features, with each, without each, and with all", powerset::run),
    ("targets", "check the libraries for the other platforms", targets::run),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let Some((_, _, chore)) = CHORES.iter().find(|(known, _, _)| *known == name) else {
        eprintln!("usage: cargo xtask CHORE");
        for (name, meaning, _) in CHORES {
            eprintln!("  {name:<14} {meaning}");
        }
        return ExitCode::FAILURE;
    };
    match chore(&rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask {name}: {why}");
            ExitCode::FAILURE
        }
    }
}
