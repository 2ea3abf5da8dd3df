//! The component model's own scripts, where `../shared` has them; else those in the crate `wasm-tools`.

use std::path::{Path, PathBuf};

use whit_spec_tests::expectations::Expectations;
use whit_spec_tests::runner::{self, Options};

/// The scripts of the synchronous half of the component model.
fn scripts() -> Option<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/component-model-tests/current");
    let scripts = runner::find_scripts(&[folder]).ok()?;
    Some(scripts.into_iter().filter(|script| !script.iter().any(|folder| folder == "async")).collect())
}

#[test]
fn every_synchronous_script_about_components_holds() {
    let Some(scripts) = scripts() else {
        println!("ABSENT: ../shared/component-model-tests");
        return;
    };
    let expectations = Expectations::checked_in();
    let mut assertions = 0;
    let mut failures = Vec::new();
    for script in &scripts {
        let report = runner::run_file(script, &Options::default(), &expectations);
        assertions += report.counts.passed;
        let name = script.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for note in report.failures.iter().chain(&report.skips) {
            failures.push(format!("{name}:{}: {}", note.line.unwrap_or(0), note.message));
        }
    }
    println!("{} files, {assertions} assertions passed, {} failed", scripts.len(), failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(scripts.len(), 29);
}
