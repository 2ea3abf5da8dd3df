//! The component model's own scripts, where `../shared` has them; else those in the crate `wasm-tools`.

mod common;

use std::path::PathBuf;

use whit_spec_tests::expectations::Expectations;
use whit_spec_tests::report::Totals;
use whit_spec_tests::runner::{self, Options};

/// The folder of the scripts.
fn folder() -> Option<PathBuf> {
    let shared = common::shared("component-model-tests").map(|folder| folder.join("current"));
    shared
        .or_else(|| Some(common::data_crate("wasm-tools")?.join("tests/component-model/test")))
        .filter(|folder| folder.is_dir())
}

#[test]
fn every_script_about_components_holds_or_is_listed_as_waiting() {
    let Some(folder) = folder() else {
        common::absent("component-model-tests: no script about components is run");
        return;
    };
    let scripts = runner::find_scripts(&[folder]).expect("the folder can be read");
    let asynchronous = |path: &PathBuf| path.iter().any(|folder| folder == "async");
    let expectations = Expectations::checked_in();
    let (mut now, mut later) = (Totals::default(), Totals::default());
    let mut problems = String::new();
    for script in &scripts {
        let report = runner::run_file(script, &Options::default(), &expectations);
        let totals = if asynchronous(script) { &mut later } else { &mut now };
        totals.add(&report);
        if report.counts.failed + report.counts.skipped > 0 {
            problems.push_str(&report.to_string());
        }
    }
    common::tell(&format!("component model, synchronous: {now}"));
    common::tell(&format!("component model, asynchronous: {later}"));
    assert!(problems.is_empty(), "{problems}");
    assert_eq!((now.files, now.counts.awaiting), (29, 0));
    assert!(later.files >= later.counts.awaiting && now.counts.passed > 800, "{now}");
}
