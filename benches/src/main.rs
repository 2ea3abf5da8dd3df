//! `cargo run --release -p whit-benches --features peers -- QUESTION`: prints one table per question.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use whit_benches::questions::{Selection, calls, code, components, compute, footprint, startup};

const USAGE: &str = "\
usage: whit-benches QUESTION [OPTION]…

questions
  peers       kernels and CoreMark on every runtime, checked, with geometric means against wasmi
  startup     engine, load, instantiate and look one export up, for each program of ../shared/bench
  calls       direct, indirect, to the host, from the host
  memory      resident memory of each loaded program, in a process of its own
  code        bytes of translated code for each byte of the bodies
  components  an instance of a component, and its calls with a string
  coremark    CoreMark's own scores by the real clock

options
  --only A,B       these guests only
  --runtimes A,B   these columns only
  --rounds N       rounds; every runtime runs once in each (default 7; 41 for startup)
  --check          small arguments, one round: results are checked, times mean nothing

Build with `--features peers` (or `peer-wasmi` and so on) to have others beside Whit.";

/// Some peers execute on the native stack.
const STACK_BYTES: usize = 256 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let worker = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || answer(&arguments));
    let outcome = worker.map_err(anyhow::Error::from).and_then(|worker| match worker.join() {
        Ok(outcome) => outcome,
        Err(_) => bail!("the measuring thread panicked"),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn answer(arguments: &[String]) -> Result<()> {
    let Some((question, options)) = arguments.split_first() else { bail!("{USAGE}") };
    // What this program asks of its own children.
    if let [guest, runtime] = options {
        match question.as_str() {
            compute::TRIAL => return compute::trial(guest, runtime),
            startup::TRIAL => return startup::trial(guest, runtime),
            calls::TRIAL => return calls::trial(guest, runtime),
            footprint::CHILD => return footprint::measure_here(guest, runtime),
            _ => {}
        }
    }
    let selection = parse(options)?;
    let table = match question.as_str() {
        "peers" => compute::table(&selection)?,
        "startup" => startup::table(&selection)?,
        "calls" => calls::table(&selection)?,
        "memory" => footprint::table(&selection)?,
        "code" => code::table(&selection)?,
        "components" => components::table(&selection)?,
        "coremark" => compute::coremark_scores(&selection)?,
        "--help" | "-h" | "help" => {
            println!("{USAGE}");
            return Ok(());
        }
        other => bail!("no question `{other}`\n\n{USAGE}"),
    };
    println!("{table}");
    Ok(())
}

fn parse(options: &[String]) -> Result<Selection> {
    let mut selection = Selection { guests: Vec::new(), runtimes: Vec::new(), rounds: None, check: false };
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let mut value = || options.next().with_context(|| format!("{option} wants a value"));
        let list = |text: &String| text.split(',').map(str::to_string).collect();
        match option.as_str() {
            "--only" => selection.guests = list(value()?),
            "--runtimes" => selection.runtimes = list(value()?),
            "--rounds" => selection.rounds = Some(value()?.parse().context("--rounds wants a number")?),
            "--check" => selection.check = true,
            other => bail!("no option `{other}`\n\n{USAGE}"),
        }
    }
    Ok(selection)
}
