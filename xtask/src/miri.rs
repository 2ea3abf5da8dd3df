//! The loop engine under Miri: no undefined behaviour on the listed scripts and tests, and the same results on a machine whose memory lies the
//! other way round.

use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use crate::{Outcome, shell};

/// A machine whose most significant byte comes first. Miri interprets for it wherever it runs itself.
const BIG_ENDIAN: &str = "s390x-unknown-linux-gnu";

/// Fewer assertions than this in a run say that scripts were missing.
const FLOOR: usize = 500;

/// The test whose groups are run each by itself, and those that are run whole.
const SUBSET: &str = "subset";
const WHOLE: &[&str] = &["suspend", "findings"];

pub fn run(arguments: &[String]) -> Outcome {
    if !is_available() {
        println!("miri: not available");
        return Ok(());
    }
    let target = arguments.iter().any(|word| word == "big-endian").then_some(BIG_ENDIAN);
    // What is longest comes first, so that the last test to end is a short one.
    let mut jobs: Vec<(&str, Option<String>)> = WHOLE.iter().map(|test| (*test, None)).collect();
    jobs.extend(read_scripts()?.into_iter().map(|group| (SUBSET, Some(group))));

    let mut build = miri(target);
    build.arg("--no-run").args([SUBSET].iter().chain(WHOLE).flat_map(|test| ["--test", test]));
    shell::run(&mut build)?;

    let count = jobs.len();
    let queue = Mutex::new(jobs.into_iter());
    let next = || queue.lock().ok()?.next();
    let ended = Mutex::new((0, Vec::new()));
    let work = || {
        while let Some((test, group)) = next() {
            let name = group.as_deref().unwrap_or(test);
            let outcome = interpret(target, test, group.as_deref());
            let Ok(mut ended) = ended.lock() else { return };
            match outcome {
                Ok(assertions) => ended.0 += assertions,
                Err(why) => {
                    println!("{why}");
                    ended.1.push(name.to_string());
                }
            }
        }
    };
    // An interpreted program is one thread to the machine, however many it has itself.
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let (assertions, failed) = ended.into_inner().map_err(|e| e.to_string())?;
    if !failed.is_empty() {
        return Err(format!("failed: {}", failed.join(", ")));
    }
    println!("miri: {count} tests, {assertions} assertions of the specification's scripts, nothing undefined");
    if assertions < FLOOR { Err(format!("fewer than {FLOOR} assertions")) } else { Ok(()) }
}

/// Whether there is a Miri, after trying to install one.
fn is_available() -> bool {
    let has_miri = || shell::succeeds(&mut shell::cargo(["+nightly", "miri", "--version"]));
    has_miri() || {
        let toolchain = ["toolchain", "install", "nightly", "--profile", "minimal", "-c", "miri", "-c", "rust-src"];
        shell::succeeds(Command::new("rustup").args(toolchain)) && has_miri()
    }
}

/// Runs the subset as it is, which leaves its scripts as data: Miri takes longer to read text than to run what it says. Gives the groups.
fn read_scripts() -> Result<Vec<String>, String> {
    fs::create_dir_all(folder()).map_err(|e| format!("{}: {e}", folder().display()))?;
    // Not by package: with the features of the whole workspace, what `cargo test` has built is up to date.
    let subset = || {
        let mut command = shell::cargo(["test", "--quiet", "--test", SUBSET, "--"]);
        command.env(FOLDER, folder());
        command
    };
    shell::run(&mut subset())?;
    let list = subset().args(["--list", "--format", "terse"]).output().map_err(|e| e.to_string())?;
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    Ok(list.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_string).collect())
}

/// The variable by which the subset knows where its scripts are kept, and the place.
const FOLDER: &str = "WHIT_SUBSET";

fn folder() -> std::path::PathBuf {
    shell::target_dir().join("subset")
}

/// `cargo miri test`, still without the tests.
fn miri(target: Option<&str>) -> Command {
    let mut command = shell::cargo([
        "+nightly",
        "miri",
        "test",
        "--quiet",
        // Both for every test, so that the engine is built once for all of them.
        "--package",
        "whit-core",
        "--package",
        "whit-spec-tests",
        // Miri interprets the handlers whatever the profile says, and tail calls would grow its stack.
        "--features",
        "whit-core/force-loop-engine",
    ]);
    command.args(target.iter().flat_map(|target| ["--target", target]));
    // The scripts are read from disk. Integers become pointers in frame headers, which hold return addresses and instances.
    let mut flags = "-Zmiri-disable-isolation -Zmiri-permissive-provenance".to_string();
    // What may point where does not hang on the order of bytes: that is asked of this machine's own order, and takes most of the time.
    if target.is_some() {
        flags += " -Zmiri-disable-stacked-borrows -Zmiri-disable-validation";
    }
    command.env("MIRIFLAGS", flags).env(FOLDER, folder());
    command
}

/// Runs a test, or one group of it, says what it came to, and gives how many assertions held.
fn interpret(target: Option<&str>, test: &str, group: Option<&str>) -> Result<usize, String> {
    let started = Instant::now();
    let mut command = miri(target);
    command.args(["--test", test, "--"]);
    if let Some(group) = group {
        command.args(["--exact", group]);
    }
    let output = command.output().map_err(|e| e.to_string())?;
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(format!("{text}{test} {}: {}", group.unwrap_or_default(), output.status));
    }
    let totals = text.lines().find(|line| line.contains(": files "));
    println!("{} ({} s)", totals.unwrap_or(test), started.elapsed().as_secs());
    let passed = totals.and_then(|line| line.split(", passed ").nth(1)?.split(',').next()?.parse().ok());
    Ok(passed.unwrap_or(0))
}
