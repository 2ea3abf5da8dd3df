//! How soon can a module be called? Engine, loading, instantiation with stub imports, and looking one export up.

use anyhow::{Result, ensure};

use super::{Selection, baseline_column, contest, find, name_of, row_of_means, row_of_times};
use crate::guests::{self, Program};
use crate::measure::{Effort, timed};
use crate::peers::{Runtime, for_startup};
use crate::table::Table;

/// The hidden verb of a child that starts one program on one runtime.
pub const TRIAL: &str = "trial-startup";

/// Prints start-up times of all programs × runtimes and modes in milliseconds.
pub fn table(selection: &Selection) -> Result<Table> {
    let entries = selection.runtimes(for_startup());
    let baseline = baseline_column(&entries);
    let head = std::iter::once("program".to_string()).chain(entries.iter().map(|entry| name_of(entry).to_string()));
    let mut table = Table::new("Start-up: milliseconds (ratio to wasmi lazy), least of the rounds", head);
    let programs = guests::programs()?;
    let mut rows = Vec::new();
    for program in programs.iter().filter(|program| selection.wants_guest(&program.name)) {
        eprintln!("{} …", program.name);
        let outcomes = contest(selection.effort(Effort::SHORT), &entries, &[TRIAL, &program.name], |runtime| {
            Ok(Box::new(move || start(runtime, program)))
        });
        let label = format!("{} ({} KB)", program.name, program.wasm.len() / 1000);
        row_of_times(&mut table, label, &outcomes, baseline);
        rows.push(outcomes);
    }
    row_of_means(&mut table, &rows, entries.len(), baseline);
    Ok(table)
}

/// The child's part of the table: one start.
pub fn trial(program: &str, runtime: &str) -> Result<()> {
    start(&*find(for_startup(), runtime)?, &guests::program(program)?).map(|_| ())
}

fn start(runtime: &dyn Runtime, program: &Program) -> Result<std::time::Duration> {
    // What was built is dropped by the caller, after the clock has stopped.
    let (time, (instance, found)) = timed(|| {
        let mut instance = runtime.instantiate(&program.wasm, &program.imports)?;
        let found = instance.has_function(&program.export);
        Ok((instance, found))
    })?;
    drop(instance);
    ensure!(found, "export `{}` not found", program.export);
    Ok(time)
}
