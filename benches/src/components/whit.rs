//! Whit, with its whole WASI 0.2.

use anyhow::{Context, Result};
use whit_component::{Component, InstancePre, Linker};
use whit_core::{CompilationMode, Config, Engine, Store};
use whit_wasi::WasiCtx;

use super::{ComponentRuntime, Counter, Loaded, Measurer};

/// Whit on its preferred engine; functions are translated when they are first called.
pub struct Whit;

impl ComponentRuntime for Whit {
    fn name(&self) -> &'static str {
        "whit"
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Loaded>> {
        let mut config = Config::new();
        config.compilation_mode(CompilationMode::Lazy);
        let engine = Engine::new(&config)?;
        let component = Component::new(&engine, bytes.to_vec())?;
        let mut linker = Linker::new(&engine);
        whit_wasi::add_to_linker_p2(&mut linker, |ctx: &mut WasiCtx| ctx)?;
        linker.root().func_wrap("length", |_, (text,): (String,)| Ok((text.len() as u32,)))?;
        let pre = linker.instantiate_pre(&component)?;
        Ok(Box::new(LoadedComponent { engine, pre }))
    }
}

struct LoadedComponent {
    engine: Engine,
    pre: InstancePre<WasiCtx>,
}

impl LoadedComponent {
    fn store(&self) -> Result<Store<WasiCtx>> {
        Ok(Store::new(&self.engine, WasiCtx::builder().build()?))
    }
}

impl Loaded for LoadedComponent {
    fn instantiate(&mut self) -> Result<()> {
        let mut store = self.store()?;
        self.pre.instantiate(&mut store)?;
        Ok(())
    }

    fn counter(&mut self, export: &str) -> Result<Counter<'_>> {
        let mut store = self.store()?;
        let instance = self.pre.instantiate(&mut store)?;
        let func = instance.get_func(&mut store, &[export]).context("no such export")?;
        let func = func.typed::<(u32,), (u32,)>(&mut store)?;
        Ok(Box::new(move |times| Ok(func.call(&mut store, (times,))?.0)))
    }

    fn measurer(&mut self, export: &str) -> Result<Measurer<'_>> {
        let mut store = self.store()?;
        let instance = self.pre.instantiate(&mut store)?;
        let func = instance.get_func(&mut store, &[export]).context("no such export")?;
        let func = func.typed::<(String,), (u32,)>(&mut store)?;
        Ok(Box::new(move |text| Ok(func.call(&mut store, (text.to_string(),))?.0)))
    }
}
