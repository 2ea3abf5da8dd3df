//! The command line → what was asked for.
//!
//! Names and values follow what users of other runtimes already type (`--dir HOST::GUEST`, `-W fuel=N`), so that scripts can change the program's
//! name and nothing else. Assumes nothing. Promises that everything after FILE reaches the guest untouched, and that a mistake is one
//! message naming the flag, with status 1. No engine is touched here.

mod grants;
mod system;
mod wasm;
mod words;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use grants::{DirGrant, EnvGrant, Granted, Grants, NetGrant, parse_address};
pub use wasm::{WasmOptions, WasmSettings};
use words::{parse_size, value};

/// Runs WebAssembly modules and components, and looks into them.
#[derive(Debug, Parser)]
#[command(name = "whit", version, disable_help_subcommand = true, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

const AFTER_HELP: &str = "Without a verb, the command is `run`: `whit app.wasm` is `whit run app.wasm`.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a program, or call one of its exports
    Run(Run),
    /// Answer HTTP requests with a component of the world `wasi:http/proxy`
    Serve(Serve),
    /// Run scripts of the specification's test suite
    Wast(Wast),
    /// Check that modules and components are valid
    Validate(Validate),
    /// Show what a module or component imports, exports and contains
    Inspect(Inspect),
    /// Print the world of a component, as WIT text
    Wit(Wit),
    /// Join components: the exports of some become the imports of another
    Compose(Compose),
    /// Show the register code a module is translated to
    Dump(Dump),
    /// Print a completion script for a shell
    Completion(Completion),
}

/// `whit run`.
#[derive(Args, Debug)]
pub struct Run {
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub grants: Grants,
    /// The program's own name in its arguments, instead of FILE's
    #[arg(long, value_name = "NAME")]
    pub argv0: Option<String>,
    /// Call an exported function instead of running the program's start, and print its results: of a module NAME, with ARGS; of a component a call
    /// in WAVE, such as `interface.name("text", {field: 1})`
    #[arg(long, value_name = "NAME|CALL")]
    pub invoke: Option<String>,
    /// When the program ends, print how much fuel it used: the same number on every platform
    #[arg(long)]
    pub instructions: bool,
    /// When the program ends, print which ops of the interpreter it ran: the most frequent ones, or all in the order of the code
    #[cfg(feature = "profile")]
    #[arg(long, value_name = "WHAT")]
    pub profile: Option<crate::profile::Profile>,
    /// What the guest's output may do to a terminal (files and pipes always get the exact bytes)
    #[arg(long, value_name = "MODE", default_value = "plain")]
    pub terminal: TerminalMode,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub wasm: WasmOptions,
    /// The module or component (`.wasm`, `.wat`, or `-` for standard input) and the guest's arguments
    // One list, not two: clap would take a `--` between them for itself, and it belongs to the guest.
    #[arg(value_name = "FILE [ARGS]", required = true, trailing_var_arg = true)]
    file_and_args: Vec<OsString>,
}

impl Run {
    /// The module or component.
    pub fn file(&self) -> &Path {
        // Clap has seen to it that there is one.
        self.file_and_args.first().map_or(Path::new(""), Path::new)
    }

    /// The guest's arguments.
    pub fn args(&self) -> &[OsString] {
        self.file_and_args.get(1..).unwrap_or_default()
    }
}

/// `whit serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// Where to listen; port 0 picks one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080", value_parser = value(parse_address))]
    pub addr: String,
    /// How many requests the component may be answering at a time; others wait
    #[arg(long, value_name = "N", default_value = "64")]
    pub max_requests: std::num::NonZeroUsize,
    /// How many connections there may be at a time; others wait
    #[arg(long, value_name = "N", default_value = "1024")]
    pub max_connections: std::num::NonZeroUsize,
    /// How many bytes the headers of a request may have (suffixes K, M, G count in 1024)
    #[arg(long, value_name = "BYTES", default_value = "128K", value_parser = value(|text| parse_size("max-headers", text)))]
    pub max_headers: u64,
    /// How many bytes the body of a request may have (suffixes as above)
    #[arg(long, value_name = "BYTES", default_value = "128M", value_parser = value(|text| parse_size("max-body", text)))]
    pub max_body: u64,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub grants: Grants,
    /// What the guest's output may do to a terminal (files and pipes always get the exact bytes)
    #[arg(long, value_name = "MODE", default_value = "plain")]
    pub terminal: TerminalMode,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub wasm: WasmOptions,
    /// The component (`.wasm`, `.wat`, or `-` for standard input), which exports `wasi:http/incoming-handler`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `whit wast`.
