//! The command line → what was asked for.
//!
//! Names and values follow what users of other runtimes already type (`--dir HOST::GUEST`, `-W fuel=N`), so that scripts can change the program's
//! name and nothing else. Assumes nothing. Promises that everything after FILE reaches the guest untouched, and that a mistake is one
//! message naming the flag, with status 1. No engine is touched here.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::TypedValueParser;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use whit_core::{CompilationMode, ExecutionEngine};
use whit_spec_tests::features::{Feature, Overrides};

/// Runs WebAssembly modules, and looks into them.
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
    /// Run scripts of the specification's test suite
    Wast(Wast),
    /// Check that modules are valid
    Validate(Validate),
    /// Show what a module imports, exports and contains
    Inspect(Inspect),
    /// Show the register code a module is translated to
    Dump(Dump),
    /// Print a completion script for a shell
    Completion(Completion),
}

/// `whit run`.
#[derive(Args, Debug)]
pub struct Run {
    /// Let the guest use the directory HOST, under the name GUEST; `:ro` forbids every change
    #[arg(long = "dir", value_name = "HOST[::GUEST][:ro|:rw]", value_parser = value(DirGrant::parse))]
    pub dirs: Vec<DirGrant>,
    /// Set a variable of the guest's environment; without a value, pass on the one of this process
    #[arg(long = "env", value_name = "NAME[=VALUE]", value_parser = value(EnvGrant::parse))]
    pub env: Vec<EnvGrant>,
    /// The program's own name in its arguments, instead of FILE's
    #[arg(long, value_name = "NAME")]
    pub argv0: Option<String>,
    /// Call this exported function with ARGS instead of running the program's start, and print its results
    #[arg(long, value_name = "NAME")]
    pub invoke: Option<String>,
    /// When the program ends, print how much fuel it used: the same number on every platform
    #[arg(long)]
    pub instructions: bool,
    /// What the guest's output may do to a terminal (files and pipes always get the exact bytes)
    #[arg(long, value_name = "MODE", default_value = "plain")]
    pub terminal: TerminalMode,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub wasm: WasmOptions,
    /// The module (`.wasm`, `.wat`, or `-` for standard input) and the guest's arguments
    // One list, not two: clap would take a `--` between them for itself, and it belongs to the guest.
    #[arg(value_name = "FILE [ARGS]", required = true, trailing_var_arg = true)]
    file_and_args: Vec<OsString>,
}

impl Run {
    /// The module.
    pub fn file(&self) -> &Path {
        // Clap has seen to it that there is one.
        self.file_and_args.first().map_or(Path::new(""), Path::new)
    }

