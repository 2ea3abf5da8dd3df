//! WAMR's fast interpreter, through `wamrx`.
//!
//! Built without SIMD: its build fetches the SIMD code by git, which a machine with only package registries cannot do.

use anyhow::{Result, bail};
use wamrx::{Engine, Func, FuncType, Linker, Module, Val, ValType};

use super::{Host, Import, Instance, Mode, NumType, Runtime};

/// WAMR, fast interpreter, software bounds checks.
pub struct Wamr;

impl Runtime for Wamr {
    fn name(&self) -> &'static str {
        "wamr"
    }

    fn mode(&self) -> Mode {
        Mode::Eager
    }

    fn instantiate(&self, wasm: &[u8], imports: &[Import]) -> Result<Box<dyn Instance>> {
        let engine = Engine::new()?;
        let mut linker = Linker::new(&engine);
        for import in imports {
            define(&mut linker, import)?;
        }
        // Imports resolve here, not at instantiation: the linker had to be filled before.
        let module = Module::new(&engine, wasm)?;
        let instance = linker.instantiate(module)?;
        Ok(Box::new(WamrInstance { instance }))
    }
}

fn define(linker: &mut Linker, import: &Import) -> Result<()> {
    let ty = FuncType::new(import.params.iter().map(number), import.results.iter().map(number));
    let (module, name) = (&*import.module, &*import.name);
    match &import.host {
        // A host function has no way to fail; a stub is never called.
        Host::Stub => linker.define_func(module, name, ty, |_, _| {})?,
        Host::Increment => linker.define_func(module, name, ty, |params, results| {
            if let Val::I64(value) = params[0] {
                results[0] = Val::I64(value.wrapping_add(1));
            }
        })?,
        Host::Clock(clock) => {
            let clock = clock.clone();
            linker.define_func(module, name, ty, move |_, results| results[0] = Val::I32(clock.now()))?
        }
    };
    Ok(())
}

fn number(ty: &NumType) -> ValType {
    match ty {
        NumType::I32 => ValType::I32,
        NumType::I64 => ValType::I64,
        NumType::F32 => ValType::F32,
        NumType::F64 => ValType::F64,
    }
}

struct WamrInstance {
    instance: wamrx::Instance,
}

fn call(func: &Func<'_>, arguments: &[Val], zero: Val) -> Result<Val> {
    let mut results = [zero];
    func.call(arguments, &mut results)?;
    let [result] = results;
    Ok(result)
}

impl Instance for WamrInstance {
    fn has_function(&mut self, name: &str) -> bool {
        self.instance.get_func(name).is_ok()
    }

    fn run(&mut self, name: &str, n: i32) -> Result<i64> {
        match call(&self.instance.get_func(name)?, &[Val::I32(n)], Val::I64(0))? {
            Val::I64(result) => Ok(result),
            other => bail!("not an i64: {other}"),
        }
    }

    fn score(&mut self, name: &str) -> Result<f32> {
        match call(&self.instance.get_func(name)?, &[], Val::F32(0.0))? {
            Val::F32(result) => Ok(result),
            other => bail!("not an f32: {other}"),
        }
    }

    fn iterate(&mut self, name: &str, seed: i64, times: u32) -> Result<i64> {
        let func = self.instance.get_func(name)?;
        let mut value = seed;
        for _ in 0..times {
            value = match call(&func, &[Val::I64(value)], Val::I64(0))? {
                Val::I64(result) => result,
                other => bail!("not an i64: {other}"),
            };
        }
        Ok(value)
    }
}