#[derive(Args, Debug)]
pub struct Wast {
    /// Print one JSON object for each file instead of text
    #[arg(long)]
    pub json: bool,
    /// How many scripts to run at once [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,
    /// Known deviations to use instead of the built-in table; an empty file means none
    #[arg(long, value_name = "FILE")]
    pub expectations: Option<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub wasm: WasmOptions,
    /// Scripts, or folders of scripts
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
}

/// `whit validate`.
#[derive(Args, Debug)]
pub struct Validate {
    /// Print one JSON object for each file instead of text
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub wasm: WasmOptions,
    /// Modules and components: `.wasm`, `.wat`, or `-`
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// `whit inspect`.
#[derive(Args, Debug)]
pub struct Inspect {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    /// The same as `whit wit`: print the world of a component, as WIT text
    #[arg(long, conflicts_with = "json")]
    pub wit: bool,
    /// Say what the module or component could reach with the grants that follow, before it runs
    #[arg(long, conflicts_with = "wit")]
    pub explain: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub grants: Grants,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub wasm: WasmOptions,
    /// The module or component: `.wasm`, `.wat`, or `-`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `whit wit`.
#[derive(Args, Debug)]
pub struct Wit {
    /// The component: `.wasm`, `.wat`, or `-`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `whit compose`.
#[derive(Args, Debug)]
pub struct Compose {
    /// A component whose exports become the imports, of the same or compatible names, of FILE and of the plugs before it; may be repeated, and
    /// of plugs with one export the first is taken
    #[arg(long = "plug", value_name = "FILE", required = true)]
    pub plugs: Vec<PathBuf>,
    /// Where to write the new component; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// The component whose exports the new one has: `.wasm`, `.wat`, or `-`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `whit dump`.
#[derive(Args, Debug)]
pub struct Dump {
    /// Only the function of this index (imports count) or name
    #[arg(long, value_name = "N|NAME")]
    pub func: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub wasm: WasmOptions,
    /// The module: `.wasm`, `.wat`, or `-`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `whit completion`.
#[derive(Args, Debug)]
pub struct Completion {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// What guest output may do to a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TerminalMode {
    /// Text and colours; every other control sequence is shown, not obeyed
    Plain,
    /// Every byte as the guest wrote it
    Raw,
}

/// Parses the arguments of this process, the program's name first.
///
/// # Errors
/// Help, the version, or a mistake. The first two are answers: they do not `use_stderr`.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(run) = parse_run(&arguments) {
        return Ok(Cli { verb: Verb::Run(run) });
    }
    let mut grammar = command();
    // `run` is implied unless the first word is a verb or asks about the program as a whole.
    let about_us = |word: &OsStr| {
        let Some(word) = word.to_str() else { return false };
        matches!(word, "-h" | "--help" | "-V" | "--version") || grammar.find_subcommand(word).is_some()
    };
    if arguments.get(1).is_some_and(|word| !about_us(word)) {
        arguments.insert(1, "run".into());
    }
    let matches = grammar.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut grammar))
}

/// The same for what is most often asked and least often wrong, a program to be run: making the grammar of all verbs takes longer than some programs. `None`
/// for everything else, mistakes included.
fn parse_run(arguments: &[OsString]) -> Option<Run> {
    let (program, arguments) = arguments.split_first()?;
    let first = arguments.first()?.to_str()?;
    let arguments = match first {
        "run" => &arguments[1..],
        // No verb has one of these.
        _ if first.contains(['.', '/']) => arguments,
        _ => return None,
    };
    let mut grammar = Run::augment_args(clap::Command::new("whit"));
    let matches = grammar.try_get_matches_from_mut([program].into_iter().chain(arguments)).ok()?;
    Run::from_arg_matches(&matches).ok()
}

/// The grammar, for completion scripts.
pub fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use whit_spec_tests::features::{Feature, Features};

    use super::system::SystemSettings;
    use super::*;

    fn run(words: &[&str]) -> Run {
        match parse(std::iter::once("whit").chain(words.iter().copied()).map(Into::into)).unwrap().verb {
            Verb::Run(run) => run,
            other => panic!("{other:?}"),
        }
    }

    fn granted(words: &[&str]) -> Granted {
        let (asked, mut granted) = (run(words), Granted::default());
        granted.add(&asked.grants, &asked.wasm);
        granted
    }

    fn refused(words: &[&str]) -> String {
        parse(std::iter::once("whit").chain(words.iter().copied()).map(Into::into)).unwrap_err().to_string()
    }

    #[test]
    fn the_grammar_has_no_contradictions() {
        Cli::command().debug_assert();
    }

