//! wasm3, through `wasm3x`.

use anyhow::Result;
use wasm3x::{CompilationMode, Config, Engine, FuncType, Linker, Module, Store, ValType};

use super::{Host, Import, Instance, Mode, NumType, Runtime};

/// wasm3 in one of its two modes; it type-checks a body only when it compiles it.
pub struct Wasm3 {
    name: &'static str,
    mode: Mode,
}

impl Wasm3 {
    /// The configuration `mode`, under a column heading.
    pub fn new(name: &'static str, mode: Mode) -> Self {
        Self { name, mode }
    }
}

impl Runtime for Wasm3 {
    fn name(&self) -> &'static str {
        self.name
    }

    fn mode(&self) -> Mode {
        self.mode
    }

    fn instantiate(&self, wasm: &[u8], imports: &[Import]) -> Result<Box<dyn Instance>> {
        let mut config = Config::new();
        config.compilation_mode(match self.mode {
            Mode::Eager => CompilationMode::Eager,
            Mode::ValidateThenLazy | Mode::Lazy => CompilationMode::Lazy,
        });
        let engine = Engine::new(&config);
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, wasm)?;
        let mut linker = Linker::new(&engine);
        for import in imports {
            define(&mut linker, import)?;
        }
        let instance = linker.instantiate_and_start(&mut store, &module)?;
        Ok(Box::new(Wasm3Instance { store, instance }))
    }
}

fn define(linker: &mut Linker<()>, import: &Import) -> Result<()> {
    let (module, name) = (&*import.module, &*import.name);
    match &import.host {
        Host::Stub => {
            let ty = FuncType::new(
                import.params.iter().map(number).collect::<Vec<_>>(),
                import.results.iter().map(number).collect::<Vec<_>>(),
            );
            linker.func_new(module, name, ty, |_, _, _| Err(wasm3x::Error::new("a stub was called")))?;
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

struct Wasm3Instance {
    store: Store<()>,
    instance: wasm3x::Instance,
}

impl Instance for Wasm3Instance {
    fn has_function(&mut self, name: &str) -> bool {
        self.instance.get_func(&self.store, name).is_some()
    }

    fn run(&mut self, name: &str, n: i32) -> Result<i64> {
        Ok(self.instance.get_typed_func::<i32, i64>(&self.store, name)?.call(&mut self.store, n)?)
    }

    fn score(&mut self, name: &str) -> Result<f32> {
        Ok(self.instance.get_typed_func::<(), f32>(&self.store, name)?.call(&mut self.store, ())?)
    }

    fn iterate(&mut self, name: &str, seed: i64, times: u32) -> Result<i64> {
        let func = self.instance.get_typed_func::<i64, i64>(&self.store, name)?;
        let mut value = seed;
        for _ in 0..times {
            value = func.call(&mut self.store, value)?;
        }
        Ok(value)
    }
}
