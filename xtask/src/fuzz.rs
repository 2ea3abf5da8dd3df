//! A run of every fuzz target, with its number of executions.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::{Outcome, shell};

/// Fewer executions than this in a run say that the target is broken, not that the code is good.
const FLOOR: u64 = 10_000;

/// The same for a target that has Wasmtime compile a whole component for each of them.
const COMPONENT_ORACLE_FLOOR: u64 = 1_000;

/// How the targets end that are built with Wasmtime; the others are built without, which takes a fraction of the time.
const ORACLE: &str = "oracle";

/// What the targets for components start from.
const COMPONENTS: &str = "component/tests/goldens";

pub fn run(arguments: &[String]) -> Outcome {
    let seconds = seconds(arguments)?;
    if !shell::succeeds(&mut shell::cargo(["fuzz", "--version"])) {
        shell::run(&mut shell::cargo(["install", "--locked", "--quiet", "--debug", "cargo-fuzz"]))?;
    }
    let mut failed = Vec::new();
    for name in targets()? {
        // A crash of one target does not keep the others from being run.
        match fuzz(&name, seconds) {
            Ok(executions) => {
                println!("fuzz {name}: {executions} executions");
                let floor = floor(&name);
                if executions < floor {
                    failed.push(format!("{name}: {executions} executions, fewer than {floor}"));
                }
            }
            Err(why) => {
                println!("fuzz {name}: {why}");
                failed.push(format!("{name} failed"));
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) }
}

/// How long each target runs: `SECONDS` or `--seconds SECONDS`.
fn seconds(arguments: &[String]) -> Result<u64, String> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).filter(|word| *word != "--seconds").collect();
    match words[..] {
        [] => Ok(60),
        [word] => word.parse().map_err(|_| format!("`{word}` is not a number of seconds")),
        _ => Err("usage: cargo xtask fuzz [--seconds] [SECONDS]".to_string()),
    }
}

/// How many executions of a target are enough.
fn floor(name: &str) -> u64 {
    if name == "component_oracle" { COMPONENT_ORACLE_FLOOR } else { FLOOR }
}

/// The targets, by name.
fn targets() -> Result<Vec<String>, String> {
    let folder = shell::top().join("fuzz").join("fuzz_targets");
    let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    Ok(names)
}

/// Runs one target and returns its number of executions. What it learns stays in `fuzz/corpus`; what it starts from is
/// `fuzz/seeds`, or [`COMPONENTS`].
fn fuzz(name: &str, seconds: u64) -> Result<u64, String> {
    let folder = shell::top().join("fuzz");
    let corpus = folder.join("corpus").join(name);
    fs::create_dir_all(&corpus).map_err(|e| format!("{}: {e}", corpus.display()))?;
    // `-O`: without debug assertions, which the tail engine cannot be compiled with. `-s none`: without a sanitizer the stable compiler will do,
    // if it is told that this is meant.
    let mut command = shell::cargo(["fuzz", "run", "-O", "-s", "none"]);
    if !name.ends_with(ORACLE) {
        command.arg("--no-default-features");
    }
    let seeds = if name.starts_with("component") { shell::top().join(COMPONENTS) } else { folder.join("seeds") };
    command.arg(name).arg(&corpus).arg(seeds);
    // An input that takes ten seconds is a finding, and so is one that takes 2 GB.
    command.args(["--", "-timeout=10", "-max_len=4096", "-print_final_stats=1"]);
    match std::env::var_os("CI") {
        // The same inputs each time: a change fails for what it did, not for what a new roll of the dice found, nor for what else the
        // machine does meanwhile. Exploring is done by hand.
        Some(_) => {
            let patience = format!("-max_total_time={}", 4 * seconds);
            command.args(["-seed=1", &format!("-runs={}", floor(name) * 6 / 5), &patience])
        }
        None => command.arg(format!("-max_total_time={seconds}")),
    };
    // In the folder, for its Cargo configuration.
    command.current_dir(&folder).env("RUSTC_BOOTSTRAP", "1").stderr(Stdio::piped());
    let output = watch(&mut command)?;
    let count = output.iter().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    count.and_then(|count| count.trim().parse().ok()).ok_or_else(|| format!("{name} printed no number of executions"))
}

/// Runs `command` and returns the lines of its standard error; a failure shows the last of them.
fn watch(command: &mut Command) -> Result<Vec<String>, String> {
    let mut child = command.spawn().map_err(|e| e.to_string())?;
    let stderr = child.stderr.take().ok_or("no standard error to read")?;
    let lines: Vec<String> = BufReader::new(stderr).lines().map_while(Result::ok).collect();
    if child.wait().is_ok_and(|status| status.success()) {
        return Ok(lines);
    }
    let tail = lines.len().saturating_sub(60);
    Err(format!("failed:\n{}", lines[tail..].join("\n")))
}
