//! The feature sets of `whit-core` compile: no feature leans on another without saying so.
//!
//! Not the whole power set, whose 64 members take minutes and find what these find: none, each alone, all but one, all.

use std::thread;

use crate::{Outcome, shell};

/// The features that change what is compiled; the two that force an engine contradict each other and are left out.
const FEATURES: [&str; 7] = ["std", "specialized-ops", "simd", "gc", "threads", "paged", "checked"];

pub fn run(_: &[String]) -> Outcome {
    let without = |left_out: &str| FEATURES.into_iter().filter(|name| *name != left_out).collect::<Vec<_>>().join(",");
    let mut sets = vec![String::new(), FEATURES.join(",")];
    sets.extend(FEATURES.map(str::to_owned));
    sets.extend(FEATURES.map(without));
    // A check of one crate keeps one processor busy, and Cargo runs one command at a time in a folder.
    let lanes = thread::available_parallelism().map_or(1, usize::from);
    let check = |lane: usize| {
        let folder = shell::target_dir().join(format!("powerset-{lane}"));
        sets.iter().skip(lane).step_by(lanes).try_for_each(|features| {
            let words = ["check", "--quiet", "--package", "whit-core", "--no-default-features", "--features", features];
            shell::run(shell::cargo(words).env("CARGO_TARGET_DIR", &folder))
        })
    };
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes).map(|lane| scope.spawn(move || check(lane))).collect();
        lanes.into_iter().try_for_each(|lane| lane.join().unwrap_or_else(|_| Err("a check panicked".into())))
    })?;
    println!("{} feature sets", sets.len());
    Ok(())
}
