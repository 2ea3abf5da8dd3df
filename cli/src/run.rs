//! `whit run`: a module or component → a program that runs with the grants of the command line.
//!
//! A module with `_start` is a command: it runs once, and its status is ours. One without is a library: `_initialize` runs if it is there, then whatever
//! `--invoke` names. Components are [`component`]'s. Assumes that the guest is hostile. Promises that it reaches nothing but what was granted, that its time and fuel end where
//! the command line says, also while it waits, and that its output is complete when the process ends.

use std::net::TcpListener;
use std::process::ExitCode;
use std::time::Instant;

use whit_component::Component;
use whit_core::{
    CompilationMode, Engine, Error, ExternType, FuncType, Linker, Module, Store, StoreLimits, Val, ValType,
};
use whit_wasi::{Exit, WasiCtx};

use crate::args::{self, Run, WasmSettings};
use crate::component;
use crate::engine::{engine, limits};
use crate::executor::block_on;
use crate::grants;
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
    let settings = asked.wasm.resolve();
    let engine = engine(&settings, CompilationMode::Lazy, asked.instructions)?;
    let name = shown(asked.file());
    mistaken_verb(asked)?;
    let bytes = load(asked.file())?;
    let program = match is_component(&bytes) {
        true => Component::new(&engine, bytes).map(Program::Component),
        false => Module::new(&engine, bytes).map(Program::Module),
    };
    let program = program.map_err(|error| report::refused(&name, &error))?;

    let mut store = store(&engine, context(asked)?, &settings);
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
pub fn store(engine: &Engine, wasi: WasiCtx, settings: &WasmSettings) -> Store<Host> {
    let mut store = Store::new(engine, Host { wasi, limits: limits(settings) });
    store.limiter(|host| &mut host.limits);
    store
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

/// The grants of the command line as a context.
fn context(asked: &Run) -> Result<WasiCtx, Failure> {
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
    grants::warn(&asked.grants);
    grants::grant(&mut builder, &asked.grants)?;
    for address in &asked.listen() {
        let failed = |why: String| Failure::new(format!("--listen {}: cannot listen there: {why}", printable(address)));
        let listener = TcpListener::bind(address).map_err(|error| failed(report::said(&error)))?;
        // Whoever asked for any port needs to be told which.
        if address.ends_with(":0") {
            eprintln!("listening on {}", listener.local_addr().map_err(|error| failed(report::said(&error)))?);
        }
        builder.preopen_socket(listener).map_err(|error| failed(error.to_string()))?;
    }
    builder.inherit_stdin();
    let (stdout, stderr) = grants::outputs(&asked.grants);
    builder.stdout(stdout).stderr(stderr);
    builder.build().map_err(grants::refused)
}

/// Links, instantiates and calls, under the time limit.
fn execute(store: &mut Store<Host>, module: &Module, asked: &Run, settings: &WasmSettings) -> Result<u8, Failure> {
    // Before anything runs: a name that does not exist needs no guest to be run for it.
    let calls = calls(module, asked)?;
    let ended = |error: Error| report::ended(&error, settings);
    if settings.timeout.is_some() {
        store.set_timeout(settings.timeout).map_err(ended)?;
    }

    let mut linker = Linker::new(store.engine());
    whit_wasi::add_to_linker_p1(&mut linker, |host: &mut Host| &mut host.wasi).map_err(ended)?;
    if settings.unknown_imports_trap {
        linker.define_unknown_imports_as_traps(module).map_err(ended)?;
    }
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
            let lines: Vec<String> = results.iter().map(|value| format!("{}\n", text(value))).collect();
            print(&lines.concat())?;
        }
    }
    Ok(0)
}

/// A function to call.
struct Call {
    name: String,
    arguments: Vec<Val>,
    shows_results: bool,
}

/// What to call in `module`, in order.
fn calls(module: &Module, asked: &Run) -> Result<Vec<Call>, Failure> {
    let exported = |name: &str| matches!(module.get_export(name), Some(ExternType::Func(_)));
    let bare = |name: &str| Call { name: name.into(), arguments: Vec::new(), shows_results: false };
    let mut calls = Vec::new();
    // A command's start does what a library's `_initialize` does, and must run only once.
    if !exported("_start") && exported("_initialize") {
        calls.push(bare("_initialize"));
    }
    match &asked.invoke {
        Some(name) => match module.get_export(name) {
            Some(ExternType::Func(ty)) => {
                calls.push(Call { name: name.clone(), arguments: arguments(name, &ty, asked)?, shows_results: true });
            }
            _ => return Err(no_such_function(module, name)),
        },
        None => calls.extend(["_start", ""].into_iter().find(|name| exported(name)).map(bare)),
    }
    if calls.is_empty() && module.exports().len() > 0 {
        eprintln!("warning: the module has no `_start` to run; `--invoke NAME` calls one of its exports");
    }
    Ok(calls)
}

