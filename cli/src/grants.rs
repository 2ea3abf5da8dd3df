//! What is granted, on the command line and in a policy file → what a guest's context is built with.
//!
//! Assumes nothing of what exists on this machine. Promises that a guest gets what was granted and nothing else, and that a grant which cannot be made
//! says which flag it was.

use std::env::VarError;
use std::path::Path;

use whit_wasi::host::clocks::Timestamp;
use whit_wasi::host::keyvalue::{self, Bucket};
use whit_wasi::host::stdio;
use whit_wasi::host::stream::OutputStream;
use whit_wasi::{Access, GrantError, WasiCtxBuilder};

use crate::args::{DirGrant, Granted, Grants, TerminalMode, WasmOptions};
use crate::policy;
use crate::report::{self, Failure};
use crate::terminal::{TerminalOutput, printable};

/// When the virtual clock of a deterministic run starts: 2000-01-01T00:00:00Z. Programs that take 1970 for "not set" are not misled.
const VIRTUAL_START: Timestamp = Timestamp { seconds: 946_684_800, nanoseconds: 0 };

/// All that is granted.
pub fn resolve(grants: &Grants, wasm: &WasmOptions) -> Result<Granted, Failure> {
    let mut granted = Granted::default();
    if let Some(file) = &grants.policy {
        policy::read(file, &mut granted)?;
    }
    granted.add(grants, wasm);
    Ok(granted)
}

/// All that is granted, with what it takes to run a guest: the bucket, with what is in it at the beginning.
pub fn provide(grants: &Grants, wasm: &WasmOptions) -> Result<Granted, Failure> {
    let mut granted = resolve(grants, wasm)?;
    let system = &granted.system;
    if !system.has_bucket() {
        return Ok(granted);
    }
    let bucket = match &system.keyvalue_file {
        Some(path) => bucket_in_file(path)?,
        None => Bucket::in_memory(keyvalue::DEFAULT_MAX_BYTES),
    };
    for (key, value) in &system.keyvalue_data {
        let set = bucket.set(key, value.clone().into_bytes());
        set.map_err(|error| Failure::new(format!("-S keyvalue-in-memory-data: {error}")))?;
    }
    granted.bucket = Some(bucket);
    Ok(granted)
}

#[cfg(feature = "keyvalue-file")]
fn bucket_in_file(path: &Path) -> Result<Bucket, Failure> {
    let bucket = Bucket::in_file(path, keyvalue::DEFAULT_MAX_BYTES);
    bucket.map_err(|error| Failure::new(format!("-S keyvalue-file={}: {error}", path.display())))
}

#[cfg(not(feature = "keyvalue-file"))]
fn bucket_in_file(_: &Path) -> Result<Bucket, Failure> {
    Err(Failure::new("-S keyvalue-file: this `whit` was built without it; build it with `--features keyvalue-file`"))
}

/// Warns, once, of what is granted as written and was hardly meant so.
pub fn warn(granted: &Granted) {
    for variable in &granted.env {
        if let Err(error) = variable.value.clone().map_or_else(|| std::env::var(&variable.name), Ok) {
            let why = match error {
                VarError::NotPresent => "it is not set here",
                VarError::NotUnicode(_) => "its value is not Unicode text",
            };
            let name = printable(&variable.name);
            eprintln!("warning: --env {name}: {why}, and the program does not get it (--env {name}=VALUE sets it)");
        }
    }
    granted.dirs.iter().for_each(suspect_suffix);
}