    /// The guest's arguments.
    pub fn args(&self) -> &[OsString] {
        self.file_and_args.get(1..).unwrap_or_default()
    }
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
    /// Modules: `.wasm`, `.wat`, or `-`
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// `whit inspect`.
#[derive(Args, Debug)]
pub struct Inspect {
    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub wasm: WasmOptions,
    /// The module: `.wasm`, `.wat`, or `-`
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `whit dump`.
#[derive(Args, Debug)]
pub struct Dump {
    /// Only the function of this index (imports count)
    #[arg(long, value_name = "N")]
    pub func: Option<u32>,
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

/// The `-W` options of a verb.
#[derive(Args, Clone, Debug, Default)]
pub struct WasmOptions {
    /// Limits, engine and proposals, as `name=value` with commas between; `-W help` lists them
    #[arg(short = 'W', long = "wasm", value_name = "OPTION[=VALUE],…", value_parser = value(parse_settings))]
    settings: Vec<Settings>,
}

/// Everything `-W` can say, later words overriding earlier ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WasmSettings {
    /// Fuel the guest may use.
    pub fuel: Option<u64>,
    /// Wall-clock time the guest may use.
    pub timeout: Option<Duration>,
    /// Bytes each linear memory may have.
    pub max_memory_size: Option<u64>,
    /// Elements each table may have.
    pub max_table_elements: Option<u64>,
    /// Bytes of guest stack.
    pub max_wasm_stack: Option<usize>,
    /// Growing beyond a limit traps instead of returning −1.
    pub trap_on_grow_failure: bool,
    /// An import nobody provides traps when it is called instead of refusing the module.
    pub unknown_imports_trap: bool,
    /// The engine to run on.
    pub engine: ExecutionEngine,
    /// When bodies are validated and translated; `None` for the verb's default.
    pub mode: Option<CompilationMode>,
    /// Proposals switched by hand.
    pub features: Overrides,
}

impl WasmOptions {
    /// All `-W` options of the command line together.
    pub fn resolve(&self) -> WasmSettings {
        let mut all = WasmSettings::default();
        for setting in self.settings.iter().flat_map(|settings| &settings.0) {
            setting.apply(&mut all);
        }
        all
    }
}

/// The settings of one `-W` word.
#[derive(Clone, Debug)]
struct Settings(Vec<Setting>);

/// One `name=value`.
#[derive(Clone, Copy, Debug)]
enum Setting {
    Fuel(u64),
    Timeout(Duration),
    MaxMemorySize(u64),
    MaxTableElements(u64),
    MaxWasmStack(usize),
    TrapOnGrowFailure(bool),
    UnknownImportsTrap(bool),
    Engine(ExecutionEngine),
    Mode(CompilationMode),
    Feature(Feature, bool),
    AllProposals(bool),
}

impl Setting {
    fn apply(self, all: &mut WasmSettings) {
        match self {
            Self::Fuel(fuel) => all.fuel = Some(fuel),
            Self::Timeout(time) => all.timeout = Some(time),
            Self::MaxMemorySize(bytes) => all.max_memory_size = Some(bytes),
            Self::MaxTableElements(elements) => all.max_table_elements = Some(elements),
            Self::MaxWasmStack(bytes) => all.max_wasm_stack = Some(bytes),
            Self::TrapOnGrowFailure(on) => all.trap_on_grow_failure = on,
            Self::UnknownImportsTrap(on) => all.unknown_imports_trap = on,
            Self::Engine(engine) => all.engine = engine,
            Self::Mode(mode) => all.mode = Some(mode),
            Self::Feature(feature, on) => all.features.set(feature, on),
            Self::AllProposals(on) => Feature::ALL.iter().for_each(|feature| all.features.set(*feature, on)),
        }
    }
}

/// The options of `-W` that are not proposals, with their help.
const OPTIONS: &[(&str, &str)] = &[
    ("fuel=N", "stop with a trap when N units of fuel are used up"),
    ("timeout=TIME", "stop with a trap after TIME: 200ms, 2s, 1m; a plain number is seconds"),
    ("max-memory-size=BYTES", "the size a linear memory may have (suffixes K, M, G count in 1024)"),
    ("max-table-elements=N", "the size a table may have"),
    ("max-wasm-stack=BYTES", "the guest's stack (suffixes as above)"),
    ("trap-on-grow-failure", "growing beyond a limit traps instead of returning -1"),
    ("unknown-imports-trap", "an import that nobody provides traps when called"),
    ("engine=auto|tail|loop", "the engine to run on"),
    ("mode=lazy|validate-then-lazy|eager", "when function bodies are validated and translated"),
    ("all-proposals", "every proposal below"),
];

fn parse_settings(text: &str) -> Result<Settings, String> {
    if text == "help" {
        return Err(settings_help());
    }
    text.split(',').map(parse_setting).collect::<Result<_, _>>().map(Settings)
}

fn settings_help() -> String {
    use std::fmt::Write as _;
    let mut help = String::from("the options are\n");
    for (name, meaning) in OPTIONS {
        let _ = writeln!(help, "  {name:<36} {meaning}");
    }
    for feature in Feature::ALL {
        let _ = writeln!(help, "  {:<36} proposal [default: {}]", feature.name(), feature.default());
    }
    help
}

fn parse_setting(text: &str) -> Result<Setting, String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (text.trim(), None),
    };
    let needed = || value.ok_or_else(|| format!("`{name}` needs a value: `{name}=…`"));
    Ok(match name {
        "fuel" => Setting::Fuel(parse_number(name, needed()?)?),
        "timeout" => Setting::Timeout(parse_duration(needed()?)?),
        "max-memory-size" => Setting::MaxMemorySize(parse_size(name, needed()?)?),
        "max-table-elements" => Setting::MaxTableElements(parse_number(name, needed()?)?),
        "max-wasm-stack" => Setting::MaxWasmStack(
            usize::try_from(parse_size(name, needed()?)?).map_err(|_| format!("`{name}` is too large"))?,
        ),
        "trap-on-grow-failure" => Setting::TrapOnGrowFailure(parse_switch(name, value)?),
        "unknown-imports-trap" => Setting::UnknownImportsTrap(parse_switch(name, value)?),
        "engine" => Setting::Engine(match needed()? {
            "auto" => ExecutionEngine::Auto,
            "tail" => ExecutionEngine::Tail,
            "loop" => ExecutionEngine::Loop,
            other => return Err(format!("`{other}` is not an engine: auto, tail or loop")),
        }),
        "mode" => Setting::Mode(match needed()? {
            "lazy" => CompilationMode::Lazy,
            "validate-then-lazy" => CompilationMode::ValidateThenLazy,
            "eager" => CompilationMode::Eager,
            other => return Err(format!("`{other}` is not a mode: lazy, validate-then-lazy or eager")),
        }),
        "all-proposals" => Setting::AllProposals(parse_switch(name, value)?),
        other => match Feature::from_name(other) {
            Some(feature) => Setting::Feature(feature, parse_switch(name, value)?),
            None => return Err(format!("there is no option `{other}`; `-W help` lists them")),
        },
    })
}

