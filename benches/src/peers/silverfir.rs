//! Silverfir-nano's interpreter (`sf-nano-core` without its JIT).

use anyhow::{Context, Result, anyhow, bail};
use sf_nano_core::{Config, Engine, Func, Tier, Value, WasmError};

use super::{Host, Import, Instance, Mode, Runtime};

/// Silverfir-nano, interpreting.
pub struct Silverfir;

impl Runtime for Silverfir {
    fn name(&self) -> &'static str {
        "silverfir"
    }

    fn mode(&self) -> Mode {
        Mode::Eager
    }

    fn instantiate(&self, wasm: &[u8], imports: &[Import]) -> Result<Box<dyn Instance>> {
        let engine = Engine::new(Config::new().tier(Tier::Interp)).map_err(|error| anyhow!("{error:?}"))?;
        let imports: Vec<_> = imports.iter().map(define).collect();
        let instance = sf_nano_core::Instance::new(&engine, wasm, &imports).map_err(failed)?;
        Ok(Box::new(SilverfirInstance { instance }))
    }
}

fn define(import: &Import) -> sf_nano_core::Import {
    let (module, name) = (&*import.module, &*import.name);
    match &import.host {
        Host::Stub => sf_nano_core::Import::func(module, name, |_, _, _| Err(WasmError::trap("a stub was called"))),
        Host::Increment => sf_nano_core::Import::func(module, name, |_, params, results| {
            let Value::I64(value) = params[0] else { return Err(WasmError::trap("not an i64")) };
            results[0] = Value::I64(value.wrapping_add(1));
            Ok(())
        }),
        Host::Clock(clock) => {
            let clock = clock.clone();
            sf_nano_core::Import::func(module, name, move |_, _, results| {
                results[0] = Value::I32(clock.now());
                Ok(())
            })
        }
    }
}

fn failed(error: WasmError) -> anyhow::Error {
    anyhow!("{error:?}")
}

struct SilverfirInstance {
    instance: sf_nano_core::Instance,
}

impl SilverfirInstance {
    fn function(&self, name: &str) -> Result<Func> {
        self.instance.get_func(name).with_context(|| format!("no export `{name}`"))
    }

    fn call(&mut self, func: &Func, argument: &[Value]) -> Result<Value> {
        let mut results = [Value::default()];
        self.instance.call(func, argument, &mut results).map_err(failed)?;
        let [result] = results;
        Ok(result)
    }
}

impl Instance for SilverfirInstance {
    fn has_function(&mut self, name: &str) -> bool {
        self.instance.get_func(name).is_some()
    }

    fn run(&mut self, name: &str, n: i32) -> Result<i64> {
        let func = self.function(name)?;
        match self.call(&func, &[Value::I32(n)])? {
            Value::I64(result) => Ok(result),
            other => bail!("not an i64: {other:?}"),
        }
    }

    fn score(&mut self, name: &str) -> Result<f32> {
        let func = self.function(name)?;
        match self.call(&func, &[])? {
            Value::F32(result) => Ok(result),
            other => bail!("not an f32: {other:?}"),
        }
    }

    fn iterate(&mut self, name: &str, seed: i64, times: u32) -> Result<i64> {
        let func = self.function(name)?;
        let mut value = seed;
        for _ in 0..times {
            value = match self.call(&func, &[Value::I64(value)])? {
                Value::I64(result) => result,
                other => bail!("not an i64: {other:?}"),
            };
        }
        Ok(value)
    }
}