/// Adds everything that is granted, standard streams aside.
pub fn grant(builder: &mut WasiCtxBuilder, granted: &Granted) -> Result<(), Failure> {
    let system = &granted.system;
    if system.inherit_env {
        builder.inherit_env().map_err(refused)?;
    }
    for variable in &granted.env {
        if let Ok(value) = variable.value.clone().map_or_else(|| std::env::var(&variable.name), Ok) {
            builder.env(&variable.name, &value).map_err(refused)?;
        }
    }
    for grant in &granted.dirs {
        let access = if grant.writable { Access::ReadWrite } else { Access::ReadOnly };
        builder.dir(&grant.host, &grant.guest, access).map_err(|error| directory(grant, &error))?;
    }
    network(builder, granted)?;
    if let Some(seed) = system.deterministic {
        builder.deterministic(VIRTUAL_START, seed);
    }
    if let Some(count) = system.max_descriptors {
        builder.max_descriptors(count);
    }
    builder.pin_preopens(system.pin_preopens);
    if let Some(bucket) = &granted.bucket {
        builder.bucket("", bucket);
    }
    for (name, value) in &system.config {
        builder.config_var(name, value);
    }
    Ok(())
}

/// Standard output and error for a guest.
pub fn outputs(terminal: TerminalMode) -> (Box<dyn OutputStream>, Box<dyn OutputStream>) {
    let output = |stream: Box<dyn OutputStream>| match terminal == TerminalMode::Plain && stream.is_terminal() {
        true => Box::new(TerminalOutput::new(stream)),
        false => stream,
    };
    (output(stdio::inherit_stdout()), output(stdio::inherit_stderr()))
}

/// Why something cannot be granted.
pub fn refused(error: GrantError) -> Failure {
    match error {
        GrantError::TooMany => Failure::new("more is granted than -S max-descriptors allows"),
        error => Failure::new(error.to_string()),
    }
}

/// What is granted of the network.
fn network(builder: &mut WasiCtxBuilder, granted: &Granted) -> Result<(), Failure> {
    let refused = |flag: &str, error: GrantError| Failure::new(format!("{flag}: {error}"));
    for grant in &granted.allow_net {
        builder.allow_net(grant.rule.clone()).map_err(|error| refused("--allow-net", error))?;
    }
    for grant in &granted.allow_bind {
        builder.allow_bind(grant.rule.clone()).map_err(|error| refused("--allow-bind", error))?;
    }
    let system = &granted.system;
    if system.allow_dns {
        builder.allow_dns();
    }
    if system.inherit_network {
        builder.inherit_network();
    }
    builder.tcp(system.tcp).udp(system.udp);
    Ok(())
}

/// Warns of a guest name that ends as if access had been meant: a misspelt `:ro` would grant everything.
fn suspect_suffix(grant: &DirGrant) {
    if let Some((_, suffix)) = grant.guest.rsplit_once(':')
        && (1..=3).contains(&suffix.len())
        && suffix.chars().all(|c| c.is_ascii_alphanumeric())
    {
        let guest = printable(&grant.guest);
        eprintln!(
            "warning: --dir: the guest's name for the directory is `{guest}`, and it may change what is there; only `:ro` and `:rw` say otherwise"
        );
    }
}

/// Why a directory cannot be granted. Other runtimes write the guest's name first, which shows in what exists.
fn directory(grant: &DirGrant, error: &GrantError) -> Failure {
    let why = match error {
        GrantError::Directory { error, .. } => format!("cannot open the directory: {}", report::said(error)),
        GrantError::GuestPath(_) => "a guest's name for a directory is text without NUL characters".into(),
        GrantError::GuestPathTaken(guest) => {
            let guest = printable(guest);
            format!("another directory has the guest name `{guest}` already; --dir HOST::GUEST chooses another")
        }
        error => error.to_string(),
    };
    let mut message = format!("--dir {}: {why}", printable(&grant.host.to_string_lossy()));
    let host = grant.host.to_string_lossy();
    if !grant.host.exists() {
        if grant.guest != host && std::path::Path::new(&grant.guest).is_dir() {
            message.push_str("\n  help: the host's directory comes first: --dir HOST::GUEST");
        } else if host.split_once(':').is_some_and(|(_, after)| std::path::Path::new(after).is_dir()) {
            message
                .push_str("\n  help: the separator is `::`, and the host's directory comes first: --dir HOST::GUEST");
        }
    }
    Failure::new(message)
}
