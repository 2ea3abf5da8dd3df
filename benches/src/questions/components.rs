//! What do components cost? An instance of a loaded one, and calls that carry a string.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{Selection, row_of_times};
use crate::components::{ComponentRuntime, runtimes};
use crate::guests;
use crate::measure::{Attempt, Effort, Outcome, guarded, interleaved, timed};
use crate::table::Table;

/// Crossings in an attempt, in full and for a check.
const CROSSINGS: (u32, u32) = (100_000, 10);

const TEXT: &str = "sixteen letters!";

/// Prints the time of an instance and of each crossing.
pub fn table(selection: &Selection) -> Result<Table> {
    let wanted = |name: &str| selection.runtimes.is_empty() || selection.runtimes.iter().any(|wanted| wanted == name);
    let runtimes: Vec<_> = runtimes().into_iter().filter(|runtime| wanted(runtime.name())).collect();
    let baseline = runtimes.iter().position(|runtime| runtime.name() == "wasmtime");
    let head = ["components".to_string()].into_iter().chain(runtimes.iter().map(|runtime| runtime.name().to_string()));
    let title = "Components: milliseconds for an instance of a loaded command in a store of its own, nanoseconds for a call with a string of \
                 sixteen bytes (ratio to Wasmtime), least of the rounds";
    let mut table = Table::new(title, head);

    let command = guests::command()?;
    let outcomes = contest(selection.effort(Effort::SHORT), &runtimes, |runtime| {
        let mut loaded = runtime.load(&command)?;
        Ok(Box::new(move || Ok(timed(|| loaded.instantiate())?.0)))
    });
    row_of_times(&mut table, "instance, ms".into(), &outcomes, baseline);

    let calls = guests::component_calls()?;
    let times = if selection.check { CROSSINGS.1 } else { CROSSINGS.0 };
    for (label, export) in [("guest to host, ns", "to-host"), ("guest to guest, ns", "to-guest")] {
        let outcomes = contest(selection.effort(Effort::LONG), &runtimes, |runtime| {
            let mut loaded = runtime.load(&calls)?;
            Ok(Box::new(move || {
                let mut counter = loaded.counter(export)?;
                let (time, sum) = timed(|| counter(times))?;
                ensure!(sum == times * TEXT.len() as u32, "{sum} bytes were counted");
                Ok(time)
            }))
        });
        row_of_calls(&mut table, label, &outcomes, baseline, times);
    }
    let outcomes = contest(selection.effort(Effort::LONG), &runtimes, |runtime| {
        let mut loaded = runtime.load(&calls)?;
        Ok(Box::new(move || {
            let mut measurer = loaded.measurer("from-host")?;
            let (time, sum) = timed(|| {
                let mut sum = 0;
                for _ in 0..times {
                    sum += measurer(TEXT)?;
                }
                Ok(sum)
            })?;
            ensure!(sum == times * TEXT.len() as u32, "{sum} bytes were counted");
            Ok(time)
        }))
    });
    row_of_calls(&mut table, "host to guest, ns", &outcomes, baseline, times);
    Ok(table)
}

fn contest<'a>(
    effort: Effort,
    runtimes: &'a [Box<dyn ComponentRuntime>],
    mut prepare: impl FnMut(&'a dyn ComponentRuntime) -> Result<Attempt<'a>>,
) -> Vec<Outcome> {
    let contenders = runtimes
        .iter()
        .map(|runtime| guarded(|| prepare(&**runtime).with_context(|| format!("{} cannot prepare", runtime.name()))));
    interleaved(effort, contenders.collect())
}

/// Adds a row of nanoseconds a call.
fn row_of_calls(table: &mut Table, label: &str, outcomes: &[Outcome], baseline: Option<usize>, times: u32) {
    let nanoseconds = |time: &Duration| time.as_secs_f64() * 1e9 / f64::from(times);
    let base = baseline.and_then(|column| outcomes[column].as_ref().ok()).map(nanoseconds);
    let mut cells = vec![label.to_string()];
    for outcome in outcomes {
        cells.push(match (outcome, base) {
            (Ok(time), Some(base)) => format!("{:.1} ×{:.2}", nanoseconds(time), nanoseconds(time) / base),
            (Ok(time), None) => format!("{:.1}", nanoseconds(time)),
            (Err(reason), _) => table.absent(reason),
        });
    }
    table.row(cells);
}
