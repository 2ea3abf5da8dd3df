//! What does a call cost? Between guest functions, from guest to host and back, and from host to guest and back.

use anyhow::{Context, Result, ensure};

use super::{Selection, baseline_column, contest, find, name_of};
use crate::guests;
use crate::measure::{Effort, Outcome, timed};
use crate::peers::{Host, Import, Instance, NumType, Runtime, for_execution};
use crate::table::Table;

/// The hidden verb of a child that asks one question of one runtime.
pub const TRIAL: &str = "trial-call";

/// One way to call.
struct Question {
    label: &'static str,
    export: &'static str,
    how: How,
    /// How many calls one attempt makes, in full and for a check.
    calls: (u32, u32),
}

enum How {
    /// The guest loops: `export(n: i32) -> i64` makes n calls and answers n.
    InGuest,
    /// `fib(n: i32) -> i64`, which makes 2 * fib(n + 1) - 1 calls.
    Fibonacci,
    /// The embedder loops over `export: (i64) -> i64`, which adds one.
    FromHost,
}

const QUESTIONS: [Question; 5] = [
    Question { label: "fib, direct recursion", export: "fib", how: How::Fibonacci, calls: (30, 10) },
    Question { label: "direct call", export: "direct", how: How::InGuest, calls: (2_000_000, 100) },
    Question { label: "indirect call", export: "indirect", how: How::InGuest, calls: (2_000_000, 100) },
    Question { label: "guest to host", export: "host", how: How::InGuest, calls: (1_000_000, 100) },
    Question { label: "host to guest", export: "increment", how: How::FromHost, calls: (300_000, 100) },
];

/// Prints nanoseconds a call; each includes the loop around it.
pub fn table(selection: &Selection) -> Result<Table> {
    let entries = selection.runtimes(for_execution());
    let baseline = baseline_column(&entries);
    let head = std::iter::once("call".to_string()).chain(entries.iter().map(|entry| name_of(entry).to_string()));
    let mut table = Table::new("Calls: nanoseconds each (ratio to wasmi), loop included, least of the rounds", head);
    let wasm = guests::calls()?;
    for question in QUESTIONS.iter().filter(|question| selection.wants_guest(question.export)) {
        eprintln!("{} …", question.label);
        let n = if selection.check { question.calls.1 } else { question.calls.0 };
        let outcomes = contest(selection.effort(Effort::LONG), &entries, &[TRIAL, question.export], |runtime| {
            let mut instance = prepare(runtime, &wasm, question)?;
            Ok(Box::new(move || attempt(&mut *instance, question, n)))
        });
        let per_call =
            |outcome: &Outcome| outcome.as_ref().ok().map(|time| time.as_secs_f64() * 1e9 / count(question, n));
        let base = baseline.and_then(|column| per_call(&outcomes[column]));
        let mut cells = vec![question.label.to_string()];
        for outcome in &outcomes {
            cells.push(match (per_call(outcome), base, outcome) {
                (Some(time), Some(base), _) => format!("{time:.1} ×{:.2}", time / base),
                (Some(time), None, _) => format!("{time:.1}"),
                (None, _, Err(reason)) => table.absent(reason),
                (None, _, Ok(_)) => String::new(),
            });
        }
        table.row(cells);
    }
    Ok(table)
}

/// The child's part of the table: one small run.
pub fn trial(export: &str, runtime: &str) -> Result<()> {
    let question = QUESTIONS.iter().find(|question| question.export == export).context("no such question")?;
    prepare(&*find(for_execution(), runtime)?, &guests::calls()?, question).map(|_| ())
}

fn prepare(runtime: &dyn Runtime, wasm: &[u8], question: &Question) -> Result<Box<dyn Instance>> {
    let mut instance = runtime.instantiate(wasm, &[increment_import()])?;
    attempt(&mut *instance, question, question.calls.1)?;
    Ok(instance)
}

/// The one import of `guests/wasm/calls.wasm`.
pub fn increment_import() -> Import {
    Import {
        module: "env".into(),
        name: "increment".into(),
        params: vec![NumType::I64],
        results: vec![NumType::I64],
        host: Host::Increment,
    }
}

fn attempt(instance: &mut dyn Instance, question: &Question, n: u32) -> Result<std::time::Duration> {
    let (time, result) = timed(|| match question.how {
        How::InGuest | How::Fibonacci => instance.run(question.export, n as i32),
        How::FromHost => instance.iterate(question.export, 0, n),
    })?;
    let expected = match question.how {
        How::InGuest | How::FromHost => i64::from(n),
        How::Fibonacci => fibonacci(n),
    };
    ensure!(result == expected, "wrong result {result}, not {expected}");
    Ok(time)
}

fn count(question: &Question, n: u32) -> f64 {
    match question.how {
        How::InGuest | How::FromHost => f64::from(n),
        How::Fibonacci => (2 * fibonacci(n + 1) - 1) as f64,
    }
}

fn fibonacci(n: u32) -> i64 {
    let (mut current, mut next) = (0i64, 1i64);
    for _ in 0..n {
        (current, next) = (next, current + next);
    }
    current
}
