//! `whit run`: a module or component → a program that runs with the grants of the command line.
//!
//! A module with `_start` is a command: it runs once, and its status is ours. One without is a library: `_initialize` runs if it is there, then whatever
//! `--invoke` names. Components are [`component`]'s. Assumes that the guest is hostile. Promises that it reaches nothing but what was granted, that its time and fuel end where
//! the command line says, also while it waits, and that its output is complete when the process ends.

use std::net::TcpListener;
use std::process::ExitCode;
use std::time::Instant;

use whit_component::{Component, limit_handles};
use whit_core::{CompilationMode, Engine, Error, Linker, Module, Store, StoreLimits, Val};
use whit_wasi::{Exit, WasiCtx};

use crate::args::{self, Granted, Run, WasmSettings};
use crate::component;
use crate::engine::{engine, limits};
use crate::executor::block_on;
use crate::grants;
use crate::invoke;
use crate::load::{is_component, load, shown};
use crate::print;
use crate::report::{self, Failure};
use crate::terminal::printable;

/// What the guest's store holds for the host.
pub struct Host {
    /// What the guest may reach.
    pub wasi: WasiCtx,
    limits: StoreLimits,
}

/// Fuel for a program that is counted and not limited.
const UNLIMITED: u64 = u64::MAX;

/// Runs the program.
pub fn run(asked: &Run) -> Result<ExitCode, Failure> {
    let granted = grants::provide(&asked.grants, &asked.wasm)?;
    let settings = granted.wasm;
    #[cfg(feature = "profile")]
    let settings = match asked.profile {
        // The engine that counts.
        Some(_) => WasmSettings { engine: whit_core::ExecutionEngine::Loop, ..settings },
        None => settings,
    };
    let engine = engine(&settings, CompilationMode::Lazy, asked.instructions)?;
    let name = shown(asked.file());
    mistaken_verb(asked)?;
    let bytes = load(asked.file())?;
    let program = match is_component(&bytes) {
        true => Component::new(&engine, bytes).map(Program::Component),
        false => Module::new(&engine, bytes).map(Program::Module),
    };
    let program = program.map_err(|error| report::refused(&name, &error))?;

    let mut store = store(&engine, context(asked, &granted)?, &settings)?;
    let counted = asked.instructions || settings.fuel.is_some();
    let fuel = settings.fuel.unwrap_or(UNLIMITED);
    if counted {
        store.set_fuel(fuel).map_err(|error| report::ended(&error, &settings))?;
    }

    let outcome = match &program {
        Program::Module(module) => execute(&mut store, module, asked, &settings),
        Program::Component(component) => component::execute(&mut store, component, asked, &settings),
    };

    if asked.instructions {
        // A store that was given fuel has fuel to tell of.
        let left = store.get_fuel().unwrap_or_default();
        eprintln!("instructions: {}", fuel - left);
    }
    #[cfg(feature = "profile")]
    if let Some(profile) = asked.profile {
        profile.print();
    }
    let denials = store.data().wasi.denials();
    // Whatever the guest wrote last is on its way before the status, or an error message, follows it.
    if let Some(wait) = store.data().wasi.unwritten() {
        wait.block(settings.timeout.and_then(|limit| Instant::now().checked_add(limit)));
    }
    drop(store);
    // A program that ends well has coped without what it was denied.
    if !matches!(outcome, Ok(0)) {
        denials.iter().for_each(|denial| eprintln!("note: {}", printable(&denial.to_string())));
    }
    outcome.map(ExitCode::from)
}

/// A store for one guest, with its limits.
pub fn store(engine: &Engine, wasi: WasiCtx, settings: &WasmSettings) -> Result<Store<Host>, Failure> {
    let mut store = Store::new(engine, Host { wasi, limits: limits(settings) });
    store.limiter(|host| &mut host.limits);
    if let Some(handles) = settings.max_handles {
        limit_handles(&mut store, handles).map_err(|error| report::ended(&error, settings))?;
    }
    Ok(store)
}

/// What was loaded.
enum Program {
    Module(Module),
    Component(Component),
}

