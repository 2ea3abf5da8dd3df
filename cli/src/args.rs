//! The command line → what was asked for.
//!
//! Names and values follow what users of other runtimes already type (`--dir HOST::GUEST`, `-W fuel=N`), so that scripts can change the program's
//! name and nothing else. Assumes nothing. Promises that everything after FILE reaches the guest untouched, and that a mistake is one
//! message naming the flag, with status 1. No engine is touched here.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use whit_core::{CompilationMode, ExecutionEngine};
use whit_spec_tests::features::{Feature, Overrides};
use whit_wasi::host::net::{NetRule, NetRuleError};

use crate::report;

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
    /// Listen on ADDR (such as 127.0.0.1:8080; port 0 picks one) and let the guest accept connections there
    #[arg(long = "listen", value_name = "ADDR", value_parser = value(parse_address))]
    pub listen: Vec<String>,
    /// The program's own name in its arguments, instead of FILE's
    #[arg(long, value_name = "NAME")]
    pub argv0: Option<String>,
    /// Call this exported function with ARGS instead of running the program's start, and print its results
    #[arg(long, value_name = "NAME")]
    pub invoke: Option<String>,
    /// When the program ends, print how much fuel it used: the same number on every platform
    #[arg(long)]
    pub instructions: bool,
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

    /// Where the guest may accept connections: `--listen`, and `-S tcplisten`.
    pub fn listen(&self) -> Vec<String> {
        let mut all = self.listen.clone();
        all.extend(self.grants.system().listen);
        all
    }
}

/// What the guest may reach of this machine, for each verb that runs one.
#[derive(Args, Clone, Debug)]
pub struct Grants {
    /// Let the guest use the directory HOST, under the name GUEST; `:ro` forbids every change
    #[arg(long = "dir", value_name = "HOST[::GUEST][:ro|:rw]", value_parser = value(DirGrant::parse))]
    pub dirs: Vec<DirGrant>,
    /// Set a variable of the guest's environment; without a value, pass on the one of this process
    #[arg(long = "env", value_name = "NAME[=VALUE]", value_parser = value(EnvGrant::parse))]
    pub env: Vec<EnvGrant>,
    /// Let the guest connect, and send datagrams, to RULE: HOST:PORT, where HOST is a name, an address, ADDRESS/BITS or `*`, and PORT a
    /// number, FIRST-LAST or `*`
    #[arg(long = "allow-net", value_name = "RULE", value_parser = value(parse_rule))]
    pub allow_net: Vec<NetRule>,
    /// Let the guest bind, listen and receive at RULE, written as for --allow-net
    #[arg(long = "allow-bind", value_name = "RULE", value_parser = value(parse_rule))]
    pub allow_bind: Vec<NetRule>,
    /// Let the guest look up the addresses of any name; connecting to them is not granted by it
    #[arg(long = "allow-dns")]
    pub allow_dns: bool,
    /// What the guest's output may do to a terminal (files and pipes always get the exact bytes)
    #[arg(long, value_name = "MODE", default_value = "plain")]
    pub terminal: TerminalMode,
    /// What the guest finds of a system, as `name=value` with commas between; `-S help` lists them
    #[arg(short = 'S', long = "wasi", value_name = "OPTION[=VALUE],…", value_parser = Listed { parse: parse_system, help: system_help })]
    system: Vec<SystemOptions>,
}