fn parse_switch(name: &str, value: Option<&str>) -> Result<bool, String> {
    match value {
        None | Some("true" | "yes" | "y" | "on") => Ok(true),
        Some("false" | "no" | "n" | "off") => Ok(false),
        Some(other) => Err(format!("`{name}={other}` is neither true nor false")),
    }
}

fn parse_number(name: &str, text: &str) -> Result<u64, String> {
    text.replace('_', "").parse().map_err(|_| format!("`{name}={text}` is not a number"))
}

fn parse_size(name: &str, text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(['K', 'M', 'G']);
    let shift = match &text[digits.len()..] {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        _ => return Err(format!("`{name}={text}` is not a size")),
    };
    parse_number(name, digits)?.checked_mul(1 << shift).ok_or_else(|| format!("`{name}={text}` is too large"))
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "" | "s" => Duration::from_secs(1),
        "ns" => Duration::from_nanos(1),
        "us" | "μs" => Duration::from_micros(1),
        "ms" => Duration::from_millis(1),
        "m" => Duration::from_secs(60),
        "h" => Duration::from_secs(3600),
        other => return Err(format!("`{other}` is not a unit of time: ns, us, ms, s, m or h")),
    };
    let count: u32 = digits.parse().map_err(|_| format!("`{text}` is not a time such as 200ms or 2s"))?;
    Ok(unit * count)
}

/// A directory lent to the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirGrant {
    /// The directory.
    pub host: PathBuf,
    /// The name the guest knows it by.
    pub guest: String,
    /// Whether the guest may change anything in it.
    pub writable: bool,
}

impl DirGrant {
    /// `HOST[::GUEST][:ro|:rw]`. A suffix counts only at the very end, and only `::` separates: a drive letter is part of its path.
    fn parse(text: &str) -> Result<Self, String> {
        let (paths, writable) = match (text.strip_suffix(":ro"), text.strip_suffix(":rw")) {
            (Some(paths), _) => (paths, false),
            (None, Some(paths)) => (paths, true),
            (None, None) => (text, true),
        };
        let (host, guest) = paths.split_once("::").unwrap_or((paths, paths));
        if host.is_empty() || guest.is_empty() {
            return Err("a directory grant is HOST[::GUEST][:ro|:rw], with neither name empty".into());
        }
        if guest.contains("::") {
            return Err("there is more than one `::`".into());
        }
        Ok(Self { host: host.into(), guest: guest.into(), writable })
    }
}

