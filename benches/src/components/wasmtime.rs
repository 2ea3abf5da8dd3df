//! Wasmtime, compiling to the machine's own code or to Pulley's bytecode.

use anyhow::Result;
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Config, Engine, Store};

use super::{ComponentRuntime, Counter, Loaded, Measurer};

/// Wasmtime for one target.
pub struct Wasmtime {
    name: &'static str,
    target: Option<&'static str>,
}

impl Wasmtime {
    /// For this machine.
    pub fn native() -> Self {
        Self { name: "wasmtime", target: None }
    }

    /// For the portable interpreter.
    pub fn pulley() -> Self {
        Self { name: "pulley", target: Some("pulley64") }
    }
}

impl ComponentRuntime for Wasmtime {
    fn name(&self) -> &'static str {
        self.name
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Loaded>> {
        let mut config = Config::new();
        if let Some(target) = self.target {
            config.target(target)?;
        }
        let engine = Engine::new(&config)?;
        let component = Component::new(&engine, bytes)?;
        let mut linker = Linker::new(&engine);
        linker.root().func_wrap("length", |_, (text,): (String,)| Ok((text.len() as u32,)))?;
        linker.define_unknown_imports_as_traps(&component)?;
        let pre = linker.instantiate_pre(&component)?;
        Ok(Box::new(LoadedComponent { engine, pre }))
    }
}

struct LoadedComponent {
    engine: Engine,
    pre: InstancePre<()>,
}

impl Loaded for LoadedComponent {
    fn instantiate(&mut self) -> Result<()> {
        let mut store = Store::new(&self.engine, ());
        self.pre.instantiate(&mut store)?;
        Ok(())
    }

    fn counter(&mut self, export: &str) -> Result<Counter<'_>> {
        let mut store = Store::new(&self.engine, ());
        let instance = self.pre.instantiate(&mut store)?;
        let func = instance.get_typed_func::<(u32,), (u32,)>(&mut store, export)?;
        Ok(Box::new(move |times| Ok(func.call(&mut store, (times,))?.0)))
    }

    fn measurer(&mut self, export: &str) -> Result<Measurer<'_>> {
        let mut store = Store::new(&self.engine, ());
        let instance = self.pre.instantiate(&mut store)?;
        let func = instance.get_typed_func::<(&str,), (u32,)>(&mut store, export)?;
        Ok(Box::new(move |text| Ok(func.call(&mut store, (text,))?.0)))
    }
}