impl Grants {
    /// All `-S` options of the command line together.
    pub fn system(&self) -> SystemSettings {
        let mut all = SystemSettings::default();
        for option in self.system.iter().flat_map(|options| &options.0) {
            option.apply(&mut all);
        }
        all
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
    #[command(flatten)]
    #[allow(missing_docs, reason = "a doc comment here would replace the group's help")]
    pub wasm: WasmOptions,
    /// The module or component: `.wasm`, `.wat`, or `-`
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

/// The `-W` options of a verb.
#[derive(Args, Clone, Debug, Default)]
pub struct WasmOptions {
    /// Limits, engine and proposals, as `name=value` with commas between; `-W help` lists them
    #[arg(short = 'W', long = "wasm", value_name = "OPTION[=VALUE],…", value_parser = Listed { parse: parse_settings, help: settings_help })]
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
    ("max-memory-size=BYTES", "the size a linear memory may have (suffixes K, M, G count in 1024) [default: 4G]"),
    ("max-table-elements=N", "the size a table may have [default: 10000000]"),
    ("max-wasm-stack=BYTES", "the stack of the guest's calls (suffixes as above) [default: 8M]"),
    ("trap-on-grow-failure", "growing beyond a limit traps instead of returning -1"),
    ("unknown-imports-trap", "an import that nobody provides traps when called"),
    ("engine=auto|tail|loop", "the engine to run on"),
    ("mode=lazy|validate-then-lazy|eager", "when function bodies are validated and translated"),
    ("all-proposals", "every proposal below"),
];

fn parse_settings(text: &str) -> Result<Settings, String> {
    text.split(',').map(parse_setting).collect::<Result<_, _>>().map(Settings)
}

fn settings_help() -> String {
    use std::fmt::Write as _;
    let mut help = String::from("The options of -W:\n");
    for (name, meaning) in OPTIONS {
        let _ = writeln!(help, "  {name:<36} {meaning}");
    }
    for feature in Feature::ALL {
        let _ = writeln!(help, "  {:<36} proposal [default: {}]", feature.name(), feature.default());
    }
    help
}

fn parse_setting(text: &str) -> Result<Setting, String> {
    let (name, value) = split_option(text);
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
            None => {
                let known = OPTIONS.iter().map(|(name, _)| *name);
                return Err(unknown_option('W', other, known.chain(Feature::ALL.iter().map(|feature| feature.name()))));
            }
        },
    })
}

/// `name=value` in its parts.
fn split_option(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (text.trim(), None),
    }
}

/// That `-FLAG name` does not exist, and what may have been meant. `known` are the options as their help writes them.
fn unknown_option<'a>(flag: char, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known = known.map(|option| option.split(['=', '[']).next().unwrap_or(option));
    let near: Vec<String> = report::nearest(name, known).iter().map(|near| format!("`{near}`")).collect();
    let meant = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
    format!("there is no option `{name}`{meant} (`-{flag} help` lists them all)")
}

fn parse_switch(name: &str, value: Option<&str>) -> Result<bool, String> {
    match value {
        None | Some("true" | "yes" | "y" | "on") => Ok(true),
        Some("false" | "no" | "n" | "off") => Ok(false),
        Some(other) => Err(format!("`{name}={other}` is neither true nor false")),
    }
}

fn parse_number(name: &str, text: &str) -> Result<u64, String> {
    text.replace('_', "").parse().map_err(|_| format!("`{name}={text}` is not a whole number"))
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
    let number = text.trim_end_matches(|c: char| !c.is_ascii_digit() && c != '.');
    let unit = match &text[number.len()..] {
        "" | "s" => 1.0,
        "ns" => 1e-9,
        "us" | "μs" => 1e-6,
        "ms" => 1e-3,
        "m" => 60.0,
        "h" => 3600.0,
        other => return Err(format!("`{other}` is not a unit of time: ns, us, ms, s, m or h")),
    };
    // A sign or an exponent would be read as well, but nobody means it.
    let count = number.parse::<f64>().ok().filter(|_| number.chars().all(|c| c.is_ascii_digit() || c == '.'));
    let count = count.ok_or_else(|| format!("`{text}` is not a time such as 200ms or 1.5s"))?;
    Duration::try_from_secs_f64(count * unit).map_err(|_| format!("`{text}` is too long"))
}

/// Everything `-S` can say, later words overriding earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemSettings {
    /// The seed of a run that repeats: virtual clocks, seeded randomness.
    pub deterministic: Option<u64>,
    /// Descriptors open at a time.
    pub max_descriptors: Option<u32>,
    /// Renumbering onto a granted directory is refused.
    pub pin_preopens: bool,
    /// The guest sees the whole environment of this process.
    pub inherit_env: bool,
    /// Addresses to listen on.
    pub listen: Vec<String>,
    /// The guest may use the whole network.
    pub inherit_network: bool,
    /// The guest may look up any name.
    pub allow_dns: bool,
    /// What is granted of the network is so for TCP.
    pub tcp: bool,
    /// What is granted of the network is so for UDP.
    pub udp: bool,
}