/// A variable of the guest's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvGrant {
    /// Its name.
    pub name: String,
    /// Its value; `None` takes the one of this process.
    pub value: Option<String>,
}

impl EnvGrant {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_string())),
            None => (text, None),
        };
        if name.is_empty() {
            return Err("the variable has no name".into());
        }
        if text.contains('\0') {
            return Err("a variable cannot hold a NUL character".into());
        }
        Ok(Self { name: name.into(), value })
    }
}

/// A parser for clap out of a function that explains refusals.
fn value<T: Clone + Send + Sync + 'static>(parse: fn(&str) -> Result<T, String>) -> impl TypedValueParser<Value = T> {
    clap::builder::StringValueParser::new().try_map(move |text| parse(&text))
}

/// Parses the arguments of this process, the program's name first.
///
/// # Errors
/// Help, the version, or a mistake: all of them are for clap to print.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    // `run` is implied unless the first word is a verb or asks about the program as a whole.
    let about_us = |word: &OsStr| {
        let Some(word) = word.to_str() else { return false };
        matches!(word, "-h" | "--help" | "-V" | "--version") || Cli::command().find_subcommand(word).is_some()
    };
    if arguments.get(1).is_some_and(|word| !about_us(word)) {
        arguments.insert(1, "run".into());
    }
    Cli::try_parse_from(arguments)
}

/// The grammar, for completion scripts.
pub fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use whit_spec_tests::features::Features;

    use super::*;

    fn run(words: &[&str]) -> Run {
        match parse(std::iter::once("whit").chain(words.iter().copied()).map(Into::into)).unwrap().verb {
            Verb::Run(run) => run,
            other => panic!("{other:?}"),
        }
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
        assert!(asked.dirs.is_empty());
        assert_eq!(run(&["run", "app.wasm", "run"]).args(), ["run"]);
        assert_eq!(run(&["-", "x"]).file(), Path::new("-"));
        assert_eq!(run(&["app.wasm", "--", "-x"]).args(), ["--", "-x"]);
    }

    #[test]
    fn a_grants_suffix_counts_only_at_the_very_end() {
        let grant = |text: &str| DirGrant::parse(text).unwrap();
        let is = |text: &str, host: &str, guest: &str, writable: bool| {
            assert_eq!(grant(text), DirGrant { host: host.into(), guest: guest.into(), writable }, "{text}");
        };
        is("/tmp", "/tmp", "/tmp", true);
        is("/tmp::/cache:ro", "/tmp", "/cache", false);
        is("/tmp:ro", "/tmp", "/tmp", false);
        is("/tmp:ro::/cache", "/tmp:ro", "/cache", true);
        is("/tmp::/a:ro:rw", "/tmp", "/a:ro", true);
        is(r"C:\data::/data:rw", r"C:\data", "/data", true);
        is(r"C:\data", r"C:\data", r"C:\data", true);
        for wrong in ["", "::/x", "/x::", "/a::/b::/c", ":ro"] {
            assert!(DirGrant::parse(wrong).is_err(), "{wrong}");
        }
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
    fn a_mistake_names_its_flag() {
        assert!(refused(&["-Wwarp", "a.wasm"]).contains("no option `warp`"));
        assert!(refused(&["-Wfuel", "a.wasm"]).contains("needs a value"));
        assert!(refused(&["-Wtimeout=5y", "a.wasm"]).contains("unit of time"));
        assert!(refused(&["-Wmax-memory-size=99999999999G", "a.wasm"]).contains("too large"));
        assert!(refused(&["--env", "=x", "a.wasm"]).contains("no name"));
        assert!(refused(&["wast"]).contains("PATH"));
        assert!(refused(&["-Whelp", "a.wasm"]).contains("max-wasm-stack"));
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("3"), Ok(Duration::from_secs(3)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        assert!(parse_duration("ms").is_err() && parse_duration("").is_err() && parse_duration("-1s").is_err());
    }
}
