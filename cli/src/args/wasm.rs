//! `-W`: limits, engine and proposals.

use std::time::Duration;

use clap::Args;
use whit_core::{CompilationMode, ExecutionEngine};
use whit_spec_tests::features::{Feature, Overrides};

use super::words::{Listed, parse_duration, parse_number, parse_size, parse_switch, split_option, unknown_option};

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
    /// Handles of resources that components may have.
    pub max_handles: Option<u32>,
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
        self.apply(&mut all);
        all
    }

    /// Adds what the command line says to `all`, over what is there.
    pub fn apply(&self, all: &mut WasmSettings) {
        self.settings.iter().flat_map(|settings| &settings.0).for_each(|setting| setting.apply(all));
    }
}

impl WasmSettings {
    /// Adds one `name=value`.
    ///
    /// # Errors
    /// There is no such option, or the value is none of it.
    pub fn set(&mut self, option: &str) -> Result<(), String> {
        parse_setting(option).map(|setting| setting.apply(self))
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
    MaxHandles(u32),
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
            Self::MaxHandles(handles) => all.max_handles = Some(handles),
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
    ("max-handles=N", "the handles of resources that components may have [default: 1048576]"),
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
        "max-handles" => Setting::MaxHandles(
            u32::try_from(parse_number(name, needed()?)?).map_err(|_| format!("`{name}` is too large"))?,
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