impl Default for SystemSettings {
    fn default() -> Self {
        Self {
            deterministic: None,
            max_descriptors: None,
            pin_preopens: false,
            inherit_env: false,
            listen: Vec::new(),
            inherit_network: false,
            allow_dns: false,
            tcp: true,
            udp: true,
        }
    }
}

/// The settings of one `-S` word.
#[derive(Clone, Debug)]
struct SystemOptions(Vec<SystemOption>);

/// One `name=value` of `-S`.
#[derive(Clone, Debug)]
enum SystemOption {
    Deterministic(Option<u64>),
    MaxDescriptors(u32),
    PinPreopens(bool),
    Http,
    InheritEnv(bool),
    Listen(String),
    InheritNetwork(bool),
    AllowDns(bool),
    Tcp(bool),
    Udp(bool),
}

impl SystemOption {
    fn apply(&self, all: &mut SystemSettings) {
        match self {
            Self::Deterministic(seed) => all.deterministic = *seed,
            Self::MaxDescriptors(count) => all.max_descriptors = Some(*count),
            Self::PinPreopens(on) => all.pin_preopens = *on,
            // Whoever types it for another runtime means what is so here.
            Self::Http => {}
            Self::InheritEnv(on) => all.inherit_env = *on,
            Self::Listen(address) => all.listen.push(address.clone()),
            Self::InheritNetwork(on) => all.inherit_network = *on,
            Self::AllowDns(on) => all.allow_dns = *on,
            Self::Tcp(on) => all.tcp = *on,
            Self::Udp(on) => all.udp = *on,
        }
    }
}

/// The options of `-S`, with their help.
const SYSTEM_OPTIONS: &[(&str, &str)] = &[
    ("allow-ip-name-lookup", "the same as --allow-dns"),
    (
        "deterministic[=SEED]",
        "a run that repeats: virtual clocks from 2000-01-01, no real sleep, random bytes from SEED",
    ),
    ("http", "nothing: components always find `wasi:http`, and --allow-net says where requests may go"),
    ("inherit-env", "pass on the whole environment of this process; --env overrides it"),
    ("inherit-network", "the whole network of this machine"),
    ("max-descriptors=N", "the files, directories and sockets open at a time [default: 1024]"),
    ("pin-preopens", "refuse to renumber a descriptor onto a granted directory"),
    ("tcp=no", "what is granted of the network is not so for TCP"),
    ("tcplisten=ADDR", "the same as --listen"),
    ("udp=no", "what is granted of the network is not so for UDP"),
];

/// Options that other runtimes have for interfaces that are not there yet.
const COMPONENT_OPTIONS: &[&str] = &["config", "config-var", "keyvalue", "p3", "tls"];

fn system_help() -> String {
    let lines = SYSTEM_OPTIONS.iter().map(|(name, meaning)| format!("  {name:<24} {meaning}\n"));
    format!("The options of -S:\n{}", lines.collect::<String>())
}

fn parse_system(text: &str) -> Result<SystemOptions, String> {
    text.split(',').map(parse_system_option).collect::<Result<_, _>>().map(SystemOptions)
}

fn parse_system_option(text: &str) -> Result<SystemOption, String> {
    let (name, value) = split_option(text);
    let needed = || value.ok_or_else(|| format!("`{name}` needs a value: `{name}=…`"));
    Ok(match name {
        "deterministic" => SystemOption::Deterministic(match value {
            Some("false" | "no" | "n" | "off") => None,
            None | Some("true" | "yes" | "y" | "on") => Some(0),
            Some(seed) => Some(parse_number(name, seed)?),
        }),
        "max-descriptors" => SystemOption::MaxDescriptors(
            u32::try_from(parse_number(name, needed()?)?).map_err(|_| format!("`{text}` is too large"))?,
        ),
        "pin-preopens" => SystemOption::PinPreopens(parse_switch(name, value)?),
        "http" => parse_switch(name, value).map(|_| SystemOption::Http)?,
        "inherit-env" => SystemOption::InheritEnv(parse_switch(name, value)?),
        "tcplisten" => SystemOption::Listen(parse_address(needed()?)?),
        "inherit-network" => SystemOption::InheritNetwork(parse_switch(name, value)?),
        "allow-ip-name-lookup" => SystemOption::AllowDns(parse_switch(name, value)?),
        "tcp" => SystemOption::Tcp(parse_switch(name, value)?),
        "udp" => SystemOption::Udp(parse_switch(name, value)?),
        other if COMPONENT_OPTIONS.contains(&other) => {
            return Err(format!("`{other}` is for an interface of components that is not supported yet"));
        }
        other => return Err(unknown_option('S', other, SYSTEM_OPTIONS.iter().map(|(name, _)| *name))),
    })
}

