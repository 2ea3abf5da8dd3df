//! The command line of Whit: runs WebAssembly modules and components, and looks into them.
//!
//! ```text
//! argv ──args──▶ verb ──▶ run | serve | wast | validate | inspect | wit | compose | dump | completion ──▶ exit status
//!                           ╰── errors ──report──▶ standard error
//! ```
//!
//! No engine logic lives here. The exit status is the guest's own up to 125, 134 (3 on Windows) for a trap, and 1 for everything else that goes wrong,
//! mistakes on the command line included. Next: [`args`], then [`run`].

#![forbid(unsafe_code)]

mod args;
mod component;
mod compose;
mod dump;
mod dwarf;
mod engine;
mod executor;
mod explain;
mod grants;
mod inspect;
mod invoke;
mod load;
mod outside;
mod policy;
#[cfg(feature = "profile")]
mod profile;
mod report;
mod run;
mod serve;
mod terminal;
mod validate;
mod wast;
mod wit;

use std::io::{self, Write};
use std::process::ExitCode;

use args::Verb;
use report::Failure;

fn main() -> ExitCode {
    let cli = match args::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // A mistake is status 1 and not clap's 2.
            if error.use_stderr() {
                let _ = error.print();
                return ExitCode::FAILURE;
            }
            // Help and the version are answers. Clap marks every message of ours as an error, the lists of options included.
            let text = error.to_string();
            return match print(text.strip_prefix("error: ").unwrap_or(&text)) {
                Ok(()) => ExitCode::SUCCESS,
                Err(failure) => failure.exit(),
            };
        }
    };
    let outcome = match cli.verb {
        Verb::Run(run) => run::run(&run),
        Verb::Serve(serve) => serve::run(&serve),
        Verb::Wast(wast) => wast::run(&wast),
        Verb::Validate(validate) => validate::run(&validate),
        Verb::Inspect(inspect) => inspect::run(&inspect),
        Verb::Wit(asked) => wit::run(&asked.file),
        Verb::Compose(asked) => compose::run(&asked),
        Verb::Dump(dump) => dump::run(&dump),
        Verb::Completion(completion) => {
            let mut script = Vec::new();
            clap_complete::generate(completion.shell, &mut args::command(), "whit", &mut script);
            print(&String::from_utf8_lossy(&script)).map(|()| ExitCode::SUCCESS)
        }
    };
    outcome.unwrap_or_else(Failure::exit)
}

/// Prints `text` to standard output. A reader that has gone away ends the program quietly, as it does other programs.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(Failure::new(format!("cannot write to standard output: {error}"))),
    }
}
