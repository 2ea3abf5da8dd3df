//! `-S`: what a guest finds of a system.

use std::path::PathBuf;

use super::grants::parse_address;
use super::words::{parse_number, parse_switch, split_option, unknown_option};

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
    /// Values that the guest can read by their names.
    pub config: Vec<(String, String)>,
    /// The guest may open the bucket whose name is empty.
    pub keyvalue: bool,
    /// What is in it at the beginning.
    pub keyvalue_data: Vec<(String, String)>,
    /// The file that it is in, if it is to outlive the process.
    pub keyvalue_file: Option<PathBuf>,
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
            config: Vec::new(),
            keyvalue: false,
            keyvalue_data: Vec::new(),
            keyvalue_file: None,
        }
    }
}

impl SystemSettings {
    /// Whether the guest may open a bucket.
    pub fn has_bucket(&self) -> bool {
        self.keyvalue || !self.keyvalue_data.is_empty() || self.keyvalue_file.is_some()
    }

    /// Adds one `name=value`.
    ///
    /// # Errors
    /// There is no such option, or the value is none of it.
    pub fn set(&mut self, option: &str) -> Result<(), String> {
        parse_system_option(option).map(|option| option.apply(self))
    }
}

/// The settings of one `-S` word.
#[derive(Clone, Debug)]
pub struct SystemOptions(Vec<SystemOption>);

impl SystemOptions {
    /// Adds them to `all`, over what is there.
    pub fn apply(&self, all: &mut SystemSettings) {
        self.0.iter().for_each(|option| option.apply(all));
    }
}

/// One `name=value` of `-S`.
#[derive(Clone, Debug)]
enum SystemOption {
    Deterministic(Option<u64>),
    MaxDescriptors(u32),
    PinPreopens(bool),
    Config,
    ConfigVar(String, String),
    Http,
    KeyValue(bool),
    KeyValueData(String, String),
    KeyValueFile(PathBuf),
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
            Self::Config | Self::Http => {}
            Self::KeyValue(on) => all.keyvalue = *on,
            Self::KeyValueData(key, value) => all.keyvalue_data.push((key.clone(), value.clone())),
            Self::KeyValueFile(path) => all.keyvalue_file = Some(path.clone()),
            Self::ConfigVar(name, value) => all.config.push((name.clone(), value.clone())),
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
    ("config", "nothing: components always find `wasi:config`, and config-var says what is in it"),
    ("config-var=NAME=VALUE", "a value that a component can read as NAME (`wasi:config`)"),
    (
        "deterministic[=SEED]",
        "a run that repeats: virtual clocks from 2000-01-01, no real sleep, random bytes from SEED",
    ),
    ("http", "nothing: components always find `wasi:http`, and --allow-net says where requests may go"),
    ("inherit-env", "pass on the whole environment of this process; --env overrides it"),
    ("inherit-network", "the whole network of this machine"),
    ("keyvalue", "a bucket of values by key in memory (`wasi:keyvalue`), with the empty name"),
    ("keyvalue-file=PATH", "the bucket in a file, which keeps it from run to run"),
    ("keyvalue-in-memory-data=KEY=VALUE", "a value that is in it at the beginning"),
    ("max-descriptors=N", "the files, directories and sockets open at a time [default: 1024]"),
    ("pin-preopens", "refuse to renumber a descriptor onto a granted directory"),
    ("tcp=no", "what is granted of the network is not so for TCP"),
    ("tcplisten=ADDR", "the same as --listen"),
    ("udp=no", "what is granted of the network is not so for UDP"),
];

/// Options that other runtimes have for interfaces that are not there yet.
const COMPONENT_OPTIONS: &[&str] = &["p3", "tls"];

/// What `-S help` prints.
pub fn system_help() -> String {
    let lines = SYSTEM_OPTIONS.iter().map(|(name, meaning)| format!("  {name:<24} {meaning}\n"));
    format!("The options of -S:\n{}", lines.collect::<String>())
}

/// One `-S` word.
pub fn parse_system(text: &str) -> Result<SystemOptions, String> {
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
        "config" => parse_switch(name, value).map(|_| SystemOption::Config)?,
        "config-var" => {
            let (name, value) = pair(name, needed()?)?;
            SystemOption::ConfigVar(name, value)
        }
        "keyvalue" => SystemOption::KeyValue(parse_switch(name, value)?),
        "keyvalue-file" => SystemOption::KeyValueFile(needed()?.into()),
        "keyvalue-in-memory-data" => {
            let (key, value) = pair(name, needed()?)?;
            SystemOption::KeyValueData(key, value)
        }
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

/// `NAME=VALUE`, as the value of an option.
fn pair(option: &str, text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.into())),
        _ => Err(format!("`{option}` is NAME=VALUE, such as `{option}=colour=blue`")),
    }
}