/// A rule for the network.
fn parse_rule(text: &str) -> Result<NetRule, String> {
    text.parse().map_err(|error: NetRuleError| error.to_string())
}

/// An address and a port. That the name exists and the port is free shows when it is bound.
fn parse_address(text: &str) -> Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(text.into()),
        _ => Err("an address is HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080".into()),
    }
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

/// A parser for a flag that is a list of options; the one option `help` asks what there is.
#[derive(Clone)]
struct Listed<T> {
    parse: fn(&str) -> Result<T, String>,
    help: fn() -> String,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Listed<T> {
    type Value = T;

    fn parse_ref(&self, command: &clap::Command, arg: Option<&clap::Arg>, text: &OsStr) -> Result<T, clap::Error> {
        if text == "help" {
            // As an error, because only that ends the parsing before FILE is found missing.
            return Err(clap::Error::raw(ErrorKind::DisplayHelp, (self.help)()));
        }
        value(self.parse).parse_ref(command, arg, text)
    }
}

/// Parses the arguments of this process, the program's name first.
///
/// # Errors
/// Help, the version, or a mistake. The first two are answers: they do not `use_stderr`.
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
        assert!(asked.grants.dirs.is_empty());
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
    fn system_settings_add_up_and_both_spellings_of_a_listener_count() {
        let asked =
            run(&["--listen", "[::1]:0", "-Stcplisten=127.0.0.1:80,deterministic", "-S", "deterministic=9", "a"]);
        let settings = asked.grants.system();
        assert_eq!(asked.listen(), ["[::1]:0", "127.0.0.1:80"]);
        assert_eq!((settings.deterministic, settings.pin_preopens), (Some(9), false));
        assert_eq!(run(&["-Sdeterministic", "a"]).grants.system().deterministic, Some(0));
        assert_eq!(run(&["-Sdeterministic,deterministic=no", "a"]).grants.system(), SystemSettings::default());
    }

    #[test]
    fn the_network_is_granted_by_rules_and_switches() {
        let asked =
            run(&["--allow-net", "example.com:443", "--allow-net", "10.0.0.0/8:*", "--allow-bind", "127.0.0.1:0", "a"]);
        let grants = asked.grants;
        assert_eq!((grants.allow_net.len(), grants.allow_bind.len(), grants.allow_dns), (2, 1, false));
        let settings = run(&["-Sinherit-network,udp=no,allow-ip-name-lookup", "a"]).grants.system();
        assert_eq!((settings.inherit_network, settings.allow_dns), (true, true));
        assert_eq!((settings.tcp, settings.udp), (true, false));
    }

    #[test]
    fn a_mistake_names_its_flag() {
        assert!(refused(&["-Wwarp", "a.wasm"]).contains("no option `warp`"));
        assert!(refused(&["-Wful=3", "a.wasm"]).contains("did you mean `fuel`"));
        assert!(refused(&["-Smax-descriptor=3", "a.wasm"]).contains("did you mean `max-descriptors`"));
        assert!(refused(&["-Skeyvalue", "a.wasm"]).contains("components"));
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

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("3"), Ok(Duration::from_secs(3)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("200ms"), Ok(Duration::from_millis(200)));
        assert!(parse_duration("1e3s").is_err() && parse_duration("1.2.3s").is_err() && parse_duration(".").is_err());
        assert!(parse_duration(&format!("{}h", "9".repeat(30))).is_err());
        assert!(parse_duration("ms").is_err() && parse_duration("").is_err() && parse_duration("-1s").is_err());
    }
}
