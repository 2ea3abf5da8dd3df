//! Stitch (`makepad-stitch`).
//!
//! It has no untyped host functions, so a stub is chosen by signature from those that the timed programs import.

use anyhow::{Context, Result, anyhow, bail};
use makepad_stitch::{Engine, Func, Linker, Module, Store, Val};

use super::{Host, Import, Instance, Mode, NumType, Runtime};

/// Stitch.
pub struct Stitch;

impl Runtime for Stitch {
    fn name(&self) -> &'static str {
        "stitch"
    }

    /// It validates all on loading and compiles a body at its first call.
    fn mode(&self) -> Mode {
        Mode::ValidateThenLazy
    }

    fn instantiate(&self, wasm: &[u8], imports: &[Import]) -> Result<Box<dyn Instance>> {
        let engine = Engine::new();
        let mut store = Store::new(engine);
        let module = Module::new(store.engine(), wasm).map_err(|error| anyhow!("{error}"))?;
        let mut linker = Linker::new();
        for import in imports {
            let func = define(&mut store, import)?;
            linker.define(&import.module, &import.name, func);
        }
        let instance = linker.instantiate(&mut store, &module).map_err(|error| anyhow!("{error}"))?;
        Ok(Box::new(StitchInstance { store, instance }))
    }
}

fn define(store: &mut Store, import: &Import) -> Result<Func> {
    Ok(match &import.host {
        Host::Stub => stub(store, import)?,
        Host::Increment => Func::wrap(store, |value: i64| value.wrapping_add(1)),
        Host::Clock(clock) => {
            let clock = clock.clone();
            Func::wrap(store, move || clock.now())
        }
    })
}

fn stub(store: &mut Store, import: &Import) -> Result<Func> {
    use NumType::{I32, I64};
    Ok(match (&import.params[..], &import.results[..]) {
        ([], []) => Func::wrap(store, || {}),
        ([], [I32]) => Func::wrap(store, || 0i32),
        ([I32], []) => Func::wrap(store, |_: i32| {}),
        ([I32, I32], []) => Func::wrap(store, |_: i32, _: i32| {}),
        ([I32, I32, I32], []) => Func::wrap(store, |_: i32, _: i32, _: i32| {}),
        ([I32, I32, I32, I32], []) => Func::wrap(store, |_: i32, _: i32, _: i32, _: i32| {}),
        ([I32], [I32]) => Func::wrap(store, |_: i32| 0i32),
        ([I32, I32], [I32]) => Func::wrap(store, |_: i32, _: i32| 0i32),
        ([I32, I32, I32], [I32]) => Func::wrap(store, |_: i32, _: i32, _: i32| 0i32),
        ([I32, I64, I32], [I32]) => Func::wrap(store, |_: i32, _: i64, _: i32| 0i32),
        ([I32, I32, I32, I32], [I32]) => Func::wrap(store, |_: i32, _: i32, _: i32, _: i32| 0i32),
        ([I32, I64, I32, I32], [I32]) => Func::wrap(store, |_: i32, _: i64, _: i32, _: i32| 0i32),
        ([I32, I32, I32, I32, I32], [I32]) => Func::wrap(store, |_: i32, _: i32, _: i32, _: i32, _: i32| 0i32),
        ([I32, I64], [I32]) => Func::wrap(store, |_: i32, _: i64| 0i32),
        ([I32, I32, I32, I32, I32, I32], [I32]) => {
            Func::wrap(store, |_: i32, _: i32, _: i32, _: i32, _: i32, _: i32| 0i32)
        }
        ([I32, I32, I32, I32, I64, I64, I32], [I32]) => {
            Func::wrap(store, |_: i32, _: i32, _: i32, _: i32, _: i64, _: i64, _: i32| 0i32)
        }
        ([I32, I32, I32, I32, I32, I64, I64, I32, I32], [I32]) => {
            Func::wrap(store, |_: i32, _: i32, _: i32, _: i32, _: i32, _: i64, _: i64, _: i32, _: i32| 0i32)
        }
        _ => bail!("no stub of the type of {}.{}", import.module, import.name),
    })
}

struct StitchInstance {
    store: Store,
    instance: makepad_stitch::Instance,
}

impl StitchInstance {
    fn function(&self, name: &str) -> Result<Func> {
        self.instance.exported_func(name).with_context(|| format!("no export `{name}`"))
    }

    fn call(&mut self, func: Func, arguments: &[Val], zero: Val) -> Result<Val> {
        let mut results = [zero];
        func.call(&mut self.store, arguments, &mut results).map_err(|error| anyhow!("{error}"))?;
        let [result] = results;
        Ok(result)
    }
}

impl Instance for StitchInstance {
    fn has_function(&mut self, name: &str) -> bool {
        self.instance.exported_func(name).is_some()
    }

    fn run(&mut self, name: &str, n: i32) -> Result<i64> {
        let func = self.function(name)?;
        match self.call(func, &[Val::I32(n)], Val::I64(0))? {
            Val::I64(result) => Ok(result),
            other => bail!("not an i64: {other:?}"),
        }
    }

    fn score(&mut self, name: &str) -> Result<f32> {
        let func = self.function(name)?;
        match self.call(func, &[], Val::F32(0.0))? {
            Val::F32(result) => Ok(result),
            other => bail!("not an f32: {other:?}"),
        }
    }

    fn iterate(&mut self, name: &str, seed: i64, times: u32) -> Result<i64> {
        let func = self.function(name)?;
        let mut value = seed;
        for _ in 0..times {
            value = match self.call(func, &[Val::I64(value)], Val::I64(0))? {
                Val::I64(result) => result,
                other => bail!("not an i64: {other:?}"),
            };
        }
        Ok(value)
    }
}
