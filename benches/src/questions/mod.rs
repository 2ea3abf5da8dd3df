//! One file per question; each prints one table.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::measure::{Attempt, Effort, Outcome, guarded, interleaved};
use crate::peers::{BASELINE, Entry, Runtime};
use crate::table::{Table, milliseconds};
use crate::trial::in_child;

pub mod calls;
pub mod code;
pub mod components;
pub mod compute;
pub mod footprint;
pub mod startup;

/// What to measure, and how long.
pub struct Selection {
    /// Guests by name; empty means all.
    pub guests: Vec<String>,
    /// Runtimes by name; empty means all.
    pub runtimes: Vec<String>,
    /// Rounds, if not the question's own choice.
    pub rounds: Option<u32>,
    /// Small arguments and one round: results are checked, times mean nothing.
    pub check: bool,
}

impl Selection {
    fn wants_guest(&self, name: &str) -> bool {
        self.guests.is_empty() || self.guests.iter().any(|guest| guest == name)
    }

    fn runtimes(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let wanted = |name: &str| self.runtimes.is_empty() || self.runtimes.iter().any(|runtime| runtime == name);
        entries.into_iter().filter(|entry| wanted(name_of(entry))).collect()
    }

    /// What to spend, where the question itself would spend `usual`.
    fn effort(&self, usual: Effort) -> Effort {
        match self.rounds {
            _ if self.check => Effort::CHECK,
            Some(rounds) => Effort { rounds, ..usual },
            None => usual,
        }
    }
}

fn name_of(entry: &Entry) -> &'static str {
    match entry {
        Ok(runtime) => runtime.name(),
        Err(absent) => absent.name,
    }
}

/// Tries every runtime in a child (`trial`: the arguments but for the runtime), lets those that survive prepare here, and
/// races them.
fn contest<'a>(
    effort: Effort,
    entries: &'a [Entry],
    trial: &[&str],
    mut prepare: impl FnMut(&'a dyn Runtime) -> Result<Attempt<'a>>,
) -> Vec<Outcome> {
    let contenders = entries.iter().map(|entry| match entry {
        Ok(runtime) => {
            in_child(&[trial, &[runtime.name()]].concat())?;
            guarded(|| prepare(&**runtime))
        }
        Err(absent) => Err(absent.reason.to_string()),
    });
    let outcomes = interleaved(effort, contenders.collect());
    let named = |(entry, outcome): (&Entry, Outcome)| outcome.map_err(|reason| format!("{}: {reason}", name_of(entry)));
    entries.iter().zip(outcomes).map(named).collect()
}

/// The runtime of that name in `entries`, if this build has it.
fn find(entries: Vec<Entry>, name: &str) -> Result<Box<dyn Runtime>> {
    let runtime = entries.into_iter().flatten().find(|runtime| runtime.name() == name);
    runtime.with_context(|| format!("no runtime `{name}` in this build"))
}

/// The column that ratios are taken against: a runtime whose name begins with the baseline's.
fn baseline_column(entries: &[Entry]) -> Option<usize> {
    entries.iter().position(|entry| name_of(entry).starts_with(BASELINE) && entry.is_ok())
}

/// Adds a row of times, each with its ratio to the baseline.
fn row_of_times(table: &mut Table, label: String, outcomes: &[Outcome], baseline: Option<usize>) {
    let base: Option<Duration> = baseline.and_then(|column| outcomes[column].as_ref().ok().copied());
    let mut cells = vec![label];
    for outcome in outcomes {
        cells.push(match (outcome, base) {
            (Ok(time), Some(base)) => {
                format!("{} ×{:.2}", milliseconds(*time), time.as_secs_f64() / base.as_secs_f64())
            }
            (Ok(time), None) => milliseconds(*time),
            (Err(reason), _) => table.absent(reason),
        });
    }
    table.row(cells);
}

/// The last row: geometric means against the baseline, with the number of rows behind each.
fn row_of_means(table: &mut Table, rows: &[Vec<Outcome>], columns: usize, baseline: Option<usize>) {
    let Some(baseline) = baseline else { return };
    let base: Vec<&Outcome> = rows.iter().map(|row| &row[baseline]).collect();
    let mut cells = vec![format!("geomean to {BASELINE} (rows)")];
    for column in 0..columns {
        let times: Vec<&Outcome> = rows.iter().map(|row| &row[column]).collect();
        cells.push(match crate::measure::geometric_mean(&times, &base) {
            Some((mean, count)) => format!("×{mean:.3} ({count})"),
            None => "–".into(),
        });
    }
    table.row(cells);
}
