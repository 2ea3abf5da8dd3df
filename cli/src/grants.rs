//! What is granted, on the command line and in a policy file → a context of WASI.
//!
//! Assumes nothing. Promises that a guest gets what was granted and nothing else, and that a grant which cannot be made says which flag it was.

use std::env::VarError;
use std::net::TcpListener;

use whit_wasi::host::clocks::Timestamp;
use whit_wasi::host::stdio;
use whit_wasi::{Access, GrantError, WasiCtx, WasiCtxBuilder};

use crate::args::{DirGrant, Granted, Grants, Run, TerminalMode, WasmOptions};
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

/// What is granted as a context, for the guest that is asked for.
pub fn context(asked: &Run, granted: &Granted) -> Result<WasiCtx, Failure> {
    let mut builder = WasiCtx::builder();
    let refused = |error: GrantError| match error {
        GrantError::TooMany => Failure::new("more is granted than -S max-descriptors allows"),
        error => Failure::new(error.to_string()),
    };

    let file = asked.file().file_name().map(|name| name.to_string_lossy().into_owned());
    let argv0 = asked.argv0.clone().or(file).unwrap_or_else(|| "-".into());
    builder.arg(&argv0).map_err(refused)?;
    for argument in asked.args() {
        let Some(argument) = argument.to_str() else {
            return Err(Failure::new(format!(
                "the argument {} is not Unicode text, which a guest's arguments must be",
                printable(&argument.to_string_lossy())
            )));
        };
        builder.arg(argument).map_err(refused)?;
    }

    let system = &granted.system;
    if system.inherit_env {
        builder.inherit_env().map_err(refused)?;
    }
    for variable in &granted.env {
        match variable.value.clone().map_or_else(|| std::env::var(&variable.name), Ok) {
            Ok(value) => {
                builder.env(&variable.name, &value).map_err(refused)?;
            }
            Err(error) => {
                let why = match error {
                    VarError::NotPresent => "it is not set here",
                    VarError::NotUnicode(_) => "its value is not Unicode text",
                };
                let name = printable(&variable.name);
                eprintln!("warning: --env {name}: {why}, and the program does not get it (--env {name}=VALUE sets it)");
            }
        }
    }

    for grant in &granted.dirs {
        suspect_suffix(grant);
        let access = if grant.writable { Access::ReadWrite } else { Access::ReadOnly };
        builder.dir(&grant.host, &grant.guest, access).map_err(|error| directory(grant, &error))?;
    }

    for address in &system.listen {
        let failed = |why: String| Failure::new(format!("--listen {}: cannot listen there: {why}", printable(address)));
        let listener = TcpListener::bind(address).map_err(|error| failed(report::said(&error)))?;
        // Whoever asked for any port needs to be told which.
        if address.ends_with(":0") {
            eprintln!("listening on {}", listener.local_addr().map_err(|error| failed(report::said(&error)))?);
        }
        builder.preopen_socket(listener).map_err(|error| failed(error.to_string()))?;
    }
    network(&mut builder, granted)?;
    if let Some(seed) = system.deterministic {
        builder.deterministic(VIRTUAL_START, seed);
    }
    if let Some(count) = system.max_descriptors {
        builder.max_descriptors(count);
    }
    builder.pin_preopens(system.pin_preopens);

    builder.inherit_stdio();
    if asked.terminal == TerminalMode::Plain {
        let (stdout, stderr) = (stdio::inherit_stdout(), stdio::inherit_stderr());
        if stdout.is_terminal() {
            builder.stdout(TerminalOutput::new(stdout));
        }
        if stderr.is_terminal() {
            builder.stderr(TerminalOutput::new(stderr));
        }
    }
    builder.build().map_err(refused)
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
        } else if let Some((_, after)) = host.split_once(':').filter(|(_, after)| std::path::Path::new(after).is_dir())
        {
            let _ = after;
            message
                .push_str("\n  help: the separator is `::`, and the host's directory comes first: --dir HOST::GUEST");
        }
    }
    Failure::new(message)
}
