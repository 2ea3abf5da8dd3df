//! A part of the core suite that is small enough for Miri, in groups that together touch every kind of instruction that handles memory.
//!
//! Reading a script's text takes Miri longer than running it. So an ordinary run leaves what it has read in the folder that
//! `WHIT_SUBSET` names, and a run under Miri begins there: `cargo xtask miri` does the one after the other.

mod common;

use std::fs;
use std::path::Path;

use whit_core::{CompilationMode, ExecutionEngine};
use whit_spec_tests::expectations::Expectations;
use whit_spec_tests::features::Features;
use whit_spec_tests::report::{Note, Totals};
use whit_spec_tests::runner::{self, Options};
use whit_spec_tests::script::Script;

/// A test for each group, because tests are what can run side by side; and the sum of what they must come to.
macro_rules! groups {
    ($($(#[doc = $doc:literal])+ $group:ident = $assertions:literal in [$($script:literal),+];)+) => {
        $($(#[doc = $doc])+ #[test] fn $group() { run(stringify!($group), &[$($script),+], $assertions); })+

        const _: () = assert!(0 $(+ $assertions)+ >= 500, "a subset this small says little");
    };
}

groups! {
    /// Branches, also by table, and jumps that leave the operands of others behind.
    control = 76 in ["switch.wast", "unwind.wast"];
    /// Loads and stores of every width, and memories that grow and move.
    memory = 115 in ["endianness.wast", "memory_grow.wast"];
    /// What handles many bytes or elements at once, in memories and tables.
    bulk = 87 in ["bulk.wast", "memory_copy0.wast"];
    /// Tables that grow, and hold functions and values of the host.
    tables = 130 in ["table_grow.wast", "table_fill.wast", "table_size.wast"];
    /// Calls through tables and of host functions.
    calls = 43 in ["func_ptrs.wast", "start.wast"];
    /// Instances that call each other, and share memories and tables.
    instances = 31 in ["linking0.wast", "linking1.wast", "linking2.wast", "linking3.wast"];
    /// Exceptions that cross frames, with and without values.
    exceptions = 86 in ["throw.wast", "throw_ref.wast", "try_table.wast"];
    /// Objects, collections and casts.
    gc = 98 in ["struct.wast", "array_copy.wast", "ref_cast.wast"];
    /// Vectors, and the memory under them.
    vectors = 23 in ["simd_load32_lane.wast"];
}

/// The variable that names the folder of scripts that have been read.
const FOLDER: &str = "WHIT_SUBSET";

fn run(group: &str, scripts: &[&str], assertions: usize) {
    let options = Options { execution: ExecutionEngine::Loop, mode: CompilationMode::Lazy, ..Options::default() };
    let mut totals = Totals::default();
    for name in scripts {
        let Some((script, features)) = (if cfg!(miri) { stored(name) } else { read(name) }) else { return };
        let report = runner::run_script(Path::new(name), &script, features, &options, &Expectations::none());
        assert!(report.counts.failed == 0 && report.counts.skipped == 0, "{report}");
        totals.add(&report);
    }
    common::tell(&format!("{group}: {totals}"));
    assert!(totals.counts.passed >= assertions, "{group} had {assertions} assertions");
}

/// A script from its text, and what it asks of the engine; `None`, said by name, where there is no suite.
fn read(name: &str) -> Option<(Script, Features)> {
    let path = common::core_script(name)?;
    let read = runner::read(&path).unwrap_or_else(|Note { line, message }| panic!("{name}:{line:?}: {message}"));
    if let Some(folder) = std::env::var_os(FOLDER) {
        let file = Path::new(&folder).join(name.replace('/', "-"));
        let json = serde_json::to_vec(&read).expect("a script is data");
        fs::write(&file, json).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    }
    Some(read)
}

/// What an ordinary run has read; `None`, said by name, where it has read nothing.
fn stored(name: &str) -> Option<(Script, Features)> {
    let Some(folder) = std::env::var_os(FOLDER) else {
        common::absent(&format!("{FOLDER}: {name} has not been read; `cargo xtask miri` does it"));
        return None;
    };
    let file = Path::new(&folder).join(name.replace('/', "-"));
    match fs::read(&file) {
        Ok(json) => Some(serde_json::from_slice(&json).expect("an ordinary run has written it")),
        Err(e) => {
            common::absent(&format!("{}: {e}", file.display()));
            None
        }
    }
}
