//! `whit wast`: scripts → their verdicts, and the totals as the last line.

use std::fs;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;

use whit_core::CompilationMode;
use whit_spec_tests::expectations::Expectations;
use whit_spec_tests::report::Totals;
use whit_spec_tests::runner::{self, Options};

use crate::args::Wast;
use crate::print;
use crate::report::{Failure, said};

/// Runs the scripts. Success is that everything ran and nothing failed.
pub fn run(asked: &Wast) -> Result<ExitCode, Failure> {
    let settings = asked.wasm.resolve();
    let options = Options {
        execution: settings.engine,
        mode: settings.mode.unwrap_or(CompilationMode::Lazy),
        fuel: settings.fuel,
        max_wasm_stack: settings.max_wasm_stack,
        overrides: settings.features,
        ..Options::default()
    };
    let expectations = match &asked.expectations {
        None => Expectations::checked_in(),
        Some(file) => {
            let text =
                fs::read_to_string(file).map_err(|e| Failure::new(format!("{}: {}", file.display(), said(&e))))?;
            Expectations::parse(&text).map_err(|e| Failure::new(format!("{}: {e}", file.display())))?
        }
    };
    let scripts = runner::find_scripts(&asked.paths).map_err(Failure::new)?;
    if scripts.is_empty() {
        return Err(Failure::new("there are no scripts (.wast) in these folders"));
    }
    let jobs = asked.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, usize::from);

    let mut totals = Totals::default();
    let unwritten = Mutex::new(None);
    runner::run_all(
        &scripts,
        jobs,
        |script| runner::run_file(script, &options, &expectations),
        |report| {
            totals.add(&report);
            let text = if asked.json { format!("{}\n", report.to_json()) } else { report.to_string() };
            if let (Err(failure), Ok(mut unwritten)) = (print(&text), unwritten.lock()) {
                unwritten.get_or_insert(failure);
            }
        },
    );
    if let Ok(Some(failure)) = unwritten.into_inner() {
        return Err(failure);
    }
    if asked.json {
        // Standard output is JSON to its last line.
        eprintln!("{totals}");
    } else {
        if totals.counts.text > 0 {
            print(&format!("{} of the passed are about text, which the text parser answered\n", totals.counts.text))?;
        }
        print(&format!("{totals}\n"))?;
    }
    Ok(if totals.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