fn no_such_function(module: &Module, name: &str) -> Failure {
    let functions: Vec<(&str, FuncType)> = module
        .exports()
        .filter_map(|export| match export.ty() {
            ExternType::Func(ty) => Some((export.name(), ty)),
            _ => None,
        })
        .collect();
    let mut message = match module.get_export(name) {
        Some(other) => format!("the export `{}` is no function but {other}", printable(name)),
        None => format!("the module exports no function `{}`", printable(name)),
    };
    let near = report::nearest(name, functions.iter().map(|(name, _)| *name));
    let shown: Vec<&(&str, FuncType)> = match near.is_empty() {
        false => functions.iter().filter(|(name, _)| near.contains(name)).collect(),
        true => functions.iter().take(10).collect(),
    };
    message.push_str(match (near.is_empty(), functions.is_empty()) {
        (false, _) => "; did you mean",
        (true, false) => "; it exports",
        (true, true) => "",
    });
    for (name, ty) in &shown {
        message.push_str(&format!("\n  {} {ty}", printable(name)));
    }
    if let Some((name, ty)) = shown.first() {
        let values: Vec<&str> = ty.params().iter().map(example).collect();
        message.push_str(&format!("\n  for example: whit --invoke {} FILE {}", printable(name), values.join(" ")));
    }
    if shown.len() < functions.len() && near.is_empty() {
        message.push_str("\n  `whit inspect FILE` lists them all");
    }
    Failure::new(message.trim_end())
}

fn example(ty: &ValType) -> &'static str {
    match ty {
        ValType::F32 | ValType::F64 => "1.5",
        _ => "1",
    }
}

/// The guest's arguments as values for a function of type `ty`.
fn arguments(name: &str, ty: &FuncType, asked: &Run) -> Result<Vec<Val>, Failure> {
    let words = asked.args();
    if words.len() != ty.params().len() {
        let count = |count: usize, one: &str, many: &str| match count {
            0 => format!("no {many}"),
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        };
        return Err(Failure::new(format!(
            "`{}` is {ty}: it takes {}, not {}",
            printable(name),
            count(ty.params().len(), "argument", "arguments"),
            words.len()
        )));
    }
    let value = |(word, ty): (&std::ffi::OsString, &ValType)| {
        let text = word.to_string_lossy();
        value(&text, ty).ok_or_else(|| {
            let text = printable(&text);
            Failure::new(match ty {
                ValType::Ref(_) => format!("`{text}` cannot be given: no text stands for a value of type {ty}"),
                ValType::F32 | ValType::F64 => {
                    format!("`{text}` is not a value of type {ty}, such as -1.5, 1e9, inf or nan")
                }
                _ => format!("`{text}` is not a value of type {ty}: a whole number that fits, in decimal or after 0x"),
            })
        })
    };
    words.iter().zip(ty.params()).map(value).collect()
}

/// A number of type `ty`: decimal, or hexadecimal after `0x`; an integer may be written with or without sign.
fn value(text: &str, ty: &ValType) -> Option<Val> {
    let integer = |bits: u32| {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let magnitude = match digits.strip_prefix("0x") {
            Some(digits) => u128::from_str_radix(digits, 16).ok()?,
            None => digits.parse().ok()?,
        };
        let limit = if negative { 1_u128 << (bits - 1) } else { u128::MAX >> (128 - bits) };
        (magnitude <= limit).then(|| if negative { magnitude.wrapping_neg() } else { magnitude })
    };
    Some(match ty {
        ValType::I32 => Val::I32(integer(32)? as i32),
        ValType::I64 => Val::I64(integer(64)? as i64),
        ValType::F32 => Val::F32(text.parse::<f32>().ok()?.to_bits()),
        ValType::F64 => Val::F64(text.parse::<f64>().ok()?.to_bits()),
        ValType::V128 => Val::V128(integer(128)?.into()),
        ValType::Ref(_) => return None,
    })
}

/// A result as a line of output.
fn text(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => f32::from_bits(*bits).to_string(),
        Val::F64(bits) => f64::from_bits(*bits).to_string(),
        Val::V128(value) => value.as_u128().to_string(),
        Val::FuncRef(None) => "<null funcref>".into(),
        Val::FuncRef(Some(_)) => "<funcref>".into(),
        Val::ExternRef(None) => "<null externref>".into(),
        Val::ExternRef(Some(_)) => "<externref>".into(),
        Val::AnyRef(None) => "<null anyref>".into(),
        Val::AnyRef(Some(_)) => "<anyref>".into(),
        Val::ExnRef(None) => "<null exnref>".into(),
        Val::ExnRef(Some(_)) => "<exnref>".into(),
    }
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
    fn integers_are_read_in_both_signs_and_bases_and_must_fit() {
        let read = |word: &str, ty: ValType| value(word, &ty).map(|value| text(&value));
        let is = |text: &str| Some(text.to_string());
        assert_eq!(read("-1", ValType::I32), is("-1"));
        assert_eq!(read("4294967295", ValType::I32), is("-1"));
        assert_eq!(read("0xffffffff", ValType::I32), is("-1"));
        assert_eq!(read("-0x80000000", ValType::I32), is("-2147483648"));
        assert_eq!(read("4294967296", ValType::I32), None);
        assert_eq!(read("-2147483649", ValType::I32), None);
        assert_eq!(read("-9223372036854775808", ValType::I64), is("-9223372036854775808"));
        assert_eq!(read("1.5", ValType::F64), is("1.5"));
        for wrong in ["", "-", "0x", "one", "1_000", "--1"] {
            assert_eq!(read(wrong, ValType::I64), None, "{wrong}");
        }
    }

    #[test]
    fn a_guests_status_passes_through_up_to_125() {
        assert!(status(0).is_ok() && status(125).is_ok());
        assert!(status(126).is_err() && status(u32::MAX).is_err());
    }
}
