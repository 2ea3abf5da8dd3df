//! How fast is translated code? The kernels and CoreMark on every runtime.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use anyhow::{Context, Result, ensure};

use super::{Selection, baseline_column, contest, find, name_of, row_of_means, row_of_times};
use crate::guests::{self, Kernel};
use crate::measure::{Attempt, Effort, Outcome, guarded, timed};
use crate::peers::{Clock, Entry, Host, Import, Instance, NumType, Runtime, for_execution};
use crate::table::Table;

/// The hidden verb of a child that tries one guest on one runtime.
pub const TRIAL: &str = "trial";

const COREMARK: &str = "coremark";
const NO_COREMARK: &str = "../shared/bench/coremark.wasm is not here";

/// What CoreMark answers under [`coremark_clock`]: iterations of its last run by the seconds it believes they took.
const COREMARK_SCORE: f32 = 20.0;

/// Prints times of all kernels × runtimes in milliseconds, and the geometric mean of each runtime against wasmi.
pub fn table(selection: &Selection) -> Result<Table> {
    let entries = selection.runtimes(for_execution());
    let baseline = baseline_column(&entries);
    let head = std::iter::once("kernel".to_string()).chain(entries.iter().map(|entry| name_of(entry).to_string()));
    let mut table = Table::new("Execution: milliseconds (ratio to wasmi), least of the rounds", head);
    let mut rows = Vec::new();
    for kernel in guests::kernels()? {
        if selection.wants_guest(&kernel.name) {
            eprintln!("{} …", kernel.name);
            let outcomes = time_kernel(selection, &entries, &kernel);
            row_of_times(&mut table, kernel.name, &outcomes, baseline);
            rows.push(outcomes);
        }
    }
    if selection.wants_guest(COREMARK) {
        eprintln!("{COREMARK} …");
        let outcomes = match guests::coremark()? {
            Some(wasm) => contest(selection.effort(Effort::LONG), &entries, &[TRIAL, COREMARK], |runtime| {
                prepare_coremark(runtime, &wasm)
            }),
            None => entries.iter().map(|_| Err(NO_COREMARK.into())).collect(),
        };
        row_of_times(&mut table, COREMARK.into(), &outcomes, baseline);
        rows.push(outcomes);
    }
    row_of_means(&mut table, &rows, entries.len(), baseline);
    Ok(table)
}

fn time_kernel(selection: &Selection, entries: &[Entry], kernel: &Kernel) -> Vec<Outcome> {
    contest(selection.effort(Effort::LONG), entries, &[TRIAL, &kernel.name], |runtime| {
        let mut instance = prepare_kernel(runtime, kernel)?;
        let (argument, expected) = if selection.check { kernel.small } else { kernel.full };
        Ok(Box::new(move || {
            let (time, result) = timed(|| instance.run("run", argument))?;
            ensure!(result == expected, "wrong result {result}, not {expected}");
            Ok(time)
        }))
    })
}

/// Compiles what is compiled lazily; and runs twice, because a kernel must start afresh at every call.
fn prepare_kernel(runtime: &dyn Runtime, kernel: &Kernel) -> Result<Box<dyn Instance>> {
    let mut instance = runtime.instantiate(&kernel.wasm, &[])?;
    run_checked(&mut *instance, kernel.small)?;
    run_checked(&mut *instance, kernel.small)?;
    Ok(instance)
}

/// The child's part of the table: one small run of a kernel, or one of CoreMark.
pub fn trial(guest: &str, runtime: &str) -> Result<()> {
    let runtime = find(for_execution(), runtime)?;
    if guest == COREMARK {
        let wasm = guests::coremark()?.context(NO_COREMARK)?;
        return prepare_coremark(&*runtime, &wasm).and_then(|mut attempt| attempt().map(|_| ()));
    }
    let kernel = guests::kernels()?.into_iter().find(|kernel| kernel.name == guest).context("no such kernel")?;
    prepare_kernel(&*runtime, &kernel).map(|_| ())
}

/// Calls `run` and compares its checksum.
pub fn run_checked(instance: &mut dyn Instance, (argument, expected): (i32, i64)) -> Result<()> {
    let result = instance.run("run", argument)?;
    ensure!(result == expected, "wrong result {result}, not {expected}");
    Ok(())
}

/// CoreMark looks for an iteration count that takes a second, then for one that takes ten. This clock leads it to
/// 10 + 100 + 200 iterations on every machine, so that the time of a call can be compared.
fn coremark_clock() -> Arc<Clock> {
    Arc::new(Clock::Scripted { answers: vec![0, 500, 1000, 11_000, 12_000, 22_000], given: AtomicU32::new(0) })
}

fn clock_import(clock: &Arc<Clock>) -> Import {
    Import {
        module: "env".into(),
        name: "clock_ms".into(),
        params: vec![],
        results: vec![NumType::I32],
        host: Host::Clock(clock.clone()),
    }
}

fn prepare_coremark(runtime: &dyn Runtime, wasm: &[u8]) -> Result<Attempt<'static>> {
    let clock = coremark_clock();
    let mut instance = runtime.instantiate(wasm, &[clock_import(&clock)])?;
    Ok(Box::new(move || {
        clock.rewind();
        let (time, score) = timed(|| instance.score("run"))?;
        ensure!(score == COREMARK_SCORE, "wrong score {score}, not {COREMARK_SCORE}");
        Ok(time)
    }))
}

/// Prints CoreMark's own score by the real clock: iterations a second, more is better. About 20 seconds a runtime.
pub fn coremark_scores(selection: &Selection) -> Result<Table> {
    let wasm = guests::coremark()?.context(NO_COREMARK)?;
    let mut table = Table::new("CoreMark: iterations a second", ["runtime", "score"].map(String::from));
    for entry in selection.runtimes(for_execution()) {
        let name = name_of(&entry);
        eprintln!("{name} …");
        let score = match &entry {
            Ok(runtime) => guarded(|| {
                let clock = Arc::new(Clock::Real(std::time::Instant::now()));
                runtime.instantiate(&wasm, &[clock_import(&clock)])?.score("run")
            }),
            Err(absent) => Err(absent.reason.to_string()),
        };
        let cell = match score {
            Ok(score) => format!("{score:.0}"),
            Err(reason) => table.absent(&format!("{name}: {reason}")),
        };
        table.row(vec![name.into(), cell]);
    }
    Ok(table)
}
