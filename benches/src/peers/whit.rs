//! Whit.

use anyhow::Result;
use whit_core::{CompilationMode, Config, Engine, Error, ExecutionEngine, FuncType, Linker, Module, Store, ValType};

use super::{Host, Import, Instance, Mode, NumType, Runtime};

/// Whit on one of its engines, in one of its modes.
pub struct Whit {
    name: &'static str,
    execution: ExecutionEngine,
    mode: Mode,
    fuel: bool,
}

impl Whit {
    /// The engine that this build prefers, in the configuration `mode`, under a column heading.
    pub fn new(name: &'static str, mode: Mode) -> Self {
        Self { name, execution: ExecutionEngine::Auto, mode, fuel: false }
    }

    /// The loop engine, which every target has.
    pub fn on_the_loop_engine(name: &'static str, mode: Mode) -> Self {
        Self { execution: ExecutionEngine::Loop, ..Self::new(name, mode) }
    }

    /// Whit counting fuel, of which it has plenty.
    pub fn with_fuel(name: &'static str, mode: Mode) -> Self {
        Self { fuel: true, ..Self::new(name, mode) }
    }
}

impl Runtime for Whit {
    fn name(&self) -> &'static str {
        self.name
    }

    fn mode(&self) -> Mode {
        self.mode
    }

    fn instantiate(&self, wasm: &[u8], imports: &[Import]) -> Result<Box<dyn Instance>> {
        let mut config = Config::new();
        config.execution(self.execution).consume_fuel(self.fuel).compilation_mode(match self.mode {
            Mode::Eager => CompilationMode::Eager,
            Mode::ValidateThenLazy => CompilationMode::ValidateThenLazy,
            Mode::Lazy => CompilationMode::Lazy,
        });
        let engine = Engine::new(&config)?;
        let module = Module::new(&engine, wasm.to_vec())?;
        let mut store = Store::new(&engine, ());
        if self.fuel {
            store.set_fuel(u64::MAX)?;
        }
        let mut linker = Linker::new(&engine);
        for import in imports {
            define(&mut linker, import)?;
        }
        let instance = linker.instantiate(&mut store, &module)?;
        Ok(Box::new(WhitInstance { store, instance }))
    }
}

fn define(linker: &mut Linker<()>, import: &Import) -> Result<()> {
    let (module, name) = (&*import.module, &*import.name);
    match &import.host {
        Host::Stub => {
            let ty = FuncType::new(import.params.iter().map(number), import.results.iter().map(number));
            linker.func_new(module, name, ty, |_, _, _| Err(Error::msg("a stub was called")))?;
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

struct WhitInstance {
    store: Store<()>,
    instance: whit_core::Instance,
}

impl Instance for WhitInstance {
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
