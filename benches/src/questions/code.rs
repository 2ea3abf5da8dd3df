//! How much does translated code take? Bytes of code, with all that is kept of each function, for each byte of its body in the binary.

use anyhow::Result;
use whit_core::{CompilationMode, Config, Engine, Module};

use super::Selection;
use crate::guests;
use crate::table::Table;

/// Prints, for each kernel and program, how many functions there are, the bytes of their bodies, and the bytes of their code.
pub fn table(selection: &Selection) -> Result<Table> {
    let head = ["program", "functions", "bodies", "code", "code/body"].map(String::from);
    let mut table = Table::new("Code of Whit: bytes, all functions translated", head);
    let kernels = guests::kernels()?.into_iter().map(|kernel| (kernel.name, kernel.wasm));
    let programs = guests::programs()?.into_iter().map(|program| (program.name, program.wasm));
    let engine = Engine::new(Config::new().compilation_mode(CompilationMode::Eager))?;
    for (name, wasm) in kernels.chain(programs).filter(|(name, _)| selection.wants_guest(name)) {
        let translated = Module::new(&engine, wasm)?.translated();
        let ratio = translated.code_bytes as f64 / translated.body_bytes as f64;
        let numbers =
            [translated.functions, translated.body_bytes, translated.code_bytes].map(|number| number.to_string());
        table.row([name].into_iter().chain(numbers).chain([format!("{ratio:.2}")]).collect());
    }
    Ok(table)
}
