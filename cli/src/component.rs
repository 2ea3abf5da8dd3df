//! Running a component: `wasi:cli/run`, or what `--invoke` names, is called once, and the status is ours.
//!
//! The component gets WASI 0.2 at whatever 0.2 it asks for. What it imports beside that must be unused, or it is refused with a list of all that is
//! missing. Assumes and promises what [`run`](crate::run) does.

use whit_component::{Component, Instance, Linker};
use whit_core::{Error, Store};
use whit_wasi::Exit;

use crate::args::{Run, WasmSettings};
use crate::executor::block_on;
use crate::invoke;
use crate::print;
use crate::report::{self, Failure};
use crate::run::Host;
use crate::terminal::printable;

/// The interface that makes a component a command.
const RUN: &str = "wasi:cli/run@0.2.12";

/// Links, instantiates and calls `run`, under the time limit.
pub fn execute(
    store: &mut Store<Host>,
    component: &Component,
    asked: &Run,
    settings: &WasmSettings,
) -> Result<u8, Failure> {
    // Before anything runs: a call that cannot be made needs no guest to be run for it.
    let call = asked.invoke.as_ref().map(|text| invoke::component::call(component, text)).transpose()?;
    let ended = |error: Error| report::ended(&error, settings);
    if settings.timeout.is_some() {
        store.set_timeout(settings.timeout).map_err(ended)?;
    }
    let linker = linker(component, settings).map_err(ended)?;
    let outcome = match linker.instantiate(&mut *store, component) {
        Ok(instance) => match &call {
            Some(call) => call_export(store, &instance, call)?,
            None => call_run(store, component, &instance)?,
        },
        Err(error) => Err(error),
    };
    match outcome {
        Ok(Ok(())) => Ok(0),
        Ok(Err(())) => Ok(1),
        Err(error) => match error.downcast_ref::<Exit>() {
            // No status of WASI 0.2 is larger.
            Some(Exit(status)) => Ok(u8::try_from(*status).unwrap_or(u8::MAX)),
            None => Err(ended(error)),
        },
    }
}

/// What a component gets from us.
pub fn linker(component: &Component, settings: &WasmSettings) -> Result<Linker<Host>, Error> {
    let mut linker = Linker::new(component.engine());
    whit_wasi::add_to_linker_p2(&mut linker, |host: &mut Host| &mut host.wasi)?;
    if settings.unknown_imports_trap {
        linker.define_unknown_imports_as_traps(component)?;
    }
    Ok(linker)
}

/// Calls what `--invoke` names and prints its result: that it did, or how it ended.
fn call_export(
    store: &mut Store<Host>,
    instance: &Instance,
    call: &invoke::component::Call,
) -> Result<Result<Result<(), ()>, Error>, Failure> {
    let Some(func) = instance.get_func(&mut *store, &call.path()) else {
        return Err(Failure::new("the function is one that the component imports and only passes on"));
    };
    match block_on(func.call_async(&mut *store, &call.arguments)) {
        Ok(value) => {
            let text = value.as_ref().map(invoke::component::result).transpose()?;
            print(&text.unwrap_or_default())?;
            Ok(Ok(Ok(())))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// Calls `run`: what it returned, or how it ended.
fn call_run(
    store: &mut Store<Host>,
    component: &Component,
    instance: &Instance,
) -> Result<Result<Result<(), ()>, Error>, Failure> {
    let Some(run) = instance.get_func(&mut *store, &[RUN, "run"]) else { return Err(no_command(component)) };
    let Ok(run) = run.typed::<(), (Result<(), ()>,)>(&mut *store) else {
        return Err(Failure::new("the component's `run` has another type than `wasi:cli/run` says"));
    };
    Ok(block_on(run.call_async(&mut *store, ())).map(|(result,)| result))
}

/// Why a component cannot be run as a command.
fn no_command(component: &Component) -> Failure {
    let names: Vec<&str> = component.exports().map(|export| export.name()).collect();
    let has = |interface: &str| names.iter().any(|name| name.starts_with(interface));
    let why = if has("wasi:cli/run@0.3") {
        "it is a command of WASI 0.3, which is not supported yet".into()
    } else if has("wasi:http/handler@") {
        "it is an HTTP handler of WASI 0.3, which is not supported yet".into()
    } else if has("wasi:http/incoming-handler@") {
        "it is an HTTP handler: `whit serve FILE` answers requests with it".into()
    } else if names.is_empty() {
        "it exports nothing".into()
    } else {
        let shown: Vec<String> = names.iter().take(10).map(|name| format!("\n  {}", printable(name))).collect();
        format!("it exports{}", shown.concat())
    };
    let call = "\n  `--invoke 'name(…)'` calls one of a component's functions; `whit wit FILE` shows them";
    let call = if component.exports().len() == 0 { "" } else { call };
    Failure::new(format!("the component is no command, which would export `wasi:cli/run`: {why}{call}"))
}
