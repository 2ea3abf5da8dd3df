//! Wasmtime's Pulley: Cranelift compiles to a portable bytecode, which is interpreted.

use anyhow::Result;
use wasmtime::{Config, Engine, FuncType, Linker, Module, Store, ValType};

use super::{Host, Import, Instance, Mode, NumType, Runtime};

/// Wasmtime with the target `pulley64`.
pub struct Pulley;

impl Runtime for Pulley {
    fn name(&self) -> &'static str {
        "pulley"
    }

    fn mode(&self) -> Mode {
        Mode::Eager
    }

    fn instantiate(&self, wasm: &[u8], imports: &[Import]) -> Result<Box<dyn Instance>> {
        let mut config = Config::new();
        config.target("pulley64")?;
        let engine = Engine::new(&config)?;
        let module = Module::new(&engine, wasm)?;
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        for import in imports {
            define(&engine, &mut linker, import)?;
        }
        let instance = linker.instantiate(&mut store, &module)?;
        Ok(Box::new(PulleyInstance { store, instance }))
    }
}

fn define(engine: &Engine, linker: &mut Linker<()>, import: &Import) -> Result<()> {
    let (module, name) = (&*import.module, &*import.name);
    match &import.host {
        Host::Stub => {
            let ty = FuncType::new(engine, import.params.iter().map(number), import.results.iter().map(number));
            linker.func_new(module, name, ty, |_, _, _| Err(wasmtime::Error::msg("a stub was called")))?;
        }
        Host::Increment => {
            linker.func_wrap(module, name, |value: i64| value.wrapping_add(1))?;
        }
        Host::Clock(clock) => {
            let clock = clock.clone();
            linker.func_wrap(module, name, move || clock.now())?;
        }
    }
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

struct PulleyInstance {
    store: Store<()>,
    instance: wasmtime::Instance,
}

impl Instance for PulleyInstance {
    fn has_function(&mut self, name: &str) -> bool {
        self.instance.get_func(&mut self.store, name).is_some()
    }

    fn run(&mut self, name: &str, n: i32) -> Result<i64> {
        Ok(self.instance.get_typed_func::<i32, i64>(&mut self.store, name)?.call(&mut self.store, n)?)
    }

    fn score(&mut self, name: &str) -> Result<f32> {
        Ok(self.instance.get_typed_func::<(), f32>(&mut self.store, name)?.call(&mut self.store, ())?)
    }

    fn iterate(&mut self, name: &str, seed: i64, times: u32) -> Result<i64> {
        let func = self.instance.get_typed_func::<i64, i64>(&mut self.store, name)?;
        let mut value = seed;
        for _ in 0..times {
            value = func.call(&mut self.store, value)?;
        }
        Ok(value)
    }
}
