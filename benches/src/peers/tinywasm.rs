//! TinyWasm.

use anyhow::Result;
use tinywasm::types::{FuncType, WasmType};
use tinywasm::{Error, Function, HostFunction, Imports, ModuleInstance, Store};

use super::{Host, Import, Instance, Mode, NumType, Runtime};

/// TinyWasm, with its SSE code for vectors, one thread, NaNs as they come.
pub struct TinyWasm;

impl Runtime for TinyWasm {
    fn name(&self) -> &'static str {
        "tinywasm"
    }

    fn mode(&self) -> Mode {
        Mode::Eager
    }

    fn instantiate(&self, wasm: &[u8], imports: &[Import]) -> Result<Box<dyn Instance>> {
        let module = tinywasm::parse_bytes(wasm)?;
        let mut store = Store::default();
        let mut defined = Imports::new();
        for import in imports {
            let function = define(&mut store, import);
            defined.define(&import.module, &import.name, function);
        }
        let instance = ModuleInstance::instantiate(&mut store, &module, Some(defined))?;
        Ok(Box::new(TinyWasmInstance { store, instance }))
    }
}

fn define(store: &mut Store, import: &Import) -> Function {
    match &import.host {
        Host::Stub => {
            let params: Vec<_> = import.params.iter().map(number).collect();
            let results: Vec<_> = import.results.iter().map(number).collect();
            let ty = FuncType::new(&params, &results);
            HostFunction::from_untyped(store, &ty, |_, _| Err(Error::Other("a stub was called".into())))
        }
        Host::Increment => HostFunction::from(store, |_, value: i64| Ok(value.wrapping_add(1))),
        Host::Clock(clock) => {
            let clock = clock.clone();
            HostFunction::from(store, move |_, (): ()| Ok(clock.now()))
        }
    }
}

fn number(ty: &NumType) -> WasmType {
    match ty {
        NumType::I32 => WasmType::I32,
        NumType::I64 => WasmType::I64,
        NumType::F32 => WasmType::F32,
        NumType::F64 => WasmType::F64,
    }
}

struct TinyWasmInstance {
    store: Store,
    instance: ModuleInstance,
}

impl Instance for TinyWasmInstance {
    fn has_function(&mut self, name: &str) -> bool {
        self.instance.func_untyped(&self.store, name).is_ok()
    }

    fn run(&mut self, name: &str, n: i32) -> Result<i64> {
        Ok(self.instance.func::<i32, i64>(&self.store, name)?.call(&mut self.store, n)?)
    }

    fn score(&mut self, name: &str) -> Result<f32> {
        Ok(self.instance.func::<(), f32>(&self.store, name)?.call(&mut self.store, ())?)
    }

    fn iterate(&mut self, name: &str, seed: i64, times: u32) -> Result<i64> {
        let func = self.instance.func::<i64, i64>(&self.store, name)?;
        let mut value = seed;
        for _ in 0..times {
            value = func.call(&mut self.store, value)?;
        }
        Ok(value)
    }
}