/// A first word that is nearly a verb and no file is a slip, and not a file that is missing.
fn mistaken_verb(asked: &Run) -> Result<(), Failure> {
    let word = asked.file().to_str().filter(|word| *word != "-" && !asked.file().exists());
    let verbs = args::command();
    let verbs = verbs.get_subcommands().map(clap::Command::get_name);
    match word.map(|word| (word, report::nearest(word, verbs))) {
        Some((word, near)) if !near.is_empty() => Err(Failure::new(format!(
            "there is no file `{}`, and no such verb; did you mean `whit {}`?",
            printable(word),
            near[0]
        ))),
        _ => Ok(()),
    }
}

/// What is granted as a context, for the guest that is asked for.
fn context(asked: &Run, granted: &Granted) -> Result<WasiCtx, Failure> {
    let mut builder = WasiCtx::builder();
    let file = asked.file().file_name().map(|name| name.to_string_lossy().into_owned());
    let argv0 = asked.argv0.clone().or(file).unwrap_or_else(|| "-".into());
    builder.arg(&argv0).map_err(grants::refused)?;
    for argument in asked.args() {
        let Some(argument) = argument.to_str() else {
            return Err(Failure::new(format!(
                "the argument {} is not Unicode text, which a guest's arguments must be",
                printable(&argument.to_string_lossy())
            )));
        };
        builder.arg(argument).map_err(grants::refused)?;
    }
    grants::warn(granted);
    grants::grant(&mut builder, granted)?;
    for address in &granted.system.listen {
        let failed = |why: String| Failure::new(format!("--listen {}: cannot listen there: {why}", printable(address)));
        let listener = TcpListener::bind(address).map_err(|error| failed(report::said(&error)))?;
        // Whoever asked for any port needs to be told which.
        if address.ends_with(":0") {
            eprintln!("listening on {}", listener.local_addr().map_err(|error| failed(report::said(&error)))?);
        }
        builder.preopen_socket(listener).map_err(|error| failed(error.to_string()))?;
    }
    builder.inherit_stdin();
    let (stdout, stderr) = grants::outputs(asked.terminal);
    builder.stdout(stdout).stderr(stderr);
    builder.build().map_err(grants::refused)
}

/// What a module gets from us.
pub fn linker(module: &Module, settings: &WasmSettings) -> Result<Linker<Host>, Error> {
    let mut linker = Linker::new(module.engine());
    whit_wasi::add_to_linker_p1(&mut linker, |host: &mut Host| &mut host.wasi)?;
    if settings.unknown_imports_trap {
        linker.define_unknown_imports_as_traps(module)?;
    }
    Ok(linker)
}

/// Links, instantiates and calls, under the time limit.
fn execute(store: &mut Store<Host>, module: &Module, asked: &Run, settings: &WasmSettings) -> Result<u8, Failure> {
    // Before anything runs: a name that does not exist needs no guest to be run for it.
    let calls = invoke::module::calls(module, asked)?;
    let ended = |error: Error| report::ended(&error, settings);
    if settings.timeout.is_some() {
        store.set_timeout(settings.timeout).map_err(ended)?;
    }

    let linker = linker(module, settings).map_err(ended)?;
    let instance = match block_on(linker.instantiate_async(&mut *store, module)) {
        Ok(instance) => instance,
        Err(error) => return judge(&error, settings),
    };
    for call in calls {
        // It stands among the module's exports.
        let Some(func) = instance.get_func(&mut *store, &call.name) else { continue };
        let mut results = vec![Val::I32(0); func.ty(&*store).results().len()];
        if let Err(error) = block_on(func.call_async(&mut *store, &call.arguments, &mut results)) {
            return judge(&error, settings);
        }
        if call.shows_results {
            let lines: Vec<String> = results.iter().map(|value| format!("{}\n", invoke::module::text(value))).collect();
            print(&lines.concat())?;
        }
    }
    Ok(0)
}

/// What the end of the guest means for us: its own exit, or an error.
fn judge(error: &Error, settings: &WasmSettings) -> Result<u8, Failure> {
    match error.downcast_ref::<Exit>() {
        Some(exit) => status(exit.0),
        None => Err(report::ended(error, settings)),
    }
}

/// The exit status for a guest that exits with `status`. Shells use what is above 125 for themselves.
fn status(status: u32) -> Result<u8, Failure> {
    match u8::try_from(status) {
        Ok(status @ 0..=125) => Ok(status),
        _ => Err(Failure::new(format!("the program exits with status {status}, which is not between 0 and 125"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guests_status_passes_through_up_to_125() {
        assert!(status(0).is_ok() && status(125).is_ok());
        assert!(status(126).is_err() && status(u32::MAX).is_err());
    }
}
