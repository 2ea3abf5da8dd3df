//! A smoke run of every fuzz target, with its number of executions.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::{Outcome, shell};

/// Fewer executions than this in a run say that the target is broken, not that the code is good.
const FLOOR: u64 = 10_000;

pub fn run(arguments: &[String]) -> Outcome {
    let seconds: u64 = match arguments.first() {
        None => 60,
        Some(word) => word.parse().map_err(|_| format!("`{word}` is not a number of seconds"))?,
    };
    let folder = shell::top().join("fuzz").join("fuzz_targets");
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("fuzz: no targets in {}", folder.display());
        return Ok(());
    };
    if !shell::succeeds(&mut shell::cargo(["fuzz", "--version"])) {
        shell::run(&mut shell::cargo(["install", "--locked", "--quiet", "cargo-fuzz"]))?;
    }
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    for name in names {
        let executions = fuzz(&name, seconds)?;
        println!("fuzz {name}: {executions} executions in {seconds} s");
        if executions < FLOOR {
            return Err(format!("{name}: {executions} executions, fewer than {FLOOR}"));
        }
    }
    Ok(())
}

/// Runs one target and returns its number of executions.
fn fuzz(name: &str, seconds: u64) -> Result<u64, String> {
    let time = format!("-max_total_time={seconds}");
    // Without a sanitizer the stable compiler will do; it must only be told that this is meant.
    let mut command = shell::cargo(["fuzz", "run", "-s", "none", name, "--", &time, "-print_final_stats=1"]);
    let output = watch(command.env("RUSTC_BOOTSTRAP", "1").stderr(Stdio::piped()))?;
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
    let tail = lines.len().saturating_sub(40);
    Err(format!("failed:\n{}", lines[tail..].join("\n")))
}
