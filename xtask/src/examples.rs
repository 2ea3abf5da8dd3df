//! Every example in the repository runs to a successful end.

use std::fs;

use crate::{Outcome, shell};

/// The packages that have examples.
const PACKAGES: &[(&str, &str)] = &[("core", "whit-core"), ("component", "whit-component"), ("wasi", "whit-wasi")];

/// Among the examples for their access to the crate, but tools: they want a feature and arguments.
const TOOLS: &[&str] = &["op_profile"];

/// Examples that show something without the default features, which takes a build of the package of its own.
const WITHOUT_FEATURES: &[&str] = &["no_std_embed"];

/// Examples that show what is behind a feature.
const WITH_FEATURES: &[(&str, &str)] = &[("greeter", "whit-component/bindgen")];

pub fn run(_: &[String]) -> Outcome {
    let mut count = 0;
    for (folder, package) in PACKAGES {
        let Ok(entries) = fs::read_dir(shell::top().join(folder).join("examples")) else { continue };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()))
            .collect();
        names.retain(|name| !TOOLS.contains(&name.as_str()));
        names.sort();
        for name in names {
            // Not by package: with the features of the whole workspace, `cargo test` has built it.
            let mut cargo = shell::cargo(["run", "--quiet", "--example", &name]);
            if WITHOUT_FEATURES.contains(&name.as_str()) {
                cargo.args(["--package", package, "--no-default-features"]);
            }
            if let Some((_, features)) = WITH_FEATURES.iter().find(|(example, _)| *example == name) {
                cargo.args(["--features", features]);
            }
            shell::run(&mut cargo)?;
            count += 1;
        }
    }
    println!("{count} examples");
    Ok(())
}
