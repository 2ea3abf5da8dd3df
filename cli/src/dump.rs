//! `whit dump`: a module → the register code that its functions are translated to, as text.

use std::process::ExitCode;

use whit_core::{CompilationMode, Module};

use crate::args::Dump;
use crate::engine::engine;
use crate::load::{is_component, load, shown};
use crate::print;
use crate::report::{self, Failure};
use crate::terminal::printable;

/// Prints the code of one function, or of all.
pub fn run(asked: &Dump) -> Result<ExitCode, Failure> {
    let engine = engine(&asked.wasm.resolve(), CompilationMode::ValidateThenLazy, false)?;
    let name = shown(&asked.file);
    let bytes = load(&asked.file)?;
    if is_component(&bytes) {
        return Err(Failure::new(format!("{name} is a component: only the code of core modules can be shown")));
    }
    let module = Module::new(&engine, bytes).map_err(|error| report::refused(&name, &error))?;
    let functions = match &asked.func {
        Some(wanted) => {
            let index = function(&module, &name, wanted)?;
            index..index + 1
        }
        None => 0..module.function_count(),
    };
    for index in functions {
        let code = module.disassemble(index).map_err(|error| report::refused(&name, &error))?;
        // Imported functions have no code.
        match code {
            Some(code) => {
                let own = module.function_name(index).map_or_else(String::new, |name| format!(" {}", printable(name)));
                print(&format!("func {index}{own}:\n{code}"))?;
            }
            None if asked.func.is_some() => {
                return Err(Failure::new(format!("function {index} is imported: it has no code in {name}")));
            }
            None => {}
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The index of the function that is `wanted`: an index, or the name that the module's name section gives it.
fn function(module: &Module, file: &str, wanted: &str) -> Result<u32, Failure> {
    let count = module.function_count();
    if let Ok(index) = wanted.parse::<u32>() {
        return match index < count {
            true => Ok(index),
            false => Err(Failure::new(format!("there is no function {index}: {file} has {count}, counted from 0"))),
        };
    }
    let named = |index: u32| module.function_name(index);
    if let Some(index) = (0..count).find(|index| named(*index) == Some(wanted)) {
        return Ok(index);
    }
    let mut message = format!("{file} has no function named `{}`", printable(wanted));
    let near = report::nearest(wanted, (0..count).filter_map(named));
    if !near.is_empty() {
        let near: Vec<String> = near.into_iter().map(|name| format!("`{}`", printable(name))).collect();
        message.push_str(&format!("; did you mean {}?", near.join(" or ")));
    }
    Err(Failure::new(message))
}
