//! `whit dump`: a module → the register code that its functions are translated to, as text.

use std::process::ExitCode;

use whit_core::{CompilationMode, Module};

use crate::args::Dump;
use crate::engine::engine;
use crate::load::{load, shown};
use crate::print;
use crate::report::{self, Failure};
use crate::terminal::printable;

/// Prints the code of one function, or of all.
pub fn run(asked: &Dump) -> Result<ExitCode, Failure> {
    let engine = engine(&asked.wasm.resolve(), CompilationMode::ValidateThenLazy, false)?;
    let name = shown(&asked.file);
    let module = Module::new(&engine, load(&asked.file)?).map_err(|error| report::refused(&name, &error))?;
    let functions = match asked.func {
        Some(index) if index < module.function_count() => index..index + 1,
        Some(index) => {
            let count = module.function_count();
            return Err(Failure::new(format!("there is no function {index}: {name} has {count}, counted from 0")));
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
            None if asked.func.is_some() => return Err(Failure::new(format!("function {index} is imported"))),
            None => {}
        }
    }
    Ok(ExitCode::SUCCESS)
}
