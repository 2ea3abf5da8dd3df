//! The feature sets of `whit-core` compile: no feature leans on another without saying so.
//!
//! Not the whole power set, whose 64 members take minutes and find what these find: none, each alone, all but one, all.

use crate::{Outcome, shell};

/// The features that change what is compiled; the two that force an engine contradict each other and are left out.
const FEATURES: [&str; 7] = ["std", "specialized-ops", "simd", "gc", "threads", "paged", "checked"];

pub fn run(_: &[String]) -> Outcome {
    let without = |left_out: &str| FEATURES.into_iter().filter(|name| *name != left_out).collect::<Vec<_>>().join(",");
    let mut sets = vec![String::new(), FEATURES.join(",")];
    sets.extend(FEATURES.map(str::to_owned));
    sets.extend(FEATURES.map(without));
    for features in &sets {
        let words = ["check", "--quiet", "--package", "whit-core", "--no-default-features", "--features", features];
        shell::run(&mut shell::cargo(words))?;
    }
    println!("{} feature sets", sets.len());
    Ok(())
}