    #[test]
    fn run_is_the_default_verb_and_everything_after_the_file_is_the_guests() {
        let asked = run(&["--env", "A=b", "app.wasm", "--dir", "/", "-W", "--help"]);
        assert_eq!(asked.file(), Path::new("app.wasm"));
        assert_eq!(asked.args(), ["--dir", "/", "-W", "--help"]);
        assert!(asked.grants.dirs.is_empty());
        assert_eq!(run(&["run", "app.wasm", "run"]).args(), ["run"]);
        assert_eq!(run(&["-", "x"]).file(), Path::new("-"));
        assert_eq!(run(&["app.wasm", "--", "-x"]).args(), ["--", "-x"]);
    }

    #[test]
    fn settings_add_up_and_later_ones_win() {
        let settings =
            run(&["-Wfuel=1_000,timeout=200ms", "-W", "max-memory-size=2M,fuel=7,gc=no", "a.wasm"]).wasm.resolve();
        assert_eq!((settings.fuel, settings.timeout), (Some(7), Some(Duration::from_millis(200))));
        assert_eq!(settings.max_memory_size, Some(2 << 20));
        let features = settings.features.apply(Features::default());
        assert!(!features.has(Feature::Gc) && features.has(Feature::Simd));
        let all = run(&["-Wall-proposals", "a.wasm"]).wasm.resolve().features.apply(Features::default());
        assert!(Feature::ALL.iter().all(|feature| all.has(*feature)));
    }

    #[test]
    fn system_settings_add_up_and_both_spellings_of_a_listener_count() {
        let words = ["--listen", "[::1]:0", "-Stcplisten=127.0.0.1:80,deterministic", "-S", "deterministic=9", "a"];
        let settings = granted(&words).system;
        assert_eq!(settings.listen, ["[::1]:0", "127.0.0.1:80"]);
        assert_eq!((settings.deterministic, settings.pin_preopens), (Some(9), false));
        assert_eq!(granted(&["-Sdeterministic", "a"]).system.deterministic, Some(0));
        assert_eq!(granted(&["-Sdeterministic,deterministic=no", "a"]).system, SystemSettings::default());
    }

    #[test]
    fn the_network_is_granted_by_rules_and_switches() {
        let words =
            ["--allow-net", "example.com:443", "--allow-net", "10.0.0.0/8:*", "--allow-bind", "127.0.0.1:0", "a"];
        let asked = granted(&words);
        assert_eq!((asked.allow_net.len(), asked.allow_bind.len(), asked.system.allow_dns), (2, 1, false));
        assert!(granted(&["--allow-dns", "a"]).system.allow_dns);
        let settings = granted(&["-Sinherit-network,udp=no,allow-ip-name-lookup", "a"]).system;
        assert_eq!((settings.inherit_network, settings.allow_dns), (true, true));
        assert_eq!((settings.tcp, settings.udp), (true, false));
    }

    #[test]
    fn a_mistake_names_its_flag() {
        assert!(refused(&["-Wwarp", "a.wasm"]).contains("no option `warp`"));
        assert!(refused(&["-Wful=3", "a.wasm"]).contains("did you mean `fuel`"));
        assert!(refused(&["-Smax-descriptor=3", "a.wasm"]).contains("did you mean `max-descriptors`"));
        assert!(refused(&["-Stls", "a.wasm"]).contains("components"));
        assert!(refused(&["serve", "--max-body", "much", "a.wasm"]).contains("max-body"));
        assert!(refused(&["-Shelp", "a.wasm"]).contains("deterministic[=SEED]"));
        assert!(refused(&["--listen", "8080", "a.wasm"]).contains("HOST:PORT"));
        assert!(refused(&["--allow-net", "example.com", "a.wasm"]).contains("--allow-net"));
        assert!(refused(&["--allow-bind", "*:99999", "a.wasm"]).contains("--allow-bind"));
        assert!(refused(&["-Stcplisten=localhost:99999", "a.wasm"]).contains("HOST:PORT"));
        assert!(refused(&["-Wfuel", "a.wasm"]).contains("needs a value"));
        assert!(refused(&["-Wtimeout=5y", "a.wasm"]).contains("unit of time"));
        assert!(refused(&["-Wmax-memory-size=99999999999G", "a.wasm"]).contains("too large"));
        assert!(refused(&["--env", "=x", "a.wasm"]).contains("no name"));
        assert!(refused(&["wast"]).contains("PATH"));
        assert!(refused(&["-Whelp", "a.wasm"]).contains("max-wasm-stack"));
    }
}
