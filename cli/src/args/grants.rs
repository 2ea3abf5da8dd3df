//! The flags that grant something, and all that is granted together.

use std::path::PathBuf;

use clap::Args;
use whit_wasi::host::keyvalue::Bucket;
use whit_wasi::host::net::{NetRule, NetRuleError};

use super::system::{SystemOptions, SystemSettings, parse_system, system_help};
use super::wasm::{WasmOptions, WasmSettings};
use super::words::{Listed, value};

/// The flags that grant something.
#[derive(Args, Clone, Debug, Default)]
pub struct Grants {
    /// Grant what this file says (in TOML, as the flags here: `docs/wasi.md`); flags add to it
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Let the guest use the directory HOST, under the name GUEST; `:ro` forbids every change
    #[arg(long = "dir", value_name = "HOST[::GUEST][:ro|:rw]", value_parser = value(DirGrant::parse))]
    pub dirs: Vec<DirGrant>,
    /// Set a variable of the guest's environment; without a value, pass on the one of this process
    #[arg(long = "env", value_name = "NAME[=VALUE]", value_parser = value(EnvGrant::parse))]
    pub env: Vec<EnvGrant>,
    /// Listen on ADDR (such as 127.0.0.1:8080; port 0 picks one) and let the guest accept connections there
    #[arg(long = "listen", value_name = "ADDR", value_parser = value(parse_address))]
    pub listen: Vec<String>,
    /// Let the guest connect, and send datagrams, to RULE: HOST:PORT, where HOST is a name, an address, ADDRESS/BITS or `*`, and PORT a
    /// number, FIRST-LAST or `*`
    #[arg(long = "allow-net", value_name = "RULE", value_parser = value(NetGrant::parse))]
    pub allow_net: Vec<NetGrant>,
    /// Let the guest bind, listen and receive at RULE, written as for --allow-net
    #[arg(long = "allow-bind", value_name = "RULE", value_parser = value(NetGrant::parse))]
    pub allow_bind: Vec<NetGrant>,
    /// Let the guest look up the addresses of any name; connecting to them is not granted by it
    #[arg(long = "allow-dns")]
    pub allow_dns: bool,
    /// What the guest finds of a system, as `name=value` with commas between; `-S help` lists them
    #[arg(short = 'S', long = "wasi", value_name = "OPTION[=VALUE],…", value_parser = Listed { parse: parse_system, help: system_help })]
    pub system: Vec<SystemOptions>,
}

impl Grants {
    /// Whether none is there.
    pub fn is_empty(&self) -> bool {
        let Self { policy, dirs, env, listen, allow_net, allow_bind, allow_dns, system } = self;
        policy.is_none()
            && dirs.is_empty()
            && env.is_empty()
            && listen.is_empty()
            && allow_net.is_empty()
            && allow_bind.is_empty()
            && !allow_dns
            && system.is_empty()
    }
}

/// All that is granted, with the limits of what is granted.
#[derive(Clone, Debug, Default)]
pub struct Granted {
    /// Directories.
    pub dirs: Vec<DirGrant>,
    /// Variables of the environment.
    pub env: Vec<EnvGrant>,
    /// Where the guest may connect to.
    pub allow_net: Vec<NetGrant>,
    /// Where the guest may listen.
    pub allow_bind: Vec<NetGrant>,
    /// What it finds of a system.
    pub system: SystemSettings,
    /// Limits, engine and proposals.
    pub wasm: WasmSettings,
    /// The bucket that the guest may open: one for all guests of these grants.
    pub bucket: Option<Bucket>,
}

impl Granted {
    /// Adds what the command line says, over what is there.
    pub fn add(&mut self, grants: &Grants, wasm: &WasmOptions) {
        self.dirs.extend_from_slice(&grants.dirs);
        self.env.extend_from_slice(&grants.env);
        self.allow_net.extend_from_slice(&grants.allow_net);
        self.allow_bind.extend_from_slice(&grants.allow_bind);
        self.system.listen.extend_from_slice(&grants.listen);
        self.system.allow_dns |= grants.allow_dns;
        grants.system.iter().for_each(|options| options.apply(&mut self.system));
        wasm.apply(&mut self.wasm);
    }
}

/// A part of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetGrant {
    /// The rule as it was written.
    pub text: String,
    /// What it means.
    pub rule: NetRule,
}

impl NetGrant {
    /// `HOST:PORT`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let rule = text.parse().map_err(|error: NetRuleError| error.to_string())?;
        Ok(Self { text: text.into(), rule })
    }
}

/// An address and a port. That the name exists and the port is free shows when it is bound.
pub fn parse_address(text: &str) -> Result<String, String> {
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
    pub fn parse(text: &str) -> Result<Self, String> {
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
    /// `NAME[=VALUE]`.
    pub fn parse(text: &str) -> Result<Self, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
