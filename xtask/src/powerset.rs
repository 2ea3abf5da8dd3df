//! Every subset of `whit-core`'s features compiles: none leans on another without saying so.

use crate::{Outcome, shell};

/// The features that change what is compiled; the two that force an engine contradict each other and are left out.
const FEATURES: [&str; 5] = ["std", "simd", "gc", "threads", "checked"];

pub fn run(_: &[String]) -> Outcome {
    for subset in 0..1_u32 << FEATURES.len() {
        let chosen: Vec<&str> =
            FEATURES.iter().enumerate().filter(|(bit, _)| subset & 1 << bit != 0).map(|(_, name)| *name).collect();
        let features = chosen.join(",");
        shell::run(&mut shell::cargo([
            "check",
            "--quiet",
            "--package",
            "whit-core",
            "--no-default-features",
            "--features",
            &features,
        ]))?;
    }
    println!("{} feature sets", 1_u32 << FEATURES.len());
    Ok(())
}
